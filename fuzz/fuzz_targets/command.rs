//! Any bytes to the control socket; see `bodies/command.rs`.
#![no_main]

#[path = "../bodies/command.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
