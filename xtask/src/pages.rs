//! What happens to pages: they are left, kept in the back/forward cache, closed, and without a network.
//!
//! The pages are those of tests/pages. Nothing here waits for a time: the page tells when a callback has come, the
//! server when a connection has ended.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::Client;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::case::{self, cases};
use crate::outcome::Outcome;
use crate::server::Server;
use crate::suite;
use crate::tab;
use crate::tools::browser::Browser;

/// How long a page may take to come, and a callback in it.
const LIMIT: Duration = Duration::from_secs(15);

cases! { Visit<'_>:
    a_console_shows_the_class_url_status_and_id
    the_package_listens_for_nothing_of_the_page
    a_page_that_is_left_closes_with_1001
    a_tab_that_is_closed_closes_with_1001
    a_worker_that_is_ended_closes_with_1001
    a_frame_that_is_removed_closes_with_1001
    a_frame_that_is_removed_in_on_error_harms_nothing
    a_frame_that_is_left_harms_no_connection_of_its_page
    a_page_whose_connection_has_ended_is_kept
    a_page_that_is_kept_loses_its_connection
    a_page_that_is_kept_loses_a_connection_being_opened
    a_page_that_is_kept_ends_a_connection_being_closed
    a_connection_opened_offline_fails
    an_open_connection_is_ended_offline_by_terminate
    a_connection_being_opened_is_ended_offline_by_terminate
    a_connection_that_was_open_offline_goes_on_or_has_ended
}

/// Why a case cannot be run in a browser.
fn reason_to_skip(name: &str, browser: &Browser) -> Option<&'static str> {
    match browser.name {
        // It unloads it, and closes with 1001.
        "Firefox" | "WebKit" if name.starts_with("a_console") => Some("only Chromium tells what its console shows"),
        "Firefox" if name.starts_with("a_page_that_is_kept") => Some("Firefox keeps no page that has a connection"),
        "WebKit" if name.contains("offline") => Some("nothing takes WebKitGTK's small browser off the network"),
        _ => None,
    }
}

/// A connection as its handler saw it up to now.
#[derive(Debug, Deserialize)]
struct Told {
    key: String,
    sequence: String,
    status: String,
    /// That of `onTerminate`, once it was called.
    code: Option<u16>,
    /// What broke the law of every connection.
    faults: Vec<String>,
}

impl Told {
    fn is(&self, sequence: &str, code: u16) -> Result<()> {
        ensure!(self.faults.is_empty(), "{self:?}");
        ensure!(self.sequence == sequence && self.code == Some(code), "not \"{sequence}\" with {code}, but {self:?}");
        Ok(())
    }
}

/// A browser on the pages of the test server.
struct Visit<'a> {
    server: &'a Server,
    browser: &'a Browser,
    client: Client,
}

pub async fn run(server: &Server, browser: &Browser, filter: Option<&str>, outcome: &mut Outcome) -> Result<()> {
    let (_driver, client) = suite::open(browser, None).await?;
    client.update_timeouts(TimeoutConfiguration::new(Some(LIMIT), Some(LIMIT), None)).await?;
    let visit = Visit { server, browser, client };
    for &name in NAMES.iter().filter(|name| filter.is_none_or(|text| name.contains(text))) {
        if let Some(reason) = reason_to_skip(name, browser) {
            outcome.skip(reason, 1);
            continue;
        }
        case::play(name, LIMIT * 3, visit.in_a_tab(name), outcome).await;
    }
    suite::close(visit.client).await;
    Ok(())
}

// --- The page's objects ---

impl Visit<'_> {
    async fn a_console_shows_the_class_url_status_and_id(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.opened("/echo").await?;
        let (url, id): (String, f64) =
            self.ask(&format!("(({{ url, id }}) => [url, id])(page.object({connection}))")).await?;
        self.shows(connection, &url, "Connected", id).await?;
        self.tell(&format!("page.terminate({connection})")).await?;
        self.ended(connection).await?;
        self.shows(connection, &url, "Closed", id).await
    }

    /// Fails unless the console's line for an object is its class and these, and behind them the shortcut, whose class has
    /// whatever name a minifier gave it.
    async fn shows(&self, connection: usize, url: &str, status: &str, id: f64) -> Result<()> {
        let evaluate = json!({
            "cmd": "Runtime.evaluate",
            "params": { "expression": format!("page.object({connection})"), "generatePreview": true },
        });
        let preview = &self.command("goog/cdp/execute", evaluate).await?["result"]["preview"];
        let properties = preview["properties"].as_array().into_iter().flatten();
        let shown: Vec<_> = properties
            .map(|property| format!("{}: {}", property["name"], property["value"]).replace('"', ""))
            .collect();
        let expected = [format!("#url: {url}"), format!("#status: {status}"), format!("#id: {id}")];
        let is_shown = matches!(&shown[..], [seen @ .., last] if *seen == expected && last.starts_with("#shortcut: "));
        ensure!(preview["description"] == "WebSocket" && is_shown, "the console shows {preview}");
        Ok(())
    }
}

