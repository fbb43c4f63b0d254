//! Which commands there are, as far as roles can tell them apart.
//!
//! Kea takes them from a folder of files that describe them (`api-files`). Here the tables of the server and of all hook
//! libraries say the same; the folder is read where it is configured and there is one, and then only what stands there
//! counts, as in Kea.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kotare_config::Level;
use kotare_config::json::Diagnostics;
use kotare_control::{Access, Facts};
use serde_json::Value as Json;

use super::parameters::COMMAND;

/// How many files of a folder are read. Kea's has some 220.
const MOST_FILES: usize = 10_000;
/// How long each may be, in bytes.
const LONGEST: u64 = 1 << 20;

const NEEDLESS: &str = "leave \"api-files\" out: this server knows its commands without";

/// What a program declares of a command that it runs or passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared<'a> {
    /// The command.
    pub name: &'a str,
    /// What it does to the server.
    pub access: Access,
    /// The hook library it is of; empty for the server's own.
    pub hook: &'a str,
}

impl Declared<'static> {
    /// A command of the library `hook`; of the server itself, if that is empty.
    pub fn of(facts: &Facts, hook: &'static str) -> Self {
        Self { name: facts.name, access: facts.access, hook }
    }
}

/// All commands, by name.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    known: HashMap<Box<str>, Known>,
    /// The folder that was read, and how much was in it.
    pub(super) read: Option<Read>,
    /// How many were added in `commands`.
    pub(super) extra: usize,
}

/// What is known of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// What it does to the server.
    pub(super) access: Access,
    /// The hook library it is of; empty for the server's own.
    pub(super) hook: Box<str>,
}

/// A folder of API files.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) folder: Box<str>,
    pub(super) commands: usize,
    pub(super) accesses: usize,
    pub(super) hooks: usize,
}

/// A command that somebody sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    pub(super) name: &'a str,
    pub(super) known: Option<&'a Known>,
}

impl Catalogue {
    /// The commands of these parameters in a program that declares some. What is wrong goes to `diagnostics`.
    pub(super) fn read<'a>(
        parameters: Level<'_>,
        declared: impl IntoIterator<Item = Declared<'a>>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut catalogue = Self::default();
        match parameters.own("api-files") {
            Some(value) if fs::exists(value.as_str().unwrap_or_default()).unwrap_or(true) => {
                let folder = value.as_str().unwrap_or_default();
                if let Err(reason) = catalogue.take_files(folder) {
                    diagnostics.error_with_hint(value.source(), reason, NEEDLESS);
                }
                for path in writable(Path::new(folder)) {
                    let message =
                        format!("'{}' decides on access, and everybody can change it", path.display());
                    diagnostics.warning_with_hint(value.source(), message, "chmod o-w it");
                }
            }
            written => {
                // It went with the Kea that was there before, most likely.
                if let Some(value) = written {
                    let message = format!(
                        "there is no folder '{}': commands have the access that the server declares",
                        value.as_str().unwrap_or_default()
                    );
                    diagnostics.warning_with_hint(value.source(), message, NEEDLESS);
                }
                catalogue.known.extend(declared.into_iter().map(row));
            }
        }
        catalogue.take_extra(parameters, diagnostics);
        catalogue
    }

    /// A command of this name, known or not.
    pub(super) fn sent<'a>(&'a self, name: &'a str) -> Sent<'a> {
        Sent { name, known: self.known.get(name) }
    }

    /// Whether a hook library of this name has a command.
    pub(super) fn has_hook(&self, hook: &str) -> bool {
        self.known.values().any(|known| &*known.hook == hook)
    }

    fn take_files(&mut self, folder: &str) -> Result<(), String> {
        let files = files(Path::new(folder))?;
        for path in &files {
            let (name, known) =
                described(path).map_err(|reason| format!("'{}': {reason}", path.display()))?;
            if self.known.insert(name.as_str().into(), known).is_some() {
                return Err(format!(
                    "'{}' describes '{name}', as another file of the folder does",
                    path.display()
                ));
            }
        }
        let accesses =
            ACCESSES.iter().filter(|access| self.known.values().any(|known| known.access == **access));
        let hooks: BTreeSet<_> =
            self.known.values().map(|known| &known.hook).filter(|hook| !hook.is_empty()).collect();
        let (commands, accesses, hooks) = (self.known.len(), accesses.count(), hooks.len());
        self.read = Some(Read { folder: folder.into(), commands, accesses, hooks });
        Ok(())
    }

    /// Takes `commands`, which say of a command what holds, whatever else is said of it.
    fn take_extra(&mut self, parameters: Level<'_>, diagnostics: &mut Diagnostics) {
        let mut taken = BTreeSet::new();
        for entry in parameters.list(&COMMAND) {
            let Some(value) = entry.own("name") else { continue };
            let name = value.as_str().unwrap_or_default();
            if name.is_empty() {
                diagnostics.error(value.source(), "a command has a name");
            } else if !taken.insert(name) {
                diagnostics.error(value.source(), format!("the command \"{name}\" is described twice"));
            }
            if let Some(access) = access(entry.text("access")) {
                self.known.insert(name.into(), Known { access, hook: entry.text("hook").into() });
            }
        }
        self.extra = taken.len();
    }
}

const ACCESSES: [Access; 2] = [Access::Read, Access::Write];

/// The access of this name.
pub(super) fn access(name: &str) -> Option<Access> {
    ACCESSES.into_iter().find(|access| access.name().eq_ignore_ascii_case(name))
}

fn row(Declared { name, access, hook }: Declared<'_>) -> (Box<str>, Known) {
    (name.into(), Known { access, hook: hook.into() })
}

/// The files of a folder that describe commands; what begins with `_` is a template for such.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error| format!("cannot read the API files of '{}': {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_template = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('_'));
        if path.extension().is_some_and(|extension| extension == "json") && !is_template {
            if found.len() == MOST_FILES {
                return Err(format!("'{}' has more than {MOST_FILES} files", folder.display()));
            }
            found.push(path);
        }
    }
    found.sort();
    match found.is_empty() {
        true => Err(format!("'{}' has no file (*.json) that describes a command", folder.display())),
        false => Ok(found),
    }
}

/// The command that a file describes.
fn described(path: &Path) -> Result<(String, Known), String> {
    match fs::metadata(path) {
        Err(error) => return Err(error.to_string()),
        Ok(metadata) if !metadata.is_file() => return Err("is no regular file".to_owned()),
        Ok(metadata) if metadata.len() > LONGEST => return Err(format!("is longer than {LONGEST} bytes")),
        Ok(_) => {}
    }
    let text = fs::read(path).map_err(|error| error.to_string())?;
    let file: Json = serde_json::from_slice(&text).map_err(|error| format!("is not JSON: {error}"))?;
    let text = |keyword: &str| file.get(keyword).and_then(Json::as_str);
    let name = text("name").filter(|name| !name.is_empty()).ok_or("\"name\" is missing")?;
    let access = text("access").and_then(access).ok_or("\"access\" must be \"read\" or \"write\"")?;
    Ok((name.to_owned(), Known { access, hook: text("hook").unwrap_or_default().into() }))
}

/// What of the folder everybody can change, the first few of it.
fn writable(folder: &Path) -> Vec<PathBuf> {
    let all = std::iter::once(folder.to_owned()).chain(files(folder).unwrap_or_default());
    let is_writable = |path: &PathBuf| fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o002 != 0);
    all.filter(is_writable).take(3).collect()
}
