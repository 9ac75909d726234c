//! One connection: the lifecycle, put to work between a host and a handler.

use alloc::rc::{Rc, Weak};
use core::cell::Cell;

use wasm_bindgen::{JsCast, JsValue};

use crate::close::{self, CloseCode, Countdown};
use crate::error::ErrCode;
use crate::handler::{DataType, Settings};
use crate::host::{self, Callback, Kind, Socket, sent};
use crate::lifecycle::{Action, Cause, Ending, Fault, Input, Lifecycle};
use crate::listeners::Listeners;
use crate::status::Status;
use crate::timer::Timer;

/// How long a host's `close` event may take to follow its `error` event, in milliseconds. Hosts that send one do
/// so at once.
const VERDICT: f64 = 50.0;

/// What stays of a connection as long as its object.
pub(crate) struct Connection {
    id: f64,
    url: JsValue,
    data_type: DataType,
    lifecycle: Cell<Lifecycle>,
    /// There from when the connection is open.
    protocol: Cell<Option<JsValue>>,
    /// There until the connection has ended.
    link: Cell<Option<Rc<Link>>>,
    /// The handler after the end, a `WeakRef`.
    kept_handler: Cell<Option<JsValue>>,
}

/// What there is between the host and the handler until the connection has ended.
struct Link {
    connection: Rc<Connection>,
    socket: Socket,
    handler: JsValue,
    /// The object the application has.
    object: JsValue,
    /// The subprotocols that were offered, a list or undefined.
    protocols: JsValue,
    close_timeout: f64,
    /// The application has the object.
    is_returned: Cell<bool>,
    /// The messages that wait, while the connection is being opened and behind a `Blob` that is being read.
    outbox: JsValue,
    /// The code and the reason that `terminate()` was given.
    farewell: Cell<Option<(CloseCode, JsValue)>>,
    /// The host's connection is to be closed for this when the outbox is empty.
    closing: Cell<Option<Cause>>,
    /// The host's `error` event, when its `close` event is still to come.
    said: Cell<JsValue>,
    listeners: Cell<Option<Listeners>>,
    timer: Cell<Option<Timer>>,
}

impl Connection {
    /// Opens a connection, whose object is what `wrap` makes of it; nothing is open if it fails.
    pub(crate) fn open(
        url: &JsValue,
        handler: &JsValue,
        wrap: impl FnOnce(Rc<Self>) -> JsValue,
    ) -> Result<JsValue, JsValue> {
        let text = host::present(host::url_text(url)).ok_or_else(|| ErrCode::Url.about(url))?;
        let settings = Settings::read(handler)?;
        let class = host::present(host::class()).ok_or_else(|| ErrCode::NoHost.plain())?;
        let socket = host::connect(&class, &text, &settings.protocols, &settings.headers, settings.data_type as i32);
        let Some(socket) = host::present(socket) else {
            // Url, subprotocols and headers are right: where there are headers, they are what the host objects to.
            let error = match host::present(settings.headers) {
                Some(_) => ErrCode::HeadersUnsupported,
                None => ErrCode::HostRefused,
            };
            return Err(error.because(&text, &host::take_fault()));
        };

        let connection = Rc::new(Self {
            id: host::next_id(),
            url: text,
            data_type: settings.data_type,
            lifecycle: Cell::new(Lifecycle::new()),
            protocol: Cell::new(None),
            link: Cell::new(None),
            kept_handler: Cell::new(None),
        });
        let object = wrap(connection.clone());
        let link = Rc::new(Link {
            connection: connection.clone(),
            socket: socket.unchecked_into(),
            handler: host::present(handler.clone()).unwrap_or(JsValue::NULL),
            object: object.clone(),
            protocols: settings.protocols,
            close_timeout: settings.close_timeout,
            is_returned: Cell::new(false),
            outbox: host::outbox(),
            farewell: Cell::new(None),
            closing: Cell::new(None),
            said: Cell::new(JsValue::UNDEFINED),
            listeners: Cell::new(None),
            timer: Cell::new(None),
        });
        link.listen();
        link.is_returned.set(true);
        connection.link.set(Some(link));
        Ok(object)
    }

    pub(crate) fn send(&self, message: &JsValue) -> Result<(), JsValue> {
        let Some(link) = self.link() else {
            return Err(ErrCode::NotOpen.plain());
        };
        match self.lifecycle.get().status() {
            Status::Connecting => link.enqueue(message),
            Status::Connected if link.is_unsent() => link.enqueue(message),
            Status::Connected => match host::send(&link.socket, message) {
                sent::DONE => Ok(()),
                sent::BLOB => {
                    link.enqueue(message)?;
                    link.flush();
                    Ok(())
                }
                sent::NOT_OPEN => Err(ErrCode::NotOpen.plain()),
                sent::NOT_A_MESSAGE => Err(ErrCode::Message.because(message, &host::take_fault())),
                _ => Err(ErrCode::SendRefused.because(message, &host::take_fault())),
            },
            _ => Err(ErrCode::NotOpen.plain()),
        }
    }

