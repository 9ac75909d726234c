//! The sequence of callbacks as a state machine: inputs are events, outputs are actions.
//!
//! This module does not use JavaScript. For every sequence of inputs, the resulting callbacks are
//! `(open message*)? error? terminate`, with exactly one `terminate`.

use crate::status::Status;

/// An event of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// The host's `open` event.
    Opened,
    /// The queued messages were sent, as [`Action::Flush`] requests.
    Flushed,
    /// The host's `message` event.
    Received,
    /// The message just received does not match the `dataType`.
    Undecodable,
    /// A queued message cannot be sent: a `Blob` cannot be read, or the host refuses the message.
    Unsendable,
    /// The host's `error` event. Some hosts dispatch no `close` event after it. Some dispatch it where others dispatch
    /// none.
    Failed,
    /// The host's `close` event.
    Ended {
        /// There was a closing handshake, so the server's code is known.
        clean: bool,
        /// Messages are still queued.
        unsent: bool,
    },
    /// A valid call of `terminate()`.
    Terminate,
    /// The microtask of [`Action::Abandon`].
    Abandoned,
    /// An iteration holds its limit of messages, and another one arrived.
    Overrun,
    /// A timeout has expired: the `connectionTimeout`, the heartbeat's `timeout`, or the timer of
    /// [`Action::AwaitClose`] or [`Action::AwaitVerdict`].
    Elapsed {
        /// Messages are still queued.
        unsent: bool,
    },
}

impl Input {
    /// Every input, for the tests and for `tests/machine`.
    #[allow(dead_code, reason = "only the tests iterate over the inputs")]
    pub(crate) const ALL: [Self; 15] = [
        Self::Opened,
        Self::Flushed,
        Self::Received,
        Self::Undecodable,
        Self::Unsendable,
        Self::Failed,
        Self::Ended { clean: false, unsent: false },
        Self::Ended { clean: false, unsent: true },
        Self::Ended { clean: true, unsent: false },
        Self::Ended { clean: true, unsent: true },
        Self::Terminate,
        Self::Abandoned,
        Self::Overrun,
        Self::Elapsed { unsent: false },
        Self::Elapsed { unsent: true },
    ];
}

/// An action to perform, in the given order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send the queued messages, then report [`Input::Flushed`].
    Flush,
    /// Call `onOpen`.
    Open,
    /// Call `onMessage` with the message just received.
    Message,
    /// Report [`Input::Received`] again, after `onOpen`, which may have ended the connection.
    Receive,
    /// Call `onError`.
    Error(Fault),
    /// Call `onTerminate`.
    Terminate(Ending),
    /// Close the host's connection for this cause, after all messages were sent.
    Close(Cause),
    /// Close the host's connection, which is not open yet, and report [`Input::Abandoned`] in a microtask.
    Abandon,
    /// Report [`Input::Elapsed`] after the `closeTimeout`. This is the first action: if a later action ends the
    /// connection, the timer has to exist already to be cleared.
    AwaitClose,
    /// Report [`Input::Elapsed`] if the host's `close` event does not follow its `error` event shortly.
    AwaitVerdict,
}

/// The cause of `onError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection could not be opened.
    NotOpened,
    /// The connection was not open in time.
    Late,
    /// The peer did not answer a heartbeat.
    Silent,
    /// An iteration received more messages than its limit.
    Overrun,
    /// The connection ended without a closing handshake.
    Lost,
    /// The connection ended before every message was sent.
    Unsent,
    /// A received message does not match the `dataType`.
    Undecodable,
    /// A queued message cannot be sent.
    Unsendable,
}

/// The code and reason of `onTerminate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The server's code and reason, after a closing handshake.
    Clean,
    /// Code 1006, without a closing handshake.
    Abnormal,
}

/// Why the host's connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// `terminate()` was called: its code and reason.
    Terminate,
    /// A message could not be decoded.
    Undecodable,
    /// A queued message cannot be sent.
    Unsendable,
    /// An iteration received more messages than its limit.
    Overrun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Connecting,
    /// `terminate()` was called before the connection was open.
    Abandoning,
    /// The host's connection is open, and the queued messages are being sent.
    Flushing,
    Connected,
    /// The host dispatched an `error` event. Its `close` event decides how the connection ended.
    Failing,
    /// `onError` was called, and the host's connection is being closed.
    Spoiled,
    /// `terminate()` was called.
    Closing,
    Closed,
}

