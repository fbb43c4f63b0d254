//! Any datagrams to a DHCPv4 server; see `bodies/server4.rs`.
#![no_main]

#[path = "../bodies/server4.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
