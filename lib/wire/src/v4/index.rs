//! Where the options of a message stand.

use super::walk::{Overload, Walk};
use super::{CHADDR_LEN, HEADER_LEN, MAGIC_COOKIE, Malformed, OPTIONS_AT, OptionCode, at};

/// What reading a message finds out: that its lengths are sound, and where its options stand.
///
/// Of a fixed size, so that it can lie beside the bytes for as long as the message is worked on; a
/// [`super::Message`] looks at both. It is some 550 bytes: fill it where it lies ([`Index::read`]), do not move it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// For each code the position of its first option; 0, where no option can be, when there is none.
    first: [u16; 256],
    /// The codes that stand more than once, a bit each.
    repeated: [u64; 4],
    /// The length of the message; 0 when none was read.
    len: u16,
    overload: Overload,
    cut_short: bool,
}

/// How often an option stands in a message.
pub(super) enum Place {
    Nowhere,
    /// Once, its code at this position.
    At(usize),
    /// More than once.
    Repeated,
}

impl Index {
    /// An index of nothing, to be filled by [`Index::read`].
    pub const fn new() -> Self {
        let overload = Overload { file: false, sname: false };
        Self { first: [0; 256], repeated: [0; 4], len: 0, overload, cut_short: false }
    }

    /// Reads the bytes of one datagram, in place of what was read before.
    ///
    /// # Errors
    /// [`Malformed`] says why they are not a message; the index is one of nothing then.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.len = 0;
        let len = sound(bytes)?;
        self.first = [0; 256];
        self.repeated = [0; 4];
        self.overload = Overload::default();
        let mut walk = Walk::of_message(bytes, self.overload);
        while let Some(option) = walk.next() {
            let code = usize::from(option.code);
            if self.first[code] == 0 {
                // Less than `len`, so it fits.
                self.first[code] = option.at as u16;
                if option.code == OptionCode::OVERLOAD.0 && walk.in_options_field() {
                    self.overload = Overload::of(option.value);
                    walk.overload(self.overload);
                }
            } else {
                self.repeated[code / 64] |= 1 << (code % 64);
            }
        }
        self.cut_short = walk.cut_short();
        self.len = len;
        Ok(())
    }

    /// Whether `bytes` may be those that were read: there was a message, and it was of this length.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        self.len != 0 && usize::from(self.len) == bytes.len()
    }

    pub(super) fn has(&self, code: u8) -> bool {
        self.first[usize::from(code)] != 0
    }

    pub(super) fn place(&self, code: u8) -> Place {
        let code = usize::from(code);
        match usize::from(self.first[code]) {
            0 => Place::Nowhere,
            _ if self.repeated[code / 64] & (1 << (code % 64)) != 0 => Place::Repeated,
            at => Place::At(at),
        }
    }

    pub(super) fn overload(&self) -> Overload {
        self.overload
    }

    pub(super) fn cut_short(&self) -> bool {
        self.cut_short
    }
}

impl Default for Index {
    fn default() -> Self {
        Self::new()
    }
}

/// Proves the lengths of the fixed fields; the length of the message.
fn sound(bytes: &[u8]) -> Result<u16, Malformed> {
    let len = bytes.len();
    if len < HEADER_LEN {
        return Err(Malformed::Short { len });
    }
    if len == HEADER_LEN {
        return Err(Malformed::NoOptions);
    }
    let Ok(fitting) = u16::try_from(len) else { return Err(Malformed::Long { len }) };
    if bytes.get(HEADER_LEN..OPTIONS_AT) != Some(&MAGIC_COOKIE) {
        let mut found = [0; 4];
        bytes[HEADER_LEN..].iter().zip(&mut found).for_each(|(&byte, found)| *found = byte);
        return Err(Malformed::Cookie { found });
    }
    let hlen = bytes[at::HLEN];
    if usize::from(hlen) > CHADDR_LEN {
        return Err(Malformed::HardwareLength { hlen });
    }
    Ok(fitting)
}
