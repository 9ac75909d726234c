//! The schedule of retries: the settings of `handler.retry`, and the delay before each attempt. All times are in
//! milliseconds.

/// The longest duration of a host's timer.
const LONGEST: f64 = 2_147_483_647.0;

/// The longest delay after an event that ends a delay early. Such an event, a returning network for example, reaches
/// all clients of a server at once, so that each client chooses a random delay up to this one.
const SHORT: f64 = 1000.0;

/// The checked settings of `handler.retry`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    first_delay: f64,
    max_delay: f64,
    stable_after: f64,
    max_attempts: Option<u32>,
    max_waiting: f64,
}

/// A member of `handler.retry` that is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The index in [`Schedule::NAMES`].
    pub(crate) at: usize,
    pub(crate) is_duration: bool,
}

impl Schedule {
    pub(crate) const NAMES: [&str; 5] =
        ["retry.firstDelay", "retry.maxDelay", "retry.stableAfter", "retry.maxAttempts", "retry.maxWaiting"];
    /// The default settings, in the order of the names.
    pub(crate) const DEFAULTS: [f64; 5] = [3000.0, 60_000.0, 10_000.0, f64::INFINITY, 1_048_576.0];
    /// The number of durations, which come first.
    const DURATIONS: usize = 3;

    /// Checks the settings, which are in the order of the names. A setting that is not a number is NaN.
    pub(crate) fn checked(numbers: [f64; 5]) -> Result<Self, Wrong> {
        let is_allowed = |at, number: f64| match at {
            0..Self::DURATIONS => (0.0..=LONGEST).contains(&number),
            3 => number >= 1.0 && (number.is_infinite() || number.fract() == 0.0),
            _ => number >= 0.0,
        };
        for (at, number) in numbers.into_iter().enumerate() {
            if !is_allowed(at, number) {
                return Err(Wrong { at, is_duration: at < Self::DURATIONS });
            }
        }
        let [first_delay, max_delay, stable_after, max_attempts, max_waiting] = numbers;
        // A larger maximum has no effect: failed attempts are counted in a `u32`.
        let max_attempts = (max_attempts < f64::from(u32::MAX)).then_some(max_attempts as u32);
        Ok(Self { first_delay, max_delay, stable_after, max_attempts, max_waiting })
    }

    /// Returns the delay before an attempt. `attempt` counts from 1, and `random` is in [0, 1). The delay has full
    /// jitter, so that the clients of a server do not all reconnect at once.
    pub(crate) fn delay(&self, attempt: u32, random: f64) -> f64 {
        random * self.ceiling(attempt)
    }

    /// Returns the longest delay before an attempt. `attempt` counts from 1.
    fn ceiling(&self, attempt: u32) -> f64 {
        // As an `f64`, 2^1024 is infinite, and 0 times infinity is not a number.
        let doublings = attempt.saturating_sub(1).min(1023) as i32;
        (self.first_delay * 2_f64.powi(doublings)).min(self.max_delay)
    }

    /// The time that an attempt that is due waits for the network.
    pub(crate) fn network_delay(&self) -> f64 {
        self.max_delay
    }

    /// The time after which an open connection is stable, and its attempt has not failed.
    pub(crate) fn stable_after(&self) -> f64 {
        self.stable_after
    }

    /// The number of failed attempts in a row after which no attempt follows. `None` if there is no limit.
    pub(crate) fn max_attempts(&self) -> Option<u32> {
        self.max_attempts
    }

    /// The number of bytes that may be queued while no connection is open.
    pub(crate) fn max_waiting(&self) -> f64 {
        self.max_waiting
    }
}

/// Returns the delay after an event that ends a delay early. `rest` is the time left of the earlier delay, which the
/// result does not exceed. `random` is in [0, 1).
pub(crate) fn shortened(rest: f64, random: f64) -> f64 {
    (random * SHORT).min(rest).max(0.0)
}

/// Returns whether a number of milliseconds is a valid delay.
pub(crate) fn is_delay(milliseconds: f64) -> bool {
    (0.0..=LONGEST).contains(&milliseconds)
}

