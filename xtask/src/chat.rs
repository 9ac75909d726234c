//! The chat's page (www/page) with the chat's server (www/server), as people use it.
//!
//! Every case has a room of its own, and a tab for each person. Nothing here waits for a time: what is to come is looked
//! for with every frame.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::Client;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::{Locator, TimeoutConfiguration, WebDriverCompatibleCommand, WindowHandle};
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::Message};
use url::{ParseError, Url};

use crate::case::{self, cases};
use crate::chat_server::{self, Build};
use crate::outcome::Outcome;
use crate::pages::Post;
use crate::repo::Repo;
use crate::server::Server;
use crate::tools::browser::Browser;
use crate::tools::npm;
use crate::{suite, tab};

/// Where what looks at the page is pinned.
const DIR: &str = "tests/browser";

/// A picture that people send.
const PICTURE: &str = "tests/browser/harbour.jpg";

/// Where the screenshots go.
const SCREENSHOTS: &str = "target/chat";

/// Those that README.md shows.
const README_PICTURES: [&str; 2] = ["drawer-1280-light.png", "talk-390-dark.png"];

/// How long anything may take to come.
const LIMIT: Duration = Duration::from_secs(15);

/// The keys that do more than write.
const ENTER: char = '\u{E007}';
const TAB: char = '\u{E004}';
const SHIFT: char = '\u{E008}';
const ESCAPE: char = '\u{E00C}';

/// The widths that are looked at: a small phone, a phone, a desktop.
const SIZES: [(u32, u32); 3] = [(320, 640), (390, 844), (1280, 800)];

/// In front of every expression.
const WORDS: &str = "
    const $ = (selector) => document.querySelector(selector);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const texts = (selector) => all(selector).map((element) => element.textContent.trim());
    const until = async (condition) => {
        for (;;) {
            const value = await condition();
            if (value) return value;
            await new Promise(requestAnimationFrame);
        }
    };
    const write = (selector, text) => {
        $(selector).value = text;
        $(selector).dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    const person = (name, room) => new Promise((joined, failed) => {
        const socket = new WebSocket(new URL('/chat', location.href.replace('http', 'ws')));
        socket.onopen = () => socket.send(JSON.stringify({ kind: 'join', name, room }));
        socket.onmessage = () => joined(socket);
        socket.onclose = ({ code, reason }) => failed(`${name}: ${code} ${reason}`);
    });
    const say = (socket, text) => socket.send(JSON.stringify({ kind: 'say', text }));";

cases! { Visit<'_>:
    two_people_talk
    a_picture_goes_over_by_button_and_drop
    a_picture_that_is_pasted_goes_over
    a_file_that_is_no_picture_for_the_chat_is_refused_by_the_page
    one_leaves_with_a_reason_and_joins_again
    a_wrong_code_is_told_and_nothing_is_lost
    the_server_stops_and_comes_back
    a_refused_name_is_told_at_the_name
    script_in_a_message_stays_text
    the_keyboard_alone_does_everything
    everything_has_its_role_and_name
    a_draft_survives_a_reload_and_the_end
    what_the_server_did_not_get_is_a_draft_again
    what_send_throws_is_told_and_the_draft_stays
    a_reader_of_what_is_older_is_left_there
    the_drawer_shows_calls_and_callbacks_as_they_come
    the_drawer_keeps_the_last_two_hundred
    names_words_and_scripts_of_any_kind_fit_into_320_pixels
    nothing_shifts_as_messages_come
    five_thousand_messages_come_and_the_page_is_as_quick_as_before
    motion_is_for_those_who_want_it
    axe_finds_nothing_in_any_state
}

/// Why a case cannot be run in a browser.
fn reason_to_skip(name: &str, browser: &Browser) -> Option<&'static str> {
    let emulates = ["320_pixels", "motion", "axe", "nothing_shifts"];
    match browser.name {
        "Chromium" => None,
        _ if emulates.iter().any(|word| name.contains(word)) => {
            Some("only Chromium's driver sets the width of a page and what its reader prefers")
        }
        _ if name.contains("role") => Some("only Chromium's driver tells roles and names"),
        _ if name.contains("pasted") => Some("a script of Firefox' driver can paste no file"),
        _ => None,
    }
}

/// A browser on the chat, for one case.
struct Visit<'a> {
    repo: &'a Repo,
    server: &'a Server,
    browser: &'a Browser,
    client: &'a Client,
    room: String,
}

pub async fn run(repo: &Repo, browser: &Browser, filter: Option<&str>, outcome: &mut Outcome) -> Result<()> {
    npm::ensure(repo, DIR)?;
    fs::create_dir_all(repo.path(SCREENSHOTS)).with_context(|| format!("making {SCREENSHOTS}"))?;
    let server = chat_server::start(repo, Build::Test, None)?;
    let (_driver, client) = suite::open(browser, None).await?;
    client.update_timeouts(TimeoutConfiguration::new(Some(LIMIT), Some(LIMIT), None)).await?;
    for (at, &name) in NAMES.iter().enumerate().filter(|(_, name)| filter.is_none_or(|text| name.contains(text))) {
        if let Some(reason) = reason_to_skip(name, browser) {
            outcome.skip(reason, 1);
            continue;
        }
        let visit = Visit { repo, server: &server, browser, client: &client, room: format!("room {at}") };
        case::play(name, LIMIT * 4, visit.alone(name), outcome).await;
    }
    suite::close(client).await;
    server.stop()
}

/// A question to the driver that WebDriver has and fantoccini has not.
#[derive(Debug)]
struct Get {
    path: String,
}

impl WebDriverCompatibleCommand for Get {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::GET, None)
    }
}

/// Puts the screenshots of the last run where README.md shows them.
pub fn copy_pictures(repo: &Repo) -> Result<()> {
    let dir = repo.path("www/pictures");
    fs::create_dir_all(&dir)?;
    for name in README_PICTURES {
        let picture = repo.path(SCREENSHOTS).join(name);
        fs::copy(&picture, dir.join(name)).with_context(|| format!("copying {}", picture.display()))?;
    }
    Ok(())
}

// --- People talk ---