/// The state machine of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lifecycle(State);

impl Lifecycle {
    pub(crate) const fn new() -> Self {
        Self(State::Connecting)
    }

    pub(crate) fn status(self) -> Status {
        match self.0 {
            State::Connecting | State::Flushing => Status::Connecting,
            State::Connected => Status::Connected,
            State::Abandoning | State::Failing | State::Spoiled | State::Closing => Status::Closing,
            State::Closed => Status::Closed,
        }
    }

    /// Takes one input and returns the actions to perform.
    pub(crate) fn step(&mut self, input: Input) -> &'static [Action] {
        use Action::{Abandon, AwaitClose, AwaitVerdict, Close, Error, Flush, Message, Open, Receive};
        use Ending::{Abnormal, Clean};

        let (next, actions): (State, &'static [Action]) = match (self.0, input) {
            (State::Connecting, Input::Opened) => (State::Flushing, &[Flush]),
            (State::Connecting | State::Flushing, Input::Failed | Input::Ended { clean: false, .. }) => {
                (State::Closed, &[Error(Fault::NotOpened), Action::Terminate(Abnormal)])
            }
            // Only a test double closes a connection before it opens one.
            (State::Connecting | State::Flushing, Input::Ended { clean: true, .. }) => {
                (State::Closed, &[Error(Fault::NotOpened), Action::Terminate(Clean)])
            }
            (State::Connecting | State::Flushing, Input::Elapsed { .. }) => {
                (State::Closed, &[Error(Fault::Late), Action::Terminate(Abnormal)])
            }
            (State::Connecting | State::Flushing, Input::Terminate) => (State::Abandoning, &[Abandon]),
            (State::Abandoning, Input::Abandoned) => (State::Closed, &[Action::Terminate(Abnormal)]),

            (State::Flushing, Input::Flushed) => (State::Connected, &[Open]),
            // A host may deliver an answer while the queued messages are being sent.
            (State::Flushing, Input::Received) => (State::Connected, &[Open, Receive]),

            // The shim relies on this: it delivers messages of an open connection without a call into wasm.
            (State::Connected, Input::Received) => (State::Connected, &[Message]),
            (State::Connected, Input::Undecodable) => {
                (State::Spoiled, &[AwaitClose, Error(Fault::Undecodable), Close(Cause::Undecodable)])
            }
            (State::Connected, Input::Overrun) => {
                (State::Spoiled, &[AwaitClose, Error(Fault::Overrun), Close(Cause::Overrun)])
            }
            (State::Connected, Input::Elapsed { .. }) => {
                (State::Closed, &[Error(Fault::Silent), Action::Terminate(Abnormal)])
            }
            (State::Flushing | State::Connected, Input::Unsendable) => {
                (State::Spoiled, &[AwaitClose, Error(Fault::Unsendable), Close(Cause::Unsendable)])
            }
            // The close frame was queued behind the message.
            (State::Closing, Input::Unsendable) => {
                (State::Spoiled, &[Error(Fault::Unsendable), Close(Cause::Terminate)])
            }
            (State::Connected, Input::Failed) => (State::Failing, &[AwaitVerdict]),
            (State::Connected, Input::Terminate) => (State::Closing, &[AwaitClose, Close(Cause::Terminate)]),

            (State::Connected | State::Failing, Input::Ended { clean: false, .. })
            | (State::Failing, Input::Elapsed { .. }) => {
                (State::Closed, &[Error(Fault::Lost), Action::Terminate(Abnormal)])
            }

            // No message is silently dropped, not even by a clean end.
            (State::Connected | State::Failing | State::Closing, Input::Ended { clean: true, unsent: true }) => {
                (State::Closed, &[Error(Fault::Unsent), Action::Terminate(Clean)])
            }
            (State::Closing, Input::Ended { clean: false, unsent: true } | Input::Elapsed { unsent: true }) => {
                (State::Closed, &[Error(Fault::Unsent), Action::Terminate(Abnormal)])
            }

            (State::Connected | State::Failing | State::Closing | State::Spoiled, Input::Ended { clean: true, .. }) => {
                (State::Closed, &[Action::Terminate(Clean)])
            }
            (State::Closing | State::Spoiled, Input::Ended { clean: false, .. } | Input::Elapsed { .. }) => {
                (State::Closed, &[Action::Terminate(Abnormal)])
            }
            (State::Closing | State::Spoiled, Input::Failed) => (self.0, &[AwaitVerdict]),

            _ => (self.0, &[]),
        };
        self.0 = next;
        actions
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::num::NonZero;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::thread;
    use std::vec::Vec;