    pub(crate) fn terminate(&self, code: &JsValue, reason: &JsValue) -> Result<(), JsValue> {
        let allowed = match host::kind(code) {
            Kind::Undefined => Some(CloseCode::NORMAL),
            _ => host::number_of(code).and_then(CloseCode::new),
        };
        let Some(code) = allowed else {
            return Err(ErrCode::CloseCode.about(code));
        };
        if host::kind(reason) != Kind::Undefined && !host::units_of(reason).is_some_and(close::is_reason) {
            return Err(ErrCode::CloseReason.about(reason));
        }
        if let Some(link) = self.link() {
            // Only the first call counts.
            if self.lifecycle.get().status() <= Status::Connected {
                link.farewell.set(Some((code, reason.clone())));
            }
            link.handle(Input::Terminate, &JsValue::UNDEFINED);
        }
        Ok(())
    }

    pub(crate) fn status(&self) -> Status {
        let status = self.lifecycle.get().status();
        match self.link() {
            // The peer is closing: the host takes nothing any more, though its `close` event is still to come.
            Some(link) if status == Status::Connected && host::is_ending(&link.socket) => Status::Closing,
            _ => status,
        }
    }

    #[cfg(feature = "class")]
    pub(crate) fn handler(&self) -> JsValue {
        if let Some(link) = self.link() {
            return link.handler.clone();
        }
        peek(&self.kept_handler).map_or(JsValue::NULL, |weak| host::kept(&weak))
    }

    pub(crate) fn buffered_amount(&self) -> f64 {
        self.link().map_or(0.0, |link| link.buffered_amount())
    }

    pub(crate) fn protocol(&self) -> JsValue {
        host::text(&peek(&self.protocol).unwrap_or_default())
    }

    pub(crate) fn data_type(&self) -> DataType {
        self.data_type
    }

    pub(crate) fn url(&self) -> JsValue {
        self.url.clone()
    }

    pub(crate) fn id(&self) -> f64 {
        self.id
    }

    fn link(&self) -> Option<Rc<Link>> {
        peek(&self.link)
    }
}

/// What is in a cell.
fn peek<T: Clone>(cell: &Cell<Option<T>>) -> Option<T> {
    let value = cell.take();
    cell.set(value.clone());
    value
}

impl Link {
    fn listen(self: &Rc<Self>) {
        let callback = |heard: fn(&Rc<Self>, &JsValue)| {
            let link = self.clone();
            Callback::new(move |event: &JsValue| heard(&link, event))
        };
        self.listeners.set(Some(Listeners::new(
            &self.socket,
            [
                callback(Self::opened),
                callback(|link, event| link.handle(Input::Received, event)),
                callback(|link, event| link.handle(Input::Failed, event)),
                callback(|link, event| {
                    let clean = close::is_from_server(host::code(event));
                    let unsent = link.is_unsent();
                    link.handle(Input::Ended { clean, unsent }, event);
                }),
            ],
        )));
    }

    /// Not every host checks that the server chose a subprotocol that was offered.
    fn opened(self: &Rc<Self>, event: &JsValue) {
        let protocol = host::present(host::protocol(&self.socket, &self.protocols));
        let input = if protocol.is_some() { Input::Opened } else { Input::Failed };
        self.connection.protocol.set(protocol);
        self.handle(input, event);
    }

    fn is_unsent(&self) -> bool {
        host::waiting(&self.outbox) > 0
    }

