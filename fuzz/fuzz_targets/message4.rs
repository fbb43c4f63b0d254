//! DHCPv4 messages of any bytes; see `bodies/message4.rs`.
#![no_main]

#[path = "../bodies/message4.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
