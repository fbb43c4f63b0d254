//! Which rows came and went, and what that means for a list in which others stand, too.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Row;
use super::keys::{Key, KeysOf};
use crate::json::Value;

/// What changed of the rows of one kind.
#[derive(Debug)]
pub(super) struct Changes<'a> {
    /// The keys of all that came or went.
    touched: HashSet<Key>,
    /// The keys of all that are there now.
    covered: HashSet<Key>,
    /// What stands in the list because of it: what came, and what shares a key with it.
    laid: Vec<&'a Row<'a>>,
}

impl<'a> Changes<'a> {
    /// None, if nothing changed.
    pub(super) fn of(
        former: &'a [Row<'a>],
        now: &'a [Row<'a>],
        keys: impl Fn(&Row<'a>) -> KeysOf,
    ) -> Option<Self> {
        let before: HashMap<i64, &Row<'_>> = former.iter().map(|row| (row.number, row)).collect();
        let stays = |row: &&Row<'_>| before.get(&row.number).is_some_and(|before| before.is(row));
        let staying: HashSet<i64> = now.iter().filter(stays).map(|row| row.number).collect();
        if staying.len() == before.len() && staying.len() == now.len() {
            return None;
        }
        let moved = former.iter().chain(now).filter(|row| !staying.contains(&row.number));
        let touched: HashSet<Key> = moved.flat_map(|row| keys(row).into_iter().flatten()).collect();
        let laid = now
            .iter()
            .filter(|row| {
                !staying.contains(&row.number) || keys(row).iter().flatten().any(|key| touched.contains(key))
            })
            .collect();
        let covered = now.iter().flat_map(|row| keys(row).into_iter().flatten()).collect();
        Some(Self { touched, covered, laid })
    }

    /// The rows that are to be put in.
    pub(super) fn laid(&self) -> impl Iterator<Item = &'a Row<'a>> {
        self.laid.iter().copied()
    }

    /// Whether what stands in a list under these keys goes.
    pub(super) fn takes_out(&self, keys: &KeysOf) -> bool {
        keys.iter().flatten().any(|key| self.touched.contains(key))
    }

    /// Whether what was written under these keys is no longer hidden by a row.
    pub(super) fn uncovers(&self, keys: &KeysOf) -> bool {
        self.takes_out(keys) && !keys.iter().flatten().any(|key| self.covered.contains(key))
    }

    /// Makes the changes in a list; `base` is what was written of it, `laid` is what the rows of that say. Each of these takes
    /// the place of one with a key of its own.
    pub(super) fn lay<'b>(
        &self,
        items: &mut Vec<Value>,
        base: impl Iterator<Item = &'b Value>,
        laid: Vec<Value>,
        keys: impl Fn(&Value) -> KeysOf,
    ) {
        let mut waiting: HashMap<Key, VecDeque<usize>> = HashMap::new();
        for (at, value) in laid.iter().enumerate() {
            keys(value).into_iter().flatten().for_each(|key| waiting.entry(key).or_default().push_back(at));
        }
        let mut laid: Vec<_> = laid.into_iter().map(Some).collect();
        items.retain_mut(|item| {
            let keys = keys(item);
            if !self.takes_out(&keys) {
                return true;
            }
            let mut keys = keys.iter().flatten();
            let next = keys.find_map(|key| laid[waiting.get_mut(key)?.pop_front()?].take());
            next.map(|next| *item = next).is_some()
        });
        let uncovered: Vec<&Value> = base.filter(|item| self.uncovers(&keys(item))).collect();
        if !uncovered.is_empty() {
            let there: HashSet<Key> =
                items.iter().flat_map(|item| keys(item).into_iter().flatten()).collect();
            let is_new = |item: &&Value| !keys(item).iter().flatten().any(|key| there.contains(key));
            items.extend(uncovered.into_iter().filter(is_new).cloned());
        }
        items.extend(laid.into_iter().flatten());
    }
}
