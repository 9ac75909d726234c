//! A connection until it has ended. It feeds events into the lifecycle and performs the resulting actions.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Function, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, EventTarget, MessageEvent as HostMessage};

use crate::close::{self, CloseCode, Countdown};
use crate::connection::Connection;
use crate::error::{ErrCode, Error, number};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent, host_message_of, is_decodable};
use crate::handler::{Beats, ConnectionHandler, Settings};
use crate::lifecycle::{Action, Cause, Ending, Fault, Input};
use crate::listener::Listener;
use crate::message::{Bytes, Payload, read};
use crate::outbox::{Frame, Outbox};
use crate::pulse::{Beat, Pulse};
use crate::report::{report, soon};
use crate::shortcut::Shortcut;
use crate::socket::Socket;
use crate::status::Status;
use crate::timer::{self, Callback, Timer};
use crate::websocket::WebSocket;

/// How long to wait for the host's `close` event after its `error` event, in milliseconds. It follows immediately on
/// hosts that dispatch both.
const VERDICT: f64 = 50.0;

/// The state of a connection between the host's `WebSocket` and the handler.
pub(crate) struct Session {
    connection: Rc<Connection>,
    socket: Socket,
    handler: Box<dyn ConnectionHandler>,
    settings: Settings,
    /// Events that wait because no callback may be called yet: the program has not received its object, or has not
    /// continued after its `await`.
    held: Cell<Option<Vec<(EventHandler, JsValue)>>>,
    outbox: Outbox,
    /// The `Blob` at the front of the outbox is being read.
    is_reading: Cell<bool>,
    /// The code and the reason of `terminate()`.
    ending: Cell<(CloseCode, JsString)>,
    /// The code to close with when the outbox is empty.
    closing: Cell<Option<CloseCode>>,
    /// An event or exception of the host, kept for `onError`.
    last_error: Cell<Option<JsValue>>,
    listeners: Cell<Option<Listeners>>,
    timer: Cell<Option<Timer>>,
    /// The microtask that ends a connection that was not open yet.
    turn: Cell<Option<Callback>>,
    /// The wait for the answer to a close frame, while the timer runs for it.
    countdown: Cell<Option<Countdown>>,
    /// The heartbeat of an open connection, while the timer runs for it.
    pulse: Cell<Option<Pulse>>,
    /// The time of the last message by the host's clock, if one was received since the timer was set.
    last_received: Cell<Option<f64>>,
    /// The fast path of a program in JavaScript.
    shortcut: Option<Shortcut>,
}

/// Handles an event of the host, or the end of a timer.
type EventHandler = fn(&Rc<Session>, &JsValue);

/// All listeners, until they are dropped.
struct Listeners {
    /// Attached until the connection is open.
    open: Option<EventListener>,
    _error: EventListener,
    _close: EventListener,
    _message: Listener,
    /// Listens for the program's abort signal.
    _abort: Option<Listener>,
    /// Records the time of each message, if the connection has a heartbeat.
    _life: Option<EventListener>,
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    #[wasm_bindgen(extends = EventTarget)]
    type Target;
    #[wasm_bindgen(constructor)]
    fn new(host: &EventTarget) -> Target;
    /// The exception of a host that takes no listener.
    #[wasm_bindgen(method, getter)]
    fn refusal(this: &Target) -> Option<JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// The host's `close` event. Test doubles may have invalid codes and no reason.
    #[wasm_bindgen(extends = CloseEvent)]
    type HostClose;
    #[wasm_bindgen(method, getter, js_name = code)]
    fn any_code(this: &HostClose) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = reason)]
    fn any_reason(this: &HostClose) -> JsValue;
}

