//! DHCPv6 messages of any bytes; see `bodies/message6.rs`.
#![no_main]

#[path = "../bodies/message6.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
