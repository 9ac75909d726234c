//! Python with the packages of `xtask/requirements.txt`, in a virtual environment in target/tools.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Unavailable, debian, on_path};
use crate::files::remove_dir;
use crate::repo::Repo;
use crate::step;

const PACKAGES: [&str; 2] = ["python3", "python3-venv"];
const ELSEWHERE: &str = "install Python 3.10 or newer with its venv module, on PATH as python3";
const REQUIREMENTS: &str = "xtask/requirements.txt";

/// The directory of the environment's programs (python, kosoku, …); made where it is missing or the requirements
/// changed.
pub fn ensure(repo: &Repo) -> Result<PathBuf, Unavailable> {
    let dir = repo.tools().join("python");
    let programs = dir.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let python = programs.join("python").with_extension(std::env::consts::EXE_EXTENSION);
    // What was installed, kept to compare with. Written last.
    let stamp = dir.join("requirements.txt");
    let wanted = fs::read(repo.path(REQUIREMENTS)).map_err(|error| unavailable(error.into()))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) && step::version_of(&python).is_some() {
        return Ok(programs);
    }
    if !has_venv() {
        debian::install(&PACKAGES, ELSEWHERE)?;
    }
    step::say("installing the Python packages of xtask/requirements.txt into target/tools/python (10 to 60 seconds)");
    let install = || -> Result<()> {
        remove_dir(&dir)?;
        step::run(Command::new("python3").args(["-m", "venv"]).arg(&dir), ELSEWHERE)?;
        let mut pip = Command::new(&python);
        pip.args("-m pip install --quiet --disable-pip-version-check -r".split(' ')).arg(repo.path(REQUIREMENTS));
        step::download(&mut pip, "check the network, then run this again")?;
        fs::write(&stamp, &wanted).with_context(|| format!("writing {}", stamp.display()))
    };
    install().map_err(unavailable)?;
    Ok(programs)
}

fn has_venv() -> bool {
    let mut ask = Command::new("python3");
    ask.args(["-c", "import ensurepip, venv"]);
    on_path(&["python3"]).is_some() && step::capture(&mut ask).is_ok_and(|output| output.status.success())
}

fn unavailable(error: anyhow::Error) -> Unavailable {
    Unavailable { reason: format!("{error:#}"), command: debian::advice(&PACKAGES, ELSEWHERE) }
}
