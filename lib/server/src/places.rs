//! Where files of modules may be.

use jiff::tz::TimeZone;
use kotare_config::json::Diagnostics;
use kotare_config::process::Database;
use kotare_daemon::{PathKind, Paths, Validated};
use kotare_modules::{Place, Places};
use kotare_process::Judge;
use kotare_store_sql::Access;

use crate::family::Family;
use crate::surroundings::Surroundings;

/// What modules need of an installation.
#[derive(Debug)]
pub(crate) struct Installed {
    paths: Paths,
    zone: TimeZone,
}

impl<F: Family> Surroundings<F> {
    /// What modules need of the installation around.
    pub(crate) fn places(&self) -> Installed {
        Installed { paths: self.paths.clone(), zone: TimeZone::system() }
    }
}

fn place(Validated { path, warning }: Validated) -> Place {
    Place { path: path.into(), warning }
}

impl Places for Installed {
    fn legal_logs(&self, written: &str) -> Result<Place, String> {
        let judged = self.paths.check_directory(PathKind::LegalLog, written);
        judged.map(place).map_err(|error| error.to_string())
    }

    fn data(&self, written: &str) -> Result<Place, String> {
        self.paths.file(PathKind::Data, written).map(place).map_err(|error| error.to_string())
    }

    fn script(&self, written: &str) -> Result<Place, String> {
        self.paths.file(PathKind::HookScript, written).map(place).map_err(|error| error.to_string())
    }

    fn module(&self, written: &str) -> Result<Place, String> {
        self.paths.file(PathKind::Hook, written).map(place).map_err(|error| error.to_string())
    }

    fn database(&self, written: &Database, diagnostics: &mut Diagnostics) -> Option<Access> {
        Some(Judge { paths: &self.paths, diagnostics }.database(written)?.access)
    }

    fn request_queue(&self, written: Option<&str>, protocol: &str) -> Result<Place, String> {
        let Some(written) = written else {
            let folder = self.paths.directory(PathKind::Data);
            self.paths.make_if_missing(folder).map_err(|error| error.to_string())?;
            let name = format!("kea-{}.queue", protocol.replace("DHCPv", "dhcp"));
            return Ok(Place { path: folder.join(name), warning: None });
        };
        self.paths.file(PathKind::Data, written).map(place).map_err(|error| error.to_string())
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }
}
