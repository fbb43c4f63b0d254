//! `prefix-from`: what is written of such a subnet stands behind a prefix that is learned while the server runs.
//!
//! What is resolved is another tree, in which such subnets lie in their prefixes, or are not there as long as these are not
//! known; every value keeps its place in the file. To judge what is written, each prefix has a stand-in.

use std::net::Ipv6Addr;

use kotare_model::SubnetId;

use super::whole;
use crate::json::{Diagnostics, Entry, Kind, Value};
use crate::schema::File;
use crate::schema::tables::PREFIX_FROM;
use crate::v6::{Config6, Follower, Prefix6, PrefixSign, PrefixSource};
use crate::{Address, Level, Written};

/// Learned prefixes are hardly shorter than this, so that what is written begins with as many zeros.
const SHORTEST: u8 = 32;

/// The same configuration with these prefixes learned; `None` if no subnet follows one. A subnet that cannot lie in its
/// prefix is left out, and says so.
pub(super) fn resolve(
    written: &Written,
    mut learned: impl FnMut(&PrefixSource) -> Option<Prefix6>,
) -> Option<Config6> {
    let file = written.file();
    let global = written.root().get(file.global.name)?;
    let (moved, followers) = moved(global, &mut learned)?;
    let mut diagnostics = Diagnostics::new();
    let config = whole(Level::of(file.global, &moved), file, &mut diagnostics);
    if !diagnostics.has_errors() {
        return Some(Config6 { followers, ..config });
    }
    // Where they would lie others are already: what was good without them stays so.
    let reason = diagnostics.error_lines().into_iter().next().unwrap_or_default();
    let mut config = unlearned(global, file)?;
    config.followers = followers;
    for follower in config.followers.iter_mut().filter(|follower| follower.prefix.is_some()) {
        follower.problem.get_or_insert_with(|| reason.clone());
    }
    Some(config)
}

/// The configuration with no prefix learned; `None` if no subnet follows one.
pub(super) fn unlearned(global: &Value, file: &File) -> Option<Config6> {
    let (moved, followers) = moved(global, &mut |_| None)?;
    let config = whole(Level::of(file.global, &moved), file, &mut Diagnostics::new());
    Some(Config6 { followers, ..config })
}

/// Finds what is wrong with `global`, if subnets follow prefixes: all that would be wrong whatever these are. Whether some
/// do.
pub(super) fn judge(global: &Value, file: &File, diagnostics: &mut Diagnostics) -> bool {
    // Subnets that follow different prefixes do not lie in each other.
    let mut sources: Vec<PrefixSource> = Vec::new();
    let mut stand_in = |source: &PrefixSource| {
        let known = sources.iter().position(|known| known == source);
        let at = known.unwrap_or_else(|| {
            sources.push(source.clone());
            sources.len() - 1
        });
        let first = u128::from(u16::try_from(at).unwrap_or(u16::MAX)) << 112;
        Prefix6::new(first.into(), if at == 0 { 0 } else { 16 })
    };
    let Some((standing, _)) = moved(global, &mut stand_in) else { return false };
    whole(Level::of(file.global, &standing), file, diagnostics);
    for subnet in subnets(global).filter(|subnet| source(subnet).is_some()) {
        relative(subnet, diagnostics);
    }
    true
}

/// What is written begins with zeros, where the prefix goes.
fn relative(subnet: &Value, diagnostics: &mut Diagnostics) {
    with_addresses(subnet, &mut |_, value| {
        let text = value.as_str()?;
        let is_relative = |text: &str| {
            let address = text.split('/').next()?.trim().parse::<Ipv6Addr>().ok()?;
            Some(address.first_of(SHORTEST).is_unspecified())
        };
        if text.split('-').any(|part| is_relative(part) == Some(false)) {
            let message =
                format!("'{text}' is a whole address, and its subnet follows a prefix (\"prefix-from\")");
            let hint = "write what stands behind that prefix, as in '0:0:0:1::/64'";
            diagnostics.error_with_hint(value.source(), message, hint);
        }
        None
    });
}

/// The subnets of a global map.
fn subnets(global: &Value) -> impl Iterator<Item = &Value> {
    let networks = global.list("shared-networks").iter();
    networks.flat_map(|network| network.list("subnet6")).chain(global.list("subnet6"))
}

/// What a subnet follows, if it does.
fn source(subnet: &Value) -> Option<PrefixSource> {
    let from = Level::of(&PREFIX_FROM, subnet.get(PREFIX_FROM.name).filter(|from| from.is_map())?);
    let by = match from.text("by") {
        "address" => PrefixSign::Address,
        _ => PrefixSign::Route,
    };
    let within = from.text("within").parse().ok().or_else(|| Prefix6::new(Ipv6Addr::UNSPECIFIED, 0))?;
    Some(PrefixSource { interface: from.text("interface").into(), by, within })
}

type Learned<'a> = &'a mut dyn FnMut(&PrefixSource) -> Option<Prefix6>;

