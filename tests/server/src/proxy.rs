//! A proxy between the client and this server that fails at a byte.

use std::{future::pending, io, net::SocketAddr, pin::pin};

use oorandom::Rand32;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, sink},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    time::timeout,
};

use crate::{
    connection::rst,
    fault::PATIENCE,
    record::{End, Record},
    request::Request,
    response::Response,
};

const READ: usize = 16 * 1024;

/// A fault at one of the server's bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    Cut,
    Fin,
    Rst,
    Stall,
}

impl Action {
    const ALL: [Self; 4] = [Self::Cut, Self::Fin, Self::Rst, Self::Stall];

    fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Stall => "stall",
        }
    }
}

/// The faults of the server's bytes. Offsets start with the answer to the handshake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    action: Option<(Action, u64)>,
    /// From this offset, each byte is written separately.
    slice: Option<u64>,
}

impl Plan {
    /// The plan that the query requests.
    pub fn of(request: &Request) -> Result<Self, Response> {
        if let Some(seed) = request.number("seed")? {
            let within = request.number("within")?;
            let within = within.ok_or_else(|| Response::text(400, "a ?seed= needs &within="))?;
            return Ok(Self::random(seed, within));
        }
        let action = match (request.value("do"), request.number("at")?) {
            (None, None) => None,
            (Some(name), Some(at)) => {
                let action = Action::ALL.into_iter().find(|action| action.name() == name);
                Some((action.ok_or_else(|| Response::text(400, "?do= is cut, fin, rst or stall"))?, at))
            }
            _ => return Err(Response::text(400, "?do= and &at= come together")),
        };
        Ok(Self { action, slice: request.number("slice")? })
    }

    /// The choice of a seed, the same on every machine.
    fn random(seed: u64, within: u32) -> Self {
        let mut random = Rand32::new(seed);
        let mut at = |within: u32| random.rand_range(0..within.saturating_add(1));
        // One plan in five has no fault.
        let action = Action::ALL.get(at(4) as usize).map(|action| (*action, u64::from(at(within))));
        let end = action.map_or(within, |(_, at)| at as u32);
        let slice = (at(1) == 1).then(|| u64::from(at(end)));
        Self { action, slice }
    }

    pub fn to_json(self) -> Value {
        json!({
            "do": self.action.map(|(action, _)| action.name()),
            "at": self.action.map(|(_, at)| at),
            "slice": self.slice,
        })
    }

    /// The number of bytes of `ready` to write at once after `passed` bytes. 0 if the action is due.
    fn piece(&self, passed: u64, ready: usize) -> usize {
        let until = |offset: u64| usize::try_from(offset.saturating_sub(passed)).unwrap_or(usize::MAX);
        let piece = match self.slice {
            Some(slice) if slice <= passed => ready.min(1),
            Some(slice) => ready.min(until(slice)),
            None => ready,
        };
        self.action.map_or(piece, |(_, at)| piece.min(until(at)))
    }

    /// The action due after `passed` bytes.
    fn due(&self, passed: u64) -> Option<Action> {
        self.action.filter(|(_, at)| *at <= passed).map(|(action, _)| action)
    }
}

/// The progress of a proxy with its plan.
#[derive(Clone, Debug)]
pub struct Passage {
    plan: Plan,
    /// The action was performed, or is about to be.
    pub reached: bool,
    passed: u64,
}

impl Passage {
    pub fn to_json(&self) -> Value {
        let mut value = self.plan.to_json();
        value["reached"] = self.reached.into();
        value["passed"] = self.passed.into();
        value
    }
}

/// The proxy for a path of this server.
pub struct Proxy {
    path: String,
    plan: Plan,
}

impl Proxy {
    pub fn of(request: &Request) -> Result<Self, Response> {
        let path = request.value("path").unwrap_or_default();
        // The path becomes part of a request line.
        if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Response::text(400, "?path= is a path of this server, percent-encoded once more"));
        }
        Ok(Self { path: path.to_owned(), plan: Plan::of(request)? })
    }

    /// Connects a client with this server until the action is performed and the client has closed its side.
    pub async fn play(self, mut client: TcpStream, request: &Request, record: &Record) {
        let mut passage = Passage { plan: self.plan, reached: false, passed: 0 };
        record.passage(&passage);
        let end = match self.connect(client.local_addr(), request).await {
            Ok(mut server) => {
                let end = timeout(PATIENCE, carry(&mut client, &mut server, &mut passage, record)).await;
                let end = end.unwrap_or_else(|_| End::Error("still open after 120 s".into()));
                if matches!(end, End::Reset) {
                    rst(&server);
                    rst(&client);
                }
                end
            }
            Err(error) => error.into(),
        };
        record.end(end);
    }

    /// A connection to the server, on which the request was sent with its new path.
    async fn connect(&self, address: io::Result<SocketAddr>, request: &Request) -> io::Result<TcpStream> {
        let mut server = TcpStream::connect(address?).await?;
        server.set_nodelay(true)?;
        let line = request.head.iter().position(|byte| *byte == b'\r').unwrap_or(0);
        let first = format!("{} {} HTTP/1.1", request.method, self.path);
        server.write_all(&[first.as_bytes(), &request.head[line..], &request.rest].concat()).await?;
        Ok(server)
    }
}

