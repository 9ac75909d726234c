//! The type in which a connection delivers received messages.

/// The type in which a connection delivers received messages: 4D's
/// [`.dataType`](https://developer.4d.com/docs/API/WebSocketClass#datatype).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// `"text"`: a string. Binary frames are decoded as UTF-8.
    Text,
    /// `"blob"`: a `Blob`. For a text frame, it holds the UTF-8 bytes.
    Blob,
    /// `"object"`: the value of the JSON text in the frame. Binary frames are decoded as UTF-8.
    Object,
}

impl DataType {
    #[allow(dead_code, reason = "only JavaScript uses the names")]
    pub(crate) const ALL: [Self; 3] = [Self::Text, Self::Blob, Self::Object];

    /// 4D's name of the type.
    #[allow(dead_code, reason = "only JavaScript uses the names")]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Blob => "blob",
            Self::Object => "object",
        }
    }
}
