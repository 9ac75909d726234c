//! The source of endpoints.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

/// An endpoint: a url, and settings that replace those of the handler for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The url: absolute, `ws:` or `wss:`, without a fragment.
    pub url: String,
    /// The headers that replace those of [`headers`](crate::ConnectionHandler::headers), if given.
    pub headers: Option<Vec<(String, String)>>,
    /// The subprotocols that replace those of [`protocols`](crate::ConnectionHandler::protocols), if given.
    pub protocols: Option<Vec<String>>,
}

impl From<String> for Endpoint {
    fn from(url: String) -> Self {
        Self { url, ..Self::default() }
    }
}

impl From<&str> for Endpoint {
    fn from(url: &str) -> Self {
        Self::from(String::from(url))
    }
}

/// A source of endpoints: a url, an [`Endpoint`], or an async closure. The closure is called for each attempt, with
///
/// - the number of the attempt. The first one is 0. The retries since the last stable connection count from 1.
/// - an `AbortSignal`. It is aborted when the closure takes too long or
///   [`terminate`](crate::ReconnectingWebSocket::terminate) is called. Then the future is dropped.
///
/// The closure returns a `Result` with a url or an [`Endpoint`], or with an error that converts into a `JsValue`, as a
/// text does. If it fails, the attempt has failed, and another attempt follows. `Kind` is [`Fixed`] or [`Asked`]. The
/// compiler infers it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no source of endpoints",
    label = "neither a url nor an async closure of two arguments that returns a `Result`",
    note = "a source is a `&str`, a `String`, an `Endpoint`, or an async closure: \
            `async |attempt: u32, signal: web_sys::AbortSignal| Ok::<_, String>(url)`, \
            whose error converts into a `JsValue`"
)]
pub trait Source<Kind> {
    #[doc(hidden)]
    fn into_endpoints(self) -> Endpoints;
}

/// The kind of a [`Source`] with a single endpoint.
pub enum Fixed {}

/// The kind of a [`Source`] that is called for each attempt.
pub enum Asked {}

type Answer = Pin<Box<dyn Future<Output = Result<Endpoint, JsValue>>>>;

/// The endpoints of the attempts.
#[derive(Clone)]
pub enum Endpoints {
    Always(Endpoint),
    Ask(Rc<dyn Fn(u32, AbortSignal) -> Answer>),
}

impl<T: Into<Endpoint>> Source<Fixed> for T {
    fn into_endpoints(self) -> Endpoints {
        Endpoints::Always(self.into())
    }
}

impl<F, A, E> Source<Asked> for F
where
    F: AsyncFn(u32, AbortSignal) -> Result<A, E> + 'static,
    A: Into<Endpoint> + 'static,
    E: Into<JsValue> + 'static,
{
    fn into_endpoints(self) -> Endpoints {
        let ask = Rc::new(self);
        Endpoints::Ask(Rc::new(move |attempt, signal| {
            let ask = ask.clone();
            Box::pin(async move { ask(attempt, signal).await.map(Into::into).map_err(Into::into) })
        }))
    }
}
