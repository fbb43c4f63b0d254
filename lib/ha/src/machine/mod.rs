//! A server of a relationship: what it does when something happens.
//!
//! Events are methods; what they make it do are [`Action`]s, which whoever drives it takes afterwards; and it says by when
//! it wants to be called again ([`Machine::deadline`]).

mod beat;
mod commands;
mod enter;
mod fetched;
mod follower;
mod healing;
mod maintenance;
mod report;
mod tasks;
mod updates;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use beat::Beat;
pub use commands::Answer;
use fetched::Fetched;
use follower::Follower;
use healing::Healing;
pub use maintenance::Notified;
pub use tasks::Ticket;
use tasks::{Reached, Running};
pub use updates::{Overheard, Route};

use crate::messages::*;
use crate::{
    Backlog, Contact, Input, Mode, Moment, Next, Partner, Relationship, Role, Scopes, Seen, State, next,
};

/// For how long a partner may be terminated before nobody is expected to restart it.
const ABANDONED: Duration = Duration::from_secs(600);

/// What whoever drives a server does for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask the partner how it is; the answer goes to [`Machine::heartbeat`].
    SendHeartbeat(Ticket),
    /// Fetch the partner's leases by a [`crate::SyncPlan`]; what comes of it goes to [`Machine::synchronized`].
    Synchronize {
        /// For the answer.
        ticket: Ticket,
        /// The address up to which they are here already.
        reached: Option<IpAddr>,
        /// Whether the partner is told of the leases that it lacks: it will not fetch them.
        tells: bool,
    },
    /// Send what is queued ([`Machine::backlog`]), and say what came of it to [`Machine::sent`] and
    /// [`Machine::backlog_ended`].
    SendBacklog(Ticket),
    /// Have the partner synchronise (`ha-reset`); the answer goes to [`Machine::reset_sent`].
    SendReset(Ticket),
    /// What is answered has changed: see [`Machine::scopes`] and [`Machine::is_serving`].
    Publish,
}

/// What becomes of a lease that has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired {
    /// It is reclaimed, and its name removed from the DNS.
    Reclaim,
    /// It is reclaimed, and its name is for the other servers to remove.
    Forget,
    /// It is left as it is.
    Leave,
}

/// A server of a relationship. `U` is an update that may have to wait.
#[derive(Clone, Debug)]
pub struct Machine<U> {
    relationship: Arc<Relationship>,
    state: State,
    previous: State,
    scopes: Scopes,
    contact: Contact,
    backlog: Backlog<U>,
    is_serving: bool,
    is_paused: bool,
    paused_once: Vec<State>,
    beat: Beat,
    running: Option<Running>,
    tickets: u64,
    /// How far a synchronisation came that broke off.
    reached: Option<Reached>,
    /// Until when a partner that has ended its maintenance is not believed to be still at it.
    revoked: Option<Duration>,
    /// Until when it is silent at most although it serves: the partner is about to come back.
    held: Option<Duration>,
    healing: Healing,
    follower: Follower,
    fetched: Fetched,
    looked: Duration,
    /// When it entered its state.
    entered: Duration,
    actions: Vec<Action>,
}

impl<U> Machine<U> {
    /// A server that begins.
    #[must_use]
    pub fn new(relationship: Arc<Relationship>, now: Moment) -> Self {
        let name = &relationship.this_server;
        HA_SERVICE_STARTED(name, relationship.mode, relationship.role());
        let mut machine = Self {
            state: State::Waiting,
            previous: State::Waiting,
            scopes: Scopes::new(&relationship),
            contact: Contact::new(&relationship, now),
            backlog: Backlog::new(relationship.delayed_updates_limit),
            is_serving: true,
            is_paused: false,
            paused_once: Vec::new(),
            beat: Beat::Idle,
            running: None,
            tickets: 0,
            reached: None,
            revoked: None,
            held: None,
            healing: Healing::default(),
            follower: Follower::default(),
            fetched: Fetched::default(),
            looked: now.uptime,
            entered: now.uptime,
            actions: Vec::new(),
            relationship,
        };
        machine.arrive(false, now);
        machine.beat_now(now);
        machine.run(Input::Look, now);
        machine
    }