impl Visit<'_> {
    async fn two_people_talk(&self) -> Result<()> {
        let ada = self.person("Ada").await?;
        let grace = self.person("Grace").await?;
        self.expect("texts('#people li bdi').join() === 'Ada,Grace'").await?;
        self.say("Hello Ada").await?;
        self.to(&ada).await?;
        self.expect("texts('#people li bdi').join() === 'Ada,Grace'").await?;
        self.expect("texts('.note').includes('Grace joined')").await?;
        self.expect("texts('.group:not(.own) .name').join() === 'Grace'").await?;
        self.expect("texts('.group:not(.own) .text').join() === 'Hello Ada'").await?;
        self.say("Hello Grace").await?;
        self.say("how are you?").await?;
        self.expect("texts('.group.own .text').join() === 'Hello Grace,how are you?'").await?;
        self.expect("texts('.group.own .name').join() === 'Ada'").await?;
        let age: f64 = self.ask("Date.now() - new Date($('.own time').dateTime)").await?;
        ensure!((0.0..60_000.0).contains(&age), "the message is {age} ms old");
        self.to(&grace).await?;
        self.expect("texts('.text').join() === 'Hello Ada,Hello Grace,how are you?'").await?;
        // What one person says in a row is one group.
        self.expect("texts('.name').join() === 'Grace,Ada'").await?;
        self.expect("$('#message').value === ''").await
    }

    async fn a_picture_goes_over_by_button_and_drop(&self) -> Result<()> {
        let ada = self.person("Ada").await?;
        let grace = self.person("Grace").await?;
        let path = self.repo.path(PICTURE);
        self.find("#picture").await?.send_keys(&path.display().to_string()).await?;
        self.expect("all('.own .picture img').length === 1").await?;
        let picture = fs::read(&path)?;
        self.give("#messages", "DragEvent('drop'", "dataTransfer", &picture).await?;
        self.expect("all('.own .picture img').length === 2").await?;
        self.expect("$('#status').textContent === 'Connected'").await?;
        self.to(&ada).await?;
        self.expect("all('.group:not(.own) .picture img').length === 2").await?;
        self.expect("all('.picture img').every((image) => image.complete && image.naturalWidth === 640)").await?;
        self.expect("all('.picture img').every((image) => image.alt === 'Picture from Grace')").await?;
        let bytes: Vec<u8> = self
            .ask("fetch($('.picture').href).then(async (answer) => [...new Uint8Array(await answer.arrayBuffer())])")
            .await?;
        ensure!(bytes == picture, "the picture came with other bytes");
        // What the server has forgotten leaves words in its place.
        self.tell("$('.picture img').src = '/pictures/0-none'").await?;
        self.expect("$('.picture.gone')?.textContent === 'This picture is no longer there'").await?;
        self.to(&grace).await
    }

    async fn a_picture_that_is_pasted_goes_over(&self) -> Result<()> {
        let ada = self.person("Ada").await?;
        self.person("Grace").await?;
        let picture = fs::read(self.repo.path(PICTURE))?;
        // Text that is copied with a picture of itself is text.
        self.tell(
            "{
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(9)], 'text.png', { type: 'image/png' }));
                data.setData('text/plain', 'text');
                $('#message').dispatchEvent(new ClipboardEvent('paste', { bubbles: true, clipboardData: data }));
            }",
        )
        .await?;
        self.give("#message", "ClipboardEvent('paste'", "clipboardData", &picture).await?;
        self.expect("all('.own .picture img').length === 1 && $('#message').value === ''").await?;
        self.to(&ada).await?;
        self.expect("$('.group:not(.own) .picture img')?.naturalWidth === 640").await
    }

    /// Has an event bring a picture.
    async fn give(&self, target: &str, event: &str, member: &str, picture: &[u8]) -> Result<()> {
        let give = format!(
            "{{
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(values[0])], 'harbour.jpg', {{ type: 'image/jpeg' }}));
                $('{target}').dispatchEvent(new {event}, {{ bubbles: true, cancelable: true, {member}: data }}));
            }}"
        );
        self.tell_with(&give, vec![json!(picture)]).await
    }

    async fn a_file_that_is_no_picture_for_the_chat_is_refused_by_the_page(&self) -> Result<()> {
        self.person("Ada").await?;
        for (size, kind, words) in [
            ("10", "text/plain", "A picture has to be a PNG, JPEG, GIF or WebP file."),
            ("2 * 1024 * 1024 + 1", "image/png", "The picture has 2.1 MiB; 2 MiB can be sent."),
        ] {
            self.tell(&format!(
                "{{
                    const data = new DataTransfer();
                    data.items.add(new File([new Uint8Array({size})], 'file', {{ type: '{kind}' }}));
                    $('#message').dispatchEvent(new DragEvent('drop', {{ bubbles: true, cancelable: true, dataTransfer: data }}));
                }}"
            ))
            .await?;
            self.expect(&format!("$('#message-error').textContent === {words:?}")).await?;
        }
        self.tell(
            "{
                const data = new DataTransfer();
                const canvas = Object.assign(document.createElement('canvas'), { width: 4097, height: 1 });
                canvas.toBlob((blob) => {
                    data.items.add(new File([blob], 'wide.png', { type: 'image/png' }));
                    $('#message').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
                });
            }",
        )
        .await?;
        self.expect(
            "$('#message-error').textContent === 'The picture has 4,097 × 1 pixels; 4,096 on each side can be sent.'",
        )
        .await?;
        // Nothing that could be seen is nothing to send.
        self.tell("{ write('#message', '\u{200B} \u{2060}'); $('#composer').requestSubmit(); }").await?;
        self.expect("$('#message').value.length === 3 && all('.text').length === 0").await?;
        self.tell("{ write('#message', 'x'.repeat(2001)); $('#composer').requestSubmit(); }").await?;
        self.expect("$('#message-error').textContent === 'The message has 2,001 characters; 2,000 can be sent.'")
            .await?;
        self.expect("$('#message').value.length === 2001").await?;
        self.tell("write('#message', '\u{1F600}'.repeat(2000))").await?;
        self.expect("$('#message-error').textContent === ''").await?;
        self.tell("$('#composer').requestSubmit()").await?;
        self.expect("$('.own .text')?.textContent.length === 4000").await?;
        self.expect("$('#status').textContent === 'Connected'").await
    }

    async fn script_in_a_message_stays_text(&self) -> Result<()> {
        const SCRIPT: &str = "<script>pwned=1</script><img src=x onerror=pwned=1>";
        let ada = self.person("Ada").await?;
        self.person("<img src=x onerror=pwned=1>").await?;
        self.tell(&format!("{{ write('#message', {SCRIPT:?}); $('#composer').requestSubmit(); }}")).await?;
        self.expect(&format!("texts('.own .text').join() === {SCRIPT:?}")).await?;
        self.click("#show-leaving").await?;
        self.tell("write('#leaving [name=reason]', '<img src=x onerror=pwned=1>')").await?;
        self.click("#leaving .primary").await?;
        self.expect("$('#ending').textContent.includes('<img src=x onerror=pwned=1>')").await?;
        self.to(&ada).await?;
        self.expect(&format!("texts('.group:not(.own) .text').join() === {SCRIPT:?}")).await?;
        self.expect("texts('.note').some((note) => note.includes('left: <img src=x'))").await?;
        self.click("#show-drawer").await?;
        self.expect("texts('#drawer .value').some((value) => value.includes('<script>'))").await?;
        let made: usize =
            self.ask("all('#messages :is(img, script), #people img, #drawer :is(img, script)').length").await?;
        ensure!(made == 0 && self.ask::<bool>("!('pwned' in globalThis)").await?, "the page took a message as HTML");
        Ok(())
    }
}

