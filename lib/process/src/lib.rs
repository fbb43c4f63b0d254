//! What every daemon with a configuration and commands does alike, whatever it serves.
//!
//! A configuration is judged where it runs: the paths of its log files and sockets ([`Judge`]), the secrets and
//! certificates of its HTTP sockets ([`http_listeners`]). It comes in the arguments of a command ([`sent`]), is checked
//! without being used ([`check`]) and written to a file ([`config_file`]). [`Control`] is where commands come from, and
//! [`configured`] has those about the configuration that change nothing. What is no DHCP server has its life in common, too ([`program`]).

mod check;
pub mod config_file;
pub mod configured;
mod control;
mod judge;
mod judged_database;
mod judged_http;
mod judged_key;
mod judged_way;
pub mod messages;
pub mod program;
mod remarks;
mod sent;

pub use check::{check, check_and_lint, print};
pub use control::{Control, ControlConfig, ControlError, Prepared};
pub use judge::{Judge, log_by};
pub use judged_database::DatabaseAt;
pub use judged_http::{http_credentials, http_listeners};
pub use judged_key::key_secret;
pub use judged_way::Way;
pub use remarks::{tell_without_effect, warn_of};
pub use sent::{exit_code, sent};
