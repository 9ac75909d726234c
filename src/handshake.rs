//! The words that may stand in an opening handshake, read a unit of UTF-16 after the other.
//!
//! Each function goes from one state to the next, from 0 on; a state less than 0 says that the text is no such word,
//! whatever follows. Those with an `_end` are such a word if that says so of the last state.

/// Reads a `token` ([RFC 9110, 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)), as a
/// subprotocol ([RFC 6455, 4.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.1)) and a header's name have to be.
pub(crate) fn token(unit: u16) -> i32 {
    if matches!(u8::try_from(unit), Ok(byte) if is_token_byte(byte)) { 1 } else { -1 }
}

/// It is not empty.
pub(crate) fn token_end(state: i32) -> bool {
    state > 0
}

/// Visible, and no delimiter.
fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'|' | b'~')
}

const AFTER_SPACE: i32 = 2;

/// Reads a header's value ([RFC 9110, 5.5](https://www.rfc-editor.org/rfc/rfc9110#section-5.5)): bytes, none of them a
/// control character but tabs, no white space at either end.
pub(crate) fn field_value(state: i32, unit: u16) -> i32 {
    match unit {
        0x09 | 0x20 if state == 0 => -1,
        0x09 | 0x20 => AFTER_SPACE,
        0x00..=0x1f | 0x7f | 0x100.. => -1,
        _ => 1,
    }
}

/// It does not end in white space.
pub(crate) fn field_value_end(state: i32) -> bool {
    state != AFTER_SPACE
}

/// The names of the headers that belong to the handshake itself
/// ([RFC 6455, 4.1](https://www.rfc-editor.org/rfc/rfc6455#section-4.1)): the host writes them. Every name that starts with
/// the first is one.
const RESERVED: [&[u8]; 3] = [b"sec-websocket-", b"connection", b"upgrade"];

/// Reads such a name in any case. The state is how many units were read, at most as many as the first has, and in the bits
/// above, which of the names it is not.
pub(crate) fn reserved(state: i32, unit: u16) -> i32 {
    let at = (state & 0xf) as usize;
    if at == RESERVED[0].len() {
        return state;
    }
    let lower = u8::try_from(unit).unwrap_or(0).to_ascii_lowercase();
    let others = (0..).zip(RESERVED).filter(|(_, name)| name.get(at) != Some(&lower));
    let others = others.fold(state >> 4, |others, (place, _)| others | 1 << place);
    if others == 0b111 { -1 } else { others << 4 | (at as i32 + 1) }
}

/// It is as long as the only one that is left.
pub(crate) fn reserved_end(state: i32) -> bool {
    (0..).zip(RESERVED).any(|(place, name)| state >> 4 == 0b111 ^ 1 << place && (state & 0xf) as usize == name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: impl IntoIterator<Item = u16>, next: fn(i32, u16) -> i32, end: fn(i32) -> bool) -> bool {
        let state = text.into_iter().fold(0, |state, unit| if state < 0 { state } else { next(state, unit) });
        state >= 0 && end(state)
    }

    pub(super) fn is_token(text: impl IntoIterator<Item = u16>) -> bool {
        is(text, |_, unit| token(unit), token_end)
    }

    pub(super) fn is_field_value(text: impl IntoIterator<Item = u16>) -> bool {
        is(text, field_value, field_value_end)
    }

    pub(super) fn is_reserved(text: impl IntoIterator<Item = u16>) -> bool {
        is(text, reserved, reserved_end)
    }

    #[test]
    fn tokens() {
        for token in ["chat", "v1.chat", "X-Trace", "!#$%&'*+-.^_`|~09azAZ"] {
            assert!(is_token(token.encode_utf16()), "{token:?}");
        }
        for other in ["", " ", "a b", "a,b", "a/b", "a:b", "\"a\"", "é", "a\t", "€", "a\u{7f}", "a\0"] {
            assert!(!is_token(other.encode_utf16()), "{other:?}");
        }
    }

    #[test]
    fn a_token_is_made_of_the_bytes_that_rfc_9110_lists() {
        let listed = "!#$%&'*+-.^_`|~";
        for unit in 0..=u16::MAX {
            let expected = u8::try_from(unit)
                .is_ok_and(|byte| byte.is_ascii_alphanumeric() || listed.contains(byte as char) && byte.is_ascii());
            assert_eq!(is_token([unit]), expected, "{unit:#x}");
        }
    }

    #[test]
    fn field_values() {
        for value in ["", "a", "Bearer x.y.z", "a\tb", "caf\u{e9}", "a=1; b=2"] {
            assert!(is_field_value(value.encode_utf16()), "{value:?}");
        }
        for other in [" ", "a ", "\ta", "a\r\nb", "a\n", "a\0b", "\u{1}", "a\u{7f}", "€"] {
            assert!(!is_field_value(other.encode_utf16()), "{other:?}");
        }
    }

    #[test]
    fn headers_of_the_handshake() {
        for name in ["Sec-WebSocket-Key", "sec-websocket-protocol", "CONNECTION", "Upgrade"] {
            assert!(is_reserved(name.encode_utf16()), "{name}");
        }
        for name in ["Cookie", "Authorization", "Sec-Fetch-Mode", "Connection-Id", "Upgrades", "Host", ""] {
            assert!(!is_reserved(name.encode_utf16()), "{name}");
        }
    }
}

/// What random texts are, against the `http` crate and the words of the standards.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use std::vec::Vec;

    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::tests::{is_field_value, is_reserved, is_token};

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
            prop_assert_eq!(is_token(text), expected);
        }

        #[test]
        fn a_field_value_is_what_http_takes_without_white_space_around_it(text in text()) {
            let is_trimmed = |bytes: &[u8]| bytes.trim_ascii().len() == bytes.len();
            let expected = bytes(&text).is_some_and(|bytes| HeaderValue::from_bytes(&bytes).is_ok() && is_trimmed(&bytes));
            prop_assert_eq!(is_field_value(text), expected);
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
