//! The text of `/metrics`, part by part.

use kotare_config::process::Detail;
use kotare_model::SubnetId;
use kotare_stats::exposition::{Dialect, Exposition, label};
use kotare_stats::{Exposed, Level, Statistic, SubnetValues, Values};

use super::facts::Facts;
use super::named::NamedSubnet;
use super::state::{Row, STATE};

/// How long a part is at least, in bytes, but for the last.
const PART: usize = 64 << 10;

/// A text that is made as far as it is wanted. What it says is what was so when it began.
pub(super) struct Scrape<S: Statistic> {
    facts: Facts,
    values: Values<S>,
    detail: Detail,
    /// Of each subnet that has values, in their order.
    labels: Vec<Labels>,
    text: Exposition,
    next: Next,
}

/// The labels of a subnet, and of each of its pools that have values.
struct Labels {
    subnet: String,
    pools: Vec<String>,
}

/// What is told next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// This row of the state.
    State(usize),
    /// This metric of statistics, from this subnet on.
    Statistics(usize, usize),
    /// Nothing.
    Over,
}

impl<S: Statistic> Scrape<S> {
    pub(super) fn new(
        facts: Facts,
        mut values: Values<S>,
        subnets: Vec<NamedSubnet>,
        detail: Detail,
        prefix: &str,
        dialect: Dialect,
    ) -> Self {
        // Between a configuration and its statistics there may be another one.
        let named =
            |id: SubnetId| subnets.binary_search_by_key(&id, |subnet| subnet.id).ok().map(|at| &subnets[at]);
        values.subnets.retain(|subnet| named(subnet.id).is_some());
        let labels = values.subnets.iter().filter_map(|values| {
            let named = named(values.id)?;
            let subnet = named.labels();
            let pools = match detail {
                Detail::Pools => &values.pools[..],
                Detail::Server | Detail::Subnets => &[],
            };
            let pools = pools.iter().map(|pool| named.pool_labels(pool.kind, pool.id, &subnet)).collect();
            Some(Labels { subnet, pools })
        });
        let labels = labels.collect();
        let text = Exposition::new(prefix, dialect);
        Self { facts, values, detail, labels, text, next: Next::State(0) }
    }

    /// About how many bytes of memory it takes.
    pub(super) fn held(&self) -> usize {
        let values: usize = self.values.subnets.iter().map(|subnet| 200 + 80 * subnet.pools.len()).sum();
        let labels =
            self.labels.iter().map(|it| it.subnet.len() + it.pools.iter().map(String::len).sum::<usize>());
        values + labels.sum::<usize>() + 2 * PART
    }

    /// Tells what is next.
    fn step(&mut self) {
        let Self { facts, values, text, .. } = self;
        self.next = match self.next {
            Next::State(at) => match STATE.get(at) {
                Some(Row { metric, tell }) => {
                    text.begin(metric);
                    tell(facts, &values.exchanges, text);
                    Next::State(at + 1)
                }
                None => Next::Statistics(0, 0),
            },
            Next::Statistics(at, subnet) => match S::EXPOSED.get(at) {
                Some(exposed) if exposed.level == Level::Server => {
                    text.begin(&exposed.metric);
                    each(exposed, "", |stat| Some(values.of(stat)), text);
                    Next::Statistics(at + 1, 0)
                }
                Some(exposed) if self.detail > Detail::Server => {
                    if subnet == 0 {
                        text.begin(&exposed.metric);
                    }
                    match (self.values.subnets.get(subnet), self.labels.get(subnet)) {
                        (Some(values), Some(labels)) => {
                            tell_subnet(exposed, values, labels, text);
                            Next::Statistics(at, subnet + 1)
                        }
                        _ => Next::Statistics(at + 1, 0),
                    }
                }
                Some(_) => Next::Statistics(at + 1, 0),
                None => {
                    text.end();
                    Next::Over
                }
            },
            Next::Over => Next::Over,
        };
    }
}

