//! The records of clients that `/seen` returns.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::{frame, proxy::Passage, request::Request};

const MAX_KEYS: usize = 20_000;
const MAX_FRAMES: usize = 1000;
const MAX_TEXT: usize = 1024;
const MAX_HEX: usize = 32;

/// The end of a connection.
#[derive(Clone, Debug)]
pub enum End {
    Close,
    Fin,
    Reset,
    Error(String),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected => Self::Reset,
            io::ErrorKind::UnexpectedEof => Self::Fin,
            _ => Self::Error(error.to_string()),
        }
    }
}

#[derive(Default)]
struct Seen {
    path: Option<String>,
    target: Option<String>,
    headers: Value,
    frames: Vec<Value>,
    received: u64,
    bytes: u64,
    close: Value,
    end: Option<End>,
}

/// The record of one connection: its messages and its end.
#[derive(Default)]
pub struct Record {
    seen: Mutex<Seen>,
    ended: watch::Sender<bool>,
    /// The progress of a proxy.
    passage: watch::Sender<Option<Passage>>,
}

impl Record {
    pub fn of(request: &Request) -> Self {
        let seen = Seen {
            path: Some(request.path.clone()),
            target: Some(request.target.clone()),
            headers: headers(request),
            ..Seen::default()
        };
        Self { seen: Mutex::new(seen), ..Self::default() }
    }

    /// Adds a message.
    pub fn message(&self, opcode: u8, payload: &[u8], fragments: usize) {
        let mut seen = lock(&self.seen);
        seen.received += 1;
        seen.bytes += payload.len() as u64;
        if seen.frames.len() >= MAX_FRAMES {
            return;
        }
        let mut item = if opcode == frame::TEXT { text(payload) } else { bytes("binary", payload) };
        if fragments > 1 {
            item["fragments"] = fragments.into();
        }
        seen.frames.push(item);
    }

    /// Adds a ping or a pong.
    pub fn control(&self, opcode: u8, payload: &[u8]) {
        let mut seen = lock(&self.seen);
        if seen.frames.len() < MAX_FRAMES {
            let name = if opcode == frame::PING { "ping" } else { "pong" };
            seen.frames.push(bytes(name, payload));
        }
    }

    /// Keeps the client's close frame.
    pub fn close(&self, code: Option<u16>, reason: &[u8]) {
        let reason = String::from_utf8_lossy(reason);
        lock(&self.seen).close = json!({ "code": code, "reason": reason });
    }

    /// Reports the end of the connection to those who wait. Only the first end counts, because a client may reset the
    /// connection after the closing handshake.
    pub fn end(&self, end: End) {
        lock(&self.seen).end.get_or_insert(end);
        self.ended.send_replace(true);
    }

    /// Waits for the connection's end.
    pub async fn ended(&self) {
        // The sender cannot be dropped, because this record owns it.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// Stores the progress of a proxy.
    pub fn passage(&self, passage: &Passage) {
        self.passage.send_replace(Some(passage.clone()));
    }

    /// Waits until a proxy has performed its action.
    pub async fn fault_reached(&self) {
        let is_reached = |passage: &Option<Passage>| passage.as_ref().is_some_and(|passage| passage.reached);
        let _ = self.passage.subscribe().wait_for(is_reached).await;
    }

    /// The response of `/seen`.
    pub fn to_json(&self, key: &str) -> Value {
        let seen = lock(&self.seen);
        let (end, error) = match &seen.end {
            None => (None, None),
            Some(End::Close) => (Some("close"), None),
            Some(End::Fin) => (Some("fin"), None),
            Some(End::Reset) => (Some("reset"), None),
            Some(End::Error(text)) => (Some("error"), Some(text)),
        };
        let mut value = json!({
            "key": key,
            "path": seen.path,
            "target": seen.target,
            "headers": seen.headers,
            "frames": seen.frames,
            "received": seen.received,
            "bytes": seen.bytes,
            "close": seen.close,
            "end": end,
        });
        if let Some(passage) = &*self.passage.borrow() {
            value["proxy"] = passage.to_json();
        }
        if let Some(error) = error {
            value["error"] = error.as_str().into();
        }
        value
    }

    fn has_begun(&self) -> bool {
        lock(&self.seen).path.is_some()
    }
}

/// The headers as lists of values by name.
fn headers(request: &Request) -> Value {
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        let values = headers.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(value.clone().into());
        }
    }
    headers.into()
}

fn text(payload: &[u8]) -> Value {
    if payload.len() <= MAX_TEXT {
        return json!({ "opcode": "text", "data": String::from_utf8_lossy(payload) });
    }
    let start = &payload[..MAX_TEXT];
    // The payload is UTF-8. Invalid bytes here are a truncated code point.
    let whole = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    json!({ "opcode": "text", "data": whole, "bytes": payload.len() })
}

fn bytes(opcode: &str, payload: &[u8]) -> Value {
    let start = &payload[..payload.len().min(MAX_HEX)];
    json!({ "opcode": opcode, "bytes": payload.len(), "hex": hex::encode(start) })
}

/// The records of all keys. The oldest are dropped first.
#[derive(Default)]
pub struct Records(Mutex<Keys>);

#[derive(Default)]
struct Keys {
    records: HashMap<String, Arc<Record>>,
    order: VecDeque<String>,
}

impl Records {
    /// The record of a new connection. Without a key in the query, it cannot be queried.
    pub fn begin(&self, request: &Request) -> Arc<Record> {
        let fresh = Record::of(request);
        let Some(key) = request.value("key") else {
            return Arc::new(fresh);
        };
        let record = self.of(key);
        if record.has_begun() {
            let record = Arc::new(fresh);
            lock(&self.0).records.insert(key.to_owned(), record.clone());
            return record;
        }
        // A client may already wait for this record, so it has to remain the same object.
        *lock(&record.seen) = fresh.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        record
    }

    /// The record of a key. Its connection may not have begun yet.
    pub fn of(&self, key: &str) -> Arc<Record> {
        let mut keys = lock(&self.0);
        if let Some(record) = keys.records.get(key) {
            return record.clone();
        }
        if keys.order.len() >= MAX_KEYS
            && let Some(oldest) = keys.order.pop_front()
        {
            keys.records.remove(&oldest);
        }
        let record = Arc::<Record>::default();
        keys.order.push_back(key.to_owned());
        keys.records.insert(key.to_owned(), record.clone());
        record
    }
}

// A panic cannot leave inconsistent data here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_code_points() {
        let record = Record::default();
        record.message(frame::TEXT, "€".repeat(400).as_bytes(), 2);
        let seen = record.to_json("k");
        assert_eq!(seen["frames"][0]["data"], "€".repeat(341));
        assert_eq!(seen["frames"][0]["bytes"], 1200);
        assert_eq!(seen["frames"][0]["fragments"], 2);
    }

    #[test]
    fn frames_and_keys_are_bounded() {
        let records = Records::default();
        let first = records.of("0");
        for key in 1..=MAX_KEYS {
            records.of(&key.to_string());
        }
        assert_eq!(lock(&records.0).records.len(), MAX_KEYS);
        assert!(!Arc::ptr_eq(&first, &records.of("0")));

        for _ in 0..MAX_FRAMES + 5 {
            first.message(frame::BINARY, b"ab", 1);
        }
        let seen = first.to_json("0");
        assert_eq!(seen["frames"].as_array().map(Vec::len), Some(MAX_FRAMES));
        assert_eq!(seen["received"], 1005);
        assert_eq!(seen["bytes"], 2010);
    }
}
