//! Receipts: how two of ours, one asking and one carrying out, make sure that a request has arrived.
//!
//! Behind its JSON, whose length the datagram says, a request may say who asks and under which number ([`Ask`]). Kea's
//! `kea-dhcp-ddns` does not look behind the JSON, so what it reads is what Kea's servers send. Ours answers with a datagram of
//! the numbers that it has taken on; who did not ask gets none. What takes several requests of a datagram says so in front of
//! the numbers ([`PARCELS`]), and may say that alone: it is there, although it takes nothing on at the moment.

/// What stands behind the JSON of a request that asks for a receipt.
const ASKED: &[u8; 8] = b"kotare?1";

/// What receipts begin with.
const GIVEN: &[u8; 8] = b"kotare!1";

/// How many numbers a datagram of receipts has at most.
const MOST: usize = 128;

/// What stands in the place of a number, and is none, where all requests of a datagram are looked at: who wrote before there was such
/// a sign gives receipts, too, and looks at the first request only.
const PARCELS: u64 = u64::MAX;

/// The wish to hear of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Who asks: what nobody else can know, so that nobody else can answer.
    pub asker: u64,
    /// The request.
    pub number: u64,
}

impl Ask {
    /// The wish that comes with a datagram, if one does; that of its first request.
    #[must_use]
    pub fn of_datagram(datagram: &[u8]) -> Option<Self> {
        Self::split(datagram).map(|(ask, _)| ask)
    }

    /// The same, and what is behind it.
    pub(crate) fn split(datagram: &[u8]) -> Option<(Self, &[u8])> {
        let (length, rest) = datagram.split_first_chunk::<2>()?;
        let behind = rest.get(u16::from_be_bytes(*length).into()..)?.strip_prefix(ASKED)?;
        let (asker, behind) = behind.split_first_chunk()?;
        let (number, behind) = behind.split_first_chunk()?;
        let ask = Self { asker: u64::from_be_bytes(*asker), number: u64::from_be_bytes(*number) };
        Some((ask, behind))
    }

    /// Puts it behind the JSON of a request.
    pub(crate) fn append_to(self, datagram: &mut Vec<u8>) {
        datagram.extend(ASKED);
        datagram.extend(self.asker.to_be_bytes());
        datagram.extend(self.number.to_be_bytes());
    }

    /// The datagrams that say that requests of these numbers have been taken on.
    pub fn receipts(asker: u64, taken: &[u64]) -> impl Iterator<Item = Vec<u8>> {
        taken.chunks(MOST - 1).map(move |taken| written(asker, taken))
    }

    /// The datagram that says to who asks that somebody is there who gives receipts, and none now.
    #[must_use]
    pub fn presence(asker: u64) -> Vec<u8> {
        written(asker, &[])
    }
}

fn written(asker: u64, taken: &[u64]) -> Vec<u8> {
    let numbers = [asker, PARCELS].into_iter().chain(taken.iter().copied()).flat_map(u64::to_be_bytes);
    GIVEN.iter().copied().chain(numbers).collect()
}

/// What a datagram says to who asked.
pub(crate) struct Receipts {
    /// Which requests have been taken on.
    pub(crate) taken: Vec<u64>,
    /// Whether several requests of a datagram are looked at.
    pub(crate) takes_parcels: bool,
}

/// What a datagram says to this asker, if it is for that one.
pub(crate) fn read(asker: u64, datagram: &[u8]) -> Option<Receipts> {
    let mut numbers = numbers(datagram.strip_prefix(GIVEN)?);
    if numbers.next() != Some(asker) {
        return None;
    }
    let (marks, taken): (Vec<u64>, _) = numbers.take(MOST).partition(|number| *number == PARCELS);
    Some(Receipts { taken, takes_parcels: !marks.is_empty() })
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|number| u64::from_be_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands behind the JSON comes back, and only to who asked.
    #[test]
    fn receipts_come_back() {
        let mut datagram = b"\0\x02{}".to_vec();
        assert_eq!(Ask::of_datagram(&datagram), None);
        let ask = Ask { asker: 7, number: 8 };
        ask.append_to(&mut datagram);
        assert_eq!(Ask::of_datagram(&datagram), Some(ask));
        assert_eq!(Ask::of_datagram(&datagram[..datagram.len() - 1]), None);
        let many: Vec<u64> = (0..300).collect();
        let receipts: Vec<Vec<u8>> = Ask::receipts(7, &many).collect();
        assert_eq!(receipts.len(), 3);
        let read_by = |asker| -> Vec<u64> {
            receipts.iter().filter_map(|one| read(asker, one)).flat_map(|read| read.taken).collect()
        };
        assert_eq!((read_by(7), read_by(8)), (many, vec![]));
        assert!(receipts.iter().all(|one| read(7, one).is_some_and(|read| read.takes_parcels)));
        assert!(read(7, b"kotare").is_none() && read(7, b"kotare!1").is_none());
        let presence = read(7, &Ask::presence(7)).expect("it is for 7");
        assert!(presence.taken.is_empty() && presence.takes_parcels && read(8, &Ask::presence(7)).is_none());
        // Without the sign there is no such promise.
        let older = [&b"kotare!1"[..], &7_u64.to_be_bytes(), &9_u64.to_be_bytes()].concat();
        let older = read(7, &older).expect("it is for 7");
        assert!(older.taken[..] == [9] && !older.takes_parcels);
    }
}