    use super::*;

    /// The memory of an observer that knows the contract, but not the machine.
    #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
    struct Observer {
        opened: bool,
        failed: bool,
        terminated: bool,
        /// The application has called `terminate()` while the connection was connecting or connected.
        asked: bool,
        /// An input that ends the connection is pending, whatever the host does.
        awaited: bool,
    }

    impl Observer {
        /// Steps the machine, and checks its actions against the contract.
        fn step(&mut self, machine: &mut Lifecycle, input: Input) {
            let before = machine.status();
            let actions = machine.step(input);
            let after = machine.status();
            let context = (before, input, actions);

            assert!(after >= before, "the status went back: {context:?}");
            if input == Input::Terminate && before <= Status::Connected {
                assert!(after == Status::Closing, "terminate() has to be closing at once: {context:?}");
                assert!(!actions.iter().any(is_call), "terminate() called back: {context:?}");
                self.asked = true;
            }
            if input == Input::Terminate && before > Status::Connected {
                assert!(actions.is_empty() && after == before, "terminate() counted twice: {context:?}");
            }

            // A callback may step the machine before the actions that follow the callback.
            let mut calls = actions.iter().filter(|action| is_call(action)).rev();
            assert!(
                calls.next().is_none_or(|_| calls.all(|call| matches!(call, Action::Error(_)))),
                "a callback may come too late: {context:?}"
            );

            for &action in actions {
                assert!(!self.terminated, "something came after onTerminate: {context:?}");
                match action {
                    Action::Open => {
                        assert!(!self.opened && !self.failed && !self.asked, "{context:?}");
                        assert_eq!(after, Status::Connected, "{context:?}");
                        self.opened = true;
                    }
                    Action::Message => {
                        assert!(self.opened && !self.failed && !self.asked, "{context:?}");
                        assert_eq!(input, Input::Received, "{context:?}");
                    }
                    Action::Error(fault) => {
                        assert!(!self.failed, "{context:?}");
                        assert!(after >= Status::Closing, "{context:?}");
                        let is_of_messages = matches!(fault, Fault::Unsent | Fault::Unsendable);
                        assert!(!self.asked || self.opened && is_of_messages, "{context:?}");
                        let is_of_opening = matches!(fault, Fault::NotOpened | Fault::Late);
                        assert_eq!(is_of_opening, !self.opened && !is_of_messages, "{context:?}");
                        let is_of_time = matches!(fault, Fault::Late | Fault::Silent);
                        assert!(!is_of_time || matches!(input, Input::Elapsed { .. }), "{context:?}");
                        self.failed = true;
                    }
                    Action::Terminate(ending) => {
                        assert_eq!(after, Status::Closed, "{context:?}");
                        let is_clean = matches!(input, Input::Ended { clean: true, .. });
                        let was_abandoned = self.asked && !self.opened;
                        assert_eq!(ending == Ending::Clean, is_clean && !was_abandoned, "{context:?}");
                        assert!(
                            is_clean && self.opened || self.asked || self.failed,
                            "an end nobody asked for, without an error: {context:?}"
                        );
                        self.terminated = true;
                    }
                    Action::Abandon | Action::AwaitClose | Action::AwaitVerdict => self.awaited = true,
                    // The sequences include the input that `Receive` reports, immediately and later.
                    Action::Flush | Action::Close(_) | Action::Receive => {}
                }
            }
            assert_eq!(self.terminated, after == Status::Closed, "{context:?}");
            if after == Status::Closing {
                assert!(self.awaited, "nothing would end this: {context:?}");
            }
            let takes_messages = matches!(input, Input::Ended { unsent: true, .. } | Input::Elapsed { unsent: true });
            if takes_messages && self.terminated && before < Status::Closed && self.opened {
                assert!(self.failed, "messages were dropped in silence: {context:?}");
            }
        }
    }

