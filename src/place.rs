//! The npm package's connections, each by its place in the module's memory.
//!
//! The class is JavaScript there, and the place of a connection stands on its wire, where no program sees or sets it, from
//! [`open`] to [`free`]. No object in wasm has to be borrowed, and none of wasm-bindgen's words for what can't be.

use alloc::rc::Rc;
use core::mem;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::connection::Connection;

/// The connection at a place, which stays while it is being used: it may end meanwhile.
fn connection(place: i32) -> Rc<Connection> {
    let place = place as *const Connection;
    // SAFETY: a place is what `open` told, of a connection that was not freed.
    unsafe {
        Rc::increment_strong_count(place);
        Rc::from_raw(place)
    }
}

// Whatever may run an application's code returns a `Result`, which is two values, or none. One value would be less work than
// two, but V8 12.4 (Node 22) would inline the call, and end the process when it has to go back on that meanwhile.

/// Opens the connection of an object.
#[wasm_bindgen]
pub fn open(object: &JsValue, url: &JsValue, handler: &JsValue) -> Result<(), JsValue> {
    let connection = Connection::open(url, handler)?;
    connection.listen(object, Rc::as_ptr(&connection) as i32);
    mem::forget(connection);
    Ok(())
}

#[wasm_bindgen]
pub fn send(place: i32, message: &JsValue) -> Result<(), JsValue> {
    connection(place).send(message)
}

#[wasm_bindgen]
pub fn terminate(place: i32, code: &JsValue, reason: &JsValue) -> Result<(), JsValue> {
    connection(place).terminate(code, reason)
}

/// Tells a connection what happened, one of [`heard`](crate::host::heard).
#[wasm_bindgen]
pub fn hear(place: i32, kind: i32) {
    connection(place).hear(kind);
}

/// Lets go of a connection that has ended: nobody uses its place any more.
#[wasm_bindgen]
pub fn free(place: i32) {
    // SAFETY: as above, and `open` has left this count to it.
    unsafe { Rc::decrement_strong_count(place as *const Connection) }
}
