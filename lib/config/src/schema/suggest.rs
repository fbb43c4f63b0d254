//! What the operator may have meant by a keyword that is not one.

use super::table::{Table, Type};
use super::tables::{TOP, TOP6};

/// What to say about `keyword`, which `table` does not have; empty when there is no guess. `top` is the table of the
/// whole file.
pub(super) fn suggest(top: &'static Table, table: &Table, keyword: &str) -> String {
    let elsewhere = elsewhere(keyword);
    if !elsewhere.is_empty() {
        return elsewhere.to_owned();
    }
    let of_the_other = the_other(top, keyword);
    if !of_the_other.is_empty() {
        return of_the_other.to_owned();
    }
    let nearest = table
        .params()
        .map(|param| (distance(keyword, param.keyword), param.keyword))
        .min()
        .filter(|(distance, nearest)| *distance <= 1.max(nearest.len().min(keyword.len()) / 4));
    if let Some((_, nearest)) = nearest {
        return format!("did you mean \"{nearest}\"?");
    }
    let mut homes = Vec::new();
    find_homes(top, keyword, &mut homes);
    match homes.as_slice() {
        [] => String::new(),
        homes => format!("it belongs into {}", homes.join(", ")),
    }
}

/// Adds the names of `table` and of those in it that have `keyword`.
fn find_homes(table: &'static Table, keyword: &str, homes: &mut Vec<&'static str>) {
    if table.param(keyword).is_some() && !homes.contains(&table.name) {
        homes.push(table.name);
    }
    for param in table.params() {
        if let Type::Map(inner) | Type::Maps(inner) = param.is {
            find_homes(inner, keyword, homes);
        }
    }
}

/// Keywords of files for other servers.
fn elsewhere(keyword: &str) -> &'static str {
    match keyword {
        "Dhcp4" | "Dhcp6" | "DhcpDdns" | "Control-agent" | "Netconf" => "each server has a file of its own",
        "Logging" => "move its \"loggers\" into the map of the server",
        _ => "",
    }
}

/// What only the server of the other family knows.
fn the_other(top: &'static Table, keyword: &str) -> &'static str {
    let is_in = |top| {
        let mut homes = Vec::new();
        find_homes(top, keyword, &mut homes);
        !homes.is_empty()
    };
    for (one, other, hint) in [(&TOP, &TOP6, "this is for DHCPv6"), (&TOP6, &TOP, "this is for DHCPv4")] {
        if std::ptr::eq(top, one) && !is_in(one) && is_in(other) {
            return hint;
        }
    }
    ""
}

/// How many letters must be added, taken away, replaced or swapped with the next to come from `a` to `b`; `_` counts
/// as `-` and capitals as small letters. Keywords are short, so the quadratic table is too.
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| -> Vec<u8> {
        text.bytes()
            .take(64)
            .map(|byte| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() })
            .collect()
    };
    let (a, b) = (letters(a), letters(b));
    let mut before = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            let mut best = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                let swapped: &Vec<usize> = &before;
                best = best.min(swapped[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::tables;

    /// Typing errors are recognised, other words are not.
    #[test]
    fn typing_errors_are_recognised() {
        assert_eq!(
            suggest(&tables::TOP, &tables::SUBNET4, "valid-lifetme"),
            "did you mean \"valid-lifetime\"?"
        );
        assert_eq!(
            suggest(&tables::TOP, &tables::SUBNET4, "valid_lifetime"),
            "did you mean \"valid-lifetime\"?"
        );
        assert_eq!(suggest(&tables::TOP, &tables::SUBNET4, "pool"), "did you mean \"pools\"?");
        assert_eq!(suggest(&tables::TOP, &tables::DHCP4, "lease-file"), "");
        assert_eq!(suggest(&tables::TOP, &tables::DHCP4, "pools"), "it belongs into subnet4");
        assert_eq!(suggest(&tables::TOP, &tables::DHCP4, "rapid-commit"), "this is for DHCPv6");
        assert_eq!(
            suggest(&tables::TOP6, &tables::DHCP6, "rapid-commit"),
            "it belongs into subnet6, shared-networks"
        );
        assert_eq!(suggest(&tables::TOP6, &tables::SUBNET6, "next-server"), "this is for DHCPv4");
        assert_eq!(suggest(&tables::TOP, &tables::TOP, "Dhcp6"), "each server has a file of its own");
    }
}
