//! The one table of errors.

macro_rules! table {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $text:literal;)+) => {
        /// The number of an error: stable, and outside the range of close codes.
        ///
        /// It is the `errCode` of what `new`, `send` and `terminate` throw, and of the entries of an error event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ErrCode {
            $($(#[doc = $doc])+ $name = $code,)+
        }

        impl ErrCode {
            /// Every error there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The message; `{name}` stands for what it is about, `{got}` for the value that was wrong.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

table! {
    /// The host may not compile WebAssembly. `fourd-websocket/slim` says by it, in other words, that its module is not there.
    /// Only the npm package throws this.
    NoModule = 5000, "WebAssembly cannot be used; a Content-Security-Policy has to allow 'wasm-unsafe-eval' in script-src";
    /// The url is not an absolute `ws:` or `wss:` URL, or has a fragment.
    Url = 5001, "url must be an absolute ws: or wss: URL without a fragment, got {got}";
    /// The handler is not an object.
    Handler = 5002, "handler must be an object, null or undefined, got {got}";
    /// A member of the handler cannot be read.
    Member = 5003, "handler.{name} cannot be read";
    /// A callback is not a function.
    Callback = 5004, "handler.{name} must be a function, got {got}";
    /// The data type is none of the three.
    DataType = 5005, "handler.dataType must be \"text\", \"blob\" or \"object\", got {got}";
    /// The headers are not an object of names and values.
    Headers = 5006, "handler.headers must be an object { name: value } or { name: [value, …] }, got {got}";
    /// A header's name is not one.
    HeaderName = 5007, "the name of a header must be a token of letters, digits and !#$%&'*+-.^_`|~, got {got}";
    /// A header's value is not one.
    HeaderValue = 5008, "the value of header {name} must be a string of Latin-1 characters without control characters, or an array of such strings";
    /// The header belongs to the handshake itself.
    HeaderReserved = 5009, "header {name} belongs to the handshake and cannot be set";
    /// The host cannot send headers of an application.
    HeadersUnsupported = 5010, "this host cannot send headers; use cookies, a subprotocol or the first message instead";
    /// The subprotocols are not a token, or an array of tokens.
    Protocols = 5011, "handler.protocols must be a token or an array of tokens (letters, digits and !#$%&'*+-.^_`|~), got {got}";
    /// A subprotocol is given twice.
    ProtocolRepeated = 5012, "handler.protocols must be different, got {got} twice";
    /// The close timeout is not a number of milliseconds.
    CloseTimeout = 5013, "handler.closeTimeout must be a number of milliseconds from 0 to 2147483647, got {got}";
    /// The host has no `WebSocket`.
    NoHost = 5014, "this host has no WebSocket; on Node 20 run `npm install ws`, or use Node 22 or later";
    /// The host refuses to open a connection.
    HostRefused = 5015, "the host refuses to open a connection to {got}";
    /// The message is of a kind that cannot be sent.
    Message = 5016, "a message must be a string, Blob, ArrayBuffer, view, or an object or array with a JSON form, got {got}";
    /// The connection is not open any more.
    NotOpen = 5017, "the connection is closing or closed: nothing can be sent any more";
    /// The host refuses to send the message.
    SendRefused = 5018, "the host refuses to send {got}";
    /// The close code may not be sent.
    CloseCode = 5019, "close code must be 1000 or 3000–4999, got {got}";
    /// The close reason may not be sent.
    CloseReason = 5020, "close reason must be a string of at most 123 bytes of UTF-8, got {got}";
    /// Event: the connection could not be opened.
    NotOpened = 5021, "the connection could not be opened";
    /// Event: the connection ended without a closing handshake.
    Lost = 5022, "the connection was lost: it ended without a closing handshake";
    /// Event: the connection ended before every message was sent.
    Unsent = 5023, "the connection ended too early";
    /// Event: a message received is not what the data type says.
    Undecodable = 5024, "a message received is not UTF-8, or not JSON, as handler.dataType says it has to be";
    /// Event: a message that was waiting cannot be sent.
    Unsendable = 5025, "a message that was waiting cannot be sent";
    /// Event: what the host said about it.
    HostSaid = 5026, "{got}";
}

impl ErrCode {
    /// The number, as JavaScript has it in `errCode`.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The exception about a value that is wrong.
    #[cfg(feature = "std")]
    pub(crate) fn about(self, got: &wasm_bindgen::JsValue) -> wasm_bindgen::JsValue {
        let none = wasm_bindgen::JsValue::UNDEFINED;
        crate::host::exception(self.number(), got, &none, &none, self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrCode;

    #[test]
    fn numbers_are_different_and_no_close_codes() {
        for (at, error) in ErrCode::ALL.iter().enumerate() {
            assert!(!(1000..5000).contains(&error.number()), "{error:?}");
            assert!(ErrCode::ALL[..at].iter().all(|other| other.number() != error.number()), "{error:?}");
            assert!(!error.text().is_empty(), "{error:?}");
        }
    }
}
