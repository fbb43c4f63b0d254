//! A lease store whose every call waits until the test lets it go on.
//!
//! A database answers when it likes, and in which order is nobody's choice. Here it is the test's: each call of the
//! store stops before it has done anything, is listed by [`SuspendingStore::waiting`], and goes on (or fails) when the
//! test says so. With a [`Task`](crate::Task) for each exchange, any interleaving can be played.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use kotare_model::{SubnetId, Timestamp};
use kotare_store::{Change, Found, LeaseStore, PageFilter, Put, StoreError, Tally};
use parking_lot::{Mutex, MutexGuard};

use crate::asked::Asked;

/// Wraps a store so that calls can be held up. Cheap to clone if the store is; clones are the same store.
#[derive(Clone, Debug)]
pub struct SuspendingStore<S> {
    store: S,
    gate: Gate,
}

/// Names one call of the store: later calls have greater ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(u64);

/// What a call asks of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `get` by address.
    GetAddress(IpAddr),
    /// `get` by client identifier, DUID or association.
    GetClientId,
    /// `get` by hardware address.
    GetHwAddr,
    /// `get` by host name.
    GetHostname,
    /// `put` of this address.
    Put(IpAddr),
    /// `expired`.
    Expired,
    /// `remove_reclaimed`.
    RemoveReclaimed,
    /// `page`.
    Page,
    /// `tally`.
    Tally,
    /// `flush`.
    Flush,
    /// `get` of reservations.
    GetHosts,
    /// `add`, `update` or `delete` of reservations.
    ChangeHosts,
}

impl<S> SuspendingStore<S> {
    /// Calls of `store` go straight through until [`SuspendingStore::suspend`] says otherwise, so that a world can be
    /// set up.
    pub fn new(store: S) -> Self {
        Self { store, gate: Gate::default() }
    }

    /// The store inside, to look at and to change behind everybody's back.
    pub fn inner(&self) -> &S {
        &self.store
    }

    /// Whether calls that come from now on wait. Those that wait already go on waiting.
    pub fn suspend(&self, suspend: bool) {
        self.gate.suspend(suspend);
    }

    /// The calls that wait, in the order they came. A call whose future was dropped waits no more.
    pub fn waiting(&self) -> Vec<(CallId, Call)> {
        self.gate.waiting()
    }

    /// Lets a call go on: its task is woken, and does the call when it is polled.
    ///
    /// # Panics
    /// If no such call waits.
    pub fn resume(&self, call: CallId) {
        self.gate.resume(call);
    }

    /// Lets a call fail: its task is woken, and gets a [`StoreError`] when it is polled.
    ///
    /// # Panics
    /// If no such call waits.
    pub fn fail(&self, call: CallId) {
        self.gate.fail(call);
    }
}

impl<L: Asked, S: LeaseStore<L>> LeaseStore<L> for SuspendingStore<S> {
    fn is_far(&self) -> bool {
        self.store.is_far()
    }

    async fn get(&self, by: L::By<'_>) -> Result<Found<L>, StoreError> {
        self.gate.pass(L::call(by)).await?;
        self.store.get(by).await
    }

    async fn put(&self, change: Change<'_, L>) -> Result<Put<L>, StoreError> {
        self.gate.pass(Call::Put(change.address.into())).await?;
        self.store.put(change).await
    }

    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<L>, StoreError> {
        self.gate.pass(Call::Expired).await?;
        self.store.expired(subnet, now, limit).await
    }

    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.gate.pass(Call::RemoveReclaimed).await?;
        self.store.remove_reclaimed(before, limit).await
    }

    async fn page(
        &self,
        after: Option<L::Address>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<L>, StoreError> {
        self.gate.pass(Call::Page).await?;
        self.store.page(after, limit, filter).await
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        self.gate.pass(Call::Tally).await?;
        self.store.tally().await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        self.gate.pass(Call::Flush).await?;
        self.store.flush().await
    }
}

/// Where calls wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    suspends: bool,
    next: u64,
    /// Calls that were not polled again since they had to wait, by their numbers.
    calls: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: CallId,
    call: Call,
    /// `None` while it waits.
    fate: Option<Fate>,
    /// Of whoever polled it last.
    waker: Waker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    GoesOn,
    Fails,
}

impl Gate {
    /// Ready when the call may be made.
    pub(crate) fn pass(&self, call: Call) -> Passage<'_> {
        Passage { gate: self, call, id: None }
    }

    /// Whether calls that come from now on wait.
    pub(crate) fn suspend(&self, suspend: bool) {
        self.lock().suspends = suspend;
    }

    /// The calls that wait.
    pub(crate) fn waiting(&self) -> Vec<(CallId, Call)> {
        let state = self.lock();
        state.calls.iter().filter(|entry| entry.fate.is_none()).map(|entry| (entry.id, entry.call)).collect()
    }

    /// Lets a call go on.
    pub(crate) fn resume(&self, call: CallId) {
        self.decide(call, Fate::GoesOn);
    }

    /// Lets a call fail.
    pub(crate) fn fail(&self, call: CallId) {
        self.decide(call, Fate::Fails);
    }

    fn decide(&self, call: CallId, fate: Fate) {
        let mut state = self.lock();
        let entry = state.calls.iter_mut().find(|entry| entry.id == call && entry.fate.is_none());
        let entry = entry.unwrap_or_else(|| panic!("{call:?} is not waiting"));
        entry.fate = Some(fate);
        let waker = entry.waker.clone();
        // Whoever is woken may look at the gate.
        drop(state);
        waker.wake();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}

