//! What is remembered: reservations in the order in which they were used last, found by client and by address.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use kotare_model::{HostId, HostIdType, Reservation, SubnetId};
use kotare_store::{Cached, HostCache, HostKey, HostQuery, Reserved};
use parking_lot::Mutex;

use super::messages::{HOST_CACHE_ADD, HOST_CACHE_ADD_DUPLICATE};
use super::told::{HostText, Sought};

/// So many are copied or removed while the lock is held, for which workers wait; then others have it.
const TOGETHER: usize = 256;

/// Reservations that sources were asked for before.
#[derive(Debug)]
pub(super) struct Cache<R: Reserved> {
    kept: Mutex<Kept<R>>,
    settings: Settings,
    /// `IPv4` or `IPv6`, for the log.
    protocol: &'static str,
}

/// What is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// `maximum`: of how many clients something is remembered; 0 is no limit.
    pub(super) maximum: usize,
    /// `negative`: whether it is remembered that there is no reservation; ours.
    pub(super) negative: bool,
}

/// What is remembered of a client in a subnet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known<R> {
    pub(super) host: Arc<Reservation<R>>,
    /// There is no reservation.
    pub(super) is_negative: bool,
}

/// Who is meant: a client in a subnet.
type Whose = (HostIdType, Box<[u8]>, SubnetId);

#[derive(Debug)]
struct Kept<R: Reserved> {
    /// By when it was used last.
    by_use: BTreeMap<u64, Known<R>>,
    by_client: HashMap<Whose, u64>,
    by_address: HashMap<(R::Address, SubnetId), u64>,
    uses: u64,
    /// How many edits of sources there were.
    edits: u64,
}

impl<R: Reserved> Default for Kept<R> {
    fn default() -> Self {
        let (by_client, by_address) = (HashMap::new(), HashMap::new());
        Self { by_use: BTreeMap::new(), by_client, by_address, uses: 0, edits: 0 }
    }
}

fn whose(id: HostId<'_>, subnet: SubnetId) -> Whose {
    (id.kind, id.bytes.into(), subnet)
}

impl<R: Reserved> Kept<R> {
    fn remove(&mut self, number: u64) -> Option<Known<R>> {
        let known = self.by_use.remove(&number)?;
        let host = &known.host;
        self.by_client.remove(&whose(host.id(), host.subnet));
        for address in host.reserved.addresses() {
            self.by_address.remove(&(address, host.subnet));
        }
        Some(known)
    }

    /// Adds one that is in nobody's way.
    fn put(&mut self, known: Known<R>) {
        self.uses += 1;
        let host = &known.host;
        self.by_client.insert(whose(host.id(), host.subnet), self.uses);
        for address in host.reserved.addresses() {
            self.by_address.insert((address, host.subnet), self.uses);
        }
        self.by_use.insert(self.uses, known);
    }

    /// What has this number, which is the one used last from now on.
    fn used(&mut self, number: u64) -> Cached<R> {
        match self.remove(number) {
            None => Cached::Unknown,
            Some(known) => {
                let answer = if known.is_negative { Cached::None } else { Cached::Host(known.host.clone()) };
                self.put(known);
                answer
            }
        }
    }

    /// Those that are of the same client or address in the subnet.
    fn in_the_way(&self, host: &Reservation<R>) -> Vec<u64> {
        let client = self.by_client.get(&whose(host.id(), host.subnet));
        let addresses = host.reserved.addresses();
        let addresses = addresses.filter_map(|address| self.by_address.get(&(address, host.subnet)));
        let mut numbers: Vec<u64> = client.into_iter().chain(addresses).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Those that a query means.
    fn meant(&self, query: HostQuery<'_, R::Address>) -> Vec<u64> {
        let numbers: Vec<u64> = match (query.key, query.subnets) {
            (HostKey::Ids(ids), Some(subnets)) => {
                let each = ids.iter().flat_map(|id| subnets.iter().map(|subnet| whose(*id, *subnet)));
                each.filter_map(|whose| self.by_client.get(&whose)).copied().collect()
            }
            (HostKey::Addresses(addresses), Some(subnets)) => {
                let each = addresses.iter().flat_map(|it| subnets.iter().map(|subnet| (*it, *subnet)));
                each.filter_map(|whose| self.by_address.get(&whose)).copied().collect()
            }
            _ => self.by_use.keys().copied().collect(),
        };
        let means = |number: &u64| self.by_use.get(number).is_some_and(|known| query.means(&known.host));
        numbers.into_iter().filter(means).collect()
    }

    fn flush(&mut self, count: usize) -> usize {
        let oldest: Vec<u64> = self.by_use.keys().take(count).copied().collect();
        oldest.into_iter().filter_map(|number| self.remove(number)).count()
    }

    /// Adds some to `piece`, as many as it has room for, from a number on; the number to go on from.
    fn copy(&self, from: u64, piece: &mut Vec<Known<R>>) -> u64 {
        let room = piece.capacity() - piece.len();
        let mut next = from;
        for (number, known) in self.by_use.range(from..).take(room) {
            next = number + 1;
            piece.push(known.clone());
        }
        next
    }
}

/// Without those of clients of whom there is another one later.
fn newest<R: Reserved>(all: Vec<Known<R>>) -> Vec<Known<R>> {
    let mut clients = HashSet::with_capacity(all.len());
    let newest = all.iter().rev().map(|known| clients.insert((known.host.id(), known.host.subnet)));
    let newest: Vec<bool> = newest.collect();
    let newest = newest.into_iter().rev();
    all.into_iter().zip(newest).filter_map(|(known, is_newest)| is_newest.then_some(known)).collect()
}

impl<R: Reserved> Cache<R> {
    pub(super) fn new(settings: Settings, protocol: &'static str) -> Self {
        Self { kept: Mutex::default(), settings, protocol }
    }

