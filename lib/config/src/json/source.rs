//! Where in the operator's text a thing was written.

use std::fmt;
use std::sync::Arc;

/// A position in a configuration: file, line and column, or, for what arrived in a command, the command.
///
/// Lines and columns count from 1. A column counts characters, and a tab is one of them, as editors count.
/// Values of a command have no line: [`Source::line`] is 0 and the path that [`Diagnostics::locate`] finds
/// leads the operator there.
///
/// [`Diagnostics::locate`]: super::Diagnostics::locate
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    file: FileName,
    line: u32,
    column: u32,
}

/// The name of a file or a command. A clone is the same one: every value has it, so it is a pointer and no more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(Arc<Box<str>>);

impl std::ops::Deref for FileName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FileName {
    fn from(name: &str) -> Self {
        Self(Arc::new(name.into()))
    }
}

impl Source {
    /// The position at `line` and `column` of `file`.
    pub fn new(file: FileName, line: u32, column: u32) -> Self {
        Self { file, line, column }
    }

    /// All of `file`, when no line can be named: it could not be read, or the value came in a command.
    pub fn whole(file: &str) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }

    /// Whether it is the same place, and not one that only reads the same: in a file that is included twice, or in another
    /// command of this name.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        (self.line, self.column) == (other.line, other.column) && Arc::ptr_eq(&self.file.0, &other.file.0)
    }

    /// The file's name as the operator wrote it, or the name of the command.
    pub fn file(&self) -> &str {
        &self.file.0
    }

    /// The line, from 1; 0 when there is none.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column in characters, from 1. Without a line it only tells values of a command apart.
    pub fn column(&self) -> u32 {
        self.column
    }
}

impl fmt::Display for Source {
    /// `kea-dhcp4.conf:3:14`, or just the name when there is no line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(self.file()),
            line => write!(f, "{}:{line}:{}", self.file(), self.column),
        }
    }
}
