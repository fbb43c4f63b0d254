//! An exchange of TKEY messages (RFC 2930), by which a key is agreed on: it carries the tokens of the GSS-API
//! (RFC 3645, section 3.1).

use std::fmt;

use domain::base::iana::{Class, Opcode, Rcode, Rtype};
use domain::base::message::Message;
use domain::base::message_builder::MessageBuilder;
use domain::base::rdata::UnknownRecordData;

use crate::key::{GSS_TSIG, Key};
use crate::name::Name;

/// The mode of a TKEY record that has a token of the GSS-API (RFC 2930, section 2.5).
const GSS_API: u16 = 3;

/// The longest token that is taken. Those of Kerberos have a few thousand bytes at most.
const LONGEST: usize = 32_768;

/// What the messages of an exchange have in common.
#[derive(Clone, Debug)]
pub struct Exchange {
    key_name: Name,
    algorithm: Name,
    inception: u32,
    expire: u32,
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What is for the security context; empty for nothing.
    pub token: Vec<u8>,
    /// The time to live of the record.
    pub ttl: u32,
    /// The class of the record, if it is not the one that it should be.
    pub odd_class: Option<String>,
    /// When the key begins and ends to be good for the server, in seconds since 1970.
    pub validity: (u32, u32),
    message: Vec<u8>,
}

/// Why an answer is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is nothing that can be read.
    Malformed(&'static str),
    /// It answers another kind of question.
    Opcode(u8),
    /// The server refuses, with this code of the message.
    Rcode(u8),
    /// It has no answer.
    NoAnswer,
    /// It has several answers, or none.
    Answers(u16),
    /// Its answer is of this type.
    Type(u16),
    /// Its answer has nothing in it.
    NoData,
    /// The server refuses, with this code of the record.
    Tkey(u16),
}

impl Exchange {
    /// An exchange for a key of this name, which is good from `inception` to `expire`, in seconds since 1970. `None` for no
    /// key: there is none without.
    #[must_use]
    pub fn new(key_name: Name, inception: u64, expire: u64) -> Option<Self> {
        // The numbers of the protocol go round (RFC 2930, section 2.3).
        Some(Self {
            key_name,
            algorithm: GSS_TSIG.parse().ok()?,
            inception: inception as u32,
            expire: expire as u32,
        })
    }

    /// The message that brings a token to the server, with this number; `None` if the token has no room in it.
    #[must_use]
    pub fn request(&self, id: u16, token: &[u8]) -> Option<Vec<u8>> {
        let length = u16::try_from(token.len()).ok().filter(|_| token.len() <= LONGEST)?;
        let mut data = self.algorithm.as_wire().to_vec();
        data.extend(self.inception.to_be_bytes());
        data.extend(self.expire.to_be_bytes());
        data.extend(GSS_API.to_be_bytes());
        // No error, and nothing else after the token.
        data.extend(0u16.to_be_bytes());
        data.extend(length.to_be_bytes());
        data.extend(token);
        data.extend(0u16.to_be_bytes());
        let data = UnknownRecordData::from_octets(Rtype::TKEY, data).ok()?;
        let mut message = MessageBuilder::new_vec();
        message.header_mut().set_id(id);
        message.header_mut().set_opcode(Opcode::QUERY);
        let mut question = message.question();
        question.push((self.key_name.inner(), Rtype::TKEY, Class::ANY)).ok()?;
        let mut records = question.additional();
        records.push((self.key_name.inner(), Class::ANY, 0u32, data)).ok()?;
        Some(records.finish())
    }

    /// What `message` says to the request of this number; `None` if it is no answer to it, and one may still come.
    #[must_use]
    pub fn read(&self, id: u16, message: &[u8]) -> Option<Result<Reply, Refusal>> {
        let message = Message::from_slice(message).ok()?;
        let header = message.header();
        (header.id() == id && header.qr()).then(|| self.understood(message))
    }

