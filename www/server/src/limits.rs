//! What the server holds and waits for.

use std::time::Duration;

/// How much of everything there may be, and how long the server waits for a client.
#[derive(Clone, Debug)]
pub struct Limits {
    /// WebSockets at once; above it a handshake is answered with 503.
    pub connections: usize,
    /// Rooms, those included that are empty and only remembered.
    pub rooms: usize,
    /// Entries that a room remembers.
    pub history: usize,
    /// Bytes of all pictures together; beyond it the oldest is forgotten.
    pub picture_bytes: usize,
    /// Bytes of the messages that wait for one client.
    pub queued_bytes: usize,
    /// Until the join has come.
    pub join_within: Duration,
    /// Until the client has taken what is being sent.
    pub send_within: Duration,
    /// Until the client has answered a close frame and its connection has ended.
    pub close_within: Duration,
    /// Between two pings; a client that has sent nothing since the last one is gone.
    pub ping_every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4000,
            rooms: 200,
            history: 50,
            picture_bytes: 64 << 20,
            queued_bytes: 4 << 20,
            join_within: Duration::from_secs(10),
            send_within: Duration::from_secs(10),
            close_within: Duration::from_secs(3),
            ping_every: Duration::from_secs(20),
        }
    }
}
