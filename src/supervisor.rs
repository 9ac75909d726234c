//! What comes between connections, as a state machine beside that of a connection: what happens goes in, what to do comes
//! out.
//!
//! There is no JavaScript in here. Whatever the source, the connections, the network and the application do, in whatever
//! order, what is called is `(connection? retry)* connection? stop`, the last exactly once.

use crate::status::Status;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// The turn has come that [`Action::Defer`] asked for, or the first after `new` has returned.
    Turn,
    /// The source has said where to.
    Answered,
    /// The source failed.
    Failed,
    /// No connection can be opened with what the source said, and none with what it will say.
    Refused,
    /// The connection is open.
    Opened,
    /// `onTerminate` of the connection has returned.
    Ended,
    /// What `onRetry` answered, as [`Action::Retry`] asked.
    Decided {
        /// There is to be another attempt.
        retry: bool,
    },
    /// The time for what is waited for has passed: for the source to answer, for the connection to be stable, or what
    /// [`Action::Wait`] set.
    Elapsed {
        /// The host says that there is no network, and one is needed.
        away: bool,
    },
    /// The network has come back.
    Online,
    /// The page has become visible, or has returned from the back/forward cache.
    Visible,
    /// A call of `retryNow()`.
    RetryNow,
    /// A valid call of `terminate()`.
    Terminate,
}

/// What to do, in the order given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask the source, and report [`Input::Elapsed`] after the `connectionTimeout`.
    Ask,
    /// Abort the signal that the source was given.
    Abort,
    /// Report [`Input::Failed`]: the application may have called `terminate()` when the signal was aborted.
    Fail,
    /// Open a connection to where the source said.
    Open,
    /// Report [`Input::Elapsed`] after `stableAfter`.
    AwaitStable,
    /// End the connection.
    End,
    /// Call `onRetry`, then report [`Input::Decided`].
    Retry,
    /// Listen for what ends a wait early, and report [`Input::Elapsed`] when it is over.
    Wait(Pause),
    /// Wait for nothing any more, and report [`Input::Turn`] in a turn of its own.
    Defer,
    /// Call `onStop`.
    Stop,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// As `onRetry` was told, or has answered.
    Delay,
    /// As long as an attempt that is due waits for the network.
    Network,
    /// What is left, but less than a second.
    Short,
}

/// The state of a connection that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconnectingStatus {
    /// The source is asked, or a connection is being opened. Messages sent now wait until it is open.
    Connecting,
    /// A connection is open: messages come and go.
    Connected,
    /// There is no connection, or one that is closing, and another will be tried. Messages sent now wait for it.
    Waiting,
    /// [`terminate`](crate::ReconnectingWebSocket::terminate) was called; nothing can be sent any more.
    Closing,
    /// All is over.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    /// A turn is to come, in which the source is asked.
    Starting,
    /// The source is asked.
    Asking,
    /// The source has not answered in time, and its signal is being aborted.
    Late,
    /// A connection is being opened.
    Opening,
    Open,
    /// `onRetry` is being called.
    Deciding,
    /// The same, and it has called `retryNow()`.
    DecidingNow,
    Waiting,
    /// The wait was shortened.
    Shortened,
    /// The wait is over, but there is no network.
    Away,
    /// The network has come back.
    Back,
    /// `terminate()` was called, and the connection is ending.
    Closing,
    /// `terminate()` was called, and a turn is to come.
    Stopping,
    Stopped,
}

/// The state machine of a connection that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Supervisor {
    state: State,
    /// The attempt that is under way or comes next: 0 is the first, then they count the retries since the last connection
    /// that was stable.
    attempt: u32,
    /// The attempts in a row that failed since then.
    failed: u32,
    max_attempts: Option<u32>,
    /// The connection was open for `stableAfter`.
    is_stable: bool,
}

impl Supervisor {
    /// One that gives up when so many attempts in a row have failed.
    pub(crate) const fn new(max_attempts: Option<u32>) -> Self {
        Self { state: State::Starting, attempt: 0, failed: 0, max_attempts, is_stable: false }
    }

    /// The state, with a connection in that of its own, if there is one.
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

    /// The number of the attempt that is under way or comes next.
    pub(crate) fn attempt(self) -> u32 {
        self.attempt
    }

    /// How many attempts in a row have failed since the last connection that was stable.
    pub(crate) fn failed(self) -> u32 {
        self.failed
    }

    /// Whether `terminate()` was called, or all is over.
    pub(crate) fn is_ending(self) -> bool {
        matches!(self.state, State::Closing | State::Stopping | State::Stopped)
    }

