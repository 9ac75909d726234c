//! What JavaScript asks of Rust: which step to take, and what may be said. All of it is numbers, so that no glue stands
//! between, and nothing of it is kept on this side. `host.js` has the same numbers, by the same names.

use crate::close::{self, CloseCode};
use crate::handshake;
use crate::lifecycle::{Input, Lifecycle};

/// Steps the lifecycle that has a number, 0 for a new one, by the input of a number. `code` is that of the host's `close`
/// event, `unsent` how many messages still wait to be handed to the host.
///
/// The three lowest bits are the number of the lifecycle as it is then, the two above its status, and above these come, in
/// five bits each, the first lowest, the numbers of what to do.
#[cfg_attr(feature = "module", unsafe(no_mangle))]
pub(crate) extern "C" fn step(state: i32, input: i32, code: i32, unsent: i32) -> i32 {
    let unsent = unsent > 0;
    let input = match input {
        0 => Input::Opened,
        1 => Input::Flushed,
        2 => Input::Received,
        3 => Input::Undecodable,
        4 => Input::Unsendable,
        5 => Input::Failed,
        6 => Input::Ended { clean: close::is_from_server(code), unsent },
        7 => Input::Terminate,
        8 => Input::Abandoned,
        _ => Input::Elapsed { unsent },
    };
    let mut lifecycle = Lifecycle::of(state);
    let actions = lifecycle.step(input);
    let actions = actions.iter().rev().fold(0, |above, action| above << 5 | action.number());
    actions << 5 | (lifecycle.status() as i32) << 3 | lifecycle.number()
}

/// Reads the next unit of a text of UTF-16 by a rule: a token, a header's value, the name of a header of the handshake, a close
/// reason. From the state 0 on; a unit less than 0 is the end. Less than 0 if the text is not what the rule says.
#[cfg_attr(feature = "module", unsafe(no_mangle))]
pub(crate) extern "C" fn scan(rule: i32, state: i32, unit: i32) -> i32 {
    if state < 0 {
        return state;
    }
    let Ok(unit) = u16::try_from(unit) else {
        let is_one = match rule {
            0 => handshake::token_end(state),
            1 => handshake::field_value_end(state),
            2 => handshake::reserved_end(state),
            _ => true,
        };
        return if is_one { state } else { -1 };
    };
    match rule {
        0 => handshake::token(unit),
        1 => handshake::field_value(state, unit),
        2 => handshake::reserved(state, unit),
        _ => close::reason(state, unit),
    }
}

/// Whether an application may send a close code.
#[cfg_attr(feature = "module", unsafe(no_mangle))]
pub(crate) extern "C" fn sendable(code: f64) -> i32 {
    CloseCode::new(code).is_some().into()
}

/// Since when the answer to a close frame is waited for: [`close::since`].
#[cfg_attr(feature = "module", unsafe(no_mangle))]
pub(crate) extern "C" fn since(since: f64, before: f64, now: f64, left: f64) -> f64 {
    close::since(since, before, now, left)
}

