//! The hook points of DHCPv6, and what a script is told at each.

use std::sync::Arc;

use kotare_engine::hooks::v6::{
    Addr6Register, Asked6, Committed6, Hooks6, Lease6Decline, Lease6Release, Lease6Select, LeaseDraft6,
    Leases6Told, Registering6, Sent6,
};
use kotare_engine::hooks::{LeaseEvent6, Observer6, Verdict6};
use kotare_engine::v6::{self, QueryKind};
use kotare_model::{Lease6, LeaseType};
use kotare_wire::v6::OptionCode;

use super::v4::typed;
use super::variables::Variables;
use super::{RunScript, Told};

impl Told for Lease6 {
    const EXPIRE: &str = "lease6_expire";
    const RECOVER: &str = "lease6_recover";
    const LEASE: &str = "LEASE6";
    const PORT: u16 = 547;

    fn port(engine: &v6::Server) -> u16 {
        engine.port()
    }

    fn describe(&self, prefix: &str, variables: &mut Variables) {
        variables.set(prefix, "ADDRESS", self.address);
        variables.set(prefix, "CLTT", self.cltt);
        variables.set(prefix, "HOSTNAME", &self.hostname);
        variables.set_hwaddr(prefix, "HWADDR", self.hwaddr.as_ref().map(|hwaddr| typed(&hwaddr.address)));
        variables.set(prefix, "STATE", self.state.name());
        variables.set(prefix, "SUBNET_ID", self.subnet_id);
        variables.set(prefix, "VALID_LIFETIME", self.valid_lifetime);
        variables.set(prefix, "DUID", &self.duid);
        variables.set(prefix, "IAID", self.iaid);
        variables.set(prefix, "PREFERRED_LIFETIME", self.preferred_lifetime);
        variables.set(prefix, "PREFIX_LEN", self.prefix_len);
        variables.set(prefix, "TYPE", self.lease_type);
    }

    fn register(hooks: &mut Hooks6, module: Arc<RunScript<Self>>) {
        hooks.lease6_select.push(module.clone());
        hooks.lease6_release.push(module.clone());
        hooks.lease6_decline.push(module.clone());
        hooks.addr6_register.push(module.clone());
        hooks.leases6_told.push(module.clone());
        hooks.observers.push(module);
    }
}

impl RunScript<Lease6> {
    fn query(&self, asked: Asked6<'_>, variables: &mut Variables) {
        const PREFIX: &str = "QUERY6";
        let Asked6 { message, query, .. } = asked;
        let arrival = &query.arrival;
        variables.set(PREFIX, "TYPE", query.kind.message_type());
        variables.set(PREFIX, "TXID", query.transaction);
        variables.set(PREFIX, "LOCAL_ADDR", arrival.destination);
        variables.set(PREFIX, "LOCAL_PORT", self.port());
        variables.set(PREFIX, "REMOTE_ADDR", arrival.source.ip());
        variables.set(PREFIX, "REMOTE_PORT", arrival.source.port());
        variables.set(PREFIX, "IFACE_INDEX", arrival.ifindex);
        variables.set(PREFIX, "IFACE_NAME", &query.interface);
        // A UDP socket tells no link-layer sender, here as in Kea.
        variables.set_hwaddr(PREFIX, "REMOTE_HWADDR", None);
        variables.set(PREFIX, "PROTO", "UDP");
        variables.set_or_empty(PREFIX, "CLIENT_ID", query.duid());
        for code in [OptionCode::INTERFACE_ID, OptionCode::REMOTE_ID, OptionCode::SUBSCRIBER_ID] {
            let value = message.relays().rev().find_map(|relay| relay.option(code));
            variables.set_option(PREFIX, code.0, value);
        }
    }

    /// Has the script run for what becomes of one lease because of a message.
    fn run_with(
        &self,
        point: &'static str,
        asked: Asked6<'_>,
        tell: impl FnOnce(&mut Variables),
    ) -> Verdict6 {
        if !asked.query.is_rehearsed() {
            self.run(point, |variables| {
                self.query(asked, variables);
                tell(variables);
            });
        }
        Verdict6::Continue
    }
}

impl Lease6Select for RunScript<Lease6> {
    fn lease6_select(&self, asked: Asked6<'_>, draft: &mut LeaseDraft6<'_>) -> Verdict6 {
        let point = match asked.query.kind {
            QueryKind::Renew if draft.renews => "lease6_renew",
            QueryKind::Rebind if draft.renews => "lease6_rebind",
            _ => return Verdict6::Continue,
        };
        self.run_with(point, asked, |variables| {
            let lease = &*draft.lease;
            lease.describe(Lease6::LEASE, variables);
            let association = match lease.lease_type {
                LeaseType::Pd => OptionCode::IA_PD,
                _ => OptionCode::IA_NA,
            };
            variables.set("PKT6_IA", "IAID", lease.iaid);
            variables.set("PKT6_IA", "IA_TYPE", association.0);
            // Of the association in the reply, in which Kea has not put any times then.
            variables.set("PKT6_IA", "IA_T1", 0);
            variables.set("PKT6_IA", "IA_T2", 0);
        })
    }
}

impl Lease6Release for RunScript<Lease6> {
    fn lease6_release(&self, asked: Asked6<'_>, lease: &Lease6) -> Verdict6 {
        self.run_with("lease6_release", asked, |variables| lease.describe(Lease6::LEASE, variables))
    }
}

impl Lease6Decline for RunScript<Lease6> {
    fn lease6_decline(&self, asked: Asked6<'_>, lease: &Lease6) -> Verdict6 {
        self.run_with("lease6_decline", asked, |variables| lease.describe(Lease6::LEASE, variables))
    }
}

impl Addr6Register for RunScript<Lease6> {
    fn addr6_register(&self, asked: Asked6<'_>, registering: Registering6<'_>) -> Verdict6 {
        let Registering6 { lease, former, .. } = registering;
        self.run_with("addr6_register", asked, |variables| {
            variables.set("", "ADDRESS6", lease.address);
            if let Some(former) = former {
                former.describe("OLD_LEASE6", variables);
            }
            lease.describe("NEW_LEASE6", variables);
        })
    }
}

impl Leases6Told for RunScript<Lease6> {
    fn leases6_told(&self, asked: Asked6<'_>, _: Sent6<'_>, committed: Committed6<'_>) {
        self.run("leases6_committed", |variables| {
            self.query(asked, variables);
            variables.set_leases("LEASES6", committed.leases);
            variables.set_leases("DELETED_LEASES6", committed.deleted);
        });
    }
}

impl Observer6 for RunScript<Lease6> {
    fn lease6(&self, event: &LeaseEvent6<'_>) {
        self.ended(event);
    }
}
