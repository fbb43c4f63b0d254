//! Bad input of every kind, against the real daemon.
//!
//! Whatever comes as a packet, on the control socket, in the configuration or in the lease file: the server says what
//! is wrong, loses nothing, and serves the next client.

#[path = "../packets/mod.rs"]
#[expect(dead_code, reason = "shared with the differential tests, which use more of it")]
mod packets;

mod commands;
mod configuration;
mod datagrams;
mod disk;
mod http;
mod https;
mod lease_files;
mod logs;
mod paths;
mod scene;
mod start;
