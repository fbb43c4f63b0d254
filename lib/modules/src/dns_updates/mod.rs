//! Names of clients are told to the DNS: requests to change them go to `kea-dhcp-ddns` (manual, "DDNS for DHCPv4", "The
//! DHCP-DDNS Server").
//!
//! It is no library, but does what one could: it watches leases and has something to do beside the messages.
//!
//! What follows for the DNS from a change of a lease is [`kotare_engine::requests`].
//!
//! - here: the observer, and its life over several configurations;
//! - `family`: what differs between the families;
//! - `outbox`: where requests wait to be sent.

mod family;
mod messages;
mod outbox;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use kotare_config::process::DnsUpdates;
use kotare_ddns::{Change, ChangeRequest};
use kotare_engine::hooks::{LeaseEvent, LeaseEvent4, LeaseEvent6, Observer4, Observer6};
use kotare_engine::requests::{Unasked, concerns, request, requests};
use kotare_model::{Lease4, Lease6};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

pub use family::Updated;
pub(crate) use messages::MESSAGES;

use self::messages::{
    DHCPSRV_DHCP_DDNS_NCR_REJECTED, DHCPSRV_DHCP_DDNS_SENDER_STARTED, DHCPSRV_DHCP_DDNS_SENDER_STOPPED,
    DHCPSRV_QUEUE_NCR, DHCPSRV_QUEUE_NCR_FAILED, DHCPSRV_QUEUE_NCR_SKIP,
};
use self::outbox::Outbox;
use crate::{Companion, Environment, Hooked, ServerLink};

/// Has the names of leases changed in the DNS.
pub struct Updates<L: Hooked> {
    server: ServerLink<L, L::Engine>,
    runtime: Handle,
    outbox: Arc<Outbox>,
    /// What sends, for as long as a configuration with these settings is in effect.
    task: Mutex<Option<AbortHandle>>,
}

impl<L: Updated> Updates<L> {
    /// With these settings; the `former` one, if it has them.
    pub(crate) fn again(
        settings: &DnsUpdates,
        environment: &Environment<L, L::Engine>,
        former: Option<&Arc<Self>>,
    ) -> Arc<Self> {
        if let Some(former) = former.filter(|former| former.outbox.settings() == settings) {
            return former.clone();
        }
        Arc::new(Self {
            server: environment.server.clone(),
            runtime: environment.runtime.clone(),
            outbox: Arc::new(Outbox::new(*settings)),
            task: Mutex::default(),
        })
    }

    /// Asks for what follows from a change of a lease.
    fn follow(&self, event: &LeaseEvent<'_, L>) {
        let LeaseEvent { change, before, after, query } = *event;
        if !concerns(before, after) || self.task.lock().is_none() {
            return;
        }
        let Some(server) = self.server.get() else { return };
        let serving = server.serving();
        let client = || after.or(before).map(L::client).unwrap_or_default();
        for asked in requests(&**serving.config(), change, query.is_some(), before, after) {
            self.ask(&client(), asked);
        }
    }

    /// Asks for the name of a lease to come or to go, if it has one: for commands.
    pub(crate) fn change(&self, change: Change, lease: &L) {
        let Some(server) = self.server.get() else { return };
        match request(&**server.serving().config(), change, lease) {
            Some(asked) => self.ask(&lease.client(), asked),
            None => DHCPSRV_QUEUE_NCR_SKIP(lease.client(), lease.address()),
        }
    }

    fn ask(&self, client: &str, asked: Result<ChangeRequest, Unasked>) {
        match asked {
            Ok(request) => {
                let json = request.to_json();
                DHCPSRV_QUEUE_NCR(client, named(request.change), &json);
                if let Err(reason) = self.outbox.push(request) {
                    DHCPSRV_DHCP_DDNS_NCR_REJECTED(reason, json);
                }
            }
            Err(Unasked { address, change, reason }) => {
                DHCPSRV_QUEUE_NCR_FAILED(client, named(change), address, reason);
            }
        }
    }
}

fn named(change: Change) -> &'static str {
    match change {
        Change::Add => "add",
        Change::Remove => "remove",
    }
}

impl<L: Updated> Companion for Updates<L> {
    fn begin(&self) {
        let mut task = self.task.lock();
        if task.is_some() {
            return;
        }
        let DnsUpdates { server, sender, queue } = self.outbox.settings();
        DHCPSRV_DHCP_DDNS_SENDER_STARTED(format_args!(
            "enable_updates: yes, server-ip: {}, server-port: {}, sender-ip: {}, sender-port: {}, max-queue-size: {queue}, \
             ncr-protocol: UDP, ncr-format: JSON",
            server.ip(),
            server.port(),
            sender.ip(),
            sender.port(),
        ));
        let serve = self.outbox.clone().serve(|error, request| (L::SEND_FAILED)(error, &request.to_json()));
        *task = Some(self.runtime.spawn(serve).abort_handle());
    }

    fn end(&self) {
        let Some(task) = self.task.lock().take() else { return };
        task.abort();
        // What waits is sent now or never.
        if let Err((error, request)) = self.outbox.send_all() {
            (L::SEND_FAILED)(&error, &request.to_json());
        }
        DHCPSRV_DHCP_DDNS_SENDER_STOPPED();
    }

    fn report(&self, status: &mut Map<String, Json>) {
        status.insert("name-change-requests-waiting".into(), json!(self.outbox.len()));
    }
}

impl Observer4 for Updates<Lease4> {
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        self.follow(event);
    }
}

impl Observer6 for Updates<Lease6> {
    fn lease6(&self, event: &LeaseEvent6<'_>) {
        self.follow(event);
    }
}

impl<L: Hooked> fmt::Debug for Updates<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Updates").field("outbox", &self.outbox).finish_non_exhaustive()
    }
}
