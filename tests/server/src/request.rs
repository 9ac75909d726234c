//! The head of an HTTP request. It is decoded here, because a fault has to control the whole answer.

use std::{str::FromStr, time::Duration};

use bytes::BytesMut;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use crate::response::Response;

const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 256;
const HEAD_TIME: Duration = Duration::from_secs(10);

/// A request, without its body.
pub struct Request {
    pub method: String,
    /// Path and query, unchanged.
    pub target: String,
    pub path: String,
    /// Names are in lower case. The order is the request's.
    pub headers: Vec<(String, String)>,
    /// The head, unchanged.
    pub head: BytesMut,
    /// The bytes after the head: the start of a body, or of the client's frames.
    pub rest: BytesMut,
    query: Vec<(String, String)>,
}

impl Request {
    /// Reads the head of a request. Returns `Ok(None)` if the client left before it was complete, because browsers open
    /// connections in advance.
    pub async fn read(stream: &mut TcpStream) -> Result<Option<Self>, Response> {
        match timeout(HEAD_TIME, Self::read_head(stream)).await {
            Ok(result) => result,
            Err(_) => Err(Response::text(408, "no complete request within 10 s")),
        }
    }

    async fn read_head(stream: &mut TcpStream) -> Result<Option<Self>, Response> {
        let mut buffer = BytesMut::with_capacity(4096);
        loop {
            if !matches!(stream.read_buf(&mut buffer).await, Ok(1..)) {
                return Ok(None);
            }
            if let Some(request) = Self::parse(&mut buffer)? {
                return Ok(Some(request));
            }
            if buffer.len() >= MAX_HEAD {
                return Err(Response::text(431, "a request head of more than 64 KiB"));
            }
        }
    }

    /// Decodes a head at the start of `buffer`, and takes the rest with it. Returns `Ok(None)` if it is incomplete.
    fn parse(buffer: &mut BytesMut) -> Result<Option<Self>, Response> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut head = httparse::Request::new(&mut headers);
        let length = match head.parse(buffer) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(error) => return Err(Response::text(400, error.to_string())),
        };
        let target = head.path.unwrap_or_default().to_owned();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut request = Self {
            method: head.method.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            headers: head
                .headers
                .iter()
                .map(|header| {
                    let value = String::from_utf8_lossy(header.value);
                    (header.name.to_ascii_lowercase(), value.into_owned())
                })
                .collect(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            target,
            head: BytesMut::new(),
            rest: BytesMut::new(),
        };
        request.rest = buffer.split_off(length);
        request.head = buffer.split();
        Ok(Some(request))
    }

    /// The first header with this name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }

    /// The items of a list header, over all its lines.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |header| header.0 == name)
            .flat_map(|header| header.1.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }

    /// The query's value with this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// `true` if the query has this name, with or without a value.
    pub fn flag(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The query's number with this name.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Response> {
        self.value(name)
            .map(|value| value.parse().map_err(|_| Response::text(400, format!("not a number: {name}={value}"))))
            .transpose()
    }

    /// The query's milliseconds with this name.
    pub fn milliseconds(&self, name: &str) -> Result<Option<Duration>, Response> {
        Ok(self.number(name)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(head: &str) -> Option<Request> {
        Request::parse(&mut head.into()).ok().flatten()
    }

    #[test]
    fn a_head_is_taken_apart() {
        let request =
            parse("GET /a%20b?x=%C3%A9+1&flag HTTP/1.1\r\nA: b, c\r\nx: y\r\na: d\r\n\r\nrest").expect("a whole head");
        assert_eq!(request.path, "/a%20b");
        assert_eq!(request.value("x"), Some("é 1"));
        assert!(request.flag("flag") && !request.flag("other"));
        assert!(request.list("a").eq(["b", "c", "d"]));
        assert_eq!(request.header("x"), Some("y"));
        assert!(request.head.ends_with(b"a: d\r\n\r\n"));
        assert_eq!(request.rest, "rest");
        assert!(request.number::<u16>("x").is_err());
    }

    #[test]
    fn a_part_of_a_head_is_none() {
        assert!(parse("GET / HTTP/1.1\r\nA: b\r\n").is_none());
    }
}
