//! What is known, for all who tell it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use kotare_local_names::{Table, Transport, Zones, answer};
use parking_lot::{Mutex, RwLock};
use serde_json::{Map, Value as Json, json};

/// The codes of answers that are counted by themselves, as `status-get` calls them; others are counted together.
const CODES: [(u8, &str); 5] =
    [(0, "noerror"), (1, "formerr"), (3, "nxdomain"), (4, "notimp"), (5, "refused")];

/// What is known, and how it is told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) known: RwLock<Known>,
    counts: [AtomicU64; CODES.len() + 1],
    /// What is wrong, by what it is about.
    problems: Mutex<BTreeMap<String, String>>,
}

/// Names, and zones that are answered for.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) table: Table,
    pub(super) zones: Zones,
    /// The state of the table that the zones have their version of.
    pub(super) numbered: u64,
}

impl Told {
    pub(super) fn new(zones: Zones) -> Self {
        let known = RwLock::new(Known { table: Table::new(), zones, numbered: 0 });
        Self { known, counts: Default::default(), problems: Mutex::default() }
    }

    /// The answer to a question, if it is one.
    pub(super) fn answer(&self, question: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let known = self.known.read();
        let answered = answer(&known.table, &known.zones, question, transport)?;
        drop(known);
        let at = CODES.iter().position(|(code, _)| *code == answered.rcode).unwrap_or(CODES.len());
        self.counts[at].fetch_add(1, Ordering::Relaxed);
        Some(answered.message)
    }

    /// Something is wrong, or is not any more; whether that is news.
    pub(super) fn problem(&self, about: impl fmt::Display, reason: Option<String>) -> bool {
        let (about, mut problems) = (about.to_string(), self.problems.lock());
        match reason {
            Some(reason) => problems.insert(about, reason.clone()).is_none_or(|former| former != reason),
            None => problems.remove(&about).is_some(),
        }
    }

    /// What `status-get` says.
    pub(super) fn report(&self) -> Json {
        let names = CODES.iter().map(|(_, name)| *name).chain(["other"]);
        let counts = names
            .zip(&self.counts)
            .map(|(name, count)| (name.to_owned(), json!(count.load(Ordering::Relaxed))));
        let problems = self.problems.lock();
        let errors: Vec<_> = problems.iter().map(|(about, reason)| format!("{about}: {reason}")).collect();
        json!({
            "names": self.known.read().table.len(),
            "answers": counts.collect::<Map<_, _>>(),
            "errors": errors,
        })
    }
}
