//! A room: its people, its messages and its history.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::limits::Limits;
use crate::message::{Notice, json, now};
use crate::name::Name;
use crate::queue::Sender;
use crate::refusal::{self, Refusal};

/// A room. Its lock determines the order of messages: each one is put into all queues at once. No room waits for
/// another.
#[derive(Debug)]
pub struct Room {
    name: String,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    /// The people in the order of their joins.
    people: Vec<Person>,
    history: VecDeque<Remembered>,
    /// The bytes of all entries together.
    history_bytes: usize,
    /// The id of the last entry that was forgotten, 0 if there is none.
    forgotten: u64,
}

/// An entry as it was sent.
#[derive(Debug)]
struct Remembered {
    id: u64,
    message: Utf8Bytes,
}

/// A person in the room.
#[derive(Debug)]
pub struct Person {
    pub id: u64,
    pub shown: Arc<str>,
    pub key: String,
    /// `None` once the queue was full: messages after a gap are of no use.
    pub queue: Option<Sender>,
    pub overflowed: Arc<Notify>,
    /// The secret with which the client may take this place again, on another connection.
    pub token: Option<String>,
    pub replaced: Arc<Notify>,
}

/// The state of a room for a client that joins.
#[derive(Debug)]
pub struct Found {
    people: Vec<Arc<str>>,
    history: Vec<Utf8Bytes>,
    /// Whether the history has every entry that the client asked for.
    is_complete: bool,
}

impl Room {
    pub fn new(name: &Name) -> Self {
        Self { name: name.shown.clone(), inside: Mutex::default() }
    }

    /// Adds a person, who receives all messages from then on, and notifies the others. A person who is there already,
    /// and proves it with the token, is replaced. The others do not see that. The history starts after this entry.
    pub fn join(&self, person: Person, after: Option<u64>) -> Result<Found, Refusal> {
        let mut inside = self.inside();
        match inside.people.iter().position(|there| there.key == person.key) {
            None => inside.send(&json(&Notice::Came { name: &person.shown, time: now() })),
            Some(at) if person.token.is_some() && inside.people[at].token == person.token => {
                inside.people.remove(at).replaced.notify_one();
            }
            Some(_) => return Err(refusal::NAME_TAKEN),
        }
        inside.people.push(person);
        let people = inside.people.iter().map(|person| person.shown.clone()).collect();
        let start = after.map_or(0, |after| inside.history.partition_point(|entry| entry.id <= after));
        let history = inside.history.range(start..).map(|entry| entry.message.clone()).collect();
        let is_complete = after.is_none_or(|after| after >= inside.forgotten);
        Ok(Found { people, history, is_complete })
    }

    /// Sends a message to one person.
    pub fn answer(&self, id: u64, message: &impl Serialize) {
        if let Some(person) = self.inside().people.iter_mut().find(|person| person.id == id) {
            person.send(json(message));
        }
    }

    /// Returns the answer to a join. The room is not locked. The entries are inserted as they were sent.
    pub fn welcome(&self, name: &str, Found { people, history, is_complete }: &Found) -> Utf8Bytes {
        let people = people.iter().map(|name| &**name).collect();
        let mut welcome =
            json(&Notice::Joined { name, room: &self.name, people, complete: *is_complete, history: [] }).to_string();
        let end = welcome.split_off(welcome.len() - "]}".len());
        welcome.reserve(history.iter().map(|entry| entry.len() + 1).sum::<usize>() + end.len());
        for (at, entry) in history.iter().enumerate() {
            welcome.push_str(if at > 0 { "," } else { "" });
            welcome.push_str(entry);
        }
        (welcome + &end).into()
    }

    /// Sends an entry to everybody and remembers it, within the limits. Returns the ids of the forgotten entries.
    /// `entry` makes the entry and its id under the lock, when the place of the entry in the order is certain.
    pub fn enter<E: Serialize>(&self, limits: &Limits, entry: impl FnOnce() -> (u64, E)) -> Vec<u64> {
        let mut inside = self.inside();
        let (id, entry) = entry();
        let message = json(&entry);
        inside.send(&message);
        inside.history_bytes += message.len();
        inside.history.push_back(Remembered { id, message });
        let mut forgotten = Vec::new();
        while inside.history.len() > limits.history || inside.history_bytes > limits.history_bytes {
            let Some(oldest) = inside.history.pop_front() else { break };
            inside.history_bytes -= oldest.message.len();
            inside.forgotten = oldest.id;
            forgotten.push(oldest.id);
        }
        forgotten
    }

    /// Removes a client. The others receive the code and reason in `why`, if given.
    pub fn leave(&self, id: u64, why: Option<(u16, &str)>) {
        let mut inside = self.inside();
        let Some(at) = inside.people.iter().position(|person| person.id == id) else { return };
        let person = inside.people.remove(at);
        if let Some((code, reason)) = why {
            inside.send(&json(&Notice::Went { name: &person.shown, time: now(), code, reason }));
        }
    }

