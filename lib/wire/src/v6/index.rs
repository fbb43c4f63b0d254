//! Where the parts of a message stand.

use std::ops::Range;

use super::{
    HEADER_LEN, MAX_RELAYS, Malformed, MessageType, OPTION_HEADER_LEN, OptionCode, Options, RELAY_HEADER_LEN,
};

/// Codes below this are found without a search; all that standards have given are.
const INDEXED: usize = 160;

/// What reading a message finds out: that its lengths are sound, where each relay agent's part of it stands and where the
/// message of the client, and where the options of that.
///
/// Of a fixed size, so that it can lie beside the bytes for as long as the message is worked on; a [`super::Message`]
/// looks at both. It is some 460 bytes: fill it where it lies ([`Index::read`]), do not move it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Where the relay agents' messages stand, the one nearest to the server first.
    relays: [Span; MAX_RELAYS],
    relays_len: u8,
    /// Where the client's message stands.
    message: Span,
    /// For each code the position of its first option in the client's message; 0, where no option can be, when there is
    /// none.
    first: [u16; INDEXED],
    /// Whether there is an option of a greater code.
    others: bool,
    cut_short: bool,
    /// The length of the datagram; 0 when none was read.
    len: u16,
}

/// Bytes from a position up to another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    from: u16,
    to: u16,
}

impl Span {
    fn range(self) -> Range<usize> {
        usize::from(self.from)..usize::from(self.to)
    }
}

impl Index {
    /// An index of nothing, to be filled by [`Index::read`].
    pub const fn new() -> Self {
        let nothing = Span { from: 0, to: 0 };
        Self {
            relays: [nothing; MAX_RELAYS],
            relays_len: 0,
            message: nothing,
            first: [0; INDEXED],
            others: false,
            cut_short: false,
            len: 0,
        }
    }

    /// Reads the bytes of one datagram, in place of what was read before.
    ///
    /// # Errors
    /// [`Malformed`] says why they are not a message; the index is one of nothing then.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.len = 0;
        let len = u16::try_from(bytes.len()).map_err(|_| Malformed::Long { len: bytes.len() })?;
        self.relays_len = 0;
        self.cut_short = false;
        let mut span = Span { from: 0, to: len };
        while bytes[span.range()].first().is_some_and(|&kind| MessageType(kind).is_relayed()) {
            let inner = self.relayed(bytes, span)?;
            self.relays[usize::from(self.relays_len)] = span;
            self.relays_len += 1;
            span = inner;
        }
        if span.range().len() < HEADER_LEN {
            return Err(Malformed::Short { len: span.range().len(), relays: self.relays_len.into() });
        }
        self.message = span;
        self.options(bytes);
        self.len = len;
        Ok(())
    }

    /// The message within a relay agent's.
    fn relayed(&mut self, bytes: &[u8], span: Span) -> Result<Span, Malformed> {
        let relays = usize::from(self.relays_len);
        if relays == MAX_RELAYS {
            return Err(Malformed::TooManyRelays);
        }
        let message = &bytes[span.range()];
        let options =
            message.get(RELAY_HEADER_LEN..).ok_or(Malformed::ShortRelay { len: message.len(), relays })?;
        let mut rest = Options::new(options);
        let mut inner = None;
        while let Some((code, value)) = rest.next() {
            if code == OptionCode::RELAY_MSG {
                // Of several the last one counts, as in Kea. Both are within `span`, so they fit.
                let to = span.to - rest.rest().len() as u16;
                inner = Some(Span { from: to - value.len() as u16, to });
            }
        }
        self.cut_short |= !rest.rest().is_empty();
        inner.filter(|inner| inner.from < inner.to).ok_or(Malformed::NothingRelayed { relays })
    }

    /// Finds the options of the client's message.
    fn options(&mut self, bytes: &[u8]) {
        self.first = [0; INDEXED];
        self.others = false;
        let to = usize::from(self.message.to);
        let mut rest = Options::new(&bytes[usize::from(self.message.from) + HEADER_LEN..to]);
        while let Some((code, value)) = rest.next() {
            match self.first.get_mut(usize::from(code.0)) {
                Some(first) if *first == 0 => {
                    *first = (to - rest.rest().len() - value.len() - OPTION_HEADER_LEN) as u16;
                }
                Some(_) => {}
                None => self.others = true,
            }
        }
        self.cut_short |= !rest.rest().is_empty();
    }

    /// Whether it can be the index of these bytes.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        self.len > 0 && usize::from(self.len) == bytes.len()
    }

    /// Where the client's message stands.
    pub(super) fn message(&self) -> Range<usize> {
        self.message.range()
    }

    /// Where the message of a relay agent stands, the one nearest to the server being the first.
    pub(super) fn relay(&self, number: usize) -> Option<Range<usize>> {
        self.relays[..usize::from(self.relays_len)].get(number).map(|span| span.range())
    }

    /// How many relay agents there are.
    pub(super) fn relays(&self) -> usize {
        self.relays_len.into()
    }

    /// From where on the options of this code are to be looked for; `None` when there are none.
    pub(super) fn from(&self, code: OptionCode) -> Option<usize> {
        match self.first.get(usize::from(code.0)) {
            Some(0) => None,
            Some(&at) => Some(at.into()),
            None => self.others.then_some(usize::from(self.message.from) + HEADER_LEN),
        }
    }

    /// Whether something was passed over because it says it is longer than what is left.
    pub(super) fn cut_short(&self) -> bool {
        self.cut_short
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::new()
    }
}
