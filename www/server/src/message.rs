//! The messages of the chat. The documentation of the crate describes them.

use std::ops::RangeInclusive;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::glyph::shows_something;
use crate::refusal::{self, Refusal};

/// The longest text frame, in bytes. The longest text takes 24,000 bytes, with two escapes for each character.
pub const LONGEST_FRAME: usize = 32 << 10;

/// The longest text, in Unicode scalar values.
const LONGEST_TEXT: usize = 2000;

/// The length of a token, in bytes.
const TOKEN: RangeInclusive<usize> = 16..=64;

/// A text message of a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    Join(Join),
    Say { text: String },
    Ping,
}

/// The first message of a client.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Join {
    pub name: String,
    pub room: String,
    /// The id of the last entry that the client has, if it was in the room before.
    pub after: Option<u64>,
    /// The secret with which the client takes its own place again.
    pub token: Option<String>,
}

impl Request {
    /// Parses a text frame.
    pub fn parse(frame: &str) -> Result<Self, Refusal> {
        if frame.len() > LONGEST_FRAME {
            return Err(refusal::FRAME_TOO_LONG);
        }
        let members: Map<String, Value> = serde_json::from_str(frame).map_err(|_| refusal::NOT_JSON)?;
        let member = |name| members.get(name).and_then(Value::as_str);
        match member("kind").ok_or(refusal::NO_KIND)? {
            "join" => {
                let (Some(name), Some(room)) = (member("name"), member("room")) else {
                    return Err(refusal::JOIN_INCOMPLETE);
                };
                let after = members.get("after").map(|id| id.as_u64().ok_or(refusal::JOIN_AFTER)).transpose()?;
                let token = match members.contains_key("token") {
                    true => {
                        Some(member("token").filter(|token| TOKEN.contains(&token.len())).ok_or(refusal::JOIN_TOKEN)?)
                    }
                    false => None,
                };
                let token = token.map(str::to_owned);
                Ok(Self::Join(Join { name: name.to_owned(), room: room.to_owned(), after, token }))
            }
            "say" => {
                let text = member("text").ok_or(refusal::SAY_INCOMPLETE)?;
                if text.chars().count() > LONGEST_TEXT {
                    return Err(refusal::TEXT_TOO_LONG);
                }
                if !shows_something(text) {
                    return Err(refusal::NO_VISIBLE_TEXT);
                }
                Ok(Self::Say { text: text.to_owned() })
            }
            "ping" => Ok(Self::Ping),
            _ => Err(refusal::UNKNOWN_KIND),
        }
    }
}

/// An entry of a room's history. `time` is in milliseconds since 1970, `size` in bytes.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Entry<'a> {
    Said {
        id: u64,
        name: &'a str,
        time: u64,
        /// The text as JSON.
        text: &'a RawValue,
    },
    Picture {
        id: u64,
        name: &'a str,
        time: u64,
        #[serde(rename = "type")]
        media_type: &'static str,
        size: usize,
        /// The size in pixels.
        width: u32,
        height: u32,
        url: String,
    },
}

/// A message of the server that is not an entry.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Notice<'a> {
    /// `history` is the last member, so that the entries can be inserted as they were sent.
    Joined {
        name: &'a str,
        room: &'a str,
        people: Vec<&'a str>,
        complete: bool,
        history: [(); 0],
    },
    Came {
        name: &'a str,
        time: u64,
    },
    Went {
        name: &'a str,
        time: u64,
        code: u16,
        reason: &'a str,
    },
    Pong,
}

pub fn json(message: &impl Serialize) -> Utf8Bytes {
    // Strings and numbers cannot fail to serialize.
    let mut text = serde_json::to_string(message).unwrap_or_default();
    // The history of a room keeps the text.
    text.shrink_to_fit();
    text.into()
}

pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn say(text: &str) -> String {
        serde_json::json!({ "kind": "say", "text": text }).to_string()
    }

    fn token_of(length: usize) -> String {
        serde_json::json!({ "kind": "join", "name": "Ada", "room": "a", "token": "t".repeat(length) }).to_string()
    }

    #[test]
    fn requests_are_read() {
        let join = || Join { name: "Ada".to_owned(), room: "lobby".to_owned(), ..Join::default() };
        let parsed = Request::parse(r#" {"room":"lobby","more":1,"name":"Ada","kind":"join"} "#);
        assert_eq!(parsed, Ok(Request::Join(join())));
        let again = r#"{"kind":"join","name":"Ada","room":"lobby","after":7,"token":"0123456789abcdef"}"#;
        let token = Some("0123456789abcdef".to_owned());
        assert_eq!(Request::parse(again), Ok(Request::Join(Join { after: Some(7), token, ..join() })));
        assert_eq!(Request::parse(r#"{"kind":"ping"}"#), Ok(Request::Ping));
        assert_eq!(Request::parse(&say("\u{1F600}\0")), Ok(Request::Say { text: "\u{1F600}\0".to_owned() }));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let deep = "[".repeat(30_000);
        for (frame, refusal) in [
            ("", refusal::NOT_JSON),
            ("hello", refusal::NOT_JSON),
            ("null", refusal::NOT_JSON),
            (r#"["say","hello"]"#, refusal::NOT_JSON),
            (r#"{"kind":"say","text":"a"} x"#, refusal::NOT_JSON),
            (r#"{"kind":"say","text":"\ud800"}"#, refusal::NOT_JSON),
            (&deep, refusal::NOT_JSON),
            ("{}", refusal::NO_KIND),
            (r#"{"kind":1}"#, refusal::NO_KIND),
            (r#"{"kind":"join","name":"Ada"}"#, refusal::JOIN_INCOMPLETE),
            (r#"{"kind":"join","name":"Ada","room":null}"#, refusal::JOIN_INCOMPLETE),
            (r#"{"kind":"join","name":"Ada","room":"a","after":-1}"#, refusal::JOIN_AFTER),
            (r#"{"kind":"join","name":"Ada","room":"a","after":1.5}"#, refusal::JOIN_AFTER),
            (r#"{"kind":"join","name":"Ada","room":"a","after":null}"#, refusal::JOIN_AFTER),
            (r#"{"kind":"join","name":"Ada","room":"a","token":"0123456789abcde"}"#, refusal::JOIN_TOKEN),
            (&token_of(65), refusal::JOIN_TOKEN),
            (r#"{"kind":"join","name":"Ada","room":"a","token":7}"#, refusal::JOIN_TOKEN),
            (r#"{"kind":"say"}"#, refusal::SAY_INCOMPLETE),
            (r#"{"kind":"say","text":["a"]}"#, refusal::SAY_INCOMPLETE),
            (&say(""), refusal::NO_VISIBLE_TEXT),
            (&say(" \t\n\u{A0}\u{2003}"), refusal::NO_VISIBLE_TEXT),
            (&say("\u{200B}"), refusal::NO_VISIBLE_TEXT),
            (&say("\u{2800}\u{13441}\u{13442} \u{1D159}\u{16FE4}\u{FE0F}"), refusal::NO_VISIBLE_TEXT),
            (r#"{"kind":"Say","text":"a"}"#, refusal::UNKNOWN_KIND),
            (r#"{"kind":"shout"}"#, refusal::UNKNOWN_KIND),
        ] {
            assert_eq!(Request::parse(frame), Err(refusal), "{frame:.60}");
        }
    }

    #[test]
    fn a_text_has_at_most_2000_characters_however_they_are_written() {
        let longest = "\u{1F600}".repeat(2000);
        let expected = || Ok(Request::Say { text: longest.clone() });
        assert!(Request::parse(&say(&longest)) == expected());
        let escaped = say("!").replace('!', &r"\ud83d\ude00".repeat(2000));
        assert!(Request::parse(&escaped) == expected(), "two escapes each");
        assert_eq!(Request::parse(&say(&format!("{longest}a"))), Err(refusal::TEXT_TOO_LONG));
        assert_eq!(Request::parse(&say(&" ".repeat(2001))), Err(refusal::TEXT_TOO_LONG));
        assert_eq!(Request::parse(&say(&"a".repeat(32 << 10))), Err(refusal::FRAME_TOO_LONG));
    }

    /// JSON of any shape, which is often close to a message.
    fn json_of_any_shape() -> impl Strategy<Value = Value> {
        let string = prop_oneof!["kind", "join", "say", "name", "room", "text", any::<String>()];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            string.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(string.clone(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_frame_makes_the_reader_panic(frame: String, value in json_of_any_shape()) {
            let _ = Request::parse(&frame);
            let _ = Request::parse(&value.to_string());
        }

        #[test]
        fn what_is_said_is_read_as_it_was_written(text: String) {
            let read = Request::parse(&say(&text));
            match shows_something(&text) {
                true => prop_assert_eq!(read, Ok(Request::Say { text })),
                false => prop_assert_eq!(read, Err(refusal::NO_VISIBLE_TEXT)),
            }
        }

        #[test]
        fn a_join_is_read_as_it_was_written(name: String, room: String) {
            let frame = serde_json::json!({ "kind": "join", "name": name, "room": room }).to_string();
            prop_assert_eq!(Request::parse(&frame), Ok(Request::Join(Join { name, room, ..Join::default() })));
        }

        #[test]
        fn what_was_taken_is_told_as_it_was_taken(text: String, name: String) {
            if let Ok(Request::Say { text }) = Request::parse(&say(&text)) {
                let text_in_json = serde_json::value::to_raw_value(&text).expect("a text");
                let entry = json(&Entry::Said { id: 1, name: &name, time: 2, text: &text_in_json });
                let entry: Value = serde_json::from_str(&entry).expect("JSON");
                let expected = serde_json::json!({ "kind": "said", "id": 1, "name": name, "time": 2, "text": text });
                prop_assert_eq!(entry, expected);
            }
        }
    }
}
