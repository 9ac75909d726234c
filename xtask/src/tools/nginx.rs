//! nginx, from PATH or from Debian's package.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Unavailable, debian, on_path};
use crate::repo::Repo;
use crate::step;

const ELSEWHERE: &str = "install nginx with the system's package manager, on PATH";

/// The program. Debian's package is unpacked into target/tools, not installed: it would start a service.
pub fn ensure(repo: &Repo) -> Result<PathBuf, Unavailable> {
    let unpacked = repo.tools().join("nginx/usr/sbin/nginx");
    let find = || on_path(&["nginx"]).into_iter().chain([unpacked.clone()]).find(|program| runs(program));
    if let Some(program) = find() {
        return Ok(program);
    }
    debian::unpack(repo, "nginx", ELSEWHERE)?;
    find().ok_or_else(|| Unavailable {
        reason: "the nginx of Debian's package does not run".into(),
        command: format!("{} -v", unpacked.display()),
    })
}

fn runs(program: &Path) -> bool {
    step::capture(Command::new(program).arg("-v")).is_ok_and(|output| output.status.success())
}
