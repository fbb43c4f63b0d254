//! Names of a server's own clients, without files and sockets: nothing here waits, sends or reads a clock.
//!
//! A [`Table`] knows which addresses have which names and decides whose a name is that several clients claim; [`Rules`] say
//! which names clients may have at all. What it knows is told in two ways: as files that other programs read
//! ([`hosts_file`], [`unbound_file`]), and as [`answer`]s to questions of the DNS about the names of [`Zones`].

mod answer;
mod files;
mod fixed;
mod rules;
mod table;
#[cfg(test)]
mod tests;
mod zones;

pub use answer::{Answered, LONGEST_QUESTION, Transport, answer};
pub use files::{hosts_file, read_hosts, unbound_file};
pub use fixed::Fixed;
pub use rules::Rules;
pub use table::{Held, MOST, Owner, Table};
pub use zones::{Zones, reverse_zones};
