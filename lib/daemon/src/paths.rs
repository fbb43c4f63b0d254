//! Where a daemon may keep files: one supported directory for each kind of path.
//!
//! Kea accepts a path in the configuration only if it is a plain file name, which is then taken below the
//! supported directory, or names exactly that directory (manual, "Securing a Kea Deployment"). `-X` relaxes
//! the rule to a warning, and the path is taken as written.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::directory::{self, DirectoryError};
use crate::{Environment, Installation};

/// The supported directories, and whether keeping to them is enforced.
#[derive(Clone, Debug)]
pub struct Paths {
    rules: [PathRule; PathKind::ALL.len()],
    /// Where pid files are.
    pub pid_files: PathBuf,
    /// Where lock files of logging are; `None` when the environment says `none`.
    pub lock_files: Option<PathBuf>,
    enforced: bool,
}

/// What a path in the configuration is for, with the variable that names another directory and the directory of
/// the system's [`Installation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathKind {
    /// A UNIX control socket: `KEA_CONTROL_SOCKET_DIR`, `/run/kea`.
    ControlSocket,
    /// Lease files, the DUID file, cached reservations: `KEA_DHCP_DATA_DIR`, `/var/lib/kea`.
    Data,
    /// A log file: `KEA_LOG_FILE_DIR`, `/var/log/kea`.
    Log,
    /// A forensic log: `KEA_LEGAL_LOG_DIR`, `/var/log/kea`.
    LegalLog,
    /// A hook library: `KEA_HOOKS_PATH`, `/usr/lib/<machine>/kea/hooks`.
    Hook,
    /// A script a hook library runs: `KEA_HOOK_SCRIPTS_PATH`, `/usr/share/kea/scripts`.
    HookScript,
}

/// The supported directory of one kind of path.
#[derive(Clone, Debug)]
pub struct PathRule {
    kind: PathKind,
    directory: String,
    overridden: bool,
}

/// A path that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
    /// The path to use.
    pub path: String,
    /// Why it is not one that Kea supports; only under `-X`, to be logged as a warning.
    pub warning: Option<String>,
}

/// Why a path may not be used. Says what `-X` or which variable would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The path ends in no file name.
    NoFileName {
        /// The path as written.
        path: String,
    },
    /// The path is outside the supported directory.
    Unsupported {
        /// What the path is for.
        kind: PathKind,
        /// The directory (of a file) or the directory itself, as written.
        directory: String,
        /// The supported one.
        supported: String,
    },
    /// The directory of the control sockets lets too many in.
    Permissions {
        /// The directory.
        directory: String,
    },
}

impl Paths {
    /// The variable that names another directory for pid files.
    pub const PID_FILES: &str = "KEA_PIDFILE_DIR";

    /// The directories of the installation the program belongs to, changed by what `environment` overrides.
    /// `enforced` is false under `-X`.
    pub fn new(environment: &Environment, enforced: bool) -> Self {
        let installation = Installation::of(environment);
        let rules = PathKind::ALL.map(|kind| PathRule::new(kind, &installation, environment));
        let pid_files = environment.var(Self::PID_FILES).map_or(installation.run.clone(), PathBuf::from);
        let lock_files = match environment.text("KEA_LOCKFILE_DIR") {
            Some(none) if none.eq_ignore_ascii_case("none") => None,
            Some(directory) => Some(directory.into()),
            None => Some(installation.run),
        };
        Self { rules, pid_files, lock_files, enforced }
    }

    /// The rule for one kind of path.
    pub fn rule(&self, kind: PathKind) -> &PathRule {
        &self.rules[kind as usize]
    }

    /// The supported directory for one kind of path, without a slash at the end.
    pub fn directory(&self, kind: PathKind) -> &Path {
        Path::new(&self.rule(kind).directory)
    }

    /// Whether unsupported paths are errors (true) or only deserve a warning (`-X`).
    pub fn enforced(&self) -> bool {
        self.enforced
    }

