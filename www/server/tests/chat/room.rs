//! Rooms: their people, their messages and their history.

use std::collections::HashSet;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use chat_server::{Limits, refusal};
use serde_json::{Value, json};

use crate::client::{Client, Received, came, said, went};
use crate::server::Running;

async fn texts(client: &mut Client, count: usize) -> Vec<Value> {
    let mut all = Vec::new();
    while all.len() < count {
        let message = client.next().await;
        if message["kind"] == "said" {
            all.push(message);
        }
    }
    all
}

fn ids(entries: &[Value]) -> Vec<u64> {
    entries.iter().map(|entry| entry["id"].as_u64().expect("an id")).collect()
}

#[tokio::test]
async fn everybody_gets_what_is_said_the_sender_too() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut bob = Client::join(&server, "Bob", "lobby").await;
    assert_eq!(ada.message().await, came("Bob"));
    let odd = "<script>alert(1)</script> \u{202E}\0\u{1F469}\u{200D}\u{1F467} \"\\\n שלום";
    bob.say(odd).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_millis();
    let seen = bob.next().await;
    assert_eq!(seen, ada.next().await);
    assert_eq!(seen["text"], odd);
    assert_eq!((&seen["kind"], &seen["name"]), (&json!("said"), &json!("Bob")));
    let time = u128::from(seen["time"].as_u64().expect("a time"));
    assert!(time.abs_diff(now) < 60_000, "{time} is not about {now}");
}

#[tokio::test]
async fn rooms_are_apart() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "one").await;
    let mut other_ada = Client::join(&server, "Ada", "two").await;
    other_ada.say("in two").await;
    assert_eq!(other_ada.message().await, said("Ada", "in two"));
    other_ada.leave(1000, "").await;
    ada.say("in one").await;
    assert_eq!(ada.message().await, said("Ada", "in one"));
}

#[tokio::test]
async fn a_newcomer_learns_who_is_there_in_the_order_they_came() {
    let server = Running::start();
    let _ada = Client::join(&server, "Ada", "lobby").await;
    let bob = Client::join(&server, "Bob", "lobby").await;
    let _cleo = Client::join(&server, "Cleo", "lobby").await;
    bob.leave(1000, "").await;
    let mut dan = Client::connect(&server).await;
    dan.ask("  Dan ", "LOBBY").await;
    let expected = json!({
        "kind": "joined", "name": "Dan", "room": "lobby", "people": ["Ada", "Cleo", "Dan"], "complete": true,
        "history": [],
    });
    assert_eq!(dan.next().await, expected);
}

#[tokio::test]
async fn the_others_are_told_who_comes_and_who_goes_and_how() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    Client::join(&server, "Bob", "lobby").await.leave(3000, "Tea is ready ☕").await;
    assert_eq!(ada.message().await, came("Bob"));
    assert_eq!(ada.message().await, went("Bob", 3000, "Tea is ready ☕"));

    let mut empty = Client::join(&server, "Bob", "lobby").await;
    empty.0.close(None).await.expect("a close frame");
    assert_eq!(ada.message().await, came("Bob"));
    assert_eq!(ada.message().await, went("Bob", 1005, ""));

    drop(Client::join(&server, "Bob", "lobby").await);
    assert_eq!(ada.message().await, came("Bob"));
    assert_eq!(ada.message().await, went("Bob", 1006, "The connection was lost."));
}

#[tokio::test]
async fn a_name_is_free_again_when_its_bearer_has_gone() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    for _ in 0..10 {
        let bob = Client::join(&server, "Bob", "lobby").await;
        assert_eq!(ada.message().await, came("Bob"));
        bob.leave(1000, "").await;
        assert_eq!(ada.message().await, went("Bob", 1000, ""));
    }
}

#[tokio::test]
async fn a_newcomer_gets_the_last_50_entries_in_their_order() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut clients = Vec::new();
    for name in ["Bob", "Cleo", "Dan"] {
        clients.push(Client::join(&server, name, "lobby").await);
    }
    for number in 0..20 {
        for client in &mut clients {
            client.say(&number.to_string()).await;
        }
    }
    let seen = texts(&mut ada, 60).await;
    let mut eve = Client::connect(&server).await;
    eve.ask("Eve", "lobby").await;
    let history = eve.next().await["history"].as_array().expect("a history").clone();
    assert_eq!(history.len(), 50);
    assert_eq!(history, seen[10..]);
}

