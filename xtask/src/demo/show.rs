//! What a server tells, for people to read.

use std::collections::BTreeMap;

use kotare_tests::world::{Family, ServerOf};
use serde_json::Value;

use crate::run::Done;

/// The configuration that a server starts with.
pub(super) fn configuration(server: &str, map: &str) {
    println!("\n{server} starts with this configuration (beside a control socket and a lease file):\n");
    println!("{map}\n");
}

/// The leases of the lease file, a line each, which `line` makes of the columns of a row.
pub(super) fn leases<F: Family>(
    server: &ServerOf<F>,
    head: &str,
    line: impl Fn(&[&str]) -> Option<String>,
) -> Done {
    println!("\nThe lease file, {}:\n", server.folder().join("leases.csv").display());
    println!("  {head}");
    let rows = server.lease_rows();
    // The last row of an address counts.
    let leases: BTreeMap<&str, Vec<&str>> =
        rows.iter().filter_map(|row| Some((row.split(',').next()?, row.split(',').collect()))).collect();
    for columns in leases.values() {
        let line = line(columns).ok_or_else(|| format!("not a row of a lease file: {columns:?}"))?;
        println!("  {line}");
    }
    Ok(())
}

/// What the control socket says, with lines of these statistics.
pub(super) fn status<F: Family>(server: &ServerOf<F>, statistics: &[&[&str]]) {
    let status = server.command("status-get", None);
    let status = &status["arguments"];
    println!("\nThe control socket, status-get and statistic-get:\n");
    println!("  pid {}, sockets {}", status["pid"], text(&status["sockets"]["status"]));
    for names in statistics {
        let counted: Vec<_> = names.iter().map(|name| format!("{name} {}", server.statistic(name))).collect();
        println!("  {}", counted.join(", "));
    }
}

/// The end of the log.
pub(super) fn log<F: Family>(server: &ServerOf<F>) {
    println!("\nThe log, last lines:\n");
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| !line.contains("COMMAND_RECEIVED")).collect();
    for line in &lines[lines.len().saturating_sub(4)..] {
        println!("  {line}");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("unknown")
}
