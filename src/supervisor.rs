//! The sequence of connections as a state machine: inputs are events, outputs are actions. Each connection has a state
//! machine of its own, the lifecycle.
//!
//! This module does not use JavaScript. For every sequence of inputs, the resulting calls are
//! `(connection? retry)* connection? stop`, with exactly one `stop`.

use crate::status::Status;

/// An event of a reconnecting connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// The microtask of [`Action::Defer`], or the first one after `new` has returned.
    Turn,
    /// The source returned an endpoint.
    Answered,
    /// The source failed.
    Failed,
    /// The endpoint is invalid, or the host cannot open a connection. Further attempts would fail, too.
    Refused,
    /// The connection is open.
    Opened,
    /// `onTerminate` of the connection has returned.
    Ended,
    /// The return value of `onRetry`, as [`Action::Retry`] requests.
    Decided {
        /// Another attempt follows.
        retry: bool,
    },
    /// A timer has expired: the `connectionTimeout` of the source, `stableAfter`, or the timer of [`Action::Wait`].
    Elapsed {
        /// The host reports that it is offline, and the connection needs a network.
        away: bool,
    },
    /// The host is online again.
    Online,
    /// The page has become visible, or was restored from the back/forward cache.
    Visible,
    /// A call of `retryNow()`.
    RetryNow,
    /// A valid call of `terminate()`.
    Terminate,
}

/// An action to perform, in the given order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Call the source, and report [`Input::Elapsed`] after the `connectionTimeout`.
    Ask,
    /// Abort the signal that was passed to the source.
    Abort,
    /// Report [`Input::Failed`]. This is a separate action, because the application may have called `terminate()` when
    /// the signal was aborted.
    Fail,
    /// Open a connection to the endpoint of the source.
    Open,
    /// Report [`Input::Elapsed`] after `stableAfter`.
    AwaitStable,
    /// End the connection.
    End,
    /// Call `onRetry`, then report [`Input::Decided`].
    Retry,
    /// Listen for events that end a delay early, and report [`Input::Elapsed`] when the delay is over.
    Wait(Pause),
    /// Cancel the timer and the listeners, and report [`Input::Turn`] in a microtask.
    Defer,
    /// Call `onStop`.
    Stop,
}

/// The length of a delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The delay that `onRetry` received or returned.
    Delay,
    /// A timer of 0. In a microtask, attempts that fail at once would stop the event loop.
    None,
    /// The time that an attempt that is due waits for the network.
    Network,
    /// Less than a second, and at most the time that is left of the delay.
    Short,
}

/// The state of a [`ReconnectingWebSocket`](crate::ReconnectingWebSocket).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconnectingStatus {
    /// The source was called, or a connection is being opened. Messages are queued until it is open.
    Connecting,
    /// A connection is open. Messages are sent and received.
    Connected,
    /// There is no connection, or it is closing, and another attempt follows. Messages are queued until a connection is
    /// open.
    Waiting,
    /// [`terminate`](crate::ReconnectingWebSocket::terminate) was called. No message can be sent.
    Closing,
    /// No attempt follows. [`on_stop`](crate::ReconnectingHandler::on_stop) is the last callback.
    Closed,
}

impl ReconnectingStatus {
    #[allow(dead_code, reason = "only JavaScript uses the names")]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
            Self::Waiting => "Waiting",
            Self::Closing => "Closing",
            Self::Closed => "Closed",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    /// The source is called in the next microtask.
    Starting,
    /// The source was called and has not returned an endpoint.
    Asking,
    /// The source did not return in time, and its signal is being aborted.
    Late,
    /// A connection is being opened.
    Opening,
    Open,
    /// `onRetry` is being called.
    Deciding,
    /// `onRetry` is being called, and has called `retryNow()`.
    DecidingNow,
    Waiting,
    /// An event has shortened the delay.
    Shortened,
    /// The delay is over, but the host is offline.
    Away,
    /// The host is online again, and a short delay runs.
    Back,
    /// `terminate()` was called, and the connection is ending.
    Closing,
    /// `terminate()` was called, and `onStop` follows in a microtask.
    Stopping,
    Stopped,
}

/// The state machine of a reconnecting connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Supervisor {
    state: State,
    /// The number of the current or next attempt. The first one is 0. The retries since the last stable connection
    /// count from 1.
    attempt: u32,
    /// The number of attempts in a row that have failed since the last stable connection.
    failed: u32,
    max_attempts: Option<u32>,
    /// The connection has been open for `stableAfter`.
    is_stable: bool,
}