impl<S: Statistic> Iterator for Scrape<S> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        while self.text.pending() < PART && self.next != Next::Over {
            self.step();
        }
        (self.text.pending() > 0).then(|| self.text.take())
    }
}

fn tell_subnet<S: Statistic>(
    exposed: &Exposed<S>,
    values: &SubnetValues<S>,
    labels: &Labels,
    text: &mut Exposition,
) {
    each(exposed, &labels.subnet, |stat| Some(values.of(stat)), text);
    if exposed.level == Level::Pool {
        for (pool, labels) in values.pools.iter().zip(&labels.pools) {
            each(exposed, labels, |stat| pool.of(stat), text);
        }
    }
}

/// The samples of a metric in one place.
fn each<S: Statistic>(
    exposed: &Exposed<S>,
    place: &str,
    value: impl Fn(S) -> Option<i128>,
    text: &mut Exposition,
) {
    let mut labels = String::new();
    for (stat, row) in exposed.rows {
        let Some(value) = value(*stat) else { continue };
        if exposed.label.is_empty() {
            text.sample("", place, value);
            continue;
        }
        labels.clear();
        labels.push_str(place);
        label(&mut labels, exposed.label, row);
        text.sample("", &labels, value);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::tz::TimeZone;
    use kotare_stats::{EXPOSED4, PoolKind, PoolLayout, Statistics4, SubnetLayout};

    use super::super::NamedPool;
    use super::*;

    const SUBNETS: u32 = 2000;

    /// The parts of a page about many subnets, each with a pool; one more has values and no name.
    fn parts(detail: Detail) -> Vec<String> {
        let statistics = Statistics4::new(TimeZone::UTC, Duration::ZERO);
        let layout = |id| SubnetLayout { id: SubnetId(id), pools: vec![PoolLayout::of_addresses(0, 9u8)] };
        let layout: Vec<_> = (1..=SUBNETS + 1).map(layout).collect();
        statistics.publish(statistics.prepare(&layout), &[], Duration::ZERO);
        let named = |id: u32| NamedSubnet {
            id: SubnetId(id),
            prefix: format!("subnet {id}"),
            network: (id == 7).then(|| "floor".into()),
            pools: vec![NamedPool { kind: PoolKind::Addresses, id: 0, range: "pool".to_owned() }],
        };
        let subnets = (1..=SUBNETS).map(named).collect();
        Scrape::new(Facts::default(), statistics.values(), subnets, detail, "kea_dhcp4_", Dialect::Prometheus)
            .collect()
    }

    /// However much there is to tell, a part is never much longer than the others, and together they are the whole text:
    /// each metric once, with its subnets and pools behind it.
    #[test]
    fn a_long_text_comes_in_parts() {
        let parts = parts(Detail::Pools);
        assert!(parts.len() > 20 && parts.iter().all(|part| part.len() < 2 * PART));
        let text = parts.concat();
        let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!(count("# TYPE "), STATE.len() + EXPOSED4.len());
        assert_eq!(count("kea_dhcp4_allocations_failed_total{"), 4 * SUBNETS as usize);
        assert_eq!(count("kea_dhcp4_addresses_total{"), 2 * SUBNETS as usize);
        let seventh = "subnet=\"subnet 7\",subnet_id=\"7\",shared_network=\"floor\"";
        assert!(text.contains(&format!("\nkea_dhcp4_addresses_total{{{seventh}}} 9\n")), "{}", parts[0]);
        let pool = format!("{seventh},pool=\"pool\",pool_id=\"0\"");
        assert!(text.contains(&format!("\nkea_dhcp4_addresses_total{{{pool}}} 9\n")));
    }

    /// What was not asked for is not there.
    #[test]
    fn a_short_text_is_short() {
        let [subnets, server] = [Detail::Subnets, Detail::Server].map(|detail| parts(detail).concat());
        assert!(subnets.contains("subnet_id=\"2000\"") && !subnets.contains("pool_id"));
        assert!(server.contains("kea_dhcp4_server_addresses_assigned 0\n") && !server.contains("subnet_id"));
    }
}
