//! Clients that come back: what they missed, and the place that they had.

use chat_server::{Limits, refusal};
use serde_json::{Value, json};

use crate::client::{Client, came, said, went};
use crate::server::Running;

const TOKEN: &str = "a secret of sixteen bytes or more";

impl Client {
    /// Connects a client that joins the lobby again. Also returns the answer.
    async fn again(server: &Running, name: &str, after: &Value, token: &str) -> (Self, Value) {
        let mut client = Self::connect(server).await;
        let join = json!({ "kind": "join", "name": name, "room": "lobby", "after": after, "token": token });
        client.send(join).await;
        let answer = client.next().await;
        assert_eq!(answer["kind"], "joined");
        (client, answer)
    }
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_once_and_then_what_follows() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut bob = Client::join(&server, "Bob", "lobby").await;
    ada.say("before").await;
    let last = bob.next().await["id"].clone();
    bob.leave(1000, "").await;
    ada.say("meanwhile").await;
    ada.say("and this").await;
    for message in [came("Bob"), said("Ada", "before"), went("Bob", 1000, ""), said("Ada", "meanwhile")] {
        assert_eq!(ada.message().await, message);
    }
    let newest = ada.next().await;
    let (mut bob, answer) = Client::again(&server, "Bob", &last, TOKEN).await;
    let texts = |answer: &Value| {
        let history = answer["history"].as_array().expect("a history").clone();
        history.iter().map(|entry| entry["text"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (texts(&answer), &answer["complete"]),
        (vec!["meanwhile".to_owned(), "and this".to_owned()], &json!(true))
    );
    ada.say("after").await;
    assert_eq!(bob.message().await, said("Ada", "after"));
    bob.leave(1000, "").await;
    let (_bob, answer) = Client::again(&server, "Bob", &newest["id"], TOKEN).await;
    assert_eq!(texts(&answer), ["after"]);
}

#[tokio::test]
async fn who_comes_back_late_learns_that_something_is_missing() {
    let server = Running::with(Limits { history: 2, ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut ids = Vec::new();
    for number in 0..4 {
        ada.say(&number.to_string()).await;
        ids.push(ada.next().await["id"].clone());
    }
    for (id, left, is_complete) in [(&ids[0], 2, false), (&ids[1], 2, true), (&ids[2], 1, true), (&ids[3], 0, true)] {
        let (_bob, answer) = Client::again(&server, "Bob", id, TOKEN).await;
        assert_eq!(answer["history"].as_array().map(Vec::len), Some(left));
        assert_eq!(answer["complete"], is_complete);
    }
}

#[tokio::test]
async fn ids_go_on_after_a_restart_and_an_id_of_the_future_gets_everything() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    ada.say("before").await;
    let last = ada.next().await["id"].clone();
    server.stop().await;
    let server = Running::start();
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    eve.say("after").await;
    eve.next().await;
    for after in [last, json!(1_u64 << 53)] {
        let (_ada, answer) = Client::again(&server, "Ada", &after, TOKEN).await;
        assert_eq!(answer["history"][0]["text"], "after");
        assert_eq!(answer["history"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn who_comes_back_before_the_old_connection_has_ended_takes_its_place() {
    let server = Running::start();
    let mut bob = Client::join(&server, "Bob", "lobby").await;
    let (mut old, _) = Client::again(&server, "Ada", &json!(0), TOKEN).await;
    assert_eq!(bob.message().await, came("Ada"));
    for token in ["another secret of the same kind", "A secret of sixteen bytes or more"] {
        let mut eve = Client::connect(&server).await;
        eve.send(json!({ "kind": "join", "name": "Ada", "room": "lobby", "token": token })).await;
        assert_eq!(eve.end().await, (4003, refusal::NAME_TAKEN.reason.to_owned()));
    }
    let (mut ada, answer) = Client::again(&server, " ADA ", &json!(0), TOKEN).await;
    assert_eq!(answer["people"], json!(["Bob", "ADA"]));
    assert_eq!(old.end().await, (4012, refusal::REPLACED.reason.to_owned()));
    ada.say("here again").await;
    // The others receive no message about people.
    assert_eq!(bob.message().await, said("ADA", "here again"));
    ada.leave(1000, "").await;
    assert_eq!(bob.message().await, went("ADA", 1000, ""));
}

#[tokio::test]
async fn a_ping_is_answered_and_counts_as_a_message() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut bob = Client::join(&server, "Bob", "lobby").await;
    bob.send(json!({ "kind": "ping" })).await;
    assert_eq!(bob.next().await, json!({ "kind": "pong" }));
    for _ in 0..40 {
        bob.send(json!({ "kind": "ping" })).await;
    }
    assert_eq!(ada.message().await, came("Bob"));
    assert_eq!(ada.message().await, went("Bob", 4006, refusal::TOO_FAST.reason));
}
