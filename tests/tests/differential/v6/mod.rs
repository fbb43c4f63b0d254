//! The same for the servers of DHCPv6.

mod configuration;
mod control;
mod explained;
mod link;
mod query;
mod reply;
mod scripts;
mod stage;
mod walk;
