//! Whether packets are answered, and who says so: `dhcp-disable`, `dhcp-enable`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kotare_daemon::Clock;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};

use crate::timer::Timer;

/// Who may disable the service, by Kea's numbers.
pub(crate) mod origin {
    /// An operator.
    pub(crate) const USER: u32 = 1;
    /// The first number of this server's own high availability relationships.
    pub(crate) const HA_LOCAL: u32 = 1000;
    /// The first number of the partners'.
    pub(crate) const HA_REMOTE: u32 = 2000;
    /// The first number of databases whose connection was lost. They have no timer: the connection says when it is over.
    pub(crate) const DATABASE: u32 = 3000;
}

/// The origins that have disabled the service; it is enabled when there is none.
#[derive(Debug)]
pub(crate) struct Service {
    clock: Clock,
    /// What workers look at.
    enabled: Arc<AtomicBool>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    disabled_by: BTreeMap<u32, Disabled>,
    /// How often the service was disabled, so that a timer knows whether what it ends is still what it was set for.
    count: u64,
}

/// What an origin has disabled.
#[derive(Debug)]
struct Disabled {
    number: u64,
    /// Ends it in time.
    _timer: Option<Timer>,
}

impl Service {
    /// Enabled; `enabled` is kept true as long as it is.
    pub(crate) fn new(clock: Clock, enabled: Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self { clock, enabled, state: Mutex::default() })
    }

    /// Disables the service for `origin`, until it is enabled or `period` has passed. What the origin said before means
    /// nothing any more; what others say is untouched.
    pub(crate) fn disable(self: &Arc<Self>, origin: u32, period: Option<Duration>) {
        let mut state = self.state.lock();
        state.count += 1;
        let number = state.count;
        let timer = period.map(|period| {
            let service = self.clone();
            let task = tokio::spawn(async move {
                service.clock.sleep(period).await;
                service.change(|by| {
                    if by.get(&origin).is_some_and(|disabled| disabled.number == number) {
                        by.remove(&origin);
                    }
                });
            });
            Timer::new(&task)
        });
        state.disabled_by.insert(origin, Disabled { number, _timer: timer });
        self.tell(&state);
    }

    /// Takes back what `origin` disabled.
    pub(crate) fn enable(&self, origin: u32) {
        self.change(|by| drop(by.remove(&origin)));
    }

    /// A new configuration took effect: what databases disabled under the former one is over, as they say it again where it
    /// still holds, and what high availability did if that does not go on. What the operator disabled stays.
    pub(crate) fn reconfigured(&self, has_partners_of_before: bool) {
        let end = if has_partners_of_before { origin::DATABASE } else { origin::HA_LOCAL };
        self.change(|by| by.retain(|&origin, _| origin < end));
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<u32, Disabled>)) {
        let mut state = self.state.lock();
        change(&mut state.disabled_by);
        self.tell(&state);
    }

    /// Tells the workers; `state` is locked, so that the last change is told last.
    fn tell(&self, state: &State) {
        self.enabled.store(state.disabled_by.is_empty(), Ordering::Relaxed);
    }

    /// `dhcp-state` of `status-get`.
    pub(crate) fn status(&self) -> Json {
        let by = &self.state.lock().disabled_by;
        let within = |from: u32, to: u32| by.range(from..to).map(|(origin, _)| *origin).collect::<Vec<_>>();
        json!({
            "disabled-by-db-connection": by.range(origin::DATABASE..).map(|(origin, _)| *origin).collect::<Vec<_>>(),
            "disabled-by-local-command": within(origin::HA_LOCAL, origin::HA_REMOTE),
            "disabled-by-remote-command": within(origin::HA_REMOTE, origin::DATABASE),
            "disabled-by-user": by.contains_key(&origin::USER),
            "globally-disabled": !by.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use kotare_daemon::ManualClock;
    use kotare_model::Timestamp;
    use tokio::runtime::Handle;
    use tokio::task::yield_now;

    use super::*;

    fn service() -> (Arc<Service>, ManualClock) {
        let (clock, hands) = Clock::manual(Timestamp(1_700_000_000));
        (Service::new(clock, Arc::new(AtomicBool::new(true))), hands)
    }

    fn is_enabled(service: &Service) -> bool {
        service.enabled.load(Ordering::Relaxed)
    }

    /// Lets every task go on that can.
    async fn settle() {
        for _ in 0..10 {
            yield_now().await;
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    /// What one origin disabled for a while ends in time, whatever others say meanwhile.
    #[tokio::test]
    async fn each_origin_has_a_timer() {
        let (service, hands) = service();
        service.disable(origin::USER, Some(2 * SECOND));
        settle().await;
        service.enable(origin::HA_REMOTE);
        service.disable(origin::HA_REMOTE, Some(SECOND));
        settle().await;
        hands.advance(SECOND);
        settle().await;
        assert_eq!(service.status()["disabled-by-remote-command"], json!([]));
        assert!(!is_enabled(&service));
        hands.advance(SECOND);
        settle().await;
        assert!(is_enabled(&service));
    }

    /// What an origin says last counts: a longer or an endless period takes the place of a shorter one.
    #[tokio::test]
    async fn the_last_period_counts() {
        let (service, hands) = service();
        service.disable(origin::USER, Some(SECOND));
        service.disable(origin::USER, Some(3 * SECOND));
        settle().await;
        hands.advance(2 * SECOND);
        settle().await;
        assert!(!is_enabled(&service));
        service.disable(origin::USER, None);
        hands.advance(9 * SECOND);
        settle().await;
        assert!(!is_enabled(&service));
        service.enable(origin::USER);
        assert!(is_enabled(&service));
    }

    /// No task sleeps for what is over.
    #[tokio::test]
    async fn a_timer_ends_with_what_it_is_for() {
        let (service, _hands) = service();
        let tasks = || Handle::current().metrics().num_alive_tasks();
        let before = tasks();
        for period in 1..100 {
            service.disable(origin::USER, Some(period * 1000 * SECOND));
        }
        settle().await;
        assert_eq!(tasks(), before + 1);
        service.enable(origin::USER);
        settle().await;
        assert_eq!(tasks(), before);
    }

    /// A new configuration ends what databases disabled and, if its partners are others, high availability, not what the
    /// operator did.
    #[tokio::test]
    async fn a_new_configuration_ends_what_is_not_its_own() {
        let (service, _hands) = service();
        for origin in [origin::USER, origin::HA_LOCAL, origin::HA_REMOTE + 1, origin::DATABASE, u32::MAX] {
            service.disable(origin, None);
        }
        assert_eq!(service.status()["disabled-by-db-connection"], json!([origin::DATABASE, u32::MAX]));
        service.reconfigured(true);
        let kept = json!({"disabled-by-db-connection": [], "disabled-by-local-command": [origin::HA_LOCAL],
            "disabled-by-remote-command": [origin::HA_REMOTE + 1], "disabled-by-user": true, "globally-disabled": true});
        assert_eq!(service.status(), kept);
        service.reconfigured(false);
        let told = json!({"disabled-by-db-connection": [], "disabled-by-local-command": [],
            "disabled-by-remote-command": [], "disabled-by-user": true, "globally-disabled": true});
        assert_eq!(service.status(), told);
    }
}
