//! The site as a reader sees it, in Chromium.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fantoccini::{Client, Locator};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::sample;
use crate::case::{self, cases};
use crate::outcome::Outcome;
use crate::project::Tarballs;
use crate::repo::Repo;
use crate::server::{SITE, Server};
use crate::suite;
use crate::tab::Post;
use crate::tools::browser::Browser;

const LIMIT: Duration = Duration::from_secs(20);

/// The width of a small phone.
const NARROW: u32 = 320;

cases! { Reader<'_>:
    the_console_shows_each_call_and_callback_in_order
    the_console_shows_what_is_thrown
    the_console_shows_a_connection_that_is_refused
    the_console_shows_the_bytes_of_a_file
    the_search_finds_a_page_by_a_word_in_it
    the_crate_s_reference_opens_from_the_menu
    no_page_scrolls_sideways_on_a_small_phone
    no_page_makes_the_browser_complain
}

struct Reader<'a> {
    repo: &'a Repo,
    server: &'a Server,
    client: Client,
}

/// Runs the samples that are pages, then reads the site, which is built.
pub async fn run(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    browser: &Browser,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    let (_driver, client) = suite::open(browser).await?;
    sample::in_page(repo, tarballs, server, &client, filter, outcome).await?;
    let reader = Reader { repo, server, client };
    for &name in NAMES.iter().filter(|name| filter.is_none_or(|text| name.contains(text))) {
        case::play(name, LIMIT * 3, reader.run(name), outcome).await;
    }
    suite::close(reader.client).await;
    Ok(())
}

