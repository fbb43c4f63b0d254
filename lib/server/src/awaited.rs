//! Databases that were not there when the server started, and are waited for (`retry-on-startup`).
//!
//! The server serves a configuration with an [`Absent`] in the place of each, which keeps nothing and knows nothing,
//! does what `on-fail` says, and takes the configuration up anew when the database has come (`upkeep/awaited.rs`).

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use kotare_daemon::Clock;
use kotare_model::{Reservation, SubnetId, Tally, Timestamp};
use kotare_store::{
    Change, Edited, Found, HostCursor, HostPage, HostQuery, HostSource, HostStore, Lease, LeaseStore,
    PageFilter, Put, Reserved, StoreError,
};
use kotare_store_sql::{Reach, Retry};
use tokio::sync::watch;

use crate::stores::Opening;
use crate::timer::Timer;

/// Between two tries at least, so that a wait time of 0 does not keep a processor busy.
const MIN_WAIT: Duration = Duration::from_millis(10);

/// What will be made of a database, which is tried again and again until it opens, or as often as configured.
#[derive(Debug)]
pub(crate) struct Awaited<T> {
    reach: watch::Receiver<Reach>,
    come: watch::Receiver<Option<Arc<T>>>,
    _tries: Timer,
}

impl<T: Send + Sync + 'static> Awaited<T> {
    /// Waits for a database that could not be opened because of this error.
    pub(crate) fn begin<S: Send + 'static>(
        retry: Retry,
        clock: Clock,
        error: &StoreError,
        open: impl Fn() -> Opening<'static, S> + Send + 'static,
        make: impl FnOnce(S) -> T + Send + 'static,
    ) -> Self {
        let (tried, reach) = watch::channel(Reach::Lost { reason: error.source.to_string(), failed: 0 });
        let (made, come) = watch::channel(None);
        let tries = tokio::spawn(async move {
            let mut failed = 0;
            loop {
                clock.sleep(retry.wait.max(MIN_WAIT)).await;
                let opening = open();
                let reason = match opening.await {
                    Ok(store) => {
                        made.send_replace(Some(Arc::new(make(store))));
                        return;
                    }
                    Err(error) => error.source.to_string(),
                };
                failed += 1;
                if failed >= retry.tries && !retry.for_ever {
                    tried.send_replace(Reach::GivenUp { reason });
                    return;
                }
                tried.send_replace(Reach::Lost { reason, failed });
            }
        });
        Self { reach, come, _tries: Timer::new(&tries) }
    }

    /// How the database can be reached: it cannot, for as long as it is not served from.
    pub(crate) fn reach(&self) -> watch::Receiver<Reach> {
        self.reach.clone()
    }

    /// What was made of the database, if it has come.
    pub(crate) fn come(&self) -> Option<Arc<T>> {
        self.come.borrow().clone()
    }

    /// Returns when it has come; never, if it does not.
    pub(crate) fn arrival(&self) -> impl Future<Output = ()> + Send + use<T> {
        let mut come = self.come.clone();
        async move {
            if come.wait_for(Option::is_some).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// What stands in the place of a database of leases or of reservations that is not there yet: whatever it is asked,
/// it is unavailable.
#[derive(Debug)]
pub struct Absent<K> {
    reach: watch::Receiver<Reach>,
    kept: PhantomData<fn() -> K>,
}

impl<K> Absent<K> {
    pub(crate) fn new(reach: watch::Receiver<Reach>) -> Self {
        Self { reach, kept: PhantomData }
    }

    /// How it can be reached.
    pub(crate) fn reach(&self) -> watch::Receiver<Reach> {
        self.reach.clone()
    }

    fn refuse<T>(&self, attempted: &str) -> Result<T, StoreError> {
        let reason = match &*self.reach.borrow() {
            Reach::Lost { reason, .. } | Reach::GivenUp { reason } => reason.clone(),
            Reach::Up => "it has only just come".to_owned(),
        };
        Err(StoreError::unavailable(attempted, format!("the database was not there yet: {reason}")))
    }
}

impl<L: Lease> LeaseStore<L> for Absent<L> {
    fn is_there(&self) -> bool {
        false
    }

    fn is_far(&self) -> bool {
        true
    }

    async fn get(&self, _: L::By<'_>) -> Result<Found<L>, StoreError> {
        self.refuse("look for leases")
    }

    async fn put(&self, _: Change<'_, L>) -> Result<Put<L>, StoreError> {
        self.refuse("change a lease")
    }

    async fn expired(&self, _: Option<SubnetId>, _: Timestamp, _: usize) -> Result<Vec<L>, StoreError> {
        self.refuse("look for expired leases")
    }

    async fn remove_reclaimed(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        self.refuse("remove reclaimed leases")
    }

    async fn page(&self, _: Option<L::Address>, _: usize, _: PageFilter<'_>) -> Result<Vec<L>, StoreError> {
        self.refuse("list leases")
    }

    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        self.refuse("count leases")
    }

    /// Nothing was put.
    async fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl<R: Reserved> HostSource<R> for Absent<R> {
    async fn get(&self, _: HostQuery<'_, R::Address>) -> Result<Vec<Reservation<R>>, StoreError> {
        self.refuse("look for reservations")
    }

    async fn page(
        &self,
        _: Option<HostCursor>,
        _: usize,
        _: Option<SubnetId>,
    ) -> Result<HostPage<R>, StoreError> {
        self.refuse("list reservations")
    }
}

impl<R: Reserved> HostStore<R> for Absent<R> {
    fn may_change(&self) -> Result<(), StoreError> {
        self.refuse("change reservations")
    }

    async fn add(&self, _: &Reservation<R>, _: bool) -> Result<Edited, StoreError> {
        self.refuse("add a reservation")
    }

    async fn update(&self, _: &Reservation<R>, _: bool) -> Result<Edited, StoreError> {
        self.refuse("change a reservation")
    }

    async fn delete(&self, _: HostQuery<'_, R::Address>) -> Result<usize, StoreError> {
        self.refuse("remove reservations")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use kotare_daemon::ManualClock;
    use parking_lot::Mutex;
    use tokio::task::yield_now;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// One whose database answers to tries like this.
    fn awaited(retry: Retry, answers: &[Result<u8, &'static str>]) -> (Awaited<u8>, ManualClock) {
        let (clock, hands) = Clock::manual(Timestamp(1_700_000_000));
        let answers: Mutex<VecDeque<_>> = Mutex::new(answers.iter().copied().collect());
        let open = move || -> Opening<'static, u8> {
            let answer = answers.lock().pop_front().unwrap_or(Err("asked once more"));
            Box::pin(async move { answer.map_err(|reason| StoreError::unavailable("open it", reason)) })
        };
        let first = StoreError::unavailable("open it", "first");
        (Awaited::begin(retry, clock, &first, open, |number| number + 1), hands)
    }

    async fn after_a_second(hands: &ManualClock) {
        hands.advance(SECOND);
        for _ in 0..10 {
            yield_now().await;
        }
    }

    fn lost(reason: &str, failed: u32) -> Reach {
        Reach::Lost { reason: reason.to_owned(), failed }
    }

    /// It is tried as often as configured, each time after the wait; what comes of it is there once, and for who asks
    /// late.
    #[tokio::test]
    async fn it_is_tried_until_it_comes() {
        let retry = Retry { tries: 3, wait: SECOND, for_ever: false };
        let (awaited, hands) = awaited(retry, &[Err("second"), Ok(7)]);
        let reach = awaited.reach();
        assert_eq!((reach.borrow().clone(), awaited.come()), (lost("first", 0), None));
        for _ in 0..10 {
            yield_now().await;
        }
        after_a_second(&hands).await;
        assert_eq!((reach.borrow().clone(), awaited.come()), (lost("second", 1), None));
        let arrival = tokio::spawn(awaited.arrival());
        after_a_second(&hands).await;
        arrival.await.expect("it came");
        assert_eq!(awaited.come(), Some(Arc::new(8)));
        assert_eq!(reach.borrow().clone(), lost("second", 1), "it is not served from yet");
        awaited.arrival().await;
    }

    /// After the last try it is given up, unless it is tried for ever.
    #[tokio::test]
    async fn tries_are_counted() {
        for for_ever in [false, true] {
            let (awaited, hands) = awaited(Retry { tries: 2, wait: SECOND, for_ever }, &[]);
            for _ in 0..10 {
                yield_now().await;
            }
            for failed in 1..=4 {
                after_a_second(&hands).await;
                let told = awaited.reach().borrow().clone();
                let reason = "asked once more".to_owned();
                match !for_ever && failed >= 2 {
                    true => assert_eq!(told, Reach::GivenUp { reason }),
                    false => assert_eq!(told, Reach::Lost { reason, failed }),
                }
            }
        }
    }

    /// What stands in its place keeps nothing and says why.
    #[tokio::test]
    async fn nothing_is_kept_meanwhile() {
        let (awaited, _hands) = awaited(Retry { tries: 2, wait: SECOND, for_ever: false }, &[]);
        let absent = Absent::<kotare_model::Lease4>::new(awaited.reach());
        assert!(!absent.is_there());
        let error = absent.tally().await.expect_err("no database");
        let told = "could not count leases: the database was not there yet: first";
        assert_eq!((error.failure, error.to_string().as_str()), (kotare_store::Failure::Unavailable, told));
        absent.flush().await.expect("nothing was put");
    }
}
