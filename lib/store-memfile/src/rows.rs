//! The rows of one lease file, one after the other, with their places: for programs that look at files.

use std::fs::File;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use kotare_model::{Lease4, LeaseType, Lifetime, SubnetId};
use kotare_store::StoreError;

use crate::kept::Kept;
use crate::lines::{LONGEST, Line, Lines};
use crate::load::read_header;
use crate::row::{RowError, Scratch};
use crate::schema::Schema;
use crate::view::View;

/// A lease file that is read row by row.
pub(crate) struct Rows<L: Kept> {
    lines: Lines,
    path: PathBuf,
    schema: Option<Schema>,
    room: Room,
    of: PhantomData<L>,
}

/// A line and the parts of its row.
#[derive(Default)]
struct Room {
    line: Vec<u8>,
    parts: Scratch,
}

/// A row of a lease file, sound or not.
pub struct Row<'a, L: Kept = Lease4> {
    /// The file it is in.
    pub file: &'a Path,
    /// Its line there, from 1 on; the header is a line, too.
    pub line: u64,
    /// Its bytes in the file, with its newline if it has one.
    pub bytes: Range<u64>,
    pub(crate) read: Result<View<'a, L>, RowError<'a>>,
}

/// What a sound row says, as far as a check of its place needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLease<A> {
    /// Whose lease.
    pub address: A,
    /// What it is a lease of.
    pub lease_type: LeaseType,
    /// The subnet it is of.
    pub subnet_id: SubnetId,
    /// Whether the row removes the lease.
    pub removes: bool,
}

impl<L: Kept> Row<'_, L> {
    /// What it says.
    ///
    /// # Errors
    /// Why it is damaged, with the value.
    pub fn lease(&self) -> Result<RowLease<L::Address>, String> {
        match &self.read {
            Ok(lease) => Ok(RowLease {
                address: lease.address,
                lease_type: L::kind(&lease.own),
                subnet_id: lease.subnet_id,
                removes: lease.valid_lifetime == Lifetime(0),
            }),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether it is sound.
    pub fn is_sound(&self) -> bool {
        self.read.is_ok()
    }
}

impl<L: Kept> Rows<L> {
    /// The rows of a file that was opened as `path`.
    ///
    /// # Errors
    /// If it cannot be read, or is no lease file of these leases.
    pub(crate) fn of(file: File, path: &Path) -> Result<Self, StoreError> {
        let mut lines = Lines::of(file, path);
        let schema = read_header(&mut lines, path, &L::FORMAT)?;
        Ok(Self { lines, path: path.to_owned(), schema, room: Room::default(), of: PhantomData })
    }

    /// What the header says; `None` in an empty file.
    pub(crate) fn schema(&self) -> Option<Schema> {
        self.schema
    }

    /// The next row; `None` after the last. Blank lines are none.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_, L>>, StoreError> {
        let Some(schema) = self.schema else { return Ok(None) };
        let Self { lines, path, room, .. } = self;
        loop {
            let start = lines.position();
            // The line is borrowed from `lines`, which is asked for its place before.
            let line = match lines.next()? {
                None => return Ok(None),
                Some(Line::TooLong) => None,
                Some(Line::Whole(line) | Line::Torn(line)) => {
                    let line = line.strip_suffix(b"\r").unwrap_or(line);
                    if line.is_empty() {
                        continue;
                    }
                    room.line.clear();
                    room.line.extend_from_slice(line);
                    Some(())
                }
            };
            let (number, end) = (lines.number(), lines.position());
            let read = match line {
                None => Err(RowError::TooLong { limit: LONGEST }),
                Some(()) => L::parse(&room.line, schema.columns(&L::FORMAT), &mut room.parts),
            };
            return Ok(Some(Row { file: path, line: number, bytes: start..end, read }));
        }
    }
}
