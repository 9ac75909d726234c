//! A connection until it has ended: what happens goes into the lifecycle, and what comes out is done.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, Event, MessageEvent as HostMessage};

use crate::close::{self, CloseCode, Countdown};
use crate::connection::Connection;
use crate::error::{ErrCode, Error};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent, get, is_decodable, words_of};
use crate::handler::{ConnectionHandler, Settings};
use crate::lifecycle::{Action, Cause, Ending, Fault, Input};
use crate::message::{Bytes, Payload};
use crate::outbox::{Frame, Outbox};
use crate::report::soon;
use crate::shortcut::Shortcut;
use crate::socket::{HostSocket, Socket};
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
    /// The program has its object, so that callbacks may come.
    is_started: Cell<bool>,
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
    /// What a program in JavaScript does by itself.
    shortcut: Option<Shortcut>,
}

/// The listeners for the host's events, until they are dropped.
struct Listeners {
    /// Until the connection is open.
    open: Option<EventListener>,
    _error: EventListener,
    _close: EventListener,
    _message: MessageListener,
}

/// The listener for messages. It is no [`EventListener`], which is an `FnMut`: a message may come inside of another, where a
/// host answers before a call of `send` returns.
struct MessageListener {
    host: HostSocket,
    function: Function,
    _callback: Callback,
}

impl Drop for MessageListener {
    fn drop(&mut self) {
        let _ = self.host.remove_event_listener_with_callback("message", &self.function);
    }
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
    ) {
        let session = Rc::new(Self {
            connection: connection.clone(),
            socket,
            handler,
            settings,
            shortcut,
            is_started: Cell::new(false),
            outbox: Outbox::default(),
            is_reading: Cell::new(false),
            ending: Cell::default(),
            closing: Cell::new(None),
            last_error: Cell::new(None),
            listeners: Cell::new(None),
            timer: Cell::new(None),
            turn: Cell::new(None),
            countdown: Cell::new(None),
        });
        connection.session.set(Some(session.clone()));
        session.listeners.set(Some(session.listen()));
        session.is_started.set(true);
    }

    fn listen(self: &Rc<Self>) -> Listeners {
        let listener = |name: &'static str, heard: fn(&Rc<Self>, &JsValue)| {
            let session = self.clone();
            EventListener::new(self.socket.host(), name, move |event: &Event| session.hear(heard, event))
        };
        Listeners {
            open: Some(listener("open", Self::opened)),
            _message: self.listen_for_messages(),
            _error: listener("error", |session, event| session.handle(Input::Failed, event)),
            _close: listener("close", |session, event| {
                let code = event.unchecked_ref::<HostClose>().any_code().as_f64().unwrap_or_default();
                let input = Input::Ended { clean: close::is_from_server(code), unsent: session.outbox.len() > 0 };
                session.handle(input, event);
            }),
        }
    }

    fn listen_for_messages(self: &Rc<Self>) -> MessageListener {
        let received = |session: &Rc<Self>, event: &JsValue| session.handle(Input::Received, event);
        let callback = self.callback(move |session, event| session.hear(received, event));
        let function = callback.as_ref().unchecked_ref::<Function>().clone();
        let function = self.shortcut.as_ref().map_or(function.clone(), |shortcut| shortcut.listener(&function));
        let host = self.socket.host().clone();
        let _ = host.add_event_listener_with_callback("message", &function);
        MessageListener { host, function, _callback: callback }
    }

    /// Handles an event of the host's; in a turn of its own, if it comes before the program has the object.
    fn hear(self: &Rc<Self>, heard: fn(&Rc<Self>, &JsValue), event: &JsValue) {
        if self.is_started.get() {
            return heard(self, event);
        }
        let event = event.clone();
        // Collected with its function, since there may be many.
        soon(&self.callback(move |session, _| session.hear(heard, &event)).into_js_value());
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
            Action::Open => self.handler.on_open(&self.lent()),
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
        let settled = Callback::own_assert_unwind_safe(move |outcomes: JsValue| {
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
        // Collected with its function: a promise cannot be told that nobody waits for it any more.
        settling.then_call(&settled.into_js_value());
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
        self.timer.set(Some(Timer::new(milliseconds, self.callback(|session, _| session.elapsed()))));
    }

    fn elapsed(self: &Rc<Self>) {
        if let Some(countdown) = self.countdown.get()
            && let Some(next) = countdown.next(self.buffered_amount(), timer::now())
        {
            return self.count_down(next);
        }
        self.handle(Input::Elapsed { unsent: self.outbox.len() > 0 }, &JsValue::UNDEFINED);
    }

    fn count_down(self: &Rc<Self>, countdown: Countdown) {
        self.countdown.set(Some(countdown));
        self.wait(countdown.pause());
    }

    // --- The end ---

    /// Calls `onError`; what waits is given up.
    fn report(&self, fault: Fault, event: &JsValue) {
        let code = match fault {
            Fault::NotOpened => ErrCode::NotOpened,
            Fault::Lost => ErrCode::Lost,
            Fault::Unsent => ErrCode::Unsent,
            Fault::Undecodable if !is_decodable(&event.unchecked_ref::<HostMessage>().data()) => ErrCode::NoDecoder,
            Fault::Undecodable => ErrCode::Undecodable,
            Fault::Unsendable => ErrCode::Unsendable,
        };
        let unsent = self.outbox.len();
        self.outbox.give_up();
        self.changed();
        let source = self.last_error.take();
        let words = words_of(source.as_ref().unwrap_or(event));
        self.handler.on_error(&self.lent(), ErrorEvent::new(code, unsent, words));
    }

    /// Lets go of all that is only there until the end, then calls `onTerminate` with what the host's `close` event says;
    /// without a closing handshake, the connection was lost.
    fn end(&self, ending: Ending, event: &JsValue) {
        drop((self.timer.take(), self.turn.take()));
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
            shortcut.update(self.connection.lifecycle.get().status(), is_free, self.outbox.bytes());
        }
    }
}
