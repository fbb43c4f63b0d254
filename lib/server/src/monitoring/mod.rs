//! What programs that watch a server see: `/metrics`, `/health` and `/ready`.
//!
//! What is said of the server's state is what `status-get` says. Values are copied in one go, and the text of `/metrics`
//! is made of them part by part, on threads for that: no packet waits for it, whatever there is to show.

mod facts;
mod named;
mod scrape;
mod state;

use std::sync::Arc;

use kotare_config::process::Detail;
use kotare_control::aside;
use kotare_control::http::{Asked, Opening, Page};
use kotare_stats::Statistic;
use kotare_stats::exposition::{Dialect, Metric};
use serde_json::{Value as Json, json};

pub use named::{NamedPool, NamedSubnet};

use self::facts::Facts;
use self::scrape::Scrape;
use crate::Daemon;
use crate::commands::status;
use crate::family::Family;

const JSON: &str = "application/json";

/// Every metric of a server that counts this, in the order they are shown.
pub fn metrics<S: Statistic>() -> impl Iterator<Item = &'static Metric> {
    state::STATE.iter().map(|row| &row.metric).chain(S::EXPOSED.iter().map(|one| &one.metric))
}

/// The page at `path`, if there is one.
pub(crate) fn page<F: Family>(daemon: Arc<Daemon<F>>, path: &str, asked: Asked) -> Option<Opening> {
    match path {
        "/metrics" => Some(Box::pin(metrics_page(daemon, asked))),
        "/health" => Some(Box::pin(async move { health(&daemon) })),
        "/ready" => Some(Box::pin(async move { ready(&status(&daemon).await) })),
        _ => None,
    }
}

/// That the server answers at all is what there is to say.
fn health<F: Family>(daemon: &Daemon<F>) -> Page {
    let uptime = daemon.surroundings.clock.moment().since(daemon.started).as_secs();
    Page::of(true, JSON, format!("{}\n", json!({"status": "alive", "uptime": uptime})))
}

fn ready(status: &Json) -> Page {
    let reasons = unready(status);
    let said = json!({"ready": reasons.is_empty(), "reasons": reasons});
    Page::of(reasons.is_empty(), JSON, format!("{said}\n"))
}

/// Why a server whose `status-get` says this does not serve everybody it should; nothing if it does. Whatever comes to
/// keep a server from serving comes into `status-get`, and then here.
fn unready(status: &Json) -> Vec<String> {
    let mut reasons = Vec::new();
    let sockets = &status["sockets"];
    if sockets["status"] != "ready" {
        let errors = sockets["errors"].as_array().into_iter().flatten();
        reasons.extend(errors.filter_map(|error| Some(error.as_str()?.to_owned())));
    }
    let store = &status["lease-store"];
    if store["status"] != "ready" {
        let error = store["error"].as_str().unwrap_or("the store does not work");
        reasons.push(format!("leases cannot be kept: {error}"));
    }
    let hosts = status["host-stores"].as_array().into_iter().flatten();
    for hosts in hosts.filter(|hosts| hosts["status"] != "ready") {
        let error = hosts["error"].as_str().unwrap_or("the store does not work");
        reasons.push(format!("reservations cannot be looked for: {error}"));
    }
    let backends = status["config-backends"].as_array().into_iter().flatten();
    for backend in backends.filter(|backend| backend["status"] != "ready") {
        let error = backend["error"].as_str().unwrap_or("the database does not work");
        reasons.push(format!("changes of the configuration are not served: {error}"));
    }
    let log = &status["legal-log"];
    if log.is_object() && log["status"] != "ready" {
        let error = log["error"].as_str().unwrap_or("the database does not work");
        reasons.push(format!("the legal log is not written: {error}"));
    }
    let unserved = status["unserved-subnets"].as_array().into_iter().flatten();
    reasons.extend(unserved.filter_map(|subnet| Some(subnet.as_str()?.to_owned())));
    let service = &status["dhcp-state"];
    if service["globally-disabled"] == true {
        let by = [
            ("disabled-by-user", "dhcp-disable"),
            ("disabled-by-local-command", "high availability"),
            ("disabled-by-remote-command", "the partner"),
            ("disabled-by-db-connection", "a lost database connection"),
        ];
        let is_set = |by: &Json| by == true || by.as_array().is_some_and(|origins| !origins.is_empty());
        let by: Vec<_> = by.iter().filter(|(key, _)| is_set(&service[key])).map(|(_, who)| *who).collect();
        reasons.push(format!("the service is disabled by {}", by.join(" and ")));
    }
    reasons
}

async fn metrics_page<F: Family>(daemon: Arc<Daemon<F>>, asked: Asked) -> Page {
    let dialect = if asked.open_metrics { Dialect::OpenMetrics } else { Dialect::Prometheus };
    let status = status(&daemon).await;
    let scrape = aside(move || {
        let facts = Facts::of(&daemon, &status);
        let values = daemon.statistics.values();
        let subnets = match asked.detail {
            Detail::Server => Vec::new(),
            Detail::Subnets | Detail::Pools => F::named_subnets(&daemon.generation().config),
        };
        let prefix = format!("kea_{}_", F::FILE.global.name.to_ascii_lowercase());
        Scrape::new(facts, values, subnets, asked.detail, &prefix, dialect)
    });
    let scrape = scrape.await;
    Page { is_well: true, kind: dialect.media_type(), held: scrape.held(), parts: Box::new(scrape) }
}

#[cfg(test)]
mod tests {
    use kotare_stats::{Stat4, Stat6};

    use super::*;

    /// A server is ready when nothing keeps it from serving, and says each thing that does.
    #[test]
    fn what_is_not_ready_is_told() {
        let well = json!({"sockets": {"status": "ready"}, "lease-store": {"status": "ready"},
            "dhcp-state": {"globally-disabled": false, "disabled-by-user": false}});
        assert!(unready(&well).is_empty());
        let ill = json!({
            "sockets": {"status": "retrying", "errors": ["eth0 is down", "eth1: no address"]},
            "lease-store": {"status": "failing", "error": "no space left"},
            "config-backends": [{"status": "ready"}, {"status": "failing", "error": "row 7 makes no sense"}],
            "unserved-subnets": ["the subnet with id 7 waits"],
            "dhcp-state": {"globally-disabled": true, "disabled-by-user": true,
                "disabled-by-local-command": [], "disabled-by-remote-command": [2000], "disabled-by-db-connection": []},
        });
        let told = [
            "eth0 is down",
            "eth1: no address",
            "leases cannot be kept: no space left",
            "changes of the configuration are not served: row 7 makes no sense",
            "the subnet with id 7 waits",
            "the service is disabled by dhcp-disable and the partner",
        ];
        assert_eq!(unready(&ill), told);
    }

    fn names_are_good<S: Statistic>(prefix: &str) {
        let mut names: Vec<_> = metrics::<S>().map(|metric| metric.full_name(prefix)).collect();
        for (name, metric) in names.iter().zip(metrics::<S>()) {
            let good = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
            assert!(name.chars().all(good), "{name}");
            let is_total = name.ends_with("_total");
            match metric.kind.word() {
                "counter" | "untyped" => assert!(is_total, "{name}"),
                _ => assert!(!is_total, "{name}"),
            }
            assert!(metric.help.ends_with('.') && !metric.help.contains(['\n', '\\']), "{name}");
        }
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    /// No two metrics have one name, and a name says what Prometheus says names should.
    #[test]
    fn names_are_as_they_should_be() {
        names_are_good::<Stat4>("kea_dhcp4_");
        names_are_good::<Stat6>("kea_dhcp6_");
    }
}
