//! Routes to delegated prefixes (`delegated-prefix-routes`), which Kea leaves to others: docs/differences.md.
//!
//! A lease of a prefix remembers where its client is (`hop`, `stamp`). Every change of a lease, whoever makes it, is noted
//! (`changes`), and a task makes of it what is to be done (`plan`) and does it (`keeper`): in the kernel (`kernel`) or by a
//! script (`script`). No exchange waits for that. What is noted is only the newest state of each prefix; where even that is
//! too much, and at the start, when interfaces change and every few minutes, all leases are looked through.

mod changes;
mod hop;
mod keeper;
mod kernel;
mod plan;
mod script;
mod stamp;
mod target;
#[cfg(test)]
mod tests;
mod upkeep;

pub(crate) use changes::Changes;
pub(crate) use stamp::Stamp;
pub(crate) use upkeep::run;
