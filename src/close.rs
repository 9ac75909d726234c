//! The rules of closing: which codes and reasons may be sent, what a host's code means, and how long to wait.

/// The longest reason, in bytes of UTF-8: a control frame carries 125 bytes, two of them the code
/// ([RFC 6455, 5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5)).
pub(crate) const MAX_REASON: usize = 123;

/// A close code that an application may send: 1000, or 3000 to 4999
/// ([WHATWG WebSockets, `close()`](https://websockets.spec.whatwg.org/#dom-websocket-close)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// A received message does not match the data type.
    pub(crate) const UNDECODABLE: Self = Self(4007);
    /// A queued message cannot be sent.
    pub(crate) const UNSENDABLE: Self = Self(4008);
    /// An iteration holds its limit of messages, and another one arrived.
    pub(crate) const OVERRUN: Self = Self(4009);

    /// The close code of a number, or `None` if applications may not send it.
    #[cfg_attr(not(feature = "class"), allow(dead_code, reason = "programs in Rust have whole numbers"))]
    pub(crate) fn new(code: f64) -> Option<Self> {
        let whole = code as u16;
        if f64::from(whole) == code { Self::from_u16(whole) } else { None }
    }

    /// The close code of a number. `None` if applications may not send the code.
    pub const fn from_u16(code: u16) -> Option<Self> {
        match code {
            1000 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number of the close code.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// Returns whether the server sent a close frame, judged by the code of the host's `close` event.
///
/// A host reports 1006 without a closing handshake and 1015 after a failed TLS handshake. Deno reports 0. `wasClean`
/// adds nothing to the code, and not every host sets it correctly.
pub(crate) fn is_from_server(code: f64) -> bool {
    (1000.0..5000.0).contains(&code) && code != 1006.0 && code != 1015.0
}

/// The code of a connection that ended without a closing handshake.
pub(crate) const ABNORMAL: u16 = 1006;

/// The state of the wait for the peer's answer to a close frame. All times are in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Countdown {
    timeout: f64,
    now: f64,
    since: f64,
    left: f64,
    pause: f64,
    clock: f64,
}

impl Countdown {
    /// Starts a wait at the time `clock` of the host's clock, with `left` bytes still to be sent.
    pub(crate) fn new(timeout: f64, left: f64, clock: f64) -> Self {
        Self { timeout, now: 0.0, since: 0.0, left, pause: wait(timeout, 0.0, 0.0), clock }
    }

    /// The time until the next call of [`next`](Self::next).
    pub(crate) fn pause(&self) -> f64 {
        self.pause
    }

    /// The wait after the host was told to close, with `before` and `after` bytes left to be sent. Bytes that the host
    /// discards in that call do not count as progress.
    pub(crate) fn closing(self, before: f64, after: f64, clock: f64) -> Self {
        let now = self.now + (clock - self.clock).max(0.0);
        Self { since: since(self.since, self.left, now, before), left: after, ..self }
    }

    /// The rest of the wait after a pause, with `left` bytes still to be sent. `None` when the wait is over.
    pub(crate) fn next(self, left: f64, clock: f64) -> Option<Self> {
        let passed = clock - self.clock;
        // Fake timers may leave the clock unchanged. The pause counts as the time passed then. The timers of hosts also
        // fire a millisecond or two early.
        let now = self.now + if passed < self.pause / 4.0 { self.pause } else { passed };
        let since = since(self.since, self.left, now, left);
        let pause = wait(self.timeout, since, now);
        (pause > 0.0).then_some(Self { timeout: self.timeout, now, since, left, pause, clock })
    }
}

/// How often the bytes left to be sent are polled during one close timeout. The end may be late by one part.
const PARTS: f64 = 5.0;

/// The time from `now` until the next poll, for a wait that started at `since`. 0 when the wait is over. All times are
/// in milliseconds.
fn wait(timeout: f64, since: f64, now: f64) -> f64 {
    (since + timeout - now).min(timeout / PARTS).max(0.0)
}

/// The start of the wait. It restarts at `now` when fewer bytes are `left` to be sent than `before`.
fn since(since: f64, before: f64, now: f64, left: f64) -> f64 {
    if left < before { now } else { since }
}

#[cfg(test)]
mod tests {
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
    fn codes_of_hosts() {
        for code in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 999.0, 1006.0, 1015.0, 5000.0, 66536.0, f64::INFINITY] {
            assert!(!is_from_server(code), "{code}");
        }
        for code in [1000.0, 1001.0, 1005.0, 1011.0, 2000.0, 3000.0, 4999.0] {
            assert!(is_from_server(code), "{code}");
        }
    }

    /// The length of a countdown from 0, with timers that fire `late`, and `buffered` bytes left at a time.
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
            // A timer may fire a little early, but time passes.
            now += (pause + late).max(0.1);
        }
    }

    /// Timers can be faked without the clock.
    #[test]
    fn a_clock_that_stands_still_does_not_hold_up_a_countdown() {
        let mut countdown = Countdown::new(5000.0, 0.0, 7.0);
        let mut passed = countdown.pause();
        while let Some(next) = countdown.next(0.0, 7.0) {
            countdown = next;
            passed += countdown.pause();
        }
        assert_eq!(passed, 5000.0);
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

/// Random codes and times, checked by arithmetic.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_code_is_1000_or_a_whole_number_from_3000_to_4999(
            code in prop_oneof![any::<f64>(), (-70_000..140_000_i32).prop_map(f64::from), 2990.0..5010.0],
        ) {
            let allowed = code == 1000.0 || code.fract() == 0.0 && (3000.0..5000.0).contains(&code);
            prop_assert_eq!(CloseCode::new(code).map(|code| f64::from(code.get())), allowed.then_some(code));
        }

        /// Holds for any number of bytes left at each poll.
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
