//! How much each client has sent within a second, roughly and in a fixed room.

use std::iter::zip;

use kotare_engine::Key;
use kotare_model::Timestamp;

/// Counters in a row.
const CELLS: usize = 4096;

/// What a client may always send within a second; honest ones send one or two messages, and again after seconds.
const FREE: u32 = 8;

/// How many times the average a client may send besides.
const AVERAGES: u32 = 4;

/// Counts the messages of clients by their names, without remembering the names.
///
/// Each name has a counter in each of two rows; the smaller one is at least what was sent under that name, and more only
/// if both are shared with others. Which names share a counter changes every second. A client has two names, and is
/// counted under both: neither one hardware address with many identifiers nor the other way round gets more.
#[derive(Debug)]
pub(super) struct Shares {
    rows: Box<[[u16; CELLS]; 2]>,
    total: u32,
    second: Timestamp,
}

impl Shares {
    pub(super) fn new() -> Self {
        Self { rows: Box::new([[0; CELLS]; 2]), total: 0, second: Timestamp(0) }
    }

    /// Counts a message of `client`; whether it has sent more than its share in this second.
    pub(super) fn is_excess(&mut self, client: Key, now: Timestamp) -> bool {
        if now != self.second {
            self.rows.iter_mut().for_each(|row| row.fill(0));
            (self.total, self.second) = (0, now);
        }
        self.total = self.total.saturating_add(1);
        let share = FREE + AVERAGES * (self.total / CELLS as u32);
        // Who shows no name shares one with all who do not.
        let names = client.names();
        let names = if names == [None; 2] { [Some(0), None] } else { names };
        names.into_iter().flatten().fold(false, |excess, name| (self.count(name) > share) | excess)
    }

    fn count(&mut self, name: u64) -> u32 {
        let mixed = (name ^ self.second.0.cast_unsigned().wrapping_mul(0xd6e8_feb8_6659_fd93))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let places = [mixed >> 52, (mixed >> 40) & (CELLS as u64 - 1)];
        let counts = zip(self.rows.iter_mut(), places).map(|(row, place)| {
            let cell = &mut row[place as usize];
            *cell = cell.saturating_add(1);
            u32::from(*cell)
        });
        counts.min().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use kotare_engine::{ClientKey, InFlight};
    use kotare_model::HwAddr;

    use super::*;

    fn key(hwaddr: u32, id: u32) -> Key {
        let hwaddr = HwAddr::new(1, &[&[2, 0], &hwaddr.to_be_bytes()[..]].concat());
        InFlight::<()>::new(7).key(&ClientKey { hwaddr: hwaddr.ok(), client_id: Some(&id.to_be_bytes()) })
    }

    fn excess(shares: &mut Shares, keys: impl Iterator<Item = Key>, now: i64) -> usize {
        keys.filter(|key| shares.is_excess(*key, Timestamp(now))).count()
    }

    /// A client has its share under either of its names, and has it again in the next second.
    #[test]
    fn a_client_has_its_share_each_second() {
        let mut shares = Shares::new();
        for now in 1..4 {
            assert_eq!(excess(&mut shares, (0..100).map(|_| key(1, 1)), now), 92, "the same names");
            assert_eq!(excess(&mut shares, (0..100).map(|id| key(2, 100 + id)), now), 92, "the same address");
            assert_eq!(
                excess(&mut shares, (0..100).map(|id| key(100 + id, 3)), now),
                92,
                "the same identifier"
            );
            assert_eq!(excess(&mut shares, [key(4, 4)].into_iter(), now), 0);
        }
    }

    /// However many clients there are, those that send as others do are not held to be greedy, and one that is, is.
    #[test]
    fn many_clients_are_no_greedy_one() {
        let mut shares = Shares::new();
        let mut honest = 0;
        let mut greedy = 0;
        for number in 0..100_000 {
            honest += usize::from(shares.is_excess(key(1000 + number, 1000 + number), Timestamp(1)));
            greedy += usize::from(shares.is_excess(key(1, 1), Timestamp(1)));
        }
        assert_eq!(honest, 0);
        assert!(greedy > 99_000, "{greedy}");
    }
}