    /// The ids of all entries.
    pub fn entries(&self) -> Vec<u64> {
        self.inside().history.iter().map(|entry| entry.id).collect()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn send(&mut self, message: &Utf8Bytes) {
        for person in &mut self.people {
            person.send(message.clone());
        }
    }
}

impl Person {
    fn send(&mut self, message: Utf8Bytes) {
        if self.queue.as_ref().is_some_and(|queue| !queue.push(message)) {
            self.queue = None;
            self.overflowed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, value::RawValue, value::to_raw_value};

    use super::*;
    use crate::message::Entry;

    fn person(id: u64, key: &str, token: Option<&str>) -> Person {
        Person {
            id,
            shown: "\"Eve\"".into(),
            key: key.to_owned(),
            queue: None,
            overflowed: Arc::default(),
            token: token.map(str::to_owned),
            replaced: Arc::default(),
        }
    }

    fn text_entry(id: u64, text: &RawValue) -> (u64, Entry<'_>) {
        (id, Entry::Said { id, name: "Ada", time: 1, text })
    }

    #[test]
    fn the_answer_to_a_join_has_every_entry_as_it_was_told() {
        let name = Name::new("lobby").expect("a name");
        let room = Room::new(&name);
        for (entries, id) in [(0, 1), (1, 2), (2, 3)] {
            let found = room.join(person(id, &id.to_string(), None), None).expect("a place");
            let history: Vec<Value> =
                found.history.iter().map(|entry| serde_json::from_str(entry).expect("JSON")).collect();
            assert_eq!(history.len(), entries);
            let welcome: Value = serde_json::from_str(&room.welcome("\"Eve\"", &found)).expect("JSON");
            let people = vec!["\"Eve\""; entries + 1];
            let expected = serde_json::json!({
                "kind": "joined", "name": "\"Eve\"", "room": "lobby", "people": people, "complete": true,
                "history": history,
            });
            assert_eq!(welcome, expected);
            let text = to_raw_value("\u{1}]}\"").expect("a text");
            assert!(room.enter(&Limits::default(), || text_entry(id, &text)).is_empty());
        }
    }

    #[test]
    fn no_more_is_remembered_than_there_may_be() {
        let room = Room::new(&Name::new("lobby").expect("a name"));
        let text = to_raw_value("a").expect("a text");
        let few = Limits { history: 2, ..Limits::default() };
        let forgotten: Vec<_> = (1..=4).map(|id| room.enter(&few, || text_entry(id, &text))).collect();
        assert_eq!(forgotten, [vec![], vec![], vec![1], vec![2]]);
        assert_eq!(room.entries(), [3, 4]);
        let bytes = room.inside().history_bytes;
        let short = Limits { history_bytes: bytes, ..Limits::default() };
        assert_eq!(room.enter(&short, || text_entry(5, &text)), [3]);
        let longer = to_raw_value("as long as two").expect("a text");
        assert_eq!(room.enter(&short, || text_entry(6, &longer)), [4, 5]);
        assert_eq!(room.entries(), [6]);
    }

    #[test]
    fn who_joins_again_gets_what_came_after_and_learns_what_is_missing() {
        let room = Room::new(&Name::new("lobby").expect("a name"));
        let text = to_raw_value("a").expect("a text");
        let few = Limits { history: 3, ..Limits::default() };
        for id in [10, 20, 30, 40] {
            room.enter(&few, || text_entry(id, &text));
        }
        for (number, (after, first, is_complete)) in
            [(None, 20, true), (Some(0), 20, false), (Some(9), 20, false), (Some(10), 20, true), (Some(30), 40, true)]
                .into_iter()
                .enumerate()
        {
            let found = room.join(person(number as u64, &number.to_string(), None), after).expect("a place");
            assert!(found.history[0].contains(&format!("\"id\":{first},")), "after {after:?}");
            assert_eq!(found.is_complete, is_complete, "after {after:?}");
        }
        let found = room.join(person(9, "9", None), Some(40)).expect("a place");
        assert_eq!((found.history.len(), found.is_complete), (0, true));
    }

    #[test]
    fn only_the_token_takes_a_place_again() {
        let room = Room::new(&Name::new("lobby").expect("a name"));
        room.join(person(1, "eve", Some("secret")), None).expect("a place");
        for token in [None, Some("another")] {
            assert_eq!(room.join(person(2, "eve", token), None).err(), Some(refusal::NAME_TAKEN));
        }
        let found = room.join(person(3, "eve", Some("secret")), None).expect("the same place");
        assert_eq!(found.people.len(), 1);
        // The end of the old connection removes nobody.
        room.leave(1, Some((1006, "")));
        assert_eq!(room.inside().people.len(), 1);
        room.leave(3, None);
        room.join(person(4, "eve", None), None).expect("a place");
        assert_eq!(room.join(person(5, "eve", None), None).err(), Some(refusal::NAME_TAKEN), "no token is no secret");
    }
}
