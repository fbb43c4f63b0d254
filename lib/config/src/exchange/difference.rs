//! In which subnets two configurations differ that share the rest.

use std::collections::HashSet;

use kotare_model::SubnetId;

use super::NETWORKS;
use crate::json::{Entry, Value};

/// How many subnets are looked at one by one.
const MOST: usize = 100;

/// A subnet, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    /// The place of its shared network in their list.
    pub(super) network: Option<usize>,
    pub(super) place: usize,
    pub(super) subnet: &'a Value,
}

/// The subnets that one configuration has and another has not.
#[derive(Debug, Default)]
pub(super) struct Difference<'a> {
    /// Those that are not there any more, or not as they were, or elsewhere.
    pub(super) went: Vec<Placed<'a>>,
    /// Those that are there now.
    pub(super) came: Vec<Placed<'a>>,
}

impl Placed<'_> {
    /// Its number.
    pub(super) fn id(&self) -> Option<SubnetId> {
        let id = self.subnet.get("id")?.as_int()?;
        u32::try_from(id).ok().map(SubnetId)
    }
}

impl<'a> Difference<'a> {
    /// What is between two of which the `server` has its subnets under this keyword. Nothing, if that is more than a few
    /// subnets, or none at all.
    pub(super) fn between(before: &'a Value, now: &'a Value, server: &str, keyword: &str) -> Option<Self> {
        if !are_same(before, now, &[server]) {
            return None;
        }
        let (before, now) = (before.get(server)?, now.get(server)?);
        let (networks, networks_now) = (before.list(NETWORKS), now.list(NETWORKS));
        if !are_same(before, now, &[keyword, NETWORKS]) || networks.len() != networks_now.len() {
            return None;
        }
        let mut difference = Self::default();
        for (at, (before, now)) in networks.iter().zip(networks_now).enumerate() {
            if before.is_same(now) {
                continue;
            }
            if !are_same(before, now, &[keyword]) {
                return None;
            }
            difference.add(Some(at), before.list(keyword), now.list(keyword))?;
        }
        difference.add(None, before.list(keyword), now.list(keyword))?;
        (!difference.went.is_empty() || !difference.came.is_empty()).then_some(difference)
    }

    /// What is between two lists of subnets of a shared network, or of none.
    fn add(&mut self, network: Option<usize>, before: &'a [Value], now: &'a [Value]) -> Option<()> {
        // What a map is known by, and its clones.
        let is = |subnet: &Value| subnet.entries().as_ptr();
        // Nearly always the same ones stand at both ends.
        let same = |(one, other): &(&Value, &Value)| is(one) == is(other);
        let first = before.iter().zip(now).take_while(same).count();
        let last = before[first..].iter().rev().zip(now[first..].iter().rev()).take_while(same).count();
        let others = |list: &'a [Value], other: &[Value], room: usize| -> Vec<_> {
            let there: HashSet<_> = other[first..other.len() - last].iter().map(is).collect();
            let middle = list[..list.len() - last].iter().enumerate().skip(first);
            let others = middle.filter(|(_, subnet)| !there.contains(&is(subnet)));
            others.map(|(place, subnet)| Placed { network, place, subnet }).take(room).collect()
        };
        // One more than a few is enough to see that they are too many.
        self.went.extend(others(before, now, MOST + 1));
        self.came.extend(others(now, before, MOST + 1));
        (self.went.len() <= MOST && self.came.len() <= MOST).then_some(())
    }
}

/// Whether two maps share all but what is under these keywords.
fn are_same(one: &Value, other: &Value, but: &[&str]) -> bool {
    let (one, other) = (rest(one, but), rest(other, but));
    let mut pairs = one.iter().zip(&other);
    one.len() == other.len()
        && pairs.all(|(one, other)| *one.key == *other.key && one.value.is_same(&other.value))
}

fn rest<'a>(map: &'a Value, but: &[&str]) -> Vec<&'a Entry> {
    map.entries().iter().filter(|entry| !but.contains(&&*entry.key)).collect()
}
