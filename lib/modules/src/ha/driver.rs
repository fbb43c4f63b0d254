//! The task that drives a server of a relationship: it sends what [`Machine`] decides and tells it what comes of that.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kotare_ha::{
    Action, Asker, Beyond, Heartbeat, Machine, Moment, Refusal, Relationship, Stretch, SubnetFilter, Ticket,
};
use kotare_model::Timestamp;
use parking_lot::Mutex;
use serde_json::Value as Json;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::failures::Failures;
use super::fetching::Fetching;
use super::measure::Measure;
use super::messages::*;
use super::outbox::Outbox;
use super::peer::{Failure, PeerLink};
use super::refused::all_taken;
use super::terms::{ComparedTerms, Terms};
use super::untold::Untold;
use super::update::{Tellable, Update, rows};

/// So many queued updates are on their way at once.
const TOGETHER: usize = 100;

/// How commands get to the partner.
pub trait Way: Send + Sync + 'static {
    /// What log lines call the partner.
    fn label(&self) -> &str;

    /// Sends a command, of which the answer may take so much, or as much as usual ([`Measure::BRIEF`]).
    fn ask(
        &self,
        command: &Json,
        measure: Option<Measure>,
    ) -> impl Future<Output = Result<Option<Json>, Failure>> + Send;
}

impl Way for PeerLink {
    fn label(&self) -> &str {
        self.label()
    }

    async fn ask(&self, command: &Json, measure: Option<Measure>) -> Result<Option<Json>, Failure> {
        self.ask(command, measure.unwrap_or(Measure::BRIEF)).await
    }
}

/// What the server around does for it.
pub trait Around: Send + Sync + 'static {
    /// What the clock says.
    fn clock(&self) -> Timestamp;

    /// What is answered has changed: the scopes, or whether anybody is.
    fn publish(&self, machine: &Machine<Update>);

    /// Keeps the leases of a page of the partner's that are newer than those here ([`kotare_ha::decide`]).
    fn merge(&self, page: Page) -> impl Future<Output = Result<Merged, String>> + Send;

    /// Which of up to `limit` leases here, from the beginning of a stretch, are in use and none of the partner's, which has leases
    /// of the addresses `theirs` there.
    fn alone(
        &self,
        stretch: Stretch,
        theirs: &Arc<HashSet<IpAddr>>,
        limit: u32,
    ) -> impl Future<Output = Result<Alone, String>> + Send;

    /// Up to `limit` leases of this server with an address above `after`, by address, as commands show them.
    fn page(
        &self,
        after: Option<IpAddr>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Json>, String>> + Send;

    /// The subnets of a relationship.
    fn filter(&self, relationship: &Relationship) -> SubnetFilter;

    /// What of the configuration in effect the partner's has to be like.
    fn terms(&self) -> impl Future<Output = Arc<Terms>> + Send;
}

/// A page of leases, as the partner sent it.
#[derive(Clone, Debug)]
pub enum Page {
    /// As commands show them.
    Listed(Vec<Json>),
    /// As a lease file, with so many rows.
    Rows(String, usize),
}

impl Page {
    /// How many leases it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Listed(leases) => leases.len(),
            Self::Rows(_, count) => *count,
        }
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What became of a page of leases.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// The addresses of its leases, in its order.
    pub addresses: Vec<IpAddr>,
    /// How many of them were new here.
    pub applied: u64,
    /// The leases here that count instead of some of them.
    pub newer: Vec<Arc<dyn Tellable>>,
}

/// Leases that only this server has.
#[derive(Clone, Debug, Default)]
pub struct Alone {
    /// The leases.
    pub leases: Vec<Arc<dyn Tellable>>,
    /// Up to which address was looked, if not up to the last one.
    pub reached: Option<IpAddr>,
}

/// A server of a relationship that is driven.
pub struct Driver<W, A> {
    pub(super) machine: Mutex<Machine<Update>>,
    pub(super) relationship: Arc<Relationship>,
    pub(super) asker: Asker,
    /// The ways to the other servers, by their names.
    pub(super) ways: BTreeMap<String, W>,
    pub(super) around: A,
    pub(super) failures: Failures,
    pub(super) untold: Untold,
    /// What other servers are to be told, by their names.
    pub(super) outboxes: BTreeMap<String, Outbox>,
    pub(super) terms: ComparedTerms,
    /// Whether the partner tells of leases that it gives while its others are fetched.
    pub(super) partner_tells: AtomicBool,
    /// Fetching the leases of other servers, by their names.
    pub(super) fetching: BTreeMap<String, Fetching>,
    begun: Instant,
    woken: Notify,
}

