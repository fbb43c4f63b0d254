//! A DHCP server as a process: everything of the daemon that is not a decision about a packet.
//!
//! The main thread runs a tokio runtime for everything that is not a packet: commands, timers, signals, interfaces.
//! Packets are answered by the threads of `worker`, from the `generation` that is current.

mod cleanup;
mod commands;
mod daemon;
mod generation;
mod interfaces;
mod messages;
mod prepare;
mod program;
mod service;
mod sockets;
mod upkeep;
mod worker;

pub use program::main;
