//! What of the installation around the server modules need.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use kotare_config::json::Diagnostics;
use kotare_config::process::Database;
use kotare_store_sql::{Access, Engine};

/// A file or a directory that a module may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it is.
    pub path: PathBuf,
    /// Why it should not be there, where that is not enforced (`-X`).
    pub warning: Option<String>,
}

impl Place {
    /// The same, if a program or script is there that can be run.
    ///
    /// # Errors
    /// Why it cannot be run.
    pub fn executable(self) -> Result<Self, String> {
        let path = self.path.display();
        match self.path.metadata() {
            Ok(file) if file.is_file() && file.permissions().mode() & 0o111 != 0 => Ok(self),
            Ok(_) => Err(format!("'{path}' is not executable")),
            Err(error) => Err(format!("'{path}' cannot be run: {error}")),
        }
    }
}

/// Where files of modules may be, and what the clock on the wall says there.
pub trait Places: fmt::Debug + Send + Sync {
    /// The directory of legal logs; for an empty `written` the one that there is for them.
    ///
    /// # Errors
    /// Why it may not be that one.
    fn legal_logs(&self, written: &str) -> Result<Place, String>;

    /// A file among the data of the server.
    ///
    /// # Errors
    /// Why it may not be there.
    fn data(&self, written: &str) -> Result<Place, String>;

    /// A script that hook libraries may run.
    ///
    /// # Errors
    /// Why it may not be run.
    fn script(&self, written: &str) -> Result<Place, String>;

    /// A module of WebAssembly, among the hook libraries.
    ///
    /// # Errors
    /// Why it may not be there.
    fn module(&self, written: &str) -> Result<Place, String>;

    /// How a database is reached. What is wrong with its files goes to the diagnostics; there is none then.
    fn database(&self, written: &Database, diagnostics: &mut Diagnostics) -> Option<Access>;

    /// The file that keeps requests for `kea-dhcp-ddns`, among the data of the server; without `written` the one of a server
    /// of this protocol.
    ///
    /// # Errors
    /// Why it may not be that one.
    fn request_queue(&self, written: Option<&str>, protocol: &str) -> Result<Place, String>;

    /// The time zone of the machine.
    fn zone(&self) -> TimeZone;
}

/// An installation where everything may be anywhere, in UTC, and databases are files.
#[derive(Clone, Copy, Debug)]
pub struct Anywhere;

impl Places for Anywhere {
    fn legal_logs(&self, written: &str) -> Result<Place, String> {
        Ok(Place { path: written.into(), warning: None })
    }

    fn data(&self, written: &str) -> Result<Place, String> {
        Ok(Place { path: written.into(), warning: None })
    }

    fn script(&self, written: &str) -> Result<Place, String> {
        Ok(Place { path: written.into(), warning: None })
    }

    fn module(&self, written: &str) -> Result<Place, String> {
        Ok(Place { path: written.into(), warning: None })
    }

    fn database(&self, written: &Database, _: &mut Diagnostics) -> Option<Access> {
        Some(Access::new(Engine::Sqlite, &*written.name.path))
    }

    fn request_queue(&self, written: Option<&str>, protocol: &str) -> Result<Place, String> {
        Ok(Place { path: written.unwrap_or(protocol).into(), warning: None })
    }

    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }
}
