//! Any dump of a packet; see `bodies/dump.rs`.
#![no_main]

#[path = "../bodies/dump.rs"]
mod body;
#[path = "../../lib/server/src/explain/dump/mod.rs"]
mod dump;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