    /// What is configured.
    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// The same with other settings.
    pub(super) fn resized(&self, settings: Settings) -> Self {
        let all = self.all();
        let other = Self::new(settings, self.protocol);
        for known in all {
            other.insert(known, true);
        }
        other
    }

    /// Puts one in the place of those that are in its way, whose number it says; without `replace` only if there are none.
    pub(super) fn insert(&self, known: Known<R>, replace: bool) -> usize {
        self.insert_into(&mut self.kept.lock(), known, replace)
    }

    fn insert_into(&self, kept: &mut Kept<R>, known: Known<R>, replace: bool) -> usize {
        let others = kept.in_the_way(&known.host);
        if !others.is_empty() && !replace {
            HOST_CACHE_ADD_DUPLICATE(HostText(&known.host));
            return others.len();
        }
        HOST_CACHE_ADD(HostText(&known.host));
        for number in &others {
            kept.remove(*number);
        }
        kept.put(known);
        let (count, maximum) = (kept.by_use.len(), self.settings.maximum);
        if maximum > 0 && count > maximum {
            kept.flush(count - maximum);
        }
        others.len()
    }

    /// Removes so many that were not used for the longest time; says how many there were.
    pub(super) fn flush(&self, count: usize) -> usize {
        let mut removed = 0;
        loop {
            let some = TOGETHER.min(count - removed);
            let gone = self.kept.lock().flush(some);
            removed += gone;
            if gone < some || removed == count {
                return removed;
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        // To take it apart takes long, and nobody waits for that.
        let _former = {
            let mut kept = self.kept.lock();
            let nothing = Kept { edits: kept.edits + 1, ..Kept::default() };
            std::mem::replace(&mut *kept, nothing)
        };
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.kept.lock().by_use.len()
    }

    /// All of them, those that were not used for the longest time first. What comes or goes meanwhile may be among
    /// them or not.
    pub(super) fn all(&self) -> Vec<Known<R>> {
        let (mut all, mut from) = (Vec::new(), 0);
        loop {
            let mut piece = Vec::with_capacity(TOGETHER);
            from = self.kept.lock().copy(from, &mut piece);
            // What was used meanwhile comes again, as the last.
            let is_last = piece.len() < TOGETHER;
            all.append(&mut piece);
            if is_last {
                return newest(all);
            }
        }
    }

    /// Removes that of a client in a subnet.
    pub(super) fn remove_client(&self, id: HostId<'_>, subnet: SubnetId) -> bool {
        let mut kept = self.kept.lock();
        let number = kept.by_client.get(&whose(id, subnet)).copied();
        let removed = number.and_then(|number| kept.remove(number));
        self.forgotten(Sought::Client(id), subnet, removed)
    }

    /// Removes that of an address in a subnet.
    pub(super) fn remove_address(&self, address: R::Address, subnet: SubnetId) -> bool {
        let mut kept = self.kept.lock();
        let number = kept.by_address.get(&(address, subnet)).copied();
        let removed = number.and_then(|number| kept.remove(number));
        self.forgotten(Sought::Address(address.into()), subnet, removed)
    }

    /// Tells of what was removed, if something was.
    fn forgotten(&self, sought: Sought<'_>, subnet: SubnetId, removed: Option<Known<R>>) -> bool {
        removed.inspect(|known| sought.forgotten(self.protocol, subnet, &known.host)).is_some()
    }

    /// What has this number is used, and told of.
    fn found(
        &self,
        sought: Sought<'_>,
        subnet: SubnetId,
        number: Option<u64>,
        kept: &mut Kept<R>,
    ) -> Cached<R> {
        sought.sought(self.protocol, subnet);
        let found = number.map_or(Cached::Unknown, |number| kept.used(number));
        if let Cached::Host(host) = &found {
            sought.found(subnet, host);
        }
        found
    }
}

impl<R: Reserved> HostCache<R> for Cache<R> {
    fn of_client(&self, id: HostId<'_>, subnet: SubnetId) -> Cached<R> {
        let mut kept = self.kept.lock();
        let number = kept.by_client.get(&whose(id, subnet)).copied();
        self.found(Sought::Client(id), subnet, number, &mut kept)
    }

    fn of_address(&self, address: R::Address, subnet: SubnetId) -> Cached<R> {
        let mut kept = self.kept.lock();
        let number = kept.by_address.get(&(address, subnet)).copied();
        self.found(Sought::Address(address.into()), subnet, number, &mut kept)
    }

    fn edits(&self) -> u64 {
        self.kept.lock().edits
    }

    fn learn(&self, host: &Reservation<R>, edits: u64) {
        let mut kept = self.kept.lock();
        if kept.edits == edits {
            let known = Known { host: Arc::new(host.clone()), is_negative: false };
            self.insert_into(&mut kept, known, true);
        }
    }

    fn learn_none(&self, id: HostId<'_>, subnet: SubnetId, edits: u64) {
        let mut kept = self.kept.lock();
        // One that no reservation can have, as it is too long, would not be read back from a file either.
        if self.settings.negative && kept.edits == edits && id.bytes.len() <= id.kind.longest() {
            let host = Arc::new(Reservation::new(id, subnet, R::default()));
            self.insert_into(&mut kept, Known { host, is_negative: true }, false);
        }
    }

    fn edited(&self, host: &Reservation<R>) {
        let mut kept = self.kept.lock();
        kept.edits += 1;
        self.insert_into(&mut kept, Known { host: Arc::new(host.clone()), is_negative: false }, true);
    }

    fn forget(&self, query: HostQuery<'_, R::Address>) {
        let mut kept = self.kept.lock();
        kept.edits += 1;
        for number in kept.meant(query) {
            kept.remove(number);
        }
    }

    fn recall(&self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<Reservation<R>>> {
        let mut kept = self.kept.lock();
        let number = kept.by_client.get(&whose(id, subnet)).copied()?;
        let host = kept.by_use.get(&number)?.host.clone();
        kept.used(number);
        Some(host)
    }

    fn remember(&self, host: Reservation<R>, is_negative: bool) {
        self.insert(Known { host: Arc::new(host), is_negative }, true);
    }
}

#[cfg(test)]
mod tests {
    use kotare_model::Reserved4;

    use super::*;

    fn host(client: u8, end: u8) -> Reservation<Reserved4> {
        let id = HostId { kind: HostIdType::HwAddress, bytes: &[client] };
        let address = Some([192, 0, 2, end].into());
        Reservation::new(id, SubnetId(1), Reserved4 { address, ..Reserved4::default() })
    }

    fn of(cache: &Cache<Reserved4>, client: u8) -> Cached<Reserved4> {
        cache.of_client(HostId { kind: HostIdType::HwAddress, bytes: &[client] }, SubnetId(1))
    }

    /// What was not used for the longest time goes first, and nothing is left of it.
    #[test]
    fn the_oldest_goes_first() {
        let cache = Cache::new(Settings { maximum: 2, negative: false }, "IPv4");
        cache.learn(&host(1, 1), 0);
        cache.learn(&host(2, 2), 0);
        assert_eq!(of(&cache, 1), Cached::Host(Arc::new(host(1, 1))));
        cache.learn(&host(3, 3), 0);
        assert_eq!((of(&cache, 2), cache.len()), (Cached::Unknown, 2));
        assert_eq!(cache.of_address([192, 0, 2, 2].into(), SubnetId(1)), Cached::Unknown);
        assert_eq!((cache.flush(1), cache.len()), (1, 1));
        assert_eq!(of(&cache, 3), Cached::Host(Arc::new(host(3, 3))));
    }

    /// A reservation takes the place of those of the same client and of the same address.
    #[test]
    fn a_newer_one_takes_the_place_of_all_in_its_way() {
        let cache = Cache::new(Settings { maximum: 0, negative: true }, "IPv4");
        cache.learn(&host(1, 1), 0);
        cache.learn(&host(2, 2), 0);
        cache.learn(&host(1, 2), 0);
        assert_eq!((cache.len(), of(&cache, 2)), (1, Cached::Unknown));
        assert_eq!(of(&cache, 1), Cached::Host(Arc::new(host(1, 2))));
        // That there is none is no news where there is one.
        let id = |client: &'static [u8]| HostId { kind: HostIdType::HwAddress, bytes: client };
        cache.learn_none(id(&[1]), SubnetId(1), 0);
        cache.learn_none(id(&[4]), SubnetId(1), 0);
        assert!(matches!(of(&cache, 1), Cached::Host(_)) && of(&cache, 4) == Cached::None);
        cache.learn(&host(4, 4), 0);
        assert!(matches!(of(&cache, 4), Cached::Host(_)));
        let before = cache.len();
        cache.learn_none(id(&[9; 21]), SubnetId(1), 0);
        assert_eq!(cache.len(), before, "no hardware address is that long");
        cache.learn_none(id(&[9; 20]), SubnetId(1), 0);
        assert_eq!(cache.len(), before + 1);
    }

    fn many(count: u32) -> Cache<Reserved4> {
        let cache = Cache::new(Settings { maximum: 0, negative: false }, "IPv4");
        for number in 0..count {
            let id = HostId { kind: HostIdType::HwAddress, bytes: &number.to_be_bytes() };
            let address = Some((0x0a00_0000 + number).into());
            let reserved = Reserved4 { address, ..Reserved4::default() };
            cache.learn(&Reservation::new(id, SubnetId(1), reserved), 0);
        }
        cache
    }

    /// The lock is held for some of them only, and who is used between has no second place in a list, nor none.
    #[test]
    fn many_are_copied_piece_by_piece() {
        let together = TOGETHER as u32;
        let cache = many(3 * together + 7);
        let is_used = |number: u32| {
            let id = HostId { kind: HostIdType::HwAddress, bytes: &number.to_be_bytes() };
            matches!(cache.of_client(id, SubnetId(1)), Cached::Host(_))
        };
        let mut piece = Vec::with_capacity(TOGETHER);
        let from = cache.kept.lock().copy(0, &mut piece);
        assert_eq!((piece.len(), from), (TOGETHER, u64::from(together) + 1));
        // One that was copied, and one that was not.
        assert!(is_used(1) && is_used(2 * together));
        let mut rest = Vec::with_capacity(10 * TOGETHER);
        cache.kept.lock().copy(from, &mut rest);
        assert_eq!(rest.len(), 2 * TOGETHER + 8);
        piece.append(&mut rest);
        let listed = newest(piece);
        assert_eq!(listed, cache.all());
        assert_eq!(listed.len(), 3 * TOGETHER + 7);
        let last = |back: usize| listed[listed.len() - back].host.id().bytes.to_vec();
        assert_eq!([last(2), last(1)], [1, 2 * together].map(|number| number.to_be_bytes().to_vec()));
        assert_eq!((cache.flush(TOGETHER + 1), cache.len()), (TOGETHER + 1, 2 * TOGETHER + 6));
        assert_eq!((cache.flush(usize::MAX), cache.all()), (2 * TOGETHER + 6, Vec::new()));
    }

    /// What a source said before an edit is not learned after it, and an edit forgets those alone that it is about.
    #[test]
    fn what_was_said_before_an_edit_is_not_learned() {
        let cache = Cache::new(Settings { maximum: 0, negative: true }, "IPv4");
        let id = |client: &'static [u8]| HostId { kind: HostIdType::HwAddress, bytes: client };
        let in_subnet = Some(&[SubnetId(1)][..]);
        for number in 1..=4 {
            cache.learn(&host(number, number), 0);
        }
        cache.forget(HostQuery { key: HostKey::Ids(&[id(&[1]), id(&[9])]), subnets: in_subnet });
        cache.forget(HostQuery { key: HostKey::Addresses(&[[192, 0, 2, 2].into()]), subnets: in_subnet });
        cache.forget(HostQuery { key: HostKey::Ids(&[id(&[3])]), subnets: None });
        assert_eq!((cache.len(), cache.edits()), (1, 3));
        cache.learn(&host(1, 1), 2);
        cache.learn_none(id(&[2]), SubnetId(1), 2);
        assert_eq!((of(&cache, 1), of(&cache, 2)), (Cached::Unknown, Cached::Unknown));
        cache.edited(&host(1, 7));
        cache.learn(&host(1, 1), 3);
        assert_eq!(of(&cache, 1), Cached::Host(Arc::new(host(1, 7))));
        cache.clear();
        assert_eq!((cache.len(), cache.edits()), (0, 5), "also what was on its way");
    }
}
