//! All peers at once: `all_peers PYTHON NGINX DIRECTORY`. It prints one line of JSON for
//! `tests/contract/cases/servers.js`: the addresses of the peers, and of nginx with certificates that a client has to
//! refuse, each with the reason. The directory has to be new. The authority of the nginx that a client trusts is
//! `authority/authority.pem` in it. The program ends its peers when its stdin ends. It fails if a peer has ended
//! before.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use peers::authority::Authority;
use serde_json::json;

/// The names of this machine in a certificate.
const HERE: [&str; 2] = ["localhost", "127.0.0.1"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [python, nginx, dir] = arguments.as_slice() else {
        return Err("usage: all_peers PYTHON NGINX DIRECTORY".into());
    };
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = |program: &str, name: &str| {
        let mut command = Command::new(program);
        command.arg(scripts.join(name));
        command
    };
    let mut children = Vec::new();
    let mut peers = BTreeMap::new();
    for (name, mut command) in [
        ("ws", script("node", "ws_peer.mjs")),
        ("websockets", script(python, "websockets_peer.py")),
        ("aiohttp", script(python, "aiohttp_peer.py")),
        ("tungstenite", Command::new(beside("tungstenite_peer")?)),
        ("axum", Command::new(beside("axum_peer")?)),
    ] {
        peers.insert(name, start(name, &mut command, &mut children)?);
    }

    let dir = Path::new(dir);
    let authority = Authority::new(&make_dir(dir.join("authority"))?, "the authority of a test")?;
    let stranger = Authority::new(&make_dir(dir.join("stranger"))?, "nobody's authority")?;
    let upstream = peers["ws"].clone();
    let mut serve = |name: &'static str, authority: &Authority, names: &[&str], last_year: i32| {
        let dir = make_dir(dir.join(format!("nginx-{name}")))?;
        authority.issue(&dir, names, last_year)?;
        let mut command = Command::new(beside("nginx_peer")?);
        start(name, command.arg(nginx).arg(dir).arg(&upstream), &mut children)
    };
    peers.insert("nginx", serve("nginx", &authority, &HERE, 2099)?);
    let frauds = BTreeMap::from([
        ("stranger", serve("stranger", &stranger, &HERE, 2099)?),
        ("elsewhere", serve("elsewhere", &authority, &["elsewhere.test"], 2099)?),
        ("expired", serve("expired", &authority, &HERE, 2020)?),
    ]);

    let mut stdout = io::stdout();
    writeln!(stdout, "{}", json!({ "peers": peers, "frauds": frauds }))?;
    stdout.flush()?;
    peers::wait_for_end_of_stdin();
    for (name, child) in &mut children {
        if let Some(status) = child.try_wait()? {
            return Err(format!("the peer {name} ended by itself ({status})").into());
        }
        // The peer ends with its stdin.
        drop(child.stdin.take());
        child.wait()?;
    }
    Ok(())
}

/// Starts a peer. Returns its address.
fn start(
    name: &'static str,
    command: &mut Command,
    children: &mut Vec<(&'static str, Child)>,
) -> Result<String, Box<dyn Error>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(stdout) = &mut child.stdout {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    children.push((name, child));
    let address = line.trim().strip_prefix("listening on http://");
    Ok(address.ok_or_else(|| format!("the peer {name} says {line:?}, not where it listens"))?.to_owned())
}

/// Another program of this package.
fn beside(name: &str) -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name).with_extension(std::env::consts::EXE_EXTENSION))
}

fn make_dir(dir: PathBuf) -> io::Result<PathBuf> {
    fs::create_dir_all(&dir)?;
    Ok(dir)
}
