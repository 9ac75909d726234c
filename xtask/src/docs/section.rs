//! A section of a page of `docs/` that a command writes.

use anyhow::{Context, Result};

use crate::files;
use crate::repo::Repo;
use crate::step;

/// The part of a page between two comments.
pub struct Section {
    pub page: &'static str,
    pub start: &'static str,
    pub end: &'static str,
}

impl Section {
    /// Writes the section, if its content changed.
    pub fn write(&self, repo: &Repo, content: &str) -> Result<()> {
        let file = repo.path(self.page);
        let text = files::read_text(&file)?;
        let replaced = self.replace(&text, content).with_context(|| {
            format!("{} has no place for the table; it is between {:?} and {:?}", self.page, self.start, self.end)
        })?;
        if replaced == text {
            return Ok(());
        }
        step::say(format!("{} has the table of this run", self.page));
        files::write(&file, replaced)
    }

    /// A page with another content of the section. `None` if the page has no such section.
    pub fn replace(&self, text: &str, content: &str) -> Option<String> {
        let Self { start, end, .. } = self;
        let (before, rest) = text.split_once(start)?;
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{start}{content}{end}{after}"))
    }
}
