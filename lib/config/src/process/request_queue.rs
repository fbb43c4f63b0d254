//! Requests for changes of names that wait; all of it is Kotare's own.

use kotare_model::Durability;

use super::{WrittenPath, durability};
use crate::Level;
use crate::json::Source;

/// `request-queue`: requests that wait to be taken on, or carried out.
#[derive(Clone, Debug)]
pub struct RequestQueue {
    /// `persist`: whether a file keeps them until they are done.
    pub persist: bool,
    /// `name`: the file as written, if it is; the daemon supplies the default and checks the folder.
    pub name: Option<WrittenPath>,
    /// `durability`: what a request that is kept survives.
    pub durability: Durability,
    /// `max-queue-size`: how many may wait.
    pub capacity: usize,
    /// Where `persist` is written, if it is.
    pub source: Option<Source>,
}

/// Two are the same if they ask for the same, wherever it is written.
impl PartialEq for RequestQueue {
    fn eq(&self, other: &Self) -> bool {
        let facts = |queue: &Self| (queue.persist, queue.durability, queue.capacity);
        let path = |queue: &Self| queue.name.as_ref().map(|name| name.path.clone());
        facts(self) == facts(other) && path(self) == path(other)
    }
}

impl Eq for RequestQueue {}

impl RequestQueue {
    pub(crate) fn resolve(level: Level<'_>) -> Self {
        Self {
            persist: level.bool("persist"),
            name: level.own("name").and_then(WrittenPath::of).filter(|name| !name.path.is_empty()),
            durability: durability(level),
            capacity: level.count("max-queue-size"),
            source: level.own("persist").map(|written| written.source().clone()),
        }
    }
}