impl Supervisor {
    /// Creates a supervisor that stops after `max_attempts` failed attempts in a row.
    pub(crate) const fn new(max_attempts: Option<u32>) -> Self {
        Self { state: State::Starting, attempt: 0, failed: 0, max_attempts, is_stable: false }
    }

    /// Returns the status. `connection` is the status of the connection, if there is one.
    pub(crate) fn status(self, connection: Option<Status>) -> ReconnectingStatus {
        match self.state {
            State::Starting | State::Asking => ReconnectingStatus::Connecting,
            State::Opening | State::Open => match connection {
                None | Some(Status::Connecting) => ReconnectingStatus::Connecting,
                Some(Status::Connected) => ReconnectingStatus::Connected,
                Some(Status::Closing | Status::Closed) => ReconnectingStatus::Waiting,
            },
            State::Late
            | State::Deciding
            | State::DecidingNow
            | State::Waiting
            | State::Shortened
            | State::Away
            | State::Back => ReconnectingStatus::Waiting,
            State::Closing | State::Stopping => ReconnectingStatus::Closing,
            State::Stopped => ReconnectingStatus::Closed,
        }
    }

    /// The number of the current or next attempt.
    pub(crate) fn attempt(self) -> u32 {
        self.attempt
    }

    /// The number of attempts in a row that have failed since the last stable connection.
    pub(crate) fn failed(self) -> u32 {
        self.failed
    }

    /// Returns whether `terminate()` was called or no attempt follows.
    pub(crate) fn is_ending(self) -> bool {
        matches!(self.state, State::Closing | State::Stopping | State::Stopped)
    }

    /// Takes one input and returns the actions to perform.
    pub(crate) fn step(&mut self, input: Input) -> &'static [Action] {
        use Action::{Abort, Ask, AwaitStable, Defer, End, Fail, Open, Retry, Stop, Wait};

        let (next, actions): (State, &'static [Action]) = match (self.state, input) {
            (State::Starting, Input::Turn) => (State::Asking, &[Ask]),
            (State::Asking, Input::Answered) => (State::Opening, &[Open]),
            (State::Asking, Input::Elapsed { .. }) => (State::Late, &[Abort, Fail]),
            (State::Opening, Input::Opened) => (State::Open, &[AwaitStable]),
            (State::Open, Input::Elapsed { .. }) => {
                self.is_stable = true;
                self.attempt = 0;
                self.failed = 0;
                (State::Open, &[])
            }

            (State::Opening, Input::Refused) => {
                self.count();
                (State::Stopped, &[Stop])
            }
            (State::Asking | State::Late, Input::Failed) | (State::Opening | State::Open, Input::Ended) => {
                self.count();
                self.attempt = self.attempt.saturating_add(1);
                let is_last = self.max_attempts.is_some_and(|max| self.failed >= max);
                if is_last { (State::Stopped, &[Stop]) } else { (State::Deciding, &[Retry]) }
            }

            (State::Deciding, Input::RetryNow) => (State::DecidingNow, &[]),
            (State::DecidingNow, Input::Decided { .. }) => (State::Waiting, &[Wait(Pause::None)]),
            (State::Deciding, Input::Decided { retry: true }) => (State::Waiting, &[Wait(Pause::Delay)]),
            (State::Deciding, Input::Decided { retry: false }) => (State::Stopped, &[Stop]),

            (State::Waiting, Input::Online | Input::Visible) => (State::Shortened, &[Wait(Pause::Short)]),
            (State::Waiting | State::Shortened, Input::Elapsed { away: true }) => {
                (State::Away, &[Wait(Pause::Network)])
            }
            (State::Away, Input::Online) => (State::Back, &[Wait(Pause::Short)]),
            (State::Waiting | State::Shortened | State::Away | State::Back, Input::Elapsed { .. }) => {
                (State::Asking, &[Ask])
            }
            // Deferred to a microtask: the application's source is not called inside the application's call of
            // `retryNow()`.
            (State::Waiting | State::Shortened | State::Away | State::Back, Input::RetryNow) => {
                (State::Starting, &[Defer])
            }

            // The microtask is already requested.
            (State::Starting, Input::Terminate) => (State::Stopping, &[]),
            (State::Asking, Input::Terminate) => {
                self.count();
                // Deferred first: a listener of the aborted signal may call any method.
                (State::Stopping, &[Defer, Abort])
            }
            (State::Late, Input::Terminate) => {
                self.count();
                (State::Stopping, &[Defer])
            }
            (State::Opening | State::Open, Input::Terminate) => (State::Closing, &[End]),
            (
                State::Deciding | State::DecidingNow | State::Waiting | State::Shortened | State::Away | State::Back,
                Input::Terminate,
            ) => (State::Stopping, &[Defer]),
            (State::Closing, Input::Ended | Input::Refused) => {
                self.count();
                (State::Stopped, &[Stop])
            }
            (State::Stopping, Input::Turn) => (State::Stopped, &[Stop]),

            _ => (self.state, &[]),
        };
        self.state = next;
        actions
    }

    /// Ends an attempt. It has failed unless its connection was stable.
    fn count(&mut self) {
        if !self.is_stable {
            self.failed = self.failed.saturating_add(1);
        }
        self.is_stable = false;
    }
}

