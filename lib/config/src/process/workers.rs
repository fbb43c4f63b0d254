//! Threads, and what is kept of statistics.

use std::time::Duration;

use crate::Level;
use crate::schema::tables::MULTI_THREADING;

/// `multi-threading`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultiThreading {
    /// `enable-multi-threading`.
    pub enabled: bool,
    /// `thread-pool-size`; 0 is one a core.
    pub threads: usize,
    /// `packet-queue-size`.
    pub queue: usize,
}

/// `statistic-default-sample-count` and `statistic-default-sample-age`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// How many samples of a statistic are kept.
    pub count: u32,
    /// How long samples are kept instead, if not zero.
    pub age: Duration,
}

impl MultiThreading {
    pub(super) fn resolve(global: Level<'_>) -> Self {
        let level = global.section(&MULTI_THREADING);
        Self {
            enabled: level.bool("enable-multi-threading"),
            threads: level.count("thread-pool-size"),
            queue: level.count("packet-queue-size"),
        }
    }
}

impl Sampling {
    pub(super) fn resolve(global: Level<'_>) -> Self {
        Self {
            count: global.count("statistic-default-sample-count"),
            age: global.seconds("statistic-default-sample-age"),
        }
    }
}
