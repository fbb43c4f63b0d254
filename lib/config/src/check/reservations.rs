//! Reservations: whom they are for, and what nobody else can have.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};

use foldhash::fast::FixedState;

use super::boot;
use crate::common::HostIdType;
use crate::json::{Diagnostics, Source, Value};
use crate::schema::bytes;
use crate::{Address, Level, Prefix, Prefix4, Prefix6};

/// Of the reservations of a subnet, or the global ones: an identifier each, no client and (if
/// `ip-reservations-unique` does not say otherwise) no address twice.
pub(super) struct Reservations<'a, K> {
    /// What clients may be named by.
    kinds: &'static [HostIdType],
    /// `ip-reservations-unique`.
    is_unique: bool,
    /// Who has a reservation, and where.
    clients: HashMap<(&'static str, Vec<u8>), &'a Source, FixedState>,
    /// What is reserved, and where.
    reserved: HashMap<K, &'a Source, FixedState>,
}

impl<'a, K: Hash + Eq> Reservations<'a, K> {
    /// For `count` reservations.
    fn new(kinds: &'static [HostIdType], is_unique: bool, count: usize) -> Self {
        let clients = HashMap::with_capacity_and_hasher(count, FixedState::default());
        let reserved = HashMap::with_capacity_and_hasher(count, FixedState::default());
        Self { kinds, is_unique, clients, reserved }
    }

    /// Whom `reservation` is for.
    fn client(&mut self, reservation: &'a Value, diagnostics: &mut Diagnostics) {
        if let Some((keyword, id, source)) = identifier(self.kinds, reservation, diagnostics)
            && let Some(first) = self.clients.insert((keyword, id), source)
        {
            diagnostics.error(source, format!("this {keyword} has a reservation already, at {first}"));
        }
    }

    /// That `value` reserves `what`.
    fn reserve(&mut self, what: K, value: &'a Value, diagnostics: &mut Diagnostics) {
        if let Some(first) = self.reserved.insert(what, value.source()).filter(|_| self.is_unique) {
            let text = value.as_str().unwrap_or_default().trim();
            let message = format!("{text} is reserved already, at {first}");
            let hint = "set \"ip-reservations-unique\" to false if several clients may have it";
            diagnostics.error_with_hint(value.source(), message, hint);
        }
    }
}

/// The reservations in `map`, the global map or a subnet of DHCPv4 with the prefix `prefix`.
pub(super) fn check4(map: &Value, prefix: Option<Prefix4>, is_unique: bool, diagnostics: &mut Diagnostics) {
    let list = map.list("reservations");
    let mut all = Reservations::new(&HostIdType::ALL, is_unique, list.len());
    for reservation in list.iter().filter(|it| it.is_map()) {
        boot::check(reservation, diagnostics);
        all.client(reservation, diagnostics);
        let Some(value) = reservation.get("ip-address") else { continue };
        let is_usable = |address: Ipv4Addr| !address.is_unspecified() && !address.is_broadcast();
        if let Some(address) = address(value, prefix, is_usable, diagnostics) {
            all.reserve(address, value, diagnostics);
        }
    }
}

/// The same of DHCPv6: any number of addresses, and of prefixes, which may be from anywhere.
pub(super) fn check6(map: &Value, prefix: Option<Prefix6>, is_unique: bool, diagnostics: &mut Diagnostics) {
    let list = map.list("reservations");
    let mut all = Reservations::new(&HostIdType::V6, is_unique, list.len());
    for reservation in list.iter().filter(|it| it.is_map()) {
        all.client(reservation, diagnostics);
        for value in reservation.list("ip-addresses") {
            let is_usable = |address: Ipv6Addr| !address.is_unspecified() && !address.is_multicast();
            if let Some(address) = address(value, prefix, is_usable, diagnostics) {
                all.reserve(Prefix6::host(address), value, diagnostics);
            }
        }
        let prefixes = reservation.list("prefixes");
        let reserved = prefixes.iter().map(|value| {
            let reserved = reserved_prefix(value, diagnostics)?;
            all.reserve(reserved, value, diagnostics);
            Some(reserved)
        });
        let reserved: Vec<_> = reserved.collect();
        excluded(reservation, &reserved, diagnostics);
    }
}

/// The address that `value` reserves, within `prefix`, if there is one.
fn address<A: Address>(
    value: &Value,
    prefix: Option<Prefix<A>>,
    is_usable: impl Fn(A) -> bool,
    diagnostics: &mut Diagnostics,
) -> Option<A> {
    let text = value.as_str()?;
    let Ok(address) = text.trim().parse::<A>() else {
        diagnostics.error(value.source(), format!("'{text}' is not an {} address", A::FAMILY));
        return None;
    };
    if !is_usable(address) {
        diagnostics.error(value.source(), format!("{address} cannot be reserved"));
        return None;
    }
    if let Some(prefix) = prefix.filter(|prefix| !prefix.contains(address)) {
        let message = format!("the reserved address {address} is not within its subnet {prefix}");
        diagnostics.error(value.source(), message);
    }
    Some(address)
}

