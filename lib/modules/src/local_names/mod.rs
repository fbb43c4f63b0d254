//! Names of clients are told in the network itself (`local-names`), which Kea leaves to others: docs/local-names.md.
//!
//! It is no library, but does what one could: it watches leases and has something to do beside the messages. Whose a name is
//! and what is answered decides [`kotare_local_names`].
//!
//! - here: the observer, and its life over several configurations;
//! - `settings`: what is configured;
//! - `family`: what differs between the families;
//! - `changes`: what the observer leaves for the task;
//! - `keeper`: the task; `told`: what it knows, for all who tell it;
//! - `file`, `sockets`: how it is told.

mod changes;
mod family;
mod file;
mod keeper;
mod messages;
mod settings;
mod sockets;
mod told;

use std::fmt;
use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::process::LocalNames as Written;
use kotare_engine::hooks::{LeaseChange, LeaseEvent, LeaseEvent4, LeaseEvent6, Observer4, Observer6};
use kotare_model::{Lease4, Lease6};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

pub use family::Told;
pub(crate) use messages::MESSAGES;

use self::changes::Changes;
use self::keeper::{Keeper, is_held};
use self::messages::KOTARE_LOCAL_NAMES_END;
use self::settings::Settings;
use self::told::Told as Everything;
use crate::{Companion, Environment, Hooked, Server, ServerLink};

/// The server around.
type ServedBy<L> = dyn Server<L, <L as Hooked>::Engine>;

/// Has names of clients told.
pub struct LocalNames<L: Hooked> {
    settings: Settings,
    server: ServerLink<L, L::Engine>,
    runtime: Handle,
    changes: Arc<Changes<L>>,
    told: Arc<Everything>,
    reconfigured: Arc<Notify>,
    /// What tells, for as long as a configuration with these settings is in effect.
    task: Mutex<Option<AbortHandle>>,
}

impl<L: Told> LocalNames<L> {
    /// With these settings; the `former` one, if it has them. What is wrong goes to `diagnostics`.
    pub(crate) fn again(
        written: &Written,
        environment: &Environment<L, L::Engine>,
        former: Option<&Arc<Self>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<Self>> {
        let settings = Settings::read(written, &*environment.places, diagnostics)?;
        if let Some(former) = former.filter(|former| former.settings == settings) {
            return Some(former.clone());
        }
        Some(Arc::new(Self {
            told: Arc::new(Everything::new(settings.zones(&[]))),
            settings,
            server: environment.server.clone(),
            runtime: environment.runtime.clone(),
            changes: Arc::default(),
            reconfigured: Arc::default(),
            task: Mutex::default(),
        }))
    }

    /// Leaves a change of a lease for the task, if it changes a name.
    fn follow(&self, event: &LeaseEvent<'_, L>) {
        let LeaseEvent { change, before, after, .. } = *event;
        let [was, is] = [before, after].map(|lease| lease.filter(|lease| is_told(*lease)));
        if goes_on(change, was, is) || self.task.lock().is_none() {
            return;
        }
        // Whom an address is offered to does not have it yet.
        let is = is.filter(|_| change != LeaseChange::Offered);
        let Some(address) = before.or(after).and_then(L::named).map(|it| it.address) else { return };
        self.changes.note(address, is.cloned());
    }
}

/// Whether names stay as they are when a lease with a name, if it had one, has this one from now on.
fn goes_on<L: Told>(change: LeaseChange, was: Option<&L>, is: Option<&L>) -> bool {
    match (was, is) {
        (None, None) => true,
        // What had ended may have been left out meanwhile, and is not renewed but given anew.
        (Some(was), Some(is)) => {
            let same_name = was.named().map(|it| it.name) == is.named().map(|it| it.name);
            change == LeaseChange::Renewed && was.is_of_client_of(is) && same_name
        }
        _ => false,
    }
}

/// Whether a client has a lease with a name.
fn is_told<L: Told>(lease: &L) -> bool {
    is_held(lease) && lease.named().is_some_and(|it| !it.name.is_empty())
}

impl<L: Told> Companion for LocalNames<L> {
    fn begin(&self) {
        let mut task = self.task.lock();
        if task.is_some() {
            return self.reconfigured.notify_one();
        }
        let keeper = Keeper {
            settings: self.settings.clone(),
            server: self.server.clone(),
            changes: self.changes.clone(),
            told: self.told.clone(),
            reconfigured: self.reconfigured.clone(),
        };
        *task = Some(self.runtime.spawn(keeper.run()).abort_handle());
    }

    fn end(&self) {
        if let Some(task) = self.task.lock().take() {
            task.abort();
            KOTARE_LOCAL_NAMES_END();
        }
    }

    fn report(&self, status: &mut Map<String, Json>) {
        status.insert("local-names".into(), self.told.report());
    }
}

impl Observer4 for LocalNames<Lease4> {
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        self.follow(event);
    }
}

impl Observer6 for LocalNames<Lease6> {
    fn lease6(&self, event: &LeaseEvent6<'_>) {
        self.follow(event);
    }
}

impl<L: Hooked> fmt::Debug for LocalNames<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalNames").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use kotare_model::{HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};

    use super::*;

    /// A name that stays is not looked at again; one of a lease that had ended is, though its client has it again.
    #[test]
    fn a_name_goes_on_while_its_lease_is_renewed() {
        let lease = |number: u8, name: &str| {
            let hwaddr = HwAddr::new(HwAddr::ETHERNET, &[number; 6]).unwrap();
            Lease4 {
                address: Ipv4Addr::new(192, 0, 2, 1),
                hwaddr,
                client_id: None,
                valid_lifetime: Lifetime(3600),
                cltt: Timestamp(1000),
                subnet_id: SubnetId(1),
                fqdn_fwd: false,
                fqdn_rev: false,
                hostname: name.into(),
                state: LeaseState::Assigned,
                user_context: None,
                pool_id: 0,
            }
        };
        let (one, renamed, other) = (lease(1, "one."), lease(1, "two."), lease(2, "one."));
        assert!(goes_on(LeaseChange::Renewed, Some(&one), Some(&one)));
        assert!(!goes_on(LeaseChange::Assigned, Some(&one), Some(&one)));
        for changed in [&renamed, &other] {
            assert!(!goes_on(LeaseChange::Renewed, Some(&one), Some(changed)));
        }
        assert!(goes_on::<Lease4>(LeaseChange::Renewed, None, None));
        assert!(!goes_on(LeaseChange::Assigned, None, Some(&one)));
        assert!(!goes_on(LeaseChange::Released, Some(&one), None));
    }
}
