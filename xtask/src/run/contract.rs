//! Suites of the packed package (`tests/contract`) on one host.

use anyhow::Result;
use serde_json::json;
use tokio::process::Command;

use crate::files;
use crate::limited::LIMIT;
use crate::run::choice::Choice;
use crate::run::outcome::Outcome;
use crate::run::place::Place;
use crate::run::{script, workerd};
use crate::tools::browser::Browser;
use crate::tools::runtime::Program;

/// Runs the suite on a host.
pub async fn run(place: &Place, choice: &Choice<'_>, outcome: &mut Outcome) -> Result<()> {
    match place {
        Place::Node(program) | Place::Runtime(program) => in_process(program, choice, outcome).await,
        Place::Workerd(workerd) => workerd::run(workerd, choice, outcome).await,
        Place::Page(browser) => in_browser(browser, "", choice, outcome).await,
        Place::Worker(browser) => in_browser(browser, "&worker=1", choice, outcome).await,
    }
}

/// Runs the suite in Node or a compatible host, in a project with the package installed.
async fn in_process(program: &Program, choice: &Choice<'_>, outcome: &mut Outcome) -> Result<()> {
    let Choice { repo, server, suite, filter, .. } = choice;
    let project = choice.tarballs.install(repo, outcome.host, program.needs_ws)?;
    files::copy_dir(&repo.path("tests/contract"), &project.join("contract"))?;
    let mut command = Command::new(&program.path);
    command.args(program.options).arg("contract/run/node.js").arg(format!("--given={}", choice.given));
    command.args([&server.http(), suite.name()]).args(*filter).current_dir(project);
    if let Some(trust) = choice.trust {
        command.envs(trust.variables());
    }
    script::run(&mut command, LIMIT, outcome).await
}

/// Runs the suite in a browser, in a page of the test server. The page posts the results to the server.
async fn in_browser(browser: &Browser, worker: &str, choice: &Choice<'_>, outcome: &mut Outcome) -> Result<()> {
    let http = choice.server.http();
    let key = format!("{}-{}-{}", outcome.host, outcome.what, std::process::id());
    let [suite, given, filter] =
        [choice.suite.name(), &choice.given.to_string(), choice.filter.unwrap_or_default()].map(percent_encoded);
    let page = format!("{http}/files/contract/run/page.html");
    let url = format!("{page}?suite={suite}&key={key}&given={given}&filter={filter}{worker}");
    let browser = choice.trust.map_or_else(|| browser.given(), |trust| trust.browser(browser));
    let given = json!({ "browser": browser, "url": url, "reports": format!("{http}/report?key={key}") });
    script::run(&mut script::program(choice.repo, "tests/browser/visit.js", &given)?, LIMIT, outcome).await
}

pub fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
