//! Names of clients are told to the DNS: requests to change them go to `kea-dhcp-ddns` (manual, "DDNS for DHCPv4", "The
//! DHCP-DDNS Server").
//!
//! It is no library, but does what one could: it watches leases and has something to do beside the messages.
//!
//! What follows for the DNS from a change of a lease is [`kotare_engine::requests`].
//!
//! - here: the observer, and its life over several configurations;
//! - `family`: what differs between the families;
//! - `post`: where requests are from before their leases are changed until they are taken on;
//! - `sender`: what sends them.

mod family;
mod messages;
mod post;
mod sender;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::json::Diagnostics;
use kotare_config::process::DnsUpdates;
use kotare_ddns::{Change, ChangeRequest, Partner};
use kotare_engine::hooks::{Foretold, LeaseEvent, LeaseEvent4, LeaseEvent6, Observer4, Observer6};
use kotare_engine::requests::{Unasked, concerns, request, requests};
use kotare_model::{Lease4, Lease6};
use kotare_store::Ahead as _;
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use family::Client;
pub use family::Updated;
pub(crate) use messages::MESSAGES;

use self::messages::{
    DHCPSRV_DHCP_DDNS_SENDER_STARTED, DHCPSRV_DHCP_DDNS_SENDER_STOPPED, DHCPSRV_QUEUE_NCR_FAILED,
    DHCPSRV_QUEUE_NCR_SKIP, Json as Line,
};
use self::post::{Post, Promise};
use self::sender::Sender;
use crate::turn::Turn;
use crate::{Companion, Environment, Hooked, ServerLink};

/// Has the names of leases changed in the DNS.
pub struct Updates<L: Hooked> {
    server: ServerLink<L, L::Engine>,
    runtime: Handle,
    sender: Arc<Sender>,
    /// Whether it takes on what is asked for.
    turn: Turn,
    /// What sends, for as long as a configuration with these settings is in effect.
    task: Mutex<Option<AbortHandle>>,
}

impl<L: Updated> Updates<L> {
    /// With these settings; the `former` one, if it has them. What is wrong goes to `diagnostics`.
    pub(crate) fn again(
        settings: &DnsUpdates,
        environment: &Environment<L, L::Engine>,
        former: Option<&Arc<Self>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<Self>> {
        if let Some(former) = former.filter(|former| former.sender.settings == *settings) {
            return Some(former.clone());
        }
        let turn = Turn::after(former.map(|former| &former.turn));
        if former.is_none() {
            // Not before it begins.
            turn.leave();
        }
        // Requests that wait do so whomever they are sent to.
        let former = former.map(|former| &former.sender.post);
        let opened = match former {
            Some(post) if post.is_for(settings) => Ok(post.clone()),
            Some(post) if post.persists() => {
                Err("is what the server was started with; restart it to change that".to_owned())
            }
            _ => Post::open(settings, L::PROTOCOL, &*environment.places, environment.seed).map(Arc::new),
        };
        let post = opened.map_err(|reason| {
            if let Some(source) = &settings.kept.source {
                diagnostics.error(source, format!("\"request-queue\" {reason}"));
            }
        });
        Some(Arc::new(Self {
            server: environment.server.clone(),
            runtime: environment.runtime.clone(),
            sender: Arc::new(Sender::new(settings.clone(), post.ok()?)),
            turn,
            task: Mutex::default(),
        }))
    }

    /// Takes on what follows from a change of a lease that is going to be made.
    fn foretold(&self, event: &LeaseEvent<'_, L>) -> Option<Box<dyn Foretold>> {
        let LeaseEvent { change, before, after, query } = *event;
        if !concerns(before, after) || !self.turn.is_now() {
            return None;
        }
        let server = self.server.get()?;
        let serving = server.serving();
        let asked = requests(&**serving.config(), change, query.is_some(), before, after);
        // Who changes a lease of a partner's, of which nothing is asked for, does not wait for who writes.
        if asked.is_empty() {
            return None;
        }
        let promise = self.promise(after.or(before)?, asked, query, server.since_epoch())?;
        Some(Box::new(promise))
    }

    /// Keeps that the name of a lease is to come or to go, if it has one: for commands. It is asked for when the promise is
    /// said to have come.
    pub(crate) fn change(&self, change: Change, lease: &L) -> Option<Box<dyn Foretold>> {
        let server = self.server.get()?;
        let Some(asked) = request(&**server.serving().config(), change, lease) else {
            DHCPSRV_QUEUE_NCR_SKIP(lease.client(), lease.address());
            return None;
        };
        let promise = self.promise(lease, vec![asked], None, server.since_epoch())?;
        self.sender.post.write();
        Some(Box::new(promise))
    }

    fn promise(
        &self,
        lease: &L,
        asked: Vec<Result<ChangeRequest, Unasked>>,
        query: Option<&L::Query>,
        since: Duration,
    ) -> Option<Promise> {
        let requests = asked.into_iter().filter_map(|asked| match asked {
            Ok(request) => {
                lease.tell_asked(query, &request);
                Some(request)
            }
            Err(Unasked { address, change, reason }) => {
                DHCPSRV_QUEUE_NCR_FAILED(Client(lease), named(change), address, reason);
                None
            }
        });
        self.sender.post.promise(requests, since.as_secs())
    }
}

fn named(change: Change) -> &'static str {
    match change {
        Change::Add => "add",
        Change::Remove => "remove",
    }
}

