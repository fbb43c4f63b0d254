//! Class expressions of any text, asked of any message; see `bodies/expression.rs`.
#![no_main]

#[path = "../bodies/expression.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