/// Passes bytes on in both directions until both sides have ended, or the action is performed and the client has closed
/// its side.
async fn carry(client: &mut TcpStream, server: &mut TcpStream, passage: &mut Passage, record: &Record) -> End {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let mut up = pin!(pass_up(&mut from_client, &mut to_server));
    let mut client_left = false;
    let action = {
        let mut down = pin!(pass_down(&mut from_server, &mut to_client, passage, record));
        loop {
            tokio::select! {
                action = &mut down => break action,
                end = &mut up, if !client_left => match end {
                    End::Fin => client_left = true,
                    end => return end,
                },
            }
        }
    };
    match action {
        Ok(Some(Action::Cut)) => return End::Fin,
        Ok(Some(Action::Rst)) | Err(_) => return End::Reset,
        Ok(Some(Action::Stall)) => {}
        Ok(Some(Action::Fin) | None) => {
            // A failure means that the client is gone, which the other direction reports.
            let _ = to_client.shutdown().await;
        }
    }
    if client_left {
        return End::Fin;
    }
    // Without this, the server would wait for room in the buffers.
    let discard = async {
        let _ = copy(&mut from_server, &mut sink()).await;
        pending().await
    };
    tokio::select! {
        end = up => end,
        end = discard => end,
    }
}

/// Passes the client's bytes on until its end, also after the server has ended.
async fn pass_up(from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> End {
    let mut buffer = vec![0; READ];
    let mut server_left = false;
    loop {
        match from.read(&mut buffer).await {
            Ok(0) => break,
            Ok(read) => server_left = server_left || to.write_all(&buffer[..read]).await.is_err(),
            Err(error) => return error.into(),
        }
    }
    let _ = to.shutdown().await;
    End::Fin
}

/// Passes the server's bytes on until its end, or until the action, which is returned.
async fn pass_down(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    passage: &mut Passage,
    record: &Record,
) -> io::Result<Option<Action>> {
    let mut buffer = vec![0; READ];
    let mut ready = 0..0;
    loop {
        if let Some(action) = passage.plan.due(passage.passed) {
            passage.reached = true;
            record.passage(passage);
            return Ok(Some(action));
        }
        if ready.is_empty() {
            ready = 0..from.read(&mut buffer).await?;
            if ready.is_empty() {
                return Ok(None);
            }
        }
        let piece = passage.plan.piece(passage.passed, ready.len());
        to.write_all(&buffer[ready.start..ready.start + piece]).await?;
        ready.start += piece;
        passage.passed += piece as u64;
        record.passage(passage);
        // Lets the client read the piece separately.
        if !ready.is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_makes_the_same_choice() {
        let choices: Vec<Plan> = (0..3).map(|seed| Plan::random(seed, 200)).collect();
        let plan = |action, at, slice| Plan { action: Some((action, at)), slice };
        let expected = [plan(Action::Fin, 62, None), plan(Action::Rst, 31, None), plan(Action::Stall, 141, Some(2))];
        assert_eq!(choices, expected);
    }

    #[test]
    fn seeds_choose_every_deed_and_every_offset() {
        let plans: Vec<Plan> = (0..1000).map(|seed| Plan::random(seed, 20)).collect();
        for action in Action::ALL {
            for at in 0..=20 {
                assert!(plans.iter().any(|plan| plan.action == Some((action, at))), "{action:?} at {at}");
            }
        }
        assert!(plans.iter().any(|plan| plan.action.is_none() && plan.slice.is_some()));
        assert!(plans.iter().all(|plan| plan.action.is_none_or(|(_, at)| plan.slice.is_none_or(|slice| slice <= at))));
    }

    #[test]
    fn a_piece_ends_where_something_changes() {
        let plan = Plan { action: Some((Action::Cut, 9)), slice: Some(5) };
        assert_eq!(plan.piece(0, 100), 5);
        assert_eq!(plan.piece(0, 3), 3);
        assert_eq!(plan.piece(5, 100), 1);
        assert_eq!(plan.piece(9, 100), 0);
        assert_eq!((plan.due(8), plan.due(9)), (None, Some(Action::Cut)));
    }
}
