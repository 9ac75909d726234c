//! A connection until it has ended: what happens goes into the lifecycle, and what comes out is done.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, Event, MessageEvent as HostMessage};

use crate::close::{self, CloseCode, Countdown};
use crate::connection::Connection;
use crate::error::{ErrCode, Error, number};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent, get, is_decodable, words_of};
use crate::handler::{Beats, ConnectionHandler, Settings};
use crate::lifecycle::{Action, Cause, Ending, Fault, Input};
use crate::listener::Listener;
use crate::message::{Bytes, Payload};
use crate::outbox::{Frame, Outbox};
use crate::pulse::{Beat, Pulse};
use crate::report::{report, soon};
use crate::shortcut::Shortcut;
use crate::socket::Socket;
use crate::status::Status;
use crate::timer::{self, Callback, Timer};
use crate::websocket::WebSocket;

/// How long a host's `close` event may take to follow its `error` event, in milliseconds. Hosts that send one do so at once.
const VERDICT: f64 = 50.0;

/// What there is of a connection between the host and the handler.
pub(crate) struct Session {
    connection: Rc<Connection>,
    socket: Socket,
    handler: Box<dyn ConnectionHandler>,
    settings: Settings,
    /// What happened while no callback may come, for the program has not got its object yet, or not got on with it.
    held: Cell<Option<Vec<(Heard, JsValue)>>>,
    outbox: Outbox,
    /// A `Blob` in front of the outbox is being read.
    is_reading: Cell<bool>,
    /// The code and the reason of `terminate()`.
    ending: Cell<(CloseCode, JsString)>,
    /// The code to close with when nothing waits any more.
    closing: Cell<Option<CloseCode>>,
    /// What is kept for `onError`: an event of the host's, or an exception.
    last_error: Cell<Option<JsValue>>,
    listeners: Cell<Option<Listeners>>,
    timer: Cell<Option<Timer>>,
    /// The turn in which a connection ends that was not open yet.
    turn: Cell<Option<Callback>>,
    /// The wait for the answer to a close frame, where that is what the timer is for.
    countdown: Cell<Option<Countdown>>,
    /// The heartbeat of an open connection, where that is what the timer is for.
    pulse: Cell<Option<Pulse>>,
    /// When something came last, by the host's clock, if that was since the timer was set.
    heard: Cell<Option<f64>>,
    /// What a program in JavaScript does by itself.
    shortcut: Option<Shortcut>,
}

/// What is done about something that happened.
type Heard = fn(&Rc<Session>, &JsValue);

/// All listeners, until they are dropped.
struct Listeners {
    /// Until the connection is open.
    open: Option<EventListener>,
    _error: EventListener,
    _close: EventListener,
    _message: Option<Listener>,
    /// For the program's signal that ends the connection.
    _abort: Option<Listener>,
    /// Of a connection with a heartbeat: notes when something came.
    _life: Option<EventListener>,
}

#[wasm_bindgen]
extern "C" {
    /// The host's `close` event. Doubles may have other numbers and no reason.
    #[wasm_bindgen(extends = CloseEvent)]
    type HostClose;
    #[wasm_bindgen(method, getter, js_name = code)]
    fn any_code(this: &HostClose) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = reason)]
    fn any_reason(this: &HostClose) -> JsValue;

    #[wasm_bindgen(extends = Promise)]
    type Settling;
    #[wasm_bindgen(method, js_name = then)]
    fn then_call(this: &Settling, callback: &JsValue);
}

