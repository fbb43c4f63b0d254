//! The same for the servers of DHCPv6.

mod configuration;
mod control;
mod explained;
mod heard;
mod link;
mod query;
mod reply;
mod rows;
mod scripts;
mod stage;
mod walk;
