//! What is said of metrics elsewhere: the page of the documents, the dashboard, the alerts.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use crate::Findings;
use crate::sources::top;

const PAGE: &str = "docs/metrics.md";

/// What the names of the DHCPv4 server's metrics begin with.
const PREFIX: &str = "kea_dhcp4_";

/// The page has a row for each metric, in their order, which says what the server says.
#[test]
fn the_page_shows_every_metric() {
    let mut table = String::from("| metric | type | what it says |\n|---|---|---|\n");
    for metric in kotare_server::metrics() {
        let kind = metric.kind.word();
        let _ = writeln!(table, "| `{}` | {kind} | {} |", metric.full_name(PREFIX), metric.help);
    }
    let page = fs::read_to_string(top().join(PAGE)).unwrap_or_default();
    assert!(page.contains(&table), "{PAGE} must have this table:\n\n{table}");
}

/// What dashboards and alerts ask for is exposed.
#[test]
fn dashboards_and_alerts_name_metrics_there_are() {
    let mut names = BTreeSet::new();
    for metric in kotare_server::metrics() {
        let name = metric.full_name(PREFIX);
        if metric.kind.word() == "histogram" {
            names.extend(["bucket", "sum", "count"].map(|part| format!("{name}_{part}")));
        }
        names.insert(name);
    }
    let mut findings = Findings::default();
    for file in ["etc/grafana/kea-dhcp4.json", "etc/prometheus/kea-dhcp4.rules.yml"] {
        let text = fs::read_to_string(top().join(file)).expect("it is there");
        let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
        let metrics: BTreeSet<_> =
            words.filter(|word| word.starts_with(PREFIX) || word.starts_with("process_")).collect();
        assert!(metrics.len() > 5, "{file} asks for something");
        for metric in metrics.iter().filter(|metric| !names.contains(**metric)) {
            findings.add(file, format_args!("`{metric}` is no metric of the server; see {PAGE}"));
        }
    }
    findings.conclude("dashboards and alerts are of metrics that there are:");
}
