//! What subnets and shared networks of both protocols have alike.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::classes;
use crate::json::{Diagnostics, Source, Value};
use crate::schema::tables::LEASE_DATABASE;
use crate::{Address, Level, Prefix};

/// What must be unique in the configuration, each with the place of the first.
pub(super) struct Seen<A> {
    /// `ip-reservations-unique`.
    pub(super) unique_reservations: bool,
    ids: HashMap<i64, Source>,
    /// Addresses and lengths as they are written: Kea takes several subnets of a prefix if one has host bits.
    prefixes: HashMap<(A, u8), Source>,
    names: HashMap<String, Source>,
    /// Whether leases are where other servers have theirs, too.
    shares_leases: bool,
    /// Where an allocator is written that cannot be used.
    refused_allocators: HashSet<Source>,
}

impl<A: Address> Seen<A> {
    pub(super) fn new(global: Level<'_>) -> Self {
        Self {
            unique_reservations: global.bool("ip-reservations-unique"),
            ids: HashMap::new(),
            prefixes: HashMap::new(),
            names: HashMap::new(),
            shares_leases: ["mysql", "postgresql"].contains(&global.section(&LEASE_DATABASE).text("type")),
            refused_allocators: HashSet::new(),
        }
    }

    /// `id` and `subnet`, which no other subnet has; its prefix, if it is one.
    pub(super) fn subnet(&mut self, subnet: &Value, diagnostics: &mut Diagnostics) -> Option<Prefix<A>> {
        if let Some(id) = subnet.get("id")
            && let Some(number) = id.as_int()
        {
            unique(&mut self.ids, number, id, format!("the subnet id {number}"), diagnostics);
        }
        let value = subnet.get("subnet")?;
        let text = value.as_str()?;
        match text.parse::<Prefix<A>>() {
            Ok(prefix) => {
                let written = host_bits(text, prefix, value, diagnostics);
                let (key, what) = ((written, prefix.prefix_len()), format!("the subnet {prefix}"));
                unique(&mut self.prefixes, key, value, what, diagnostics);
                Some(prefix)
            }
            Err(error) => {
                diagnostics.error(value.source(), format!("'{text}' {error}"));
                None
            }
        }
    }

    /// Queues of free leases are shared by those who share the database that they stand in. Kea judges subnets alone, too.
    pub(super) fn allocator(&mut self, level: Level<'_>, keyword: &str, diagnostics: &mut Diagnostics) {
        if !self.shares_leases {
            let message =
                "the allocator \"shared-flq\" is only supported by MySQL and PostgreSQL lease databases";
            let hint = "use 'flq': the leases of a memfile are this server's alone";
            self.refuse_allocator(level, keyword, "shared-flq", (message, hint), diagnostics);
        }
    }

    /// Refuses an allocator of a subnet, once where several inherit it.
    pub(super) fn refuse_allocator(
        &mut self,
        level: Level<'_>,
        keyword: &str,
        allocator: &str,
        (message, hint): (&str, &str),
        diagnostics: &mut Diagnostics,
    ) {
        if let Some(value) = level.get(keyword)
            && value.as_str() == Some(allocator)
            && self.refused_allocators.insert(value.source().clone())
        {
            diagnostics.error_with_hint(value.source(), message, hint);
        }
    }

    /// The name of a shared network, which no other has.
    pub(super) fn name(&mut self, network: &Value, diagnostics: &mut Diagnostics) {
        let Some(name) = network.get("name") else { return };
        let Some(text) = name.as_str() else { return };
        if text.is_empty() {
            diagnostics.error(name.source(), "a shared network must have a name, this is empty");
        } else {
            let what = format!("the shared network \"{text}\"");
            unique(&mut self.names, text.to_owned(), name, what, diagnostics);
        }
    }
}

/// The `subnets` of a shared network are on one link.
pub(super) fn one_link(network: &Value, subnets: &[Value], diagnostics: &mut Diagnostics) {
    let mut interface =
        network.get("interface").filter(|value| value.as_str().is_some_and(|name| !name.is_empty()));
    for own in subnets.iter().filter_map(|subnet| subnet.get("interface")) {
        match (interface.and_then(Value::as_str), own.as_str()) {
            (_, None | Some("")) => {}
            (None, Some(_)) => interface = Some(own),
            (Some(name), Some(other)) if name != other => {
                let at = interface.map(|value| value.source().to_string()).unwrap_or_default();
                let message = format!(
                    "the interface \"{other}\" differs from \"{name}\" at {at} in the same shared network"
                );
                diagnostics.error_with_hint(own.source(), message, "a shared network is one link");
            }
            _ => {}
        }
    }
}

/// Interface, relay agents and classes.
pub(super) fn link<A: Address>(map: &Value, diagnostics: &mut Diagnostics) {
    classes::names(map, diagnostics);
    let addresses = map.get("relay").map_or(&[][..], |relay| relay.list("ip-addresses"));
    let mut seen = HashMap::new();
    for value in addresses {
        let Some(text) = value.as_str() else { continue };
        match text.parse::<A>() {
            Ok(address) => unique(&mut seen, address, value, format!("the relay {address}"), diagnostics),
            Err(_) => diagnostics.error(value.source(), format!("'{text}' is not an {} address", A::FAMILY)),
        }
    }
}

/// Kea takes a prefix with host bits and so does this server, but hardly anyone means one. The address as it is written.
fn host_bits<A: Address>(text: &str, prefix: Prefix<A>, value: &Value, diagnostics: &mut Diagnostics) -> A {
    let written = text.split('/').next().and_then(|address| address.trim().parse::<A>().ok());
    let written = written.unwrap_or(prefix.network());
    if written != prefix.network() {
        diagnostics.warning(
            value.source(),
            format!("'{text}' is not the first address of its prefix, it is read as {prefix}"),
        );
    }
    written
}

/// Notes that `value` is `what`; an error if another is already.
pub(super) fn unique<K: Hash + Eq>(
    seen: &mut HashMap<K, Source>,
    key: K,
    value: &Value,
    what: String,
    diagnostics: &mut Diagnostics,
) {
    match seen.entry(key) {
        Entry::Vacant(source) => {
            source.insert(value.source().clone());
        }
        Entry::Occupied(first) => {
            diagnostics.error(value.source(), format!("{what} is there already, at {}", first.get()));
        }
    }
}
