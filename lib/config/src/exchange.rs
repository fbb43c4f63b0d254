//! A configuration of which few subnets say something else, without reading all of it.
//!
//! What these subnets say is read by the code that reads everything, in a configuration in which there are no other subnets
//! and no reservations. That is enough where nothing depends on the others: each keeps its number, its prefix and its place,
//! what the subnets of a shared network must agree about, and reserves nothing; it names no class that nobody configured, as
//! ids of such classes go by who names them first; and there is nothing to say of it, before and after. Whoever has something
//! else to exchange reads everything.

use std::collections::HashMap;

use kotare_model::SubnetId;

use crate::json::{Diagnostics, Entry, Value};
use crate::read::judge;
use crate::schema::{File, Type, without_effect};
use crate::{Configuration, Written};

const NETWORKS: &str = "shared-networks";
const RESERVATIONS: &str = "reservations";
/// What is judged of a subnet together with others of its shared network.
const AGREED: &[&str] = &["interface", "authoritative", "rapid-commit"];
/// What a subnet can have that takes more than to look at it.
const LARGER: &[&str] = &[RESERVATIONS, "prefix-from"];
/// Where subnets and what is in them name classes.
const CLASSES: &[&str] = &["client-classes", "evaluate-additional-classes"];

/// A configuration whose subnets can be exchanged. There are two of them.
pub trait Exchanging: Configuration {
    /// Whether a class of this name is configured.
    fn has_class(&self, name: &str) -> bool;

    /// This configuration with the subnets of `read`, each in the place of the one with its number. Both have the same
    /// classes and definitions, global parameters and shared networks, but for those in which nothing changes.
    ///
    /// Nothing, if one has no such place.
    fn with_subnets_of(&self, read: &Self) -> Option<Self>;
}

/// What is written of a subnet from now on.
#[derive(Clone, Copy, Debug)]
pub struct Instead<'a> {
    /// The shared network that it is in.
    pub network: Option<&'a str>,
    /// The subnet.
    pub subnet: &'a Value,
}

/// A configuration in which subnets were exchanged.
#[derive(Debug)]
pub struct Exchanged<C> {
    /// What is written.
    pub root: Value,
    /// What it means.
    pub config: C,
    /// The subnets that say something else.
    pub subnets: Vec<SubnetId>,
}

/// Where a subnet is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At {
    /// The place of its shared network in their list.
    network: Option<usize>,
    place: usize,
}

/// The configuration that is written so and means `config`, with other subnets in the place of those with their numbers, as
/// if it had been written so and read. Nothing where that takes more than to look at these: then everything has to be read.
pub fn exchanged<C: Exchanging>(
    written: &Written,
    config: &C,
    instead: &[Instead<'_>],
) -> Option<Exchanged<C>> {
    let file = written.file();
    let keyword = subnets_keyword(file)?;
    let global = written.root().get(file.global.name)?;
    let places = places(global, keyword, instead)?;
    let former = |at: At| {
        let around = at.network.map_or(global, |network| &global.list(NETWORKS)[network]);
        &around.list(keyword)[at.place]
    };
    let before: Vec<_> = places.iter().map(|at| (*at, former(*at))).collect();
    let now: Vec<_> = places.iter().zip(instead).map(|(at, instead)| (*at, instead.subnet)).collect();
    let is_plain = |&(at, former): &(At, &Value), &(_, now): &(At, &Value)| {
        let agrees = |keyword: &&str| same(former, now, keyword);
        ["id", "subnet"].iter().all(agrees)
            && (at.network.is_none() || AGREED.iter().all(agrees))
            && [former, now].iter().all(|subnet| is_small(subnet) && knows_classes(subnet, config))
    };
    if !before.iter().zip(&now).all(|(before, now)| is_plain(before, now)) {
        return None;
    }
    let alone = |subnets: &[(At, &Value)]| {
        let global = alone(global, keyword, &places, subnets);
        let root = written
            .root()
            .with(Entry { key: written.root().entry(file.global.name)?.key.clone(), value: global });
        let mut diagnostics = Diagnostics::new();
        let (root, config) = judge::<C>(root, file, &mut diagnostics);
        let remarks = diagnostics.warning_count()
            + without_effect(&root, file).iter().map(|it| it.count).sum::<usize>();
        (!diagnostics.has_errors()).then_some((root, config?, remarks))
    };
    let (read, meaning, remarks) = alone(&now)?;
    let (.., remarks_before) = alone(&before)?;
    if remarks + remarks_before > 0 {
        let (.., of_others) = alone(&[])?;
        if (remarks, remarks_before) != (of_others, of_others) {
            return None;
        }
    }
    let config = config.with_subnets_of(&meaning)?;
    // In the keywords of today, as all of it.
    let read = in_places(read.get(file.global.name)?, keyword, &places)?;
    let global = replaced(global, keyword, &read);
    let entry = written.root().entry(file.global.name)?;
    let root = written.root().with(Entry { key: entry.key.clone(), value: global });
    let subnets = instead.iter().filter_map(|it| number(it.subnet)).filter_map(|id| u32::try_from(id).ok());
    Some(Exchanged { root, config, subnets: subnets.map(SubnetId).collect() })
}

/// The keyword of the list of subnets in a file of this form.
pub(crate) fn subnets_keyword(file: &File) -> Option<&'static str> {
    let is_of_subnets = |keyword: &str, is| keyword.starts_with("subnet") && matches!(is, Type::Maps(_));
    file.global.params().find(|param| is_of_subnets(param.keyword, param.is)).map(|param| param.keyword)
}