// --- The connection ends ---

impl Visit<'_> {
    async fn one_leaves_with_a_reason_and_joins_again(&self) -> Result<()> {
        let ada = self.person("Ada").await?;
        self.say("I was here").await?;
        let grace = self.person("Grace").await?;
        self.to(&ada).await?;
        self.click("#show-leaving").await?;
        self.find("#leaving [name=code]").await?.clear().await?;
        self.find("#leaving [name=code]").await?.send_keys("3001").await?;
        self.find("#leaving [name=reason]").await?.send_keys(&format!("lunch{ENTER}")).await?;
        self.expect("$('#status').textContent === 'Closed'").await?;
        self.expect("texts('#ending p').join() === 'You left (3001),lunch'").await?;
        self.expect("document.activeElement.id === 'join-again'").await?;
        self.to(&grace).await?;
        self.expect("texts('.note').includes('Ada left: lunch (3001)')").await?;
        self.expect("texts('#people li bdi').join() === 'Grace'").await?;
        self.say("she is gone").await?;
        self.to(&ada).await?;
        self.find("#join-again").await?.click().await?;
        self.joined().await?;
        // What is still in the page is not shown twice, what came meanwhile is.
        self.expect("texts('.text').join() === 'I was here,she is gone'").await?;
        self.expect("$('#ending').textContent === '' && $('#again').hidden").await?;
        self.to(&grace).await?;
        self.expect("texts('.note').includes('Ada joined')").await
    }

    async fn a_wrong_code_is_told_and_nothing_is_lost(&self) -> Result<()> {
        self.person("Ada").await?;
        self.find("#message").await?.send_keys("half a").await?;
        self.click("#show-leaving").await?;
        for (code, reason, place, words) in [
            ("1001", "bye", "code", "close code must be 1000 or 3000–4999, got 1001"),
            ("one", "bye", "code", "close code must be 1000 or 3000–4999, got NaN"),
            ("1000", &"é".repeat(62), "reason", "close reason must be a string of at most 123 bytes of UTF-8"),
        ] {
            self.tell(&format!(
                "{{ write('#leaving [name=code]', {code:?}); write('#leaving [name=reason]', {reason:?}); }}"
            ))
            .await?;
            self.click("#leaving .primary").await?;
            self.expect(&format!("$('#{place}-error').textContent.startsWith({words:?})")).await?;
            self.expect(&format!(
                "document.activeElement === $('#leaving [name={place}]') && document.activeElement.ariaInvalid === 'true'"
            ))
            .await?;
            self.expect(&format!("$('#leaving [name=reason]').value === {reason:?}")).await?;
            self.expect("$('#status').textContent === 'Connected' && $('#message').value === 'half a'").await?;
        }
        self.tell("write('#leaving [name=reason]', 'é'.repeat(61))").await?;
        self.click("#leaving .primary").await?;
        self.expect("$('#status').textContent === 'Closed'").await?;
        self.expect("$('#ending .words').textContent === 'You left (1000)'").await
    }

    async fn the_server_stops_and_comes_back(&self) -> Result<()> {
        let server = chat_server::start(self.repo, Build::Test, None)?;
        let port =
            server.address().rsplit(':').next().and_then(|port| port.parse().ok()).context("an address has a port")?;
        self.client.goto(&server.http()).await?;
        self.join("Ada").await?;
        self.say("before").await?;
        self.expect("texts('.text').join() === 'before'").await?;
        self.find("#message").await?.send_keys("not yet sent").await?;
        server.stop()?;
        self.expect("$('#status').textContent === 'Closed'").await?;
        self.expect("texts('#ending p').join() === 'The server went away (1001),The server is shutting down.'").await?;
        // Who is writing is not interrupted.
        self.expect("document.activeElement.id === 'message'").await?;
        self.click("#join-again").await?;
        self.expect("$('#ending .words')?.textContent === 'The server could not be reached (1006)'").await?;
        self.expect(
            "$('#ending .detail').textContent === 'the connection could not be opened; 1 message was not sent'",
        )
        .await?;
        let server = chat_server::start(self.repo, Build::Test, Some(port))?;
        self.click("#join-again").await?;
        self.joined().await?;
        self.expect("$('#message').value === 'not yet sent'").await?;
        self.find("#message").await?.send_keys(&ENTER.to_string()).await?;
        self.expect("texts('.text').join() === 'before,not yet sent'").await?;
        server.stop()
    }

    async fn a_refused_name_is_told_at_the_name(&self) -> Result<()> {
        let ada = self.person("Ada").await?;
        let other = self.open().await?;
        self.tell("{ write('[name=name]', ' ADA '); }").await?;
        self.tell_with("write('[name=room]', values[0])", vec![json!(self.room)]).await?;
        self.click("#joining .primary").await?;
        self.expect(
            "$('#name-error').textContent === 'Your name was refused (4003): Somebody in the room has this name already.'",
        )
        .await?;
        self.expect("document.activeElement.name === 'name' && document.activeElement.ariaInvalid === 'true'").await?;
        self.expect("!$('#joining .primary').disabled && $('#room').hidden").await?;
        self.tell("write('[name=room]', 'x'.repeat(33))").await?;
        self.click("#joining .primary").await?;
        self.expect("$('#name-error').textContent === ''").await?;
        self.expect("$('#room-error').textContent === 'The room was refused (4004): The name of a room has 1 to 32 characters.'")
            .await?;
        self.expect("document.activeElement.name === 'room'").await?;
        self.tell("write('[name=name]', ' ')").await?;
        self.click("#joining .primary").await?;
        self.expect("$('#name-error').textContent === 'Your name, please.'").await?;
        self.join("Grace").await?;
        self.expect("$('#name-error').textContent === ''").await?;
        // The first one has noticed nothing but who came.
        self.to(&ada).await?;
        self.expect("texts('.note').join() === 'You joined,Grace joined'").await?;
        self.to(&other).await
    }

    async fn a_draft_survives_a_reload_and_the_end(&self) -> Result<()> {
        self.person("Ada").await?;
        self.find("#message").await?.send_keys("half a sentence").await?;
        self.client.refresh().await?;
        // The name and the room are there, too.
        self.expect("document.activeElement.textContent === 'Join'").await?;
        self.click("#joining .primary").await?;
        self.joined().await?;
        self.expect("$('#message').value === 'half a sentence'").await?;
        self.click("#show-leaving").await?;
        self.click("#leaving .primary").await?;
        self.expect("$('#status').textContent === 'Closed'").await?;
        self.expect("$('#message').value === 'half a sentence'").await?;
        self.click("#join-elsewhere").await?;
        self.join("Ada").await?;
        self.expect("$('#message').value === 'half a sentence'").await?;
        self.find("#message").await?.send_keys(&ENTER.to_string()).await?;
        self.expect("texts('.own .text').includes('half a sentence')").await?;
        self.client.refresh().await?;
        self.join("Ada").await?;
        self.expect("$('#message').value === ''").await
    }

    async fn what_the_server_did_not_get_is_a_draft_again(&self) -> Result<()> {
        let server = chat_server::start(self.repo, Build::Test, None)?;
        self.client.goto(&server.http()).await?;
        self.join("Ada").await?;
        self.say("answered").await?;
        self.expect("texts('.own .text').join() === 'answered'").await?;
        server.stop()?;
        self.expect("$('#status').textContent === 'Closed'").await?;
        self.tell(
            "{
                $('#join-again').click();
                for (const text of ['one', 'two']) {
                    write('#message', text);
                    $('#composer').requestSubmit();
                }
                write('#message', 'three');
            }",
        )
        .await?;
        self.expect("$('#ending .words')?.textContent === 'The server could not be reached (1006)'").await?;
        self.expect("$('#message').value === 'one\\ntwo\\nthree'").await
    }

    async fn what_send_throws_is_told_and_the_draft_stays(&self) -> Result<()> {
        self.person("Ada").await?;
        self.click("#show-leaving").await?;
        self.click("#leaving .primary").await?;
        self.expect("$('#status').textContent === 'Closed'").await?;
        self.say("too late").await?;
        self.expect(
            "$('#message-error').textContent === 'the connection is closing or closed: nothing can be sent any more'",
        )
        .await?;
        self.expect("$('#message').value === 'too late' && $('#message').ariaInvalid === 'true'").await?;
        self.find("#message").await?.send_keys("r").await?;
        self.expect("$('#message-error').textContent === ''").await
    }
}

