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
