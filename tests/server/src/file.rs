//! Static files.

use std::{path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;

use crate::response::Response;

/// A directory, and the name under which it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    /// The first segment after `/files/`.
    pub name: String,
    /// The directory. Symbolic links in it are followed, also outside of it.
    pub directory: PathBuf,
}

impl FromStr for Root {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, directory)) if !name.is_empty() && !directory.is_empty() => {
                Ok(Self { name: name.to_owned(), directory: directory.into() })
            }
            _ => Err("expected NAME=DIR".to_owned()),
        }
    }
}

/// The response for the part of a path after `/files/`.
pub async fn serve(roots: &[Root], path: &str) -> Response {
    let Some(file) = locate(roots, path) else {
        return Response::text(404, "no such file");
    };
    match tokio::fs::read(&file).await {
        Ok(body) => Response::empty(200).header("Cache-Control", "no-cache").body(content_type(&file), body),
        Err(error) => Response::text(404, error.to_string()),
    }
}

/// The response for a path of a site. A missing file is answered with the site's `404.html`, as by hosts of static
/// sites.
pub async fn serve_site(roots: &[Root], site: &str, path: &str) -> Response {
    let found = serve(roots, &format!("{site}{path}")).await;
    if found.status != 404 {
        return found;
    }
    match serve(roots, &format!("{site}/404.html")).await {
        page if page.status == 200 => Response { status: 404, ..page },
        _ => found,
    }
}

fn locate(roots: &[Root], path: &str) -> Option<PathBuf> {
    let (name, rest) = path.split_once('/')?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    let mut file = roots.iter().find(|root| root.name == name)?.directory.clone();
    let rest = if rest.is_empty() || rest.ends_with('/') { format!("{rest}index.html") } else { rest.to_owned() };
    for segment in rest.split('/') {
        let segment = percent_decode_str(segment).decode_utf8().ok()?;
        // After decoding, so that %2e%2e or %2f cannot leave the directory. ':' separates a drive on Windows.
        if matches!(&*segment, "" | "." | "..") || segment.contains(['/', '\\', ':', '\0']) {
            return None;
        }
        file.push(&*segment);
    }
    Some(file)
}

fn content_type(file: &std::path::Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("js" | "mjs" | "cjs") => "text/javascript; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("json" | "map") => "application/json; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml; charset=utf-8",
        Some("png") => "image/png",
        Some("xml") => "application/xml; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("txt" | "md" | "ts" | "mts") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_a_root_is_served() {
        let roots = ["a=/x".parse().expect("a root")];
        let at = |path| locate(&roots, path);
        assert_eq!(at("a/b/c%20d.js"), Some("/x/b/c d.js".into()));
        assert_eq!(at("a/"), Some("/x/index.html".into()));
        for path in ["a", "b/c", "a/../c", "a/%2e%2e/c", "a/b%2fc", "a/b%5Cc", "a/C:", "a//c", "a/%ff", "a/b%00"] {
            assert_eq!(at(path), None, "{path}");
        }
    }

    #[test]
    fn a_root_needs_a_name_and_a_directory() {
        assert!("a".parse::<Root>().is_err());
        assert!("=a".parse::<Root>().is_err());
        assert!("a=".parse::<Root>().is_err());
    }
}
