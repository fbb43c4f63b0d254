//! Datagrams between two of ours may carry several requests: each is sent and received with less work.
//!
//! Behind the receipt that a request asks for may be another request, in the same form. Kea's `kea-dhcp-ddns` would see the first one
//! only, as would ours of before there were such datagrams: only who has said with its receipts that it takes them is sent one. Should
//! another one be there since, there are no receipts, and each request is sent again by itself.

use std::sync::Arc;

use crate::queue::Ticket;
use crate::receipt::Ask;
use crate::request::{ChangeRequest, RequestError};

/// The longest datagram of several requests.
pub const LONGEST_PARCEL: usize = 8192;

/// A request to be sent; to be given back to [`Outbox::sent`](crate::Outbox::sent), [`Outbox::unsent`](crate::Outbox::unsent) or
/// [`Outbox::give_back`](crate::Outbox::give_back).
#[derive(Debug)]
pub struct Letter {
    /// None if it is sent again only for the sake of an answer.
    pub(crate) ticket: Option<Ticket>,
    /// The request.
    pub request: Arc<ChangeRequest>,
    /// What is to be put behind it.
    pub(crate) ask: Option<Ask>,
    /// Whether it may be in a datagram with others.
    pub(crate) may_share: bool,
}

impl Letter {
    /// What is sent if it goes by itself; for a `kea-dhcp-ddns` of Kea before 2.5 with the time that the lease expires, see
    /// [`ChangeRequest::to_older_datagram`].
    #[must_use]
    pub fn datagram(&self, expires_on: Option<&str>) -> Vec<u8> {
        let mut datagram = match expires_on {
            Some(time) => self.request.to_older_datagram(time),
            None => self.request.to_datagram(),
        };
        if let Some(ask) = self.ask {
            ask.append_to(&mut datagram);
        }
        datagram
    }
}

/// What is sent for letters, in their order, and for how many of them each datagram is. None that is for several is longer than
/// `longest`.
pub fn parcels(
    letters: &[Letter],
    longest: usize,
    expires_on: impl Fn(&ChangeRequest) -> Option<String>,
) -> Vec<(Vec<u8>, usize)> {
    let mut parcels: Vec<(Vec<u8>, usize)> = Vec::new();
    // Whether there may be more in the last one.
    let mut is_open = false;
    for letter in letters {
        let datagram = letter.datagram(expires_on(&letter.request).as_deref());
        let may_share = letter.may_share && letter.ask.is_some();
        match parcels.last_mut() {
            Some((last, count)) if is_open && may_share && last.len() + datagram.len() <= longest => {
                last.extend(datagram);
                *count += 1;
            }
            _ => parcels.push((datagram, 1)),
        }
        is_open = may_share;
    }
    parcels
}

/// The requests of a datagram in order, one at least, or what is wrong with one, after which no other is looked for; with each
/// the wish for a receipt, if there is one.
pub fn unpack(datagram: &[u8]) -> impl Iterator<Item = (Result<ChangeRequest, RequestError>, Option<Ask>)> {
    let mut rest = Some(datagram);
    std::iter::from_fn(move || {
        let here = rest.take()?;
        let (ask, behind) = Ask::split(here).unzip();
        let request = ChangeRequest::from_datagram(here);
        // What is sound behind it gets no receipt, and comes again by itself.
        rest = behind.filter(|behind| !behind.is_empty() && request.is_ok());
        Some((request, ask))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A datagram that is full of what is no request says so once.
    #[test]
    fn a_datagram_of_nonsense_says_so_once() {
        let nothing = [&[0, 0][..], b"kotare?1", &[0; 16]].concat();
        assert!(Ask::split(&nothing).is_some(), "it asks for a receipt");
        let read: Vec<_> = unpack(&nothing.repeat(300)).collect();
        assert!(matches!(&read[..], [(Err(_), Some(_))]), "{} of them", read.len());
    }
}
