//! The very machine that the package runs, as numbers: `tests/suite/model.js` has the words for them, in this order.

use std::cell::RefCell;

use lifecycle::{Action, Cause, Ending, Fault, Input, Lifecycle};

#[path = "../../../src/lifecycle.rs"]
mod lifecycle;
#[path = "../../../src/status.rs"]
mod status;

/// From 1 on: 0 is no action.
fn number(action: Action) -> u32 {
    match action {
        Action::Flush => 1,
        Action::Open => 2,
        Action::Message => 3,
        Action::Receive => 4,
        Action::Error(Fault::NotOpened) => 5,
        Action::Error(Fault::Lost) => 6,
        Action::Error(Fault::Unsent) => 7,
        Action::Error(Fault::Undecodable) => 8,
        Action::Error(Fault::Unsendable) => 9,
        Action::Terminate(Ending::Clean) => 10,
        Action::Terminate(Ending::Abnormal) => 11,
        Action::Close(Cause::Terminate) => 12,
        Action::Close(Cause::Undecodable) => 13,
        Action::Close(Cause::Unsendable) => 14,
        Action::Abandon => 15,
        Action::AwaitClose => 16,
        Action::AwaitVerdict => 17,
    }
}

thread_local! {
    static MACHINES: RefCell<Vec<Lifecycle>> = const { RefCell::new(Vec::new()) };
}

/// Makes a machine and gives its number.
#[unsafe(no_mangle)]
pub extern "C" fn make() -> usize {
    MACHINES.with_borrow_mut(|machines| {
        machines.push(Lifecycle::new());
        machines.len() - 1
    })
}

/// Steps a machine. The actions, in order from the lowest byte on.
#[unsafe(no_mangle)]
pub extern "C" fn step(machine: usize, input: usize) -> u32 {
    MACHINES.with_borrow_mut(|machines| {
        let actions = machines[machine].step(Input::ALL[input]);
        assert!(actions.len() <= 4, "no more fit: {actions:?}");
        actions.iter().rev().fold(0, |all, &action| all << 8 | number(action))
    })
}

/// The place of a machine's status in 4D's words.
#[unsafe(no_mangle)]
pub extern "C" fn status(machine: usize) -> u32 {
    MACHINES.with_borrow(|machines| machines[machine].status() as u32)
}