// --- For everyone ---

impl Visit<'_> {
    async fn the_keyboard_alone_does_everything(&self) -> Result<()> {
        self.open().await?;
        self.expect("document.activeElement.name === 'name'").await?;
        self.keys(&format!("Ada{TAB}")).await?;
        self.expect("document.activeElement.name === 'room'").await?;
        self.tell("document.activeElement.select()").await?;
        self.keys(&format!("{}{ENTER}", self.room)).await?;
        self.joined().await?;
        self.expect("document.activeElement.id === 'message'").await?;
        self.keys(&format!("by keys{ENTER}")).await?;
        self.expect("texts('.own .text').join() === 'by keys'").await?;
        // Shift and Enter make a line, and while a word is being composed Enter belongs to it.
        self.keys("a line").await?;
        self.tell("$('#message').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }))")
            .await?;
        self.shifted(ENTER).await?;
        self.keys("and more").await?;
        self.expect("$('#message').value === 'a line\\nand more'").await?;
        self.tell("write('#message', '')").await?;

        self.reach("show-leaving").await?;
        self.keys(&ENTER.to_string()).await?;
        self.expect("$('#leaving').open && document.activeElement.name === 'code'").await?;
        self.keys(&ESCAPE.to_string()).await?;
        self.expect("!$('#leaving').open && document.activeElement.id === 'show-leaving'").await?;

        self.reach("show-drawer").await?;
        self.keys(&ENTER.to_string()).await?;
        self.expect("$('#drawer').open && $('#show-drawer').ariaExpanded === 'true'").await?;
        self.expect("$('#drawer').contains(document.activeElement)").await?;
        self.keys(&ESCAPE.to_string()).await?;
        self.expect("!$('#drawer').open && document.activeElement.id === 'show-drawer'").await?;

        self.keys(&TAB.to_string()).await?;
        self.expect("document.activeElement.id === 'show-leaving'").await?;
        self.keys(&ENTER.to_string()).await?;
        self.keys(&format!("{TAB}bye{ENTER}")).await?;
        self.expect("texts('#ending p').join() === 'You left (1000),bye'").await?;
        self.expect("document.activeElement.id === 'join-again'").await?;
        self.keys(&ENTER.to_string()).await?;
        self.joined().await?;
        self.expect("document.activeElement.id === 'message'").await
    }

    async fn everything_has_its_role_and_name(&self) -> Result<()> {
        self.open().await?;
        self.is("[name=name]", "textbox", "Name").await?;
        self.is("[name=room]", "textbox", "Room").await?;
        self.is("#joining .primary", "button", "Join").await?;
        self.join("Ada").await?;
        self.is("#messages", "log", "Messages").await?;
        self.is("#message", "textbox", "Message").await?;
        self.is("#composer .primary", "button", "Send").await?;
        self.is("#choose-picture", "button", "Send a picture").await?;
        self.is("#show-leaving", "button", "Leave").await?;
        self.is("#show-drawer", "button", "Callbacks").await?;
        self.is("#status", "status", "").await?;
        self.is("#people ul", "list", "People 1").await?;
        self.expect("$('#status').textContent === 'Connected'").await?;
        self.click("#show-leaving").await?;
        self.is("#leaving", "dialog", "Leave the room").await?;
        self.is("#leaving [name=code]", "textbox", "Code").await?;
        self.is("#leaving [name=reason]", "textbox", "Reason").await?;
        self.click("#leaving .primary").await?;
        self.expect("!$('#again').hidden").await?;
        self.is("#ending", "alert", "").await?;
        self.is("#join-again", "button", "Join again").await
    }

    async fn axe_finds_nothing_in_any_state(&self) -> Result<()> {
        let axe = npm::package(self.repo, DIR, "axe-core").join("axe.min.js");
        let axe = fs::read_to_string(&axe).with_context(|| format!("reading {}", axe.display()))?;
        let picture = fs::read(self.repo.path(PICTURE))?;
        let room = "Harbour";
        self.open().await?;
        self.client.execute(&axe, vec![]).await?;
        self.look("joining").await?;
        self.join_room("Ada", room).await?;
        self.look("empty").await?;
        self.tell_with(TALK, vec![json!(room), json!(picture)]).await?;
        self.expect("all('.picture img').length === 1 && $('.picture img').complete").await?;
        self.look("talk").await?;
        self.size(SIZES[2]).await?;
        self.click("#show-drawer").await?;
        self.expect("all('#drawer li').length > 10").await?;
        // Beside the room where there is place, over it where there is none.
        for (size, is_modal) in [(SIZES[2], false), (SIZES[0], true), (SIZES[2], false)] {
            self.size(size).await?;
            self.expect(&format!("$('#drawer').open && $('#drawer').matches(':modal') === {is_modal}")).await?;
            self.expect("$('#show-drawer').ariaExpanded === 'true'").await?;
        }
        self.click("#drawer li:last-child summary").await?;
        self.expect("$('#drawer li:last-child .code').textContent.startsWith('onMessage(ws, event) {')").await?;
        self.look("drawer").await?;
        self.click("#drawer .head button").await?;
        self.click("#show-leaving").await?;
        self.tell("write('#leaving [name=code]', '1001')").await?;
        self.click("#leaving .primary").await?;
        self.expect("$('#code-error').textContent !== ''").await?;
        self.look("leaving").await?;
        self.tell("{ write('#leaving [name=code]', '1000'); write('#leaving [name=reason]', 'Off to the ferry'); }")
            .await?;
        self.click("#leaving .primary").await?;
        self.expect("!$('#again').hidden").await?;
        self.look("ended").await?;
        self.click("#join-elsewhere").await?;
        self.tell("write('[name=name]', 'Grace')").await?;
        self.click("#joining .primary").await?;
        self.expect("$('#name-error').textContent.startsWith('Your name was refused (4003)')").await?;
        self.look("refused").await
    }

    async fn motion_is_for_those_who_want_it(&self) -> Result<()> {
        self.open().await?;
        self.tell("$('#status').dataset.status = 'Connecting'").await?;
        let motion = "getComputedStyle($('#status'), '::before').animationName + getComputedStyle($('button')).transitionDuration";
        self.prefer("prefers-reduced-motion", "no-preference").await?;
        let (wanted, there) = ("waiting0.15s", self.ask::<String>(motion).await?);
        ensure!(there == wanted, "with motion: {there}");
        self.prefer("prefers-reduced-motion", "reduce").await?;
        let (wanted, there) = ("none0s", self.ask::<String>(motion).await?);
        ensure!(there == wanted, "with reduced motion: {there}");
        Ok(())
    }

    async fn names_words_and_scripts_of_any_kind_fit_into_320_pixels(&self) -> Result<()> {
        let room = "Donaudampfschifffahrtsgesellscha";
        let names = ["Wolfeschlegelsteinhausenbergerdo", "👩‍👩‍👧‍👦🎉", "ليلى", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"];
        let texts = [
            "x".repeat(2000),
            format!("{} اليوم abc שלום", "صباح الخير ".repeat(20)),
            "👩‍👩‍👧‍👦".repeat(200),
            format!("https://example.org/{}", "a/".repeat(300)),
            "line\nline\n\n    indented".into(),
        ];
        self.open().await?;
        self.size(SIZES[0]).await?;
        self.join_room("Ada", room).await?;
        for text in &texts {
            self.tell_with("{ write('#message', values[0]); $('#composer').requestSubmit(); }", vec![json!(text)])
                .await?;
        }
        for name in names {
            self.tell_with(
                "person(values[0], values[1]).then((socket) => values[2].forEach((text) => say(socket, text)))",
                vec![json!(name), json!(room), json!(texts)],
            )
            .await?;
        }
        self.expect("all('.entry').length === 25").await?;
        let (rtl, ltr) =
            ("getComputedStyle(all('.own .text')[1]).direction", "getComputedStyle(all('.own .text')[0]).direction");
        ensure!(
            self.ask::<String>(rtl).await? == "rtl" && self.ask::<String>(ltr).await? == "ltr",
            "a text runs the wrong way"
        );
        for wide in [SIZES[0], SIZES[2]] {
            self.size(wide).await?;
            for box_ in ["document.documentElement", "$('#messages')"] {
                self.fits(box_).await?;
            }
            self.click("#show-drawer").await?;
            self.fits("$('#drawer .steps')").await?;
            self.click("#drawer .head button").await?;
        }
        Ok(())
    }

    /// Nothing of a box is beside it.
    async fn fits(&self, element: &str) -> Result<()> {
        let [has, shows]: [f64; 2] = self.ask(&format!("[{element}.scrollWidth, {element}.clientWidth]")).await?;
        ensure!(has <= shows, "{element} is {shows} pixels wide and what it holds {has}");
        Ok(())
    }
}