/// The global map with the subnets that follow prefixes where these are, and without those whose prefix is not known;
/// `None` if there is none that follows one.
fn moved(global: &Value, learned: Learned<'_>) -> Option<(Value, Vec<Follower>)> {
    if !subnets(global).any(|subnet| source(subnet).is_some()) {
        return None;
    }
    let mut followers = Vec::new();
    let mut within = |map: &Value| match map.get("subnet6").is_some_and(Value::is_list) {
        true => map.with_list("subnet6", |subnets| {
            let moved = subnets.iter().filter_map(|subnet| one(subnet, learned, &mut followers));
            *subnets = moved.collect();
        }),
        false => map.clone(),
    };
    let global = within(global);
    let global = match global.get("shared-networks").is_some_and(Value::is_list) {
        true => global.with_list("shared-networks", |networks| {
            networks.iter_mut().for_each(|network| *network = within(network));
        }),
        false => global,
    };
    Some((global, followers))
}

/// A subnet where it is served, if it is.
fn one(subnet: &Value, learned: Learned<'_>, followers: &mut Vec<Follower>) -> Option<Value> {
    let Some(source) = source(subnet) else { return Some(subnet.clone()) };
    let id = subnet.get("id").and_then(Value::as_int).and_then(|id| u32::try_from(id).ok());
    let prefix = learned(&source);
    let placed = match prefix {
        Some(prefix) => placed(subnet, prefix),
        None => Err(format!("no prefix is known on '{}'", source.interface)),
    };
    let (placed, problem) = match placed {
        Ok(placed) => (Some(placed), None),
        Err(problem) => (None, Some(problem)),
    };
    // One without an id is reported elsewhere.
    followers.extend(id.map(|id| Follower { subnet: SubnetId(id), source, prefix, problem }));
    placed
}

/// A subnet in `prefix`, or why it cannot lie there.
fn placed(subnet: &Value, prefix: Prefix6) -> Result<Value, String> {
    let len = prefix.prefix_len();
    let mut problem = None;
    let mut note = |text: &str| {
        problem.get_or_insert_with(|| format!("'{text}' does not fit behind the prefix {prefix}"));
    };
    let own = subnet.get("subnet").and_then(Value::as_str).and_then(|text| text.parse::<Prefix6>().ok());
    let behind = |base: Ipv6Addr, address: Ipv6Addr| Ipv6Addr::from(u128::from(base) | u128::from(address));
    let base = own.map_or(prefix.network(), |own| behind(prefix.network(), own.network()));
    let placed = with_addresses(subnet, &mut |stands, value| {
        let whole = value.as_str()?;
        let base = match stands {
            Stands::BehindPrefix => prefix.network(),
            Stands::BehindSubnet => base,
        };
        let mut address = |text: &str| {
            let address = text.trim().parse::<Ipv6Addr>().ok()?;
            if !address.first_of(len).is_unspecified() {
                note(whole);
            }
            Some(behind(base, address))
        };
        if let Some((first, last)) = whole.split_once('-') {
            return Some(format!("{}-{}", address(first)?, address(last)?));
        }
        let Some((first, own)) = whole.split_once('/') else { return Some(address(whole)?.to_string()) };
        let first = address(first)?;
        if own.trim().parse::<u8>().is_ok_and(|own| own < len) {
            note(whole);
        }
        Some(format!("{first}/{own}"))
    });
    for pool in subnet.list("pd-pools") {
        let own = pool.get("prefix-len").and_then(Value::as_int);
        if own.is_some_and(|own| own < i64::from(len)) {
            note(pool.get("prefix").and_then(Value::as_str).unwrap_or_default());
        }
    }
    problem.map_or(Ok(placed), Err)
}

/// What an address in a subnet stands behind.
#[derive(Clone, Copy)]
enum Stands {
    BehindPrefix,
    BehindSubnet,
}

/// Makes another text of an address, prefix or pool, or leaves it.
type Change<'a> = &'a mut dyn FnMut(Stands, &Value) -> Option<String>;

/// A subnet with the addresses in it changed.
fn with_addresses(subnet: &Value, change: Change<'_>) -> Value {
    use Stands::{BehindPrefix, BehindSubnet};
    let subnet = with_text(subnet, "subnet", BehindPrefix, change);
    let subnet = with_each(&subnet, "pools", |pool| with_text(pool, "pool", BehindSubnet, change));
    let subnet = with_each(&subnet, "pd-pools", |pool| {
        let pool = with_text(pool, "prefix", BehindPrefix, change);
        with_text(&pool, "excluded-prefix", BehindPrefix, change)
    });
    with_each(&subnet, "reservations", |host| {
        let mut host = host.clone();
        let lists =
            [("ip-addresses", BehindSubnet), ("prefixes", BehindPrefix), ("excluded-prefixes", BehindPrefix)];
        for (keyword, stands) in lists {
            host = with_each(&host, keyword, |value| changed(value, stands, change));
        }
        host
    })
}

/// A map with each item of a list in it changed; without the list it stays what it is.
fn with_each(map: &Value, keyword: &str, mut change: impl FnMut(&Value) -> Value) -> Value {
    if !map.get(keyword).is_some_and(Value::is_list) {
        return map.clone();
    }
    map.with_list(keyword, |items| items.iter_mut().for_each(|item| *item = change(item)))
}

/// A map with one text in it changed.
fn with_text(map: &Value, keyword: &str, stands: Stands, change: Change<'_>) -> Value {
    match map.entry(keyword) {
        Some(entry) => {
            map.with(Entry { key: entry.key.clone(), value: changed(&entry.value, stands, change) })
        }
        None => map.clone(),
    }
}

fn changed(value: &Value, stands: Stands, change: Change<'_>) -> Value {
    match change(stands, value) {
        Some(text) => Value::new(value.source().clone(), Kind::String(text.into())),
        None => value.clone(),
    }
}
