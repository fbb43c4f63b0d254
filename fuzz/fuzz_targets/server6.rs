//! Any datagrams to a DHCPv6 server; see `bodies/server6.rs`.
#![no_main]

#[path = "../bodies/server6.rs"]
mod body;
#[path = "../../lib/engine/tests/exchange6/told.rs"]
#[expect(dead_code, reason = "the target brings messages of its own")]
mod told;
#[path = "../../lib/engine/tests/exchange6/world.rs"]
#[expect(dead_code, reason = "other tests of the engine use more of it")]
mod world;

libfuzzer_sys::fuzz_target!(|input: &[u8]| body::check(input));