impl<W: Way, A: Around> Driver<W, A> {
    /// A server that begins. [`Self::run`] drives it.
    #[must_use]
    pub fn new(relationship: Relationship, asker: Asker, ways: BTreeMap<String, W>, around: A) -> Arc<Self> {
        let relationship = Arc::new(relationship);
        let outboxes = ways.keys().map(|name| (name.clone(), Outbox::new(asker.service))).collect();
        let fetching = ways.keys().map(|name| (name.clone(), Fetching::default())).collect();
        let begun = Instant::now();
        let moment = Moment { uptime: Duration::ZERO, clock: around.clock() };
        Arc::new(Self {
            machine: Mutex::new(Machine::new(Arc::clone(&relationship), moment)),
            relationship,
            asker,
            ways,
            around,
            failures: Failures::default(),
            untold: Untold::default(),
            outboxes,
            terms: ComparedTerms::default(),
            partner_tells: AtomicBool::default(),
            fetching,
            begun,
            woken: Notify::new(),
        })
    }

    /// Now.
    pub(super) fn moment(&self) -> Moment {
        Moment { uptime: self.begun.elapsed(), clock: self.around.clock() }
    }

    /// Tells the machine something, and has done what it wants then.
    pub fn tell<T>(&self, tell: impl FnOnce(&mut Machine<Update>, Moment) -> T) -> T {
        let mut machine = self.machine.lock();
        let told = tell(&mut machine, self.moment());
        if machine.publishes() {
            self.around.publish(&machine);
        }
        drop(machine);
        self.woken.notify_one();
        told
    }

    /// Publishes what is answered, whether or not it has changed.
    pub fn publish(&self) {
        self.around.publish(&self.machine.lock());
    }

