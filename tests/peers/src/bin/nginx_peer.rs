//! nginx as a proxy for another peer: `nginx_peer NGINX DIRECTORY ADDRESS`. It uses TLS with the `certificate.pem` and
//! `key.pem` in the directory, forwards everything to the address, and ends with this program.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;

const LOG: &str = "error.log";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [nginx, directory, upstream] = arguments.as_slice() else {
        return Err("usage: nginx_peer NGINX DIRECTORY ADDRESS".into());
    };
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let directory = fs::canonicalize(directory)?;
    fs::write(directory.join("nginx.conf"), configuration(&address.to_string(), upstream))?;
    let command = || {
        let mut command = Command::new(nginx);
        command.args(["-e", LOG, "-c", "nginx.conf", "-p"]).arg(&directory).stdin(Stdio::null());
        command
    };
    let mut start = command();
    pass_listener(&listener, &mut start)?;
    let mut child = start.spawn()?;
    drop(listener);
    peers::print_address(address)?;
    let mut stop = command();
    thread::spawn(move || {
        peers::wait_for_end_of_stdin();
        // A killed nginx would leave its worker running.
        let _ = stop.args(["-s", "stop"]).status();
    });
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("nginx ended with {status}; {} says why", directory.join(LOG).display()).into());
    }
    Ok(())
}

/// nginx cannot choose a free port. It inherits sockets from an earlier nginx, so it receives one that way.
#[cfg(unix)]
fn pass_listener(listener: &TcpListener, command: &mut Command) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    socket2::SockRef::from(listener).set_cloexec(false)?;
    command.env("NGINX", format!("{};", listener.as_raw_fd()));
    Ok(())
}

#[cfg(not(unix))]
fn pass_listener(_: &TcpListener, _: &mut Command) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "nginx takes over sockets on Unix only"))
}

/// The configuration for WebSocket from nginx's manual. Paths are relative to the directory.
fn configuration(address: &str, upstream: &str) -> String {
    format!(
        "
daemon off;
worker_processes 1;
pid nginx.pid;
error_log {LOG} warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen {address} ssl;
        ssl_certificate certificate.pem;
        ssl_certificate_key key.pem;
        location / {{
            proxy_pass http://{upstream};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection \"upgrade\";
            proxy_set_header Host $http_host;
        }}
    }}
}}
"
    )
}
