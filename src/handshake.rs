//! The syntax of subprotocols and headers in an opening handshake.

/// Returns whether a text is a `token` ([RFC 9110, 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)).
/// Subprotocols ([RFC 6455, 4.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.1)) and names of headers are tokens.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// Returns whether a byte is visible and not a delimiter.
fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'|' | b'~')
}

/// Returns whether a text is a header's value ([RFC 9110, 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)):
/// Latin-1 characters without control characters other than tabs, and without white space at either end.
pub(crate) fn is_field_value(text: &str) -> bool {
    let is_white = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let bytes = text.as_bytes();
    let has_ends = is_white(bytes.first()) || is_white(bytes.last());
    !has_ends && text.chars().all(|unit| matches!(unit, '\t' | ' '..='~' | '\u{80}'..='\u{ff}'))
}

/// The headers that belong to the handshake ([RFC 6455, 4.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.1)), to
/// the framing of a request ([RFC 9112, 6](https://www.rfc-editor.org/rfc/rfc9112#section-6)) or to a single hop ([RFC
/// 9110, 7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1)). The host writes them. If an application sets
/// them, hosts silently drop some and send others, which breaks the handshake.
const RESERVED: &str = "sec-websocket- host connection upgrade content-length transfer-encoding expect keep-alive te trailer \
                        proxy-connection";

/// Returns whether an application may not set a header. The name is case-insensitive.
pub(crate) fn is_reserved(name: &str) -> bool {
    let name = name.as_bytes();
    RESERVED.as_bytes().split(|byte| *byte == b' ').any(|reserved| {
        // An entry that ends with a hyphen is a prefix.
        let end = if reserved.ends_with(b"-") { reserved.len() } else { name.len() };
        name.get(..end).is_some_and(|start| start.eq_ignore_ascii_case(reserved))
    })
}

/// The bytes of a percent-encoded text ([WHATWG URL, 1.3](https://url.spec.whatwg.org/#percent-encoded-bytes)).
pub(crate) fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let mut byte = *first;
        if let (b'%', [high, low, after @ ..]) = (byte, after)
            && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
        {
            rest = after;
            byte = high * 16 + low;
        }
        bytes.push(byte);
    }
    bytes
}

