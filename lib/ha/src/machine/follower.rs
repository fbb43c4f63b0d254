//! A partner that fetches the leases of this server and is told of those that are given meanwhile, so that nobody has to be
//! silent for it.

use super::{Answer, Machine};
use crate::{Moment, Partner, State};

/// What became of telling it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Follower {
    /// Nobody is told.
    #[default]
    Nobody,
    /// It is.
    Told,
    /// It was not told of something, and has to begin anew.
    Missed,
}

impl<U> Machine<U> {
    /// `ha-sync-follow`: the partner begins to fetch leases, or goes on.
    pub fn follow(&mut self, begins: bool) -> Answer {
        if begins {
            self.follower = Follower::Told;
        }
        match self.follower {
            Follower::Told => Answer::done("Leases that are given will be told."),
            Follower::Nobody | Follower::Missed => {
                Answer::error("leases were given that could not be told, so all have to be fetched again")
            }
        }
    }

    /// The partner was not told of a lease while it fetched the others.
    pub fn missed(&mut self, now: Moment) {
        if self.follower == Follower::Told {
            self.follower = Follower::Missed;
        }
        self.contact.count_unsent();
        self.lost(now);
    }

    /// The partner has fetched all. Whether it was told of all that was given meanwhile; if not, it has to begin anew.
    pub fn ends_following(&mut self) -> bool {
        let is_complete = self.follower != Follower::Missed;
        self.follower = Follower::Nobody;
        if !is_complete {
            self.release();
        }
        is_complete
    }

    /// Whether what is given is told to a partner that fetches leases.
    pub(super) fn is_followed(&self) -> bool {
        self.follower == Follower::Told
    }

    /// The partner was heard: only one that begins fetches. That it does not may have been said before it began, so if it goes
    /// on it has to begin anew.
    pub(super) fn look_at_follower(&mut self) {
        let begins = matches!(self.contact.partner(), Partner::In(State::Waiting | State::Syncing));
        if !begins && self.follower == Follower::Told {
            self.follower = Follower::Missed;
        }
    }
}