    /// Takes one input and tells what to do about it.
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
            (State::DecidingNow, Input::Decided { .. }) => (State::Starting, &[Defer]),
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
            // In a turn of its own: the source is an application's, and is not called inside of a call of its own.
            (State::Waiting | State::Shortened | State::Away | State::Back, Input::RetryNow) => {
                (State::Starting, &[Defer])
            }

            // The turn is to come already.
            (State::Starting, Input::Terminate) => (State::Stopping, &[]),
            (State::Asking, Input::Terminate) => {
                self.count();
                // The turn first: what is aborted may call anything.
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

    /// An attempt is over: it has failed unless its connection was stable.
    fn count(&mut self) {
        if !self.is_stable {
            self.failed = self.failed.saturating_add(1);
        }
        self.is_stable = false;
    }
}

#[cfg(test)]
impl Input {
    /// Each of them.
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

    /// What an observer of the contract remembers: it knows the promises, not the machine.
    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    struct Observer {
        max_attempts: Option<u32>,
        /// A turn is to come.
        turn: bool,
        /// A timer is set.
        timer: bool,
        /// The source was asked and has not answered.
        asked: bool,
        /// It was, for too long: it is to be reported as failed.
        overdue: bool,
        /// There is a connection.
        connection: bool,
        opened: bool,
        stable: bool,
        /// `onRetry` has not returned, or has not been answered.
        deciding: bool,
        /// It has called `retryNow()`.
        at_once: bool,
        /// Since `onRetry`, it was waited for: a retry, the network.
        waits: bool,
        waited_for_network: bool,
        terminated: bool,
        stopped: bool,
        /// Since the last connection that was stable.
        failures: u32,
        retries: u32,
        /// A connection or a source has failed, and neither `onRetry` nor `onStop` was called since.
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

        /// Whether it can come at all. What cannot is to change nothing.
        fn can_be(&self, input: Input) -> bool {
            match input {
                Input::Turn => self.turn,
                Input::Answered => self.asked,
                Input::Failed => self.asked || self.overdue,
                Input::Opened => self.connection && !self.opened,
                // Once `terminate()` was called, it is an end like any.
                Input::Refused => self.connection && (!self.opened || self.terminated),
                Input::Ended => self.connection,
                Input::Decided { .. } => self.deciding,
                Input::Elapsed { .. } => self.timer,
                Input::Online | Input::Visible | Input::RetryNow | Input::Terminate => true,
            }
        }

        /// Steps the machine, and checks every promise about what comes out.
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
                    (true, _) => Action::Defer,
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

        /// What an input means by itself.
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
                    // What is under way has failed, too.
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

    /// Whatever has happened, `terminate()` ends it, as soon as what is under way has.
    fn assert_ends(mut machine: Supervisor, mut observer: Observer) {
        for input in [Input::Terminate, Input::Decided { retry: true }, Input::Failed, Input::Ended, Input::Turn] {
            observer.step(&mut machine, input);
        }
        assert!(observer.stopped, "{machine:?}");
    }

    /// Every state the machine and the observer can be in together: the promises hold for sequences of any length.
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

    /// The inputs of the longest sequences that take a second.
    const LONGEST: usize = 6;

    /// The same without trusting that the observer remembers all that matters: every sequence, 14^6 of them from each of
    /// some ways to begin.
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

    /// The actions of a sequence.
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
        let inputs = [Input::Turn, Input::Failed, Input::RetryNow, RETRY, Input::Turn];
        assert_eq!(play(None, &inputs).1[2..], [Action::Defer, Action::Ask]);
    }

    #[test]
    fn terminate_overrides_what_on_retry_answers() {
        for answer in [true, false].map(|retry| Input::Decided { retry }) {
            let inputs = [Input::Turn, Input::Failed, Input::RetryNow, Input::Terminate, answer, Input::Turn];
            assert_eq!(play(None, &inputs).1[2..], [Action::Defer, Action::Stop]);
        }
    }

    /// An application's listener for the abort runs inside of it.
    #[test]
    fn terminate_while_a_source_that_is_late_is_aborted() {
        let inputs = [Input::Turn, ELAPSED, Input::Terminate, Input::Failed, Input::Turn];
        let expected = [Action::Ask, Action::Abort, Action::Fail, Action::Defer, Action::Stop];
        let (machine, actions) = play(None, &inputs);
        assert_eq!((actions, machine.failed()), (expected.to_vec(), 1));
    }
}
