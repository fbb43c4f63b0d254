//! The bodies of the fuzz targets, over the corpus, what mutation makes of it, and bytes of chance.

mod common;

#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/bodies/frame.rs"]
mod frame;
#[path = "../../../fuzz/bodies/message4.rs"]
mod message4;
#[path = "../../../fuzz/bodies/relay_agent.rs"]
mod relay_agent;

use common::corpus;
use kotare_wire::frame::Frame;
use kotare_wire::v4::{Index, Message, OptionCode};
use proptest::prelude::*;

/// The corpus as it is upholds what the fuzz targets ask.
#[test]
fn the_corpus_passes_the_fuzz_targets() {
    for sample in corpus() {
        frame::check(&sample.frame);
        let frame = Frame::parse(&sample.frame, true).expect(&sample.name);
        message4::check(frame.payload);
        let mut index = Index::new();
        let message = Message::parse(frame.payload, &mut index).expect(&sample.name);
        if let Some(agent) = message.option(OptionCode::RELAY_AGENT_INFORMATION) {
            relay_agent::check(agent.as_slice().expect("one piece"));
        }
    }
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpora_pass_the_fuzz_targets() {
    corpora::run(include_str!("../../../fuzz/corpora/frame"), frame::check);
    corpora::run(include_str!("../../../fuzz/corpora/message4"), message4::check);
    corpora::run(include_str!("../../../fuzz/corpora/relay_agent"), relay_agent::check);
}

/// Every message of the corpus may end anywhere.
#[test]
fn every_truncation_passes_the_fuzz_targets() {
    for sample in corpus() {
        for len in 0..sample.frame.len() {
            frame::check(&sample.frame[..len]);
            message4::check(&sample.frame[..len][len.min(42)..]);
        }
    }
}

/// Changes to a sample: bytes set, a piece cut out, a piece put in twice.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (0..3u8, any::<prop::sample::Index>(), any::<u8>(), any::<prop::sample::Index>());
    (prop::sample::select(corpus()), prop::collection::vec(edit, 1..8)).prop_map(|(sample, edits)| {
        let mut bytes = sample.frame;
        for (kind, at, value, to) in edits {
            if bytes.is_empty() {
                break;
            }
            let (from, to) = (at.index(bytes.len()), to.index(bytes.len()));
            let (from, to) = (from.min(to), from.max(to));
            match kind {
                0 => bytes[from] = value,
                1 => drop(bytes.drain(from..to)),
                _ => bytes.extend_from_within(from..to),
            }
        }
        bytes
    })
}

/// A header that is a message's, with any options behind it and any `sname` and `file`.
fn any_options() -> impl Strategy<Value = Vec<u8>> {
    let options =
        prop::collection::vec((prop::sample::select(vec![0, 1, 12, 52, 53, 82, 255]), any::<u8>()), 0..60);
    let long = prop::collection::vec(any::<u8>(), 0..800);
    (prop::collection::vec(any::<u8>(), 236), options, long).prop_map(|(mut bytes, options, long)| {
        bytes[2] %= 17;
        bytes.extend_from_slice(&kotare_wire::v4::MAGIC_COOKIE);
        for (code, value) in options {
            bytes.extend_from_slice(&[code, 1, value % 5]);
        }
        bytes.extend_from_slice(&long);
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Frames and messages damaged on the way pass the fuzz targets.
    #[test]
    fn mutations_pass_the_fuzz_targets(bytes in mutated()) {
        frame::check(&bytes);
        message4::check(bytes.get(42..).unwrap_or(&[]));
        relay_agent::check(&bytes);
    }

    /// Options of any codes, lengths and order pass the fuzz targets.
    #[test]
    fn any_options_pass_the_fuzz_targets(bytes in any_options()) {
        message4::check(&bytes);
    }

    /// Bytes of chance pass the fuzz targets.
    #[test]
    fn any_bytes_pass_the_fuzz_targets(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        frame::check(&bytes);
        message4::check(&bytes);
        relay_agent::check(&bytes);
    }
}