impl Reader<'_> {
    async fn the_console_shows_each_call_and_callback_in_order(&self) -> Result<()> {
        self.console("/echo").await?;
        self.comes(&["webSocket = WebSocket.new", "onOpen(ws, event)"]).await?;
        self.shows_status("Connected").await?;
        self.click("Send").await?;
        self.comes(&["webSocket = WebSocket.new", "onOpen", "webSocket.send(\"Hello world\")", "onMessage"]).await?;
        self.fill("reason", "enough").await?;
        self.click("Terminate").await?;
        self.comes(&[
            "webSocket = WebSocket.new",
            "onOpen",
            "webSocket.send",
            "onMessage",
            "webSocket.terminate(1000, \"enough\")",
            "onTerminate",
        ])
        .await?;
        self.shows_status("Closed").await?;
        let last: String = self.ask("return [...document.querySelectorAll('.console pre')].at(-1).textContent").await?;
        ensure!(last.contains("\"reason\": \"enough\""), "onTerminate was shown with {last}");
        Ok(())
    }

    async fn the_console_shows_what_is_thrown(&self) -> Result<()> {
        self.console("/echo").await?;
        self.comes(&["webSocket = WebSocket.new", "onOpen"]).await?;
        self.fill("code", "1001").await?;
        self.click("Terminate").await?;
        self.comes(&["webSocket = WebSocket.new", "onOpen", "webSocket.terminate(1001)", "WebSocketError 5019"])
            .await?;
        self.shows_status("Connected").await
    }

    async fn the_console_shows_a_connection_that_is_refused(&self) -> Result<()> {
        self.console("/status/503").await?;
        self.comes(&["webSocket = WebSocket.new", "onError", "onTerminate"]).await?;
        self.shows_status("Closed").await
    }

    async fn the_console_shows_the_bytes_of_a_file(&self) -> Result<()> {
        let file = self.repo.path(SITE.1).join("../docs-file.bin");
        fs::write(&file, [0, 1, 254, 255]).context("writing a file to send")?;
        self.open("/try.html").await?;
        self.fill("url", &format!("{}/echo", self.server.ws())).await?;
        self.ask::<()>(
            "const select = document.querySelector('[name=dataType]');
            select.value = 'blob';
            select.dispatchEvent(new Event('change'));",
        )
        .await?;
        self.click("Connect").await?;
        self.comes(&["webSocket = WebSocket.new", "onOpen"]).await?;
        let field = self.client.find(Locator::Css("[name=file]")).await?;
        field.send_keys(&file.canonicalize()?.to_string_lossy()).await?;
        self.comes(&["webSocket = WebSocket.new", "onOpen", "webSocket.send(file)", "onMessage"]).await?;
        let last: String = self.ask("return [...document.querySelectorAll('.console pre')].at(-1).textContent").await?;
        ensure!(last.contains("Blob of 4 bytes: 00 01 fe ff"), "onMessage was shown with {last}");
        Ok(())
    }

    async fn the_search_finds_a_page_by_a_word_in_it(&self) -> Result<()> {
        self.open("/").await?;
        self.client.find(Locator::Css(".DocSearch-Button, .VPNavBarSearch button")).await?.click().await?;
        let field = self.client.wait().at_most(LIMIT).for_element(Locator::Css("input.search-input")).await?;
        field.send_keys("closeTimeout").await?;
        let found = "return [...document.querySelectorAll('.VPLocalSearchBox .result')].map((link) => link.href)";
        self.until(found, |links: &Vec<String>| links.iter().any(|link| link.contains("/guide/closing.html"))).await
    }

    async fn the_crate_s_reference_opens_from_the_menu(&self) -> Result<()> {
        self.open("/guide/start.html").await?;
        self.ask::<()>("document.querySelector('.VPSidebar a[href*=\"/rust/\"]').click()").await?;
        self.until("return document.title", |title: &String| title.contains("fourd_websocket")).await
    }

    async fn no_page_scrolls_sideways_on_a_small_phone(&self) -> Result<()> {
        let metrics = json!({ "width": NARROW, "height": 800, "deviceScaleFactor": 1, "mobile": false });
        self.client.issue_cmd(sample::cdp("Emulation.setDeviceMetricsOverride", metrics)).await?;
        let mut wide = Vec::new();
        for page in self.pages()? {
            self.open(&page).await?;
            let whole: u32 = self.ask("return document.documentElement.scrollWidth").await?;
            if whole > NARROW {
                wide.push(format!("{page} is {whole} px wide at {NARROW}"));
            }
        }
        self.client.issue_cmd(sample::cdp("Emulation.clearDeviceMetricsOverride", json!({}))).await?;
        ensure!(wide.is_empty(), "{}", wide.join("\n"));
        Ok(())
    }

    async fn no_page_makes_the_browser_complain(&self) -> Result<()> {
        let log = || Post { path: "se/log", body: json!({ "type": "browser" }) };
        // What came before is not of these pages.
        self.client.issue_cmd(log()).await?;
        for page in self.pages()? {
            self.open(&page).await?;
        }
        let said = self.client.issue_cmd(log()).await?;
        let said: Vec<_> =
            said.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str()).collect();
        ensure!(said.is_empty(), "{}", said.join("\n"));
        Ok(())
    }

    // --- Reading ---

    /// Opens a page of the site, and waits until it can be used.
    async fn open(&self, page: &str) -> Result<()> {
        let url = format!("{}{page}", self.server.http());
        self.client.goto(&url).await.with_context(|| format!("opening {url}"))?;
        self.until("return Boolean(document.querySelector('#app')?.__vue_app__)", |ready| *ready).await
    }

    /// The console, connected to a path of the server.
    async fn console(&self, path: &str) -> Result<()> {
        self.open("/try.html").await?;
        self.fill("url", &format!("{}{path}", self.server.ws())).await?;
        self.click("Connect").await
    }

    async fn fill(&self, name: &str, text: &str) -> Result<()> {
        let field = self.client.find(Locator::Css(&format!(".console [name={name}]"))).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    async fn click(&self, name: &str) -> Result<()> {
        let button = format!("//div[@class='console']//button[normalize-space()='{name}']");
        Ok(self.client.find(Locator::XPath(&button)).await?.click().await?)
    }

    /// Waits for the entries of the console, by what each begins with.
    async fn comes(&self, expected: &[&str]) -> Result<()> {
        let script = "return [...document.querySelectorAll('.console li code')].map((code) => code.textContent)";
        self.until(script, |entries: &Vec<String>| {
            entries.len() == expected.len()
                && entries.iter().zip(expected).all(|(entry, begin)| entry.starts_with(begin))
        })
        .await
    }

    async fn shows_status(&self, status: &str) -> Result<()> {
        let script = "return document.querySelector('.console [role=status] strong').textContent";
        self.until(script, |shown: &String| shown == status).await
    }

    async fn ask<T: DeserializeOwned>(&self, script: &str) -> Result<T> {
        Ok(serde_json::from_value(self.client.execute(script, vec![]).await?)?)
    }

    /// Waits until what a script gives is as it should be.
    async fn until<T: DeserializeOwned + std::fmt::Debug>(
        &self,
        script: &str,
        is_so: impl Fn(&T) -> bool,
    ) -> Result<()> {
        let started = Instant::now();
        loop {
            let found = self.ask(script).await?;
            if is_so(&found) {
                return Ok(());
            }
            ensure!(started.elapsed() < LIMIT, "after {} s `{script}` gives {found:?}", LIMIT.as_secs());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The address of each page of the site, but for those of rustdoc.
    fn pages(&self) -> Result<Vec<String>> {
        let site = self.repo.path(SITE.1);
        let mut pages = Vec::new();
        let mut dirs = vec![site.clone()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(&dir).with_context(|| format!("reading {}", dir.display()))? {
                let path = entry?.path();
                if path.is_dir() && path != site.join("rust") {
                    dirs.push(path);
                } else if path.extension().is_some_and(|extension| extension == "html") {
                    pages.push(format!("/{}", path.strip_prefix(&site)?.display()));
                }
            }
        }
        ensure!(pages.len() > 10, "the site has {} pages; is it built?", pages.len());
        Ok(pages)
    }
}
