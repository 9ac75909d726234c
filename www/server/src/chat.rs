//! The rooms, who is in them, and what they remember.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::limits::Limits;
use crate::message::{Entry, Notice};
use crate::name::{Fault, Name};
use crate::picture::{Picture, Pictures};
use crate::queue::{Entrance, Exit, queue};
use crate::refusal::{self, Refusal};

/// The chat. One lock orders all of it: what a room is told is put into every queue at once, in one order.
#[derive(Debug)]
pub struct Chat {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rooms: HashMap<String, Room>,
    pictures: Pictures,
    /// Of entries, and of those who join.
    last_id: u64,
}

#[derive(Debug)]
struct Room {
    name: String,
    /// In the order they came.
    people: Vec<Person>,
    history: VecDeque<Entry>,
    /// When the last one went, as an id of that time.
    empty_since: u64,
}

#[derive(Debug)]
struct Person {
    id: u64,
    name: Name,
    /// `None` once it was full: what follows a gap is of no use.
    queue: Option<Entrance>,
    overflowed: Arc<Notify>,
}

/// Somebody's place in a room.
#[derive(Debug)]
pub struct Seat {
    chat: Arc<Chat>,
    /// The key of the room.
    room: String,
    id: u64,
    name: String,
    overflowed: Arc<Notify>,
}

impl Chat {
    pub fn new(limits: Limits) -> Self {
        let pictures = Pictures::new(limits.picture_bytes);
        Self { limits, state: Mutex::new(State { rooms: HashMap::new(), pictures, last_id: 0 }) }
    }

    /// Takes somebody into a room, which is made where there is none. The queue has the answer first, then all that is
    /// told in the room from then on.
    pub fn join(self: &Arc<Self>, name: &str, room: &str) -> Result<(Seat, Exit), Refusal> {
        let name = Name::new(name).map_err(|fault| match fault {
            Fault::Length => refusal::NAME_LENGTH,
            Fault::Characters => refusal::NAME_CHARACTERS,
        })?;
        let room = Name::new(room).map_err(|fault| match fault {
            Fault::Length => refusal::ROOM_LENGTH,
            Fault::Characters => refusal::ROOM_CHARACTERS,
        })?;
        let (entrance, exit) = queue(self.limits.queued_bytes);
        let overflowed = Arc::new(Notify::new());
        let seat = Seat {
            chat: self.clone(),
            room: room.key.clone(),
            id: 0,
            name: name.shown.clone(),
            overflowed: overflowed.clone(),
        };

        let mut state = self.state();
        let id = state.next_id();
        let room = state.room(room, self.limits.rooms)?;
        if room.people.iter().any(|person| person.name.key == name.key) {
            return Err(refusal::NAME_TAKEN);
        }
        room.tell(&Notice::Came { name: &name.shown, time: now() });
        room.people.push(Person { id, name, queue: Some(entrance), overflowed });
        room.welcome();
        Ok((Seat { id, ..seat }, exit))
    }

    /// The picture of a path's last part, as long as it is remembered.
    pub fn picture(&self, name: &str) -> Option<Picture> {
        self.state().pictures.get(name)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The room of this name. For a new one, that which has been empty for the longest time is forgotten.
    fn room(&mut self, name: Name, most: usize) -> Result<&mut Room, Refusal> {
        if !self.rooms.contains_key(&name.key) && self.rooms.len() >= most {
            let empty = self.rooms.iter().filter(|(_, room)| room.people.is_empty());
            let oldest = empty.min_by_key(|(_, room)| room.empty_since).map(|(key, _)| key.clone());
            let forgotten = self.rooms.remove(&oldest.ok_or(refusal::ROOMS_FULL)?);
            for entry in forgotten.iter().flat_map(|room| &room.history) {
                self.pictures.forget(entry.id());
            }
        }
        let new = || Room { name: name.shown, people: Vec::new(), history: VecDeque::new(), empty_since: 0 };
        Ok(self.rooms.entry(name.key).or_insert_with(new))
    }

    /// Tells the room of an entry and remembers it.
    fn enter(&mut self, room: &str, entry: Entry, most: usize) {
        let Some(room) = self.rooms.get_mut(room) else { return };
        room.tell(&entry);
        room.history.push_back(entry);
        while room.history.len() > most {
            if let Some(forgotten) = room.history.pop_front() {
                self.pictures.forget(forgotten.id());
            }
        }
    }
}

impl Room {
    fn tell(&mut self, message: &impl Serialize) {
        let message = json(message);
        for person in &mut self.people {
            person.tell(message.clone());
        }
    }

    /// Answers the join of who came last.
    fn welcome(&mut self) {
        let people = self.people.iter().map(|person| person.name.shown.as_str()).collect();
        let Some(last) = self.people.last() else { return };
        let history = self.history.iter().collect();
        let welcome = json(&Notice::Joined { name: &last.name.shown, room: &self.name, people, history });
        if let Some(last) = self.people.last_mut() {
            last.tell(welcome);
        }
    }
}

impl Person {
    fn tell(&mut self, message: Utf8Bytes) {
        if self.queue.as_ref().is_some_and(|queue| !queue.put(message)) {
            self.queue = None;
            self.overflowed.notify_one();
        }
    }
}

impl Seat {
    pub fn say(&self, text: String) {
        let mut state = self.chat.state();
        let id = state.next_id();
        let entry = Entry::Said { id, name: self.name.clone(), time: now(), text };
        state.enter(&self.room, entry, self.chat.limits.history);
    }

    pub fn show(&self, picture: Picture) {
        let mut state = self.chat.state();
        let id = state.next_id();
        let (media_type, size) = (picture.kind, picture.bytes.len());
        let url = state.pictures.add(id, picture);
        let entry = Entry::Picture { id, name: self.name.clone(), time: now(), media_type, size, url };
        state.enter(&self.room, entry, self.chat.limits.history);
    }

    /// Returns when there was no more room in the queue.
    pub async fn overflowed(&self) {
        self.overflowed.notified().await;
    }

    /// Tells the others how this one went, if they are to hear of it.
    pub fn leave(self, why: Option<(u16, &str)>) {
        let mut state = self.chat.state();
        let id = state.next_id();
        let Some(room) = state.rooms.get_mut(&self.room) else { return };
        room.people.retain(|person| person.id != self.id);
        room.empty_since = id;
        if let Some((code, reason)) = why {
            room.tell(&Notice::Went { name: &self.name, time: now(), code, reason });
        }
    }
}

fn json(message: &impl Serialize) -> Utf8Bytes {
    // Strings and numbers only: it cannot fail.
    serde_json::to_string(message).unwrap_or_default().into()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
