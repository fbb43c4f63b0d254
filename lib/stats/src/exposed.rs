//! The statistics as metrics: what is in Kea's names of them stands in labels.
//!
//! Where the exporter that the users of Kea know, `kea-exporter`, has a metric, this is called the same and has the same
//! labels, so that dashboards go on working.

use crate::Statistic;
use crate::exposition::{Kind, Metric};

/// A metric that is made of statistics.
#[derive(Debug)]
pub struct Exposed<S: Statistic> {
    /// What it is called.
    pub metric: Metric,
    /// Where it is counted.
    pub level: Level,
    /// The label that its statistics differ by; none if it is one and needs none.
    pub label: &'static str,
    /// The statistics, and what the label says of each.
    pub rows: &'static [(S, &'static str)],
}

/// Where statistics are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the server as a whole.
    Server,
    /// For each subnet.
    Subnet,
    /// For each subnet and for each of its pools.
    Pool,
}

pub(crate) const fn exposed<S: Statistic>(
    level: Level,
    (name, kind, help): (&'static str, Kind, &'static str),
    label: &'static str,
    rows: &'static [(S, &'static str)],
) -> Exposed<S> {
    Exposed { metric: Metric::new(name, kind, help), level, label, rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EXPOSED4, EXPOSED6, PoolKind};

    fn every_statistic_is<S: Statistic>(exposed: &[Exposed<S>]) {
        let has = |stat: S, levels: &[Level]| {
            exposed
                .iter()
                .any(|one| levels.contains(&one.level) && one.rows.iter().any(|(row, _)| *row == stat))
        };
        for &stat in S::ALL {
            assert_eq!(has(stat, &[Level::Server]), stat.is_global(), "{stat:?}");
            assert_eq!(has(stat, &[Level::Subnet, Level::Pool]), stat.is_of_subnet(), "{stat:?}");
            let is_of_pools = PoolKind::ALL.into_iter().any(|kind| stat.is_of_pool(kind));
            assert_eq!(has(stat, &[Level::Pool]), is_of_pools, "{stat:?}");
        }
    }

    /// Every statistic is a metric on each level that it is counted on, and no metric is of a level that it is not.
    #[test]
    fn every_statistic_is_exposed() {
        every_statistic_is(EXPOSED4);
        every_statistic_is(EXPOSED6);
    }

    fn labels_of<S: Statistic>(exposed: &[Exposed<S>]) {
        for Exposed { metric, label, rows, .. } in exposed {
            let mut values: Vec<_> = rows.iter().map(|(_, value)| *value).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), rows.len(), "{}", metric.name);
            assert_eq!(label.is_empty(), values == [""], "{}", metric.name);
        }
        let mut names: Vec<_> = exposed.iter().map(|one| one.metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), exposed.len());
    }

    /// What tells statistics of one metric apart is different for each; a metric of one needs no label. No two metrics are
    /// called the same.
    #[test]
    fn labels_tell_apart() {
        labels_of(EXPOSED4);
        labels_of(EXPOSED6);
    }
}