impl Session {
    /// Starts delivering the events of the host's connection. Fails with the exception of a host that takes no
    /// listeners.
    pub(crate) fn start(
        connection: &Rc<Connection>,
        socket: Socket,
        handler: Box<dyn ConnectionHandler>,
        settings: Settings,
        shortcut: Option<Shortcut>,
        abort: Option<Listener>,
    ) -> Result<(), JsValue> {
        let session = Rc::new(Self {
            connection: connection.clone(),
            socket,
            handler,
            settings,
            shortcut,
            held: Cell::new(Some(Vec::new())),
            outbox: Outbox::default(),
            is_reading: Cell::new(false),
            ending: Cell::default(),
            closing: Cell::new(None),
            last_error: Cell::new(None),
            listeners: Cell::new(None),
            timer: Cell::new(None),
            turn: Cell::new(None),
            countdown: Cell::new(None),
            pulse: Cell::new(None),
            last_received: Cell::new(None),
        });
        let listeners = session.listen(abort).inspect_err(|_| session.socket.close(CloseCode::NORMAL, &"".into()))?;
        session.listeners.set(Some(listeners));
        connection.session.set(Some(session.clone()));
        if let Some(timeout) = session.settings.connection_timeout {
            session.wait(timeout);
        }
        match session.held.take().filter(|held| !held.is_empty()) {
            None => {}
            held => {
                session.held.set(held);
                soon(&timer::once(move |_| session.release()));
            }
        }
        Ok(())
    }

