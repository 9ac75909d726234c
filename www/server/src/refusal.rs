//! The close codes and reasons with which the server closes a connection.
//!
//! 4007 and 4008 are codes of the package itself.

/// A close code and its reason, one sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The close code.
    pub code: u16,
    /// The reason, at most 123 bytes of UTF-8, as [RFC 6455, section
    /// 5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5) requires.
    pub reason: &'static str,
}

impl Refusal {
    const fn new(code: u16, reason: &'static str) -> Self {
        assert!(reason.len() <= 123, "a close frame has no room for more");
        Self { code, reason }
    }
}

/// The server is shutting down.
pub const GOING_AWAY: Refusal = Refusal::new(1001, "The server is shutting down.");
/// The received bytes are not WebSocket.
pub const NOT_WEBSOCKET: Refusal = Refusal::new(1002, "The received bytes do not follow the WebSocket protocol.");
/// A text frame is not UTF-8.
pub const NOT_UTF8: Refusal = Refusal::new(1007, "A text frame has to be UTF-8.");

/// A text frame is not a JSON object.
pub const NOT_JSON: Refusal = Refusal::new(4000, "A text frame has to be an object of JSON.");
/// A `kind` is missing or not a string.
pub const NO_KIND: Refusal = Refusal::new(4000, "A message needs a \"kind\", a string.");
/// A join has no `name` or `room`, or one that is not a string.
pub const JOIN_INCOMPLETE: Refusal = Refusal::new(4000, "A join needs a \"name\" and a \"room\", both strings.");
/// A join has an `after` that is not an id.
pub const JOIN_AFTER: Refusal = Refusal::new(4000, "The \"after\" of a join has to be the id of an entry.");
/// A join has a `token` that is not a string, or too short or too long.
pub const JOIN_TOKEN: Refusal = Refusal::new(4000, "The \"token\" of a join has to be a string of 16 to 64 bytes.");
/// A `say` has no `text`, or one that is not a string.
pub const SAY_INCOMPLETE: Refusal = Refusal::new(4000, "A message of the kind \"say\" needs a \"text\", a string.");
/// A `text` has no visible character.
pub const NO_VISIBLE_TEXT: Refusal = Refusal::new(4000, "A text needs a visible character.");

/// A `kind` is neither `join` nor `say` nor `ping`.
pub const UNKNOWN_KIND: Refusal =
    Refusal::new(4001, "The chat accepts messages of the kinds \"join\", \"say\" and \"ping\" only.");

/// The first message was not a join.
pub const NOT_JOINED: Refusal = Refusal::new(4002, "The first message has to be a join.");
/// The join was not received in time.
pub const JOIN_LATE: Refusal = Refusal::new(4002, "The join was not received in time.");
/// A connection sent a second join.
pub const JOINED_ALREADY: Refusal = Refusal::new(4002, "A connection joins one room, once.");

/// A name is empty or too long.
pub const NAME_LENGTH: Refusal = Refusal::new(4003, "A name has 1 to 32 characters.");
/// A name has no visible character, or has hidden ones.
pub const NAME_CHARACTERS: Refusal =
    Refusal::new(4003, "A name needs a visible character, and may have no control or invisible formatting characters.");
/// Another person in the room has the name.
pub const NAME_TAKEN: Refusal = Refusal::new(4003, "Somebody in the room has this name already.");

/// The name of a room is empty or too long.
pub const ROOM_LENGTH: Refusal = Refusal::new(4004, "The name of a room has 1 to 32 characters.");
/// The name of a room has no visible character, or has hidden ones.
pub const ROOM_CHARACTERS: Refusal = Refusal::new(
    4004,
    "A room's name needs a visible character, and may have no control or invisible formatting characters.",
);
/// The limit of rooms is reached, and the room is new.
pub const ROOMS_FULL: Refusal = Refusal::new(4004, "There are too many rooms. Join an existing room.");

/// The address has reached its limit of rooms, and the room is new.
pub const ROOMS_OF_ADDRESS_FULL: Refusal =
    Refusal::new(4004, "This address has too many rooms. Join an existing room.");

/// A `text` is longer than its limit.
pub const TEXT_TOO_LONG: Refusal = Refusal::new(4005, "A text has at most 2,000 characters.");
/// A text frame is longer than its limit.
pub const FRAME_TOO_LONG: Refusal = Refusal::new(4005, "A text frame has at most 32 KiB.");
/// A message is longer than the limit of all messages.
pub const MESSAGE_TOO_LONG: Refusal = Refusal::new(4005, "A message has at most 2 MiB.");

/// A client sent more messages than the pace allows, or more pings, pongs and short parts of messages. Each of these
/// counts as a message.
pub const TOO_FAST: Refusal =
    Refusal::new(4006, "Too fast: the chat accepts 5 messages a second. A picture counts as 5.");

/// An address sent more joins than its pace allows.
pub const JOINS_TOO_FAST: Refusal = Refusal::new(4006, "Too many joins from this address. Try again in a moment.");

/// A binary frame is not a picture, or its size cannot be read.
pub const NOT_A_PICTURE: Refusal = Refusal::new(4009, "The chat accepts PNG, JPEG, GIF and WebP pictures.");
/// A side of a picture has more pixels than a browser shows with ease.
pub const PICTURE_TOO_LARGE: Refusal = Refusal::new(4009, "A picture has at most 4,096 pixels on each side.");
/// An animated picture has more pixels than a browser shows with ease.
pub const PICTURE_TOO_LONG: Refusal =
    Refusal::new(4009, "All frames of a picture together have at most 100 million pixels.");

/// The client does not read the messages sent to it.
pub const TOO_SLOW: Refusal = Refusal::new(4010, "This client reads too slowly.");

/// A message has begun, but its end was not received in time.
pub const MESSAGE_LATE: Refusal = Refusal::new(4011, "A message was not complete in time.");

/// A client with the same name and token has joined, and has taken the place of this one.
pub const REPLACED: Refusal = Refusal::new(4012, "This client has joined again, on another connection.");