#[tokio::test]
async fn everybody_in_a_room_gets_everything_once_in_the_same_order() {
    let server = Running::start();
    let mut clients = Vec::new();
    for number in 0..8 {
        clients.push(Client::join(&server, &format!("Client {number}"), "lobby").await);
    }
    let tasks = clients.into_iter().enumerate().map(|(number, mut client)| {
        tokio::spawn(async move {
            for message in 0..20 {
                client.say(&format!("{number} {message}")).await;
            }
            texts(&mut client, 160).await
        })
    });
    let mut seen = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        seen.push(task.await.expect("a talk"));
    }
    assert!(seen.iter().all(|entries| *entries == seen[0]));
    assert!(ids(&seen[0]).is_sorted_by(|one, next| one < next));
    let different: HashSet<_> = seen[0].iter().map(|entry| entry["text"].to_string()).collect();
    assert_eq!(different.len(), 160);
}

#[tokio::test]
async fn an_empty_room_remembers_until_new_rooms_need_its_place() {
    let server = Running::with(Limits { rooms: 2, ..Limits::default() });
    for room in ["one", "two"] {
        let mut ada = Client::join(&server, "Ada", room).await;
        ada.say(&format!("in {room}")).await;
        assert_eq!(ada.message().await, said("Ada", &format!("in {room}")));
        ada.leave(1000, "").await;
    }
    let history = async |room: &str| {
        let mut ada = Client::connect(&server).await;
        ada.ask("Ada", room).await;
        let history = ada.next().await["history"].as_array().expect("a history").len();
        ada.leave(1000, "").await;
        history
    };
    assert_eq!(history("one").await, 1);
    assert_eq!(history("two").await, 1);
    // Each time, the room that has been empty for the longest time is forgotten.
    assert_eq!(history("three").await, 0);
    assert_eq!(history("two").await, 1);
    assert_eq!(history("one").await, 0);
    assert_eq!(history("two").await, 1);
}

#[tokio::test]
async fn no_room_is_made_where_there_are_too_many() {
    let server = Running::with(Limits { rooms: 2, ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "one").await;
    let bob = Client::join(&server, "Bob", "two").await;
    let mut eve = Client::connect(&server).await;
    eve.ask("Eve", "three").await;
    assert_eq!(eve.end().await, (4004, refusal::ROOMS_FULL.reason.to_owned()));
    let _cleo = Client::join(&server, "Cleo", "one").await;
    assert_eq!(ada.message().await, came("Cleo"));
    bob.leave(1000, "").await;
    Client::join(&server, "Eve", "three").await;
}

#[tokio::test]
async fn a_refused_join_makes_no_room() {
    let server = Running::with(Limits { rooms: 1, ..Limits::default() });
    let mut eve = Client::connect(&server).await;
    eve.ask("", "one").await;
    assert!(matches!(eve.receive().await, Received::Close(4003, _)));
    let _ada = Client::join(&server, "Ada", "two").await;
    let mut bob = Client::connect(&server).await;
    bob.ask("Bob", "one").await;
    assert!(matches!(bob.receive().await, Received::Close(4004, _)));
}

#[tokio::test]
async fn an_address_makes_no_more_rooms_than_it_may_and_the_lobby_is_always_there() {
    let server = Running::start();
    let mut people = Vec::new();
    let mut refused = 0;
    for number in 0..200 {
        let mut eve = Client::connect(&server).await;
        eve.ask("Eve", &format!("room {number}")).await;
        match eve.receive().await {
            Received::Message(_) => people.push(eve),
            Received::Close(4004, reason) if reason == refusal::ROOMS_OF_ADDRESS_FULL.reason => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((people.len(), refused), (50, 150));
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    ada.say("hello").await;
    assert_eq!(ada.message().await, said("Ada", "hello"));
}

#[tokio::test]
async fn the_lobby_is_there_when_there_are_too_many_rooms() {
    let server = Running::with(Limits { rooms: 2, ..Limits::default() });
    let _ada = Client::join(&server, "Ada", "one").await;
    let _bob = Client::join(&server, "Bob", "two").await;
    Client::join(&server, "Eve", "lobby").await;
}

#[tokio::test]
async fn joins_have_a_pace_whatever_becomes_of_them() {
    let server = Running::with(Limits { address_sockets: 20, ..Limits::default() });
    let _ada = Client::join(&server, "Ada", "lobby").await;
    let started = Instant::now();
    let mut joins = 0;
    let end = loop {
        assert!(joins < 1000, "there is no pace");
        let mut eve = Client::connect(&server).await;
        // Every second join is refused.
        eve.ask(if joins % 2 == 0 { "Eve" } else { "Ada" }, "lobby").await;
        match eve.receive().await {
            Received::Message(_) => eve.leave(1000, "").await,
            Received::Close(4003, _) => {}
            end => break end,
        }
        joins += 1;
    };
    assert_eq!(end, Received::Close(4006, refusal::JOINS_TOO_FAST.reason.to_owned()));
    let most = 19.0 + 2.0 * started.elapsed().as_secs_f64();
    assert!((19..=most as u32).contains(&joins), "{joins} of at most {most}");
}
