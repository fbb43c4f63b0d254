//! The view of a message.

use std::fmt;
use std::net::Ipv6Addr;

use super::{HEADER_LEN, Index, Malformed, MessageType, OptionCode, Options, RELAY_HEADER_LEN};

/// A view of the bytes of a DHCPv6 message, with all that relay agents put around it, whose lengths are proved.
///
/// What it takes is what Kea takes: an option that says it is longer than what is left ends the options around it; those
/// before it count ([`Message::cut_short`] tells).
///
/// It is two references: copy it. A message that is kept for a while is kept as its bytes and their [`Index`], and
/// [`Message::new`] looks at them again.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    index: &'a Index,
}

impl<'a> Message<'a> {
    /// Reads the bytes of one datagram into `index`.
    ///
    /// # Errors
    /// [`Malformed`] says why they are not a message.
    pub fn parse(bytes: &'a [u8], index: &'a mut Index) -> Result<Self, Malformed> {
        index.read(bytes)?;
        Ok(Self { bytes, index })
    }

    /// Looks again at the bytes that were read into `index`. `None` when these cannot be they: the index is of a message
    /// of another length, or of none. (Other bytes of the same length show nonsense, and no more.)
    pub fn new(bytes: &'a [u8], index: &'a Index) -> Option<Self> {
        index.fits(bytes).then_some(Self { bytes, index })
    }

    /// What the client's message is.
    pub fn message_type(&self) -> MessageType {
        MessageType(self.inner()[0])
    }

    /// The transaction, 24 bits.
    pub fn transaction_id(&self) -> u32 {
        let inner = self.inner();
        u32::from_be_bytes([0, inner[1], inner[2], inner[3]])
    }

    /// The options of the client's message, in the order in which they stand.
    pub fn options(&self) -> Options<'a> {
        Options::new(&self.inner()[HEADER_LEN..])
    }

    /// The value of the first option of this code in the client's message. Takes constant time for codes of standards.
    pub fn option(&self, code: OptionCode) -> Option<&'a [u8]> {
        self.from(code)?.find_code(code)
    }

    /// The values of all options of this code in the client's message.
    pub fn all(&self, code: OptionCode) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        self.from(code).unwrap_or(Options::new(&[])).all_of(code)
    }

    /// Whether the client's message has an option of this code.
    pub fn has(&self, code: OptionCode) -> bool {
        self.option(code).is_some()
    }

    /// The relay agents that the message passed, the one nearest to the server first.
    pub fn relays(&self) -> impl ExactSizeIterator<Item = Relay<'a>> + DoubleEndedIterator + use<'a> {
        let Self { bytes, index } = *self;
        (0..index.relays()).map(move |number| relay(bytes, index, number))
    }

    /// A relay agent, by how many there are between it and the server.
    pub fn relay(&self, number: usize) -> Option<Relay<'a>> {
        (number < self.index.relays()).then(|| relay(self.bytes, self.index, number))
    }

    /// All bytes, those of relay agents among them.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes of the client's message.
    pub fn inner(&self) -> &'a [u8] {
        &self.bytes[self.index.message()]
    }

    /// Whether something was passed over because it says it is longer than what is left.
    pub fn cut_short(&self) -> bool {
        self.index.cut_short()
    }

    /// The options from the first one of this code on.
    fn from(&self, code: OptionCode) -> Option<Options<'a>> {
        let end = self.index.message().end;
        self.index.from(code).and_then(|at| self.bytes.get(at..end)).map(Options::new)
    }
}

/// The message of a relay agent.
fn relay<'a>(bytes: &'a [u8], index: &Index, number: usize) -> Relay<'a> {
    Relay(index.relay(number).map_or(&[0; RELAY_HEADER_LEN], |span| &bytes[span]))
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("type", &self.message_type())
            .field("transaction_id", &format_args!("0x{:06x}", self.transaction_id()))
            .field("relays", &self.index.relays())
            .field("options", &self.options().map(|(code, _)| code).collect::<Vec<_>>())
            .finish()
    }
}

/// What a relay agent put around a message (RFC 9915 §9).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Relay<'a>(&'a [u8]);

impl<'a> Relay<'a> {
    /// What it is: a relay agent's message to servers, or back.
    pub fn message_type(&self) -> MessageType {
        MessageType(self.0[0])
    }

    /// How many relay agents the message had passed before.
    pub fn hop_count(&self) -> u8 {
        self.0[1]
    }

    /// Names the link that the client is on; unspecified if an interface identifier does.
    pub fn link_address(&self) -> Ipv6Addr {
        self.address(2)
    }

    /// Whom it had the message from.
    pub fn peer_address(&self) -> Ipv6Addr {
        self.address(18)
    }

    /// The relay agent's options, the message within among them.
    pub fn options(&self) -> Options<'a> {
        Options::new(&self.0[RELAY_HEADER_LEN..])
    }

    /// The value of the first option of this code.
    pub fn option(&self, code: OptionCode) -> Option<&'a [u8]> {
        self.options().find_code(code)
    }

    fn address(&self, at: usize) -> Ipv6Addr {
        let mut octets = [0; 16];
        octets.copy_from_slice(&self.0[at..at + 16]);
        octets.into()
    }
}

impl fmt::Debug for Relay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("hop_count", &self.hop_count())
            .field("link_address", &self.link_address())
            .field("peer_address", &self.peer_address())
            .finish_non_exhaustive()
    }
}