#[cfg(test)]
impl Input {
    /// Every input.
    const ALL: [Self; 14] = [
        Self::Turn,
        Self::Answered,
        Self::Failed,
        Self::Refused,
        Self::Opened,
        Self::Ended,
        Self::Decided { retry: true },
        Self::Decided { retry: false },
        Self::Elapsed { away: false },
        Self::Elapsed { away: true },
        Self::Online,
        Self::Visible,
        Self::RetryNow,
        Self::Terminate,
    ];
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// An observer, which knows the promises of the contract but not the state machine.
    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    struct Observer {
        max_attempts: Option<u32>,
        /// A microtask is requested.
        turn: bool,
        /// A timer is set.
        timer: bool,
        /// The source was called and has not returned.
        asked: bool,
        /// The source did not return in time, and its failure is to be reported.
        overdue: bool,
        /// There is a connection.
        connection: bool,
        opened: bool,
        stable: bool,
        /// `onRetry` was called, and its return value was not reported yet.
        deciding: bool,
        /// `onRetry` has called `retryNow()`.
        at_once: bool,
        /// A delay has started since `onRetry`: the one before a retry, or the one for the network.
        waits: bool,
        waited_for_network: bool,
        terminated: bool,
        stopped: bool,
        /// The attempts that have failed since the last stable connection.
        failures: u32,
        retries: u32,
        /// A connection has ended or a source has failed, and neither `onRetry` nor `onStop` was called since.
        unreported: bool,
    }

    impl Observer {
        fn new(max_attempts: Option<u32>) -> Self {
            Self {
                max_attempts,
                turn: true,
                timer: false,
                asked: false,
                overdue: false,
                connection: false,
                opened: false,
                stable: false,
                deciding: false,
                at_once: false,
                waits: false,
                waited_for_network: false,
                terminated: false,
                stopped: false,
                failures: 0,
                retries: 0,
                unreported: false,
            }
        }

        /// Returns whether an input can occur. An input that cannot occur must change nothing.
        fn can_be(&self, input: Input) -> bool {
            match input {
                Input::Turn => self.turn,
                Input::Answered => self.asked,
                Input::Failed => self.asked || self.overdue,
                Input::Opened => self.connection && !self.opened,
                // After `terminate()`, a refused connection is like one that has ended.
                Input::Refused => self.connection && (!self.opened || self.terminated),
                Input::Ended => self.connection,
                Input::Decided { .. } => self.deciding,
                Input::Elapsed { .. } => self.timer,
                Input::Online | Input::Visible | Input::RetryNow | Input::Terminate => true,
            }
        }