/// One call's way through the gate.
pub(crate) struct Passage<'a> {
    gate: &'a Gate,
    call: Call,
    /// Once it has an entry.
    id: Option<CallId>,
}

impl Future for Passage<'_> {
    type Output = Result<(), StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.gate.lock();
        let Some(id) = self.id else {
            if !state.suspends {
                return Poll::Ready(Ok(()));
            }
            let id = CallId(state.next);
            state.next += 1;
            state.calls.push(Entry { id, call: self.call, fate: None, waker: context.waker().clone() });
            drop(state);
            self.id = Some(id);
            return Poll::Pending;
        };
        // The entry stays until this is dropped, which is right after it is ready.
        let Some(entry) = state.calls.iter_mut().find(|entry| entry.id == id) else { return Poll::Pending };
        match entry.fate {
            None => {
                entry.waker.clone_from(context.waker());
                Poll::Pending
            }
            Some(Fate::GoesOn) => Poll::Ready(Ok(())),
            Some(Fate::Fails) => Poll::Ready(Err(StoreError::unavailable(
                "ask the test's store",
                "the test let this call fail",
            ))),
        }
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.gate.lock().calls.retain(|entry| entry.id != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use kotare_model::Lease4;
    use kotare_store::conformance::{self, Executor, PollOnce};

    use super::*;
    use crate::{MemoryStore, MemoryStore6, Task};

    fn held() -> SuspendingStore<MemoryStore> {
        let store = SuspendingStore::new(MemoryStore::new());
        store.suspend(true);
        store
    }

    fn add(lease: &Lease4) -> Change<'_, Lease4> {
        Change { address: lease.address, from: None, to: Some(lease) }
    }

    /// While nothing is suspended it is the store inside.
    #[test]
    fn it_conforms() {
        conformance::run(|| SuspendingStore::new(MemoryStore::new()), &PollOnce);
        conformance::run6(|| SuspendingStore::new(MemoryStore6::new()), &PollOnce);
    }

    /// Every kind of call waits, once, and then does what the store inside does.
    #[test]
    fn it_conforms_when_every_call_waits() {
        /// Lets go on whatever waits.
        struct OneByOne(SuspendingStore<MemoryStore>);
        impl Executor for OneByOne {
            fn run<F: Future>(&self, future: F) -> F::Output {
                let mut future = pin!(future);
                let mut context = Context::from_waker(Waker::noop());
                assert!(future.as_mut().poll(&mut context).is_pending(), "the call did not wait");
                let [(call, _)] = self.0.waiting()[..] else { panic!("one call waits") };
                self.0.resume(call);
                match future.poll(&mut context) {
                    Poll::Ready(output) => output,
                    Poll::Pending => panic!("the call waits again"),
                }
            }
        }
        let store = held();
        let fresh = || {
            store.inner().all().iter().for_each(|lease| drop(store.inner().uproot(lease.address)));
            store.clone()
        };
        conformance::run(fresh, &OneByOne(store.clone()));
    }

    /// Two want one address: who goes on first has it, whoever came first.
    #[test]
    fn the_test_picks_who_goes_on() {
        let store = held();
        let first = conformance::lease(1);
        let second = Lease4 { cltt: Timestamp(7), ..first.clone() };
        let mut early = Task::start(store.put(add(&first)));
        let mut late = Task::start(store.put(add(&second)));
        let [(early_call, Call::Put(_)), (late_call, Call::Put(_))] = store.waiting()[..] else {
            panic!("two puts wait, in order: {:?}", store.waiting())
        };
        store.resume(late_call);
        assert!(early.go_on().is_none());
        assert_eq!(late.go_on().unwrap().unwrap(), Put::Done);
        store.resume(early_call);
        assert_eq!(early.go_on().unwrap().unwrap(), Put::Conflict(Some(Box::new(second.clone()))));
    }

    /// A call that fails has done nothing; one whose future is dropped neither, and nobody waits for it.
    #[test]
    fn a_call_that_fails_or_is_dropped_did_nothing() {
        let store = held();
        let lease = conformance::lease(1);
        let mut failing = Task::start(store.put(add(&lease)));
        let dropped = Task::start(store.put(add(&lease)));
        let (call, _) = store.waiting()[0];
        store.fail(call);
        assert!(failing.go_on().unwrap().is_err());
        drop(dropped);
        assert_eq!(store.waiting(), []);
        assert_eq!(store.inner().all(), []);
    }
}
