//! The state machine of a connection that comes back.

use std::cell::RefCell;
use std::ffi::c_char;

use crate::answer;
use crate::status::Status;
use crate::supervisor::{Action, Input, Pause, Supervisor};

thread_local! {
    static SUPERVISORS: RefCell<Vec<Supervisor>> = const { RefCell::new(Vec::new()) };
}

/// The inputs, in the order in which [`step_supervisor`] takes them.
const INPUTS: [(&str, Input); 14] = [
    ("turn", Input::Turn),
    ("answered", Input::Answered),
    ("source failed", Input::Failed),
    ("refused", Input::Refused),
    ("connection opened", Input::Opened),
    ("connection ended", Input::Ended),
    ("decided", Input::Decided { retry: true }),
    ("decided to stop", Input::Decided { retry: false }),
    ("elapsed", Input::Elapsed { away: false }),
    ("elapsed offline", Input::Elapsed { away: true }),
    ("online", Input::Online),
    ("visible", Input::Visible),
    ("retry now", Input::RetryNow),
    ("terminate", Input::Terminate),
];

/// The names of all inputs, one per line.
#[unsafe(no_mangle)]
pub extern "C" fn inputs_of_supervisor() -> *const c_char {
    answer(INPUTS.map(|(name, _)| name))
}

/// The names of all actions, one per line.
#[unsafe(no_mangle)]
pub extern "C" fn actions_of_supervisor() -> *const c_char {
    use Action::{Abort, Ask, AwaitStable, Defer, End, Fail, Open, Retry, Stop, Wait};

    let pauses = [Pause::Delay, Pause::None, Pause::Network, Pause::Short].map(Wait);
    let others = [Ask, Abort, Fail, Open, AwaitStable, End, Retry, Defer, Stop];
    answer(pauses.into_iter().chain(others).map(name_of_action))
}

/// Creates a machine that stops after a number of failed attempts. Returns its number.
#[unsafe(no_mangle)]
pub extern "C" fn make_supervisor(max_attempts: u32) -> usize {
    SUPERVISORS.with_borrow_mut(|supervisors| {
        supervisors.push(Supervisor::new(Some(max_attempts)));
        supervisors.len() - 1
    })
}

/// Steps a machine. Returns the names of the actions, one per line.
#[unsafe(no_mangle)]
pub extern "C" fn step_supervisor(supervisor: usize, input: usize) -> *const c_char {
    let actions = SUPERVISORS.with_borrow_mut(|supervisors| supervisors[supervisor].step(INPUTS[input].1));
    answer(actions.iter().copied().map(name_of_action))
}

/// The status of a machine whose connection has a status, by its position in the order of statuses. Any other number
/// means that there is no connection.
#[unsafe(no_mangle)]
pub extern "C" fn status_of_supervisor(supervisor: usize, connection: usize) -> *const c_char {
    let connection = Status::ALL.get(connection).copied();
    answer([SUPERVISORS.with_borrow(|supervisors| supervisors[supervisor].status(connection).word())])
}

/// The number of the current or next attempt.
#[unsafe(no_mangle)]
pub extern "C" fn attempt_of_supervisor(supervisor: usize) -> u32 {
    SUPERVISORS.with_borrow(|supervisors| supervisors[supervisor].attempt())
}

/// The number of attempts in a row that have failed.
#[unsafe(no_mangle)]
pub extern "C" fn failed_of_supervisor(supervisor: usize) -> u32 {
    SUPERVISORS.with_borrow(|supervisors| supervisors[supervisor].failed())
}

fn name_of_action(action: Action) -> &'static str {
    match action {
        Action::Ask => "ask",
        Action::Abort => "abort",
        Action::Fail => "fail",
        Action::Open => "open",
        Action::AwaitStable => "await stable",
        Action::End => "end",
        Action::Retry => "retry",
        Action::Wait(Pause::Delay) => "wait",
        Action::Wait(Pause::None) => "wait for a task",
        Action::Wait(Pause::Network) => "wait for the network",
        Action::Wait(Pause::Short) => "wait shortly",
        Action::Defer => "defer",
        Action::Stop => "stop",
    }
}
