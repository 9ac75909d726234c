//! The origin of a request: no page, the server's own page, or another one.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// The names of this machine in a browser that runs on it.
const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// The port that browsers leave out of an origin and of `Host`.
const HTTP_PORT: u16 = 80;

/// Returns whether a request comes from no page, or from a page of the server on this port. A page that has rebound its
/// name to this machine after it was loaded has another `Host`. The server speaks `http:`, so that an origin of
/// `https:` is another one, on every port.
pub fn is_from_here(headers: &HeaderMap, port: u16) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None, None) = (hosts.next(), hosts.next(), origins.next()) else { return false };
    NAMES.iter().any(|name| {
        let authorities = authorities(name, port);
        let is_here = |authority: &str| authorities.iter().any(|here| here == authority);
        let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        origin.is_some_and(is_here) && host.to_str().is_ok_and(is_here)
    })
}

/// A name with its port, and the name alone if the port is the default one.
fn authorities(name: &str, port: u16) -> Vec<String> {
    let mut all = vec![format!("{name}:{port}")];
    all.extend((port == HTTP_PORT).then(|| name.to_owned()));
    all
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn is_taken(host: &str, origin: &str, port: u16) -> bool {
        let all = [(HOST, host), (ORIGIN, origin)];
        let header = |(name, value): (HeaderName, &str)| (name, HeaderValue::from_str(value).expect("a value"));
        is_from_here(&all.into_iter().map(header).collect(), port)
    }

    #[test]
    fn the_default_port_goes_without_saying() {
        for name in ["127.0.0.1", "localhost"] {
            for host in [name.to_owned(), format!("{name}:80")] {
                for origin in [format!("http://{name}"), format!("http://{name}:80")] {
                    assert!(is_taken(&host, &origin, 80), "{host} {origin}");
                }
            }
        }
    }

    #[test]
    fn no_other_port_goes_without_saying() {
        for port in [443, 8080, 8] {
            assert!(is_taken(&format!("localhost:{port}"), &format!("http://localhost:{port}"), port));
            assert!(!is_taken(&format!("localhost:{port}"), "http://localhost", port));
            assert!(!is_taken("localhost", &format!("http://localhost:{port}"), port));
        }
    }

    #[test]
    fn another_origin_is_another_on_the_default_port_too() {
        for (host, origin) in [
            ("localhost", "http://127.0.0.1"),
            ("127.0.0.1", "http://localhost"),
            ("localhost", "https://localhost"),
            ("localhost", "https://localhost:443"),
            ("localhost", "https://localhost:80"),
            ("localhost", "http://localhost:443"),
            ("localhost", "http://localhost:8080"),
            ("localhost", "http://localhost."),
            ("localhost", "http://localhost/"),
            ("localhost", "http://localhost.evil.test"),
            ("localhost", "http://evil.test"),
            ("localhost", "localhost"),
            ("localhost", "null"),
            ("evil.test", "http://evil.test"),
            ("evil.test", "http://localhost"),
        ] {
            assert!(!is_taken(host, origin, 80), "{host} {origin}");
        }
    }
}
