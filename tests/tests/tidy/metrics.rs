//! What is said of metrics elsewhere: the page of the documents, the dashboards, the alerts.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::{env, fs};

use kotare_stats::exposition::Metric;
use kotare_stats::{Stat4, Stat6};

use crate::Findings;
use crate::generated::WRITE;
use crate::sources::top;

const PAGE: &str = "docs/metrics.md";

/// Where what is generated begins, which goes on to the end of the page.
const TABLES: &str = "## All metrics\n";

/// A server, and what the names of its metrics begin with.
struct Server {
    program: &'static str,
    prefix: &'static str,
    metrics: Vec<&'static Metric>,
}

/// All servers that have metrics.
fn servers() -> [Server; 2] {
    [
        Server {
            program: "kea-dhcp4",
            prefix: "kea_dhcp4_",
            metrics: kotare_server::metrics::<Stat4>().collect(),
        },
        Server {
            program: "kea-dhcp6",
            prefix: "kea_dhcp6_",
            metrics: kotare_server::metrics::<Stat6>().collect(),
        },
    ]
}

/// The page has a row for each metric, in their order, which says what the server says.
#[test]
fn the_page_shows_every_metric() {
    let file = top().join(PAGE);
    let there = fs::read_to_string(&file).expect("it is there");
    let (introduction, _) = there.split_once(TABLES).expect("the page has tables");
    let mut wanted = format!("{introduction}{TABLES}");
    for Server { program, prefix, metrics } in servers() {
        let _ = write!(wanted, "\n### `{program}`\n\n| metric | type | what it says |\n|---|---|---|\n");
        for metric in metrics {
            let kind = metric.kind.word();
            let _ = writeln!(wanted, "| `{}` | {kind} | {} |", metric.full_name(prefix), metric.help);
        }
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
    let mut findings = Findings::default();
    for Server { program, prefix, metrics } in servers() {
        let mut names = BTreeSet::new();
        for metric in metrics {
            let name = metric.full_name(prefix);
            if metric.kind.word() == "histogram" {
                names.extend(["bucket", "sum", "count"].map(|part| format!("{name}_{part}")));
            }
            names.insert(name);
        }
        for file in [format!("etc/grafana/{program}.json"), format!("etc/prometheus/{program}.rules.yml")] {
            let text = fs::read_to_string(top().join(&file)).expect("it is there");
            let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
            let metrics: BTreeSet<_> =
                words.filter(|word| word.starts_with("kea_") || word.starts_with("process_")).collect();
            assert!(metrics.len() > 5, "{file} asks for something");
            for metric in metrics.iter().filter(|metric| !names.contains(**metric)) {
                findings.add(&file, format_args!("`{metric}` is no metric of the server; see {PAGE}"));
            }
        }
    }
    findings.conclude("dashboards and alerts are of metrics that there are:");
}
