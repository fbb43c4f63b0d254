//! A zone copied from a DNS server (AXFR, RFC 5936), without the connection.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::base::iana::{Class, Rcode, Rtype};
use domain::base::message::Message;
use domain::base::message_builder::MessageBuilder;
use domain::base::name::ToName;
use domain::base::rdata::UnknownRecordData;
use domain::rdata::Ptr;

use super::contents::{Contents, MOST_RECORDS};
use crate::answer::Rcode as Code;
use crate::key::Key;
use crate::name::Name;

/// How long a DNS server may say nothing while a zone is copied.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// So many messages in a row may be without a signature (RFC 8945, section 5.3.1).
const UNSIGNED: usize = 99;

/// A zone that is being copied.
#[derive(Debug)]
pub struct Transfer {
    zone: Name,
    id: u16,
    key: Option<Arc<Key>>,
    /// The last signature: that of the question, then those of the answers.
    mac: Vec<u8>,
    /// What came since, unsigned, and how many messages that were.
    unsigned: (Vec<u8>, usize),
    has_answered: bool,
    has_begun: bool,
    contents: Contents,
}

/// Why a zone cannot be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferError(String);

impl Transfer {
    /// Begins: what to ask, with this number and signed at this time, in seconds since 1970. `None` if it has no room,
    /// which no name and no key brings about.
    #[must_use]
    pub fn begin(zone: &Name, key: Option<&Arc<Key>>, id: u16, now: u64) -> Option<(Self, Vec<u8>)> {
        let mut builder = MessageBuilder::new_vec();
        builder.header_mut().set_id(id);
        let mut question = builder.question();
        question.push((zone.inner(), Rtype::AXFR, Class::IN)).ok()?;
        let mut message = question.additional();
        let mac = match key {
            Some(key) => key.sign(&mut message, now)?,
            None => Vec::new(),
        };
        let transfer = Self {
            zone: zone.clone(),
            id,
            key: key.cloned(),
            mac,
            unsigned: (Vec::new(), 0),
            has_answered: false,
            has_begun: false,
            contents: Contents::default(),
        };
        Some((transfer, message.finish()))
    }

    /// Reads a message of the server; whether it was the last one. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Why the zone cannot be copied.
    pub fn read(&mut self, bytes: &[u8], now: u64) -> Result<bool, TransferError> {
        let malformed = |_| wrong("a message of the server is malformed");
        let message =
            Message::from_slice(bytes).map_err(|_| wrong("a message of the server is malformed"))?;
        let header = message.header();
        if header.id() != self.id || !header.qr() {
            return Err(wrong("the server answers something else"));
        }
        if header.rcode() != Rcode::NOERROR {
            let code = Code::new(header.rcode().to_int());
            return Err(wrong(format_args!("the server answers {code}")));
        }
        let is_signed = self.believe(message, now)?;
        let mut is_whole = false;
        for record in message.answer().map_err(malformed)? {
            let record = record.map_err(malformed)?;
            let (owner, kind) = (record.owner(), record.rtype());
            if is_whole {
                return Err(wrong("the server goes on after the end of the zone"));
            }
            if kind == Rtype::SOA {
                if !self.zone.is(&owner) {
                    return Err(wrong("the server sends another zone"));
                }
                is_whole = std::mem::replace(&mut self.has_begun, true);
                if is_whole {
                    continue;
                }
            } else if !self.has_begun {
                return Err(wrong("what the server sends does not begin like a zone"));
            }
            let owner = Name::from_wire(owner.to_vec().as_slice()).ok_or_else(|| wrong("a name is none"))?;
            let has_room = match kind {
                Rtype::PTR => {
                    let record = record.to_record::<Ptr<_>>().map_err(malformed)?;
                    let name = record.map(|record| record.data().ptrdname().to_vec());
                    name.is_none_or(|name| self.contents.add(&owner, kind, name.as_slice()))
                }
                _ => {
                    let record = record.to_record::<UnknownRecordData<_>>().map_err(malformed)?;
                    record.is_none_or(|record| self.contents.add(&owner, kind, record.data().data()))
                }
            };
            if !has_room {
                return Err(wrong(format_args!("the zone has more than {MOST_RECORDS} records")));
            }
        }
        if is_whole && !is_signed && self.key.is_some() {
            return Err(wrong("the last message of the server is not signed"));
        }
        Ok(is_whole)
    }

    /// What was copied.
    #[must_use]
    pub fn into_contents(self) -> Contents {
        self.contents
    }

    /// Whether a message comes from who has the key; whether it is signed itself.
    fn believe(&mut self, message: &Message<[u8]>, now: u64) -> Result<bool, TransferError> {
        let Some(key) = &self.key else { return Ok(false) };
        if self.has_answered && !Key::has_signature(message) {
            self.unsigned.0.extend(message.as_slice());
            self.unsigned.1 += 1;
            return match self.unsigned.1 <= UNSIGNED {
                true => Ok(false),
                false => Err(wrong("too many messages of the server are not signed")),
            };
        }
        let mac = match self.has_answered {
            false => key.verify(&self.mac, message, now),
            true => key.verify_next(&self.mac, &self.unsigned.0, message, now),
        };
        self.mac = mac.map_err(wrong)?;
        (self.has_answered, self.unsigned) = (true, (Vec::new(), 0));
        Ok(true)
    }
}

fn wrong(reason: impl fmt::Display) -> TransferError {
    TransferError(reason.to_string())
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TransferError {}
