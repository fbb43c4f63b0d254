//! The body of the fuzz target `dump`, over its corpus and what changes make of that.

use kotare_server::explain::dump;

#[path = "../../../fuzz/bodies/dump.rs"]
mod body;
#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

const CORPUS: &str = include_str!("../../../fuzz/corpora/dump");

/// What dumps are laid out with, and what packets begin with.
const WORDS: &[&str] =
    &["0x0000:  ", "00000000: ", "\n", "  ", "-", ":", "86dd", "0800", "8100", "6000", "4500", "63825363"];

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(CORPUS, body::check);
}

/// Whatever a dump is: a message that is in it, or why there is none.
#[test]
fn any_dumps_pass_the_fuzz_target() {
    mutations::run(&corpora::inputs(CORPUS), WORDS, 20_000, body::check);
}
