//! All rooms, the addresses that made them, and the visits to them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::Limits;
use crate::name::Name;
use crate::refusal::{self, Refusal};
use crate::room::Room;

/// The room that the page proposes. It always exists.
const LOBBY: &str = "lobby";

/// The rooms by their keys. The lock is held to find a room, and not while a room is used.
#[derive(Debug)]
pub struct Rooms {
    places: Mutex<HashMap<String, Place>>,
    /// The most rooms beside the lobby.
    most: usize,
    most_of_an_address: usize,
}

#[derive(Debug)]
struct Place {
    room: Arc<Room>,
    /// The address that made the room. `None` for the lobby, which is neither counted nor forgotten.
    maker: Option<IpAddr>,
    visits: usize,
    /// A number that ascends with every visit that has ended. The empty room with the lowest number has been empty for
    /// the longest time.
    left: u64,
}

/// A visit to a room, from before the join until this is dropped. A room with a visit is not forgotten.
#[derive(Debug)]
pub struct Visit {
    pub room: Arc<Room>,
    key: String,
    rooms: Arc<Rooms>,
}

impl Rooms {
    pub fn new(limits: &Limits) -> Self {
        let lobby = Name::new(LOBBY).into_iter();
        let places = lobby.map(|name| (name.key.clone(), Place::new(&name, None))).collect();
        Self { places: Mutex::new(places), most: limits.rooms, most_of_an_address: limits.address_rooms }
    }

    /// Visits the room of this name, which is made if there is none. Also returns the room that was forgotten for it.
    pub fn visit(self: &Arc<Self>, name: Name, address: IpAddr) -> Result<(Visit, Option<Arc<Room>>), Refusal> {
        let mut places = self.places();
        let forgotten = match places.contains_key(&name.key) {
            true => None,
            false => self.make_space(&mut places, address)?,
        };
        let place = places.entry(name.key.clone()).or_insert_with(|| Place::new(&name, Some(address)));
        place.visits += 1;
        Ok((Visit { room: place.room.clone(), key: name.key, rooms: self.clone() }, forgotten))
    }

    /// Makes space for another room of this address. An address at its limit loses one of its own rooms, and no room of
    /// another address.
    fn make_space(&self, places: &mut HashMap<String, Place>, address: IpAddr) -> Result<Option<Arc<Room>>, Refusal> {
        let of_address = |place: &Place| place.maker == Some(address);
        let of_anybody = |place: &Place| place.maker.is_some();
        if places.values().filter(|place| of_address(place)).count() >= self.most_of_an_address {
            return forget(places, of_address).ok_or(refusal::ROOMS_OF_ADDRESS_FULL).map(Some);
        }
        match places.values().filter(|place| of_anybody(place)).count() < self.most {
            true => Ok(None),
            false => forget(places, of_anybody).ok_or(refusal::ROOMS_FULL).map(Some),
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn new(name: &Name, maker: Option<IpAddr>) -> Self {
        Self { room: Arc::new(Room::new(name)), maker, visits: 0, left: 0 }
    }
}

/// Forgets the matching room that has been empty for the longest time.
fn forget(places: &mut HashMap<String, Place>, is_such: impl Fn(&Place) -> bool) -> Option<Arc<Room>> {
    let empty = places.iter().filter(|(_, place)| place.visits == 0 && is_such(place));
    let oldest = empty.min_by_key(|(_, place)| place.left).map(|(key, _)| key.clone())?;
    places.remove(&oldest).map(|place| place.room)
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut places = self.rooms.places();
        let last = places.values().map(|place| place.left).max().unwrap_or_default();
        if let Some(place) = places.get_mut(&self.key) {
            place.visits -= 1;
            place.left = last + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const ELSEWHERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    fn rooms(rooms: usize, address_rooms: usize) -> Arc<Rooms> {
        Arc::new(Rooms::new(&Limits { rooms, address_rooms, ..Limits::default() }))
    }

    fn visit(rooms: &Arc<Rooms>, name: &str, address: IpAddr) -> Result<Visit, Refusal> {
        rooms.visit(Name::new(name).expect("a name"), address).map(|(visit, _)| visit)
    }

    fn names(rooms: &Rooms) -> Vec<String> {
        let mut names: Vec<_> = rooms.places().keys().cloned().collect();
        names.sort();
        names
    }

    #[test]
    fn an_address_has_no_more_rooms_than_it_may_and_takes_none_from_others() {
        let rooms = rooms(200, 2);
        let _own: Vec<_> = ["one", "two"].map(|name| visit(&rooms, name, HERE).expect("a room")).into();
        drop(visit(&rooms, "theirs", ELSEWHERE));
        assert_eq!(visit(&rooms, "three", HERE).err(), Some(refusal::ROOMS_OF_ADDRESS_FULL));
        assert_eq!(names(&rooms), ["lobby", "one", "theirs", "two"]);
        let _others = [visit(&rooms, "theirs", HERE), visit(&rooms, "lobby", HERE), visit(&rooms, "two", HERE)]
            .map(|visit| visit.expect("a room that is there"));
        visit(&rooms, "three", ELSEWHERE).expect("another address has its own");
    }

    #[test]
    fn an_address_loses_its_own_empty_room_for_a_new_one() {
        let rooms = rooms(200, 2);
        drop(visit(&rooms, "theirs", ELSEWHERE));
        for name in ["one", "two", "three"] {
            drop(visit(&rooms, name, HERE).expect("a room"));
        }
        assert_eq!(names(&rooms), ["lobby", "theirs", "three", "two"]);
    }

    #[test]
    fn the_lobby_is_there_however_many_rooms_there_are() {
        let rooms = rooms(2, 2);
        for name in ["one", "two", "three", "four"] {
            drop(visit(&rooms, name, HERE).expect("a room"));
        }
        let _full: Vec<_> = ["five", "six"].map(|name| visit(&rooms, name, HERE).expect("a room")).into();
        assert_eq!(names(&rooms), ["five", "lobby", "six"]);
        assert_eq!(visit(&rooms, "seven", ELSEWHERE).err(), Some(refusal::ROOMS_FULL));
        visit(&rooms, " LOBBY ", ELSEWHERE).expect("the lobby");
    }
}