// --- The page is left ---

impl Visit<'_> {
    /// Runs a case in a tab of its own: what a tab has shown before says what it keeps.
    async fn in_a_tab(&self, name: &str) -> Result<()> {
        let home = self.client.window().await?;
        let tab = self.client.new_window(true).await?.handle;
        self.client.switch_to_window(tab.clone()).await?;
        let done = self.run(name).await;
        self.client.switch_to_window(tab).await?;
        self.client.close_window().await?;
        self.client.switch_to_window(home).await?;
        done
    }

    /// A listener for `unload` or `beforeunload` would keep every page that uses the package out of the cache.
    async fn the_package_listens_for_nothing_of_the_page(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.opened("/echo").await?;
        self.tell(&format!("page.terminate({connection})")).await?;
        self.ended(connection).await?.is("open terminate", 1000)?;
        let listeners: Vec<String> = self.ask("page.listeners()").await?;
        ensure!(listeners.is_empty(), "it listens for {listeners:?}");
        Ok(())
    }

    /// WPT: websockets/unload-a-document/001.html, 003.html
    ///
    /// It listens for `unload` itself, or Chromium would keep it, and its connection open until it is shown again.
    async fn a_page_that_is_left_closes_with_1001(&self) -> Result<()> {
        self.go("page.html?unload").await?;
        let connection = self.opened("/echo").await?;
        let key = self.told(connection).await?.key;
        self.go("other.html").await?;
        self.server_saw(&key, 1001)
    }

    async fn a_tab_that_is_closed_closes_with_1001(&self) -> Result<()> {
        let first = self.client.window().await?;
        let tab = self.client.new_window(true).await?.handle;
        self.client.switch_to_window(tab).await?;
        self.go("page.html").await?;
        let connection = self.opened("/echo").await?;
        let key = self.told(connection).await?.key;
        self.client.close_window().await?;
        self.client.switch_to_window(first).await?;
        self.server_saw(&key, 1001)
    }

    async fn a_worker_that_is_ended_closes_with_1001(&self) -> Result<()> {
        self.go("page.html").await?;
        let key = self
            .ask::<String>(
                "new Promise((opened) => {
                    const worker = new Worker('worker.js', { type: 'module' });
                    const url = page.address('/echo');
                    worker.onmessage = () => {
                        worker.terminate();
                        opened(new URL(url).searchParams.get('key'));
                    };
                    worker.postMessage(url);
                })",
            )
            .await?;
        self.server_saw(&key, 1001)?;
        self.echoes().await
    }

    async fn a_frame_that_is_removed_closes_with_1001(&self) -> Result<()> {
        self.go("page.html").await?;
        self.add_frame().await?;
        let key: String =
            self.ask("frames[0].page.opened(frames[0].page.open('/echo')).then(({ key }) => key)").await?;
        self.tell("document.querySelector('iframe').remove()").await?;
        self.server_saw(&key, 1001)?;
        self.echoes().await
    }

    /// WPT: websockets/remove-own-iframe-during-onerror.window.js
    async fn a_frame_that_is_removed_in_on_error_harms_nothing(&self) -> Result<()> {
        self.go("page.html").await?;
        self.add_frame().await?;
        let removed = "new Promise((done) => frames[0].page.open('/status/401', {
            onError() { document.querySelector('iframe').remove(); done(true); },
        }))";
        ensure!(self.ask::<bool>(removed).await?, "the frame is still there");
        self.echoes().await
    }

    /// WPT: websockets/unload-a-document/005.html
    async fn a_frame_that_is_left_harms_no_connection_of_its_page(&self) -> Result<()> {
        self.go("page.html").await?;
        self.add_frame().await?;
        let connection = self.opened("/echo").await?;
        let key: String =
            self.ask("frames[0].page.opened(frames[0].page.open('/echo')).then(({ key }) => key)").await?;
        self.tell(
            "new Promise((loaded) => {
                const element = document.querySelector('iframe');
                element.onload = () => loaded();
                element.src = 'other.html';
            })",
        )
        .await?;
        self.server_saw(&key, 1001)?;
        self.tell(&format!("page.send({connection}, 'still there')")).await?;
        let data: Vec<String> = self.ask(&format!("page.received({connection})")).await?;
        ensure!(data == ["still there"], "{data:?} came back");
        self.tell(&format!("page.terminate({connection})")).await?;
        self.ended(connection).await?.is("open message terminate", 1000)
    }

    /// A page in a frame of the page.
    async fn add_frame(&self) -> Result<()> {
        self.tell(
            "new Promise((loaded) => {
                const element = document.createElement('iframe');
                element.onload = () => loaded();
                element.src = location.href;
                document.body.append(element);
            })",
        )
        .await
    }
}

