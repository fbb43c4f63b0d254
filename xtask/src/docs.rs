//! `cargo xtask docs`: the files that are made of the tables of commands and of metrics.

use crate::run::{Done, cargo, run};

/// The tests that compare them with the tables.
const TESTS: [&str; 2] = ["generated_files_are_up_to_date", "the_page_shows_every_metric"];

/// Writes them: the tests do it when they are told to.
pub(crate) fn docs() -> Done {
    let mut tests = cargo(&["test", "--quiet", "--package", "kotare-tests", "--test", "tidy", "--"]);
    run(tests.args(TESTS).env("KOTARE_WRITE_GENERATED", "1"))
}