/// Returns whether a host is this machine, which is reached without a network. `host` is serialized as in the URL
/// standard.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_ipv4 = || host.starts_with("127.") && host.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || is_ipv4()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> Schedule {
        Schedule::checked(Schedule::DEFAULTS).expect("the defaults are allowed")
    }

    #[test]
    fn the_longest_wait_doubles_up_to_a_minute() {
        let longest = [1, 2, 3, 4, 5, 6, 7, 1024, u32::MAX].map(|attempt| defaults().ceiling(attempt));
        assert_eq!(longest, [3000.0, 6000.0, 12_000.0, 24_000.0, 48_000.0, 60_000.0, 60_000.0, 60_000.0, 60_000.0]);
    }

    #[test]
    fn the_wait_is_anywhere_from_nothing_to_the_longest() {
        assert_eq!([0.0, 0.25, 0.5].map(|random| defaults().delay(2, random)), [0.0, 1500.0, 3000.0]);
    }

    #[test]
    fn without_a_first_delay_there_is_never_a_wait() {
        let schedule = Schedule::checked([0.0, 60_000.0, 0.0, 1.0, 0.0]).expect("all are allowed");
        assert_eq!([1, 40, 2000, u32::MAX].map(|attempt| schedule.delay(attempt, 0.9)), [0.0; 4]);
    }

    #[test]
    fn what_is_allowed() {
        let lowest = [0.0, 0.0, 0.0, 1.0, 0.0];
        let highest = [LONGEST, LONGEST, LONGEST, f64::INFINITY, f64::INFINITY];
        assert!(Schedule::checked(lowest).is_ok() && Schedule::checked(highest).is_ok());
        let counts = [1.0, 2.0, 4_294_967_294.0, 4_294_967_295.0, 1e300, f64::INFINITY];
        let counts = counts.map(|count| Schedule::checked([0.0, 0.0, 0.0, count, 0.0]).map(|all| all.max_attempts()));
        assert_eq!(counts, [Some(1), Some(2), Some(4_294_967_294), None, None, None].map(Ok));
        for at in 0..5 {
            let wrong = match at {
                0..3 => &[-1.0, f64::NAN, LONGEST + 1.0, f64::INFINITY][..],
                3 => &[0.0, -1.0, 1.5, f64::NAN, f64::NEG_INFINITY],
                _ => &[-1.0, f64::NAN, f64::NEG_INFINITY],
            };
            for wrong in wrong {
                let mut numbers = Schedule::DEFAULTS;
                numbers[at] = *wrong;
                assert_eq!(Schedule::checked(numbers), Err(Wrong { at, is_duration: at < 3 }), "{wrong}");
            }
        }
    }

    #[test]
    fn a_wait_that_is_ended_early_ends_within_a_second() {
        assert_eq!(shortened(60_000.0, 0.5), 500.0);
        assert_eq!(shortened(200.0, 0.5), 200.0, "it does not become longer");
        assert_eq!(shortened(-3.0, 0.5), 0.0, "the timer is late");
    }

    #[test]
    fn numbers_in_place_of_the_delay() {
        assert_eq!([0.0, 0.5, LONGEST].map(is_delay), [true; 3]);
        assert_eq!([-1.0, f64::NAN, LONGEST + 1.0, f64::INFINITY].map(is_delay), [false; 4]);
    }

    #[test]
    fn hosts_of_this_machine() {
        for host in ["localhost", "app.localhost", "localhost.", "127.0.0.1", "127.255.3.4", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["example.com", "localhost.example.com", "notlocalhost", "127.0.0.1.example.com", "[::2]", "10.0.0.1", ""]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod simulation;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use proptest::prelude::*;

    use super::*;

    /// Calculates the longest delay by repeated doubling.
    fn longest(first: f64, max: f64, attempt: u32) -> f64 {
        let mut longest = first.min(max);
        for _ in 1..attempt.min(2000) {
            longest = (longest * 2.0).min(max);
        }
        longest
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_wait(
            first in prop_oneof![Just(0.0), 0.0..1e-3, 0.0..LONGEST],
            max in prop_oneof![Just(0.0), 0.0..LONGEST],
            attempt in prop_oneof![1..40_u32, any::<u32>().prop_map(|attempt| attempt.max(1))],
            random in 0.0..1.0,
            rest in -10.0..LONGEST,
        ) {
            let schedule = Schedule::checked([first, max, 0.0, f64::INFINITY, 0.0]).expect("all are allowed");
            let delay = schedule.delay(attempt, random);
            prop_assert!(is_delay(delay) && delay <= max);
            let expected = random * longest(first, max, attempt);
            prop_assert!((delay - expected).abs() <= expected * 1e-12, "{} is not {}", delay, expected);
            let short = shortened(rest, random);
            prop_assert!((0.0..SHORT).contains(&short) && short <= rest.max(0.0));
        }

        /// The delays of many clients before an attempt are spread evenly, up to the longest delay.
        #[test]
        fn the_wait_is_uniform(attempt in 1..20_u32, seed in 0.0..1.0) {
            let schedule = Schedule::checked(Schedule::DEFAULTS).expect("the defaults are allowed");
            let mut tenths = [0; 10];
            for client in 0..1000 {
                // These numbers are spread evenly for every seed.
                let random = f64::fract(seed + f64::from(client) * 0.618_033_988_749_895);
                tenths[(schedule.delay(attempt, random) / schedule.ceiling(attempt) * 10.0) as usize] += 1;
            }
            prop_assert!(tenths.iter().all(|tenth| (95..=105).contains(tenth)), "{:?}", tenths);
        }
    }
}