// --- The page is kept ---

impl Visit<'_> {
    /// WPT: websockets/unload-a-document/002.html, 004.html
    /// WPT: websockets/back-forward-cache-with-closed-websocket-connection.window.js
    async fn a_page_whose_connection_has_ended_is_kept(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.opened("/echo").await?;
        self.tell(&format!("page.terminate({connection})")).await?;
        self.ended(connection).await?.is("open terminate", 1000)?;
        self.leave_and_return().await?;
        self.told(connection).await?.is("open terminate", 1000)?;
        self.echoes().await
    }

    /// WPT: websockets/back-forward-cache-with-open-websocket-connection.window.js
    async fn a_page_that_is_kept_loses_its_connection(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.opened("/echo").await?;
        self.leave_and_return().await?;
        let told = self.ended(connection).await?;
        told.is("open error terminate", 1006)?;
        self.server_saw(&told.key, 1001)?;
        self.echoes().await?;
        // Nothing more has come meanwhile.
        self.told(connection).await?.is("open error terminate", 1006)
    }

    async fn a_page_that_is_kept_loses_a_connection_being_opened(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.open("/stall").await?;
        self.server_has(&self.told(connection).await?.key)?;
        self.leave_and_return().await?;
        self.ended(connection).await?.is("error terminate", 1006)?;
        self.echoes().await?;
        self.told(connection).await?.is("error terminate", 1006)
    }

    async fn a_page_that_is_kept_ends_a_connection_being_closed(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.opened("/silent").await?;
        self.tell(&format!("page.terminate({connection})")).await?;
        self.leave_and_return().await?;
        self.ended(connection).await?.is("open terminate", 1006)?;
        self.echoes().await
    }

    async fn leave_and_return(&self) -> Result<()> {
        self.go("other.html").await?;
        self.client.back().await?;
        ensure!(self.was_kept().await?, "the page was loaded anew, not kept: {}", self.why_not_kept().await?);
        Ok(())
    }

    async fn was_kept(&self) -> Result<bool> {
        self.ask("page.wasKept()").await
    }

    /// Chromium tells.
    async fn why_not_kept(&self) -> Result<Value> {
        self.ask("performance.getEntriesByType('navigation')[0].notRestoredReasons ?? null").await
    }
}

// --- Without a network ---

impl Visit<'_> {
    async fn a_connection_opened_offline_fails(&self) -> Result<()> {
        self.go("page.html").await?;
        self.while_offline(async {
            let connection = self.open("/echo").await?;
            self.ended(connection).await?.is("error terminate", 1006)
        })
        .await?;
        self.echoes().await
    }

    /// The peer is silent: no network would let it answer.
    async fn an_open_connection_is_ended_offline_by_terminate(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.ask("page.open('/silent', { closeTimeout: 400 })").await?;
        self.ask::<Told>(&format!("page.opened({connection})")).await?;
        self.while_offline(async {
            let start = Instant::now();
            self.tell(&format!("page.terminate({connection})")).await?;
            self.ended(connection).await?.is("open terminate", 1006)?;
            ensure!(start.elapsed() < Duration::from_secs(5), "it took {:?}", start.elapsed());
            Ok(())
        })
        .await?;
        self.echoes().await
    }

    async fn a_connection_being_opened_is_ended_offline_by_terminate(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.open("/stall").await?;
        self.server_has(&self.told(connection).await?.key)?;
        self.while_offline(async {
            // The browser may have given it up.
            self.tell(&format!("page.terminate({connection})")).await?;
            let told = self.ended(connection).await?;
            told.is(if told.sequence.contains("error") { "error terminate" } else { "terminate" }, 1006)
        })
        .await?;
        self.echoes().await
    }

    async fn a_connection_that_was_open_offline_goes_on_or_has_ended(&self) -> Result<()> {
        self.go("page.html").await?;
        let connection = self.opened("/echo").await?;
        self.while_offline(async { Ok(()) }).await?;
        let told = self.told(connection).await?;
        if told.status == "Connected" {
            self.tell(&format!("page.send({connection}, 'still there')")).await?;
            let data: Vec<String> = self.ask(&format!("page.received({connection})")).await?;
            ensure!(data == ["still there"], "{data:?} came back");
            self.tell(&format!("page.terminate({connection})")).await?;
            self.ended(connection).await?.is("open message terminate", 1000)?;
        } else {
            self.ended(connection).await?.is("open error terminate", 1006)?;
        }
        self.echoes().await
    }

    /// Does something without a network, and gives it back whatever comes of it.
    async fn while_offline(&self, what: impl Future<Output = Result<()>>) -> Result<()> {
        self.set_offline(true).await?;
        let told = self.ask::<bool>("page.isOnline()").await;
        let done = what.await;
        self.set_offline(false).await?;
        ensure!(!told?, "the page still has a network");
        done
    }

    async fn set_offline(&self, offline: bool) -> Result<()> {
        match self.browser.name {
            "Chromium" => {
                let conditions = json!({ "offline": offline, "latency": 0, "throughput": -1 });
                let body = json!({ "network_conditions": conditions });
                self.command("chromium/network_conditions", body).await?;
            }
            "Firefox" => {
                self.command("moz/context", json!({ "context": "chrome" })).await?;
                let set = self.client.execute("Services.io.offline = arguments[0]", vec![offline.into()]).await;
                self.command("moz/context", json!({ "context": "content" })).await?;
                set?;
            }
            other => bail!("nothing takes {other} off the network"),
        }
        Ok(())
    }

    async fn command(&self, path: &'static str, body: Value) -> Result<Value> {
        self.client.issue_cmd(Post { path, body }).await.with_context(|| format!("the driver's command {path}"))
    }
}