        /// Steps the machine, and checks the actions against every promise.
        fn step(&mut self, machine: &mut Supervisor, input: Input) {
            let before = *machine;
            let actions = machine.step(input);
            let context = (before, input, actions);
            if self.stopped || !self.can_be(input) {
                assert!(actions.is_empty() && *machine == before, "nothing can happen: {context:?}");
                return;
            }
            let has = |action| actions.contains(&action);
            let is_late = self.asked && matches!(input, Input::Elapsed { .. });
            assert!(!is_late || has(Action::Abort) && has(Action::Fail), "the source hangs: {context:?}");
            self.note(input);

            for &action in actions {
                assert!(!self.stopped, "something came after onStop: {context:?}");
                let is_of_the_end = matches!(action, Action::Abort | Action::End | Action::Defer | Action::Stop);
                assert!(!self.terminated || is_of_the_end, "terminate() was called: {context:?}");
                match action {
                    Action::Ask => {
                        assert!(matches!(input, Input::Turn | Input::Elapsed { .. }), "inside of a call: {context:?}");
                        assert!(!self.connection && !self.asked && !self.deciding, "{context:?}");
                        assert!(
                            input != Input::Elapsed { away: true } || self.waited_for_network,
                            "there is no network: {context:?}"
                        );
                        assert_eq!(machine.attempt(), self.retries, "{context:?}");
                        (self.asked, self.timer) = (true, true);
                        (self.waits, self.waited_for_network, self.at_once) = (false, false, false);
                    }
                    Action::Abort => assert!(self.overdue || self.terminated, "{context:?}"),
                    Action::Fail => self.overdue = true,
                    Action::Open => {
                        assert!(input == Input::Answered && !self.connection, "{context:?}");
                        (self.connection, self.opened, self.stable) = (true, false, false);
                    }
                    Action::AwaitStable => {
                        assert!(input == Input::Opened, "{context:?}");
                        self.timer = true;
                    }
                    Action::End => {
                        assert!(input == Input::Terminate && self.connection, "{context:?}");
                        self.timer = false;
                    }
                    Action::Retry => {
                        assert!(self.unreported && !self.connection, "{context:?}");
                        assert!(self.max_attempts.is_none_or(|max| self.failures < max), "{context:?}");
                        self.retries += 1;
                        assert_eq!((machine.attempt(), machine.failed()), (self.retries, self.failures));
                        (self.deciding, self.unreported) = (true, false);
                    }
                    Action::Wait(pause) => {
                        assert!(!self.connection && !self.asked && !self.deciding, "{context:?}");
                        match pause {
                            Pause::Delay => assert!(input == (Input::Decided { retry: true }), "{context:?}"),
                            Pause::None => assert!(matches!(input, Input::Decided { .. }), "{context:?}"),
                            Pause::Network => {
                                assert!(!self.waited_for_network, "twice: {context:?}");
                                assert!(input == (Input::Elapsed { away: true }), "{context:?}");
                                self.waited_for_network = true;
                            }
                            Pause::Short => assert!(self.waits, "{context:?}"),
                        }
                        (self.timer, self.waits) = (true, true);
                    }
                    Action::Defer => (self.turn, self.timer, self.waits) = (true, false, false),
                    Action::Stop => {
                        assert!(input != Input::Terminate, "it called back: {context:?}");
                        assert!(!self.connection, "{context:?}");
                        let is_used_up = self.max_attempts.is_some_and(|max| self.failures >= max);
                        let is_refused = matches!(input, Input::Refused | Input::Decided { retry: false });
                        assert!(self.terminated || is_used_up || is_refused, "{context:?}");
                        assert_eq!(machine.failed(), self.failures, "{context:?}");
                        (self.stopped, self.unreported) = (true, false);
                    }
                }
            }

            assert!(!self.unreported, "neither onRetry nor onStop: {context:?}");
            if let (Input::Decided { retry }, false) = (input, self.terminated) {
                let expected = match (self.at_once, retry) {
                    (true, _) => Action::Wait(Pause::None),
                    (_, true) => Action::Wait(Pause::Delay),
                    (_, false) => Action::Stop,
                };
                assert!(has(expected), "{context:?}");
            }
            if !self.stopped {
                let goes_on = self.turn || self.timer || self.overdue || self.connection || self.deciding;
                assert!(goes_on, "nothing would ever happen again: {context:?}");
                assert!(!self.asked || self.timer || self.terminated, "the source may hang: {context:?}");
            }
            self.check_status(*machine);
        }

