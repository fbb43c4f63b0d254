//! Any bytes as an answer or a dictionary of RADIUS; see `bodies/radius.rs`.
#![no_main]

#[path = "../bodies/radius.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
