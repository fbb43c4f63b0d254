//! Where leases are kept, and what becomes of those that expired.

use std::time::Duration;

use kotare_model::Durability;

use super::WrittenPath;
use super::database::Database;
use crate::Level;
use crate::schema::tables::{EXPIRED_LEASES, LEASE_DATABASE};

/// `expired-leases-processing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiredLeases {
    /// `reclaim-timer-wait-time`: pause between two reclamations; zero turns them off.
    pub reclaim_wait: Duration,
    /// `flush-reclaimed-timer-wait-time`: pause between two removals of reclaimed leases; zero turns them off.
    pub flush_wait: Duration,
    /// `hold-reclaimed-time`: how long a reclaimed lease is kept for its client.
    pub hold: Duration,
    /// `max-reclaim-leases`: how many leases one reclamation takes; 0 is no limit.
    pub max_leases: usize,
    /// `max-reclaim-time`: how long one reclamation takes; zero is no limit.
    pub max_time: Duration,
    /// `unwarned-reclaim-cycles`: incomplete reclamations in a row before a warning.
    pub unwarned_cycles: u32,
}

/// `lease-database`: where leases are kept.
#[derive(Clone, Debug)]
pub enum LeaseDatabase {
    /// In memory, with a journal or without.
    Memfile(Memfile),
    /// In a database.
    Database(Box<Database>),
}

/// `lease-database` of the type `memfile`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memfile {
    /// `persist`: whether there is a journal.
    pub persist: bool,
    /// `name`: the journal as written, if it is; the daemon supplies the default and checks the folder.
    pub name: Option<WrittenPath>,
    /// `lfc-interval`: time between two cleanups of the journal; zero turns them off.
    pub lfc_interval: Duration,
    /// `max-row-errors`: unreadable rows after which loading stops; 0 is no limit.
    pub max_row_errors: u32,
    /// `durability`: what an acknowledged lease survives; Kotare's own parameter.
    pub durability: Durability,
}

impl ExpiredLeases {
    pub(super) fn resolve(global: Level<'_>) -> Self {
        let level = global.section(&EXPIRED_LEASES);
        Self {
            reclaim_wait: level.seconds("reclaim-timer-wait-time"),
            flush_wait: level.seconds("flush-reclaimed-timer-wait-time"),
            hold: level.seconds("hold-reclaimed-time"),
            max_leases: level.count("max-reclaim-leases"),
            max_time: level.millis("max-reclaim-time"),
            unwarned_cycles: level.count("unwarned-reclaim-cycles"),
        }
    }

    /// Whether leases that ended are kept for their clients (lease affinity): for a time, and somebody removes them then.
    pub fn keeps(&self) -> bool {
        !self.hold.is_zero() && !self.flush_wait.is_zero()
    }
}

impl LeaseDatabase {
    pub(super) fn resolve(global: Level<'_>) -> Self {
        let level = global.section(&LEASE_DATABASE);
        match Database::resolve(level) {
            Some(database) => Self::Database(Box::new(database)),
            None => Self::Memfile(Memfile::resolve(level)),
        }
    }

    /// The memfile, if it is one.
    pub fn memfile(&self) -> Option<&Memfile> {
        match self {
            Self::Memfile(memfile) => Some(memfile),
            Self::Database(_) => None,
        }
    }

    /// The database, if it is one that is connected to.
    pub fn database(&self) -> Option<&Database> {
        match self {
            Self::Memfile(_) => None,
            Self::Database(database) => Some(database),
        }
    }
}

/// `durability` of a map that has it.
pub(crate) fn durability(level: Level<'_>) -> Durability {
    match level.text("durability") {
        "system" => Durability::System,
        _ => Durability::Process,
    }
}

impl Memfile {
    fn resolve(level: Level<'_>) -> Self {
        Self {
            persist: level.bool("persist"),
            name: level.own("name").and_then(WrittenPath::of).filter(|name| !name.path.is_empty()),
            lfc_interval: level.seconds("lfc-interval"),
            max_row_errors: level.count("max-row-errors"),
            durability: durability(level),
        }
    }
}
