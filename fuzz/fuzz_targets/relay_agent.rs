//! Relay Agent Information of any bytes; see `bodies/relay_agent.rs`.
#![no_main]

#[path = "../bodies/relay_agent.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
