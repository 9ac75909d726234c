//! The behaviour of each WebSocket path.

use std::num::NonZeroU32;

use crate::{
    fault::Fault,
    frame::{BINARY, Frame, TEXT},
    handshake::Flaw,
    proxy::Proxy,
    request::Request,
    response::Response,
    script::{Rest, Script, Step, fragmented, json, padded, sized},
};

const MAX_SIZE: usize = 1 << 30;

/// The behaviour of a WebSocket path.
pub enum Route {
    /// An answer other than the 101.
    Fault(Fault),
    /// The steps after the 101.
    Script(Flaw, Script),
    /// A proxy for another path.
    Proxy(Proxy),
}

impl Route {
    /// Returns `None` if the path is not a WebSocket path, and an error if the query is invalid.
    pub fn of(request: &Request) -> Result<Option<Self>, Response> {
        if let Some(fault) = fault(request)? {
            return Ok(Some(Self::Fault(fault)));
        }
        if request.path == "/proxy" {
            return Proxy::of(request).map(|proxy| Some(Self::Proxy(proxy)));
        }
        let flaw = match request.path.as_str() {
            "/accept" => Flaw::WrongAccept,
            "/upgrade" => Flaw::NoUpgrade,
            _ => Flaw::None,
        };
        Ok(script(request)?.map(|script| Self::Script(flaw, script)))
    }
}

fn fault(request: &Request) -> Result<Option<Fault>, Response> {
    Ok(Some(match request.path.as_str() {
        "/stall" => Fault::Stall,
        "/garbage" => Fault::Garbage,
        "/hangup" if request.flag("rst") => Fault::Reset,
        "/hangup" => Fault::Hangup,
        path => match path.strip_prefix("/status/") {
            None => return Ok(None),
            Some(status) => match status.parse() {
                Ok(status @ 200..=599) => Fault::Status(status),
                _ => return Err(Response::text(400, "a status is 200 to 599")),
            },
        },
    }))
}

