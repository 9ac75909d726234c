//! A token bucket, which limits how often something may be done.

use std::time::Instant;

/// The number of tokens that a client has at first, and at most.
const BURST: f64 = 20.0;

/// The number of tokens that are added in a second.
const RATE: f64 = 5.0;

/// The cost of a text, in tokens.
pub const TEXT: f64 = 1.0;

/// The cost of a picture, in tokens.
pub const PICTURE: f64 = 5.0;

/// The tokens of one client, or of one address.
#[derive(Debug)]
pub struct Pace {
    burst: f64,
    rate: f64,
    tokens: f64,
    counted: Instant,
}

impl Pace {
    /// The pace of a client's messages.
    pub fn new(now: Instant) -> Self {
        Self::of(BURST, RATE, now)
    }

    /// A pace of `burst` tokens at once and `rate` tokens in a second.
    pub fn of(burst: f64, rate: f64, now: Instant) -> Self {
        Self { burst, rate, tokens: burst, counted: now }
    }

    /// Takes `cost` tokens. Returns `false` if there are too few.
    pub fn allows(&mut self, cost: f64, now: Instant) -> bool {
        self.count(now);
        let allowed = self.tokens >= cost;
        if allowed {
            self.tokens -= cost;
        }
        allowed
    }

    /// Returns whether all tokens are there, as in a new pace.
    pub fn is_rested(&mut self, now: Instant) -> bool {
        self.count(now);
        self.tokens >= self.burst
    }

    fn count(&mut self, now: Instant) {
        let added = self.rate * now.saturating_duration_since(self.counted).as_secs_f64();
        self.tokens = (self.tokens + added).min(self.burst);
        self.counted = now;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn allowed(pace: &mut Pace, cost: f64, now: Instant) -> usize {
        (0..1000).take_while(|_| pace.allows(cost, now)).count()
    }

    #[test]
    fn a_burst_of_20_passes_then_5_in_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(allowed(&mut pace, TEXT, start), 20);
        assert_eq!(allowed(&mut pace, TEXT, start + Duration::from_millis(190)), 0);
        assert_eq!(allowed(&mut pace, TEXT, start + Duration::from_millis(1190)), 5);
    }

    #[test]
    fn a_picture_counts_5() {
        let start = Instant::now();
        assert_eq!(allowed(&mut Pace::new(start), PICTURE, start), 4);
    }

    #[test]
    fn a_silence_saves_no_more_than_a_burst() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!(allowed(&mut pace, TEXT, start + Duration::from_secs(3600)), 20);
    }
}