/// How long to wait before it is asked again: [`close::wait`].
#[cfg_attr(feature = "module", unsafe(no_mangle))]
pub(crate) extern "C" fn wait(timeout: f64, since: f64, now: f64) -> f64 {
    close::wait(timeout, since, now)
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::{format, vec::Vec};

    use super::*;
    use crate::error::ErrCode;
    use crate::lifecycle::{Action, Cause, Ending, Fault};
    use crate::status::Status;

    const HOST: &str = include_str!("host.js");

    /// The number that `host.js` has by a name.
    fn number(name: &str) -> i32 {
        let start = format!("const {name} = ");
        let mut lines = HOST.lines().filter_map(|line| line.strip_prefix(&start)?.strip_suffix(';')?.parse().ok());
        let found = lines.next().unwrap_or_else(|| panic!("src/host.js has no `{start}`"));
        assert!(lines.next().is_none(), "src/host.js has `{start}` twice");
        found
    }

    /// A name in capitals, with `_` between its words.
    fn constant(name: &str) -> String {
        let words = name.char_indices().flat_map(|(at, letter)| {
            (at > 0 && letter.is_uppercase()).then_some('_').into_iter().chain(letter.to_uppercase())
        });
        words.collect()
    }

    #[test]
    fn host_js_has_the_numbers_of_what_to_do() {
        use Action::{Abandon, AwaitClose, AwaitVerdict, Flush, Message, Open, Receive};

        for action in [Flush, Open, Message, Receive, Abandon, AwaitClose, AwaitVerdict] {
            assert_eq!(number(&constant(&format!("{action:?}"))), action.number());
        }
        assert_eq!(number("END"), Action::Terminate(Ending::Clean).number());
        assert_eq!(number("END") + 1, Action::Terminate(Ending::Abnormal).number());
        assert_eq!(number("CLOSE"), Action::Close(Cause::Terminate).number());
        for (fault, error) in [
            (Fault::NotOpened, ErrCode::NotOpened),
            (Fault::Lost, ErrCode::Lost),
            (Fault::Unsent, ErrCode::Unsent),
            (Fault::Undecodable, ErrCode::Undecodable),
            (Fault::Unsendable, ErrCode::Unsendable),
        ] {
            assert_eq!(number("ERR_NOT_OPENED") + Action::Error(fault).number() - number("ERROR"), error.number());
        }
    }

    #[test]
    fn host_js_has_the_numbers_of_errors_and_statuses() {
        let mut found = 0;
        for error in ErrCode::ALL {
            let name = format!("ERR_{}", constant(&format!("{error:?}")));
            if HOST.contains(&format!("const {name} = ")) {
                assert_eq!(number(&name), error.number(), "{name}");
                found += 1;
            }
        }
        assert_eq!(found, HOST.matches("const ERR_").count(), "a name is none of the table");
        for status in [Status::Connecting, Status::Connected, Status::Closing] {
            assert_eq!(number(&constant(&format!("{status:?}"))), status as i32);
        }
    }

    /// Whatever happens in whatever state: as the lifecycle says, by the numbers of `host.js`.
    #[test]
    fn a_step_is_that_of_the_lifecycle() {
        for state in 0..8 {
            assert_eq!(Lifecycle::of(state).number(), state);
            let named = ["OPENED", "FLUSHED", "RECEIVED", "UNDECODABLE", "UNSENDABLE", "FAILED"];
            let plain =
                [Input::Opened, Input::Flushed, Input::Received, Input::Undecodable, Input::Unsendable, Input::Failed];
            let mut cases: Vec<_> = named.into_iter().zip(plain).map(|(name, input)| (name, 0, 0, input)).collect();
            cases.push(("TERMINATED", 0, 0, Input::Terminate));
            cases.push(("ABANDONED", 0, 0, Input::Abandoned));
            for (code, clean) in [(1000, true), (1006, false)] {
                for (waiting, unsent) in [(0, false), (1, true), (70_000, true)] {
                    cases.push(("ENDED", code, waiting, Input::Ended { clean, unsent }));
                    cases.push(("ELAPSED", 0, waiting, Input::Elapsed { unsent }));
                }
            }
            for (name, code, waiting, input) in cases {
                let mut lifecycle = Lifecycle::of(state);
                let actions: Vec<_> = lifecycle.step(input).iter().map(|action| action.number()).collect();
                let answer = step(state, number(name), code, waiting);
                assert_eq!(answer & 7, lifecycle.number(), "{name} in {state}");
                assert_eq!(answer >> 3 & 3, lifecycle.status() as i32, "{name} in {state}");
                let told = (1..6).map(|place| answer >> (5 * place) & 31).filter(|&action| action != 0);
                assert_eq!(told.collect::<Vec<_>>(), actions, "{name} in {state}");
            }
        }
    }

    /// What the text is by a rule, as `host.js` asks.
    fn is(rule: &str, text: &str) -> bool {
        let read = |state, unit| scan(number(rule), state, unit);
        read(text.encode_utf16().map(i32::from).fold(0, read), -1) >= 0
    }

    #[test]
    fn a_text_is_scanned_by_its_rule() {
        for (rule, texts, others) in [
            ("TOKEN", &["chat", "v1.chat"][..], &["", "a b", "\u{e9}"][..]),
            ("FIELD_VALUE", &["", "a b", "\u{e9}"], &[" a", "a ", "\n"]),
            ("RESERVED", &["Upgrade", "sec-websocket-key"], &["", "upgrades", "sec-websocket"]),
            ("REASON", &["", "bye", &"x".repeat(123)], &[&"x".repeat(124), &"\u{e9}".repeat(62)]),
        ] {
            for text in texts {
                assert!(is(rule, text), "{rule}: {text:?}");
            }
            for text in others {
                assert!(!is(rule, text), "{rule}: {text:?}");
            }
        }
    }
}
