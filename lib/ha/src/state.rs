//! The states of a server that has partners, and what is known of the partner's.

use std::fmt;

/// A state, as the manual has them ("Server States").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Takes updates of leases; the normal state of a backup server.
    Backup,
    /// Answers its own clients and queues updates, because the partner cannot be reached.
    CommunicationRecovery,
    /// The normal state of either server of a hot-standby pair.
    HotStandby,
    /// Silent, and may be shut down: the partner answers everybody.
    InMaintenance,
    /// The normal state of either server of a load-balancing pair.
    LoadBalancing,
    /// Answers everybody, because the partner is gone.
    PartnerDown,
    /// Answers everybody, because the partner is going to be shut down.
    PartnerInMaintenance,
    /// The normal state of the only active server.
    PassiveBackup,
    /// Has the partner's leases and waits to be let back in.
    Ready,
    /// Fetches the partner's leases.
    Syncing,
    /// Answers its own clients on its own: the pair cannot work together.
    Terminated,
    /// Has begun, and finds out about the partner.
    Waiting,
}

/// Which clients a server answers in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// Nobody.
    Nobody,
    /// Those that are its own by the mode.
    Own,
    /// Those of its partner, too.
    All,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Backup,
        Self::CommunicationRecovery,
        Self::HotStandby,
        Self::InMaintenance,
        Self::LoadBalancing,
        Self::PartnerDown,
        Self::PartnerInMaintenance,
        Self::PassiveBackup,
        Self::Ready,
        Self::Syncing,
        Self::Terminated,
        Self::Waiting,
    ];

    /// What it is called in commands and the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::CommunicationRecovery => "communication-recovery",
            Self::HotStandby => "hot-standby",
            Self::InMaintenance => "in-maintenance",
            Self::LoadBalancing => "load-balancing",
            Self::PartnerDown => "partner-down",
            Self::PartnerInMaintenance => "partner-in-maintenance",
            Self::PassiveBackup => "passive-backup",
            Self::Ready => "ready",
            Self::Syncing => "syncing",
            Self::Terminated => "terminated",
            Self::Waiting => "waiting",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whom a server in it answers, if nobody says otherwise.
    #[must_use]
    pub const fn served(self) -> Served {
        match self {
            Self::CommunicationRecovery
            | Self::HotStandby
            | Self::LoadBalancing
            | Self::PassiveBackup
            | Self::Terminated => Served::Own,
            Self::PartnerDown | Self::PartnerInMaintenance => Served::All,
            Self::Backup | Self::InMaintenance | Self::Ready | Self::Syncing | Self::Waiting => {
                Served::Nobody
            }
        }
    }

    /// Whether an active server tells its partner of leases in it.
    #[must_use]
    pub const fn sends_updates(self) -> bool {
        matches!(self, Self::HotStandby | Self::LoadBalancing | Self::PartnerInMaintenance)
    }

    /// Whether what went before of rejected updates does not matter any more when it is entered.
    pub(crate) const fn forgets_rejections(self) -> bool {
        matches!(self, Self::PartnerDown | Self::Ready | Self::Syncing | Self::Terminated | Self::Waiting)
    }

    /// Its name in log lines, in capitals.
    pub(crate) fn shouted(self) -> String {
        self.name().to_ascii_uppercase()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of the partner's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partner {
    /// Nothing: it was not asked yet, or the first answer is still to come.
    #[default]
    Unknown,
    /// It did not answer what it was last asked.
    Unavailable,
    /// It said so.
    In(State),
}

impl Partner {
    /// What is written where a state is; `unavailable` where there is none, and nothing before anything is known.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Unavailable => "unavailable",
            Self::In(state) => state.name(),
        }
    }

    /// What a name says, `unavailable` among them; `None` for one that is no state's.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "unavailable" => Some(Self::Unavailable),
            name => State::named(name).map(Self::In),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state is found by its name, and nothing else is.
    #[test]
    fn states_have_names() {
        for state in State::ALL {
            assert_eq!(State::named(state.name()), Some(state));
            assert_eq!(Partner::named(state.name()), Some(Partner::In(state)));
        }
        assert_eq!(State::named("unavailable"), None);
        assert_eq!(Partner::named("unavailable"), Some(Partner::Unavailable));
        assert_eq!(Partner::named("READY"), None);
    }
}
