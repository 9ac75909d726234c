//! The samples on a page: the code in its fences, with what the comment before each says that it does.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::repo::Repo;

/// The pages, and what builds them.
pub const DIR: &str = "docs";

/// A page of docs/.
pub struct Page {
    /// Its path in the repository.
    pub name: String,
    pub text: String,
}

/// A sample, word for word, and what it has to do.
#[derive(Debug, PartialEq)]
pub struct Sample {
    pub name: String,
    /// The page and the line.
    pub place: String,
    pub language: String,
    pub host: Host,
    /// The path of the test server that every URL in the sample stands for.
    pub server: Option<String>,
    /// What a program does with a sample in Rust, which by itself only defines something.
    pub calls: Vec<String>,
    pub steps: Vec<Step>,
    pub code: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    Node,
    /// A page with the module that a bundler makes of it.
    Bundler,
    /// The sample is a page.
    Page,
    /// A module of a crate, compiled to WebAssembly, in Node.
    RustInNode,
    /// The same in a page.
    RustInPage,
}

#[derive(Debug, PartialEq)]
pub enum Step {
    /// Something is written into the one field of the page, with Enter.
    Type(String),
    /// The button of that name is clicked.
    Click(String),
    /// What it has written by now; `…` is any number of lines.
    Prints(Vec<String>),
    /// What the page shows.
    Shows(Vec<String>),
}

/// The languages of samples that can do something.
const LANGUAGES: [&str; 4] = ["js", "ts", "html", "rust"];

const FENCE: &str = "```";
const START: &str = "<!-- test ";

impl Page {
    /// Every sample; fails at one that nothing is said of.
    pub fn samples(&self) -> Result<Vec<Sample>> {
        let mut lines = self.text.lines().enumerate();
        let mut samples = Vec::new();
        let mut comment = None;
        while let Some((at, line)) = lines.next() {
            let place = || format!("{}:{}", self.name, at + 1);
            if let Some(name) = line.strip_prefix(START) {
                let said: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "-->").collect();
                comment = Some((name, said));
            } else if let Some(language) = line.strip_prefix(FENCE) {
                let language = language.split_whitespace().next().unwrap_or_default();
                let code: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != FENCE).collect();
                match comment.take() {
                    Some((name, said)) => {
                        let sample = Sample::of(name, place(), language, &said, &code);
                        samples.push(sample.with_context(place)?);
                    }
                    None if LANGUAGES.contains(&language) => {
                        bail!("{}: a sample needs a comment \"{START}NAME …\" before it, as the others have", place());
                    }
                    None => {}
                }
            } else {
                ensure!(comment.is_none() || line.is_empty(), "{}: a comment \"{START}…\" without its sample", place());
            }
        }
        ensure!(comment.is_none(), "{}: a comment \"{START}…\" without its sample at the end", self.name);
        Ok(samples)
    }
}

impl Sample {
    fn of(name: &str, place: String, language: &str, said: &[&str], code: &[&str]) -> Result<Self> {
        let (mut host, mut server, mut calls, mut steps) = (None, None, Vec::new(), Vec::new());
        for line in said {
            match (line.split_once(": "), *line) {
                (Some(("call", code)), _) if steps.is_empty() => calls.push(code.to_owned()),
                (_, "prints:") => steps.push(Step::Prints(Vec::new())),
                (_, "shows:") => steps.push(Step::Shows(Vec::new())),
                (Some(("host", value)), _) if steps.is_empty() => host = Some(Host::of(value)?),
                (Some(("server", value)), _) if steps.is_empty() => server = Some(value.to_owned()),
                (Some(("type", text)), _) => steps.push(Step::Type(text.to_owned())),
                (Some(("click", text)), _) => steps.push(Step::Click(text.to_owned())),
                _ => match steps.last_mut() {
                    Some(Step::Prints(lines) | Step::Shows(lines)) => lines.push((*line).to_owned()),
                    _ => bail!("\"{line}\" is neither host, server, call, type, click, prints nor shows"),
                },
            }
        }
        let host = host.context("it does not say its host")?;
        ensure!(!steps.is_empty(), "it does not say what it prints or shows");
        let is_rust = matches!(host, Host::RustInNode | Host::RustInPage);
        ensure!(is_rust != calls.is_empty(), "a sample in Rust says what to call, and no other does");
        let (name, language, code) = (name.to_owned(), language.to_owned(), code.join("\n") + "\n");
        Ok(Self { name, place, language, host, server, calls, steps, code })
    }
}

