//! Any rules of flex_option, followed for any message of DHCPv6; see `bodies/flex_option6.rs`.
#![no_main]

#[path = "../bodies/flex_option6.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
