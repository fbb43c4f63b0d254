//! The body of the fuzz target `capture`, over its corpus and what changes make of that.

use super::capture;

#[path = "../../../fuzz/bodies/capture.rs"]
mod body;
#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

const CORPUS: &str = include_str!("../../../fuzz/corpora/capture");

/// What files and packets begin with.
const WORDS: &[&str] =
    &["\u{1}\0\0\0", "\u{6}\0\0\0", "\u{3}\0\0\0", "\u{8}\0", "\0C\0D", "\u{2}#\u{2}\"", "\u{7f}\0\0\0"];

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(CORPUS, body::check);
}

/// Whatever a file is: the messages in it, or why there are none.
#[test]
fn any_files_pass_the_fuzz_target() {
    mutations::run(&corpora::inputs(CORPUS), WORDS, 2_000, body::check);
}
