//! Any name of a client of DHCPv6; see `bodies/fqdn6.rs`.
#![no_main]

#[path = "../bodies/fqdn6.rs"]
mod body;
#[path = "../../lib/engine/tests/exchange6/told.rs"]
#[expect(dead_code, reason = "other tests of the engine use more of it")]
mod told;
#[path = "../../lib/engine/tests/exchange6/world.rs"]
#[expect(dead_code, reason = "other tests of the engine use more of it")]
mod world;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