    /// Judges the path of a file: a plain name is taken below the supported directory.
    pub fn file(&self, kind: PathKind, written: &str) -> Result<Validated, PathError> {
        let rule = self.rule(kind);
        let written = written.trim();
        let (directory, name) = match written.rsplit_once('/') {
            Some((directory, name)) => (Some(directory), name),
            None => (None, written),
        };
        if matches!(name, "" | "." | "..") {
            return Err(PathError::NoFileName { path: written.to_owned() });
        }
        match directory {
            Some(directory) if directory.is_empty() || directory != rule.directory => {
                let directory = if directory.is_empty() { "/" } else { directory };
                self.unsupported(rule, directory, written)
            }
            _ => Ok(Validated { path: format!("{}/{name}", rule.directory), warning: None }),
        }
    }

    /// Judges a directory: empty means the supported one; slashes at the end do not matter.
    pub fn check_directory(&self, kind: PathKind, written: &str) -> Result<Validated, PathError> {
        let rule = self.rule(kind);
        if written.is_empty() || written.trim_end_matches('/') == rule.directory {
            return Ok(Validated { path: rule.directory.clone(), warning: None });
        }
        self.unsupported(rule, written, written)
    }

    /// Judges the directory of the control sockets: others must have no access to it. `Ok` with a reason is a
    /// warning (`-X`).
    pub fn check_socket_permissions(&self) -> Result<Option<String>, PathError> {
        let directory = &self.rule(PathKind::ControlSocket).directory;
        let mode = std::fs::metadata(directory).map_or(0, |data| data.permissions().mode() & 0o777);
        if mode & !SOCKET_DIRECTORY_MODE == 0 {
            return Ok(None);
        }
        let error = PathError::Permissions { directory: directory.clone() };
        if self.enforced { Err(error) } else { Ok(Some(error.fact())) }
    }

    /// Makes `directory` if it is one that files of this daemon belong in and it is missing. Those of hook libraries
    /// and scripts, which are only read, and those that `-X` lets through are left to the operator.
    ///
    /// # Errors
    /// If it is missing and cannot be made.
    pub fn make_if_missing(&self, directory: &Path) -> Result<(), DirectoryError> {
        let rules = self.rules.iter().filter(|rule| rule.kind.is_written());
        let mut supported = rules.map(|rule| (Path::new(&rule.directory), rule.kind.variable()));
        let variable = match supported.find(|(supported, _)| *supported == directory) {
            Some((_, variable)) => variable,
            None if directory == self.pid_files => Self::PID_FILES,
            None => return Ok(()),
        };
        directory::make_if_missing(directory, variable)
    }

    fn unsupported(&self, rule: &PathRule, directory: &str, written: &str) -> Result<Validated, PathError> {
        let error = PathError::Unsupported {
            kind: rule.kind,
            directory: directory.to_owned(),
            supported: rule.directory.clone(),
        };
        if self.enforced {
            Err(error)
        } else {
            Ok(Validated { path: written.to_owned(), warning: Some(error.fact()) })
        }
    }
}

/// What a directory of control sockets may allow at most.
const SOCKET_DIRECTORY_MODE: u32 = 0o750;

impl PathKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 6] =
        [Self::ControlSocket, Self::Data, Self::Log, Self::LegalLog, Self::Hook, Self::HookScript];

    /// The environment variable that names another supported directory.
    pub fn variable(self) -> &'static str {
        match self {
            Self::ControlSocket => "KEA_CONTROL_SOCKET_DIR",
            Self::Data => "KEA_DHCP_DATA_DIR",
            Self::Log => "KEA_LOG_FILE_DIR",
            Self::LegalLog => "KEA_LEGAL_LOG_DIR",
            Self::Hook => "KEA_HOOKS_PATH",
            Self::HookScript => "KEA_HOOK_SCRIPTS_PATH",
        }
    }

    /// Whether daemons make files there.
    fn is_written(self) -> bool {
        !matches!(self, Self::Hook | Self::HookScript)
    }
}

impl PathRule {
    fn new(kind: PathKind, installation: &Installation, environment: &Environment) -> Self {
        let default = installation.directory(kind).to_string_lossy();
        let directory =
            environment.text(kind.variable()).unwrap_or(&default).trim_end_matches('/').to_owned();
        Self { kind, overridden: directory != default, directory }
    }