    fn understood(&self, message: &Message<[u8]>) -> Result<Reply, Refusal> {
        let malformed = |_| Refusal::Malformed("a record cannot be read");
        let header = message.header();
        if header.opcode() != Opcode::QUERY {
            return Err(Refusal::Opcode(header.opcode().to_int()));
        }
        if header.tc() {
            return Err(Refusal::Malformed("it is cut short; \"tkey-protocol\" TCP has room for it"));
        }
        if header.rcode() != Rcode::NOERROR {
            return Err(Refusal::Rcode(header.rcode().to_int()));
        }
        let count = message.header_counts().ancount();
        let mut answers = message.answer().map_err(malformed)?;
        let answer = match (count, answers.next()) {
            (0, _) | (_, None) => return Err(Refusal::NoAnswer),
            (1, Some(answer)) => answer.map_err(malformed)?,
            (count, _) => return Err(Refusal::Answers(count)),
        };
        if answer.rtype() != Rtype::TKEY {
            return Err(Refusal::Type(answer.rtype().to_int()));
        }
        if !self.key_name.is(&answer.owner()) {
            return Err(Refusal::Malformed("it is about another key"));
        }
        let ttl = answer.ttl().as_secs();
        // Of no importance: Kea takes any, too.
        let odd_class =
            Some(answer.class()).filter(|class| *class != Class::ANY).map(|class| class.to_string());
        let data = answer.to_record::<UnknownRecordData<_>>().map_err(malformed)?;
        let data = data.map(|record| record.data().data().to_vec()).unwrap_or_default();
        if data.is_empty() {
            return Err(Refusal::NoData);
        }
        let tkey = Tkey::read(&data).ok_or(Refusal::Malformed("the record is cut short"))?;
        if tkey.error != 0 {
            return Err(Refusal::Tkey(tkey.error));
        }
        if !tkey.algorithm.is(self.algorithm.inner()) || tkey.mode != GSS_API {
            return Err(Refusal::Malformed("the record is of another algorithm or mode"));
        }
        let (token, validity) = (tkey.token.to_vec(), (tkey.inception, tkey.expire));
        Ok(Reply { token, ttl, odd_class, validity, message: message.as_slice().to_vec() })
    }
}

impl Reply {
    /// Whether the server signed its answer with the key that was agreed on, which proves that it has it, too. `now` is in
    /// seconds since 1970.
    ///
    /// # Errors
    /// Why that is not so.
    pub fn prove(&self, key: &Key, now: u64) -> Result<(), &'static str> {
        let message = Message::from_slice(&self.message).map_err(|_| "the answer is malformed")?;
        // What was asked had no signature, for there was no key yet.
        key.verify(&[], message, now).map(drop)
    }

    /// Whether the answer has anything after what was answered, as a signature is.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let message = Message::from_slice(&self.message);
        message.is_ok_and(|message| message.header_counts().arcount() > 0)
    }
}

/// What a TKEY record says (RFC 2930, section 2).
struct Tkey<'a> {
    algorithm: Name,
    inception: u32,
    expire: u32,
    mode: u16,
    error: u16,
    token: &'a [u8],
}

impl<'a> Tkey<'a> {
    /// `None` if it is cut short or has more than it says.
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut end = 0;
        while let Some(&length) = data.get(end).filter(|length| **length > 0) {
            end += usize::from(length) + 1;
        }
        let (name, rest) = data.split_at_checked(end + 1)?;
        let algorithm = Name::from_wire(name)?;
        let (inception, rest) = rest.split_first_chunk()?;
        let (expire, rest) = rest.split_first_chunk()?;
        let (mode, rest) = rest.split_first_chunk()?;
        let (error, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (token, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let (other, rest) = rest.split_first_chunk()?;
        (rest.len() == usize::from(u16::from_be_bytes(*other))).then_some(Self {
            algorithm,
            inception: u32::from_be_bytes(*inception),
            expire: u32::from_be_bytes(*expire),
            mode: u16::from_be_bytes(*mode),
            error: u16::from_be_bytes(*error),
            token,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(reason) => write!(f, "the answer cannot be used: {reason}"),
            Self::Opcode(code) => write!(f, "the answer has the opcode {code}"),
            Self::Rcode(code) => write!(f, "the server answers {}", crate::Rcode::new(*code)),
            Self::NoAnswer => f.write_str("the answer is empty"),
            Self::Answers(count) => write!(f, "the answer has {count} records"),
            Self::Type(kind) => write!(f, "the answer is of type {kind}"),
            Self::NoData => f.write_str("the answer has nothing in it"),
            Self::Tkey(code) => write!(f, "the server refuses with {}", tkey_error(*code)),
        }
    }
}

/// What a code of a TKEY record is called (RFC 2930, section 2.6; RFC 8945, section 3).
fn tkey_error(code: u16) -> String {
    let name = match code {
        16 => "BADSIG",
        17 => "BADKEY",
        18 => "BADTIME",
        19 => "BADMODE",
        20 => "BADNAME",
        21 => "BADALG",
        _ => return code.to_string(),
    };
    format!("{name} ({code})")
}
