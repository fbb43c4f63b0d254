//! The hook points of DHCPv4, and what a script is told at each.

use std::sync::Arc;

use kotare_config::v4::Subnet4;
use kotare_engine::hooks::v4::{
    Asked4, Committed4, Hooks4, Lease4Decline, Lease4Release, Lease4Select, LeaseDraft4, Leases4Told, Sent4,
};
use kotare_engine::hooks::{LeaseEvent4, Observer4, Verdict};
use kotare_engine::v4;
use kotare_model::{HwAddr, Lease4, MacAddr};

use super::variables::Variables;
use super::{RunScript, Told};

impl Told for Lease4 {
    const EXPIRE: &str = "lease4_expire";
    const RECOVER: &str = "lease4_recover";
    const LEASE: &str = "LEASE4";
    const PORT: u16 = 67;

    fn port(engine: &v4::Server) -> u16 {
        engine.port()
    }

    fn describe(&self, prefix: &str, variables: &mut Variables) {
        variables.set(prefix, "ADDRESS", self.address);
        variables.set(prefix, "CLTT", self.cltt);
        variables.set(prefix, "HOSTNAME", &self.hostname);
        variables.set_hwaddr(prefix, "HWADDR", Some(typed(&self.hwaddr)));
        variables.set(prefix, "STATE", self.state.name());
        variables.set(prefix, "SUBNET_ID", self.subnet_id);
        variables.set(prefix, "VALID_LIFETIME", self.valid_lifetime);
        variables.set_or_empty(prefix, "CLIENT_ID", self.client_id.as_ref());
    }

    fn register(hooks: &mut Hooks4, module: Arc<RunScript<Self>>) {
        hooks.lease4_select.push(module.clone());
        hooks.lease4_release.push(module.clone());
        hooks.lease4_decline.push(module.clone());
        hooks.leases4_told.push(module.clone());
        hooks.observers.push(module);
    }
}

/// A hardware address with its type.
pub(super) fn typed(hwaddr: &HwAddr) -> (&[u8], u16) {
    (hwaddr.as_bytes(), hwaddr.htype())
}

impl RunScript<Lease4> {
    fn query(&self, asked: Asked4<'_>, variables: &mut Variables) {
        const PREFIX: &str = "QUERY4";
        let Asked4 { message, query, .. } = asked;
        let arrival = &query.arrival;
        let remote_port = arrival.source.port();
        variables.set(PREFIX, "TYPE", query.kind.message_type());
        variables.set(PREFIX, "TXID", query.transaction);
        variables.set(PREFIX, "LOCAL_ADDR", arrival.destination);
        variables.set(PREFIX, "LOCAL_PORT", self.port());
        variables.set(PREFIX, "REMOTE_ADDR", query.remote());
        variables.set(PREFIX, "REMOTE_PORT", remote_port);
        variables.set(PREFIX, "IFACE_INDEX", arrival.ifindex);
        variables.set(PREFIX, "IFACE_NAME", &query.interface);
        variables.set(PREFIX, "HOPS", message.hops());
        variables.set(PREFIX, "SECS", message.secs());
        variables.set(PREFIX, "FLAGS", message.flags());
        variables.set(PREFIX, "CIADDR", message.ciaddr());
        variables.set(PREFIX, "SIADDR", message.siaddr());
        variables.set(PREFIX, "YIADDR", message.yiaddr());
        variables.set(PREFIX, "GIADDR", message.giaddr());
        variables.set(PREFIX, "RELAYED", query.relay.is_some());
        variables.set_hwaddr(PREFIX, "HWADDR", Some(typed(&query.client.hwaddr)));
        let ethernet = |mac: &MacAddr| HwAddr::new(HwAddr::ETHERNET, mac).ok();
        for (name, mac) in
            [("LOCAL_HWADDR", &arrival.destination_mac), ("REMOTE_HWADDR", &arrival.source_mac)]
        {
            variables.set_hwaddr(PREFIX, name, mac.as_ref().and_then(ethernet).as_ref().map(typed));
        }
        if let Some(agent) = query.relay_agent(message) {
            variables.set_option(PREFIX, "82", Some(agent.as_bytes()));
            for (code, value) in [(1, agent.circuit_id()), (2, agent.remote_id())] {
                let value: Option<Vec<u8>> = value.map(|value| value.bytes().collect());
                variables.set_option(PREFIX, format_args!("82_SUB_OPTION_{code}"), value.as_deref());
            }
        }
    }

    /// Has the script run for what becomes of one lease because of a message.
    fn run_with(&self, point: &'static str, asked: Asked4<'_>, lease: &Lease4) -> Verdict {
        if !asked.query.is_rehearsed() {
            self.run(point, |variables| {
                self.query(asked, variables);
                lease.describe(Lease4::LEASE, variables);
            });
        }
        Verdict::Continue
    }
}

fn subnet(subnet: &Subnet4, variables: &mut Variables) {
    variables.set("SUBNET4", "ID", subnet.id);
    variables.set("SUBNET4", "NAME", subnet.prefix);
    variables.set("SUBNET4", "PREFIX", subnet.prefix.network());
    variables.set("SUBNET4", "PREFIX_LEN", subnet.prefix.prefix_len());
}

impl Lease4Select for RunScript<Lease4> {
    fn lease4_select(&self, asked: Asked4<'_>, draft: &mut LeaseDraft4<'_>) -> Verdict {
        let client = &asked.query.client;
        if draft.renews && !asked.query.is_rehearsed() {
            self.run("lease4_renew", |variables| {
                self.query(asked, variables);
                subnet(draft.subnet, variables);
                let id = client.id.as_ref().filter(|_| draft.subnet.params.match_client_id);
                variables.set_or_empty("PKT4", "CLIENT_ID", id);
                variables.set_hwaddr("PKT4", "HWADDR", Some(typed(&client.hwaddr)));
                draft.lease.describe(Lease4::LEASE, variables);
            });
        }
        Verdict::Continue
    }
}

impl Lease4Release for RunScript<Lease4> {
    fn lease4_release(&self, asked: Asked4<'_>, lease: &Lease4) -> Verdict {
        self.run_with("lease4_release", asked, lease)
    }
}

impl Lease4Decline for RunScript<Lease4> {
    fn lease4_decline(&self, asked: Asked4<'_>, lease: &Lease4) -> Verdict {
        self.run_with("lease4_decline", asked, lease)
    }
}

impl Leases4Told for RunScript<Lease4> {
    fn leases4_told(&self, asked: Asked4<'_>, _: Option<Sent4<'_>>, committed: Committed4<'_>) {
        self.run("leases4_committed", |variables| {
            self.query(asked, variables);
            variables.set_leases("LEASES4", committed.lease);
            variables.set_leases("DELETED_LEASES4", committed.deleted);
        });
    }
}

impl Observer4 for RunScript<Lease4> {
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        self.ended(event);
    }
}
