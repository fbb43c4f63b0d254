//! What the arguments of an answer list, as rows and columns.

use std::fmt::Write;

use kotare_config::json::format::{self, Shape};
use serde_json::{Map, Value};

/// How many characters of a cell are shown to people. Programs are given all of them.
const WIDEST: usize = 100;

/// Rows of cells under names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The list that `arguments` hold: that of leases, subnets, reservations (`{ "leases": [ … ], "count": 3 }`), the
    /// result set of `stat-lease4-get`, the samples of statistics, the names of `list-commands`; of anything else its
    /// members, one a row.
    pub(crate) fn of(arguments: &Value) -> Self {
        match arguments {
            Value::Array(items) => Self::of_list(items),
            Value::Object(map) => Self::of_map(map),
            other => Self::of_list(std::slice::from_ref(other)),
        }
    }

    fn of_map(map: &Map<String, Value>) -> Self {
        if let Some(set) = map.get("result-set").and_then(Value::as_object) {
            return Self::of_result_set(set);
        }
        if !map.is_empty() && map.values().all(is_statistic) {
            return Self::of_statistics(map);
        }
        let mut lists = map.values().filter_map(Value::as_array).filter(|items| is_records(items));
        match (lists.next(), lists.next()) {
            // Beside it there is its length at most, or where the next page begins.
            (Some(items), None) if !map.values().any(Value::is_object) => Self::of_list(items),
            _ => Self::new(
                ["name", "value"],
                map.iter().map(|(name, value)| vec![name.clone(), cell(value)]).collect(),
            ),
        }
    }

    /// Maps have a column for each key that any of them has; anything else is a name. Nothing has no columns.
    fn of_list(items: &[Value]) -> Self {
        if items.is_empty() {
            return Self::default();
        }
        if !is_records(items) {
            return Self::new(["name"], items.iter().map(|item| vec![cell(item)]).collect());
        }
        let mut columns: Map<String, Value> = Map::new();
        for key in items.iter().filter_map(Value::as_object).flat_map(Map::keys) {
            if !columns.contains_key(key) {
                columns.insert(key.clone(), Value::Null);
            }
        }
        let columns: Vec<String> = columns.into_iter().map(|(key, _)| key).collect();
        let row =
            |item: &Value| columns.iter().map(|key| item.get(key).map(cell).unwrap_or_default()).collect();
        let rows = items.iter().map(row).collect();
        Self { columns, rows }
    }

    /// `{ "columns": [ … ], "rows": [ [ … ], … ] }`
    fn of_result_set(set: &Map<String, Value>) -> Self {
        let list = |key: &str| set.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let cells =
            |row: &Value| row.as_array().map(|row| row.iter().map(cell).collect()).unwrap_or_default();
        Self {
            columns: list("columns").iter().map(cell).collect(),
            rows: list("rows").iter().map(cells).collect(),
        }
    }

    /// `{ "pkt4-received": [ [ 125, "2026-01-01 12:00:00.000000" ], … ], … }`, the newest sample first.
    fn of_statistics(map: &Map<String, Value>) -> Self {
        let samples = |(name, samples): (&String, &Value)| {
            let row = |sample: &Value| vec![name.clone(), cell(&sample[0]), cell(&sample[1])];
            samples.as_array().map(|samples| samples.iter().map(row).collect::<Vec<_>>()).unwrap_or_default()
        };
        Self::new(["name", "value", "time"], map.iter().flat_map(samples).collect())
    }

    /// Rows under these names.
    pub(crate) fn new<const N: usize>(columns: [&str; N], rows: Vec<Vec<String>>) -> Self {
        Self { columns: columns.map(str::to_owned).to_vec(), rows }
    }

    /// Columns for people, two spaces between them. What would control a terminal is escaped, and what is long is cut.
    pub(crate) fn to_text(&self) -> String {
        let lines: Vec<Vec<String>> = std::iter::once(&self.columns)
            .chain(&self.rows)
            .filter(|row| !row.is_empty())
            .map(|row| row.iter().map(|cell| shortened(harmless(cell))).collect())
            .collect();
        let mut widths = Vec::new();
        for line in &lines {
            widths.resize(widths.len().max(line.len()), 0);
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for line in &lines {
            let start = text.len();
            for (cell, width) in line.iter().zip(&widths) {
                // Writing to a string does not fail.
                let _ = write!(text, "{cell:width$}  ");
            }
            text.truncate(start + text[start..].trim_end().len());
            text.push('\n');
        }
        text
    }

    /// Comma-separated values (RFC 4180, with the line ends of this system).
    pub(crate) fn to_csv(&self) -> String {
        let mut text = String::new();
        for row in std::iter::once(&self.columns).chain(&self.rows).filter(|row| !row.is_empty()) {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }
}

/// Whether these are things with names for their parts.
fn is_records(items: &[Value]) -> bool {
    items.iter().all(Value::is_object)
}

/// Whether a value is a list of samples: pairs of a value and when it was that.
fn is_statistic(value: &Value) -> bool {
    let is_sample = |sample: &Value| {
        sample.as_array().is_some_and(|pair| pair.len() == 2 && !pair[0].is_object() && pair[1].is_string())
    };
    value.as_array().is_some_and(|samples| !samples.is_empty() && samples.iter().all(is_sample))
}

/// Texts as they are, anything else as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => format::text(other, Shape::Line),
    }
}