/// A talk for the screenshots: people, their messages, a picture. Given: the room, and the bytes of the picture.
const TALK: &str = "(async () => {
    const [room, picture] = values;
    const count = () => all('.entry').length;
    const next = async (send) => {
        const before = count();
        send();
        await until(() => count() > before);
    };
    const mine = (text) => next(() => {
        write('#message', text);
        $('#composer').requestSubmit();
    });
    const grace = await person('Grace', room);
    await person('Linus', room);
    await next(() => say(grace, 'Good morning! Is the release still planned for today?'));
    await mine('Yes. The last run is green on all fourteen hosts.');
    await mine('I only want to look at the drawer once more 👀');
    await next(() => say(grace, 'Take your time. This is where we meet afterwards:'));
    await next(() => grace.send(new Blob([new Uint8Array(picture)])));
    const layla = await person('ليلى', room);
    await next(() => say(layla, 'صباح الخير! متى نلتقي اليوم؟'));
    await mine('At noon, in front of the old crane. Bring something to read, the ferry is late on Sundays.');
})()";

// --- A busy room ---

impl Visit<'_> {
    async fn a_reader_of_what_is_older_is_left_there(&self) -> Result<()> {
        self.person("Ada").await?;
        let crowd = "Promise.all(['a', 'b', 'c'].map(async (name) => {
            const socket = await person(name, values[0]);
            for (let at = 0; at < 15; at += 1) say(socket, 'word '.repeat(at));
            window[name] = socket;
        })).then(() => {})";
        self.tell_with(&crowd.replace("repeat(at)", "repeat(at + 1)"), vec![json!(self.room)]).await?;
        self.expect("all('.entry').length === 45").await?;
        let end = "$('#messages').scrollHeight - $('#messages').scrollTop - $('#messages').clientHeight < 2";
        self.expect(end).await?;
        self.expect("$('#newer').hidden").await?;
        self.tell("$('#messages').scrollTop = 0").await?;
        self.expect("!$('#newer').hidden && $('#newer').textContent.trim() === 'Newest'").await?;
        self.tell("say(window.a, 'news')").await?;
        self.expect("$('#newer').textContent.trim() === '1 new'").await?;
        self.expect("all('.entry').length === 46 && $('#messages').scrollTop === 0").await?;
        self.click("#newer").await?;
        self.expect(end).await?;
        self.expect("$('#newer').hidden && document.activeElement.id === 'messages'").await?;
        self.tell("say(window.a, 'more news')").await?;
        self.expect("all('.entry').length === 47").await?;
        self.expect(end).await?;
        // One's own message is looked at.
        self.tell("$('#messages').scrollTop = 0").await?;
        self.expect("!$('#newer').hidden").await?;
        self.say("mine").await?;
        self.expect("all('.group.own').length === 1").await?;
        self.expect(end).await?;
        // Away from the end before its own event has come.
        self.tell("$('#messages').scrollTop = 0").await?;
        self.expect("!$('#newer').hidden").await?;
        self.tell("($('#newer').click(), $('#messages').scrollTop = 0)").await?;
        self.expect("!$('#newer').hidden && $('#messages').scrollTop === 0").await
    }

    async fn the_drawer_shows_calls_and_callbacks_as_they_come(&self) -> Result<()> {
        self.person("Ada").await?;
        self.say("watch").await?;
        self.expect("texts('.own .text').join() === 'watch'").await?;
        self.click("#show-leaving").await?;
        self.tell("write('#leaving [name=code]', '1001')").await?;
        self.click("#leaving .primary").await?;
        self.tell("{ write('#leaving [name=code]', '4321'); write('#leaving [name=reason]', 'seen'); }").await?;
        self.click("#leaving .primary").await?;
        self.expect("$('#status').textContent === 'Closed'").await?;
        self.click("#show-drawer").await?;
        self.expect("$('#drawer li:last-child h3')?.textContent === 'onTerminate'").await?;
        let steps: Vec<[String; 2]> =
            self.ask("all('#drawer li').map((step) => [step.querySelector('h3').textContent, step.querySelector('.step-status').textContent])").await?;
        let steps: Vec<_> = steps.iter().map(|[name, status]| (name.as_str(), status.as_str())).collect();
        let expected = [
            ("WebSocket.new", "Connecting"),
            ("webSocket.send", "Connecting"),
            ("onOpen", "Connected"),
            ("onMessage", "Connected"),
            ("webSocket.send", "Connected"),
            ("onMessage", "Connected"),
            ("webSocket.terminate", "Connected"),
            ("webSocket.terminate", "Closing"),
            ("onTerminate", "Closed"),
        ];
        ensure!(steps == expected, "the drawer shows {steps:?}");
        let line = |at: usize| format!("all('#drawer li')[{at}].querySelector('.code').textContent");
        let value = |at: usize| format!("JSON.parse(all('#drawer li')[{at}].querySelector('.value').textContent)");
        for (at, code) in [
            (0, "WebSocket.new(url, handler)"),
            (4, "webSocket.send({ kind: \"say\", text })"),
            (7, "webSocket.terminate(code, reason)"),
            (8, "onTerminate(ws, event) {\n  this.chat.showStatus(ws.status);\n  this.chat.end(event);\n}"),
        ] {
            let shown: String = self.ask(&line(at)).await?;
            ensure!(shown == code, "step {at} has the code {shown:?}");
        }
        let switch: String = self.ask(&line(5)).await?;
        let starts =
            switch.starts_with("onMessage(ws, event) {\n  const { data } = event;\n  switch (data.kind) {\n    case ");
        ensure!(starts && switch.ends_with(";\n  }\n}"), "step 5 has the code {switch:?}");
        // It is the code that runs: what the server has of it says so.
        let handler: String = self.ask("fetch('/handler.js').then((answer) => answer.text())").await?;
        ensure!(
            handler.contains("    this.chat.showStatus(ws.status);\n    this.chat.end(event);\n"),
            "handler.js is another"
        );
        for (at, expected) in [
            (2, json!({ "type": "open" })),
            (4, json!({ "text": "watch" })),
            (7, json!({ "code": 4321, "reason": "seen" })),
            (8, json!({ "type": "terminate", "code": 4321, "reason": "seen", "wasClean": true })),
        ] {
            let shown: Value = self.ask(&value(at)).await?;
            ensure!(shown == expected, "step {at} has the value {shown}");
        }
        let said: Value = self.ask(&value(5)).await?;
        ensure!(said["data"]["kind"] == "said" && said["data"]["text"] == "watch", "the message came as {said}");
        self.expect(
            "texts('#drawer .error').join() === 'WebSocketError 5019: close code must be 1000 or 3000–4999, got 1001'",
        )
        .await?;
        // It goes on as it is open.
        self.click("#drawer .head button").await?;
        self.click("#join-again").await?;
        self.joined().await?;
        self.click("#show-drawer").await?;
        self.expect("all('#drawer li').length === 13").await?;
        self.tell_with("person('Grace', values[0]).then(() => {})", vec![json!(self.room)]).await?;
        self.expect("all('#drawer li').length === 14 && $('#drawer li:last-child .value').textContent.includes('came')")
            .await
    }

    async fn the_drawer_keeps_the_last_two_hundred(&self) -> Result<()> {
        self.person("Ada").await?;
        let crowd = "Promise.all([...Array(11)].map(async (_, at) => {
            const socket = await person(`p${at}`, values[0]);
            for (let count = 0; count < 19; count += 1) say(socket, `${at} ${count}`);
            window[`p${at}`] = socket;
        })).then(() => {})";
        self.tell_with(crowd, vec![json!(self.room)]).await?;
        self.expect("all('.entry').length === 209").await?;
        self.click("#show-drawer").await?;
        self.expect("all('#drawer li').length === 200").await?;
        self.tell("window.p0.close(1000, 'that is all')").await?;
        self.expect("$('#drawer li:last-child .value').textContent.includes('that is all')").await?;
        self.expect("all('#drawer li').length === 200").await?;
        // The reader is at the newest.
        self.expect("$('.steps').scrollHeight - $('.steps').scrollTop - $('.steps').clientHeight < 2").await
    }

    async fn nothing_shifts_as_messages_come(&self) -> Result<()> {
        self.person("Ada").await?;
        let picture = fs::read(self.repo.path(PICTURE))?;
        for size in SIZES {
            self.size(size).await?;
            let before: usize = self.ask("all('.entry').length").await?;
            let moved: Value = self
                .ask_with(
                    "(async () => {
                        const [room, picture, before, width] = values;
                        const people = await Promise.all([1, 2, 3].map((at) => person(`${at} at ${width}`, room)));
                        await until(() => all('#people li').length === 1 + people.length * (1 + before / 48));
                        const shifts = [];
                        const note = (entry) => shifts.push({
                            value: entry.value,
                            moved: entry.sources.map(({ node, previousRect, currentRect }) => [
                                node?.className ?? node?.nodeName, previousRect, currentRect,
                            ]),
                        });
                        const observer = new PerformanceObserver((list) => list.getEntries().forEach(note));
                        observer.observe({ type: 'layout-shift' });
                        for (let at = 0; at < 15; at += 1) {
                            for (const socket of people) say(socket, 'word '.repeat(1 + ((at * 7) % 40)));
                            await until(() => all('.entry').length === before + 3 * (at + 1));
                        }
                        for (const socket of people) socket.send(new Blob([new Uint8Array(picture)]));
                        await until(() => all('.entry').length === before + 48);
                        await until(() => all('.picture img').every((image) => image.complete));
                        await until(() => performance.now());
                        await until(() => performance.now());
                        observer.takeRecords().forEach(note);
                        return shifts;
                    })()",
                    vec![json!(self.room), json!(picture), json!(before), json!(size.0)],
                )
                .await?;
            ensure!(moved == json!([]), "at {} pixels {moved}", size.0);
        }
        Ok(())
    }

    async fn five_thousand_messages_come_and_the_page_is_as_quick_as_before(&self) -> Result<()> {
        self.person("Ada").await?;
        let start = Instant::now();
        for some in 0..10 {
            for round in 0..5 {
                let visitors = (0..10).map(|at| self.visit(format!("{some}/{round}/{at}"), 10));
                join_all(visitors).await.into_iter().collect::<Result<()>>()?;
            }
            // The server waits for no reader who is far behind.
            self.expect(&format!("all('.entry').length === {}", 500 * (some + 1))).await?;
        }
        let came = start.elapsed();
        let start = Instant::now();
        self.say("and mine").await?;
        self.expect("texts('.own .text').join() === 'and mine'").await?;
        let own = start.elapsed();
        ensure!(own < Duration::from_secs(2), "one's own message took {own:?} after 5,000 in {came:?}");
        self.expect("$('#messages').scrollHeight - $('#messages').scrollTop - $('#messages').clientHeight < 2").await?;
        let frame: f64 = self
            .ask(
                "(async () => {
                    const frames = [];
                    for (let at = 0; at < 30; at += 1) {
                        const start = performance.now();
                        $('#messages').scrollTop -= 4000;
                        await new Promise(requestAnimationFrame);
                        frames.push(performance.now() - start);
                    }
                    return frames.sort((a, b) => a - b)[15];
                })()",
            )
            .await?;
        ensure!(frame < 200.0, "a frame of scrolling takes {frame} ms");
        let first: String = self.ask("all('.text')[0].textContent.slice(0, 3)").await?;
        ensure!(came < LIMIT * 2, "5,000 messages took {came:?}");
        ensure!(first == "0: " && self.ask::<usize>("all('.entry').length").await? == 5001, "messages are missing");
        Ok(())
    }
}

