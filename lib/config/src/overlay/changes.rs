//! Which rows came and went, and what that means for a list in which others stand, too.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Row;
use super::keys::{Key, KeysOf};
use crate::json::Value;

/// What changed of the rows of one kind.
#[derive(Debug)]
pub(super) struct Changes<'a, K> {
    /// The keys of all that came or went.
    touched: HashSet<Key<'a>>,
    /// All that are there now, and what keys a row has.
    now: &'a [Row<'a>],
    keys: K,
    /// What stands in the list because of it: what came, and what shares a key with it.
    laid: Vec<&'a Row<'a>>,
}

impl<'a, K: Fn(&'a Row<'a>) -> KeysOf<'a>> Changes<'a, K> {
    /// None, if nothing changed.
    pub(super) fn of(former: &'a [Row<'a>], now: &'a [Row<'a>], keys: K) -> Option<Self> {
        let (went, came) = moved(former, now);
        if went.is_empty() && came.is_empty() {
            return None;
        }
        let moved = went.into_iter().chain(came.iter().map(|at| &now[*at]));
        let touched: HashSet<Key<'_>> = moved.flat_map(|row| keys(row).into_iter().flatten()).collect();
        let mut came = came.into_iter().peekable();
        let laid = now.iter().enumerate().filter(|(at, row)| {
            came.next_if_eq(at).is_some() || keys(row).iter().flatten().any(|key| touched.contains(key))
        });
        Some(Self { laid: laid.map(|(_, row)| row).collect(), touched, now, keys })
    }

    /// The rows that are to be put in.
    pub(super) fn laid(&self) -> impl Iterator<Item = &'a Row<'a>> {
        self.laid.iter().copied()
    }

    /// Whether what stands in a list under these keys goes.
    pub(super) fn takes_out(&self, keys: &KeysOf<'_>) -> bool {
        keys.iter().flatten().any(|key| self.touched.contains(key))
    }

    /// Of what was written, what is no longer hidden by a row.
    pub(super) fn uncovered<'b>(
        &self,
        base: impl Iterator<Item = &'b Value>,
        keys: impl Fn(&'b Value) -> KeysOf<'b>,
    ) -> Vec<&'b Value> {
        let mut taken_out: Vec<_> =
            base.map(|item| (item, keys(item))).filter(|(_, keys)| self.takes_out(keys)).collect();
        if !taken_out.is_empty() {
            // Most of what is in a database is not written.
            let covered = self.now.iter().flat_map(|row| (self.keys)(row).into_iter().flatten());
            let covered: HashSet<Key<'_>> = covered.collect();
            taken_out.retain(|(_, keys)| !keys.iter().flatten().any(|key| covered.contains(key)));
        }
        taken_out.into_iter().map(|(item, _)| item).collect()
    }

    /// Makes the changes in a list; `base` is what was written of it, `laid` is what the rows of that say. Each of these takes
    /// the place of one with a key of its own.
    pub(super) fn lay<'b>(
        &self,
        items: &mut Vec<Value>,
        base: impl Iterator<Item = &'b Value>,
        laid: Vec<Value>,
        keys: impl for<'v> Fn(&'v Value) -> KeysOf<'v>,
    ) {
        // Which have a key, by the number of the key.
        let (mut numbers, mut waiting) = (HashMap::<Key<'_>, usize>::new(), Vec::<VecDeque<usize>>::new());
        for (at, value) in laid.iter().enumerate() {
            for key in keys(value).into_iter().flatten() {
                let number = *numbers.entry(key.into_owned()).or_insert(waiting.len());
                if number == waiting.len() {
                    waiting.push(VecDeque::new());
                }
                waiting[number].push_back(at);
            }
        }
        let mut laid: Vec<_> = laid.into_iter().map(Some).collect();
        items.retain_mut(|item| {
            let keys = keys(item);
            if !self.takes_out(&keys) {
                return true;
            }
            let mut keys = keys.iter().flatten();
            let next = keys.find_map(|key| laid[waiting[*numbers.get(key)?].pop_front()?].take());
            next.map(|next| *item = next).is_some()
        });
        let uncovered = self.uncovered(base, &keys);
        if !uncovered.is_empty() {
            let there: HashSet<Key<'_>> =
                items.iter().flat_map(|item| keys(item).into_iter().flatten()).collect();
            let is_new = |item: &&Value| !keys(item).iter().flatten().any(|key| there.contains(key));
            let new: Vec<Value> = uncovered.into_iter().filter(is_new).cloned().collect();
            items.extend(new);
        }
        items.extend(laid.into_iter().flatten());
    }
}

/// Which rows went, and where those are that came. Rows of one number that say something else went and came.
fn moved<'a>(former: &'a [Row<'a>], now: &'a [Row<'a>]) -> (Vec<&'a Row<'a>>, Vec<usize>) {
    // Nearly always the same ones stand at both ends.
    let is_same = |(former, now): &(&Row<'_>, &Row<'_>)| former.is(now);
    let first = former.iter().zip(now).take_while(is_same).count();
    let rest = former[first..].iter().rev().zip(now[first..].iter().rev());
    let last = rest.take_while(is_same).count();
    let (former, now) = (&former[first..former.len() - last], &now[first..now.len() - last]);
    let mut before: HashMap<i64, &Row<'_>> = former.iter().map(|row| (row.number, row)).collect();
    let came = now.iter().enumerate().filter(|(_, row)| match before.get(&row.number) {
        Some(same) if same.is(row) => before.remove(&row.number).is_none(),
        _ => true,
    });
    let came = came.map(|(at, _)| first + at).collect();
    let went = former.iter().filter(|row| before.contains_key(&row.number)).collect();
    (went, came)
}