    /// Puts what happened to the lifecycle, and does what it says.
    fn handle(self: &Rc<Self>, input: Input, event: &JsValue) {
        if !self.is_returned.get() {
            return self.handle_soon(input, event.clone());
        }
        let connection = &self.connection;
        let mut lifecycle = connection.lifecycle.get();
        let actions = lifecycle.step(input);
        connection.lifecycle.set(lifecycle);
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
            Action::Open => host::call_open(&self.object, &self.handler),
            Action::Message => {
                let data_type = self.connection.data_type as i32;
                if host::deliver(data_type, &self.object, &self.handler, event) != 0 {
                    self.handle(Input::Undecodable, &host::take_fault());
                }
            }
            Action::Receive => self.handle(Input::Received, event),
            Action::Error(fault) => self.report(fault, event),
            Action::Terminate(ending) => self.end(ending, event),
            Action::Close(cause) => {
                self.closing.set(Some(cause));
                self.flush();
            }
            Action::Abandon => {
                self.handle_soon(Input::Abandoned, JsValue::UNDEFINED);
                self.close_host(Cause::Terminate);
            }
            Action::AwaitClose => {
                let countdown = Countdown::new(self.close_timeout, host::now(), self.buffered_amount());
                self.after(countdown.first(), move |link| link.await_close(countdown));
            }
            Action::AwaitVerdict => {
                self.said.set(event.clone());
                self.after(VERDICT, Self::elapsed);
            }
        }
    }

    fn buffered_amount(&self) -> f64 {
        host::buffered(&self.socket, &self.outbox)
    }

    /// Puts a message in the outbox as it is now.
    fn enqueue(&self, message: &JsValue) -> Result<(), JsValue> {
        let frame = host::present(host::frame(message))
            .ok_or_else(|| ErrCode::Message.because(message, &host::take_fault()))?;
        // An application's `toJSON` may have ended the connection.
        if self.connection.status() > Status::Connected {
            return Err(ErrCode::NotOpen.plain());
        }
        host::push(&self.outbox, &frame);
        Ok(())
    }

    /// Hands the waiting messages to the host as far as they can be had, then closes it if that is what is left.
    fn flush(self: &Rc<Self>) {
        match host::flush(&self.socket, &self.outbox) {
            sent::DONE => {
                if let Some(cause) = self.closing.take() {
                    self.close_host(cause);
                }
            }
            sent::BLOB => self.read(),
            // The host's `close` event is on the way.
            sent::NOT_OPEN => {}
            _ => self.handle(Input::Unsendable, &host::take_fault()),
        }
    }

    /// Reads the `Blob` in front of the outbox.
    fn read(self: &Rc<Self>) {
        let link = Rc::downgrade(self);
        let done = move |was_read: &JsValue| {
            let Some(link) = Weak::upgrade(&link) else {
                return;
            };
            if host::kind(was_read) == Kind::Undefined {
                link.handle(Input::Unsendable, &host::take_fault());
            } else {
                link.flush();
            }
        };
        // Left to the garbage collector: a promise cannot be told that nobody waits for it any more.
        host::read(&self.outbox, &Callback::new(done).into_js_value());
    }

    fn close_host(&self, cause: Cause) {
        let none = JsValue::UNDEFINED;
        let (code, reason) = match cause {
            Cause::Undecodable => (CloseCode::UNDECODABLE, none),
            Cause::Unsendable => (CloseCode::UNSENDABLE, none),
            Cause::Terminate => self.farewell.take().unwrap_or((CloseCode::NORMAL, none)),
        };
        host::close(&self.socket, code.get().into(), &reason);
    }

    /// Handles an input in a turn of its own.
    fn handle_soon(self: &Rc<Self>, input: Input, event: JsValue) {
        let link = Rc::downgrade(self);
        let turn = move |_: &JsValue| {
            if let Some(link) = Weak::upgrade(&link) {
                link.handle(input, &event);
            }
        };
        host::soon(&Callback::new(turn).into_js_value());
    }

    fn await_close(self: &Rc<Self>, mut countdown: Countdown) {
        match countdown.next(host::now(), self.buffered_amount()) {
            Some(wait) => self.after(wait, move |link| link.await_close(countdown)),
            None => self.elapsed(),
        }
    }

    fn elapsed(self: &Rc<Self>) {
        let unsent = self.is_unsent();
        self.handle(Input::Elapsed { unsent }, &JsValue::UNDEFINED);
    }

    /// Does something after so many milliseconds, in place of what was to be done before.
    fn after(self: &Rc<Self>, milliseconds: f64, then: impl Fn(&Rc<Self>) + 'static) {
        let link = self.clone();
        let callback = Callback::new(move |_: &JsValue| then(&link));
        self.timer.set(Some(Timer::new(milliseconds, callback)));
    }

    /// Calls `onError`. The messages that wait are not sent any more.
    fn report(&self, fault: Fault, event: &JsValue) {
        let error = match fault {
            Fault::NotOpened => ErrCode::NotOpened,
            Fault::Lost => ErrCode::Lost,
            Fault::Unsent => ErrCode::Unsent,
            Fault::Undecodable => ErrCode::Undecodable,
            Fault::Unsendable => ErrCode::Unsendable,
        };
        let unsent = host::waiting(&self.outbox);
        host::clear(&self.outbox);
        let said = host::present(self.said.take());
        let source = said.as_ref().unwrap_or(event);
        host::call_error(
            &self.object,
            &self.handler,
            error.number(),
            error.text(),
            unsent,
            ErrCode::HostSaid.number(),
            source,
        );
    }

    /// Lets go of everything, then calls `onTerminate`.
    fn end(&self, ending: Ending, event: &JsValue) {
        let connection = &self.connection;
        if host::kind(&self.handler) == Kind::Object {
            let kept = host::keep(&self.object, &self.handler);
            connection.kept_handler.set(Some(kept));
        }
        connection.link.take();
        self.listeners.take();
        self.timer.take();
        host::release(&self.socket);
        match ending {
            Ending::Clean => {
                host::call_terminate(&self.object, &self.handler, host::code(event), event);
            }
            Ending::Abnormal => host::call_terminate(&self.object, &self.handler, close::ABNORMAL, &JsValue::UNDEFINED),
        }
    }
}