impl Visit<'_> {
    /// Somebody without a browser comes, says so much and goes.
    async fn visit(&self, name: String, messages: usize) -> Result<()> {
        let (mut socket, _) = connect_async(format!("{}/chat", self.server.ws())).await?;
        let text = |value: Value| Message::text(value.to_string());
        socket.send(text(json!({ "kind": "join", "name": name, "room": self.room }))).await?;
        for at in 0..messages {
            let words = "word ".repeat(1 + (at * 7) % 40);
            socket.send(text(json!({ "kind": "say", "text": format!("{at}: {words}") }))).await?;
        }
        let mut left = messages;
        while left > 0 {
            let message = socket.next().await.context("the server closed the connection")??;
            let message: Value = serde_json::from_str(message.to_text()?).unwrap_or_default();
            left -= usize::from(message["kind"] == "said" && message["name"] == name.as_str());
        }
        Ok(socket.close(None).await?)
    }
}

// --- Asking ---

impl Visit<'_> {
    /// Runs a case and closes its tabs. What the browser's console says of the page fails it.
    async fn alone(&self, name: &str) -> Result<()> {
        let home = self.client.window().await?;
        self.open().await?;
        let done = self.run(name).await;
        let complaints = self.complaints().await;
        for tab in self.client.windows().await? {
            if tab != home {
                self.client.switch_to_window(tab).await?;
                self.client.close_window().await?;
            }
        }
        self.client.switch_to_window(home).await?;
        done?;
        let complaints = complaints?;
        ensure!(complaints.is_empty(), "the browser's console has {complaints:?}");
        Ok(())
    }

    /// What Chromium's console has, but for the connections that cannot be, and what the server forgot.
    async fn complaints(&self) -> Result<Vec<String>> {
        if self.browser.name != "Chromium" {
            return Ok(Vec::new());
        }
        let log = self.command("se/log", json!({ "type": "browser" })).await?;
        let messages = log.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str());
        let is_expected =
            |message: &str| message.contains("WebSocket connection to") || message.contains("/pictures/0-none");
        Ok(messages.filter(|message| !is_expected(message)).map(str::to_owned).collect())
    }

    /// Opens the page in a tab of its own.
    async fn open(&self) -> Result<WindowHandle> {
        let tab = self.client.new_window(true).await?.handle;
        self.client.switch_to_window(tab.clone()).await?;
        self.client.goto(&self.server.http()).await?;
        Ok(tab)
    }

    /// Opens the page for somebody, who joins the room.
    async fn person(&self, name: &str) -> Result<WindowHandle> {
        let tab = self.open().await?;
        self.join(name).await?;
        Ok(tab)
    }

    async fn join(&self, name: &str) -> Result<()> {
        self.join_room(name, &self.room).await
    }

    async fn join_room(&self, name: &str, room: &str) -> Result<()> {
        self.tell_with(
            "{ write('[name=name]', values[0]); write('[name=room]', values[1]); }",
            vec![json!(name), json!(room)],
        )
        .await?;
        self.click("#joining .primary").await?;
        self.joined().await
    }

    async fn joined(&self) -> Result<()> {
        self.expect(
            "!$('#room').hidden && $('#status').textContent === 'Connected' && texts('.note').at(-1) === 'You joined'",
        )
        .await?;
        self.expect("document.activeElement.id === 'message'").await
    }

    async fn say(&self, text: &str) -> Result<()> {
        Ok(self.find("#message").await?.send_keys(&format!("{text}{ENTER}")).await?)
    }

    async fn to(&self, tab: &WindowHandle) -> Result<()> {
        Ok(self.client.switch_to_window(tab.clone()).await?)
    }

    async fn find(&self, selector: &str) -> Result<Element> {
        self.client.find(Locator::Css(selector)).await.with_context(|| selector.to_owned())
    }

    async fn click(&self, selector: &str) -> Result<()> {
        self.expect(&format!("$({selector:?})?.checkVisibility()")).await?;
        self.find(selector).await?.click().await.with_context(|| selector.to_owned())
    }

    /// Waits until an expression of the page holds.
    async fn expect(&self, expression: &str) -> Result<()> {
        let held = self.tell(&format!("until(() => {expression})")).await;
        if held.is_err() {
            let page: String = self.ask("document.body.innerText.slice(0, 1000)").await?;
            bail!("not within {} s: {expression}; the page shows {page:?}", LIMIT.as_secs());
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(&self, expression: &str) -> Result<T> {
        self.ask_with(expression, vec![]).await
    }

    async fn ask_with<T: DeserializeOwned>(&self, expression: &str, values: Vec<Value>) -> Result<T> {
        tab::ask(self.client, WORDS, expression, values).await
    }

    async fn tell(&self, expression: &str) -> Result<()> {
        self.tell_with(expression, vec![]).await
    }

    async fn tell_with(&self, expression: &str, values: Vec<Value>) -> Result<()> {
        self.ask_with::<Value>(expression, values).await.map(drop)
    }

    /// Presses keys, whatever has the focus.
    async fn keys(&self, keys: &str) -> Result<()> {
        let pressed = keys.chars().fold(KeyActions::new("keys".into()), |actions, value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(pressed).await?)
    }

    async fn shifted(&self, value: char) -> Result<()> {
        let pressed = KeyActions::new("keys".into())
            .then(KeyAction::Down { value: SHIFT })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: SHIFT });
        Ok(self.client.perform_actions(pressed).await?)
    }

    /// Goes back with Tab until the element has the focus.
    async fn reach(&self, id: &str) -> Result<()> {
        for _ in 0..20 {
            if self.ask::<String>("document.activeElement.id").await? == id {
                return Ok(());
            }
            self.shifted(TAB).await?;
        }
        bail!("Tab does not come to {id}")
    }

    /// What the browser tells those who do not see the page.
    async fn is(&self, selector: &str, role: &str, name: &str) -> Result<()> {
        let element = self.find(selector).await?.element_id();
        let computed = |what| self.client.issue_cmd(Get { path: format!("element/{element}/computed{what}") });
        let there = (computed("role").await?, computed("label").await?);
        ensure!(there == (json!(role), json!(name)), "{selector} is {there:?}, not a {role} {name:?}");
        Ok(())
    }

    /// Looks at the page at every size, light and dark: axe finds nothing, nothing is beside it, and there is a screenshot.
    async fn look(&self, state: &str) -> Result<()> {
        for (width, height) in SIZES {
            self.size((width, height)).await?;
            for scheme in ["light", "dark"] {
                self.prefer("prefers-color-scheme", scheme).await?;
                self.expect("document.getAnimations().length === 0").await?;
                for element in ["document.documentElement", "$('#messages')", "$('#drawer .steps')"] {
                    self.fits(element).await?;
                }
                // What axe looks at is the same in between.
                if (width, height) != SIZES[1] {
                    self.axe().await.with_context(|| format!("{state} at {width} pixels, {scheme}"))?;
                }
                let file = self.repo.path(SCREENSHOTS).join(format!("{state}-{width}-{scheme}.png"));
                fs::write(&file, self.client.screenshot().await?).with_context(|| file.display().to_string())?;
            }
        }
        Ok(())
    }

    async fn axe(&self) -> Result<()> {
        let found: Vec<Value> = self
            .ask(
                "axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
                    nodes.map(({ html, failureSummary }) => ({ id, html, failureSummary }))))",
            )
            .await?;
        ensure!(found.is_empty(), "{found:#?}");
        Ok(())
    }

    async fn size(&self, (width, height): (u32, u32)) -> Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        self.expect(&format!("innerWidth === {width}")).await
    }

    async fn prefer(&self, name: &str, value: &str) -> Result<()> {
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [{ "name": name, "value": value }] })).await?;
        self.expect(&format!("matchMedia('({name}: {value})').matches")).await
    }

    async fn devtools(&self, command: &str, values: Value) -> Result<()> {
        self.command("goog/cdp/execute", json!({ "cmd": command, "params": values })).await.map(drop)
    }

    async fn command(&self, path: &'static str, body: Value) -> Result<Value> {
        self.client.issue_cmd(Post { path, body }).await.with_context(|| format!("the driver's command {path}"))
    }
}