impl Host {
    fn of(name: &str) -> Result<Self> {
        Ok(match name {
            "node" => Self::Node,
            "bundler" => Self::Bundler,
            "page" => Self::Page,
            "rust in node" => Self::RustInNode,
            "rust in a page" => Self::RustInPage,
            _ => bail!("there is no host {name:?}, only node, bundler, page, rust in node and rust in a page"),
        })
    }
}

/// Whether lines are those expected, of which `…` stands for any number.
pub fn is_like(lines: &[String], expected: &[String]) -> bool {
    match (expected.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((any, rest)), _) if any == "…" => (0..=lines.len()).any(|skipped| is_like(&lines[skipped..], rest)),
        (Some((wanted, expected)), Some((line, lines))) => wanted == line && is_like(lines, expected),
        _ => false,
    }
}

/// Every page there is: the path in the repository, and the text.
pub fn pages(repo: &Repo) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for dir in [DIR, "docs/guide"] {
        for entry in fs::read_dir(repo.path(dir)).with_context(|| format!("reading {dir}"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = format!("{dir}/{}", path.file_name().unwrap_or_default().to_string_lossy());
                let text = fs::read_to_string(&path).with_context(|| format!("reading {name}"))?;
                pages.push(Page { name, text });
            }
        }
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

/// Every sample of every page; no two of one name.
pub fn samples(repo: &Repo) -> Result<Vec<Sample>> {
    let mut samples: Vec<Sample> = Vec::new();
    for page in pages(repo)? {
        samples.extend(page.samples()?);
    }
    let mut names = BTreeSet::new();
    for sample in &samples {
        ensure!(names.insert(&sample.name), "{}: there is another sample {}", sample.place, sample.name);
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(text: &str) -> Result<Vec<Sample>> {
        Page { name: "a.md".into(), text: text.into() }.samples()
    }

    #[test]
    fn a_sample_is_its_text_with_what_is_said_of_it() {
        let text = "\n<!-- test it_works\nhost: page\nserver: /echo\ntype: Hello\nshows:\none: two\n\nclick: Leave\nprints:\n-->\n```js [A]\na\n\nb\n```\n";
        let expected = Sample {
            name: "it_works".into(),
            place: "a.md:12".into(),
            language: "js".into(),
            host: Host::Page,
            server: Some("/echo".into()),
            calls: vec![],
            steps: vec![
                Step::Type("Hello".into()),
                Step::Shows(vec!["one: two".into(), String::new()]),
                Step::Click("Leave".into()),
                Step::Prints(vec![]),
            ],
            code: "a\n\nb\n".into(),
        };
        assert_eq!(samples(text).unwrap(), [expected]);
    }

    #[test]
    fn a_sample_that_nothing_is_said_of_is_an_error() {
        assert!(samples("```js\na\n```\n").is_err());
        assert!(samples("<!-- test a\nhost: node\n-->\n```js\na\n```\n").is_err());
        assert!(samples("<!-- test a\nhost: rust in node\nprints:\n-->\n```rust\na\n```\n").is_err());
        assert!(samples("<!-- test a\nhost: node\ncall: b();\nprints:\n-->\n```js\na\n```\n").is_err());
        assert!(samples("<!-- test a\nhost: moon\nprints:\n-->\n```js\na\n```\n").is_err());
        assert!(samples("<!-- test a\nhost: node\nprints:\n-->\ntext\n").is_err());
        assert_eq!(samples("```sh\na\n```\n").unwrap(), []);
    }

    #[test]
    fn lines_are_compared_with_those_expected() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (said, expected) in [("a b", "a b"), ("a b c", "a … c"), ("a", "… a …"), ("a b c", "…")] {
            assert!(is_like(&lines(said), &lines(expected)), "{said}");
        }
        for (said, expected) in [("a b", "a"), ("a", "a b"), ("a b c", "a …  b"), ("a", "b")] {
            assert!(!is_like(&lines(said), &lines(expected)), "{said}");
        }
        assert!(is_like(&[], &[]));
    }
}
