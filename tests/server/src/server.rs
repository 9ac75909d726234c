//! Accepts connections, and dispatches requests.

use std::{
    convert::identity,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    PATHS,
    connection::Connection,
    fault::until_closed,
    file::{self, Root},
    handshake,
    proxy::Plan,
    record::Records,
    report::Reports,
    request::Request,
    response::Response,
    route::Route,
};

const BACKLOG: u32 = 4096;
const DEFAULT_WAIT: Duration = Duration::from_secs(15);
/// The root that is also served at `/`.
const SITE: &str = "site";
const MAX_REPORT: usize = 4 * 1024 * 1024;

/// A server that listens on 127.0.0.1.
pub struct Server {
    listener: TcpListener,
    memory: Arc<Memory>,
}

struct Memory {
    roots: Vec<Root>,
    records: Records,
    reports: Reports,
}

impl Server {
    /// Listens on a port, or on a free one for 0. From then on, clients can connect. [`run`](Self::run) serves them.
    ///
    /// # Errors
    ///
    /// If the port is in use.
    pub fn bind(port: u16, roots: Vec<Root>) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // On Windows, two servers could share the port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
        Ok(Self {
            listener: socket.listen(BACKLOG)?,
            memory: Arc::new(Memory { roots, records: Records::default(), reports: Reports::default() }),
        })
    }

    /// The address of the listener.
    ///
    /// # Errors
    ///
    /// If the operating system does not report it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves clients. It never returns. Dropping the future ends all connections.
    pub async fn run(self) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, self.memory.clone()));
                    }
                    // There are no descriptors left, or the client has gone. The next attempt may succeed.
                    Err(_) => sleep(Duration::from_millis(5)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn serve(mut stream: TcpStream, memory: Arc<Memory>) {
    // A failure means that the client is gone, which the first read reports.
    let _ = stream.set_nodelay(true);
    let request = match Request::read(&mut stream).await {
        Ok(Some(request)) => request,
        Ok(None) => return,
        Err(refusal) => return refusal.send(&mut stream).await,
    };
    let answer = match Route::of(&request) {
        Err(refusal) => Some(refusal),
        Ok(None) => memory.answer(&mut stream, &request).await,
        Ok(Some(Route::Fault(fault))) => {
            let record = memory.records.begin(&request);
            return fault.play(stream, &record).await;
        }
        Ok(Some(Route::Proxy(proxy))) => {
            let record = memory.records.begin(&request);
            return proxy.play(stream, &request, &record).await;
        }
        Ok(Some(Route::Script(flaw, script))) => match handshake::answer(&request, flaw) {
            Err(refusal) => Some(refusal),
            Ok(head) => {
                let record = memory.records.begin(&request);
                return match stream.write_all(head.as_bytes()).await {
                    Ok(()) => script.play(Connection::new(stream, request.rest, record)).await,
                    Err(error) => record.end(error.into()),
                };
            }
        },
    };
    if let Some(answer) = answer {
        answer.send(&mut stream).await;
    }
}

impl Memory {
    /// The response to a plain HTTP request, or `None` if the client left while it waited.
    async fn answer(&self, stream: &mut TcpStream, request: &Request) -> Option<Response> {
        Some(match (request.method.as_str(), request.path.as_str()) {
            ("OPTIONS", _) => preflight(request),
            ("GET", "/seen") => return self.seen(stream, request).await,
            ("GET", "/report") => return self.take_report(stream, request).await,
            ("GET", "/plan") => Plan::of(request).map_or_else(identity, |plan| Response::json(&plan.to_json())),
            ("POST", "/report") => self.put_report(stream, request).await,
            ("GET", path) => match path.strip_prefix("/files/") {
                Some(path) => file::serve(&self.roots, path).await,
                None if self.roots.iter().any(|root| root.name == SITE) => {
                    file::serve_site(&self.roots, SITE, path).await
                }
                None => Response::text(404, PATHS),
            },
            _ => Response::text(404, PATHS),
        })
    }

    async fn seen(&self, stream: &mut TcpStream, request: &Request) -> Option<Response> {
        let (key, wait) = match key_and_wait(request) {
            Ok(pair) => pair,
            Err(refusal) => return Some(refusal),
        };
        let record = self.records.of(key);
        let wait = if request.flag("now") { Duration::ZERO } else { wait };
        let enough = async {
            tokio::select! {
                () = record.ended() => {}
                () = record.fault_reached(), if request.flag("reached") => {}
            }
        };
        tokio::select! {
            _ = timeout(wait, enough) => Some(Response::json(&record.to_json(key))),
            _ = until_closed(stream) => None,
        }
    }

    async fn take_report(&self, stream: &mut TcpStream, request: &Request) -> Option<Response> {
        let (key, wait) = match key_and_wait(request) {
            Ok(pair) => pair,
            Err(refusal) => return Some(refusal),
        };
        // A report must not be taken for a client that has left.
        tokio::select! {
            biased;
            _ = until_closed(stream) => None,
            report = timeout(wait, self.reports.take(key)) => Some(match report {
                Ok(Some(report)) => Response::empty(200).body("text/plain; charset=utf-8", report),
                _ => Response::empty(204),
            }),
        }
    }

    async fn put_report(&self, stream: &mut TcpStream, request: &Request) -> Response {
        let Some(key) = request.value("key") else {
            return Response::text(400, "no ?key=");
        };
        let length = request.header("content-length").map(str::parse::<usize>);
        let Some(Ok(length)) = length else {
            return Response::text(411, "a report needs a Content-Length");
        };
        if length > MAX_REPORT {
            return Response::text(413, "a report of more than 4 MiB");
        }
        if request.header("expect").is_some() {
            // A failure is reported by the read.
            let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await;
        }
        let mut body = request.rest.to_vec();
        body.truncate(length);
        let missing = (length - body.len()) as u64;
        match stream.take(missing).read_to_end(&mut body).await {
            Ok(_) if body.len() == length => {
                self.reports.add(key, body);
                Response::empty(204)
            }
            _ => Response::text(400, "less than the Content-Length"),
        }
    }
}

fn key_and_wait(request: &Request) -> Result<(&str, Duration), Response> {
    let key = request.value("key").ok_or_else(|| Response::text(400, "no ?key="))?;
    let wait = request.milliseconds("wait")?.unwrap_or(DEFAULT_WAIT);
    Ok((key, wait))
}

/// Answers the preflight request of a page of another origin.
fn preflight(request: &Request) -> Response {
    let headers = request.header("access-control-request-headers").unwrap_or("*");
    Response::empty(204)
        .header("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .header("Access-Control-Allow-Headers", headers)
        .header("Access-Control-Max-Age", "86400")
}
