//! The package's state machines, which the random programs of the suite step. Inputs and actions are names, so that no
//! number is defined in two languages. They are passed as texts that end with a zero byte.

#![forbid(unsafe_op_in_unsafe_fn)]

use std::cell::RefCell;
use std::ffi::{CStr, c_char};

use lifecycle::{Action, Cause, Ending, Fault, Input, Lifecycle};
use pulse::{Beat, Pulse};

#[path = "../../../src/lifecycle.rs"]
mod lifecycle;
#[allow(dead_code, reason = "the clock of the tests sets its timers by what the package asks for")]
#[path = "../../../src/pulse.rs"]
mod pulse;
#[path = "../../../src/status.rs"]
mod status;
mod supervision;
#[allow(dead_code, reason = "the suite knows by itself whether it has ended")]
#[path = "../../../src/supervisor.rs"]
mod supervisor;

thread_local! {
    static MACHINES: RefCell<Vec<Lifecycle>> = const { RefCell::new(Vec::new()) };
    static PULSES: RefCell<Vec<Pulse>> = const { RefCell::new(Vec::new()) };
    /// The text that was returned last.
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The names of all inputs, one per line, in the order in which [`step`] takes them.
#[unsafe(no_mangle)]
pub extern "C" fn inputs() -> *const c_char {
    answer(Input::ALL.map(name_of_input))
}

/// The names of all actions, one per line.
#[unsafe(no_mangle)]
pub extern "C" fn actions() -> *const c_char {
    use Action::{Abandon, AwaitClose, AwaitVerdict, Close, Error, Flush, Message, Open, Receive, Terminate};

    let of_messages = [Fault::Unsent, Fault::Undecodable, Fault::Unsendable, Fault::Overrun];
    let of_the_connection = [Fault::NotOpened, Fault::Late, Fault::Lost, Fault::Silent];
    let faults = of_messages.into_iter().chain(of_the_connection).map(Error);
    let causes = [Cause::Terminate, Cause::Undecodable, Cause::Unsendable, Cause::Overrun].map(Close);
    let others = [Flush, Open, Message, Receive, Abandon, AwaitClose, AwaitVerdict];
    let endings = [Ending::Clean, Ending::Abnormal].map(Terminate);
    answer(faults.chain(causes).chain(others).chain(endings).map(name_of_action))
}

/// Creates a machine. Returns its number.
#[unsafe(no_mangle)]
pub extern "C" fn make() -> usize {
    MACHINES.with_borrow_mut(|machines| {
        machines.push(Lifecycle::new());
        machines.len() - 1
    })
}

/// Steps a machine. Returns the names of the actions, one per line.
#[unsafe(no_mangle)]
pub extern "C" fn step(machine: usize, input: usize) -> *const c_char {
    let actions = MACHINES.with_borrow_mut(|machines| machines[machine].step(Input::ALL[input]));
    answer(actions.iter().copied().map(name_of_action))
}

/// The status of a machine, as 4D names it.
#[unsafe(no_mangle)]
pub extern "C" fn status(machine: usize) -> *const c_char {
    answer([MACHINES.with_borrow(|machines| machines[machine].status().word())])
}

/// Creates a heartbeat. Returns its number. All times are milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn make_pulse(interval: f64, timeout: f64, clock: f64) -> usize {
    PULSES.with_borrow_mut(|pulses| {
        pulses.push(Pulse::new(interval, timeout, clock));
        pulses.len() - 1
    })
}

/// The next step of a heartbeat after its timer has fired. `received` is NaN if no message was received.
#[unsafe(no_mangle)]
pub extern "C" fn next_of_pulse(pulse: usize, received: f64, left: f64, clock: f64) -> *const c_char {
    let received = Some(received).filter(|received| !received.is_nan());
    let beat = PULSES.with_borrow_mut(|pulses| pulses[pulse].next(received, left, clock));
    answer([match beat {
        Beat::Wait => "wait",
        Beat::Send => "send",
        Beat::Gone => "gone",
    }])
}

/// Informs a heartbeat whether its message was sent.
#[unsafe(no_mangle)]
pub extern "C" fn pulse_sent(pulse: usize, went: bool, left: f64, clock: f64) {
    PULSES.with_borrow_mut(|pulses| pulses[pulse].sent(went, left, clock));
}

/// A text of lines. It is valid until the next call.
fn answer(names: impl IntoIterator<Item = &'static str>) -> *const c_char {
    let lines: Vec<_> = names.into_iter().collect();
    ANSWER.with_borrow_mut(|answer| {
        *answer = lines.join("\n").into_bytes();
        answer.push(0);
        CStr::from_bytes_with_nul(answer).expect("words have no zero").as_ptr()
    })
}

fn name_of_input(input: Input) -> &'static str {
    match input {
        Input::Opened => "opened",
        Input::Flushed => "flushed",
        Input::Received => "received",
        Input::Undecodable => "undecodable",
        Input::Unsendable => "unsendable",
        Input::Failed => "failed",
        Input::Ended { clean: false, unsent: false } => "lost",
        Input::Ended { clean: false, unsent: true } => "lost unsent",
        Input::Ended { clean: true, unsent: false } => "ended",
        Input::Ended { clean: true, unsent: true } => "ended unsent",
        Input::Terminate => "terminate",
        Input::Abandoned => "abandoned",
        Input::Overrun => "overrun",
        Input::Elapsed { unsent: false } => "elapsed",
        Input::Elapsed { unsent: true } => "elapsed unsent",
    }
}

fn name_of_action(action: Action) -> &'static str {
    match action {
        Action::Flush => "flush",
        Action::Open => "open",
        Action::Message => "message",
        Action::Receive => "receive",
        Action::Error(Fault::NotOpened) => "error not opened",
        Action::Error(Fault::Late) => "error late",
        Action::Error(Fault::Silent) => "error silent",
        Action::Error(Fault::Overrun) => "error overrun",
        Action::Error(Fault::Lost) => "error lost",
        Action::Error(Fault::Unsent) => "error unsent",
        Action::Error(Fault::Undecodable) => "error undecodable",
        Action::Error(Fault::Unsendable) => "error unsendable",
        Action::Terminate(Ending::Clean) => "terminate clean",
        Action::Terminate(Ending::Abnormal) => "terminate abnormal",
        Action::Close(Cause::Terminate) => "close for terminate",
        Action::Close(Cause::Undecodable) => "close for undecodable",
        Action::Close(Cause::Unsendable) => "close for unsendable",
        Action::Close(Cause::Overrun) => "close for overrun",
        Action::Abandon => "abandon",
        Action::AwaitClose => "await close",
        Action::AwaitVerdict => "await verdict",
    }
}
