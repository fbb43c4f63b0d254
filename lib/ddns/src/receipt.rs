//! Receipts: how two of ours, one asking and one carrying out, make sure that a request has arrived.
//!
//! Behind its JSON, whose length the datagram says, a request may say who asks and under which number ([`Ask`]). Kea's
//! `kea-dhcp-ddns` does not look behind the JSON, so what it reads is what Kea's servers send. Ours answers with a datagram of
//! the numbers that it has taken on; who did not ask gets none.

/// What stands behind the JSON of a request that asks for a receipt.
const ASKED: &[u8; 8] = b"kotare?1";

/// What receipts begin with.
const GIVEN: &[u8; 8] = b"kotare!1";

/// The longest datagram that can be receipts, of which this is the greatest number.
pub(crate) const MOST: usize = 128;

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
        taken.chunks(MOST).map(move |taken| {
            let numbers = [asker].into_iter().chain(taken.iter().copied()).flat_map(u64::to_be_bytes);
            GIVEN.iter().copied().chain(numbers).collect()
        })
    }
}

/// The numbers that a datagram says to this asker have been taken on.
pub(crate) fn taken(asker: u64, datagram: &[u8]) -> impl Iterator<Item = u64> {
    let mut numbers = numbers(datagram.strip_prefix(GIVEN).unwrap_or_default());
    let is_ours = numbers.next() == Some(asker);
    numbers.take(MOST).filter(move |_| is_ours)
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
        let read = |asker| -> Vec<u64> { receipts.iter().flat_map(|one| taken(asker, one)).collect() };
        assert_eq!((read(7), read(8)), (many, vec![]));
        assert_eq!(taken(7, b"kotare").count(), 0);
    }
}