impl Session {
    /// Has everything that happens to the host's connection come from now on.
    pub(crate) fn start(
        connection: &Rc<Connection>,
        socket: Socket,
        handler: Box<dyn ConnectionHandler>,
        settings: Settings,
        shortcut: Option<Shortcut>,
        abort: Option<Listener>,
    ) {
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
            heard: Cell::new(None),
        });
        connection.session.set(Some(session.clone()));
        session.listeners.set(Some(session.listen(abort)));
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
    }

    fn listen(self: &Rc<Self>, abort: Option<Listener>) -> Listeners {
        let listener = |name: &'static str, heard: Heard| {
            let session = self.clone();
            EventListener::new(self.socket.host(), name, move |event: &Event| session.hear(heard, event))
        };
        let note_life = || {
            let session = self.clone();
            EventListener::new(self.socket.host(), "message", move |_| session.heard.set(Some(timer::now())))
        };
        Listeners {
            open: Some(listener("open", Self::opened)),
            _abort: abort,
            _life: self.settings.heartbeat.is_some().then(note_life),
            _message: self.listen_for_messages(),
            _error: listener("error", |session, event| session.handle(Input::Failed, event)),
            _close: listener("close", |session, event| {
                let code = event.unchecked_ref::<HostClose>().any_code().as_f64().unwrap_or_default();
                let input = Input::Ended { clean: close::is_from_server(code), unsent: session.has_unsent() };
                session.handle(input, event);
            }),
        }
    }

    fn listen_for_messages(self: &Rc<Self>) -> Option<Listener> {
        let received = |session: &Rc<Self>, event: &JsValue| session.handle(Input::Received, event);
        let callback = self.callback(move |session, event| session.hear(received, event));
        let function = callback.as_ref().unchecked_ref::<Function>().clone();
        let function = self.shortcut.as_ref().map_or(function.clone(), |shortcut| shortcut.listener(&function));
        Listener::new(self.socket.host(), "message", callback, function).ok()
    }

    /// Handles what happens now, or when callbacks may come.
    fn hear(self: &Rc<Self>, heard: Heard, event: &JsValue) {
        match self.held.take() {
            Some(mut held) => {
                held.push((heard, event.clone()));
                self.held.set(Some(held));
            }
            None => heard(self, event),
        }
    }

    #[cfg(any(feature = "class", feature = "futures"))]
    /// Has no callback come before a task of its own: what waits for the connection to be open gets on before.
    pub(crate) fn hold(self: &Rc<Self>) {
        self.held.set(Some(Vec::new()));
        self.changed();
        let session = self.clone();
        timer::task(&timer::once(move |_| session.release()));
    }

    /// Handles what happened meanwhile, in its order; what happens inside of that comes behind it.
    fn release(self: &Rc<Self>) {
        while let Some(held) = self.held.take().filter(|held| !held.is_empty()) {
            self.held.set(Some(Vec::new()));
            for (heard, event) in held {
                heard(self, &event);
            }
        }
        self.changed();
    }

    fn is_held(&self) -> bool {
        let held = self.held.take();
        let is_held = held.is_some();
        self.held.set(held);
        is_held
    }

    /// What calls back with the session.
    fn callback(self: &Rc<Self>, call: impl Fn(&Rc<Self>, &JsValue) + 'static) -> Callback {
        let session = self.clone();
        Callback::own_assert_unwind_safe(move |given: JsValue| call(&session, &given))
    }

    /// Not every host checks that the server chose a subprotocol that was offered.
    fn opened(self: &Rc<Self>, event: &JsValue) {
        // Another such event, inside of what follows too, says nothing.
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

    /// Puts what happened to the lifecycle, and does what it says. `event` is what the host, or what failed, says about it.
    pub(crate) fn handle(self: &Rc<Self>, input: Input, event: &JsValue) {
        let mut lifecycle = self.connection.lifecycle.get();
        let before = lifecycle.status();
        let actions = lifecycle.step(input);
        self.connection.lifecycle.set(lifecycle);
        if lifecycle.status() != before {
            self.changed();
        }
        if lifecycle.status() == Status::Closed {
            // Before anything is called: what the host says now is too late.
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
                self.await_life();
                self.handler.on_open(&self.lent());
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

    /// What the callbacks are given.
    fn lent(&self) -> WebSocket {
        WebSocket::lent(self.connection.clone())
    }

    fn deliver(self: &Rc<Self>, event: &JsValue) {
        let data = event.unchecked_ref::<HostMessage>().data();
        match MessageEvent::decode(data, self.settings.data_type) {
            Ok(event) => self.handler.on_message(&self.lent(), event),
            Err(error) => {
                self.note(error);
                self.handle(Input::Undecodable, event);
            }
        }
    }

    /// Keeps an exception for `onError`, unless another came first.
    fn note(&self, error: JsValue) {
        let first = self.last_error.take();
        self.last_error.set(first.or(Some(error)));
    }

    // --- Sending ---

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Whether a message can leave at once.
    pub(crate) fn is_free(&self) -> bool {
        self.connection.lifecycle.get().status() == Status::Connected && self.outbox.len() == 0
    }

    pub(crate) fn buffered_amount(&self) -> f64 {
        self.socket.buffered_amount() + self.outbox.bytes()
    }

    /// Sends a payload, or keeps it until that can be.
    pub(crate) fn send(self: &Rc<Self>, message: &JsValue, payload: Payload, at_once: bool) -> Result<(), Error> {
        let is_message = |cause| Error::because(ErrCode::Message, message, cause);
        if at_once && !matches!(payload, Payload::Blob(_)) {
            let payload = if self.socket.reads_later() { payload.snapshot().map_err(is_message)? } else { payload };
            // Asked after the payload was made: that may have ended the connection, and a host drops in silence what it is
            // given then.
            if !self.socket.is_open() {
                return Err(Error::new(ErrCode::NotOpen));
            }
            return self.socket.send(&payload).map_err(|cause| Error::because(ErrCode::SendRefused, message, cause));
        }
        let frame = Frame::new(payload).map_err(is_message)?;
        #[cfg(feature = "reconnecting")]
        let frame = if self.is_kept() { frame.of(message) } else { frame };
        if self.connection.status() > Status::Connected {
            return Err(Error::new(ErrCode::NotOpen));
        }
        self.outbox.push(frame);
        self.changed();
        if at_once {
            self.flush();
        }
        Ok(())
    }

    /// Hands the waiting messages to the host as far as they can be had, then closes it if that is what is left.
    fn flush(self: &Rc<Self>) {
        while let Some(frame) = self.outbox.pop() {
            if let Payload::Blob(blob) = &frame.payload {
                let blob = blob.clone();
                self.outbox.put_back(frame);
                return self.read(&blob);
            }
            if !self.socket.is_open() {
                // The host's `close` event is on the way.
                return self.outbox.put_back(frame);
            }
            self.changed();
            if let Err(cause) = self.socket.send(&frame.payload) {
                self.outbox.put_back(frame);
                self.changed();
                self.note(cause);
                return self.handle(Input::Unsendable, &JsValue::UNDEFINED);
            }
        }
        if let Some(code) = self.closing.take() {
            self.close(code);
        }
    }

    /// Reads the `Blob` in front.
    fn read(self: &Rc<Self>, blob: &Bytes) {
        if self.is_reading.replace(true) {
            return;
        }
        let reading =
            blob.array_buffer().map_or_else(|error| Promise::reject(&error), |bytes| Promise::resolve(&bytes));
        let session = Rc::downgrade(self);
        // A promise cannot be told that nobody waits for it any more: what it calls frees itself then.
        let settled = timer::once(move |outcomes| {
            let Some(session) = session.upgrade() else {
                return;
            };
            let outcome = Array::from(&outcomes).get(0);
            session.is_reading.set(false);
            match get(&outcome, "value").unwrap_or_default() {
                bytes if bytes.is_object() => {
                    session.outbox.replace_front(bytes.unchecked_into());
                    session.flush();
                }
                _ => session.handle(Input::Unsendable, &get(&outcome, "reason").unwrap_or_default()),
            }
        });
        let settling = Promise::all_settled(&Array::of1(&reading)).unchecked_into::<Settling>();
        settling.then_call(&settled);
    }

    // --- Closing ---

    /// What `terminate()` was given.
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

    /// Waits until the time that a timer is for has passed, in place of what was waited for before.
    fn wait(self: &Rc<Self>, milliseconds: f64) {
        // The one before ends first: some hosts give its number anew.
        drop(self.timer.take());
        let elapsed = |session: &Rc<Self>, _: &JsValue| session.elapsed();
        let callback = self.callback(move |session, nothing| session.hear(elapsed, nothing));
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

    /// Begins to look for signs of life, of which opening is one. The time to open is over.
    fn await_life(self: &Rc<Self>) {
        drop(self.timer.take());
        if let Some(Beats { interval, timeout, .. }) = self.settings.heartbeat {
            self.heard.set(None);
            self.pulse.set(Some(Pulse::new(interval, timeout, timer::now())));
            self.wait(interval);
        }
    }

    fn judge(self: &Rc<Self>) {
        let (Some(mut pulse), Some(beats)) = (self.pulse.get(), &self.settings.heartbeat) else {
            return;
        };
        match pulse.next(self.heard.take(), self.buffered_amount(), timer::now()) {
            Beat::Gone => return self.handle(Input::Elapsed { unsent: self.has_unsent() }, &JsValue::UNDEFINED),
            Beat::Wait => {}
            Beat::Send => {
                let went = self.beat(&beats.message);
                pulse.sent(went, self.buffered_amount(), timer::now());
            }
        }
        // The function that gives the message may have ended the connection.
        if self.connection.lifecycle.get().status() == Status::Connected {
            self.pulse.set(Some(pulse));
            self.wait(pulse.pause());
        }
    }

    /// Sends a heartbeat, and tells whether it went. An exception in the function that gives it is the application's.
    fn beat(&self, message: &JsValue) -> bool {
        let given = match message.dyn_ref::<Function>() {
            Some(function) => function.call0(&JsValue::UNDEFINED),
            None => Ok(message.clone()),
        };
        let sent = given.and_then(|message| self.connection.send(&message).map_err(JsValue::from));
        sent.map_err(|error| report(&error)).is_ok()
    }

    // --- The end ---

    /// Messages wait that would be lost with the connection.
    #[inline(always)]
    fn has_unsent(&self) -> bool {
        #[cfg(feature = "reconnecting")]
        if self.is_kept() {
            return false;
        }
        self.outbox.len() > 0
    }

    /// Whether another connection sends what this one does not.
    #[cfg(feature = "reconnecting")]
    fn is_kept(&self) -> bool {
        self.connection.keeper.get().is_some()
    }

    /// Takes over what waits to be sent.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn take_over(&self, outbox: &Outbox) {
        while let Some(frame) = outbox.pop() {
            self.outbox.push(frame);
        }
        self.changed();
    }

    /// Gives what waits to who sends it by another connection; the first may be one that cannot be sent at all.
    #[cfg(feature = "reconnecting")]
    fn give_back(&self, is_unsendable: bool) {
        if let Some(keeper) = self.connection.keeper.get() {
            keeper.take_back(&self.outbox, is_unsendable);
        }
    }

    /// What waits, an empty message counting as one byte.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn weight(&self) -> f64 {
        self.outbox.weight()
    }

    /// Calls `onError`; what waits is given up.
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
        self.outbox.give_up();
        self.changed();
        let source = self.last_error.take();
        let words = words_of(source.as_ref().unwrap_or(event));
        let timeout = self.settings.connection_timeout.filter(|_| fault == Fault::Late);
        let got = timeout.map(|timeout| number(timeout) + " ms").unwrap_or_default();
        self.handler.on_error(&self.lent(), ErrorEvent::new(code, &got, unsent, words));
    }

    /// Lets go of all that is only there until the end, then calls `onTerminate` with what the host's `close` event says;
    /// without a closing handshake, the connection was lost.
    fn end(&self, ending: Ending, event: &JsValue) {
        drop((self.timer.take(), self.turn.take()));
        #[cfg(feature = "reconnecting")]
        self.give_back(false);
        self.outbox.give_up();
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
        self.handler.on_terminate(&self.lent(), event);
    }

    /// Tells a program in JavaScript what it may do by itself: called wherever that may have changed.
    fn changed(&self) {
        if let Some(shortcut) = &self.shortcut {
            let is_free = self.is_free() && !self.socket.reads_later();
            let status = self.connection.lifecycle.get().status();
            shortcut.update(status, self.is_held(), is_free, self.outbox.bytes());
        }
    }
}
