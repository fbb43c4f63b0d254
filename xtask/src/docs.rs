//! `cargo xtask docs`: the files that are made of the tables of commands.

use crate::run::{Done, cargo, run};

/// Writes them: the test that compares them with the tables does it when it is told to.
pub(crate) fn docs() -> Done {
    let mut test =
        cargo(&["test", "--quiet", "--package", "kotare-tests", "--test", "tidy", "generated_files"]);
    run(test.env("KOTARE_WRITE_GENERATED", "1"))
}
