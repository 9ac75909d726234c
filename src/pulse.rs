//! The schedule of a heartbeat: when it is sent, and when a silent peer counts as gone. All times are in milliseconds.

/// How often received messages and the bytes left to be sent are polled during one timeout.
const POLLS: f64 = 8.0;

/// The heartbeat of one open connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pulse {
    interval: f64,
    timeout: f64,
    /// The wait for the answer, once a heartbeat was sent.
    wait: Option<Wait>,
    /// The duration of the timer.
    pause: f64,
    /// The time at which the timer was set.
    clock: f64,
    /// The last timer fired too late to decide. The next one decides.
    was_late: bool,
}

/// The wait for the answer to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wait {
    /// The time by the timers since the heartbeat or the last progress.
    passed: f64,
    /// The bytes left to be sent at the last poll.
    left: f64,
}

/// The next step after the timer has fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Set the timer again.
    Wait,
    /// Send the heartbeat, call [`Pulse::sent`], and set the timer again.
    Send,
    /// The peer is gone.
    Gone,
}

impl Pulse {
    /// The heartbeat of a connection that opens at the time `clock` of the host's clock.
    pub(crate) const fn new(interval: f64, timeout: f64, clock: f64) -> Self {
        Self { interval, timeout, wait: None, pause: interval, clock, was_late: false }
    }

    /// The time until the next call of [`next`](Self::next).
    pub(crate) const fn pause(&self) -> f64 {
        self.pause
    }

    /// Decides the next step after the pause, at the time `clock`. `received` is the time of the last message, if one
    /// was received during the pause. `left` is the number of bytes left to be sent.
    pub(crate) fn next(&mut self, received: Option<f64>, left: f64, clock: f64) -> Beat {
        let passed = clock - self.clock;
        // Fake timers may leave the clock unchanged.
        let stands_still = passed < self.pause / 4.0;
        let is_late = passed - self.pause > self.timeout / 2.0;
        if let Some(received) = received {
            let rest = self.interval - if stands_still { 0.0 } else { clock - received };
            self.wait = None;
            self.was_late = false;
            if rest > 0.0 {
                self.set(rest, clock);
                return Beat::Wait;
            }
        }
        let Some(wait) = &mut self.wait else {
            self.was_late = is_late;
            return Beat::Send;
        };
        if is_late && !self.was_late {
            self.was_late = true;
            return Beat::Send;
        }
        // Time is counted by timers. If the clock is further ahead, the machine may have slept, and the first late
        // timer is not counted in full. Later ones are: otherwise, a page whose timers always fire late would never
        // detect the end.
        let counted = match passed {
            _ if stands_still => self.pause,
            late if self.was_late => late,
            passed => passed.min(self.pause),
        };
        wait.passed = if left < wait.left { 0.0 } else { wait.passed + counted };
        wait.left = left;
        let rest = self.timeout - wait.passed;
        if rest <= 0.0 {
            return Beat::Gone;
        }
        self.set(rest.min(self.timeout / POLLS), clock);
        Beat::Wait
    }

    /// Starts to wait for the answer, with `left` bytes still to be sent. If the heartbeat was not sent, waits for the
    /// next interval.
    pub(crate) fn sent(&mut self, is_sent: bool, left: f64, clock: f64) {
        self.wait = is_sent.then_some(Wait { passed: 0.0, left });
        self.set(if is_sent { self.timeout / POLLS } else { self.interval }, clock);
    }

