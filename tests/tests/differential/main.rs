//! The same packets and commands to the real Kea and to ours, under the same configuration.
//!
//! The real Kea is the one Debian packages, 2.2. Each script plays clients and relays against both; the replies,
//! or the silence, are compared field by field and option by option, with the addresses they are sent to. Where
//! the two differ, [`explained`] says why, by a later Kea or an RFC. A difference without explanation fails, and
//! so does an explanation without its difference.

#[path = "../packets/mod.rs"]
mod packets;

mod control;
mod explained;
mod reply;
mod scripts;
mod stage;
mod v6;
mod verdict;
