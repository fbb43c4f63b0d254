//! Any bytes as a name change request or an answer of the DNS; see `bodies/ddns.rs`.
#![no_main]

#[path = "../bodies/ddns.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