/// The prefix that `value` is, which begins where it says.
fn reserved_prefix(value: &Value, diagnostics: &mut Diagnostics) -> Option<Prefix6> {
    let text = value.as_str()?;
    let prefix = match text.parse::<Prefix6>() {
        Ok(prefix) => prefix,
        Err(error) => {
            diagnostics.error(value.source(), format!("'{text}' {error}"));
            return None;
        }
    };
    let address = text.split('/').next().and_then(|address| address.trim().parse().ok());
    if prefix.prefix_len() == 0 {
        diagnostics.error(value.source(), format!("'{text}' has the prefix length 0, it must be at least 1"));
        None
    } else if address != Some(prefix.network()) {
        let message =
            format!("'{text}' does not begin at the first address of its prefix, which is {prefix}");
        diagnostics.error(value.source(), message);
        None
    } else {
        Some(prefix)
    }
}

/// `excluded-prefixes`: for each of the prefixes, in their order, what the client must not use of it (RFC 6603), or an
/// empty string.
fn excluded(reservation: &Value, prefixes: &[Option<Prefix6>], diagnostics: &mut Diagnostics) {
    let Some(list) = reservation.get("excluded-prefixes").filter(|list| list.is_list()) else { return };
    if list.items().len() != prefixes.len() {
        let message = format!(
            "\"excluded-prefixes\" has {} entries, but \"prefixes\" has {}",
            list.items().len(),
            prefixes.len()
        );
        let hint = "each prefix has one entry, which may be empty";
        diagnostics.error_with_hint(list.source(), message, hint);
        return;
    }
    for (value, prefix) in list.items().iter().zip(prefixes) {
        if value.as_str().is_none_or(|text| text.trim().is_empty()) {
            continue;
        }
        if let (Some(excluded), Some(prefix)) = (reserved_prefix(value, diagnostics), prefix)
            && (!prefix.covers(excluded) || excluded == *prefix)
        {
            let message = format!("the excluded prefix {excluded} is not a part of {prefix}");
            diagnostics.error(value.source(), message);
        }
    }
}

/// The one identifier of a reservation.
fn identifier<'a>(
    kinds: &[HostIdType],
    reservation: &'a Value,
    diagnostics: &mut Diagnostics,
) -> Option<(&'static str, Vec<u8>, &'a Source)> {
    let mut given = kinds
        .iter()
        .filter_map(|kind| Some((kind.keyword(), kind.longest(), reservation.get(kind.keyword())?)));
    let Some((keyword, most, value)) = given.next() else {
        let names: Vec<_> = kinds.iter().map(|kind| format!("\"{}\"", kind.keyword())).collect();
        let message = format!("the reservation names no client; give one of {}", names.join(", "));
        diagnostics.error(reservation.source(), message);
        return None;
    };
    for (other, _, value) in given {
        diagnostics.error(
            value.source(),
            format!("\"{other}\" cannot stand beside \"{keyword}\" in one reservation"),
        );
    }
    let text = value.as_str()?;
    match bytes(text) {
        Some(id) if id.is_empty() => diagnostics.error(value.source(), format!("\"{keyword}\" is empty")),
        Some(id) if id.len() > most => {
            let message = format!("\"{keyword}\" has {} bytes, it may have {most} at most", id.len());
            diagnostics.error(value.source(), message);
        }
        Some(id) => return Some((keyword, id, value.source())),
        None => {
            let hint = "write hexadecimal digits such as '01:02:0a:0b', or text in single quotes";
            diagnostics.error_with_hint(
                value.source(),
                format!("\"{keyword}\" cannot be read from '{text}'"),
                hint,
            );
        }
    }
    None
}

/// `host-reservation-identifiers`: at least one, none twice.
pub(super) fn identifiers(global: Level<'_>, diagnostics: &mut Diagnostics) {
    let Some(list) = global.own("host-reservation-identifiers").filter(|list| list.is_list()) else { return };
    if list.items().is_empty() {
        diagnostics
            .error(list.source(), "\"host-reservation-identifiers\" is empty, it must have one at least");
    }
    if let [_, _, ..] = list.items()
        && let Some(auto) = list.items().iter().find(|item| item.as_str() == Some("auto"))
    {
        diagnostics.error(auto.source(), "\"auto\" means all identifiers, nothing can stand beside it");
    }
    for (index, item) in list.items().iter().enumerate() {
        if let Some(text) = item.as_str()
            && list.items()[..index].iter().any(|before| before.as_str() == Some(text))
        {
            diagnostics.error(item.source(), format!("\"{text}\" is in the list already"));
        }
    }
}
