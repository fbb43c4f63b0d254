//! Which state follows: one function of the state, what happens, and what is seen of the partner.

use crate::{Mode, Partner, Role, State};

/// What happens to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Something of what is seen may have changed: a heartbeat was answered or not, an update, or time has passed.
    Look,
    /// All leases of the partner are here.
    Synchronized,
    /// The partner has all updates that were queued.
    BacklogSent,
    /// It did not take one of them.
    BacklogFailed,
    /// It took the order to synchronise.
    ResetAccepted,
    /// `ha-reset`.
    Reset,
    /// `ha-maintenance-notify`: the partner takes over.
    MaintenanceNotified,
    /// `ha-maintenance-notify` with `cancel`: the partner gives back what it took.
    MaintenanceRevoked,
    /// `ha-maintenance-start`.
    MaintenanceStart,
    /// The partner agreed to be shut down.
    PartnerAgreed,
    /// It does not answer: it is down already.
    PartnerOffline,
    /// `ha-maintenance-cancel`, and the partner took it.
    MaintenanceCancelled,
}

impl Input {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Look,
        Self::Synchronized,
        Self::BacklogSent,
        Self::BacklogFailed,
        Self::ResetAccepted,
        Self::Reset,
        Self::MaintenanceNotified,
        Self::MaintenanceRevoked,
        Self::MaintenanceStart,
        Self::PartnerAgreed,
        Self::PartnerOffline,
        Self::MaintenanceCancelled,
    ];
}

/// What a server sees when it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How the servers work together.
    pub mode: Mode,
    /// What this one is.
    pub role: Role,
    /// What is known of the partner's state.
    pub partner: Partner,
    /// `sync-leases`.
    pub syncs: bool,
    /// `delayed-updates-limit` lets updates be queued.
    pub recovers: bool,
    /// The partner was not heard for longer than `max-response-delay`.
    pub interrupted: bool,
    /// As far as can be told the partner answers nobody.
    pub down: bool,
    /// The clocks differ too much, or too many updates were rejected.
    pub hopeless: bool,
    /// More updates were to be queued than there was room for.
    pub overflown: bool,
    /// The partner gave leases that it told nobody of.
    pub missed: bool,
    /// The partner has not all the leases that were given here without a word to it.
    pub lacks: bool,
    /// The partner has been terminated for so long that nobody will restart it.
    pub abandoned: bool,
    /// What ended the service is over, and the partner will follow.
    pub healed: bool,
}

/// What takes time, and ends with another [`Input`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Fetch the partner's leases.
    Synchronize,
    /// Send what was queued.
    SendBacklog,
    /// Have the partner synchronise.
    SendReset,
}

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Stays as it is.
    Stay,
    /// Enters a state, and looks again.
    Enter(State),
    /// Goes back to the state before, and does not look until something happens.
    Return,
    /// Does something first.
    Begin(Task),
    /// Says that this cannot be now.
    Refuse,
    /// Asks the partner, and decides by its answer.
    Ask,
}

use Next::{Begin, Enter, Stay};

impl Seen {
    /// The state of normal operation of this server.
    #[must_use]
    pub const fn normal(&self) -> State {
        match (self.role, self.mode) {
            (Role::Backup, _) => State::Backup,
            (_, Mode::LoadBalancing) => State::LoadBalancing,
            (_, Mode::HotStandby) => State::HotStandby,
            (_, Mode::PassiveBackup) => State::PassiveBackup,
        }
    }

    /// Whether the partner is in a state that servers of this mode do not have: it is configured otherwise.
    #[must_use]
    pub fn is_partner_misplaced(&self) -> bool {
        match self.partner {
            Partner::In(State::CommunicationRecovery | State::LoadBalancing) => {
                self.mode != Mode::LoadBalancing
            }
            Partner::In(State::HotStandby) => self.mode != Mode::HotStandby,
            _ => false,
        }
    }

    fn down_or(&self, otherwise: Next) -> Next {
        if self.down { Enter(State::PartnerDown) } else { otherwise }
    }

    fn synchronized(&self) -> Next {
        Enter(if self.syncs { State::Syncing } else { State::Ready })
    }
}

/// What a server does in a state when something happens.
#[must_use]
pub fn next(state: State, input: Input, seen: &Seen) -> Next {
    use State::*;
    match (input, state) {
        (Input::Look, state) => look(state, seen),

        (Input::Synchronized, Syncing) => Enter(Ready),
        (Input::BacklogSent, CommunicationRecovery) => Enter(seen.normal()),
        (Input::BacklogFailed, CommunicationRecovery) => Begin(Task::SendReset),
        (Input::ResetAccepted, CommunicationRecovery) => Enter(Waiting),
        // What was begun in another state does not matter any more.
        (
            Input::Synchronized | Input::BacklogSent | Input::BacklogFailed | Input::ResetAccepted,
            Backup
            | CommunicationRecovery
            | HotStandby
            | InMaintenance
            | LoadBalancing
            | PartnerDown
            | PartnerInMaintenance
            | PassiveBackup
            | Ready
            | Syncing
            | Terminated
            | Waiting,
        ) => Stay,

        (Input::Reset, Waiting) => Stay,
        (Input::Reset, _) => Enter(Waiting),

        (Input::MaintenanceNotified, Backup | PartnerInMaintenance | Terminated) => Next::Refuse,
        (Input::MaintenanceNotified, _) => Enter(InMaintenance),
        (Input::MaintenanceRevoked, InMaintenance) => Next::Return,
        (Input::MaintenanceRevoked, _) => Next::Refuse,

        (
            Input::MaintenanceStart | Input::PartnerAgreed | Input::PartnerOffline,
            Backup | InMaintenance | PartnerInMaintenance | Terminated,
        ) => Next::Refuse,
        (Input::MaintenanceStart, _) => Next::Ask,
        (Input::PartnerAgreed, _) => Enter(PartnerInMaintenance),
        (Input::PartnerOffline, _) => Enter(PartnerDown),
        (Input::MaintenanceCancelled, PartnerInMaintenance) => Next::Return,
        (Input::MaintenanceCancelled, _) => Next::Refuse,
    }
}

