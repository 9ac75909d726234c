//! The server as a program: its output, its signals and its errors.

use std::process::{Output, Stdio};

use futures_util::StreamExt;
#[cfg(unix)]
use tokio::io::AsyncWriteExt;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::server::{PATIENCE, dirs};

fn program() -> Command {
    let (page, package) = dirs();
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command.arg("--page").arg(page).arg("--package").arg(package);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Starts the program. Also returns its address without a scheme, and the rest of its output.
async fn start(command: &mut Command) -> (Child, String, BufReader<ChildStdout>) {
    let mut child = command.spawn().expect("the program starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("a line").expect("a line");
    let address =
        line.strip_prefix("http://").and_then(|line| line.strip_suffix("/\n")).expect("its address").to_owned();
    (child, address, stdout)
}

async fn fails(command: &mut Command) -> String {
    let child = command.stdin(Stdio::null()).output();
    let Output { status, stdout, stderr } =
        timeout(PATIENCE, child).await.expect("an end").expect("the program starts");
    assert_eq!((status.code(), stdout.as_slice()), (Some(1), &b""[..]));
    String::from_utf8(stderr).expect("words")
}

/// Ends the program with `stop`. Checks that a client receives the close code, and that the program succeeds.
async fn check_end(stop: impl FnOnce(&mut Child)) {
    let (mut child, address, mut stdout) = start(&mut program()).await;
    let stream = TcpStream::connect(&address).await.expect("it listens");
    let (mut client, _) =
        tokio_tungstenite::client_async(format!("ws://{address}/chat"), stream).await.expect("a handshake");
    stop(&mut child);
    let Some(Ok(Message::Close(Some(frame)))) = timeout(PATIENCE, client.next()).await.expect("a frame") else {
        panic!("no close frame");
    };
    assert_eq!(u16::from(frame.code), 1001);
    assert!(timeout(PATIENCE, client.next()).await.expect("an end").is_none());
    let status = timeout(PATIENCE, child.wait()).await.expect("an end").expect("a status");
    assert!(status.success(), "{status}");
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).await.expect("an end");
    assert_eq!(rest, "", "it prints its address and no more");
}

#[cfg(unix)]
fn kill(child: &Child, signal: &str) {
    let id = child.id().expect("it runs").to_string();
    let status = std::process::Command::new("kill").args(["-s", signal, &id]).status().expect("kill");
    assert!(status.success());
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_it_in_order() {
    check_end(|child| kill(child, "INT")).await;
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_ends_it_in_order() {
    check_end(|child| kill(child, "TERM")).await;
}

#[tokio::test]
async fn the_end_of_its_stdin_ends_it_in_order() {
    check_end(|child| drop(child.stdin.take())).await;
}

#[tokio::test]
async fn it_listens_on_the_port_it_is_given() {
    let (mut first, address, _) = start(&mut program()).await;
    let port = address.rsplit(':').next().expect("a port");
    drop(first.stdin.take());
    timeout(PATIENCE, first.wait()).await.expect("an end").expect("a status");
    // A second program can listen on the port right after the first has ended.
    let (_second, same, _) = start(program().args(["--port", port])).await;
    assert_eq!(same, address);
}

/// Requests the page. Returns the first line of the answer.
#[cfg(unix)]
async fn ask(address: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut line = String::new();
    timeout(PATIENCE, BufReader::new(stream).read_line(&mut line))
        .await
        .expect("an answer in time")
        .expect("an answer");
    line
}

#[cfg(unix)]
#[tokio::test]
async fn idle_connections_take_no_descriptor_that_is_needed() {
    let (page, package) = dirs();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 220; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_chat-server")]);
    command.arg("--page").arg(page).arg("--package").arg(package);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let (_child, address, _) = start(&mut command).await;
    let mut idle = Vec::new();
    for _ in 0..250 {
        idle.push(TcpStream::connect(&address).await.expect("it listens"));
    }
    // Every client is answered, and pages are served again soon.
    assert_eq!(ask(&address).await, "HTTP/1.1 503 Service Unavailable\r\n");
    let served = async { while ask(&address).await != "HTTP/1.1 200 OK\r\n" {} };
    timeout(PATIENCE, served).await.expect("a page");
}

#[tokio::test]
async fn it_takes_as_many_clients_of_an_address_as_it_is_told() {
    let (_child, address, _) = start(program().args(["--clients-per-address", "1"])).await;
    let url = format!("ws://{address}/chat");
    let handshake = async || {
        let stream = TcpStream::connect(&address).await.expect("it listens");
        tokio_tungstenite::client_async(&url, stream).await
    };
    let first = handshake().await.expect("a handshake");
    assert!(handshake().await.is_err());
    drop(first);
    timeout(PATIENCE, async { while handshake().await.is_err() {} }).await.expect("a place");
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let output = fails(program().arg(format!("--port={port}"))).await;
    assert_eq!(
        output,
        format!("error: port {port} is in use. Choose another with --port, or omit --port to use a free port\n")
    );
}

#[tokio::test]
async fn a_directory_that_is_not_what_it_should_be_is_an_error_that_says_what_to_do() {
    let (page, package) = dirs();
    let with = |page, package| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
        command.arg("--page").arg::<&std::path::Path>(page).arg("--package").arg::<&std::path::Path>(package);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    };
    assert!(fails(&mut with(&package, &package)).await.contains("Pass the directory www/page to --page"));
    assert!(fails(&mut with(&page, &page)).await.contains("cargo xtask pkg"));
}