fn number(subnet: &Value) -> Option<i64> {
    subnet.get("id")?.as_int()
}

/// Where those with the numbers of these are, each in the shared network that it says.
fn places(global: &Value, keyword: &str, instead: &[Instead<'_>]) -> Option<Vec<At>> {
    let mut wanted: HashMap<i64, Option<At>> = HashMap::with_capacity(instead.len());
    for it in instead {
        if wanted.insert(number(it.subnet)?, None).is_some() {
            return None;
        }
    }
    let networks = global.list(NETWORKS);
    let inside = networks.iter().enumerate().map(|(network, map)| (Some(network), map.list(keyword)));
    for (network, list) in inside.chain([(None, global.list(keyword))]) {
        for (place, subnet) in list.iter().enumerate() {
            let found = number(subnet).and_then(|id| wanted.get_mut(&id));
            if let Some(found) = found
                && found.replace(At { network, place }).is_some()
            {
                return None;
            }
        }
    }
    let place = |it: &Instead<'_>| {
        let at = wanted.get(&number(it.subnet)?).copied().flatten()?;
        let network = at.network.map(|network| networks[network].get("name").and_then(Value::as_str));
        (network == it.network.map(Some)).then_some(at)
    };
    instead.iter().map(place).collect()
}

fn same(one: &Value, other: &Value, keyword: &str) -> bool {
    one.get(keyword).map(Value::to_json) == other.get(keyword).map(Value::to_json)
}

fn is_small(subnet: &Value) -> bool {
    LARGER
        .iter()
        .all(|keyword| subnet.get(keyword).is_none_or(|value| value.is_list() && value.items().is_empty()))
}

/// Whether all classes are configured that it names anywhere.
fn knows_classes(value: &Value, config: &impl Exchanging) -> bool {
    let is_known = |name: &Value| name.as_str().is_some_and(|name| config.has_class(name));
    value.items().iter().all(|item| knows_classes(item, config))
        && value.entries().iter().all(|entry| match CLASSES.contains(&&*entry.key) {
            true => entry.value.items().iter().all(is_known),
            false => knows_classes(&entry.value, config),
        })
}

/// The map of the server without reservations and without subnets but for these; the shared networks are those in which there
/// are some of `places`.
fn alone(global: &Value, keyword: &str, places: &[At], subnets: &[(At, &Value)]) -> Value {
    let of = |network: Option<usize>| {
        let inside = subnets.iter().filter(move |(at, _)| at.network == network);
        inside.map(|(_, subnet)| (*subnet).clone()).collect::<Vec<_>>()
    };
    let networks = networks_of(places).into_iter().map(|network| {
        let map = global.list(NETWORKS)[network].without(keyword);
        map.with_list(keyword, |list| *list = of(Some(network)))
    });
    let networks: Vec<_> = networks.collect();
    let global = global.without(RESERVATIONS).without(NETWORKS).without(keyword);
    let global = global.with_list(keyword, |list| *list = of(None));
    match networks.is_empty() {
        true => global,
        false => global.with_list(NETWORKS, |list| *list = networks),
    }
}

/// The shared networks that these are in, ascending.
fn networks_of(places: &[At]) -> Vec<usize> {
    let mut networks: Vec<_> = places.iter().filter_map(|at| at.network).collect();
    networks.sort_unstable();
    networks.dedup();
    networks
}

/// What was read of subnets by themselves, each with its place among all of them.
fn in_places<'a>(global: &'a Value, keyword: &str, places: &[At]) -> Option<Vec<(At, &'a Value)>> {
    let networks = networks_of(places);
    let mut lists: HashMap<Option<usize>, std::slice::Iter<'_, Value>> =
        [(None, global.list(keyword).iter())].into();
    for (network, map) in networks.iter().zip(global.list(NETWORKS)) {
        lists.insert(Some(*network), map.list(keyword).iter());
    }
    places.iter().map(|at| Some((*at, lists.get_mut(&at.network)?.next()?))).collect()
}

/// The map of the server with these subnets in their places.
fn replaced(global: &Value, keyword: &str, subnets: &[(At, &Value)]) -> Value {
    let put = |network: Option<usize>, map: &Value| {
        map.with_list(keyword, |list| {
            for (at, subnet) in subnets.iter().filter(|(at, _)| at.network == network) {
                list[at.place] = (*subnet).clone();
            }
        })
    };
    let places: Vec<_> = subnets.iter().map(|(at, _)| *at).collect();
    let networks = networks_of(&places);
    let global = match networks.is_empty() {
        true => global.clone(),
        false => global.with_list(NETWORKS, |list| {
            for network in networks {
                list[network] = put(Some(network), &list[network]);
            }
        }),
    };
    match places.iter().any(|at| at.network.is_none()) {
        true => put(None, &global),
        false => global,
    }
}
