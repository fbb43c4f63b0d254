//! What partners tell each other: the commands of Kea's, as JSON.

mod answer;
mod date;
mod heartbeat;
mod request;

pub use answer::{Refusal, read_answer};
pub use date::{http_date, read_http_date};
pub use heartbeat::{Beyond, Heartbeat};
pub use request::{Asker, COMMANDS4, COMMANDS6};

/// Result codes of commands that partners tell apart.
pub mod result {
    /// Done.
    pub const SUCCESS: i64 = 0;
    /// Not done.
    pub const ERROR: i64 = 1;
    /// There is no such command.
    pub const UNSUPPORTED: i64 = 2;
    /// There was nothing to do, or nothing of it could be done.
    pub const EMPTY: i64 = 3;
    /// It contradicts the configuration or another lease.
    pub const CONFLICT: i64 = 4;
    /// The server is in no state to be shut down (`ha-maintenance-notify`).
    pub const MAINTENANCE_NOT_ALLOWED: i64 = 1001;
}
