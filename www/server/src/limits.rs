//! The limits of the server.

use std::time::Duration;

/// The limits of the server: the amounts of everything, and the times that it waits for a client.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The most WebSockets at once. Further handshakes are answered with 503.
    pub connections: usize,
    /// The most connections of every kind at once. Requests on further ones are answered with 503.
    pub sockets: usize,
    /// The most connections of one address. Also the most joins of one address at once. A tenth of these is regained in
    /// a second.
    pub address_sockets: usize,
    /// The most rooms, including those that are empty and only remembered. The lobby is not counted and always exists.
    pub rooms: usize,
    /// The most rooms that were made by one address.
    pub address_rooms: usize,
    /// The most entries that a room remembers.
    pub history: usize,
    /// The most bytes of these entries together, as JSON. If there are more, the oldest entries are forgotten.
    pub history_bytes: usize,
    /// The most bytes of all pictures together. If there are more, the oldest pictures are forgotten.
    pub picture_bytes: usize,
    /// The most bytes of the messages that are queued for one client.
    pub queued_bytes: usize,
    /// The time for the head of a request, from the start of the connection or the end of the request before.
    pub request_within: Duration,
    /// The time after which a connection ends that has not become a WebSocket.
    pub http_within: Duration,
    /// The time for the join.
    pub join_within: Duration,
    /// The time for a message, from its first bytes to its last.
    pub message_within: Duration,
    /// The time that a client may take to receive the bytes that are being sent.
    pub send_within: Duration,
    /// The time for a client to answer a close frame and end its connection.
    pub close_within: Duration,
    /// The time between two pings. A client that has sent nothing since the last one is gone.
    pub ping_every: Duration,
}

/// Descriptors that are not connections: the listener, pipes, those of the runtime, files that are being served, and
/// connections that are being refused.
const OTHER_DESCRIPTORS: usize = 64;

impl Limits {
    /// Reduces the limits to this number of descriptors, so that further connections can be refused with an answer. A
    /// part of the connections is reserved for the page, and half of them for other addresses.
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

    /// Sets the most clients of one address, which are not more than all connections.
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
