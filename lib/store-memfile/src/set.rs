//! The files of a lease file's set, opened together: what a server would load, while servers and cleanups go on.

use std::fs::{self, File};
use std::marker::PhantomData;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kotare_model::Lease4;
use kotare_store::StoreError;

use crate::files::open_regular;
use crate::kept::Kept;
use crate::lfc::LfcFiles;
use crate::messages::KOTARE_LEASE_FILE_IGNORED;
use crate::rows::{Row, Rows};

/// How often the files are opened anew because one was moved meanwhile.
const ATTEMPTS: usize = 100;

/// The files that a server would load, open for reading. Nothing is locked, made or changed, and what others move or
/// remove later is still read.
#[derive(Debug)]
pub struct FileSet<L: Kept = Lease4>(Vec<(PathBuf, File)>, PhantomData<L>);

impl<L: Kept> FileSet<L> {
    /// The lease file `path` with what its cleanups left.
    ///
    /// Where the same files are called so before and after all were opened, they belong together: a cleanup and a server
    /// that begins one change more than one name.
    ///
    /// # Errors
    /// If a file cannot be read, or there is none at all.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let names = LfcFiles::of(path);
        let paths = [&names.previous, &names.copy, &names.finish, path];
        for _ in 0..ATTEMPTS {
            let mut opened = Vec::new();
            for path in paths {
                opened.push(open(path)?);
            }
            let still = paths.iter().zip(&opened).all(|(path, file)| is_still(path, file.as_ref()));
            if still {
                return Self::of(paths, opened).and_then(|set| set.not_empty(path));
            }
        }
        Err(StoreError::unavailable(
            format!("read leases from {}", path.display()),
            "its files are moved again and again; try again later",
        ))
    }

    /// One file alone, whatever is beside it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn single(path: &Path) -> Result<Self, StoreError> {
        Self(open(path)?.map(|file| (path.to_owned(), file)).into_iter().collect(), PhantomData)
            .not_empty(path)
    }

    fn of(paths: [&Path; 4], opened: Vec<Option<File>>) -> Result<Self, StoreError> {
        let there: Vec<bool> = opened.iter().map(Option::is_some).collect();
        let inputs = there[0] || there[1];
        let mut set = Vec::new();
        for (place, (path, file)) in paths.iter().zip(opened).enumerate() {
            let Some(file) = file else { continue };
            // As a server does it: a result that is not whole says less than what it is made from.
            if place == 2
                && inputs
                && let Err(reason) = duplicate(&file, path).and_then(|file| Rows::<L>::of(file, path))
            {
                KOTARE_LEASE_FILE_IGNORED(path.display(), reason);
                continue;
            }
            set.push((path.to_path_buf(), file));
        }
        Ok(Self(set, PhantomData))
    }

    fn not_empty(self, path: &Path) -> Result<Self, StoreError> {
        if self.0.is_empty() {
            let attempted = format!("read leases from {}", path.display());
            return Err(StoreError::refused(attempted, "there is no such file"));
        }
        Ok(self)
    }

    /// The files, in the order in which they are loaded.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|(path, _)| path.as_path())
    }

    /// Calls `each` for every row, in the order in which they count: the last one of an address is its lease.
    ///
    /// # Errors
    /// If a file cannot be read, or is no lease file of these leases.
    pub fn rows(&self, mut each: impl FnMut(&Row<'_, L>)) -> Result<(), StoreError> {
        for (path, file) in &self.0 {
            let mut rows = Rows::<L>::of(duplicate(file, path)?, path)?;
            while let Some(row) = rows.next()? {
                each(&row);
            }
        }
        Ok(())
    }

    /// The schema of each file, as Kea numbers them; `None` for one that is empty.
    ///
    /// # Errors
    /// If a file cannot be read, or is no lease file of these leases.
    pub fn versions(&self) -> Result<Vec<(&Path, Option<String>)>, StoreError> {
        let version = |(path, file): &(PathBuf, File)| {
            Rows::<L>::of(duplicate(file, path)?, path)
                .map(|rows| rows.schema().map(|schema| schema.version(&L::FORMAT)))
        };
        self.0.iter().map(|each| Ok((each.0.as_path(), version(each)?))).collect()
    }
}

fn open(path: &Path) -> Result<Option<File>, StoreError> {
    match open_regular(File::options().read(true), path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::unavailable(format!("read {}", path.display()), error)),
    }
}

/// The same file, to be read from its beginning. One that has another name by now has no other door.
fn duplicate(file: &File, path: &Path) -> Result<File, StoreError> {
    use std::io::Seek;
    let again = file.try_clone().and_then(|mut file| file.rewind().map(|()| file));
    again.map_err(|error| StoreError::unavailable(format!("read {}", path.display()), error))
}

fn is_still(path: &Path, file: Option<&File>) -> bool {
    let now = fs::metadata(path).ok().map(|data| (data.dev(), data.ino()));
    let then = file.and_then(|file| file.metadata().ok()).map(|data| (data.dev(), data.ino()));
    now == then
}