impl<L: Updated> Companion for Updates<L> {
    fn take_over(&self) {
        self.turn.take();
    }

    fn begin(&self) {
        let mut task = self.task.lock();
        if task.is_some() {
            return;
        }
        let DnsUpdates { server, sender, queue, .. } = &self.sender.settings;
        DHCPSRV_DHCP_DDNS_SENDER_STARTED(format_args!(
            "enable_updates: yes, server-ip: {}, server-port: {}, sender-ip: {}, sender-port: {}, max-queue-size: {queue}, \
             ncr-protocol: UDP, ncr-format: JSON",
            server.ip(),
            server.port(),
            sender.ip(),
            sender.port(),
        ));
        self.sender.post.begin(&self.sender.settings);
        self.sender.post.with(|outbox| outbox.meets_another());
        let serve = self.sender.clone().serve::<L>(self.server.clone());
        *task = Some(self.runtime.spawn(serve).abort_handle());
    }

    fn end(&self) {
        let Some(task) = self.task.lock().take() else { return };
        task.abort();
        // Who has the turn has what is kept, too. Everything else is sent now or never.
        let goes_on = self.turn.leave() && self.sender.post.persists();
        let _runtime = self.runtime.enter();
        if !goes_on && let Err((error, request)) = self.sender.send_all(Duration::ZERO) {
            (L::SEND_FAILED)(&error, &Line(&request));
        }
        self.sender.post.finish();
        if !self.sender.post.persists() && self.sender.post.with(|outbox| !outbox.is_empty()) {
            self.runtime.spawn(self.sender.clone().send_the_rest::<L>(self.server.clone()));
        }
        DHCPSRV_DHCP_DDNS_SENDER_STOPPED();
    }

    fn report(&self, status: &mut Map<String, Json>) {
        let (waiting, lost, partner) =
            self.sender.post.with(|outbox| (outbox.len(), outbox.lost(), outbox.partner()));
        status.insert("name-change-requests-waiting".into(), json!(waiting));
        status.insert("name-change-requests-lost".into(), json!(lost));
        if self.sender.post.persists() {
            let receipts = match partner {
                Partner::Unknown => Json::Null,
                Partner::GivesReceipts => true.into(),
                Partner::IsSilent => false.into(),
            };
            status.insert("name-change-receipts".into(), receipts);
        }
    }
}

impl Observer4 for Updates<Lease4> {
    fn foretold4(&self, event: &LeaseEvent4<'_>) -> Option<Box<dyn Foretold>> {
        self.foretold(event)
    }

    fn lease4(&self, _: &LeaseEvent4<'_>) {}
}

impl Observer6 for Updates<Lease6> {
    fn foretold6(&self, event: &LeaseEvent6<'_>) -> Option<Box<dyn Foretold>> {
        self.foretold(event)
    }

    fn lease6(&self, _: &LeaseEvent6<'_>) {}
}

impl<L: Hooked> fmt::Debug for Updates<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Updates").field("sender", &self.sender).finish_non_exhaustive()
    }
}
