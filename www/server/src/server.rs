//! The listener and the routes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{self, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::address::{Addresses, Pass};
use crate::chat::Chat;
use crate::limits::Limits;
use crate::origin::is_from_here;
use crate::{connection, http};

/// The number of connections that may wait to be accepted.
const BACKLOG: u32 = 4096;

/// The number of refused connections whose ends the server waits for at once.
const REFUSALS: usize = 32;

/// The size of the operating system's send buffer for a client that does not read, in bytes.
const SEND_BUFFER: u32 = 128 << 10;

/// The content security policy of the page. It may load scripts, styles and pictures of its own origin, the WebSocket
/// of its own origin, the package's module, and a picture that is about to be sent.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob:; style-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// The content security policy of a picture that is opened by itself. It may do nothing, and be in no frame.
const PICTURE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// A server that listens on 127.0.0.1.
pub struct Server {
    listener: TcpListener,
    port: u16,
    page: Router<Context>,
    limits: Limits,
}

/// The shared state of all requests.
#[derive(Clone)]
struct Context {
    chat: Arc<Chat>,
    limits: Limits,
    port: u16,
    connections: Arc<Semaphore>,
    tasks: TaskTracker,
    stopped: CancellationToken,
}

impl Server {
    /// Listens on a port, or on a free one if it is 0. Clients can connect from now on, and [`run`](Self::run) serves
    /// them. `page` and `package` are the directories served at `/` and `/package/`.
    ///
    /// # Errors
    ///
    /// The error of the operating system, for example if the port is taken.
    pub fn bind(port: u16, page: &Path, package: &Path, limits: Limits) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // On Windows, the option would let two servers share a port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        // Accepted connections inherit the size.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
        let listener = socket.listen(BACKLOG)?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port, page: routes(page, package), limits })
    }

    /// The address on which the server listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Serves until `stop` is ready. Then it accepts no more connections, and closes every client's connection with
    /// 1001. Clients have [`close_within`](Limits::close_within) to answer.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        /// The time for the work after the last close frame.
        const MARGIN: Duration = Duration::from_secs(1);
        let Self { listener, port, page, limits } = self;
        let context = Context {
            chat: Arc::new(Chat::new(limits.clone())),
            connections: Arc::new(Semaphore::new(limits.connections)),
            tasks: TaskTracker::new(),
            stopped: CancellationToken::new(),
            port,
            limits,
        };
        tokio::select! {
            () = accept(listener, page.with_state(context.clone()), &context) => {}
            () = stop => {}
        }
        context.stopped.cancel();
        context.tasks.close();
        // The server does not wait for idle connections.
        let _ = timeout(2 * context.limits.close_within + MARGIN, context.tasks.wait()).await;
    }
}

/// Accepts connections, without end.
async fn accept(mut listener: TcpListener, router: Router, context: &Context) {
    let addresses = Arc::new(Addresses::new(&context.limits));
    let refusals = Arc::new(Semaphore::new(REFUSALS));
    loop {
        // The listener skips a connection that fails, and waits while descriptors are lacking.
        let (stream, peer) = Listener::accept(&mut listener).await;
        match addresses.admit(peer.ip(), Instant::now()) {
            Ok(pass) => {
                // Small messages are sent immediately. If this fails, the client is gone, which the first read reports.
                drop(stream.set_nodelay(true));
                let (router, limits, stopped) = (router.clone(), context.limits.clone(), context.stopped.clone());
                let serving = async move { http::serve(stream, router, Arc::new(pass), &limits, &stopped).await };
                context.tasks.spawn(serving);
            }
            Err(full) => match refusals.clone().try_acquire_owned() {
                Ok(permit) => drop(context.tasks.spawn(async move {
                    http::refuse(stream, full).await;
                    drop(permit);
                })),
                Err(_) => http::dismiss(stream, full),
            },
        }
    }
}

fn routes(page: &Path, package: &Path) -> Router<Context> {
    Router::new()
        .route("/chat", any(chat))
        .route("/pictures/{name}", get(picture))
        .nest_service("/package", ServeDir::new(package))
        .fallback_service(ServeDir::new(page))
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(header(CACHE_CONTROL, "no-cache"))
        .layer(header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
}

fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The handshake of the WebSocket.
async fn chat(
    State(context): State<Context>,
    Extension(pass): Extension<Arc<Pass>>,
    request: extract::Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    if !is_from_here(&parts.headers, context.port) {
        return (StatusCode::FORBIDDEN, "the chat accepts connections from its own page only\n").into_response();
    }
    let mut request = Request::from_parts(parts, ());
    let response = match create_response(&request) {
        Ok(response) => response,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("the chat is a WebSocket: {error}\n")).into_response(),
    };
    let Ok(permit) = context.connections.try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the chat is full\n").into_response();
    };
    let upgrade = hyper::upgrade::on(&mut request);
    context.tasks.spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            connection::serve(TokioIo::new(upgraded), &pass, &context.chat, &context.limits, &context.stopped).await;
        }
        drop((permit, pass));
    });
    response.map(|()| Body::empty())
}

async fn picture(State(context): State<Context>, extract::Path(name): extract::Path<String>) -> Response<Body> {
    match context.chat.picture(&name) {
        Some(picture) => {
            let headers = [
                (CONTENT_TYPE, picture.kind),
                (CONTENT_SECURITY_POLICY, PICTURE_POLICY),
                (CACHE_CONTROL, "private, max-age=3600, immutable"),
            ];
            (headers, picture.bytes).into_response()
        }
        None => (StatusCode::NOT_FOUND, "this picture is no longer remembered\n").into_response(),
    }
}
