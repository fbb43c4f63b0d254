//! Any bytes as the name of a client; see `bodies/fqdn.rs`.
#![no_main]

#[path = "../bodies/fqdn.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
