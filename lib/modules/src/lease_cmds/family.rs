//! What differs between the lease commands of the two families.

use std::fmt::Display;

use kotare_control::{Command, Response};
use kotare_model::{HwAddr, LeaseType};

use super::LeaseCmds;
use super::find::Client;
use super::scene::Scene;
use crate::arguments::Refused;
use crate::dns_updates::Updated;
use crate::shown::Shown;

/// A lease that commands look at and change. There are two of them.
pub(super) trait Commanded: Shown + Updated {
    /// What answers say of it.
    const WORDS: Words;
    /// What the log says of commands.
    const LOG: Log;
    /// The commands.
    const COMMANDS: &[Command<LeaseCmds<Self>>];

    /// Whether clients have several leases, told apart by what they are of and an IAID.
    const HAS_ASSOCIATIONS: bool;

    /// The question for the leases of a hardware address.
    fn by_hw_address(address: &HwAddr) -> Self::By<'_>;

    /// The question for the leases of a host name.
    fn by_hostname(name: &str) -> Self::By<'_>;

    /// The lease that somebody has, if there is one. `doing` is what the command is doing with it.
    fn of_client(scene: &Scene<Self>, client: &Client, doing: Doing) -> Result<Option<Self>, Refused>;

    /// Whether it is a lease of this type, where there are several.
    fn is_of(&self, lease_type: Option<LeaseType>) -> bool;

    /// Whether a lease may take the place of the one there is.
    fn may_replace(&self, there: Option<&Self>) -> Result<(), Refused>;

    /// What it is a lease of, as answers say it.
    fn place_text(&self) -> String;
}

/// What a command does with a lease that is not named by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Query,
    Delete,
}

impl Doing {
    /// That it is not done by what only clients of the other family have.
    pub(super) fn by(self, what: &str, family: &str) -> Refused {
        let doing = match self {
            Self::Query => "Query",
            Self::Delete => "Delete",
        };
        Refused::error(format!("{doing} by {what} is not allowed in {family}."))
    }
}

/// What answers say.
pub(super) struct Words {
    /// The protocol of the addresses.
    pub(super) ip: &'static str,
    /// The number in names of commands.
    pub(super) number: char,
}

/// What the log says of commands: of those that fail with their parameters and the reason.
pub(super) struct Log {
    pub(super) added: fn(&dyn Display),
    pub(super) add_conflict: Failed,
    pub(super) add_failed: Failed,
    pub(super) updated: fn(&dyn Display),
    pub(super) update_conflict: Failed,
    pub(super) update_failed: Failed,
    pub(super) deleted: fn(&dyn Display),
    pub(super) delete_failed: Failed,
    pub(super) applied: fn(&dyn Display),
    pub(super) apply_failed: Failed,
    pub(super) get_failed: Failed,
    pub(super) wiped: fn(&dyn Display),
    pub(super) wipe_failed: Failed,
    pub(super) resent: fn(&dyn Display),
    pub(super) resend_failed: fn(&dyn Display),
    pub(super) queue_rebuild_failed: Failed,
    pub(super) queues_failed: Failed,
    pub(super) queues_of_subnet_failed: Failed,
    pub(super) queues_in_range_failed: Failed,
    pub(super) queue_delete_failed: Failed,
}

type Failed = fn(&dyn Display, &dyn Display);

impl Words {
    /// That there is a lease now, or the like.
    pub(super) fn lease(&self, done: &str) -> Response {
        Response::success(format!("{} lease {done}.", self.ip))
    }
}
