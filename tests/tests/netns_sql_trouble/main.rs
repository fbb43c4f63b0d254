//! Servers with leases in databases that are in trouble, of each engine: SQLite in a file, and private servers of MariaDB and
//! PostgreSQL. Whatever happens there, the server lives, says what is wrong, and acknowledges nothing that is not stored.

mod clock;
mod disk;
mod half_upgraded;
mod kept;
mod odd;
mod silence;
mod texts;
mod unusable;
