//! Reservations in databases: looked for, and changed there.

use kotare_model::{HostId, Reservation, SubnetId};
use kotare_store::{Edited, HostCursor, HostKey, HostQuery, HostSources, Reserved as _, StoreError, Wanted};
use serde_json::Value as Json;

use super::arguments::By;
use super::family::Hosted;
use super::written::RESERVATIONS;
use crate::Serving;

/// So many reservations are asked for at a time.
const PAGE: usize = 1000;

/// What is looked for outside the configuration.
#[derive(Clone, Debug)]
pub(super) enum Lookup {
    /// The reservation that counts.
    One(SubnetId, By),
    /// Those of an address or of a client, in a subnet or in all.
    Of(By, Option<SubnetId>),
    /// Those of a name.
    Named(String, Option<SubnetId>),
    /// All of a subnet.
    All(SubnetId),
}

/// The reservations that a lookup means, of the places in their order.
pub(super) async fn find<L: Hosted>(
    sources: &HostSources<L::Reserved>,
    lookup: Lookup,
    is_unique: bool,
) -> Result<Vec<Reservation<L::Reserved>>, StoreError> {
    match lookup {
        Lookup::One(subnet, By::Identifier(kind, id)) => {
            let ids = [HostId { kind, bytes: &id }];
            let found = sources.of_client(&ids, &[Wanted { subnet, ids: 1 }]).await?;
            Ok(found.into_iter().map(|(host, _)| (*host).clone()).collect())
        }
        Lookup::One(subnet, By::Address(address)) => {
            let Some(address) = L::own_address(address) else { return Ok(Vec::new()) };
            let found = sources.of_address(address, subnet, is_unique).await?;
            Ok(found.into_iter().take(1).map(|host| (*host).clone()).collect())
        }
        Lookup::Of(By::Identifier(kind, id), subnet) => {
            each::<L>(sources, HostKey::Ids(&[HostId { kind, bytes: &id }]), subnet).await
        }
        Lookup::Of(By::Address(address), subnet) => match L::own_address(address) {
            Some(address) => each::<L>(sources, HostKey::Addresses(&[address]), subnet).await,
            None => Ok(Vec::new()),
        },
        Lookup::Named(name, subnet) => each::<L>(sources, HostKey::Hostname(&name), subnet).await,
        Lookup::All(subnet) => {
            let mut found = Vec::new();
            for place in sources.places() {
                let mut after = None;
                loop {
                    let page = place.hosts.page(after, PAGE, Some(subnet)).await?;
                    found.extend(page.hosts);
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
            Ok(found)
        }
    }
}

async fn each<L: Hosted>(
    sources: &HostSources<L::Reserved>,
    key: HostKey<'_, L::Address>,
    subnet: Option<SubnetId>,
) -> Result<Vec<Reservation<L::Reserved>>, StoreError> {
    let mut found = Vec::new();
    for place in sources.places() {
        let subnets = subnet.as_ref().map(std::slice::from_ref);
        found.extend(place.hosts.get(HostQuery { key, subnets }).await?);
    }
    Ok(found)
}

/// A page of reservations from the place of this number, 1 for the first, or from the next one that has some; and where to go
/// on: the number of the place and where in it.
pub(super) async fn page<L: Hosted>(
    sources: &HostSources<L::Reserved>,
    (mut number, mut from): (usize, u64),
    limit: usize,
    subnet: Option<SubnetId>,
) -> Result<(Vec<Reservation<L::Reserved>>, (usize, u64)), StoreError> {
    while let Some(place) = number.checked_sub(1).and_then(|at| sources.places().get(at)) {
        let after = Some(HostCursor(from)).filter(|_| from > 0);
        let page = place.hosts.page(after, limit, subnet).await?;
        if !page.hosts.is_empty() {
            return Ok((page.hosts, page.next.map_or((number + 1, 0), |cursor| (number, cursor.0))));
        }
        (number, from) = (number + 1, 0);
    }
    Ok((Vec::new(), (number, 0)))
}

/// Reservations as they are shown.
pub(super) fn shown<L: Hosted>(
    serving: &dyn Serving<L, L::Engine>,
    hosts: &[Reservation<L::Reserved>],
) -> Vec<Json> {
    let written = hosts.iter().map(|host| Json::Object(L::write(host))).collect();
    let mut shown = serving.written().shown_entries(L::definitions(serving.config()), RESERVATIONS, written);
    for (shown, host) in shown.iter_mut().zip(hosts) {
        if let Some(map) = shown.as_object_mut() {
            map.insert("subnet-id".to_owned(), host.subnet.0.into());
        }
        shown.sort_all_objects();
    }
    shown
}

/// Refuses a change that a place will not or cannot make, before any other is changed.
pub(super) fn may_change<L: Hosted>(sources: &HostSources<L::Reserved>) -> Result<(), String> {
    sources.places().iter().try_for_each(|place| place.hosts.may_change()).map_err(|error| error.to_string())
}

/// Adds a reservation in every place.
pub(super) async fn add<L: Hosted>(
    sources: &HostSources<L::Reserved>,
    host: &Reservation<L::Reserved>,
    is_unique: bool,
) -> Result<(), String> {
    let mut outcome = Ok(());
    for place in sources.places() {
        outcome = match place.hosts.add(host, is_unique).await.map_err(|error| error.to_string()) {
            Ok(Edited::Done) => continue,
            Ok(Edited::Duplicate | Edited::Missing) => Err("Database duplicate entry error".to_owned()),
            Err(reason) => Err(reason),
        };
        break;
    }
    note::<L>(sources, host, outcome.is_ok());
    outcome
}

/// Puts a reservation in the place of the same client's in every place.
pub(super) async fn update<L: Hosted>(
    sources: &HostSources<L::Reserved>,
    host: &Reservation<L::Reserved>,
    is_unique: bool,
) -> Result<(), String> {
    let mut outcome = Ok(());
    for place in sources.places() {
        outcome = match place.hosts.update(host, is_unique).await.map_err(|error| error.to_string()) {
            Ok(Edited::Done) => continue,
            Ok(Edited::Duplicate) => Err("Database duplicate entry error".to_owned()),
            Ok(Edited::Missing) => Err("Host not updated (not found).".to_owned()),
            Err(reason) => Err(reason),
        };
        break;
    }
    note::<L>(sources, host, outcome.is_ok());
    outcome
}

/// Has the cache know what became of a reservation: what was edited in some places and not in others is to be looked for anew.
fn note<L: Hosted>(sources: &HostSources<L::Reserved>, host: &Reservation<L::Reserved>, is_done: bool) {
    let Some(cache) = sources.cache() else { return };
    if is_done {
        return cache.edited(host);
    }
    let (ids, subnets) = ([host.id()], [host.subnet]);
    let addresses: Vec<_> = host.reserved.addresses().collect();
    for key in [HostKey::Ids(&ids), HostKey::Addresses(&addresses)] {
        cache.forget(HostQuery { key, subnets: Some(&subnets) });
    }
}

/// Removes reservations in every place; whether there were any.
pub(super) async fn delete<L: Hosted>(
    sources: &HostSources<L::Reserved>,
    subnet: SubnetId,
    by: &By,
) -> Result<bool, String> {
    let (ids, addresses);
    let key = match by {
        By::Identifier(kind, bytes) => {
            ids = [HostId { kind: *kind, bytes }];
            HostKey::Ids(&ids)
        }
        By::Address(address) => {
            let Some(address) = L::own_address(*address) else { return Ok(false) };
            addresses = [address];
            HostKey::Addresses(&addresses)
        }
    };
    let query = HostQuery { key, subnets: Some(&[subnet]) };
    let mut removed = Ok(0);
    for place in sources.places() {
        let outcome = place.hosts.delete(query).await.map_err(|error| error.to_string());
        removed = removed.and_then(|before: usize| Ok(before + outcome?));
        if removed.is_err() {
            break;
        }
    }
    if let Some(cache) = sources.cache() {
        cache.forget(query);
    }
    removed.map(|removed| removed > 0)
}
