//! The value of an option, in one piece or in several.

use std::fmt;
use std::net::Ipv4Addr;

use super::walk::Walk;
use crate::NoRoom;

/// The value of an option.
///
/// All options of one code are one value (RFC 3396 §5). Nearly always there is one, and the value is a slice of
/// the message. A value in several pieces can be walked over or copied together; it is never longer than the
/// message.
#[derive(Clone, Copy)]
pub struct OptionValue<'a> {
    first: &'a [u8],
    /// The code, and the walk that finds the other pieces.
    rest: Option<(u8, Walk<'a>)>,
}

impl<'a> OptionValue<'a> {
    /// A value of one piece.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { first: bytes, rest: None }
    }

    pub(super) fn split(first: &'a [u8], code: u8, rest: Walk<'a>) -> Self {
        Self { first, rest: Some((code, rest)) }
    }

    /// The bytes, when the value is in one piece.
    pub fn as_slice(&self) -> Option<&'a [u8]> {
        self.rest.is_none().then_some(self.first)
    }

    /// How many bytes the value has.
    pub fn len(&self) -> usize {
        match self.as_slice() {
            Some(bytes) => bytes.len(),
            None => self.chunks().map(<[u8]>::len).sum(),
        }
    }

    /// Whether the value has no bytes.
    pub fn is_empty(&self) -> bool {
        self.chunks().all(<[u8]>::is_empty)
    }

    /// The pieces, in order.
    pub fn chunks(&self) -> Chunks<'a> {
        Chunks { first: Some(self.first), rest: self.rest }
    }

    /// The bytes, one by one.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + 'a {
        self.chunks().flatten().copied()
    }

    /// The bytes in one piece: those of the message when they are one already, else copied to `scratch`.
    ///
    /// # Errors
    /// [`NoRoom`] when a copy is needed and `scratch` is too small for it. A message's own length is always enough.
    pub fn contiguous<'b>(&self, scratch: &'b mut [u8]) -> Result<&'b [u8], NoRoom>
    where
        'a: 'b,
    {
        match self.as_slice() {
            Some(bytes) => Ok(bytes),
            None => {
                let len = self.copy_to(scratch)?;
                Ok(&scratch[..len])
            }
        }
    }

    /// Copies the value to the front of `buffer` and says how many bytes it is.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is copied then.
    pub fn copy_to(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let needed = self.len();
        let left = buffer.len();
        if needed > left {
            return Err(NoRoom { needed, left });
        }
        let mut at = 0;
        for chunk in self.chunks() {
            buffer[at..at + chunk.len()].copy_from_slice(chunk);
            at += chunk.len();
        }
        Ok(needed)
    }

    /// The value as `N` bytes, when it has just as many.
    pub fn array<const N: usize>(&self) -> Option<[u8; N]> {
        let mut array = [0; N];
        (self.copy_to(&mut array) == Ok(N)).then_some(array)
    }

    /// The value as one address, when it is four bytes.
    pub fn ipv4(&self) -> Option<Ipv4Addr> {
        self.array().map(Ipv4Addr::from_octets)
    }

    /// The value as a number of one byte, when it is one.
    pub fn u8(&self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    /// The value as a number of two bytes, when it is two.
    pub fn u16(&self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// The value as a number of four bytes, when it is four.
    pub fn u32(&self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }
}

impl<'a> From<&'a [u8]> for OptionValue<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::new(bytes)
    }
}

impl PartialEq for OptionValue<'_> {
    /// Whether the bytes are the same, wherever they are split.
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl Eq for OptionValue<'_> {}

impl PartialEq<[u8]> for OptionValue<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        *self == OptionValue::new(other)
    }
}

impl fmt::Debug for OptionValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OptionValue(")?;
        self.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// The pieces of a value, in order.
#[derive(Clone)]
pub struct Chunks<'a> {
    first: Option<&'a [u8]>,
    rest: Option<(u8, Walk<'a>)>,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let (code, rest) = self.rest.as_mut()?;
        loop {
            let option = rest.next()?;
            if option.code == *code {
                return Some(option.value);
            }
        }
    }
}
