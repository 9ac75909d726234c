//! The rules of closing: which codes and reasons may be sent, what a host's code means, how long to wait.

/// The longest reason, in bytes of UTF-8: a control frame carries 125 bytes, two of them the code
/// ([RFC 6455, 5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5)).
const MAX_REASON: i32 = 123;

/// A close code that an application may send: 1000, or 3000 to 4999
/// ([WHATWG WebSockets, `close()`](https://websockets.spec.whatwg.org/#dom-websocket-close)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);

    /// `None` if it is not one of them.
    pub(crate) fn new(code: f64) -> Option<Self> {
        let whole = code as u16;
        if f64::from(whole) == code { Self::from_u16(whole) } else { None }
    }

    /// `None` if it is not one of them.
    pub const fn from_u16(code: u16) -> Option<Self> {
        match code {
            1000 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// Reads a close reason, a unit of UTF-16 after the other: how many bytes of UTF-8 it has so far, and in the bit above,
/// whether it ends in the first half of a pair; from 0 on, less than 0 once it is too long.
pub(crate) fn reason(state: i32, unit: u16) -> i32 {
    let after_high = state & AFTER_HIGH != 0;
    // A lone surrogate is sent as U+FFFD, three bytes.
    let len = (state & !AFTER_HIGH)
        + match unit {
            0..=0x7f => 1,
            0x80..=0x7ff => 2,
            // The second half of a pair: four bytes in all, three were counted for the first.
            0xdc00..=0xdfff if after_high => 1,
            _ => 3,
        };
    match unit {
        _ if len > MAX_REASON => -1,
        0xd800..=0xdbff => len | AFTER_HIGH,
        _ => len,
    }
}

const AFTER_HIGH: i32 = 1 << 8;

/// Whether the code of a host's `close` event came from the server in a close frame, or says that there was none.
///
/// 1006 stands for no closing handshake, 1015 for TLS that failed, Deno says 0. `wasClean` says no more than
/// that, and not on every host.
pub(crate) fn is_from_server(code: i32) -> bool {
    matches!(code, 1000..=4999) && code != 1006 && code != 1015
}

/// How often, during one close timeout, it is asked what is left to be sent. The end may come late by that much.
const PARTS: f64 = 5.0;

/// How long to wait, from the time `now` on, before asking again whether the wait for the peer's answer to a close frame goes
/// on, that has gone on since `since`; 0 at its end. All are milliseconds.
pub(crate) fn wait(timeout: f64, since: f64, now: f64) -> f64 {
    (since + timeout - now).min(timeout / PARTS).max(0.0)
}

/// Since when the wait has gone on, at the time `now`: it starts anew when less is `left` to be sent than `before`.
pub(crate) fn since(since: f64, before: f64, now: f64, left: f64) -> f64 {
    if left < before { now } else { since }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn close_codes() {
        let allowed = |code| CloseCode::new(code).map(CloseCode::get);
        for code in (0..=70_000).map(f64::from) {
            let whole = code as u32;
            let expected = (whole == 1000 || (3000..5000).contains(&whole)).then_some(whole as u16);
            assert_eq!(allowed(code), expected, "{code}");
            assert_eq!(allowed(code + 0.5), None, "{code}.5");
        }
        for code in [f64::NAN, f64::INFINITY, -1000.0, -0.0, 66536.0, 1e300] {
            assert_eq!(allowed(code), None, "{code}");
        }
    }

    /// What is read of a text, without the bit for pairs.
    pub(super) fn len(units: impl IntoIterator<Item = u16>) -> Option<usize> {
        let state = units.into_iter().fold(0, |state, unit| if state < 0 { state } else { reason(state, unit) });
        usize::try_from(state).ok().map(|state| state & !(AFTER_HIGH as usize))
    }

    #[test]
    fn a_reason_is_as_long_as_the_encoded_text() {
        let texts = ["", "a", "é", "€", "𝄞", "a€𝄞é", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}"];
        for text in texts {
            assert_eq!(len(text.encode_utf16()), Some(text.len()), "{text:?}");
        }
        let units = [0x61, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000];
        for n in 0..units.len().pow(5) {
            let text = (0..5).map(|i| units[n / units.len().pow(i) % units.len()]);
            let encoded = String::from_utf16_lossy(&text.clone().collect::<Vec<_>>());
            assert_eq!(len(text), Some(encoded.len()), "{n}");
        }
    }

    #[test]
    fn codes_of_hosts() {
        for code in [i32::MIN, -1, 0, 999, 1006, 1015, 5000, 66536, i32::MAX] {
            assert!(!is_from_server(code), "{code}");
        }
        for code in [1000, 1001, 1005, 1011, 2000, 3000, 4999] {
            assert!(is_from_server(code), "{code}");
        }
    }

    /// The time a countdown from 0 takes, with timers that come `late`, and `buffered` bytes left at a time.
    fn time(timeout: f64, late: f64, buffered: impl Fn(f64) -> f64) -> f64 {
        let (mut start, mut left) = (0.0, buffered(0.0));
        let mut now = wait(timeout, start, start) + late;
        loop {
            start = since(start, left, now, buffered(now));
            left = buffered(now);
            let pause = wait(timeout, start, now);
            if pause <= 0.0 {
                return now;
            }
            assert!(pause <= timeout / 5.0, "{pause}");
            // A timer may come a little early, but time goes on.
            now += (pause + late).max(0.1);
        }
    }

    #[test]
    fn a_countdown_takes_its_time() {
        assert_eq!(time(5000.0, 0.0, |_| 0.0), 5000.0);
        assert_eq!(time(5000.0, 0.0, |_| 10.0), 5000.0);
        assert_eq!(time(0.0, 0.0, |_| 10.0), 0.0);
        for late in [-3.0, -0.5, 0.5, 40.0, 900.0] {
            let time = time(5000.0, late, |_| 10.0);
            assert!((5000.0..5000.0 + 1000.0).contains(&time), "{late}: {time}");
        }
    }

    #[test]
    fn a_countdown_starts_anew_when_less_is_left() {
        // Less by the second, up to 10 s.
        let time = time(5000.0, 0.0, |now| 10.0 - (now / 1000.0).floor().min(10.0));
        assert!((15_000.0..16_000.0).contains(&time), "{time}");
    }
}

/// Random texts, codes and times, against what the standard library and arithmetic say.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use std::string::String;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_reason_is_as_long_as_its_utf_8(
            text in prop::collection::vec(
                prop_oneof![0..0x80_u16, 0x80..0x800_u16, 0xd800..0xe000_u16, any::<u16>()],
                0..130,
            ),
        ) {
            let bytes = String::from_utf16_lossy(&text).len();
            prop_assert_eq!(tests::len(text), (bytes <= 123).then_some(bytes));
        }

        #[test]
        fn a_code_is_1000_or_a_whole_number_from_3000_to_4999(
            code in prop_oneof![any::<f64>(), (-70_000..140_000_i32).prop_map(f64::from), 2990.0..5010.0],
        ) {
            let allowed = code == 1000.0 || code.fract() == 0.0 && (3000.0..5000.0).contains(&code);
            prop_assert_eq!(CloseCode::new(code).map(|code| f64::from(code.get())), allowed.then_some(code));
        }

        /// However much is left at each time that is asked for.
        #[test]
        fn a_countdown_ends_a_timeout_after_less_was_left(
            timeout in 0.0..10_000.0,
            left in prop::collection::vec(0..20_u32, 1..40),
        ) {
            let (mut now, mut start, mut last) = (wait(timeout, 0.0, 0.0), 0.0, 0.0);
            let mut before = left[0];
            for at in 1.. {
                let left = left.get(at).copied().unwrap_or(0);
                if left < before {
                    last = now;
                }
                start = since(start, f64::from(before), now, f64::from(left));
                before = left;
                match wait(timeout, start, now) {
                    0.0 => break,
                    pause => now += pause,
                }
                prop_assert!(now <= last + timeout + 1e-6, "{} after {}", now, last);
            }
            prop_assert!(now >= last + timeout - 1e-6, "{} after {}", now, last);
        }
    }
}
