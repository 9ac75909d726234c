//! The steps of the server after the handshake.

use std::{num::NonZeroU32, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use crate::{
    connection::Connection,
    frame::{BINARY, Frame, PING, TEXT},
    record::End,
};

/// The number of bytes that are written at once if there are many messages.
pub const BATCH: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(120);

/// A step.
pub enum Step {
    Pause(Duration),
    Frame(Frame, Option<usize>),
    Raw(Bytes),
    /// Frames that are created when they are due, because there may be a million of them.
    Frames(u64, Box<dyn Fn(u64) -> Frame + Send + Sync>),
    AwaitMessage,
    AwaitClose,
    Fin,
    Rst,
}

impl Step {
    pub fn frame(frame: Frame) -> Self {
        Self::Frame(frame, None)
    }

    pub fn frames(count: u64, frame: impl Fn(u64) -> Frame + Send + Sync + 'static) -> Self {
        Self::Frames(count, Box::new(frame))
    }
}

/// The behaviour after the steps, unless they ended the connection.
pub enum Rest {
    Echo,
    Sink,
    SlowSink(NonZeroU32),
    /// Sends this message as often as the client requests.
    Burst(Frame),
    Tally,
    Silence,
    Deafness,
}

/// The steps, and the behaviour after them.
pub struct Script {
    pub steps: Vec<Step>,
    pub rest: Rest,
}

impl Script {
    pub fn new(steps: impl Into<Vec<Step>>) -> Self {
        Self { steps: steps.into(), rest: Rest::Echo }
    }

    pub fn only(rest: Rest) -> Self {
        Self { steps: Vec::new(), rest }
    }

    /// Reads the JSON of `/script?frames=`.
    pub fn parse(json: &str) -> Result<Self, String> {
        let items: Vec<Item> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut steps = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            steps.extend(item.pause.map(|ms| Step::Pause(Duration::from_millis(ms))));
            let step = item.into_step().map_err(|error| format!("item {index}: {error}"))?;
            steps.extend(step);
        }
        Ok(Self::new(steps))
    }

    /// Runs the script to its end.
    pub async fn play(self, mut connection: Connection) {
        let end = match self.run(&mut connection).await {
            Ok(()) => End::Close,
            Err(end) => end,
        };
        connection.end(end).await;
    }

    async fn run(self, connection: &mut Connection) -> Result<(), End> {
        for step in self.steps {
            match step {
                Step::Pause(time) => sleep(time).await,
                Step::Frame(frame, None) => connection.send(frame).await?,
                Step::Frame(frame, Some(split)) => connection.send_split(frame, split).await?,
                Step::Raw(bytes) => connection.write(&bytes, bytes.len()).await?,
                Step::Frames(count, frame) => {
                    let mut batch = BytesMut::new();
                    for index in 0..count {
                        let frame = frame(index);
                        batch.put(frame.head());
                        batch.put(frame.body());
                        if batch.len() >= BATCH || index + 1 == count {
                            connection.write(&batch, batch.len()).await?;
                            batch.clear();
                        }
                    }
                }
                Step::AwaitMessage => {
                    if connection.receive().await?.is_none() {
                        break;
                    }
                }
                Step::AwaitClose => while connection.receive().await?.is_some() {},
                Step::Fin => return Err(connection.fin().await),
                Step::Rst => return Err(connection.rst()),
            }
        }
        if connection.is_closing() {
            return connection.finish().await;
        }
        let silent = match self.rest {
            Rest::Echo => return connection.echo().await,
            Rest::Sink => return connection.sink().await,
            Rest::SlowSink(rate) => return connection.sink_slowly(rate).await,
            Rest::Burst(frame) => return connection.burst(&frame).await,
            Rest::Tally => return connection.tally().await,
            Rest::Silence => timeout(PATIENCE, connection.silence()).await,
            Rest::Deafness => timeout(PATIENCE, connection.deafness()).await,
        };
        Err(silent.unwrap_or_else(|_| End::Error("still open after 120 s".into())))
    }
}

/// An item of `/script?frames=`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    pause: Option<u64>,
    opcode: Option<u8>,
    fin: Option<bool>,
    rsv: Option<u8>,
    mask: Option<bool>,
    text: Option<String>,
    hex: Option<String>,
    split: Option<usize>,
    raw: Option<String>,
    close: Option<u16>,
    reason: Option<String>,
    rst: Option<bool>,
    #[serde(rename = "await")]
    awaited: Option<Awaited>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Awaited {
    Message,
    Close,
}

