//! The body of the fuzz target `command`, over commands and what changes make of them.

#[path = "../../../fuzz/bodies/command.rs"]
mod command;
#[path = "../../../fuzz/corpora.rs"]
mod corpora;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;

/// How many bytes come at a time, less one, and what is sent.
const SAMPLES: &[&str] = &[
    "\0{}",
    "\u{6}{ \"command\": \"list-commands\" }",
    "\u{3}{ \"command\": \"config-set\", \"arguments\": { \"Dhcp4\": { \"a\": [ 1, -2.5e3, null, true ] } } }",
    "\u{1}{\"command\":\"x\",\"service\":[\"dhcp4\"],\"remote-address\":\"::1\",\"arguments\":[\"\\u00e9\\n\"]}",
    "\u{9}{ # comment\n \"command\": /* \" } */ \"x\", // {\n \"arguments\": [ 1, ] }",
    "\u{2}[{\"command\":\"x\"}]",
    "\u{1}{\"command\":7}",
    "\u{1}{\"command\":\"x\",\"other\":1}",
    "\u{5}\"text\"",
    "\u{5}{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
];

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\\"",
    ",",
    ":",
    "#",
    "//",
    "/*",
    "*/",
    "\n",
    "1e400",
    "\\ud800",
    "\"command\":",
    "\"arguments\":",
    "null",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\u{e9}",
];

/// Whatever comes in, and however it is cut: the command that was sent, an error, or silence.
#[test]
fn any_bytes_pass_the_fuzz_target() {
    let samples: Vec<_> = SAMPLES.iter().map(|sample| sample.as_bytes().to_vec()).collect();
    mutations::run(&samples, WORDS, 3000, command::check);
}

/// What the fuzzer found worth keeping.
#[test]
fn the_corpus_passes_the_fuzz_target() {
    corpora::run(include_str!("../../../fuzz/corpora/command"), command::check);
}
