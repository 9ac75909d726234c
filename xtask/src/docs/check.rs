//! What can be told of the site without a host.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::page::Sample;
use super::{DIR, SITE, errors, page, pages, sample};
use crate::notices;
use crate::outcome::Outcome;
use crate::repo::Repo;
use crate::step;
use crate::tools::{Unavailable, python};

/// The documents beside the pages.
const DOCUMENTS: [&str; 7] = [
    "README.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "RELEASING.md",
    "SECURITY.md",
    "pkg-template/README.md",
];

/// What declares the entries of the package, and where the reference has it.
const DECLARATIONS: [(&str, &str); 2] =
    [("pkg-template/index.d.ts", "fourd-websocket"), ("pkg-template/slim.d.ts", "fourd-websocket/slim")];

/// What can be exported, and the directory that TypeDoc has for it.
const KINDS: [(&str, &str); 4] =
    [("class ", "classes"), ("interface ", "interfaces"), ("type ", "type-aliases"), ("function ", "functions")];

type Check = fn(&Repo) -> Result<()>;

const CHECKS: [(&str, Check); 6] = [
    ("the_table_of_errors_is_that_of_the_code", errors::check),
    ("every_export_is_in_the_reference", reference),
    ("every_sample_says_what_it_does", |repo| samples(repo).map(drop)),
    ("every_sample_in_typescript_compiles", sample::compile),
    ("every_page_can_be_reached", navigation),
    ("the_site_has_the_licences_of_what_is_in_it", notices::check_site),
];

/// Checks the site, which is built; gives what was missing for some.
pub fn run(repo: &Repo, filter: Option<&str>, outcome: &mut Outcome) -> Result<Option<Unavailable>> {
    let wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    for (name, check) in CHECKS.into_iter().filter(|(name, _)| wanted(name)) {
        outcome.take(name, check(repo));
    }
    let links = "every_link_leads_somewhere";
    if !wanted(links) {
        return Ok(None);
    }
    match python::ensure(repo) {
        Ok(programs) => outcome.take(links, check_links(repo, &programs)),
        Err(missing) => return Ok(Some(missing)),
    }
    Ok(None)
}

/// Every sample of every page and of the README; no two of one name.
pub fn samples(repo: &Repo) -> Result<Vec<Sample>> {
    let mut samples: Vec<Sample> = Vec::new();
    for page in pages(repo)?.into_iter().chain([page(repo, "README.md")?]) {
        samples.extend(page.samples()?);
    }
    let mut names = BTreeSet::new();
    for sample in &samples {
        ensure!(names.insert(&sample.name), "{}: there is another sample {}", sample.place, sample.name);
    }
    Ok(samples)
}

/// Each exported declaration, and each member of it, has its place in the reference.
fn reference(repo: &Repo) -> Result<()> {
    let mut missing = Vec::new();
    for (file, module) in DECLARATIONS {
        let text = fs::read_to_string(repo.path(file)).with_context(|| format!("reading {file}"))?;
        let mut page = String::new();
        let mut exports = 0;
        for line in text.lines() {
            if let Some((kind, name)) = export(line) {
                exports += 1;
                let file = repo.path(SITE).join(format!("reference/{module}/{kind}/{name}.html"));
                page = fs::read_to_string(&file).unwrap_or_default();
                if page.is_empty() {
                    missing.push(name.to_owned());
                }
            } else if let Some(member) = member(line)
                && !page.is_empty()
                && !page.contains(&format!("id=\"{}\"", member.to_lowercase()))
            {
                missing.push(member.to_owned());
            }
        }
        ensure!(exports > 0, "{file} exports nothing; is xtask/src/docs/check.rs up to date?");
    }
    ensure!(missing.is_empty(), "not in the reference: {}", missing.join(", "));
    Ok(())
}

/// The place and the name of what a line exports.
fn export(line: &str) -> Option<(&'static str, &str)> {
    let declared = line.strip_prefix("export ")?;
    KINDS.into_iter().find_map(|(keyword, kind)| {
        let name = declared.strip_prefix(keyword)?;
        Some((kind, name.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default()))
    })
}

/// The name of a member that a line declares.
fn member(line: &str) -> Option<&str> {
    let declared = line.strip_prefix("  ").filter(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))?;
    let declared = declared.strip_prefix("static ").unwrap_or(declared);
    let declared = declared.strip_prefix("readonly ").unwrap_or(declared);
    let end = declared.find(|character: char| !character.is_alphanumeric())?;
    Some(&declared[..end]).filter(|_| declared[end..].starts_with([':', '?', '(', '<']))
}

/// Every page is named in the navigation.
fn navigation(repo: &Repo) -> Result<()> {
    let config = fs::read_to_string(repo.path(DIR).join(".vitepress/config.js")).context("reading config.js")?;
    for page in pages(repo)? {
        let link = page.name.trim_start_matches(DIR).trim_end_matches(".md").to_owned();
        if link != "/index" {
            ensure!(config.contains(&format!("\"{link}\"")), "{} is not in docs/.vitepress/config.js", page.name);
        }
    }
    Ok(())
}

/// Fails if a link to a page, a file or a heading of this repository leads nowhere.
fn check_links(repo: &Repo, programs: &Path) -> Result<()> {
    let mut lychee = lychee(repo, programs);
    lychee.args(["--offline", "--include-fragments", "--no-progress", "--format=detailed"]);
    let output = step::capture(&mut lychee)?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{}{}", said.trim(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Where links lead that are not of this repository.
pub fn external_links(repo: &Repo) -> Result<BTreeSet<String>> {
    let Ok(programs) = python::ensure(repo) else { return Ok(BTreeSet::new()) };
    let said = step::output(lychee(repo, &programs).arg("--dump"), "is lychee what xtask/requirements.txt names?")?;
    let links = said.lines().filter_map(|line| line.split_whitespace().next());
    Ok(links.filter(|link| link.starts_with("http")).map(str::to_owned).collect())
}

fn lychee(repo: &Repo, programs: &Path) -> Command {
    let site = repo.path(SITE);
    let mut lychee = Command::new(programs.join("lychee"));
    lychee.current_dir(repo.root()).arg("--root-dir").arg(&site).args(["--index-files", "index.html"]);
    // rustdoc checks its own; its pages of sources are many.
    lychee.args(["--exclude-path", "/rust/"]);
    lychee.arg(&site).args(DOCUMENTS.iter().map(PathBuf::from).filter(|file| repo.root().join(file).is_file()));
    lychee
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_and_members_are_found() {
        assert_eq!(export("export class WebSocket<out T> {"), Some(("classes", "WebSocket")));
        assert_eq!(export("export type Status = \"a\";"), Some(("type-aliases", "Status")));
        assert_eq!(export("type Handler<T> = 1;"), None);
        assert_eq!(export("export {};"), None);
        assert_eq!(member("  readonly errCode: number;"), Some("errCode"));
        assert_eq!(member("  static new<T>("), Some("new"));
        assert_eq!(member("  onOpen?(ws: WebSocket<T>): unknown;"), Some("onOpen"));
        assert_eq!(member("    url: string,"), None);
        assert_eq!(member("  [Symbol.dispose](): void;"), None);
    }
}