    fn is_call(action: &Action) -> bool {
        matches!(action, Action::Open | Action::Message | Action::Error(_) | Action::Terminate(_))
    }

    /// The connection ends after any sequence, even if the host dispatches no further event.
    fn assert_ends(mut machine: Lifecycle, mut observer: Observer) {
        for input in [Input::Flushed, Input::Terminate, Input::Abandoned, Input::Elapsed { unsent: false }] {
            observer.step(&mut machine, input);
        }
        assert!(observer.terminated, "{machine:?}");
    }

    /// Checks every reachable state of the machine and the observer, so that the contract holds for sequences of any
    /// length.
    #[test]
    fn the_contract_holds_in_every_state() {
        let mut seen = HashSet::new();
        let mut open = std::vec![(Lifecycle::new(), Observer::default())];
        while let Some((machine, observer)) = open.pop() {
            if !seen.insert((machine, observer)) {
                continue;
            }
            assert_ends(machine, observer);
            for input in Input::ALL {
                let (mut machine, mut observer) = (machine, observer);
                observer.step(&mut machine, input);
                open.push((machine, observer));
            }
        }
        let states: HashSet<_> = seen.iter().map(|(machine, _)| machine.0).collect();
        assert_eq!(states.len(), 8, "every state can be reached");
    }

    /// The greatest length of sequences that are tested in less than a minute.
    const LONGEST: usize = 8;

