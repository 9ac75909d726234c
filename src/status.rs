//! The state of a connection.

/// The state of a connection. It only moves forward, in the order given here. States may be skipped.
///
/// The names are those of 4D's [`.status`](https://developer.4d.com/docs/API/WebSocketClass#status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// The connection is being opened. Messages sent now are queued until it is open.
    Connecting,
    /// The connection is open. Messages are sent and received.
    Connected,
    /// The connection is ending. Nothing can be sent any more.
    Closing,
    /// The connection has ended.
    Closed,
}

impl Status {
    #[allow(dead_code, reason = "only the supervisor for JavaScript reads names")]
    pub(crate) const ALL: [Self; 4] = [Self::Connecting, Self::Connected, Self::Closing, Self::Closed];

    /// 4D's name of the status.
    #[allow(dead_code, reason = "only JavaScript uses the names")]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
            Self::Closing => "Closing",
            Self::Closed => "Closed",
        }
    }
}
