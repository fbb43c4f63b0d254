//! The rows that servers write to their lease files.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::verdict::Field;

/// A lease that was taken out of a lease file.
pub(super) const GONE: &str = "gone";
/// Which column of a lease file has the name.
const HOSTNAME: usize = 11;
/// Which have how long it is valid and preferred.
const LIFETIMES: [usize; 2] = [2, 5];

/// The last rows that Kea wrote of leases, by their address.
pub(super) type Known = BTreeMap<String, String>;

/// What these rows of a lease file say in the end of each lease.
pub(super) fn leases(rows: &[String], base: u64, grain: u32) -> Vec<Field> {
    let mut state = BTreeMap::new();
    for row in rows {
        let mut columns: Vec<&str> = row.split(',').collect();
        // Nobody, as whom declined leases have; Kea 3 writes as many bytes as a DUID has at least.
        if columns[1] == "00" {
            columns[1] = "00:00:00";
        }
        let name = format!("lease {}/{}", columns[0], columns[8]);
        let (end, context);
        if grain == 0 {
            columns[3] = "";
        } else {
            let since = columns[3].parse::<u64>().expect("a time").saturating_sub(base);
            end = nearest(since, grain).to_string();
            columns[3] = &end;
        }
        context = as_kea_2_2_has_it(columns[14]);
        columns[14] = &context;
        // Kea 3 writes 0 for what it does not know of a hardware address that it does not know, and has more columns.
        let last = if columns[12].is_empty() { 15 } else { 17 };
        let is_gone = columns[2] == "0";
        state.insert(
            name,
            if is_gone { GONE.to_owned() } else { columns[..last.min(columns.len())].join(",") },
        );
    }
    state.into_iter().collect()
}

/// The user context of a lease, with what relay agents said as Kea 2.2 keeps it: `relays` instead of `relay-info`, and
/// their identifiers only among their options.
fn as_kea_2_2_has_it(column: &str) -> String {
    let escaped = [(",", "&#x2c"), ("\\", "&#x5c")];
    let plain = escaped.iter().fold(column.to_owned(), |text, (plain, code)| text.replace(code, plain));
    let Ok(mut context) = serde_json::from_str::<Value>(&plain) else { return column.to_owned() };
    let Some(isc) = context.get_mut("ISC").and_then(Value::as_object_mut) else { return context.to_string() };
    if let Some(mut relays) = isc.remove("relay-info") {
        for relay in relays.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            relay.retain(|name, _| !["remote-id", "relay-id"].contains(&name.as_str()));
        }
        isc.insert("relays".to_owned(), relays);
    }
    context.to_string()
}

/// A row of a lease file without the name of the client.
pub(super) fn nameless(row: &str) -> String {
    without(row, &[HOSTNAME])
}

/// A row of a lease file with nothing in these columns.
fn without(row: &str, left_out: &[usize]) -> String {
    let columns = row.split(',').enumerate();
    columns
        .map(|(at, column)| if left_out.contains(&at) { "-" } else { column })
        .collect::<Vec<_>>()
        .join(",")
}

/// The address of this row of Kea's lease file if the lease has the lifetimes that it had before.
pub(super) fn lifetimes_kept(row: &str, known: &Known) -> Option<String> {
    let address = first_column(row);
    let times = |row: &str| LIFETIMES.map(|at| row.split(',').nth(at).map(str::to_owned));
    let before = known.get(&address)?;
    (times(before) == times(row)).then_some(address)
}

/// This row without its lifetimes.
pub(super) fn lifeless(row: &str) -> String {
    let is_gone = row.split(',').nth(LIFETIMES[0]) == Some("0");
    if is_gone { row.to_owned() } else { without(row, &LIFETIMES) }
}

/// The address that a row is of.
pub(super) fn first_column(row: &str) -> String {
    row.split(',').next().unwrap_or_default().to_owned()
}

/// The multiple of `grain` that is nearest.
pub(super) fn nearest(time: u64, grain: u32) -> u64 {
    let grain = u64::from(grain);
    (time + grain / 2) / grain * grain
}
