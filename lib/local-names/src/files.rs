//! Names as other programs read them from files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;

use kotare_ddns::Name;

use crate::{Fixed, MOST, Rules, Table};

/// A hosts file (`hosts(5)`): `addn-hosts` and `hostsdir` of dnsmasq, `hosts` of CoreDNS. Each address with its name, and
/// with the name's first label if the rest is the domain. `about` says whose file it is.
#[must_use]
pub fn hosts_file(table: &Table, rules: &Rules, about: &str) -> String {
    let mut text = format!("# {about}\n");
    for (address, name) in table.all() {
        let shown = name.to_string();
        let whole = shown.trim_end_matches('.');
        // Writing to a text cannot fail.
        let _ = write!(text, "{address}\t{whole}");
        if let (Some(domain), Some((label, _))) = (rules.domain(), whole.split_once('.'))
            && name.is_in(domain)
            && name.labels() == domain.labels() + 1
        {
            let _ = write!(text, " {label}");
        }
        text.push('\n');
    }
    text
}

/// A file for `include` of Unbound.
#[must_use]
pub fn unbound_file(table: &Table, ttl: u32, about: &str) -> String {
    let mut text = format!("# {about}\nserver:\n");
    let mut former = None;
    for (address, name) in table.all() {
        let kind = if address.is_ipv4() { "A" } else { "AAAA" };
        let _ = writeln!(text, "    local-data: \"{name} {ttl} IN {kind} {address}\"");
        // An address is called one thing.
        if former.replace(address) != Some(address) {
            let _ = writeln!(text, "    local-data-ptr: \"{address} {ttl} {name}\"");
        }
    }
    text
}

/// Reads a hosts file that somebody else writes; names of one label get the domain of the `rules`. What is no address, and
/// what is no name, is passed over.
#[must_use]
pub fn read_hosts(text: &str, rules: &Rules) -> Vec<Fixed> {
    let mut found: BTreeMap<String, Fixed> = BTreeMap::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_ascii_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse::<IpAddr>().ok()) else { continue };
        let names = words.filter_map(|word| rules.of_operator(word));
        // Every machine calls itself that.
        let is_of_all = |name: &Name| name.to_string().starts_with("localhost");
        for name in names.filter(|name| !is_of_all(name)) {
            let key = name.to_string().to_ascii_lowercase();
            if found.len() >= MOST && !found.contains_key(&key) {
                continue;
            }
            let fixed = Fixed { name, addresses: Vec::new(), owner: None };
            let addresses = &mut found.entry(key).or_insert(fixed).addresses;
            if addresses.last() != Some(&address) {
                addresses.push(address);
            }
        }
    }
    found.into_values().collect()
}
