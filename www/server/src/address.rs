//! The connections, counted by address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::limits::Limits;
use crate::pace::Pace;

/// The number of seconds in which an address regains all of its joins.
const JOINS_RENEWED: f64 = 10.0;

/// All connections by address, those of plain HTTP and those of the chat.
#[derive(Debug)]
pub struct Addresses {
    connected: Mutex<Connected>,
    most: usize,
    most_of_an_address: usize,
}

#[derive(Debug, Default)]
struct Connected {
    count: usize,
    by_address: HashMap<IpAddr, Share>,
}

/// The connections and the pace of one address.
#[derive(Debug)]
struct Share {
    count: usize,
    joins: Pace,
}

/// The right to one connection, until this is dropped.
#[derive(Debug)]
pub struct Pass {
    pub address: IpAddr,
    addresses: Arc<Addresses>,
}

/// The reason why a connection gets no pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The server has reached its limit of connections.
    All,
    /// The address has reached its limit of connections.
    Address,
}

impl Addresses {
    pub fn new(limits: &Limits) -> Self {
        Self { connected: Mutex::default(), most: limits.sockets, most_of_an_address: limits.address_sockets }
    }

    pub fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Result<Pass, Full> {
        let mut connected = self.connected();
        if connected.count >= self.most {
            return Err(Full::All);
        }
        if connected.by_address.len() >= self.most && !connected.by_address.contains_key(&address) {
            // An address without connections is kept only for its pace.
            connected.by_address.retain(|_, share| share.count > 0 || !share.joins.is_rested(now));
        }
        let share = connected.by_address.entry(address).or_insert_with(|| Share::new(self.most_of_an_address, now));
        if share.count >= self.most_of_an_address {
            return Err(Full::Address);
        }
        share.count += 1;
        connected.count += 1;
        Ok(Pass { address, addresses: self.clone() })
    }

    fn connected(&self) -> MutexGuard<'_, Connected> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    fn new(joins: usize, now: Instant) -> Self {
        let joins = joins as f64;
        Self { count: 0, joins: Pace::of(joins, joins / JOINS_RENEWED, now) }
    }
}

impl Pass {
    /// Returns whether the address may join now. All connections of an address share one pace.
    pub fn may_join(&self, now: Instant) -> bool {
        let mut connected = self.addresses.connected();
        connected.by_address.get_mut(&self.address).is_none_or(|share| share.joins.allows(1.0, now))
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut connected = self.addresses.connected();
        connected.count -= 1;
        if let Some(share) = connected.by_address.get_mut(&self.address) {
            share.count -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    fn addresses(sockets: usize, address_sockets: usize) -> Arc<Addresses> {
        Arc::new(Addresses::new(&Limits { sockets, address_sockets, ..Limits::default() }))
    }

    fn address(last: u8) -> IpAddr {
        Ipv4Addr::new(127, 0, 0, last).into()
    }

    #[test]
    fn an_address_has_its_share_and_all_have_theirs() {
        let (addresses, now) = (addresses(5, 2), Instant::now());
        let admit = |last| addresses.admit(address(last), now);
        let mut passes: Vec<_> = [1, 1, 2, 2, 3].map(|last| admit(last).expect("a pass")).into();
        assert_eq!(admit(4).err(), Some(Full::All));
        passes.pop();
        assert_eq!(admit(1).err(), Some(Full::Address));
        passes.remove(0);
        admit(1).expect("a pass that was given back");
    }

    #[test]
    fn an_address_joins_at_a_pace_with_one_connection_after_the_other() {
        let (addresses, start) = (addresses(100, 20), Instant::now());
        let joins = |last, now| {
            let may_join = |_: &usize| addresses.admit(address(last), now).expect("a pass").may_join(now);
            (0..1000).take_while(may_join).count()
        };
        assert_eq!(joins(1, start), 20);
        assert_eq!(joins(2, start), 20, "another has a pace of its own");
        assert_eq!(joins(1, start + Duration::from_millis(2100)), 4);
    }

    #[test]
    fn who_has_gone_is_forgotten_when_its_pace_is_of_no_use_any_more() {
        let (addresses, start) = (addresses(3, 3), Instant::now());
        let visit = |last, now| assert!(addresses.admit(address(last), now).expect("a pass").may_join(now));
        (1..=3).for_each(|last| visit(last, start));
        visit(4, start);
        assert_eq!(addresses.connected().by_address.len(), 4);
        visit(5, start + Duration::from_secs(60));
        assert_eq!(addresses.connected().by_address.len(), 1);
    }
}