        /// Records an input.
        fn note(&mut self, input: Input) {
            match input {
                Input::Turn => self.turn = false,
                Input::Answered => (self.asked, self.timer) = (false, false),
                Input::Opened if !self.terminated => self.opened = true,
                Input::Elapsed { .. } => {
                    self.timer = false;
                    if self.asked {
                        (self.asked, self.overdue) = (false, true);
                    }
                    if self.opened && self.connection {
                        self.stable = true;
                        (self.failures, self.retries) = (0, 0);
                    }
                }
                Input::RetryNow if self.deciding => self.at_once = true,
                Input::Terminate if !self.terminated => {
                    // The current attempt has failed, too.
                    if self.asked || self.overdue {
                        self.failures += 1;
                        (self.asked, self.overdue) = (false, false);
                    }
                    self.terminated = true;
                    (self.timer, self.waits) = (false, false);
                }
                Input::Failed | Input::Ended | Input::Refused => {
                    if !self.stable {
                        self.failures += 1;
                    }
                    self.unreported = true;
                    (self.asked, self.overdue, self.connection, self.timer) = (false, false, false, false);
                    self.stable = false;
                }
                Input::Decided { .. } => self.deciding = false,
                Input::Opened | Input::Online | Input::Visible | Input::RetryNow | Input::Terminate => {}
            }
        }

        fn check_status(&self, machine: Supervisor) {
            let connection = match (self.connection, self.opened) {
                (false, _) => None,
                (true, false) => Some(Status::Connecting),
                (true, true) => Some(Status::Connected),
            };
            let expected = match self {
                Self { stopped: true, .. } => ReconnectingStatus::Closed,
                Self { terminated: true, .. } => ReconnectingStatus::Closing,
                Self { connection: true, opened: true, .. } => ReconnectingStatus::Connected,
                Self { deciding, waits, overdue, .. } if *deciding || *waits || *overdue => ReconnectingStatus::Waiting,
                _ => ReconnectingStatus::Connecting,
            };
            assert_eq!(machine.status(connection), expected, "{machine:?}");
            assert_eq!(machine.is_ending(), self.terminated || self.stopped, "{machine:?}");
        }
    }

    /// Checks that after `terminate()`, `onStop` follows when the current attempt has ended.
    fn assert_ends(mut machine: Supervisor, mut observer: Observer) {
        for input in [Input::Terminate, Input::Decided { retry: true }, Input::Failed, Input::Ended, Input::Turn] {
            observer.step(&mut machine, input);
        }
        assert!(observer.stopped, "{machine:?}");
    }

    /// Visits every combined state of the machine and the observer, so that the promises hold for sequences of any
    /// length.
    #[test]
    fn the_contract_holds_in_every_state() {
        let mut states = HashSet::new();
        for max_attempts in 1..=4 {
            let mut seen = HashSet::new();
            let mut open = vec![(Supervisor::new(Some(max_attempts)), Observer::new(Some(max_attempts)))];
            while let Some((machine, observer)) = open.pop() {
                if !seen.insert((machine, observer)) {
                    continue;
                }
                states.insert(machine.state);
                assert_ends(machine, observer);
                for input in Input::ALL {
                    let (mut machine, mut observer) = (machine, observer);
                    observer.step(&mut machine, input);
                    open.push((machine, observer));
                }
            }
        }
        assert_eq!(states.len(), 14, "every state can be reached");
    }

    /// The length of the longest sequences that can be checked in a second.
    const LONGEST: usize = 6;

    /// Checks every sequence of that length, 14^6 from each of three beginnings. This also finds errors that the
    /// observer's state hides, if it is incomplete.
    #[test]
    fn the_contract_holds_for_every_sequence() {
        fn go_on(machine: Supervisor, observer: Observer, left: usize) -> usize {
            if left == 0 {
                assert_ends(machine, observer);
                return 1;
            }
            let after = |input| {
                let (mut machine, mut observer) = (machine, observer);
                observer.step(&mut machine, input);
                go_on(machine, observer, left - 1)
            };
            Input::ALL.into_iter().map(after).sum()
        }
        for beginning in [&[][..], &OPEN, &WAITING] {
            let (mut machine, mut observer) = (Supervisor::new(None), Observer::new(None));
            for &input in beginning {
                observer.step(&mut machine, input);
            }
            assert_eq!(go_on(machine, observer, LONGEST), Input::ALL.len().pow(LONGEST as u32));
        }
    }

    const OPEN: [Input; 3] = [Input::Turn, Input::Answered, Input::Opened];
    const WAITING: [Input; 3] = [Input::Turn, Input::Failed, RETRY];
    const RETRY: Input = Input::Decided { retry: true };
    const ELAPSED: Input = Input::Elapsed { away: false };
    const AWAY: Input = Input::Elapsed { away: true };