    fn set(&mut self, pause: f64, clock: f64) {
        // Hosts truncate fractions. Without rounding up, the last poll would be repeated many times.
        self.pause = pause.ceil();
        self.clock = clock;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: f64 = 30_000.0;
    const TIMEOUT: f64 = 10_000.0;

    /// A simulation of a peer and the timers of a host. It records the times of heartbeats.
    struct World {
        now: f64,
        pulse: Pulse,
        sent: Vec<f64>,
    }

    impl World {
        fn new() -> Self {
            Self { now: 0.0, pulse: Pulse::new(INTERVAL, TIMEOUT, 0.0), sent: Vec::new() }
        }

        /// Fires the next timer, `late`. A message `came` that much earlier. `left` bytes are still to be sent.
        fn go_on(&mut self, late: f64, came: Option<f64>, left: f64) -> Beat {
            self.now += self.pulse.pause() + late;
            let beat = self.pulse.next(came.map(|before| self.now - before), left, self.now);
            if beat == Beat::Send {
                self.sent.push(self.now);
                self.pulse.sent(true, left, self.now);
            }
            beat
        }

        /// The time at which a silent peer counts as gone.
        fn until_gone(&mut self, left: impl Fn(f64) -> f64) -> f64 {
            for _ in 0..10_000 {
                if self.go_on(0.0, None, left(self.now)) == Beat::Gone {
                    return self.now;
                }
            }
            panic!("a silent peer was never given up");
        }
    }

    #[test]
    fn a_silent_peer_is_given_up_after_interval_and_timeout() {
        let mut world = World::new();
        assert_eq!(world.until_gone(|_| 0.0), INTERVAL + TIMEOUT);
        assert_eq!(world.sent, [INTERVAL]);
    }

    #[test]
    fn a_peer_that_says_something_gets_no_heartbeat_for_an_interval_from_then() {
        let mut world = World::new();
        assert_eq!(world.go_on(0.0, Some(10_000.0), 0.0), Beat::Wait);
        assert_eq!(world.pulse.pause(), 20_000.0);
        assert_eq!(world.go_on(0.0, None, 0.0), Beat::Send);
        assert_eq!(world.sent, [50_000.0]);
        // An answer at 51 s is noticed at the first poll.
        assert_eq!(world.go_on(0.0, Some(250.0), 0.0), Beat::Wait);
        assert_eq!(world.now + world.pulse.pause(), 51_000.0 + INTERVAL);
    }

    #[test]
    fn an_upload_that_goes_on_is_no_silence() {
        let mut world = World::new();
        let end = 200_000.0;
        let gone = world.until_gone(|now| (end - now).max(0.0));
        assert!(gone >= end + TIMEOUT && gone <= end + TIMEOUT + TIMEOUT / POLLS, "{gone}");
        assert_eq!(world.sent, [INTERVAL]);
    }

    #[test]
    fn what_only_grows_is_no_progress() {
        assert_eq!(World::new().until_gone(|now| now), INTERVAL + TIMEOUT);
    }

    #[test]
    fn a_machine_that_slept_asks_once_more_and_then_judges() {
        let mut world = World::new();
        world.go_on(0.0, None, 0.0);
        assert_eq!(world.go_on(3_600_000.0, None, 0.0), Beat::Send, "it asks again");
        let asked = world.now;
        assert_eq!(world.until_gone(|_| 0.0), asked + TIMEOUT, "the whole timeout");
        assert_eq!(world.sent.len(), 2);
    }

    #[test]
    fn a_machine_that_sleeps_on_is_judged_however_late() {
        let mut world = World::new();
        world.go_on(0.0, None, 0.0);
        assert_eq!(world.go_on(3_600_000.0, None, 0.0), Beat::Send);
        assert_eq!(world.go_on(3_600_000.0, None, 0.0), Beat::Gone);
    }

    #[test]
    fn timers_that_come_a_little_late_are_counted_as_they_were_set() {
        let mut world = World::new();
        world.go_on(0.0, None, 0.0);
        let mut looks = 0;
        while world.go_on(TIMEOUT / 3.0, None, 0.0) == Beat::Wait {
            looks += 1;
        }
        assert_eq!(looks, 7);
    }

    #[test]
    fn a_heartbeat_that_is_late_itself_has_the_whole_timeout() {
        let mut world = World::new();
        assert_eq!(world.go_on(3_600_000.0, None, 0.0), Beat::Send);
        let asked = world.now;
        assert_eq!(world.until_gone(|_| 0.0), asked + TIMEOUT);
        assert_eq!(world.sent.len(), 1);
    }

    #[test]
    fn a_heartbeat_that_did_not_go_out_is_not_judged() {
        let mut pulse = Pulse::new(INTERVAL, TIMEOUT, 0.0);
        assert_eq!(pulse.next(None, 0.0, INTERVAL), Beat::Send);
        pulse.sent(false, 0.0, INTERVAL);
        assert_eq!(pulse.pause(), INTERVAL);
        assert_eq!(pulse.next(None, 0.0, 2.0 * INTERVAL), Beat::Send);
    }

    /// As where timers are faked and the clock is not.
    #[test]
    fn a_clock_that_stands_still_changes_nothing() {
        let mut pulse = Pulse::new(INTERVAL, TIMEOUT, 5.0);
        let mut passed = pulse.pause();
        assert_eq!(pulse.next(Some(5.0), 0.0, 5.0), Beat::Wait);
        passed += pulse.pause();
        assert_eq!(pulse.next(None, 0.0, 5.0), Beat::Send);
        pulse.sent(true, 0.0, 5.0);
        loop {
            passed += pulse.pause();
            if pulse.next(None, 0.0, 5.0) == Beat::Gone {
                break;
            }
        }
        assert_eq!(passed, 2.0 * INTERVAL + TIMEOUT);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod random {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is late, comes and goes: time goes on, a peer that answers in time is never given up, and one that
        /// is silent from some time on always is.
        #[test]
        fn any_course(
            interval in 1u32..100_000, timeout in 1u32..100_000,
            steps in prop::collection::vec((0u32..200_000, any::<bool>(), 0u32..1000), 0..60),
        ) {
            let (interval, timeout) = (f64::from(interval), f64::from(timeout));
            let mut pulse = Pulse::new(interval, timeout, 0.0);
            let mut now = 0.0;
            let mut silent_since = 0.0;
            let mut step = |now: &mut f64, late: f64, comes: bool, left: f64| {
                prop_assert!(pulse.pause() >= 1.0 && pulse.pause() <= interval.max(timeout).ceil());
                *now += pulse.pause() + late;
                if comes {
                    silent_since = *now;
                }
                let beat = pulse.next(comes.then_some(*now), left, *now);
                prop_assert!(!(comes && beat == Beat::Gone));
                if beat == Beat::Gone {
                    prop_assert!(*now - silent_since >= timeout, "{} of {timeout}", *now - silent_since);
                }
                if beat == Beat::Send {
                    pulse.sent(true, left, *now);
                }
                Ok(beat)
            };
            for (late, comes, left) in steps {
                if step(&mut now, f64::from(late), comes, f64::from(left))? == Beat::Gone {
                    return Ok(());
                }
            }
            // The interval, a timeout that counts anew for what was left, and the looks.
            let mut is_gone = false;
            for _ in 0..40 {
                is_gone = is_gone || step(&mut now, 0.0, false, 0.0)? == Beat::Gone;
            }
            prop_assert!(is_gone, "a silent peer was not given up");
        }
    }
}