fn script(request: &Request) -> Result<Option<Script>, Response> {
    let count = request.number("count")?;
    let binary = request.value("in") == Some("binary");
    let steps = match request.path.as_str() {
        "/echo" | "/accept" | "/upgrade" => vec![],
        "/sink" => return Ok(Some(Script::only(Rest::Sink))),
        "/silent" => return Ok(Some(Script::only(Rest::Silence))),
        "/deaf" => return Ok(Some(Script::only(Rest::Deafness))),
        "/slow-read" => {
            let rate = NonZeroU32::new(request.number("rate")?.unwrap_or(64 * 1024));
            let rate = rate.ok_or_else(|| Response::text(400, "a rate is 1 or more bytes a second"))?;
            return Ok(Some(Script::only(Rest::SlowSink(rate))));
        }

        "/headers" => {
            let text = headers(request).to_string();
            vec![Step::frame(Frame::text(text))]
        }
        "/text" => {
            let data = request.value("data").unwrap_or_default().to_owned();
            vec![Step::frames(count.unwrap_or(1), move |index| Frame::text(data.replace("{i}", &index.to_string())))]
        }
        "/binary" => {
            let bytes = hex::decode(request.value("hex").unwrap_or_default())
                .map_err(|error| Response::text(400, error.to_string()))?;
            let frame = Frame::new(BINARY, bytes);
            vec![Step::frames(count.unwrap_or(1), move |_| frame.clone())]
        }
        "/mixed" => vec![Step::frames(count.unwrap_or(2), |index| match index % 2 {
            0 => Frame::text(format!("text {index}")),
            _ => Frame::new(BINARY, format!("binary {index}")),
        })],
        "/flood" => {
            let size = size(request, "size")?.unwrap_or(0);
            let flood = Step::frames(count.unwrap_or(1000), move |index| padded(index, size));
            let close = request.flag("close").then(|| Step::frame(Frame::close(Some(1000), "")));
            [flood].into_iter().chain(close).collect()
        }
        "/size" => {
            let opcode = match request.value("kind") {
                None | Some("text") => TEXT,
                Some("binary") => BINARY,
                Some(_) => return Err(Response::text(400, "a kind is text or binary")),
            };
            let size = size(request, "bytes")?.unwrap_or(0);
            vec![Step::frame(sized(opcode, size))]
        }
        "/burst" => {
            let size = size(request, "size")?.unwrap_or(0);
            let frame = match request.value("kind") {
                None | Some("text") => sized(TEXT, size),
                Some("binary") => sized(BINARY, size),
                Some("object") => json(size),
                Some(_) => return Err(Response::text(400, "a kind is text, binary or object")),
            };
            return Ok(Some(Script::only(Rest::Burst(frame))));
        }
        "/tally" => return Ok(Some(Script::only(Rest::Tally))),
        "/fragmented" => fragmented(),
        "/script" => {
            let frames = request.value("frames").unwrap_or("[]");
            return Script::parse(frames).map(Some).map_err(|error| Response::text(400, error));
        }

        "/close" => {
            let reason = request.value("reason").unwrap_or_default();
            let frame = Frame::close(request.number("code")?, reason);
            after(request, 0, Step::frame(frame))?
        }
        "/fin" => after(request, 20, Step::Fin)?,
        "/rst" => after(request, 20, Step::Rst)?,
        "/late" => {
            vec![Step::AwaitClose, Step::frames(count.unwrap_or(3), |index| Frame::text(format!("late {index}")))]
        }
        "/slow-close" => {
            let delay = request.milliseconds("delay")?.unwrap_or_default();
            vec![Step::AwaitClose, Step::Pause(delay)]
        }

        "/opcode" => vec![Step::frame(Frame::new(3, "reserved"))],
        "/utf8" => vec![Step::frame(Frame::new(kind(binary), vec![0xff, 0xfe]))],
        "/json" => vec![Step::frame(Frame::new(kind(binary), r#"{"a":"#))],
        "/masked" => vec![Step::frame(Frame { masked: true, ..Frame::text("masked") })],
        "/close-short" => vec![Step::frame(Frame::new(crate::frame::CLOSE, vec![3]))],
        "/close-bad" => {
            let code = request.number("code")?.unwrap_or(1005);
            vec![Step::frame(Frame::close(Some(code), ""))]
        }
        _ => return Ok(None),
    };
    Ok(Some(Script::new(steps)))
}

/// A step after `?after=` messages and `?delay=` milliseconds.
fn after(request: &Request, delay: u64, step: Step) -> Result<Vec<Step>, Response> {
    let messages: u16 = request.number("after")?.unwrap_or(0);
    let default = std::time::Duration::from_millis(if messages == 0 { delay } else { 0 });
    let delay = request.milliseconds("delay")?.unwrap_or(default);
    let mut steps: Vec<Step> = (0..messages).map(|_| Step::AwaitMessage).collect();
    steps.extend([Step::Pause(delay), step]);
    Ok(steps)
}

fn size(request: &Request, name: &str) -> Result<Option<usize>, Response> {
    match request.number(name)? {
        Some(size) if size > MAX_SIZE => Err(Response::text(400, "1 GiB at most")),
        size => Ok(size),
    }
}

fn kind(binary: bool) -> u8 {
    if binary { BINARY } else { TEXT }
}

/// The headers. Repeated headers are lists.
fn headers(request: &Request) -> serde_json::Value {
    let mut headers = serde_json::Map::new();
    for (name, value) in &request.headers {
        let value = value.clone().into();
        match headers.get_mut(name) {
            None => {
                headers.insert(name.clone(), value);
            }
            Some(serde_json::Value::Array(values)) => values.push(value),
            Some(first) => *first = vec![first.take(), value].into(),
        }
    }
    headers.into()
}
