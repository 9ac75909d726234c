//! The very machine that the package runs, as numbers: `tests/suite/model.js` has the words for them.

use std::cell::RefCell;

use lifecycle::{Input, Lifecycle};

#[path = "../../../src/lifecycle.rs"]
mod lifecycle;
#[path = "../../../src/status.rs"]
mod status;

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
        actions.iter().rev().fold(0, |all, &action| all << 8 | action.number() as u32)
    })
}

/// The place of a machine's status in 4D's words.
#[unsafe(no_mangle)]
pub extern "C" fn status(machine: usize) -> u32 {
    MACHINES.with_borrow(|machines| machines[machine].status() as u32)
}
