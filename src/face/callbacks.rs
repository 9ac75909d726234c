//! The way from a connection to the handler of a Rust program.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, OnceCell};

use wasm_bindgen::prelude::*;

use crate::connection::Connection;
use crate::data_type::DataType;
use crate::host;

use super::event::{ErrorEvent, MessageEvent, TerminateEvent};
use super::{ConnectionHandler, WebSocket};

#[wasm_bindgen(module = "/src/face/callbacks.js")]
extern "C" {
    #[wasm_bindgen(js_name = handlerOf)]
    fn handler_of(
        call: &JsValue,
        data_type: &JsValue,
        pairs: Vec<String>,
        protocols: Vec<String>,
        close_timeout: f64,
    ) -> JsValue;
}

/// What JavaScript calls with the place of a callback, and what it is told.
type Call = Closure<dyn Fn(u32, JsValue)>;

/// What a connection keeps of a Rust program until it has ended.
struct Callbacks {
    handler: Box<dyn ConnectionHandler>,
    /// What the handler is given, there from when the connection is.
    ws: OnceCell<WebSocket>,
    /// What calls these callbacks, and keeps them, until the connection has ended.
    call: Cell<Option<Call>>,
}

/// Opens a connection that calls back to `handler`; nothing is open, and nothing kept, if it fails.
pub(crate) fn open(url: &str, handler: Box<dyn ConnectionHandler>) -> Result<WebSocket, JsValue> {
    let url = JsValue::from_str(url);
    let callbacks = Rc::new(Callbacks { handler, ws: OnceCell::new(), call: Cell::new(None) });
    let call = callbacks.clone().into_call();
    let data_type = callbacks.handler.data_type();
    let object = callbacks.object(&call, data_type);
    let connection = Connection::open(&url, &object)?;
    connection.listen(&object);
    callbacks.ws.get_or_init(|| WebSocket::of(connection.clone(), data_type));
    callbacks.call.set(Some(call));
    Ok(WebSocket::of(connection, data_type))
}

impl Callbacks {
    /// Each may be called while it is being called.
    fn into_call(self: Rc<Self>) -> Call {
        Closure::own_assert_unwind_safe(move |place: u32, told: JsValue| {
            let Some(ws) = self.ws.get() else {
                return;
            };
            match place {
                0 => self.handler.on_open(ws),
                1 => self.handler.on_message(ws, MessageEvent::new(told, ws.data_type())),
                2 => self.handler.on_error(ws, ErrorEvent::new(told.unchecked_ref())),
                _ => {
                    // All is freed when this call and those around it are over, even if they throw: JavaScript counts
                    // them.
                    drop(self.call.take());
                    self.handler.on_terminate(ws, TerminateEvent::new(told.unchecked_ref()));
                }
            }
        })
    }

    /// The handler as a connection takes it.
    fn object(&self, call: &Call, data_type: DataType) -> JsValue {
        let handler = &self.handler;
        handler_of(
            call.as_ref(),
            &host::data_type_name(data_type),
            handler.headers().into_iter().flat_map(|(name, value)| [name, value]).collect(),
            handler.protocols(),
            handler.close_timeout().as_secs_f64() * 1000.0,
        )
    }
}
