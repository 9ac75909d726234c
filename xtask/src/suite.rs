//! A suite of the packed package (`tests/suite`) on one host.

use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::host::Suite;
use crate::limited::{self, LIMIT};
use crate::outcome::Outcome;
use crate::project::Tarballs;
use crate::repo::Repo;
use crate::server::Server;
use crate::tools::browser::Browser;
use crate::tools::runtime::Program;
use crate::trust::Trust;
use crate::{files, mocha};

/// Which cases run, and with what.
pub struct Choice<'a> {
    pub suite: Suite,
    pub filter: Option<&'a str>,
    /// What only this command knows: the `given` of each case.
    pub given: Value,
    /// Whom the host is to trust beside the authorities of its own.
    pub trust: Option<&'a Trust>,
}

/// In Node, or what runs its programs: the package installed as an application would, and the suite beside it.
pub async fn in_process(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    program: &Program,
    choice: &Choice<'_>,
    outcome: &mut Outcome,
) -> Result<()> {
    let project = tarballs.install(repo, outcome.host, program.needs_ws)?;
    let mut command = Command::new(&program.path);
    command.args(program.options);
    files::copy_dir(&repo.path("tests/suite"), &project.join("suite"))?;
    let given = format!("--given={}", choice.given);
    command.args(["suite/node.js", &given, &server.http(), choice.suite.name()]).args(choice.filter);
    command.current_dir(project);
    if let Some(trust) = choice.trust {
        command.envs(trust.variables());
    }
    run_script(&mut command, LIMIT, outcome).await
}

/// Runs a script that writes its results as JSON lines.
pub async fn run_script(command: &mut Command, limit: Duration, outcome: &mut Outcome) -> Result<()> {
    let ended = limited::run_for(limit, command, |line| {
        outcome.line(line);
        limited::count(outcome.ran(), outcome.failures.len());
    })
    .await?;
    outcome.output.push_str(&ended.stderr);
    match ended.status {
        None => outcome.fail_run(format!("not done within {} s, ended", limit.as_secs())),
        Some(status) if !status.success() && outcome.failures.is_empty() => {
            outcome.fail_run(format!("{status}"));
            outcome.check_complete();
        }
        Some(_) => outcome.check_complete(),
    }
    Ok(())
}

/// In a browser: a page of the test server, which posts the same lines back to it.
pub async fn in_browser(
    repo: &Repo,
    server: &Server,
    browser: &Browser,
    worker: bool,
    choice: &Choice<'_>,
    outcome: &mut Outcome,
) -> Result<()> {
    const PAGE: &str = "/files/suite/page.html";
    let (status, _) = server.get(PAGE, Duration::from_secs(10))?;
    if status != 200 {
        bail!("the test server answers {status} for {PAGE}; is there a tests/suite/page.html?");
    }
    let key = format!("{}-{}-{}", outcome.host, outcome.what, std::process::id());
    let given = percent_encoded(&choice.given.to_string());
    let mut url = format!("{}{PAGE}?suite={}&key={key}&given={given}", server.http(), choice.suite.name());
    if worker {
        url.push_str("&worker=1");
    }
    if let Some(filter) = choice.filter {
        url.push_str(&format!("&filter={}", percent_encoded(filter)));
    }

    let browser = choice.trust.map_or_else(|| browser.given(), |trust| trust.browser(browser));
    let given = json!({ "browser": browser, "url": url, "reports": format!("{}/report?key={key}", server.http()) });
    run_script(&mut mocha::script(repo, "tests/browser/visit.js", &given)?, LIMIT, outcome).await
}

pub fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
