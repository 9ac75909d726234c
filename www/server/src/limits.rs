//! The limits of the server.

use std::time::Duration;

/// How much of everything there may be, and how long the server waits for a client.
#[derive(Clone, Debug)]
pub struct Limits {
    /// WebSockets at once; above it a handshake is answered with 503.
    pub connections: usize,
    /// Connections of every kind at once; above it every request is answered with 503.
    pub sockets: usize,
    /// Of these, the connections from one address; also the joins from there at once, a tenth of which is added with
    /// every second.
    pub address_sockets: usize,
    /// Rooms, those included that are empty and only remembered. The lobby is always there beside them.
    pub rooms: usize,
    /// Of these, the rooms that were made from one address.
    pub address_rooms: usize,
    /// Entries that a room remembers.
    pub history: usize,
    /// Bytes of these entries together, as JSON; beyond it the oldest is forgotten.
    pub history_bytes: usize,
    /// Bytes of all pictures together; beyond it the oldest is forgotten.
    pub picture_bytes: usize,
    /// Bytes of the messages that wait for one client.
    pub queued_bytes: usize,
    /// Until the head of a request has come, from the beginning of the connection or the end of the request before it.
    pub request_within: Duration,
    /// Until a connection that has not become a WebSocket is ended.
    pub http_within: Duration,
    /// Until the join has come.
    pub join_within: Duration,
    /// Until a message that has begun is complete.
    pub message_within: Duration,
    /// Until the client has taken what is being sent.
    pub send_within: Duration,
    /// Until the client has answered a close frame and its connection has ended.
    pub close_within: Duration,
    /// Between two pings; a client that has sent nothing since the last one is gone.
    pub ping_every: Duration,
}

/// Descriptors that are no connections: the listener, pipes, the runtime's own, files that are being served, and
/// connections that are being told that there are too many.
const OTHER_DESCRIPTORS: usize = 64;

impl Limits {
    /// No more than so many descriptors allow, so that who is turned away can be told. A part of the connections is
    /// left to the page, and a half to other addresses.
    #[must_use]
    pub fn within(self, descriptors: usize) -> Self {
        let sockets = descriptors.saturating_sub(OTHER_DESCRIPTORS).clamp(2, self.sockets.max(2));
        let share = if sockets < self.sockets { sockets / 2 } else { self.address_sockets };
        Self {
            sockets,
            connections: self.connections.min(sockets - sockets / 10),
            address_sockets: self.address_sockets.min(share),
            ..self
        }
    }

    /// So many clients may come from one address, instead of the default.
    #[must_use]
    pub fn for_clients_of_an_address(self, clients: usize) -> Self {
        Self { address_sockets: clients.min(self.sockets), ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4000,
            sockets: 5000,
            address_sockets: 256,
            rooms: 200,
            address_rooms: 50,
            history: 50,
            history_bytes: 32 << 10,
            picture_bytes: 64 << 20,
            queued_bytes: 4 << 20,
            request_within: Duration::from_secs(5),
            http_within: Duration::from_secs(60),
            join_within: Duration::from_secs(10),
            message_within: Duration::from_secs(20),
            send_within: Duration::from_secs(10),
            close_within: Duration::from_secs(3),
            ping_every: Duration::from_secs(20),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_limit_connections() {
        let limits = Limits::default().within(220);
        assert_eq!((limits.sockets, limits.connections, limits.address_sockets), (156, 141, 78));
        let limits = Limits::default().within(1024);
        assert_eq!((limits.sockets, limits.connections, limits.address_sockets), (960, 864, 256));
        for plenty in [20_000, usize::MAX] {
            let limits = Limits::default().within(plenty);
            assert_eq!((limits.sockets, limits.connections, limits.address_sockets), (5000, 4000, 256));
        }
        assert!(Limits::default().within(0).sockets > 0);
    }

    #[test]
    fn clients_of_an_address_are_no_more_than_all() {
        let limits = Limits::default().within(220);
        assert_eq!(limits.clone().for_clients_of_an_address(100).address_sockets, 100);
        assert_eq!(limits.for_clients_of_an_address(4000).address_sockets, 156);
    }
}
