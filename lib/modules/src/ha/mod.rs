//! `libdhcp_ha.so`: servers that share clients take over from each other ([`kotare_ha`]).
//!
//! - `parameters`: what is configured, read and judged.
//! - `secrets`: users and passwords of partners, which may be in files.
//!
//! Nothing drives it yet, so it is no row of [`crate::LIBRARIES`]: an entry of it is kept, and has no effect.

mod parameters;
mod secrets;

pub use parameters::{PARAMETERS, read};
pub use secrets::Locked;
