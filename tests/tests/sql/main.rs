//! What is kept in databases, in each of the three engines: SQLite in a file, and private servers of the others.

mod admin;
mod bulk;
mod config;
mod connections;
mod contention;
mod half_upgraded;
mod halves;
mod hosts;
mod leases;
mod logs;
mod objects;
mod oddities;
mod relayed;
mod routines;
mod schema;
mod senseless;
mod several;
mod shared;
mod stalling;
mod trouble;
mod values;
mod world;
