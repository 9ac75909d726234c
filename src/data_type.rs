//! What messages received are handed over as.

/// What a message received is handed over as: 4D's
/// [`.dataType`](https://developer.4d.com/docs/API/WebSocketClass#datatype).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// `"text"`: a string. Binary frames are decoded as UTF-8.
    Text,
    /// `"blob"`: a `Blob`. Of a text frame it holds the UTF-8 bytes.
    Blob,
    /// `"object"`: the value of the JSON text in the frame. Binary frames are decoded as UTF-8.
    Object,
}

impl DataType {
    #[allow(dead_code, reason = "only JavaScript has the words")]
    pub(crate) const ALL: [Self; 3] = [Self::Text, Self::Blob, Self::Object];

    /// 4D's word for it.
    #[allow(dead_code, reason = "only JavaScript has the words")]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Blob => "blob",
            Self::Object => "object",
        }
    }
}
