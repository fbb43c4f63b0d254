//! What is said of metrics elsewhere: the page of the documents, the dashboard, the alerts.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::{env, fs};

use kotare_stats::Stat4;

use crate::Findings;
use crate::generated::WRITE;
use crate::sources::top;

const PAGE: &str = "docs/metrics.md";

/// What the names of the DHCPv4 server's metrics begin with.
const PREFIX: &str = "kea_dhcp4_";

/// Where the table of the page begins, which goes on to its end.
const TABLE: &str = "| metric | type | what it says |\n|---|---|---|\n";

/// The page has a row for each metric, in their order, which says what the server says.
#[test]
fn the_page_shows_every_metric() {
    let file = top().join(PAGE);
    let there = fs::read_to_string(&file).expect("it is there");
    let (introduction, _) = there.split_once(TABLE).expect("the page has a table");
    let mut wanted = format!("{introduction}{TABLE}");
    for metric in kotare_server::metrics::<Stat4>() {
        let kind = metric.kind.word();
        let _ = writeln!(wanted, "| `{}` | {kind} | {} |", metric.full_name(PREFIX), metric.help);
    }
    if env::var_os(WRITE).is_some() {
        fs::write(&file, &wanted).unwrap_or_else(|error| panic!("cannot write {PAGE}: {error}"));
        return;
    }
    assert!(
        there == wanted,
        "{PAGE} is not what the table of metrics says; `cargo xtask docs` writes it anew"
    );
}

/// What dashboards and alerts ask for is exposed.
#[test]
fn dashboards_and_alerts_name_metrics_there_are() {
    let mut names = BTreeSet::new();
    for metric in kotare_server::metrics::<Stat4>() {
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
