//! A message to a DNS server, and the answer to it.

use std::sync::Arc;

use crate::answer::{self, Heard};
use crate::dhcid::Dhcid;
use crate::key::Key;
use crate::messages::*;
use crate::next::Step;
use crate::records;
use crate::request::ChangeRequest;
use crate::told;
use crate::transaction::Transaction;
use crate::zones::DnsServer;

/// A message to a server, and what proves that an answer is to it.
#[derive(Debug)]
pub struct Attempt {
    /// Whom it goes to.
    pub to: DnsServer,
    /// Its bytes.
    pub message: Vec<u8>,
    id: u16,
    signature: Vec<u8>,
    /// Whose requests it is for, and what it does for each.
    changes: Vec<(Dhcid, &'static str)>,
}

impl Attempt {
    /// What these transactions are to send now, which ask the same server of the same zone.
    ///
    /// # Errors
    /// See [`Transaction::attempt`].
    pub(crate) fn of<'a>(
        transactions: impl Iterator<Item = &'a Transaction> + Clone,
        id: u16,
        now: u64,
    ) -> Result<Self, Heard> {
        let failed = Heard::Failed;
        let steps: Option<Vec<(&ChangeRequest, Step)>> =
            transactions.clone().map(|one| Some((one.request(), one.asks()?.2))).collect();
        let steps = steps.ok_or(failed)?;
        let first = transactions.clone().next();
        let asked = first.and_then(|one| Some((one.asks()?.0, one.server()?)));
        let (zone, server) = asked.ok_or(failed)?;
        let mut to = server.clone();
        to.key = server.signing(now).ok_or(Heard::NoKey)?;
        let mut message = records::message(steps.iter().copied(), &zone.name, id).map_err(|_| failed)?;
        let signature = match &to.key {
            Some(key) => key.sign(&mut message, now).ok_or(failed)?,
            None => Vec::new(),
        };
        let changes = steps.iter().map(|(request, step)| {
            let comment = told::comment(*step, request.change);
            (request.dhcid.clone(), comment)
        });
        let changes = changes.collect();
        Ok(Self { to, message: message.finish().into_target(), id, signature, changes })
    }

    /// What it is signed with.
    #[must_use]
    pub fn key(&self) -> Option<&Arc<Key>> {
        self.to.key.as_ref()
    }

    /// For how many requests it is.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changes.len()
    }

    /// Tells the log that it was sent.
    pub fn sent(&self) {
        for (request, comment) in &self.changes {
            DHCP_DDNS_UPDATE_REQUEST_SENT(request, comment, &self.to);
        }
    }

    /// What a datagram from the server says of it; `None` if that is no answer to it, and one may still come.
    ///
    /// `now` is in seconds since 1970.
    #[must_use]
    pub fn read(&self, datagram: &[u8], now: u64) -> Option<Heard> {
        let signed = self.to.key.as_deref().map(|key| (key, &self.signature[..]));
        Some(match answer::read(datagram, self.id, signed, now)? {
            Ok(rcode) => Heard::Answered(rcode),
            Err(reason) => {
                DHCP_DDNS_INVALID_RESPONSE(reason);
                if let (Some(source), Some(key)) = (&self.to.agreed, &self.to.key) {
                    source.unproved(key, now);
                }
                Heard::Corrupt
            }
        })
    }
}
