//! The chat: its rooms, its pictures and its seats.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::value::to_raw_value;
use tokio::sync::Notify;

use crate::limits::Limits;
use crate::message::{Entry, Join, Notice, now};
use crate::name::{Fault, Name};
use crate::picture::{Picture, Pictures};
use crate::queue::{Receiver, queue};
use crate::refusal::{self, Refusal};
use crate::room::{Person, Room};
use crate::rooms::{Rooms, Visit};

/// The chat. Each room has a lock of its own. The locks that all rooms share are held briefly, and no message is
/// serialized under them.
#[derive(Debug)]
pub struct Chat {
    limits: Limits,
    rooms: Arc<Rooms>,
    pictures: Mutex<Pictures>,
    /// The last id of an entry or of a seat. The first is the microsecond of the start: the ids of a server that is
    /// started again go on.
    last_id: AtomicU64,
}

/// A client's place in a room.
#[derive(Debug)]
pub struct Seat {
    chat: Arc<Chat>,
    visit: Visit,
    id: u64,
    name: String,
    overflowed: Arc<Notify>,
    replaced: Arc<Notify>,
}

impl Chat {
    pub fn new(limits: Limits) -> Self {
        Self {
            rooms: Arc::new(Rooms::new(&limits)),
            pictures: Mutex::new(Pictures::new(limits.picture_bytes)),
            last_id: AtomicU64::new(1000 * now()),
            limits,
        }
    }

    /// Adds a client of this address to a room, which is made if there is none. The first message of the queue is the
    /// answer. All messages of the room from then on follow.
    pub fn join(self: &Arc<Self>, join: Join, address: IpAddr) -> Result<(Seat, Receiver), Refusal> {
        let name = Name::new(&join.name).map_err(|fault| match fault {
            Fault::Length => refusal::NAME_LENGTH,
            Fault::Characters => refusal::NAME_CHARACTERS,
        })?;
        let room = Name::new(&join.room).map_err(|fault| match fault {
            Fault::Length => refusal::ROOM_LENGTH,
            Fault::Characters => refusal::ROOM_CHARACTERS,
        })?;
        let (entrance, mut exit) = queue(self.limits.queued_bytes);
        let (overflowed, replaced) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        // A future id is of a server whose clock was ahead.
        let last = self.last_id.load(Ordering::Relaxed);
        let after = join.after.map(|id| if id > last { 0 } else { id });
        let id = self.next_id();
        let (visit, forgotten) = self.rooms.visit(room, address)?;
        if let Some(room) = forgotten {
            self.forget(&room.entries());
        }
        let person = Person {
            id,
            shown: name.shown.as_str().into(),
            key: name.key,
            queue: Some(entrance),
            overflowed: overflowed.clone(),
            token: join.token,
            replaced: replaced.clone(),
        };
        let found = visit.room.join(person, after)?;
        exit.lead(visit.room.welcome(&name.shown, &found));
        Ok((Seat { chat: self.clone(), visit, id, name: name.shown, overflowed, replaced }, exit))
    }

    /// The picture with this file name, if it is still remembered.
    pub fn picture(&self, name: &str) -> Option<Picture> {
        self.pictures().get(name)
    }

    fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn forget(&self, entries: &[u64]) {
        let mut pictures = self.pictures();
        entries.iter().for_each(|id| pictures.forget(*id));
    }

    fn pictures(&self) -> MutexGuard<'_, Pictures> {
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub fn say(&self, text: &str) {
        // The slow part is done before the room is locked.
        let Ok(text) = to_raw_value(text) else { return };
        self.enter(|id| Entry::Said { id, name: &self.name, time: now(), text: &text });
    }

    pub fn show(&self, picture: Picture) {
        let (media_type, size, width, height) = (picture.kind, picture.bytes.len(), picture.width, picture.height);
        self.enter(|id| {
            let url = self.chat.pictures().add(id, picture);
            Entry::Picture { id, name: &self.name, time: now(), media_type, size, width, height, url }
        });
    }