fn hex_digit(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

/// The text of a URL, valid or not, without a possible user name and password: all but its scheme before an `@`. Another
/// text before a colon may be a user whose scheme was forgotten.
pub(crate) fn without_credentials(text: &str) -> String {
    let Some(at) = text.rfind('@') else {
        return text.into();
    };
    let (before, rest) = text.split_at(at);
    let is_before = |scheme: &&str| before.starts_with(*scheme);
    let scheme = ["ws:", "wss:", "http:", "https:"].into_iter().find(is_before).unwrap_or_default();
    [scheme, "…", rest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents() {
        for (text, bytes) in [
            ("user:p%40ss", &b"user:p@ss"[..]),
            ("%ff%FF", b"\xff\xff"),
            ("%", b"%"),
            ("%4", b"%4"),
            ("%4g%u0041", b"%4g%u0041"),
            ("%25%34%30", b"%40"),
            ("é", "é".as_bytes()),
            ("%é1", "%é1".as_bytes()),
        ] {
            assert_eq!(percent_decoded(text), bytes, "{text:?}");
        }
    }

    #[test]
    fn texts_without_credentials() {
        for (text, shown) in [
            ("ws://user:secret@host/", "ws:…@host/"),
            ("ws:user:secret@host/#b", "ws:…@host/#b"),
            ("ws://secret@host", "ws:…@host"),
            ("//user:secret@host", "…@host"),
            ("ws://user:sec@ret@host", "ws:…@host"),
            ("ws://host/path", "ws://host/path"),
            ("WSS:user:secret@host", "…@host"),
            ("user:secret@host/path", "…@host/path"),
            ("user:sec:ret@host:80", "…@host:80"),
            ("user:sec//ret@host", "…@host"),
            ("token:@host", "…@host"),
            ("token@host", "…@host"),
            ("ftp://user:secret@host", "…@host"),
            ("mailto:ada@host", "…@host"),
            ("host:80", "host:80"),
            ("", ""),
        ] {
            assert_eq!(without_credentials(text), shown, "{text:?}");
        }
    }

    #[test]
    fn tokens() {
        for token in ["chat", "v1.chat", "X-Trace", "!#$%&'*+-.^_`|~09azAZ"] {
            assert!(is_token(token), "{token:?}");
        }
        for other in ["", " ", "a b", "a,b", "a/b", "a:b", "\"a\"", "é", "a\t", "€", "a\u{7f}", "a\0"] {
            assert!(!is_token(other), "{other:?}");
        }
    }

    #[test]
    fn a_token_is_made_of_the_bytes_that_rfc_9110_lists() {
        let listed = "!#$%&'*+-.^_`|~";
        for unit in '\0'..=char::MAX {
            let expected = unit.is_ascii_alphanumeric() || listed.contains(unit);
            assert_eq!(is_token(unit.encode_utf8(&mut [0; 4])), expected, "{unit:?}");
        }
    }

    #[test]
    fn field_values() {
        for value in ["", "a", "Bearer x.y.z", "a\tb", "caf\u{e9}", "a=1; b=2"] {
            assert!(is_field_value(value), "{value:?}");
        }
        for other in [" ", "a ", "\ta", "a\r\nb", "a\n", "a\0b", "\u{1}", "a\u{7f}", "€"] {
            assert!(!is_field_value(other), "{other:?}");
        }
    }

    #[test]
    fn headers_of_the_handshake() {
        for name in ["Sec-WebSocket-Key", "sec-websocket-protocol", "CONNECTION", "Upgrade", "host", "te", "TRAILER"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["Cookie", "Authorization", "Sec-Fetch-Mode", "Connection-Id", "Upgrades", "Hos", "Hosts", ""] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}

/// Random texts, checked against the `http` crate and the standards.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    /// A text whose characters are often ASCII.
    fn text() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            8 => prop::char::range(' ', '~'),
            2 => prop::char::range('\u{7f}', '\u{ff}'),
            1 => prop::char::range('\u{100}', char::MAX),
            1 => prop::char::range('\0', '\u{1f}'),
        ];
        prop::collection::vec(character, 0..20).prop_map(String::from_iter)
    }

    /// The text as Latin-1 bytes, if it is Latin-1.
    fn bytes(text: &str) -> Option<Vec<u8>> {
        text.chars().map(|character| u8::try_from(character).ok()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_token_is_what_http_takes_for_a_header_name(text in text()) {
            let expected = bytes(&text).is_some_and(|bytes| HeaderName::from_bytes(&bytes).is_ok());
            prop_assert_eq!(is_token(&text), expected);
        }

        #[test]
        fn a_field_value_is_what_http_takes_without_white_space_around_it(text in text()) {
            let is_trimmed = |bytes: &[u8]| bytes.trim_ascii().len() == bytes.len();
            let expected = bytes(&text).is_some_and(|bytes| HeaderValue::from_bytes(&bytes).is_ok() && is_trimmed(&bytes));
            prop_assert_eq!(is_field_value(&text), expected);
        }

        #[test]
        fn nothing_of_the_credentials_is_shown(
            scheme in "(( |\t)?[wW][sS]{1,2}|https?|ftp|[a-z]{0,3})(:/{0,3}|/)?", user in "[^:]{0,5}", password in text(),
            rest in "[a-z/:#?]{0,8}",
        ) {
            let url = format!("{scheme}{user}:SECRET{password}@{rest}");
            let shown = without_credentials(&url);
            prop_assert!(!shown.contains("SECRET"), "{shown}");
            prop_assert!(shown.ends_with(&format!("…@{rest}")), "{shown}");
        }

        #[test]
        fn reserved_names_are_told_in_any_case(
            name in "(sec-websocket|Sec-WebSocket|connection|CONNECTION|uPgRaDe|sec-fetch|Host|tE|trailer|Expect)?[!#-'*+.0-9A-Z^-z|~-]{0,3}",
        ) {
            let lower = name.to_ascii_lowercase();
            let expected = lower.starts_with("sec-websocket-") || RESERVED.split(' ').any(|any| any == lower);
            prop_assert_eq!(is_reserved(&name), expected, "{}", name);
        }
    }
}
