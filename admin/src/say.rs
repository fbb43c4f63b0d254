//! What is told on the terminal, as Kea's script tells it.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdin, stdout};

/// What was done. Nobody is told if standard output is closed.
pub(crate) fn info(text: impl Display) {
    line(format_args!("INFO/kea-admin: {text}"));
}

/// What is asked for, without any more.
pub(crate) fn line(text: impl Display) {
    drop(writeln!(stdout(), "{text}"));
}

/// What could be wrong.
pub(crate) fn warning(text: impl Display) {
    drop(writeln!(stderr(), "WARNING/kea-admin: {text}"));
}

/// What went wrong.
pub(crate) fn error(text: impl Display) {
    drop(writeln!(stderr(), "ERROR/kea-admin: {text}"));
}

/// Whether the operator agrees. Where nobody can answer, nobody does.
pub(crate) fn agrees(question: impl Display) -> bool {
    line(question);
    line("Do you wish to continue? (y/N)");
    if !stdin().is_terminal() {
        warning("Non-interactive tty detected. Assuming no.");
        return false;
    }
    let mut answer = String::new();
    stdin().read_line(&mut answer).is_ok() && answer.trim() == "y"
}