fn harmless(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for character in cell.chars() {
        match character.is_control() {
            true => text.extend(character.escape_default()),
            false => text.push(character),
        }
    }
    text
}

/// The cell, cut where it would push all others out of sight.
fn shortened(mut cell: String) -> String {
    if let Some((end, _)) = cell.char_indices().nth(WIDEST) {
        cell.truncate(end);
        cell.push('…');
    }
    cell
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn csv(arguments: &Value) -> String {
        Table::of(arguments).to_csv()
    }

    /// What the answers of a server hold, by the manual's examples.
    #[test]
    fn lists_of_servers_are_found() {
        let leases = json!({"count": 2, "leases": [
            {"ip-address": "192.0.2.1", "state": 0},
            {"ip-address": "192.0.2.2", "state": 1, "hostname": "a, \"b\""},
        ]});
        assert_eq!(csv(&leases), "ip-address,state,hostname\n192.0.2.1,0,\n192.0.2.2,1,\"a, \"\"b\"\"\"\n");
        let subnets = json!({"subnets": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "x"}]}]});
        assert_eq!(csv(&subnets), "id,subnet,pools\n1,192.0.2.0/24,\"[ { \"\"pool\"\": \"\"x\"\" } ]\"\n");
        let statistics = json!({"pkt4-received": [[3, "12:01"], [2, "12:00"]], "x": [["text", "12:00"]]});
        assert_eq!(
            csv(&statistics),
            "name,value,time\npkt4-received,3,12:01\npkt4-received,2,12:00\nx,text,12:00\n"
        );
        let set = json!({"result-set": {"columns": ["subnet-id", "total"], "rows": [[1, 256], [2, 9]], "timestamp": "t"}});
        assert_eq!(csv(&set), "subnet-id,total\n1,256\n2,9\n");
        assert_eq!(csv(&json!(["build-report", "config-get"])), "name\nbuild-report\nconfig-get\n");
        assert_eq!(csv(&json!({"pid": 7, "reload": true})), "name,value\npid,7\nreload,true\n");
        assert_eq!(
            csv(&json!({"ip-address": "192.0.2.1", "cltt": 1})),
            "name,value\nip-address,192.0.2.1\ncltt,1\n"
        );
    }

    /// What `config-diff` answers: a change a row, and one that is long does not hide the others.
    #[test]
    fn changes_are_rows() {
        let path = "Dhcp4/valid-lifetime";
        let change =
            json!({"path": path, "kind": "changed", "old": 1, "new": "x".repeat(500), "effect": null});
        let changes = json!({"count": 1, "changes": [change]});
        let text = Table::of(&changes).to_text();
        assert!(text.starts_with("path                  kind     old  new "), "{text}");
        assert!(text.contains(&format!("{path}  changed  1    {}…", "x".repeat(WIDEST))), "{text}");
        assert!(csv(&changes).contains(&"x".repeat(500)));
    }

    /// A map of several lists, or of maps, is not one list.
    #[test]
    fn what_is_no_list_keeps_all_it_says() {
        let both = json!({"a": [{"x": 1}], "b": [{"y": 2}]});
        assert_eq!(Table::of(&both).rows.len(), 2);
        let config = json!({"Dhcp4": {"subnet4": []}, "hash": "00"});
        assert_eq!(Table::of(&config).columns, ["name", "value"]);
        assert_eq!(csv(&json!({"leases": [], "count": 0})), "");
    }

    /// Columns are as wide as what stands in them; a name from a client cannot control the terminal.
    #[test]
    fn tables_line_up_and_are_harmless() {
        let table = Table::of(&json!([{"name": "ä", "id": 10}, {"name": "long\u{1b}[2J", "id": 2}]));
        assert_eq!(table.to_text(), "name           id\nä              10\nlong\\u{1b}[2J  2\n");
    }
}
