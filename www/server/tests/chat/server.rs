//! The server of a test.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use chat_server::{Limits, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[cfg(target_os = "linux")]
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The time that anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The page that is served.
pub const PAGE: &str = "<!doctype html><title>Chat</title>";

pub struct Running {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// The answer to a request of plain HTTP.
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, `""` if it is missing.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
    }
}

/// The directories of a page and of a package. They are written once: a file is empty for a moment while it is written.
pub fn dirs() -> (PathBuf, PathBuf) {
    static DIRS: LazyLock<(PathBuf, PathBuf)> = LazyLock::new(write_dirs);
    DIRS.clone()
}

fn write_dirs() -> (PathBuf, PathBuf) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (page, package) = (dir.join("page"), dir.join("package"));
    for (dir, files) in [
        (&page, [("index.html", PAGE), ("chat.css", "body {}"), ("chat.js", "export {};"), ("favicon.svg", "<svg/>")]),
        (
            &package,
            [("index.js", "export {};"), ("package.json", "{}"), ("fourd_websocket.wasm", "\0asm"), ("README.md", "#")],
        ),
    ] {
        fs::create_dir_all(dir).expect("a directory");
        for (name, text) in files {
            fs::write(dir.join(name), text).expect("a file");
        }
    }
    fs::write(dir.join("secret.txt"), "secret").expect("a file");
    (page, package)
}

/// Waits until the server has ended a connection. Bytes received before are ignored.
pub async fn wait_for_end(mut stream: TcpStream) {
    let read = async { while !matches!(stream.read(&mut [0; 1024]).await, Ok(0) | Err(_)) {} };
    timeout(PATIENCE, read).await.expect("the server ends the connection");
}

impl Running {
    pub fn start() -> Self {
        Self::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Self {
        let (page, package) = dirs();
        let server = Server::bind(0, &page, &package, limits).expect("a free port");
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async {
            // The sender is also dropped when the test ends.
            let _ = stopped.await;
        }));
        Self { address, stop, task }
    }

    /// Stops the server, and waits until it has ended.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        timeout(PATIENCE, self.task).await.expect("it ends").expect("it ends well");
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)).await
    }

    /// Requests a path from another address of this machine.
    #[cfg(target_os = "linux")]
    pub async fn get_from(&self, address: &str, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        Self::ask(self.connect_from(address).await, &request).await
    }

    /// Connects from another address of this machine.
    #[cfg(target_os = "linux")]
    pub async fn connect_from(&self, address: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{address}:0").parse().expect("an address")).expect("a free port");
        socket.connect(self.address).await.expect("the server listens")
    }

    /// Connects and sends nothing.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the server listens")
    }

    /// Sends a request and reads until the server closes the connection, or has sent the whole head of the answer to an
    /// upgrade.
    pub async fn request(&self, request: &str) -> Answer {
        Self::ask(self.connect().await, request).await
    }

    async fn ask(mut stream: TcpStream, request: &str) -> Answer {
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = Vec::new();
        let is_upgraded = |answer: &[u8]| answer.starts_with(b"HTTP/1.1 101") && answer.ends_with(b"\r\n\r\n");
        let read =
            async { while stream.read_buf(&mut answer).await.expect("it answers") > 0 && !is_upgraded(&answer) {} };
        timeout(PATIENCE, read).await.expect("it answers in time");
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, head, body: answer[end + 4..].to_vec() }
    }
}