    /// Drives the machine until it is dropped, and with it what it has begun.
    pub async fn run(self: Arc<Self>) {
        let mut begun = JoinSet::new();
        loop {
            let (actions, deadline) = {
                let mut machine = self.machine.lock();
                if machine.publishes() {
                    self.around.publish(&machine);
                }
                (machine.actions(), machine.deadline())
            };
            for action in actions {
                begun.spawn(Arc::clone(&self).take(action));
            }
            let due = async {
                match deadline {
                    Some(due) => sleep_until(self.begun + due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.woken.notified() => {}
                () = due => self.tell(|machine, now| machine.tick(now)),
                Some(_) = begun.join_next() => {}
            }
        }
    }

    async fn take(self: Arc<Self>, action: Action) {
        match action {
            Action::Publish => {}
            Action::SendHeartbeat(ticket) => self.send_heartbeat(ticket).await,
            Action::Synchronize { ticket, reached, tells } => {
                self.synchronize_for(ticket, reached, tells).await;
            }
            Action::SendBacklog(ticket) => self.send_backlog(ticket).await,
            Action::SendReset(ticket) => self.send_reset(ticket).await,
        }
    }

    /// The way to the other active server.
    pub(super) fn partner(&self) -> Option<&W> {
        self.ways.get(&self.relationship.partner()?.name)
    }

    /// The name of the server there.
    pub(super) fn name_of(&self, way: &W) -> Option<&String> {
        self.ways.iter().find(|(_, other)| std::ptr::eq(*other, way)).map(|(name, _)| name)
    }

    /// Asks the partner something. Without one the answer is that there is none.
    pub(super) async fn ask(
        &self,
        command: &Json,
        measure: Option<Measure>,
    ) -> Result<Option<Json>, Failure> {
        match self.partner() {
            Some(way) => way.ask(command, measure).await,
            None => {
                let name = &self.relationship.this_server;
                let reason = format!("no failover partner server found for this server {name}");
                Err(Failure::Refused(Refusal { code: kotare_ha::result::ERROR, reason }))
            }
        }
    }

    pub(super) fn label(&self) -> &str {
        self.partner().map_or("", Way::label)
    }

    async fn send_heartbeat(&self, ticket: Ticket) {
        let (name, label) = (&self.relationship.this_server, self.label());
        let answer = self.ask(&self.asker.heartbeat(), None).await;
        let beyond = answer.as_ref().ok().map(|arguments| Beyond::read(arguments.as_ref()));
        let heartbeat = answer.and_then(|arguments| {
            let refused = |reason| Failure::Refused(Refusal { code: kotare_ha::result::ERROR, reason });
            Heartbeat::read(arguments.as_ref()).map_err(refused)
        });
        if let (Some(Beyond { takes_many, takes_rows, tells, .. }), Some(outbox)) = (&beyond, self.outbox()) {
            outbox.learn(*takes_many || self.asker.service == "dhcp6", *takes_rows);
            self.partner_tells.store(*tells, Ordering::Relaxed);
        }
        self.failures.note(label, "ha-heartbeat", heartbeat.as_ref().err(), |failure| match failure {
            Failure::Unanswered(why) => HA_HEARTBEAT_COMMUNICATIONS_FAILED(name, label, why),
            Failure::Refused(why) => HA_HEARTBEAT_FAILED(name, label, &why.reason),
        });
        self.tell(|machine, now| machine.heartbeat(ticket, heartbeat.ok(), now));
        if let Some(Beyond { terms: Some(theirs), .. }) = beyond {
            self.compare_terms(&theirs).await;
        }
    }

    /// What the other active server is to be told.
    pub(super) fn outbox(&self) -> Option<&Outbox> {
        self.outboxes.get(&self.relationship.partner()?.name)
    }

    /// Whether the partner takes many leases in one command.
    fn takes_many(&self) -> bool {
        self.outbox().is_some_and(Outbox::takes_many)
    }

    async fn send_reset(&self, ticket: Ticket) {
        let (name, label) = (&self.relationship.this_server, self.label());
        let answer = self.ask(&self.asker.reset(), None).await;
        self.failures.note(label, "ha-reset", answer.as_ref().err(), |failure| match failure {
            Failure::Unanswered(why) => HA_RESET_COMMUNICATIONS_FAILED(name, label, why),
            Failure::Refused(why) => HA_RESET_FAILED(name, label, &why.reason),
        });
        self.tell(|machine, now| machine.reset_sent(ticket, answer.is_ok(), now));
    }

    async fn send_backlog(&self, ticket: Ticket) {
        let (name, label) = (&self.relationship.this_server, self.label());
        let partner = self.relationship.partner().map_or("", |partner| &partner.name);
        let begun = Instant::now();
        match self.machine.lock().backlog().len() {
            0 => HA_LEASES_BACKLOG_NOTHING_TO_SEND(name),
            many => HA_LEASES_BACKLOG_START(name, many, partner),
        }
        let mut sent_any = false;
        loop {
            let updates: Vec<Update> = self.machine.lock().backlog().oldest(TOGETHER).cloned().collect();
            let many = updates.len();
            if many == 0 {
                break;
            }
            let in_rows = self.outbox().is_some_and(Outbox::takes_rows).then(|| rows(&updates)).flatten();
            let commands = match in_rows {
                Some(rows) => vec![self.asker.apply_rows(rows)],
                None => commands(&self.asker, updates, self.takes_many()),
            };
            for command in commands {
                let answer =
                    self.ask(&command, None).await.and_then(|arguments| all_taken(arguments.as_ref()));
                self.failures.note(label, "backlog", answer.as_ref().err(), |failure| match failure {
                    Failure::Unanswered(why) => HA_LEASES_BACKLOG_COMMUNICATIONS_FAILED(name, label, why),
                    Failure::Refused(why) => HA_LEASES_BACKLOG_FAILED(name, label, &why.reason),
                });
                if answer.is_err() {
                    return self.tell(|machine, now| machine.backlog_ended(ticket, false, now));
                }
            }
            let waits = self.tell(|machine, _| {
                machine.sent(ticket, many);
                machine.waits_for(ticket)
            });
            if !waits {
                return;
            }
            sent_any = true;
        }
        if sent_any {
            HA_LEASES_BACKLOG_SUCCESS(name, partner, took(begun));
        }
        self.tell(|machine, now| machine.backlog_ended(ticket, true, now));
    }
}

/// The commands that tell of updates, in their order: of DHCPv6, or if the server takes that (`in_one`), all in one.
pub(super) fn commands(asker: &Asker, updates: impl IntoIterator<Item = Update>, in_one: bool) -> Vec<Json> {
    if asker.service == "dhcp4" && !in_one {
        let each = |update: Update| match update.is_deleted {
            true => asker.delete(update.lease.told()),
            false => asker.update(update.lease.told()),
        };
        return updates.into_iter().map(each).collect();
    }
    // Of one command Kea first removes what is to be removed, whatever came first: of an address the last word counts.
    let last: BTreeMap<IpAddr, Update> =
        updates.into_iter().map(|update| (update.address(), update)).collect();
    let (deleted, kept): (Vec<_>, Vec<_>) = last.into_values().partition(|update| update.is_deleted);
    let leases = |updates: Vec<Update>| updates.into_iter().map(|update| update.lease.told());
    vec![asker.bulk_apply(leases(deleted), leases(kept))]
}

/// How long something took, as Kea says it.
pub(super) fn took(begun: Instant) -> String {
    let micros = begun.elapsed().as_micros();
    format!("{}.{:03} ms", micros / 1000, micros % 1000)
}
