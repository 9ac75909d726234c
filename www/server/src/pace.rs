//! How fast a client may send: a token bucket.

use std::time::Instant;

/// How many tokens there are at first, and at most.
const BURST: f64 = 20.0;

/// How many are added in a second.
const RATE: f64 = 5.0;

/// A text costs this many.
pub const TEXT: f64 = 1.0;

/// And a picture this many.
pub const PICTURE: f64 = 5.0;

/// The tokens of one client.
#[derive(Debug)]
pub struct Pace {
    tokens: f64,
    counted: Instant,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self { tokens: BURST, counted: now }
    }

    /// Takes the tokens for a message, unless there are too few.
    pub fn allows(&mut self, cost: f64, now: Instant) -> bool {
        let added = RATE * now.saturating_duration_since(self.counted).as_secs_f64();
        self.tokens = (self.tokens + added).min(BURST);
        self.counted = now;
        let allowed = self.tokens >= cost;
        if allowed {
            self.tokens -= cost;
        }
        allowed
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
