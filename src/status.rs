//! The state of a connection, in 4D's words.

/// The state of a connection. It only moves forward, in the order given here; steps may be skipped.
///
/// The words are those of 4D's [`.status`](https://developer.4d.com/docs/API/WebSocketClass#status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The connection is being opened. Messages sent now wait until it is.
    Connecting,
    /// The connection is open: messages come and go.
    Connected,
    /// The connection is ending; nothing can be sent any more.
    Closing,
    /// The connection has ended.
    Closed,
}

impl Status {
    /// 4D's word for it.
    #[allow(dead_code, reason = "only JavaScript has the words")]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
            Self::Closing => "Closing",
            Self::Closed => "Closed",
        }
    }
}