    /// Answers a ping.
    pub fn pong(&self) {
        self.room().answer(self.id, &Notice::Pong);
    }

    fn enter<'a>(&self, entry: impl FnOnce(u64) -> Entry<'a>) {
        let forgotten = self.room().enter(&self.chat.limits, || {
            let id = self.chat.next_id();
            (id, entry(id))
        });
        if !forgotten.is_empty() {
            self.chat.forget(&forgotten);
        }
    }

    fn room(&self) -> &Room {
        &self.visit.room
    }

    /// Returns when the queue had no space for a message.
    pub async fn overflowed(&self) {
        self.overflowed.notified().await;
    }

    /// Returns when the client has joined again, on another connection.
    pub async fn replaced(&self) {
        self.replaced.notified().await;
    }

    /// Leaves the room. The others receive the code and reason in `why`, if given.
    pub fn leave(self, why: Option<(u16, &str)>) {
        self.room().leave(self.id, why);
    }
}

impl Drop for Seat {
    /// Removes the client from the room, for whatever reason its connection ended.
    fn drop(&mut self) {
        self.room().leave(self.id, None);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::thread;
    use std::time::Duration;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn join(name: &str, room: &str) -> Join {
        Join { name: name.to_owned(), room: room.to_owned(), ..Join::default() }
    }

    #[tokio::test]
    async fn ids_ascend_in_the_order_that_is_told_when_all_talk_at_once() {
        let chat = Arc::new(Chat::new(Limits::default()));
        let (_listener, mut queue) = chat.join(join("Listener", "lobby"), HERE).expect("a seat");
        let senders = (0..4).map(|sender| chat.join(join(&format!("Talker {sender}"), "lobby"), HERE).expect("a seat"));
        let senders: Vec<_> = senders.collect();
        thread::scope(|scope| {
            for (seat, _queue) in &senders {
                scope.spawn(|| (0..2000).for_each(|_| seat.say("a")));
            }
        });
        let mut ids = Vec::new();
        while ids.len() < 4 * 2000 {
            let message = queue.take().await.expect("a message");
            let message: serde_json::Value = serde_json::from_str(&message).expect("JSON");
            ids.extend(message["id"].as_u64());
        }
        assert!(ids.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_room_that_is_held_up_holds_up_no_other() {
        let chat = Arc::new(Chat::new(Limits::default()));
        let (seat, _queue) = chat.join(join("Ada", "held"), HERE).expect("a seat");
        let text = to_raw_value("held").expect("a text");
        // The lock of the room is held while an entry is made.
        seat.room().enter(&Limits::default(), || {
            let (done, is_done) = std::sync::mpsc::channel();
            let chat = chat.clone();
            thread::spawn(move || {
                let (seat, _queue) = chat.join(join("Eve", "another"), HERE).expect("a seat");
                seat.say("hello");
                seat.leave(None);
                assert!(chat.picture("1-0").is_none());
                done.send(()).expect("a listener");
            });
            is_done.recv_timeout(Duration::from_secs(10)).expect("nobody waits for another room");
            (0, Entry::Said { id: 0, name: "Ada", time: 0, text: &text })
        });
    }

    #[test]
    fn a_seat_that_is_dropped_is_free() {
        let chat = Arc::new(Chat::new(Limits::default()));
        drop(chat.join(join("Ada", "lobby"), HERE).expect("a seat"));
        chat.join(join("Ada", "lobby"), HERE).expect("the same seat");
    }

    #[test]
    fn ids_go_on_when_the_server_is_started_again() {
        let id = |chat: &Chat| chat.next_id();
        let first = Chat::new(Limits::default());
        (0..10).for_each(|_| _ = id(&first));
        let last = id(&first);
        thread::sleep(Duration::from_millis(2));
        let next = id(&Chat::new(Limits::default()));
        assert!(next > last, "{next} after {last}");
        assert!(next < 1 << 53, "JavaScript has no such integer");
    }
}
