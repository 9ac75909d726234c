//! Where to connect to.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

/// Where to connect to, and what of the handler is another for that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Absolute, `ws:` or `wss:`, without a fragment.
    pub url: String,
    /// In place of [`headers`](crate::ConnectionHandler::headers), if given.
    pub headers: Option<Vec<(String, String)>>,
    /// In place of [`protocols`](crate::ConnectionHandler::protocols), if given.
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

/// What says where to connect to: a url, an [`Endpoint`], or an async closure, which is called for each attempt, with
///
/// - the number of the attempt: 0 is the first, 1, 2, … are the retries since the last connection that was stable;
/// - an `AbortSignal` that is aborted when the answer is too late or
///   [`terminate`](crate::ReconnectingWebSocket::terminate) was called. The future is dropped then.
///
/// If it fails, so has the attempt, and another follows. `Kind` is one of [`Fixed`] and [`Asked`], which the compiler finds.
pub trait Source<Kind> {
    #[doc(hidden)]
    fn into_endpoints(self) -> Endpoints;
}

/// The kind of a [`Source`] that always says the same.
pub enum Fixed {}

/// The kind of a [`Source`] that is asked for each attempt.
pub enum Asked {}

type Answer = Pin<Box<dyn Future<Output = Result<Endpoint, JsValue>>>>;

/// Where to connect to, attempt for attempt.
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
