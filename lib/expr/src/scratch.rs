//! Room for the strings that an evaluation makes.

use std::fmt;

use smallvec::SmallVec;

/// Where the strings go that an expression makes: what it converts, joins, or finds in several pieces.
///
/// It belongs to who evaluates, usually on the stack, and can be used again. Nothing is allocated unless an expression
/// makes more than 512 bytes.
#[derive(Debug, Default)]
pub struct Scratch(SmallVec<[u8; 512]>);

/// A string: where it is.
#[derive(Clone, Copy, Debug)]
pub enum Bytes<'a> {
    /// In the packet or in the expression.
    Borrowed(&'a [u8]),
    /// In the scratch room. What one evaluation makes is its own, and lies behind what was there before.
    Made { from: usize, to: usize },
}

impl Scratch {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        // A constant would be written out, all of it, wherever there is one.
        Self(SmallVec::new())
    }

    /// How much there is.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets what was made since [`Scratch::len`] was this.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub(crate) fn view<'b>(&'b self, bytes: Bytes<'b>) -> &'b [u8] {
        match bytes {
            Bytes::Borrowed(bytes) => bytes,
            Bytes::Made { from, to } => &self.0[from..to],
        }
    }

    /// Appends bytes from elsewhere.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Appends a copy of a string.
    pub(crate) fn copy(&mut self, bytes: Bytes<'_>) {
        match bytes {
            Bytes::Borrowed(bytes) => self.push(bytes),
            Bytes::Made { from, to } => {
                let end = self.0.len();
                self.0.resize(end + to - from, 0);
                self.0.copy_within(from..to, end);
            }
        }
    }

    /// What was appended since [`Scratch::len`] was `from`, as a string.
    pub(crate) fn since<'a>(&self, from: usize) -> Bytes<'a> {
        Bytes::Made { from, to: self.0.len() }
    }

    /// What was appended since then, to be changed.
    pub(crate) fn tail(&mut self, from: usize) -> &mut [u8] {
        &mut self.0[from..]
    }

    /// A copy of these bytes, as a string.
    pub(crate) fn made<'a>(&mut self, bytes: &[u8]) -> Bytes<'a> {
        let from = self.len();
        self.push(bytes);
        self.since(from)
    }

    /// A number in four bytes, as expressions see it.
    pub(crate) fn number<'a>(&mut self, number: u32) -> Bytes<'a> {
        self.made(&number.to_be_bytes())
    }

    /// The pieces of `data` that `select` takes, as one; `None` when it takes none. Where there is one piece, it stays
    /// where it is.
    pub(crate) fn pieces<'a>(
        &mut self,
        data: Bytes<'a>,
        select: impl for<'b> Fn(&'b [u8], &mut dyn FnMut(&'b [u8])),
    ) -> Option<Bytes<'a>> {
        let from = self.len();
        let mut pieces = 0;
        match data {
            Bytes::Borrowed(data) => {
                let mut first: &'a [u8] = &[];
                select(data, &mut |piece| {
                    match pieces {
                        0 => first = piece,
                        1 => {
                            self.push(first);
                            self.push(piece);
                        }
                        _ => self.push(piece),
                    }
                    pieces += 1;
                });
                if pieces == 1 {
                    return Some(Bytes::Borrowed(first));
                }
            }
            // Rare: it came in pieces itself.
            Bytes::Made { .. } => {
                let data: SmallVec<[u8; 512]> = SmallVec::from_slice(self.view(data));
                select(&data, &mut |piece| {
                    self.push(piece);
                    pieces += 1;
                });
            }
        }
        (pieces > 0).then(|| self.since(from))
    }

    /// Puts a string to `at`, where or behind which it was made if it was, and forgets everything behind it.
    pub(crate) fn settle(&mut self, bytes: Bytes<'_>, at: usize) {
        match bytes {
            Bytes::Borrowed(bytes) => {
                self.0.truncate(at);
                self.push(bytes);
            }
            Bytes::Made { from, to } => {
                self.0.copy_within(from..to, at);
                self.0.truncate(at + to - from);
            }
        }
    }
}

impl fmt::Write for Scratch {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

impl<'a> Bytes<'a> {
    pub(crate) const EMPTY: Self = Self::Borrowed(&[]);

    pub(crate) fn len(self) -> usize {
        match self {
            Self::Borrowed(bytes) => bytes.len(),
            Self::Made { from, to } => to - from,
        }
    }

    /// A part of it, which it must have.
    pub(crate) fn slice(self, start: usize, end: usize) -> Self {
        match self {
            Self::Borrowed(bytes) => Self::Borrowed(&bytes[start..end]),
            Self::Made { from, .. } => Self::Made { from: from + start, to: from + end },
        }
    }
}
