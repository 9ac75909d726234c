//! The parts of the bench.

use clap::ValueEnum;
use serde::Deserialize;

/// A part of the bench: a file of tests/bench/runs, except for the downloads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Delivering a message, without a host
    Delivery,
    /// Delivering a text to a program in Rust, without a host
    Rust,
    /// Sending a message, without a host
    Sending,
    /// Messages received over loopback
    Receive,
    /// Messages sent over loopback
    Send,
    /// Connections opened and closed
    Connections,
    /// From the import to the first connection
    Startup,
    /// Memory of each open connection
    Memory,
    /// Wasm memory that large messages take
    Large,
    /// Bytes that a page downloads
    Download,
}

impl Part {
    /// The name that selects it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Rust => "rust",
            Self::Sending => "sending",
            Self::Receive => "receive",
            Self::Send => "send",
            Self::Connections => "connections",
            Self::Startup => "startup",
            Self::Memory => "memory",
            Self::Large => "large",
            Self::Download => "download",
        }
    }

    /// The measured subject: the package, or the crate for programs in Rust.
    pub fn ours(self) -> &'static str {
        match self {
            Self::Rust => "fourd-websocket",
            _ => "package",
        }
    }
}
