//! How fast something may be done: a token bucket.

use std::time::Instant;

/// How many tokens a client has at first, and at most.
const BURST: f64 = 20.0;

/// How many are added in a second.
const RATE: f64 = 5.0;

/// A text costs this many.
pub const TEXT: f64 = 1.0;

/// And a picture this many.
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

    /// So many at once, and so many in a second.
    pub fn of(burst: f64, rate: f64, now: Instant) -> Self {
        Self { burst, rate, tokens: burst, counted: now }
    }

    /// Takes the tokens for something, unless there are too few.
    pub fn allows(&mut self, cost: f64, now: Instant) -> bool {
        self.count(now);
        let allowed = self.tokens >= cost;
        if allowed {
            self.tokens -= cost;
        }
        allowed
    }

    /// Whether all tokens are there, so that one who comes for the first time has no more.
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
