//! What is kept in databases, in each of the three engines: SQLite in a file, and private servers of the others.

mod leases;
mod schema;
mod values;
mod world;