impl Item {
    /// Returns `None` for an item that is only a pause.
    fn into_step(self) -> Result<Option<Step>, &'static str> {
        let rsv = self.rsv.unwrap_or(0);
        if self.opcode.is_some_and(|opcode| opcode > 15) || rsv > 7 {
            return Err("opcode is at most 15, rsv at most 7");
        }
        Ok(Some(if let Some(opcode) = self.opcode {
            let payload = match (self.text, self.hex) {
                (Some(_), Some(_)) => return Err("text or hex, not both"),
                (Some(text), None) => text.into(),
                (None, hex) => decode(&hex.unwrap_or_default())?,
            };
            let frame =
                Frame { fin: self.fin.unwrap_or(true), rsv, opcode, masked: self.mask.unwrap_or(false), payload };
            Step::Frame(frame, self.split)
        } else if let Some(raw) = self.raw {
            Step::Raw(decode(&raw)?)
        } else if let Some(code) = self.close {
            let reason = self.reason.unwrap_or_default();
            Step::frame(Frame::close(Some(code), &reason))
        } else if let Some(awaited) = self.awaited {
            match awaited {
                Awaited::Message => Step::AwaitMessage,
                Awaited::Close => Step::AwaitClose,
            }
        } else if self.rst == Some(true) {
            Step::Rst
        } else if self.fin == Some(true) {
            Step::Fin
        } else if self.pause.is_some() {
            return Ok(None);
        } else {
            return Err("nothing to do");
        }))
    }
}

fn decode(hex: &str) -> Result<Bytes, &'static str> {
    hex::decode(hex).map(Bytes::from).map_err(|_| "not hexadecimal")
}

/// A text message in fragments that split code points, with a ping between each two.
pub fn fragmented() -> Vec<Step> {
    let text = "héllo wörld €𝄞 end";
    // Inside é, ö and €, and twice inside 𝄞.
    let cuts = [0, 2, 9, 15, 18, 20, text.len()];
    let mut steps = Vec::new();
    for (index, cut) in cuts.windows(2).enumerate() {
        if index > 0 {
            steps.push(Step::frame(Frame::new(PING, format!("{index}"))));
        }
        let opcode = if index == 0 { TEXT } else { 0 };
        let payload = Bytes::from_static(text.as_bytes()).slice(cut[0]..cut[1]);
        let frame = Frame::new(opcode, payload);
        let fin = cut[1] == text.len();
        steps.push(Step::frame(Frame { fin, ..frame }));
    }
    steps
}

/// The index, padded with dots to `size` bytes.
pub fn padded(index: u64, size: usize) -> Frame {
    let mut text = index.to_string().into_bytes();
    text.resize(text.len().max(size), b'.');
    Frame::new(TEXT, text)
}

/// A message of `size` bytes.
pub fn sized(opcode: u8, size: usize) -> Frame {
    let payload = match opcode {
        BINARY => {
            // Copies whole rounds. Byte by byte, it would take a second without optimization, which delays the open.
            let round: Vec<u8> = (0..=250).collect();
            let mut payload = round.repeat(size / round.len() + 1);
            payload.truncate(size);
            payload
        }
        _ => vec![b'x'; size],
    };
    Frame::new(opcode, payload)
}

/// A JSON message of `size` bytes.
pub fn json(size: usize) -> Frame {
    const AROUND: usize = r#"{"data":""}"#.len();
    Frame::text(format!(r#"{{"data":"{}"}}"#, "x".repeat(size.saturating_sub(AROUND))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_of_the_fragments_is_inside_of_a_code_point() {
        let mut whole = BytesMut::new();
        for step in fragmented() {
            if let Step::Frame(frame, None) = step
                && frame.opcode != PING
            {
                whole.put(frame.payload);
                assert_eq!(str::from_utf8(&whole).is_ok(), frame.fin);
            }
        }
        assert_eq!(whole, "héllo wörld €𝄞 end");
    }

    #[test]
    fn a_script_with_a_mistake_says_which_item() {
        let error = |json| Script::parse(json).err().unwrap_or_default();
        assert_eq!(error(r#"[{"fin":true},{}]"#), "item 1: nothing to do");
        assert_eq!(error(r#"[{"opcode":2,"hex":"0"}]"#), "item 0: not hexadecimal");
        assert!(error(r#"[{"opcod":2}]"#).contains("opcod"));
        assert!(Script::parse(r#"[{"pause":1},{"opcode":8},{"close":1}]"#).is_ok());
    }
}
