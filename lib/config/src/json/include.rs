//! The files a configuration is made of.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{FileName, Source};

/// How deep files may include files (manual, "Configuration Files Inclusion": ten levels).
const MAX_DEPTH: usize = 10;
/// How many bytes all files of a configuration may have together; stops files that include a file twice, ten
/// levels deep, and devices that never end.
const MAX_BYTES: u64 = 256 << 20;

/// One text being read: the bytes and how far they were read.
#[derive(Debug)]
pub(super) struct Input {
    /// The name in positions: as the operator wrote it.
    pub(super) name: FileName,
    /// The whole text.
    pub(super) text: Vec<u8>,
    /// The next byte.
    pub(super) at: usize,
    /// Line of the next byte, from 1.
    pub(super) line: u32,
    /// Column of the next byte in characters, from 1.
    pub(super) column: u32,
    /// Which file it is, whatever name was used; none for the text of a command.
    file: Option<PathBuf>,
}

/// The text being read, below it the texts that include it.
#[derive(Debug)]
pub(super) struct Inputs {
    current: Input,
    including: Vec<Input>,
    bytes: u64,
}

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The system says so.
    System(io::Error),
    /// A device may never end, and a pipe may never begin.
    NoFile,
    /// All files together are too long.
    TooLong,
    /// It is included by what is not a file.
    NotFromFile,
    /// Files include files on too many levels.
    TooDeep,
    /// Neither the name nor the one beside the including file can be read, for this reason.
    Neither(PathBuf, Box<Self>),
    /// The file of this name is being read.
    Again(FileName),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::NoFile => f.write_str("it is no regular file"),
            Self::TooLong => write!(f, "a configuration may have {MAX_BYTES} bytes at most"),
            Self::NotFromFile => f.write_str("only files can include files"),
            Self::TooDeep => write!(f, "files include files {MAX_DEPTH} levels deep already"),
            Self::Neither(beside, why) => {
                write!(f, "neither it nor \"{}\" can be read: {why}", beside.display())
            }
            Self::Again(name) => {
                write!(f, "the files include each other, \"{name}\" is being read already", name = &**name)
            }
        }
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl Input {
    fn new(name: &str, mut text: Vec<u8>, file: Option<PathBuf>) -> Self {
        if text.starts_with(b"\xef\xbb\xbf") {
            text.drain(..3);
        }
        Self { name: name.into(), text, at: 0, line: 1, column: 1, file }
    }

    /// The place of the next byte.
    pub(super) fn source(&self) -> Source {
        Source::new(self.name.clone(), self.line, self.column)
    }

    /// The next byte, without going past it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Whether what follows begins so.
    pub(super) fn starts_with(&self, text: &[u8]) -> bool {
        self.text[self.at..].starts_with(text)
    }

    /// Goes past the next `count` bytes.
    pub(super) fn skip(&mut self, count: usize) {
        for &byte in &self.text[self.at..self.at + count] {
            match byte {
                b'\n' => (self.line, self.column) = (self.line.saturating_add(1), 1),
                // The later bytes of a character in UTF-8 are no characters of their own.
                0x80..=0xbf => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
        self.at += count;
    }
}

impl Inputs {
    /// The text of a command, or of a test; it can include nothing.
    pub(super) fn text(name: &str, text: &[u8]) -> Self {
        Self { current: Input::new(name, text.to_vec(), None), including: Vec::new(), bytes: 0 }
    }

    /// The file at `path`.
    pub(super) fn file(path: &Path) -> Result<Self, Unread> {
        let (text, file) = load(path, MAX_BYTES)?;
        let bytes = text.len() as u64;
        let current = Input::new(&path.display().to_string(), text, Some(file));
        Ok(Self { current, including: Vec::new(), bytes })
    }

    /// The text being read.
    pub(super) fn current(&mut self) -> &mut Input {
        &mut self.current
    }

    /// Reads the file `name` next and then goes on with the present one.
    ///
    /// A relative name counts from the working directory, like Kea's; when there is no such file, from the
    /// directory of the including file, so that a configuration can be checked from anywhere.
    pub(super) fn include(&mut self, name: &str) -> Result<(), Unread> {
        let Some(present) = &self.current.file else { return Err(Unread::NotFromFile) };
        if self.including.len() >= MAX_DEPTH {
            return Err(Unread::TooDeep);
        }
        let left = MAX_BYTES - self.bytes;
        let beside = present.with_file_name(name);
        let path = if Path::new(name).exists() { Path::new(name) } else { &beside };
        let (text, file) =
            load(path, left).map_err(|error| Unread::Neither(beside.clone(), Box::new(error)))?;
        let again = |input: &&Input| input.file.as_ref() == Some(&file);
        if let Some(again) = self.including.iter().chain([&self.current]).find(again) {
            return Err(Unread::Again(again.name.clone()));
        }
        self.bytes += text.len() as u64;
        let included = Input::new(name, text, Some(file));
        self.including.push(std::mem::replace(&mut self.current, included));
        Ok(())
    }

    /// Goes back to the including file, if there is one.
    pub(super) fn leave(&mut self) -> bool {
        match self.including.pop() {
            Some(input) => {
                self.current = input;
                true
            }
            None => false,
        }
    }

    /// `included at a.conf:1:2, included at b.conf:3:4` for `source`; empty in the first file.
    ///
    /// Reading may have gone past the end of the file of `source` already; then the present file includes it.
    pub(super) fn chain(&self, source: &Source) -> String {
        let stack = || [&self.current].into_iter().chain(self.including.iter().rev());
        let past = stack().position(|input| &*input.name == source.file()).map_or(0, |at| at + 1);
        let places = stack().skip(past).map(|input| format!("included at {}", input.source()));
        places.collect::<Vec<_>>().join(", ")
    }
}

/// The text of a file, and which file it is.
fn load(path: &Path, limit: u64) -> Result<(Vec<u8>, PathBuf), Unread> {
    let file = std::fs::canonicalize(path)?;
    if !std::fs::metadata(&file)?.is_file() {
        return Err(Unread::NoFile);
    }
    let mut text = Vec::new();
    File::open(&file)?.take(limit + 1).read_to_end(&mut text)?;
    if text.len() as u64 > limit { Err(Unread::TooLong) } else { Ok((text, file)) }
}