    /// True when the environment changed the directory.
    pub fn overridden(&self) -> bool {
        self.overridden
    }
}

impl PathError {
    /// The fact alone, in Kea's words, without advice.
    fn fact(&self) -> String {
        match self {
            Self::NoFileName { path } => format!("path: '{path}' has no filename"),
            Self::Unsupported { directory, supported, .. } => {
                format!("invalid path specified: '{directory}', supported path is '{supported}'")
            }
            Self::Permissions { directory } => format!(
                "socket path:{directory} does not exist or has more relaxed permissions than \
                 {SOCKET_DIRECTORY_MODE:o}"
            ),
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fact())?;
        match self {
            Self::NoFileName { .. } => Ok(()),
            Self::Permissions { directory } => {
                write!(f, " (chmod {SOCKET_DIRECTORY_MODE:o} {directory}, or start with -X to allow it)")
            }
            Self::Unsupported { kind, .. } => {
                write!(f, " (set {} to support another, or start with -X to allow any)", kind.variable())
            }
        }
    }
}

impl std::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(enforced: bool) -> Paths {
        Paths::new(&Environment::from_iter([("KEA_DHCP_DATA_DIR", "/srv/leases//")]), enforced)
    }

    /// A plain name, and a full path in the supported directory, mean the same file.
    #[test]
    fn a_name_is_taken_below_the_supported_directory() {
        let ok = |path: &str| Ok(Validated { path: path.into(), warning: None });
        assert_eq!(paths(true).file(PathKind::Log, " kea.log "), ok("/var/log/kea/kea.log"));
        assert_eq!(paths(true).file(PathKind::Log, "/var/log/kea/kea.log"), ok("/var/log/kea/kea.log"));
        assert_eq!(paths(true).file(PathKind::Data, "/srv/leases/a.csv"), ok("/srv/leases/a.csv"));
        assert_eq!(paths(true).file(PathKind::ControlSocket, "s"), ok("/run/kea/s"));
    }

    /// Every other directory is refused: above, below, beside, relative, with dots, the root.
    #[test]
    fn other_directories_are_refused_with_kea_s_words() {
        for path in ["/tmp/x", "/x", "./x", "/var/log/kea/sub/x", "/var/log/kea/../kea/x", "/var/log/kea//x"]
        {
            let error = paths(true).file(PathKind::Log, path).unwrap_err().to_string();
            let (directory, _) = path.rsplit_once('/').unwrap();
            let directory = if directory.is_empty() { "/" } else { directory };
            let fact = format!("invalid path specified: '{directory}', supported path is '/var/log/kea'");
            assert!(error.starts_with(&fact), "{error}");
            assert!(error.contains("KEA_LOG_FILE_DIR"), "{error}");
        }
    }

    /// A path must end in a name, also under `-X`.
    #[test]
    fn a_path_without_a_file_name_is_refused() {
        for path in ["", ".", "..", "/var/log/kea/", "/var/log/kea/.."] {
            assert!(
                matches!(paths(false).file(PathKind::Log, path), Err(PathError::NoFileName { .. })),
                "{path}"
            );
        }
    }

    /// Under `-X` an unsupported path is used as written, with a warning.
    #[test]
    fn relaxed_paths_are_used_as_written_with_a_warning() {
        let validated = paths(false).file(PathKind::Log, "/tmp/kea.log").unwrap();
        assert_eq!(validated.path, "/tmp/kea.log");
        let warning = "invalid path specified: '/tmp', supported path is '/var/log/kea'";
        assert_eq!(validated.warning.as_deref(), Some(warning));
        assert_eq!(paths(false).file(PathKind::Log, "x").unwrap().warning, None);
    }

    /// The sockets' directory may allow 0750 at most; one that is missing is for the one who binds to tell.
    #[test]
    fn the_sockets_directory_is_closed_to_others() {
        let directory = tempfile::tempdir().unwrap();
        let check = |enforced, mode| {
            let environment = Environment::from_iter([("KEA_CONTROL_SOCKET_DIR", directory.path())]);
            std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            Paths::new(&environment, enforced).check_socket_permissions()
        };
        assert_eq!(check(true, 0o750), Ok(None));
        assert_eq!(check(true, 0o700), Ok(None));
        let error = check(true, 0o755).unwrap_err().to_string();
        assert!(error.contains("has more relaxed permissions than 750 (chmod 750 "), "{error}");
        assert!(check(false, 0o770).unwrap().unwrap().ends_with("more relaxed permissions than 750"));
        let missing = Environment::from_iter([("KEA_CONTROL_SOCKET_DIR", "/nonexistent")]);
        assert_eq!(Paths::new(&missing, true).check_socket_permissions(), Ok(None));
    }

    /// Directories compare without the slashes at their end; empty means the supported one.
    #[test]
    fn directories_are_compared_without_trailing_slashes() {
        for written in ["", "/srv/leases", "/srv/leases//"] {
            assert_eq!(paths(true).check_directory(PathKind::Data, written).unwrap().path, "/srv/leases");
        }
        assert!(paths(true).check_directory(PathKind::Data, "/srv").is_err());
        assert!(paths(true).rule(PathKind::Data).overridden());
        assert!(!paths(true).rule(PathKind::Log).overridden());
    }

    /// `KEA_LOCKFILE_DIR=none` turns lock files off, in any case of letters.
    #[test]
    fn lock_files_can_be_turned_off() {
        let none = Environment::from_iter([("KEA_LOCKFILE_DIR", "None")]);
        assert_eq!(Paths::new(&none, true).lock_files, None);
        assert_eq!(paths(true).lock_files.as_deref(), Some(Path::new("/run/kea")));
        assert_eq!(paths(true).pid_files, Path::new("/run/kea"));
    }

    /// A program of another installation keeps its files below that one's prefix, and the environment still wins.
    #[test]
    fn a_program_below_a_prefix_keeps_its_files_there() {
        let environment = Environment::from_iter([("KEA_LOG_FILE_DIR", "/srv/log")]);
        let paths = Paths::new(&environment.with_program("/opt/kea/sbin/kea-dhcp4"), true);
        let directory = |kind| paths.directory(kind).display().to_string();
        assert_eq!(directory(PathKind::Data), "/opt/kea/var/lib/kea");
        assert_eq!(directory(PathKind::ControlSocket), "/opt/kea/var/run/kea");
        assert_eq!(directory(PathKind::HookScript), "/opt/kea/share/kea/scripts");
        assert_eq!(directory(PathKind::Log), "/srv/log");
        assert_eq!(directory(PathKind::LegalLog), "/opt/kea/var/log/kea");
        assert_eq!(paths.pid_files, Path::new("/opt/kea/var/run/kea"));
        assert!(!paths.rule(PathKind::Data).overridden());
        assert!(paths.file(PathKind::Data, "/var/lib/kea/kea-leases4.csv").is_err());
    }

    /// The directories that daemons write to are made, whether the installation or a variable names them; those of
    /// libraries and scripts, and any other, are not.
    #[test]
    fn only_directories_that_are_written_to_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let below = |name: &str| folder.path().join(name);
        let environment = Environment::from_iter([
            ("KEA_DHCP_DATA_DIR", below("data")),
            ("KEA_PIDFILE_DIR", below("pid")),
            ("KEA_HOOKS_PATH", below("hooks")),
        ]);
        let paths = Paths::new(&environment, false);
        for name in ["data", "pid", "hooks", "other"] {
            paths.make_if_missing(&below(name)).unwrap();
        }
        assert_eq!(
            ["data", "pid", "hooks", "other"].map(|name| below(name).is_dir()),
            [true, true, false, false]
        );
        let nowhere = Environment::from_iter([("KEA_DHCP_DATA_DIR", below("missing/data"))]);
        let error = Paths::new(&nowhere, true).make_if_missing(&below("missing/data")).unwrap_err();
        assert!(error.to_string().contains("or set KEA_DHCP_DATA_DIR to another"), "{error}");
    }
}