    /// Checks all 15^8 sequences, without the assumption that the observer remembers everything relevant.
    #[test]
    fn the_contract_holds_for_every_sequence() {
        fn go_on(machine: Lifecycle, observer: Observer, left: usize) -> usize {
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
        // Each thread takes the next two inputs that a sequence can start with.
        let next = AtomicUsize::new(0);
        let count = AtomicUsize::new(0);
        let work = || {
            while let at = next.fetch_add(1, Relaxed)
                && at < Input::ALL.len().pow(2)
            {
                let (mut machine, mut observer) = (Lifecycle::new(), Observer::default());
                for input in [Input::ALL[at / Input::ALL.len()], Input::ALL[at % Input::ALL.len()]] {
                    observer.step(&mut machine, input);
                }
                count.fetch_add(go_on(machine, observer, LONGEST - 2), Relaxed);
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
        assert_eq!(count.into_inner(), Input::ALL.len().pow(LONGEST as u32));
    }

    /// The actions of a sequence, and the status at its end.
    fn play(inputs: &[Input]) -> (Vec<Action>, Status) {
        let mut machine = Lifecycle::new();
        let mut actions = Vec::new();
        for &input in inputs {
            actions.extend(machine.step(input));
            if actions.pop_if(|last| *last == Action::Receive).is_some() {
                actions.extend(machine.step(Input::Received));
            }
        }
        (actions, machine.status())
    }

    fn calls(inputs: &[Input]) -> Vec<Action> {
        play(inputs).0.into_iter().filter(is_call).collect()
    }

    const LOST: Input = Input::Ended { clean: false, unsent: false };
    const CLOSED: Input = Input::Ended { clean: true, unsent: false };

    /// The shim relies on this: a message on an open connection is always delivered, and changes no state.
    #[test]
    fn a_message_on_an_open_connection_is_delivered_whatever_was_before() {
        let mut seen = HashSet::from([Lifecycle::new()]);
        let mut left = Vec::from_iter(seen.iter().copied());
        let mut open = 0;
        while let Some(state) = left.pop() {
            for input in Input::ALL {
                let mut next = state;
                let actions = next.step(input);
                if input == Input::Received && state.status() == Status::Connected {
                    assert_eq!((next, actions), (state, &[Action::Message][..]));
                    open += 1;
                }
                if seen.insert(next) {
                    left.push(next);
                }
            }
        }
        assert!(open > 0, "no state is open");
    }

    #[test]
    fn a_conversation() {
        let inputs = [Input::Opened, Input::Flushed, Input::Received, Input::Received, CLOSED];
        let expected = [Action::Open, Action::Message, Action::Message, Action::Terminate(Ending::Clean)];
        assert_eq!(calls(&inputs), expected);
    }

    /// Node 20 and 22 dispatch `error` and no `close`. Chromium, Firefox and WebKit dispatch both. workerd dispatches
    /// `close` first.
    #[test]
    fn a_refused_connection_is_the_same_on_every_host() {
        let expected = [Action::Error(Fault::NotOpened), Action::Terminate(Ending::Abnormal)];
        for inputs in [&[Input::Failed][..], &[Input::Failed, LOST], &[LOST, Input::Failed], &[LOST]] {
            assert_eq!(calls(inputs), expected, "{inputs:?}");
        }
    }

    /// Node 24 and Deno dispatch `error` before `close`. The other hosts dispatch no `error`.
    #[test]
    fn a_lost_connection_is_the_same_on_every_host() {
        let expected = [Action::Open, Action::Error(Fault::Lost), Action::Terminate(Ending::Abnormal)];
        for end in [
            &[LOST][..],
            &[Input::Failed, LOST],
            &[LOST, Input::Failed],
            &[Input::Failed, Input::Elapsed { unsent: false }],
        ] {
            let inputs = [&[Input::Opened, Input::Flushed], end].concat();
            assert_eq!(calls(&inputs), expected, "{inputs:?}");
        }
    }

    const ELAPSED: Input = Input::Elapsed { unsent: false };

    #[test]
    fn a_connection_that_is_not_open_in_time() {
        let expected = [Action::Error(Fault::Late), Action::Terminate(Ending::Abnormal)];
        assert_eq!(calls(&[ELAPSED]), expected);
        assert_eq!(calls(&[Input::Opened, ELAPSED, Input::Flushed, LOST]), expected);
    }

    #[test]
    fn a_peer_that_gives_no_sign_of_life() {
        let expected = [Action::Open, Action::Error(Fault::Silent), Action::Terminate(Ending::Abnormal)];
        assert_eq!(calls(&[Input::Opened, Input::Flushed, ELAPSED, CLOSED]), expected);
    }

    #[test]
    fn messages_that_nobody_takes() {
        let inputs = [Input::Opened, Input::Flushed, Input::Overrun, Input::Received, Input::Overrun, CLOSED];
        let expected = [Action::Open, Action::Error(Fault::Overrun), Action::Terminate(Ending::Clean)];
        assert_eq!(calls(&inputs), expected);
    }

    #[test]
    fn terminate_while_connecting() {
        let (actions, status) = play(&[Input::Terminate]);
        assert_eq!((actions, status), (std::vec![Action::Abandon], Status::Closing));
        let late = [Input::Terminate, Input::Opened, Input::Received, Input::Failed, LOST];
        assert_eq!(play(&late), (std::vec![Action::Abandon], Status::Closing));
        assert_eq!(calls(&[Input::Terminate, LOST, Input::Abandoned]), [Action::Terminate(Ending::Abnormal)]);
    }

    #[test]
    fn no_message_after_terminate() {
        let inputs = [Input::Opened, Input::Flushed, Input::Terminate, Input::Received, CLOSED];
        assert_eq!(calls(&inputs), [Action::Open, Action::Terminate(Ending::Clean)]);
    }

    #[test]
    fn a_host_that_answers_while_it_is_handed_the_waiting_messages() {
        let inputs = [Input::Opened, Input::Received, Input::Flushed, CLOSED];
        let expected = [Action::Open, Action::Message, Action::Terminate(Ending::Clean)];
        assert_eq!(calls(&inputs), expected);
    }

    #[test]
    fn an_answer_is_not_delivered_to_an_application_that_terminates_in_on_open() {
        let mut machine = Lifecycle::new();
        machine.step(Input::Opened);
        assert_eq!(machine.step(Input::Received), [Action::Open, Action::Receive]);
        machine.step(Input::Terminate);
        assert_eq!(machine.step(Input::Received), []);
    }
}
