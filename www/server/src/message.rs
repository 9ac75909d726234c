//! The messages of the chat, as the crate's documentation has them.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::glyph::shows_something;
use crate::refusal::{self, Refusal};

/// A text frame, in bytes. What may be said needs at most 24,000, where each character is two escapes.
const LONGEST_FRAME: usize = 32 << 10;

/// What is said, in Unicode scalar values.
const LONGEST_TEXT: usize = 2000;

/// A text message of a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    Join { name: String, room: String },
    Say { text: String },
}

impl Request {
    /// Reads a text frame.
    pub fn parse(frame: &str) -> Result<Self, Refusal> {
        if frame.len() > LONGEST_FRAME {
            return Err(refusal::FRAME_TOO_LONG);
        }
        let members: Map<String, Value> = serde_json::from_str(frame).map_err(|_| refusal::NOT_JSON)?;
        let member = |name| members.get(name).and_then(Value::as_str);
        match member("kind").ok_or(refusal::NO_KIND)? {
            "join" => match (member("name"), member("room")) {
                (Some(name), Some(room)) => Ok(Self::Join { name: name.to_owned(), room: room.to_owned() }),
                _ => Err(refusal::JOIN_INCOMPLETE),
            },
            "say" => {
                let text = member("text").ok_or(refusal::SAY_INCOMPLETE)?;
                if text.chars().count() > LONGEST_TEXT {
                    return Err(refusal::TEXT_TOO_LONG);
                }
                if !shows_something(text) {
                    return Err(refusal::NOTHING_SAID);
                }
                Ok(Self::Say { text: text.to_owned() })
            }
            _ => Err(refusal::UNKNOWN_KIND),
        }
    }
}

/// Something that a room remembers. `time` is in milliseconds since 1970, `size` in bytes.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Entry {
    Said {
        id: u64,
        name: String,
        time: u64,
        text: String,
    },
    Picture {
        id: u64,
        name: String,
        time: u64,
        #[serde(rename = "type")]
        media_type: &'static str,
        size: usize,
        url: String,
    },
}

impl Entry {
    pub fn id(&self) -> u64 {
        match self {
            Self::Said { id, .. } | Self::Picture { id, .. } => *id,
        }
    }
}

/// A message of the server that is no entry.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Notice<'a> {
    Joined { name: &'a str, room: &'a str, people: Vec<&'a str>, history: Vec<&'a Entry> },
    Came { name: &'a str, time: u64 },
    Went { name: &'a str, time: u64, code: u16, reason: &'a str },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str) -> String {
        serde_json::json!({ "kind": "say", "text": text }).to_string()
    }

    #[test]
    fn requests_are_read() {
        let join = Request::Join { name: "Ada".to_owned(), room: "lobby".to_owned() };
        assert_eq!(Request::parse(r#" {"room":"lobby","more":1,"name":"Ada","kind":"join"} "#), Ok(join));
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
            (r#"{"kind":"say"}"#, refusal::SAY_INCOMPLETE),
            (r#"{"kind":"say","text":["a"]}"#, refusal::SAY_INCOMPLETE),
            (&say(""), refusal::NOTHING_SAID),
            (&say(" \t\n\u{A0}\u{2003}"), refusal::NOTHING_SAID),
            (&say("\u{200B}"), refusal::NOTHING_SAID),
            (&say("\u{2800}\u{13441}\u{13442} \u{1D159}\u{16FE4}\u{FE0F}"), refusal::NOTHING_SAID),
            (r#"{"kind":"Say","text":"a"}"#, refusal::UNKNOWN_KIND),
            (r#"{"kind":"shout"}"#, refusal::UNKNOWN_KIND),
        ] {
            assert_eq!(Request::parse(frame), Err(refusal), "{frame:.60}");
        }
    }

    #[test]
    fn a_text_has_at_most_2000_characters_however_they_are_written() {
        let longest = "\u{1F600}".repeat(2000);
        let said = || Ok(Request::Say { text: longest.clone() });
        assert!(Request::parse(&say(&longest)) == said());
        let escaped = say("!").replace('!', &r"\ud83d\ude00".repeat(2000));
        assert!(Request::parse(&escaped) == said(), "two escapes each");
        assert_eq!(Request::parse(&say(&format!("{longest}a"))), Err(refusal::TEXT_TOO_LONG));
        assert_eq!(Request::parse(&say(&" ".repeat(2001))), Err(refusal::TEXT_TOO_LONG));
        assert_eq!(Request::parse(&say(&"a".repeat(32 << 10))), Err(refusal::FRAME_TOO_LONG));
    }
}
