//! Numbers of reservations, which pages go on behind.
//!
//! A reservation keeps its number as long as it is there, whatever is added, removed or changed around it: who reads page
//! by page meets each of those that stay exactly once. New ones come last.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use kotare_config::json::Value;
use kotare_config::v6::HostIdType;
use kotare_model::SubnetId;
use parking_lot::Mutex;

use super::family::Hosted;
use super::written::{Written, lists};

/// The numbers, from 1, given when they are first asked for; they outlive a configuration.
#[derive(Debug)]
pub(super) struct Numbers<C>(Mutex<State<C>>);

#[derive(Debug)]
struct State<C> {
    last: u64,
    known: HashMap<Whose, u64>,
    /// The configuration that was asked about last, and the numbers in it, in the order that they are written in.
    current: (Weak<C>, Arc<[u64]>),
}

/// What makes a reservation the same one: its subnet and its client.
type Whose = (SubnetId, Option<(HostIdType, Vec<u8>)>);

impl<C> Default for Numbers<C> {
    fn default() -> Self {
        Self(Mutex::new(State { last: 0, known: HashMap::new(), current: (Weak::new(), Arc::default()) }))
    }
}

impl<C> Numbers<C> {
    /// The numbers of all reservations of a configuration, written in `root`, in the order of [`all`].
    pub(super) fn of<L: Hosted<Config = C>>(&self, config: &Arc<C>, root: &Value) -> Arc<[u64]> {
        let state = &mut *self.0.lock();
        if !std::ptr::eq(state.current.0.as_ptr(), Arc::as_ptr(config)) {
            let mut former = std::mem::take(&mut state.known);
            let number = |host: Written<'_>| {
                let whose = (host.list.subnet, L::identifier(host.value));
                let number = former.remove(&whose).unwrap_or_else(|| {
                    state.last += 1;
                    state.last
                });
                state.known.insert(whose, number);
                number
            };
            let numbers = all::<L>(root).map(number).collect();
            state.current = (Arc::downgrade(config), numbers);
        }
        state.current.1.clone()
    }
}

/// All reservations as they are written.
pub(super) fn all<L: Hosted>(root: &Value) -> impl Iterator<Item = Written<'_>> {
    lists::<L>(root).flat_map(|list| list.hosts())
}
