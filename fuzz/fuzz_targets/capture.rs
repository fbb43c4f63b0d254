//! Any capture that `kea-shell explain` is given; see `bodies/capture.rs`.
#![no_main]

#[path = "../bodies/capture.rs"]
mod body;
#[path = "../../shell/src/explain/capture.rs"]
mod capture;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
