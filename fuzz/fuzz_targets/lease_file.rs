//! Lease files of any bytes; see `bodies/lease_file.rs`.
#![no_main]

#[path = "../bodies/lease_file.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
