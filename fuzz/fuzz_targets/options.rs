//! Option data of any text and any bytes; see `bodies/options.rs`.
#![no_main]

#[path = "../bodies/options.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