    fn listen(self: &Rc<Self>, abort: Option<Listener>) -> Result<Listeners, JsValue> {
        // The target passes on none of gloo's options: a workerd of October 2026 refuses passive listeners.
        let target = Target::new(self.socket.host());
        let listener = |name: &'static str, handler: EventHandler| {
            let session = self.clone();
            EventListener::new(&target, name, move |event| session.dispatch(handler, event))
        };
        let record_time = || {
            let session = self.clone();
            EventListener::new(&target, "message", move |_| session.last_received.set(Some(timer::now())))
        };
        let listeners = Listeners {
            open: Some(listener("open", Self::opened)),
            _abort: abort,
            _life: self.settings.heartbeat.is_some().then(record_time),
            _message: self.listen_for_messages()?,
            _error: listener("error", |session, event| session.handle(Input::Failed, event)),
            _close: listener("close", |session, event| {
                let code = event.unchecked_ref::<HostClose>().any_code().as_f64().unwrap_or_default();
                let input = Input::Ended { clean: close::is_from_server(code), unsent: session.has_unsent() };
                session.handle(input, event);
            }),
        };
        target.refusal().map_or(Ok(listeners), Err)
    }

    fn listen_for_messages(self: &Rc<Self>) -> Result<Listener, JsValue> {
        let received: EventHandler = |session, event| session.handle(Input::Received, event);
        let callback = self.callback(move |session, event| session.dispatch(received, event));
        let function = callback.as_ref().unchecked_ref::<Function>().clone();
        let function = self.shortcut.as_ref().map_or(function.clone(), |shortcut| shortcut.listener(&function));
        Listener::new(self.socket.host(), "message", callback, function)
    }

    /// Handles an event now, or queues it while no callback may be called.
    fn dispatch(self: &Rc<Self>, handler: EventHandler, event: &JsValue) {
        match self.held.take() {
            Some(mut held) => {
                held.push((handler, event.clone()));
                self.held.set(Some(held));
            }
            None => handler(self, event),
        }
    }

    #[cfg(any(feature = "class", feature = "futures"))]
    /// Defers all callbacks to the next task, so that code that awaits the open connection continues first.
    pub(crate) fn hold(self: &Rc<Self>) {
        self.held.set(Some(Vec::new()));
        self.update_shortcut();
        let session = self.clone();
        timer::task(&timer::once(move |_| session.release()));
    }

    /// Handles the queued events in their order. Events that arrive meanwhile are queued behind them.
    pub(crate) fn release(self: &Rc<Self>) {
        while let Some(held) = self.held.take().filter(|held| !held.is_empty()) {
            self.held.set(Some(Vec::new()));
            for (handler, event) in held {
                handler(self, &event);
            }
        }
        self.update_shortcut();
    }

    fn is_held(&self) -> bool {
        let held = self.held.take();
        let is_held = held.is_some();
        self.held.set(held);
        is_held
    }

    /// A callback that is given the session.
    fn callback(self: &Rc<Self>, call: impl Fn(&Rc<Self>, &JsValue) + 'static) -> Callback {
        let session = self.clone();
        Callback::own_assert_unwind_safe(move |given: JsValue| call(&session, &given))
    }

    /// Handles the host's `open` event. Not every host checks that the server chose an offered subprotocol.
    fn opened(self: &Rc<Self>, event: &JsValue) {
        // Later `open` events are ignored, also those inside the calls below.
        if let Some(mut listeners) = self.listeners.take() {
            let open = listeners.open.take();
            self.listeners.set(Some(listeners));
            drop(open);
        }
        let protocol = self.socket.protocol();
        let is_offered = protocol.length() == 0 || self.settings.protocols.includes(&protocol, 0);
        if is_offered {
            if let Some(shortcut) = &self.shortcut {
                shortcut.set_protocol(&protocol);
            }
            let _ = self.connection.protocol.set(protocol);
        }
        self.handle(if is_offered { Input::Opened } else { Input::Failed }, event);
    }

    /// Feeds an input into the lifecycle and performs the resulting actions. `event` is the host's event or an
    /// exception.
    pub(crate) fn handle(self: &Rc<Self>, input: Input, event: &JsValue) {
        let mut lifecycle = self.connection.lifecycle.get();
        let before = lifecycle.status();
        let actions = lifecycle.step(input);
        self.connection.lifecycle.set(lifecycle);
        if lifecycle.status() != before {
            self.update_shortcut();
        }
        if lifecycle.status() == Status::Closed {
            // Removed before the callbacks: events of the host are ignored from now on.
            drop(self.listeners.take());
        }
        for action in actions {
            self.perform(*action, event);
        }
    }

    fn perform(self: &Rc<Self>, action: Action, event: &JsValue) {
        match action {
            Action::Flush => {
                self.flush();
                self.handle(Input::Flushed, event);
            }
            Action::Open => {
                self.start_heartbeat();
                self.handler.on_open(&self.borrowed());
            }
            Action::Message => self.deliver(event),
            Action::Receive => self.handle(Input::Received, event),
            Action::Error(fault) => self.report(fault, event),
            Action::Terminate(ending) => self.end(ending, event),
            Action::Close(cause) => {
                self.closing.set(Some(self.close_code(cause)));
                self.flush();
            }
            Action::Abandon => {
                let turn = self.callback(|session, _| session.handle(Input::Abandoned, &JsValue::UNDEFINED));
                soon(turn.as_ref());
                self.turn.set(Some(turn));
                self.close(self.close_code(Cause::Terminate));
            }
            Action::AwaitClose => {
                let left = self.buffered_amount();
                self.count_down(Countdown::new(self.settings.close_timeout, left, timer::now()));
            }
            Action::AwaitVerdict => {
                self.last_error.set(Some(event.clone()));
                self.countdown.set(None);
                self.wait(VERDICT);
            }
        }
    }

    /// The connection as callbacks receive it.
    fn borrowed(&self) -> WebSocket {
        WebSocket::borrowed(self.connection.clone())
    }

    fn deliver(self: &Rc<Self>, event: &JsValue) {
        let data = event.unchecked_ref::<HostMessage>().data();
        match MessageEvent::decode(data, self.settings.data_type) {
            Ok(event) => self.handler.on_message(&self.borrowed(), event),
            Err(error) => {
                self.keep_error(error);
                self.handle(Input::Undecodable, event);
            }
        }
    }

    /// Keeps an exception for `onError`, unless an earlier one is kept.
    fn keep_error(&self, error: JsValue) {
        let first = self.last_error.take();
        self.last_error.set(first.or(Some(error)));
    }

    // --- Sending ---

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Returns whether a message can be sent immediately.
    pub(crate) fn is_free(&self) -> bool {
        self.connection.lifecycle.get().status() == Status::Connected && self.outbox.len() == 0
    }

    /// Returns whether messages wait to be passed to the host.
    #[cfg(feature = "futures")]
    pub(crate) fn has_queued(&self) -> bool {
        self.outbox.len() > 0
    }

    pub(crate) fn buffered_amount(&self) -> f64 {
        // A supervisor has a queue of its own.
        self.socket.buffered_amount() + self.shortcut.as_ref().map_or_else(|| self.outbox.bytes(), Shortcut::waiting)
    }

    /// Sends a payload, or queues it. A heartbeat that is queued ends with the connection.
    pub(crate) fn send(
        self: &Rc<Self>,
        message: &JsValue,
        payload: Payload,
        at_once: bool,
        #[cfg_attr(not(feature = "reconnecting"), allow(unused_variables))] is_heartbeat: bool,
    ) -> Result<(), Error> {
        let is_message = |cause| Error::because(ErrCode::Message, message, cause);
        if at_once && !matches!(payload, Payload::Blob(_)) {
            let payload = if self.socket.reads_later() { payload.snapshot().map_err(is_message)? } else { payload };
            // Checked after the payload was made: an application's `toJSON` may have ended the connection, and a host
            // silently drops messages then.
            if !self.socket.is_open() {
                return Err(Error::new(ErrCode::NotOpen));
            }
            return self.socket.send(&payload).map_err(|cause| Error::because(ErrCode::SendRefused, message, cause));
        }
        let frame = Frame::new(payload).map_err(is_message)?;
        #[cfg(feature = "reconnecting")]
        let frame = if self.is_kept() && !is_heartbeat { frame.of(message) } else { frame };
        if self.connection.status() > Status::Connected {
            return Err(Error::new(ErrCode::NotOpen));
        }
        self.outbox.push(frame);
        self.update_shortcut();
        if at_once {
            self.flush();
        }
        Ok(())
    }

    /// Sends the queued messages until the first unread `Blob`. When the queue is empty, closes the host's connection
    /// if that is pending.
    pub(crate) fn flush(self: &Rc<Self>) {
        while let Some(frame) = self.outbox.pop() {
            if let Payload::Blob(blob) = &frame.payload {
                let blob = blob.clone();
                self.outbox.put_back(frame);
                return self.read(&blob);
            }
            if !self.socket.is_open() {
                // The host's `close` event is pending.
                return self.outbox.put_back(frame);
            }
            self.update_shortcut();
            if let Err(cause) = self.socket.send(&frame.payload) {
                self.outbox.put_back(frame);
                self.update_shortcut();
                self.keep_error(cause);
                return self.handle(Input::Unsendable, &JsValue::UNDEFINED);
            }
        }
        let code = self.closing.get().filter(|_| !self.shortcut.as_ref().is_some_and(Shortcut::is_pending));
        if let Some(code) = code {
            self.closing.set(None);
            self.close(code);
        }
    }

    /// Reads the `Blob` at the front of the outbox.
    fn read(self: &Rc<Self>, blob: &Bytes) {
        if self.is_reading.replace(true) {
            return;
        }
        let session = Rc::downgrade(self);
        read(blob, move |outcome| {
            let Some(session) = session.upgrade() else {
                return;
            };
            session.is_reading.set(false);
            match outcome {
                Ok(bytes) => {
                    session.outbox.replace_front(bytes);
                    session.flush();
                }
                Err(cause) => session.handle(Input::Unsendable, &cause),
            }
        });
    }

    // --- Closing ---

    /// Stores the arguments of `terminate()`.
    pub(crate) fn set_ending(&self, code: CloseCode, reason: JsString) {
        self.ending.set((code, reason));
    }

    fn close_code(&self, cause: Cause) -> CloseCode {
        match cause {
            Cause::Undecodable => CloseCode::UNDECODABLE,
            Cause::Unsendable => CloseCode::UNSENDABLE,
            Cause::Overrun => CloseCode::OVERRUN,
            Cause::Terminate => {
                let (code, reason) = self.ending.take();
                self.ending.set((code, reason));
                code
            }
        }
    }

    fn close(&self, code: CloseCode) {
        let (_, reason) = self.ending.take();
        let before = self.buffered_amount();
        self.socket.close(code, &reason);
        if let Some(countdown) = self.countdown.get() {
            self.countdown.set(Some(countdown.closing(before, self.buffered_amount(), timer::now())));
        }
    }

    /// Sets the timer, in place of an earlier one.
    fn wait(self: &Rc<Self>, milliseconds: f64) {
        // The earlier timer is cleared first: some hosts reuse its number.
        drop(self.timer.take());
        let elapsed = |session: &Rc<Self>, _: &JsValue| session.elapsed();
        let callback = self.callback(move |session, nothing| session.dispatch(elapsed, nothing));
        self.timer.set(Some(Timer::new(milliseconds, callback)));
    }

    fn elapsed(self: &Rc<Self>) {
        if self.connection.lifecycle.get().status() == Status::Connected {
            return self.judge();
        }
        if let Some(countdown) = self.countdown.get()
            && let Some(next) = countdown.next(self.buffered_amount(), timer::now())
        {
            return self.count_down(next);
        }
        self.handle(Input::Elapsed { unsent: self.has_unsent() }, &JsValue::UNDEFINED);
    }

    fn count_down(self: &Rc<Self>, countdown: Countdown) {
        self.countdown.set(Some(countdown));
        self.wait(countdown.pause());
    }

    // --- Heartbeat ---

    /// Starts the heartbeat. Opening counts as a sign of life. The connection timeout no longer applies.
    fn start_heartbeat(self: &Rc<Self>) {
        drop(self.timer.take());
        if let Some(Beats { interval, timeout, .. }) = self.settings.heartbeat {
            self.last_received.set(None);
            self.pulse.set(Some(Pulse::new(interval, timeout, timer::now())));
            self.wait(interval);
        }
    }

    fn judge(self: &Rc<Self>) {
        let (Some(mut pulse), Some(beats)) = (self.pulse.get(), &self.settings.heartbeat) else {
            return;
        };
        match pulse.next(self.last_received.take(), self.buffered_amount(), timer::now()) {
            Beat::Gone => return self.handle(Input::Elapsed { unsent: self.has_unsent() }, &JsValue::UNDEFINED),
            Beat::Wait => {}
            Beat::Send => {
                // A host that is closing sends nothing more; its peer has the same time to finish.
                let is_sent = self.socket.is_ending() || self.beat(&beats.message);
                pulse.sent(is_sent, self.buffered_amount(), timer::now());
            }
        }
        // The application's function that returns the message may have ended the connection.
        if self.connection.lifecycle.get().status() == Status::Connected {
            self.pulse.set(Some(pulse));
            self.wait(pulse.pause());
        }
    }

    /// Sends a heartbeat, and returns whether it was sent. An exception of the application's function is reported as
    /// uncaught.
    fn beat(&self, message: &JsValue) -> bool {
        let given = match message.dyn_ref::<Function>() {
            Some(function) => function.call0(&JsValue::UNDEFINED),
            None => Ok(message.clone()),
        };
        let sent = given.and_then(|message| {
            let is_sent = self.shortcut.as_ref().map_or(Ok(false), |shortcut| shortcut.beat(&message))?;
            if is_sent { Ok(()) } else { self.connection.pass(&message, true).map_err(JsValue::from) }
        });
        sent.map_err(|error| report(&error)).is_ok()
    }

    // --- The end ---

    /// Returns whether messages are queued that would be lost with the connection.
    #[inline(always)]
    fn has_unsent(&self) -> bool {
        #[cfg(feature = "reconnecting")]
        if self.is_kept() {
            return false;
        }
        self.outbox.len() > 0
    }

    /// Returns whether the next connection sends the messages that this one does not.
    #[cfg(feature = "reconnecting")]
    fn is_kept(&self) -> bool {
        self.connection.keeper.get().is_some()
    }

    /// Takes the messages that were queued before this connection.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn take_over(&self, outbox: &Outbox) {
        while let Some(frame) = outbox.pop() {
            self.outbox.push(frame);
        }
        self.update_shortcut();
    }

    /// Moves the queued messages to the keeper, so that the next connection sends them. `is_unsendable` means that no
    /// connection can send the first one.
    #[cfg(feature = "reconnecting")]
    fn give_back(&self, is_unsendable: bool) {
        if let Some(keeper) = self.connection.keeper.get() {
            keeper.take_back(&self.outbox, is_unsendable);
        }
    }

    /// The size of the queue in bytes. An empty message counts as one.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn weight(&self) -> f64 {
        self.outbox.weight()
    }

    /// Discards the queued messages and calls `onError`.
    fn report(&self, fault: Fault, event: &JsValue) {
        let code = match fault {
            Fault::NotOpened => ErrCode::NotOpened,
            Fault::Late => ErrCode::Late,
            Fault::Silent => ErrCode::Silent,
            Fault::Overrun => ErrCode::Overrun,
            Fault::Lost => ErrCode::Lost,
            Fault::Unsent => ErrCode::Unsent,
            Fault::Undecodable if !is_decodable(&event.unchecked_ref::<HostMessage>().data()) => ErrCode::NoDecoder,
            Fault::Undecodable => ErrCode::Undecodable,
            Fault::Unsendable => ErrCode::Unsendable,
        };
        let unsent = self.outbox.len();
        #[cfg(feature = "reconnecting")]
        let unsent = if self.is_kept() { 0 } else { unsent };
        #[cfg(feature = "reconnecting")]
        self.give_back(fault == Fault::Unsendable);
        self.outbox.discard();
        self.update_shortcut();
        let source = self.last_error.take();
        let host_message = host_message_of(source.as_ref().unwrap_or(event));
        let timeout = self.settings.connection_timeout.filter(|_| fault == Fault::Late);
        let got = timeout.map(|timeout| number(timeout) + " ms").unwrap_or_default();
        self.handler.on_error(&self.borrowed(), ErrorEvent::new(code, &got, unsent, host_message));
    }

    /// Releases all resources of the connection, then calls `onTerminate`. After a closing handshake, code and reason
    /// are those of the host's `close` event.
    fn end(&self, ending: Ending, event: &JsValue) {
        drop((self.timer.take(), self.turn.take()));
        #[cfg(feature = "reconnecting")]
        self.give_back(false);
        self.outbox.discard();
        drop(self.connection.session.take());
        if let Some(shortcut) = &self.shortcut {
            shortcut.end();
        }
        self.socket.release();
        let event = match ending {
            Ending::Clean => {
                let event = event.unchecked_ref::<HostClose>();
                TerminateEvent {
                    code: event.any_code().as_f64().unwrap_or_default() as u16,
                    reason: event.any_reason().as_string().unwrap_or_default(),
                    was_clean: true,
                }
            }
            Ending::Abnormal => TerminateEvent { code: close::ABNORMAL, reason: String::new(), was_clean: false },
        };
        self.handler.on_terminate(&self.borrowed(), event);
    }

    /// Updates the state of the shortcut. Called wherever it may have changed.
    fn update_shortcut(&self) {
        if let Some(shortcut) = &self.shortcut {
            let is_free = self.is_free() && !self.socket.reads_later();
            let status = self.connection.lifecycle.get().status();
            shortcut.update(status, self.is_held(), is_free, self.outbox.bytes());
        }
    }
}
