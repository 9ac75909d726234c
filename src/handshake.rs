//! The words that may stand in an opening handshake.

/// Whether a text is a `token` ([RFC 9110, 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)), as a
/// subprotocol ([RFC 6455, 4.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.1)) and a header's name have to be.
pub(crate) fn is_token(units: impl Iterator<Item = u16>) -> bool {
    let mut empty = true;
    for unit in units {
        empty = false;
        if !matches!(u8::try_from(unit), Ok(byte) if is_token_byte(byte)) {
            return false;
        }
    }
    !empty
}

/// Visible, and no delimiter.
fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'|' | b'~')
}

/// Whether a text can be a header's value ([RFC 9110, 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)): bytes,
/// none of them a control character but tabs, no white space at either end.
pub(crate) fn is_field_value(units: impl Iterator<Item = u16>) -> bool {
    let is_space = |unit| matches!(unit, 0x09 | 0x20);
    let mut previous = None;
    for unit in units {
        if matches!(unit, 0x00..=0x08 | 0x0a..=0x1f | 0x7f | 0x100..) || previous.is_none() && is_space(unit) {
            return false;
        }
        previous = Some(unit);
    }
    !previous.is_some_and(is_space)
}

/// Whether a header belongs to the handshake itself
/// ([RFC 6455, 4.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.1)): the host writes it.
pub(crate) fn is_reserved(name: impl Iterator<Item = u16>) -> bool {
    // As long as the longest word below, and one more to see the end of the others.
    let mut start = [0; 14];
    for (lower, unit) in start.iter_mut().zip(name) {
        *lower = u8::try_from(unit).unwrap_or(0).to_ascii_lowercase();
    }
    start == *b"sec-websocket-" || start == *b"connection\0\0\0\0" || start == *b"upgrade\0\0\0\0\0\0\0"
}

#[cfg(test)]
mod tests {
    use core::str::EncodeUtf16;

    use super::*;

    fn is<'a>(condition: fn(EncodeUtf16<'a>) -> bool, text: &'a str) -> bool {
        condition(text.encode_utf16())
    }

    #[test]
    fn tokens() {
        for token in ["chat", "v1.chat", "X-Trace", "!#$%&'*+-.^_`|~09azAZ"] {
            assert!(is(is_token, token), "{token:?}");
        }
        for other in ["", " ", "a b", "a,b", "a/b", "a:b", "\"a\"", "é", "a\t", "€", "a\u{7f}", "a\0"] {
            assert!(!is(is_token, other), "{other:?}");
        }
    }

    #[test]
    fn a_token_is_made_of_the_bytes_that_rfc_9110_lists() {
        let listed = "!#$%&'*+-.^_`|~";
        for unit in 0..=u16::MAX {
            let expected = u8::try_from(unit)
                .is_ok_and(|byte| byte.is_ascii_alphanumeric() || listed.contains(byte as char) && byte.is_ascii());
            assert_eq!(is_token([unit].into_iter()), expected, "{unit:#x}");
        }
    }

    #[test]
    fn field_values() {
        for value in ["", "a", "Bearer x.y.z", "a\tb", "caf\u{e9}", "a=1; b=2"] {
            assert!(is(is_field_value, value), "{value:?}");
        }
        for other in [" ", "a ", "\ta", "a\r\nb", "a\n", "a\0b", "\u{1}", "a\u{7f}", "€"] {
            assert!(!is(is_field_value, other), "{other:?}");
        }
    }

    #[test]
    fn headers_of_the_handshake() {
        for name in ["Sec-WebSocket-Key", "sec-websocket-protocol", "CONNECTION", "Upgrade"] {
            assert!(is(is_reserved, name), "{name}");
        }
        for name in ["Cookie", "Authorization", "Sec-Fetch-Mode", "Connection-Id", "Upgrades", "Host", ""] {
            assert!(!is(is_reserved, name), "{name}");
        }
    }
}

/// What random texts are, against the `http` crate and the words of the standards.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use std::vec::Vec;

    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    /// Units that are often bytes of ASCII.
    fn text() -> impl Strategy<Value = Vec<u16>> {
        let unit = prop_oneof![8 => 0x20..0x7f_u16, 2 => 0x7f..0x100_u16, 1 => 0x100..=u16::MAX, 1 => 0x00..0x20_u16];
        prop::collection::vec(unit, 0..20)
    }

    /// The text as bytes, if every unit is one.
    fn bytes(text: &[u16]) -> Option<Vec<u8>> {
        text.iter().map(|&unit| u8::try_from(unit).ok()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_token_is_what_http_takes_for_a_header_name(text in text()) {
            let expected = bytes(&text).is_some_and(|bytes| HeaderName::from_bytes(&bytes).is_ok());
            prop_assert_eq!(is_token(text.into_iter()), expected);
        }

        #[test]
        fn a_field_value_is_what_http_takes_without_white_space_around_it(text in text()) {
            let is_trimmed = |bytes: &[u8]| bytes.trim_ascii().len() == bytes.len();
            let expected = bytes(&text).is_some_and(|bytes| HeaderValue::from_bytes(&bytes).is_ok() && is_trimmed(&bytes));
            prop_assert_eq!(is_field_value(text.into_iter()), expected);
        }

        #[test]
        fn reserved_names_are_told_in_any_case(
            name in "(sec-websocket|Sec-WebSocket|connection|CONNECTION|UPGRADE|uPgRaDe|sec-fetch|Host)?[!#-'*+.0-9A-Z^-z|~-]{0,3}",
        ) {
            let lower = name.to_ascii_lowercase();
            let expected = lower.starts_with("sec-websocket-") || ["connection", "upgrade"].contains(&&*lower);
            prop_assert_eq!(is_reserved(name.encode_utf16()), expected, "{}", name);
        }
    }
}
