//! Life of a process: what every Kea daemon does before, around and after its work.
//!
//! Building blocks, no framework: a program reads its [`Environment`] and [`args`], works out its [`Paths`] from the
//! [`Installation`] it belongs to, starts [`logging`], takes its [`PidFile`], spawns [`Workers`] that serve from a
//! [`Published`] snapshot by the [`Clock`], listens to [`Signals`] and tells the service manager through
//! [`Notifier`]. Everything is a value that is passed on; the one thing global is tracing's default subscriber,
//! which [`logging::Logging`] sets once and reconfigures in place.

pub mod args;
mod chance;
mod clock;
mod directory;
mod environment;
mod figures;
mod installation;
pub mod logging;
mod notify;
mod paths;
mod pid_file;
mod privilege;
mod signals;
mod snapshot;
mod workers;

pub use chance::seed;
pub use clock::{Clock, ManualClock, Moment};
pub use directory::DirectoryError;
pub use environment::Environment;
pub use figures::Figures;
pub use installation::Installation;
pub use notify::Notifier;
pub use paths::{PathError, PathKind, PathRule, Paths, Validated};
pub use pid_file::{PidFile, PidFileError};
pub use privilege::{restrict_umask, running_as_root, survive_file_limits};
pub use signals::{Signal, Signals};
pub use snapshot::{Published, Snapshot};
pub use workers::{Stop, StopReport, Workers};
