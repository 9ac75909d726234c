//! The rules of closing: which codes and reasons may be sent, what a host's code means, how long to wait.

/// The longest reason, in bytes of UTF-8: a control frame carries 125 bytes, two of them the code
/// ([RFC 6455, 5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5)).
const MAX_REASON: usize = 123;

/// No closing handshake took place ([RFC 6455, 7.4.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1)).
pub(crate) const ABNORMAL: i32 = 1006;

/// A close code that an application may send: 1000, or 3000 to 4999
/// ([WHATWG WebSockets, `close()`](https://websockets.spec.whatwg.org/#dom-websocket-close)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// A message received was not what the `dataType` says it has to be.
    pub(crate) const UNDECODABLE: Self = Self(4007);
    /// A message that was waiting could not be sent.
    pub(crate) const UNSENDABLE: Self = Self(4008);

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

/// Whether a UTF-16 text can be a close reason. A long one is not counted: in UTF-8 it is never shorter.
pub(crate) fn is_reason(units: impl ExactSizeIterator<Item = u16>) -> bool {
    units.len() <= MAX_REASON && utf8_len(units) <= MAX_REASON
}

/// The length of a UTF-16 text in bytes of UTF-8; a lone surrogate is sent as U+FFFD, three bytes.
fn utf8_len(units: impl Iterator<Item = u16>) -> usize {
    let mut after_high = false;
    let mut len = 0;
    for unit in units {
        len += match unit {
            0..=0x7f => 1,
            0x80..=0x7ff => 2,
            // The second half of a pair: four bytes in all, three were counted for the first.
            0xdc00..=0xdfff if after_high => 1,
            _ => 3,
        };
        after_high = matches!(unit, 0xd800..=0xdbff);
    }
    len
}

/// Whether the code of a host's `close` event came from the server in a close frame, or says that there was none.
///
/// 1006 stands for no closing handshake, 1015 for TLS that failed, Deno says 0. `wasClean` says no more than
/// that, and not on every host.
pub(crate) fn is_from_server(code: i32) -> bool {
    matches!(code, 1000..=4999) && code != ABNORMAL && code != 1015
}

/// The wait for the peer's answer to a close frame, in milliseconds: it starts anew when less is left to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Countdown {
    timeout: f64,
    since: f64,
    buffered: f64,
}

impl Countdown {
    /// How often, during one timeout, it is asked what is left to be sent. The end may come late by that much.
    const PARTS: f64 = 5.0;

    pub(crate) fn new(timeout: f64) -> Self {
        Self { timeout, since: 0.0, buffered: 0.0 }
    }

    /// The same, starting at the time `now` with `buffered` bytes still to be sent.
    pub(crate) fn start(self, now: f64, buffered: f64) -> Self {
        Self { since: now, buffered, ..self }
    }

    /// How long to wait before asking the first time.
    pub(crate) fn first(self) -> f64 {
        self.timeout / Self::PARTS
    }

    /// How long to wait before asking again; `None` at the end.
    pub(crate) fn next(&mut self, now: f64, buffered: f64) -> Option<f64> {
        if buffered < self.buffered {
            self.since = now;
        }
        self.buffered = buffered;
        let left = self.since + self.timeout - now;
        (left > 0.0).then(|| left.min(self.first()))
    }
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

    #[test]
    fn utf8_len_is_that_of_the_encoded_text() {
        let texts = ["", "a", "é", "€", "𝄞", "a€𝄞é", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}"];
        for text in texts {
            assert_eq!(utf8_len(text.encode_utf16()), text.len(), "{text:?}");
        }
        let units = [0x61, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000];
        for n in 0..units.len().pow(5) {
            let text = (0..5).map(|i| units[n / units.len().pow(i) % units.len()]);
            let encoded = String::from_utf16_lossy(&text.clone().collect::<Vec<_>>());
            assert_eq!(utf8_len(text), encoded.len(), "{n}");
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
        let mut countdown = Countdown::new(timeout).start(0.0, buffered(0.0));
        let mut now = countdown.first() + late;
        while let Some(wait) = countdown.next(now, buffered(now)) {
            assert!(wait > 0.0 && wait <= timeout / 5.0, "{wait}");
            // A timer may come a little early, but time goes on.
            now += (wait + late).max(0.1);
        }
        now
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
            prop_assert_eq!(is_reason(text.iter().copied()), bytes <= 123);
            prop_assert_eq!(utf8_len(text.into_iter()), bytes);
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
            let mut countdown = Countdown::new(timeout).start(0.0, f64::from(left[0]));
            let (mut now, mut since) = (countdown.first(), 0.0);
            let mut before = left[0];
            for at in 1.. {
                let left = left.get(at).copied().unwrap_or(0);
                if left < before {
                    since = now;
                }
                before = left;
                match countdown.next(now, f64::from(left)) {
                    Some(wait) => now += wait,
                    None => break,
                }
                prop_assert!(now <= since + timeout + 1e-6, "{} after {}", now, since);
            }
            prop_assert!(now >= since + timeout - 1e-6, "{} after {}", now, since);
        }
    }
}
