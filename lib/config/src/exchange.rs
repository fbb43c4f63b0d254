//! A configuration that differs from another in few subnets, without reading all of it.
//!
//! Which subnets came, went, moved or say something else is found by what the two do not share. What those that came say is
//! read by the code that reads everything, in a configuration in which there are no other subnets and no reservations. That is
//! enough where nothing depends on the others: each has a number and a prefix that no other has, reserves nothing, and says what
//! the subnets of its shared network agree about; it names no class that nobody configured, as ids of such classes go by who
//! names them first; and there is nothing to say of it, nor was of those that went. Whoever has something else to exchange reads
//! everything.

mod difference;

use std::collections::HashSet;

use kotare_model::SubnetId;

use self::difference::{Difference, Placed};
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
pub trait Exchanging: Configuration + Clone {
    /// Whether a class of this name is configured.
    fn has_class(&self, name: &str) -> bool;

    /// This configuration without the subnets `gone` and with those of `read`, whose shared networks are here those at
    /// `networks`. Both have the same classes and definitions, global parameters and parameters of these shared networks.
    ///
    /// Nothing, if one that stays has the number or the prefix of one that comes.
    fn with_subnets_of(&self, read: &Self, networks: &[usize], gone: &HashSet<SubnetId>) -> Option<Self>;
}

/// A configuration in which subnets were exchanged.
#[derive(Debug)]
pub struct Exchanged<C> {
    /// What is written.
    pub root: Value,
    /// What it means.
    pub config: C,
    /// The subnets that went, came, moved or say something else.
    pub subnets: HashSet<SubnetId>,
}

/// What it means if `root` is written where `written`, which means `config`, was changed: the same as if all of it was read.
/// Nothing where that takes more than to look at a few subnets, or something is wrong with them.
pub fn exchanged<C: Exchanging>(written: &Written, config: &C, root: &Value) -> Option<Exchanged<C>> {
    let file = written.file();
    let (entry, keyword) = (root.entry(file.global.name)?, subnets_keyword(file)?);
    let before = written.root().get(file.global.name)?;
    let Difference { went, came } = Difference::between(written.root(), root, file.global.name, keyword)?;
    let is_plain = |Placed { subnet, .. }: &Placed<'_>| is_small(subnet) && knows_classes(subnet, config);
    if !went.iter().all(is_plain) || !came.iter().all(|it| agrees(it, before, keyword)) {
        return None;
    }
    let networks = networks_of(went.iter().chain(&came));
    let alone = |subnets: &[Placed<'_>]| {
        let global = alone(&entry.value, keyword, &networks, subnets);
        let root = root.with(Entry { key: entry.key.clone(), value: global });
        let mut diagnostics = Diagnostics::new();
        let (root, config) = judge::<C>(root, file, &mut diagnostics);
        let remarks = diagnostics.warning_count()
            + without_effect(&root, file).iter().map(|it| it.count).sum::<usize>();
        (!diagnostics.has_errors()).then_some((root, config?, remarks))
    };
    let (read, meaning, remarks) = alone(&came)?;
    // In the keywords of today, as all of it.
    let came = in_places(read.get(file.global.name)?, keyword, &networks, &came)?;
    if !came.iter().all(is_plain) {
        return None;
    }
    let (.., remarks_before) = alone(&went)?;
    if remarks + remarks_before > 0 {
        let (.., of_others) = alone(&[])?;
        if (remarks, remarks_before) != (of_others, of_others) {
            return None;
        }
    }
    let gone: HashSet<_> = went.iter().map(Placed::id).collect::<Option<_>>()?;
    let config = config.with_subnets_of(&meaning, &networks, &gone)?;
    let there = came.iter().map(Placed::id).collect::<Option<HashSet<_>>>()?;
    let global = replaced(&entry.value, keyword, &networks, &came);
    let root = root.with(Entry { key: entry.key.clone(), value: global });
    Some(Exchanged { root, config, subnets: &gone | &there })
}

/// The keyword of the list of subnets in a file of this form.
pub(crate) fn subnets_keyword(file: &File) -> Option<&'static str> {
    let is_of_subnets = |keyword: &str, is| keyword.starts_with("subnet") && matches!(is, Type::Maps(_));
    file.global.params().find(|param| is_of_subnets(param.keyword, param.is)).map(|param| param.keyword)
}

/// Whether a subnet says what one says that was in its shared network before, and so what all of them agree about.
fn agrees(came: &Placed<'_>, before: &Value, keyword: &str) -> bool {
    let Some(network) = came.network else { return true };
    let members = before.list(NETWORKS)[network].list(keyword);
    let says = |member: &Value, keyword: &&str| match (member.get(keyword), came.subnet.get(keyword)) {
        (Some(one), Some(other)) => one.is_same(other),
        (one, other) => one.is_none() && other.is_none(),
    };
    members.is_empty() || members.iter().any(|member| AGREED.iter().all(|keyword| says(member, keyword)))
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

/// The map of the server without reservations and without subnets but for these; the shared networks are those at `networks`.
fn alone(global: &Value, keyword: &str, networks: &[usize], subnets: &[Placed<'_>]) -> Value {
    let of = |network: Option<usize>| {
        let inside = subnets.iter().filter(move |it| it.network == network);
        inside.map(|it| it.subnet.clone()).collect::<Vec<_>>()
    };
    let kept = networks.iter().map(|network| {
        let map = global.list(NETWORKS)[*network].without(keyword);
        map.with_list(keyword, |list| *list = of(Some(*network)))
    });
    let kept: Vec<_> = kept.collect();
    let global = global.without(RESERVATIONS).without(NETWORKS).without(keyword);
    let global = global.with_list(keyword, |list| *list = of(None));
    match kept.is_empty() {
        true => global,
        false => global.with_list(NETWORKS, |list| *list = kept),
    }
}

/// The shared networks that these are in, ascending.
fn networks_of<'a>(subnets: impl Iterator<Item = &'a Placed<'a>>) -> Vec<usize> {
    let mut networks: Vec<_> = subnets.filter_map(|it| it.network).collect();
    networks.sort_unstable();
    networks.dedup();
    networks
}

/// What was read of subnets by themselves, each in its place among all of them.
fn in_places<'a>(
    global: &'a Value,
    keyword: &str,
    networks: &[usize],
    subnets: &[Placed<'_>],
) -> Option<Vec<Placed<'a>>> {
    let inside = networks.iter().zip(global.list(NETWORKS));
    let lists = inside.map(|(network, map)| (Some(*network), map.list(keyword)));
    let mut read = Vec::with_capacity(subnets.len());
    for (network, list) in lists.chain([(None, global.list(keyword))]) {
        let places = subnets.iter().filter(|it| it.network == network);
        read.extend(places.zip(list).map(|(it, subnet)| Placed { subnet, ..*it }));
    }
    (read.len() == subnets.len()).then_some(read)
}

/// The map of the server with these subnets in their places.
fn replaced(global: &Value, keyword: &str, networks: &[usize], subnets: &[Placed<'_>]) -> Value {
    let put = |network: Option<usize>, map: &Value| {
        let of = subnets.iter().filter(|it| it.network == network).collect::<Vec<_>>();
        match of.is_empty() {
            true => map.clone(),
            false => map.with_list(keyword, |list| {
                of.iter().for_each(|it| list[it.place] = it.subnet.clone());
            }),
        }
    };
    let global = match networks.is_empty() {
        true => global.clone(),
        false => global.with_list(NETWORKS, |list| {
            networks.iter().for_each(|network| list[*network] = put(Some(*network), &list[*network]));
        }),
    };
    put(None, &global)
}