    /// The state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// What it is configured to be.
    #[must_use]
    pub fn relationship(&self) -> &Relationship {
        &self.relationship
    }

    /// Whose clients it answers, as long as it answers any.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Whether it answers anybody.
    #[must_use]
    pub const fn is_serving(&self) -> bool {
        self.is_serving
    }

    /// What it knows of its partner.
    #[must_use]
    pub const fn contact(&self) -> &Contact {
        &self.contact
    }

    /// The updates that wait.
    #[must_use]
    pub const fn backlog(&self) -> &Backlog<U> {
        &self.backlog
    }

    /// Whether it stays in its state until it is told to go on.
    #[must_use]
    pub const fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// What is to be done, in this order.
    pub fn actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Whether what is answered has changed since this was last asked ([`Action::Publish`], which counts as done then).
    pub fn publishes(&mut self) -> bool {
        let before = self.actions.len();
        self.actions.retain(|action| *action != Action::Publish);
        self.actions.len() < before
    }

    /// By when, by uptime, it wants to be called ([`Machine::tick`]) if nothing else happens.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let interrupted = self.contact.interrupted_at(&self.relationship);
        let is_lost = self.contact.partner() == Partner::Unavailable && self.looked < interrupted;
        [self.beat.due(), is_lost.then_some(interrupted), self.held].into_iter().flatten().min()
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Moment) {
        if self.held.is_some_and(|until| until <= now.uptime) {
            self.release();
        }
        self.beat_if_due(now);
        let interrupted = self.contact.interrupted_at(&self.relationship);
        if self.looked < interrupted && interrupted <= now.uptime {
            self.run(Input::Look, now);
        }
    }

    /// What becomes of a lease that has expired here. The partner may have extended it without a word, so a server that does not
    /// hear of what its partner gives reclaims leases of its own clients alone, and none before it has the partner's leases.
    /// Nobody waits for a backup, and nobody fetches anew what it has missed: it forgets all but those of clients that it
    /// answers (`ha-scopes`). `hash` is that of the lease's client.
    #[must_use]
    pub fn expired(&self, hash: Option<u8>) -> Expired {
        let is_heard = matches!(self.contact.partner(), Partner::In(_));
        let of_others = match self.state {
            State::Backup => Expired::Forget,
            State::PartnerDown | State::PartnerInMaintenance | State::PassiveBackup => {
                return Expired::Reclaim;
            }
            State::HotStandby | State::InMaintenance | State::LoadBalancing if is_heard => {
                return Expired::Reclaim;
            }
            State::HotStandby
            | State::InMaintenance
            | State::LoadBalancing
            | State::CommunicationRecovery
            | State::Terminated => Expired::Leave,
            State::Ready | State::Syncing | State::Waiting => return Expired::Leave,
        };
        let is_own = self.scopes.of_client(hash).is_some_and(|of| of.is_served);
        if is_own { Expired::Reclaim } else { of_others }
    }

    /// What it sees.
    fn seen(&mut self, now: Moment) -> Seen {
        let relationship = Arc::clone(&self.relationship);
        let (mode, role) = (relationship.mode, relationship.role());
        let interrupted = self.contact.is_interrupted(&relationship, now);
        // Who answers nobody hears of no client; nor does the primary of a standby that answers nobody.
        let watches = self.is_serving && (mode == Mode::LoadBalancing || role == Role::Standby);
        let rejected = self.contact.rejected.count(now.uptime);
        let has_rejected_many =
            relationship.max_rejected_updates > 0 && rejected >= relationship.max_rejected_updates as usize;
        Seen {
            mode,
            role,
            partner: self.contact.partner(),
            syncs: relationship.syncs_leases,
            recovers: mode == Mode::LoadBalancing && relationship.delayed_updates_limit > 0,
            interrupted,
            down: interrupted && (!watches || self.contact.waiting.is_failure_detected()),
            hopeless: self.contact.skew.is_hopeless() || has_rejected_many,
            overflown: self.backlog.is_overflown(),
            missed: self.contact.theirs.is_missing_any(),
            lacks: self.lacks_any(),
            // Who has just begun anew gives its partner as long, however long it has been terminated.
            abandoned: self.contact.duration(now).min(now.uptime.saturating_sub(self.entered)) >= ABANDONED,
            healed: self.healing.is_over(&self.contact, now),
        }
    }

    /// Goes from state to state until there is nothing to do but wait. Says whether what happened could be.
    fn run(&mut self, mut input: Input, now: Moment) -> bool {
        let is_possible = self.step(input, now);
        // Each step leads closer to where the server stays; none leads back.
        for _ in State::ALL {
            if !matches!(is_possible, Next::Enter(_)) {
                break;
            }
            input = Input::Look;
            if !matches!(self.step(input, now), Next::Enter(_)) {
                break;
            }
        }
        is_possible != Next::Refuse
    }

    fn step(&mut self, input: Input, now: Moment) -> Next {
        if input == Input::Look {
            self.looked = now.uptime;
            if self.is_paused || self.running.is_some() {
                return Next::Stay;
            }
        }
        let seen = self.seen(now);
        if input == Input::Look {
            self.tell(&seen, now);
        }
        let decided = next(self.state, input, &seen);
        match decided {
            Next::Stay | Next::Refuse | Next::Ask => {}
            Next::Enter(state) => {
                if self.state == State::Terminated && input == Input::Look {
                    healing::tell(&self.relationship.this_server, &self.contact);
                }
                self.enter(state, input == Input::PartnerOffline, now);
            }
            Next::Return => self.enter(self.before(), false, now),
            Next::Begin(task) => self.begin(task),
        }
        decided
    }

    /// The state to go back to. Going back to the present one would lead nowhere.
    fn before(&self) -> State {
        if self.previous == self.state { State::Waiting } else { self.previous }
    }

    /// Tells what is wrong, where it matters.
    fn tell(&mut self, seen: &Seen, now: Moment) {
        let name = &self.relationship.this_server;
        let (state, partner) = (self.state, seen.partner);
        if matches!(state, State::Backup | State::PassiveBackup | State::InMaintenance | State::Terminated) {
            return;
        }
        if self.contact.skew.is_hopeless() {
            HA_HIGH_CLOCK_SKEW_CAUSED_TERMINATION(name, &self.contact.skew);
        } else {
            if self.contact.skew.should_warn(now.uptime) {
                HA_HIGH_CLOCK_SKEW(name, &self.contact.skew);
            }
            if seen.hopeless {
                HA_LEASE_UPDATE_REJECTS_CAUSED_TERMINATION(name);
            }
        }
        if seen.hopeless {
            return;
        }
        if seen.is_partner_misplaced() && state != State::PartnerInMaintenance {
            match partner {
                Partner::In(State::CommunicationRecovery) => {
                    HA_INVALID_PARTNER_STATE_COMMUNICATION_RECOVERY(name);
                }
                Partner::In(State::HotStandby) => HA_INVALID_PARTNER_STATE_HOT_STANDBY(name),
                _ => HA_INVALID_PARTNER_STATE_LOAD_BALANCING(name),
            }
        } else if state == State::Waiting && partner == Partner::In(State::Terminated) {
            if seen.abandoned {
                HA_TERMINATED_PARTNER_DID_NOT_RESTART(name, ABANDONED.as_secs() / 60);
            } else {
                HA_TERMINATED_RESTART_PARTNER(name);
            }
        }
    }
}
