//! Servers that work together on a link that loses, delays and reorders, in virtual time: what they promise holds whatever
//! happens, and they find back to each other.

mod client;
mod exchange;
mod faults;
mod invariants;
mod link;
mod node;
mod scenes;
mod talk;
mod world;
