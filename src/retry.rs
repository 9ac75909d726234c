//! When a connection is tried again, and what a handler may say about it. All times are milliseconds.

/// The longest time that a host's timer takes.
const LONGEST: f64 = 2_147_483_647.0;

/// What ends a wait early, as a network that has come back, ends it for all clients of a server at once: each goes on within
/// this time.
const SHORT: f64 = 1000.0;

/// `handler.retry`, checked.
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
    /// Its place in [`Schedule::NAMES`].
    pub(crate) at: usize,
    pub(crate) is_duration: bool,
}

impl Schedule {
    pub(crate) const NAMES: [&str; 5] =
        ["retry.firstDelay", "retry.maxDelay", "retry.stableAfter", "retry.maxAttempts", "retry.maxWaiting"];
    /// In the order of the names.
    pub(crate) const DEFAULTS: [f64; 5] = [3000.0, 60_000.0, 10_000.0, f64::INFINITY, 1_048_576.0];
    /// So many of the names are durations.
    const DURATIONS: usize = 3;

    /// Checks numbers in the order of the names; what is no number is NaN.
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
        // More than so many attempts are as good as any number of them.
        let max_attempts = (max_attempts < f64::from(u32::MAX)).then_some(max_attempts as u32);
        Ok(Self { first_delay, max_delay, stable_after, max_attempts, max_waiting })
    }

    /// The wait before an attempt, from 1 on, for a random number in [0, 1): full jitter, so that many clients of one server
    /// do not come back at once.
    pub(crate) fn delay(&self, attempt: u32, random: f64) -> f64 {
        random * self.ceiling(attempt)
    }

    /// The longest wait before an attempt, from 1 on.
    fn ceiling(&self, attempt: u32) -> f64 {
        // Twice that often, nothing is still finite, and 0 times infinity is no number.
        let doublings = attempt.saturating_sub(1).min(1023) as i32;
        (self.first_delay * 2_f64.powi(doublings)).min(self.max_delay)
    }

    /// How long an attempt that is due waits for the network.
    pub(crate) fn network_delay(&self) -> f64 {
        self.max_delay
    }

    /// How long a connection has to be open for the attempt not to have failed.
    pub(crate) fn stable_after(&self) -> f64 {
        self.stable_after
    }

    /// How many attempts in a row may fail; `None` for any number.
    pub(crate) fn max_attempts(&self) -> Option<u32> {
        self.max_attempts
    }

    /// How many bytes may wait for a connection.
    pub(crate) fn max_waiting(&self) -> f64 {
        self.max_waiting
    }
}

/// What is left of a wait that something ends early, of which `rest` was left, for a random number in [0, 1).
pub(crate) fn shortened(rest: f64, random: f64) -> f64 {
    (random * SHORT).min(rest).max(0.0)
}

/// Whether a number of milliseconds can stand in place of the delay.
pub(crate) fn is_delay(milliseconds: f64) -> bool {
    (0.0..=LONGEST).contains(&milliseconds)
}

/// Whether the host of a URL, as the URL standard writes it, is this machine, which is reached without a network.
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

    /// By doubling, one attempt after the other.
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

        /// Many clients that wait for one attempt come back evenly over the time there is.
        #[test]
        fn the_wait_is_uniform(attempt in 1..20_u32, seed in 0.0..1.0) {
            let schedule = Schedule::checked(Schedule::DEFAULTS).expect("the defaults are allowed");
            let mut tenths = [0; 10];
            for client in 0..1000 {
                // Numbers that are spread evenly, whatever the first is.
                let random = f64::fract(seed + f64::from(client) * 0.618_033_988_749_895);
                tenths[(schedule.delay(attempt, random) / schedule.ceiling(attempt) * 10.0) as usize] += 1;
            }
            prop_assert!(tenths.iter().all(|tenth| (95..=105).contains(tenth)), "{:?}", tenths);
        }
    }
}
