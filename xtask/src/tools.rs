//! What the commands need beside cargo: looked for first, installed where it is missing.

pub mod browser;
pub mod npm;
pub mod runtime;
pub mod rust;
pub mod system;

/// What cannot be had on this machine, and the command that gets it.
pub struct Unavailable {
    pub reason: String,
    pub command: String,
}