/// What a server does in a state by what it sees.
fn look(state: State, seen: &Seen) -> Next {
    use Partner::{In, Unavailable, Unknown};
    use State::*;
    match state {
        // Only commands lead out of these.
        Backup | PassiveBackup | InMaintenance => return Stay,
        Terminated => return if seen.healed { Enter(Waiting) } else { Stay },
        Waiting if seen.role == Role::Backup => return Enter(Backup),
        Waiting if seen.mode == Mode::PassiveBackup => return Enter(PassiveBackup),
        _ if seen.hopeless => return Enter(Terminated),
        PartnerInMaintenance => {}
        // Until somebody mends the configuration.
        Waiting if seen.is_partner_misplaced() => return Stay,
        _ if seen.is_partner_misplaced() => return Enter(Waiting),
        CommunicationRecovery | HotStandby | LoadBalancing | PartnerDown | Ready | Syncing | Waiting => {}
    }
    match (state, seen.partner) {
        // Everything else was decided above.
        (Backup | PassiveBackup | InMaintenance | Terminated, _) => Stay,

        (PartnerInMaintenance, Unavailable) => Enter(PartnerDown),
        (PartnerInMaintenance, Unknown | In(_)) => Stay,

        (CommunicationRecovery | HotStandby | LoadBalancing | Ready, In(InMaintenance)) => {
            Enter(PartnerInMaintenance)
        }
        (CommunicationRecovery | HotStandby | LoadBalancing | Ready, In(PartnerInMaintenance)) => {
            Enter(InMaintenance)
        }
        (
            CommunicationRecovery | HotStandby | LoadBalancing | PartnerDown | Ready | Syncing,
            In(Terminated),
        ) => Enter(Terminated),

        (CommunicationRecovery, In(PartnerDown)) => Enter(Waiting),
        (CommunicationRecovery, Unavailable) => seen.down_or(Stay),
        (CommunicationRecovery, In(Waiting | Syncing | Ready)) => {
            // It fetches our leases already; but if it may lack what was not queued, we lack nothing less.
            if !seen.interrupted && seen.overflown { Enter(Waiting) } else { Stay }
        }
        (CommunicationRecovery, _) if seen.interrupted => Stay,
        (CommunicationRecovery, In(LoadBalancing | CommunicationRecovery)) => {
            Begin(if seen.overflown { Task::SendReset } else { Task::SendBacklog })
        }
        (CommunicationRecovery, Unknown | In(_)) => Enter(Waiting),

        (HotStandby | LoadBalancing, In(PartnerDown)) => Enter(Waiting),
        (HotStandby | LoadBalancing, Unavailable) => {
            seen.down_or(if seen.recovers { Enter(CommunicationRecovery) } else { Stay })
        }
        (HotStandby | LoadBalancing, Unknown | In(_)) => Stay,

        (PartnerDown, In(CommunicationRecovery | PartnerDown | PartnerInMaintenance)) => Enter(Waiting),
        // What was given after it had fetched all it fetches again, before anything is given that it is told of.
        (PartnerDown, In(Ready)) if seen.lacks && seen.syncs => Begin(Task::SendReset),
        (PartnerDown, In(Ready)) => Enter(if seen.missed { Waiting } else { seen.normal() }),
        (PartnerDown, Unknown | Unavailable | In(_)) => Stay,

        (Ready, In(HotStandby | LoadBalancing | CommunicationRecovery)) => Enter(seen.normal()),
        // Of two the primary goes first.
        (Ready, In(Ready)) if seen.role == Role::Primary => Enter(seen.normal()),
        (Ready, Unavailable) => seen.down_or(Stay),
        (Ready, Unknown | In(_)) => Stay,

        (Syncing, Unavailable) => seen.down_or(Stay),
        (Syncing, Unknown | In(_)) => Begin(Task::Synchronize),

        (
            Waiting,
            In(
                CommunicationRecovery
                | HotStandby
                | LoadBalancing
                | InMaintenance
                | PartnerDown
                | PartnerInMaintenance
                | Ready,
            ),
        ) => seen.synchronized(),
        (Waiting, In(Waiting)) if seen.role == Role::Primary => seen.synchronized(),
        (Waiting, In(Terminated)) if seen.abandoned => Enter(Terminated),
        (Waiting, Unavailable) => seen.down_or(Stay),
        (Waiting, Unknown | In(_)) => Stay,
    }
}
