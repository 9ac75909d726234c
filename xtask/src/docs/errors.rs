//! The table of errors, generated from the code.

use std::fmt::Write;

use anyhow::{Context, Result};
use fourd_websocket::ErrCode;

use crate::docs::section::Section;
use crate::files;
use crate::repo::Repo;

const CODE: &str = "src/error.rs";
const SECTION: Section = Section {
    page: "docs/guide/errors.md",
    start: "<!-- errors: written by `cargo xtask docs` -->\n",
    end: "<!-- /errors -->",
};

/// Writes the table into its page.
pub fn write(repo: &Repo) -> Result<()> {
    SECTION.write(repo, &table(&files::read_text(&repo.path(CODE))?)?)
}

/// A row for every error. Its meaning is the comment in the source.
fn table(source: &str) -> Result<String> {
    let mut table = String::from("| number | where | what it means | message |\n|---|---|---|---|\n");
    for &error in ErrCode::ALL {
        let name = format!("{error:?}");
        let comment = comment_on(source, &name).with_context(|| format!("{CODE} has no comment on {name}"))?;
        let of = |prefix| comment.strip_prefix(prefix).map(|text| text[..1].to_uppercase() + &text[1..]);
        let (place, meaning) = match (of("Event: "), of("Retry: ")) {
            (Some(meaning), _) => ("`onError`", meaning),
            (_, Some(meaning)) => ("`onRetry`, `onStop`", meaning),
            _ => ("thrown", comment),
        };
        let message = plain(error.text());
        let number = error as i32;
        writeln!(table, "| <a id=\"e{number}\"></a>{number} | {place} | {meaning} | {message} |")?;
    }
    Ok(table)
}

/// The lines of `///` before the name of a variant.
fn comment_on(source: &str, name: &str) -> Option<String> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(" = ")))?;
    let mut comment: Vec<_> = lines[..at].iter().rev().map_while(|line| line.strip_prefix("/// ")).collect();
    comment.reverse();
    Some(comment.join(" ")).filter(|comment| !comment.is_empty())
}

/// Escapes the text for Markdown.
fn plain(text: &str) -> String {
    let escaped = |character: char| match character {
        // VitePress parses braces at the end of a cell as attributes.
        '{' => "&#123;".to_owned(),
        '`' | '*' | '_' | '|' | '~' | '<' | '\\' | '[' | ']' => format!("\\{character}"),
        _ => character.to_string(),
    };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_on_a_variant_is_all_of_its_lines() {
        let source = "/// Another.\nUrlOf = 1, \"a\";\n/// The url\n/// is wrong.\nUrl = 5001, \"text\";\n";
        assert_eq!(comment_on(source, "Url").as_deref(), Some("The url is wrong."));
        assert_eq!(comment_on(source, "None"), None);
    }

    #[test]
    fn the_table_of_errors_is_that_of_the_code() {
        let repo = Repo::open().unwrap();
        let page = files::read_text(&repo.path(SECTION.page)).unwrap();
        let table = table(&files::read_text(&repo.path(CODE)).unwrap()).unwrap();
        let is_current = SECTION.replace(&page, &table).as_ref() == Some(&page);
        assert!(is_current, "`cargo xtask docs` writes the table of {CODE} into {}", SECTION.page);
    }

    #[test]
    fn every_error_is_in_the_table() {
        let source = include_str!("../../../src/error.rs");
        let table = table(source).unwrap();
        for &error in ErrCode::ALL {
            assert!(table.contains(&format!("{} | ", error as i32)), "{error:?}");
        }
        assert_eq!(table.lines().count(), ErrCode::ALL.len() + 2);
    }
}