/// A command that WebDriver itself has not.
#[derive(Debug)]
pub struct Post {
    pub path: &'static str,
    pub body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

// --- Asking ---

impl Visit<'_> {
    async fn go(&self, page: &str) -> Result<()> {
        let url = format!("{}/files/pages/{page}", self.server.http());
        self.client.goto(&url).await.with_context(|| format!("opening {url}"))?;
        // WebKit's driver comes back while the page is being loaded, and a page that is left then is not kept.
        self.tell("document.readyState === 'complete' || new Promise((loaded) => (window.onload = () => loaded()))")
            .await?;
        self.tell("globalThis.page?.wasKept()").await
    }

    /// What an expression of the page gives, or what its promise does.
    async fn ask<T: DeserializeOwned>(&self, expression: &str) -> Result<T> {
        tab::ask(&self.client, "", expression, vec![]).await
    }

    async fn tell(&self, expression: &str) -> Result<()> {
        self.ask::<Value>(expression).await.map(drop)
    }

    /// Opens a connection and gives its place in the page.
    async fn open(&self, path: &str) -> Result<usize> {
        self.ask(&format!("page.open('{path}')")).await
    }

    async fn opened(&self, path: &str) -> Result<usize> {
        let connection = self.open(path).await?;
        let told: Told = self.ask(&format!("page.opened({connection})")).await?;
        ensure!(told.status == "Connected" && told.sequence == "open", "{told:?}");
        Ok(connection)
    }

    async fn told(&self, connection: usize) -> Result<Told> {
        self.ask(&format!("page.told({connection})")).await
    }

    async fn ended(&self, connection: usize) -> Result<Told> {
        self.ask(&format!("page.ended({connection})")).await
    }

    /// A new connection works as any.
    async fn echoes(&self) -> Result<()> {
        let connection = self.opened("/echo").await?;
        self.tell(&format!("page.send({connection}, 'hello')")).await?;
        let data: Vec<String> = self.ask(&format!("page.received({connection})")).await?;
        ensure!(data == ["hello"], "{data:?} came back");
        self.tell(&format!("page.terminate({connection})")).await?;
        self.ended(connection).await?.is("open message terminate", 1000)
    }

    /// The connection has ended for the server, with this close code.
    fn server_saw(&self, key: &str, code: u16) -> Result<()> {
        let (_, body) = self.server.get(&format!("/seen?key={key}&wait=12000"), LIMIT)?;
        let seen: Value = serde_json::from_str(&body)?;
        ensure!(seen["close"]["code"] == code, "the server saw {}, ended by {}", seen["close"], seen["end"]);
        Ok(())
    }

    /// The handshake has come to the server.
    fn server_has(&self, key: &str) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < LIMIT {
            let (_, body) = self.server.get(&format!("/seen?key={key}&now"), LIMIT)?;
            let seen: Value = serde_json::from_str(&body)?;
            if seen["path"].is_string() {
                return Ok(());
            }
        }
        bail!("the connection has not come to the server")
    }
}