    /// Returns the machine after a sequence of inputs, and the actions of the sequence.
    fn play(max_attempts: Option<u32>, inputs: &[Input]) -> (Supervisor, Vec<Action>) {
        let mut machine = Supervisor::new(max_attempts);
        let actions = inputs.iter().flat_map(|&input| machine.step(input)).copied().collect();
        (machine, actions)
    }

    #[test]
    fn a_server_that_comes_back() {
        let inputs = [&OPEN[..], &[Input::Ended, RETRY, ELAPSED, Input::Answered, Input::Opened]].concat();
        let again = [Action::Ask, Action::Open, Action::AwaitStable];
        let between = [Action::Retry, Action::Wait(Pause::Delay)];
        assert_eq!(play(None, &inputs).1, [&again[..], &between, &again].concat());
    }

    #[test]
    fn attempts_count_from_the_last_connection_that_was_stable() {
        let fails = [RETRY, ELAPSED, Input::Failed];
        let (machine, _) = play(None, &[&[Input::Turn, Input::Failed][..], &fails, &fails].concat());
        assert_eq!((machine.attempt(), machine.failed()), (3, 3));
        let opens = [&[Input::Turn, Input::Failed, RETRY, ELAPSED, Input::Answered, Input::Opened][..]].concat();
        let (machine, _) = play(None, &[&opens[..], &[Input::Ended]].concat());
        assert_eq!((machine.attempt(), machine.failed()), (2, 2), "open, but not for long");
        let (machine, _) = play(None, &[&opens[..], &[ELAPSED, Input::Ended]].concat());
        assert_eq!((machine.attempt(), machine.failed()), (1, 0), "stable");
        let (machine, _) = play(None, &[&opens[..], &[ELAPSED, Input::Ended], &fails].concat());
        assert_eq!((machine.attempt(), machine.failed()), (2, 1), "and what fails after it");
    }

    #[test]
    fn so_many_attempts_in_a_row_may_fail() {
        let inputs = [Input::Turn, Input::Failed, RETRY, ELAPSED, Input::Failed];
        assert_eq!(play(Some(2), &inputs).1.last(), Some(&Action::Stop));
        assert_eq!(play(Some(3), &inputs).1.last(), Some(&Action::Retry));
    }

    #[test]
    fn a_retry_waits_for_the_network_once() {
        let waits = |inputs: &[Input]| play(None, &[&WAITING[..], inputs].concat()).1[3..].to_vec();
        let network = Action::Wait(Pause::Network);
        assert_eq!(waits(&[AWAY, Input::Visible, AWAY]), [network, Action::Ask]);
        assert_eq!(
            waits(&[AWAY, Input::Visible, Input::Online, AWAY]),
            [network, Action::Wait(Pause::Short), Action::Ask]
        );
        assert_eq!(waits(&[AWAY, Input::RetryNow, Input::Turn]), [network, Action::Defer, Action::Ask]);
    }

    #[test]
    fn a_wait_is_shortened_once() {
        let inputs = [&WAITING[..], &[Input::Visible, Input::Online, Input::Visible, ELAPSED]].concat();
        assert_eq!(play(None, &inputs).1[3..], [Action::Wait(Pause::Short), Action::Ask]);
    }

    #[test]
    fn retry_now_inside_of_on_retry_does_not_wait() {
        let inputs = [Input::Turn, Input::Failed, Input::RetryNow, RETRY, ELAPSED];
        assert_eq!(play(None, &inputs).1[2..], [Action::Wait(Pause::None), Action::Ask]);
    }

    #[test]
    fn terminate_overrides_what_on_retry_answers() {
        for answer in [true, false].map(|retry| Input::Decided { retry }) {
            let inputs = [Input::Turn, Input::Failed, Input::RetryNow, Input::Terminate, answer, Input::Turn];
            assert_eq!(play(None, &inputs).1[2..], [Action::Defer, Action::Stop]);
        }
    }

    /// A listener of the aborted signal may call `terminate()`.
    #[test]
    fn terminate_while_a_source_that_is_late_is_aborted() {
        let inputs = [Input::Turn, ELAPSED, Input::Terminate, Input::Failed, Input::Turn];
        let expected = [Action::Ask, Action::Abort, Action::Fail, Action::Defer, Action::Stop];
        let (machine, actions) = play(None, &inputs);
        assert_eq!((actions, machine.failed()), (expected.to_vec(), 1));
    }
}
