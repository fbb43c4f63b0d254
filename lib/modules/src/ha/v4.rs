//! The points of the DHCPv4 flow.

use kotare_engine::hooks::v4::{
    Asked4, Committed4, Lease4Expire, Lease4Reuse, Leases4Committed, Link4, Receive4, Subnet4Select,
};
use kotare_engine::hooks::{Expiry, LeaseChange, LeaseEvent4, Observer4, Step, Verdict};
use kotare_engine::v4::Query4;
use kotare_ha::{ClientKey, Mode, Overheard, hash4, shares4, tried4};
use kotare_model::Lease4;
use kotare_stats::Stat4;
use kotare_wire::v4::Message;

use super::gate::{Admitted, Client, Gate, Owner};
use super::messages::*;
use super::origin::of4;

const NOT_FOR_US: Verdict = Verdict::Drop(Some(Stat4::NotForUs));

fn key(query: &Query4) -> ClientKey {
    ClientKey::v4(&query.client.hwaddr, query.client.id.as_ref())
}

impl Gate<Lease4> {
    fn admit4(&self, at: usize, message: Message<'_>, query: &Query4) -> Admitted {
        let hash = hash4(&query.client.hwaddr, query.client.id.as_ref());
        let is_shared = shares4(query.kind.message_type().0);
        if is_shared && hash.is_none() {
            let server = &self.relations.relationships()[at].this_server;
            HA_LOAD_BALANCING_IDENTIFIER_MISSING(server, format_args!("{:#x}", query.transaction));
        }
        self.admit(
            at,
            &Client {
                hash,
                is_shared,
                key: &|| Some(key(query)),
                label: query,
                tried: tried4(message.secs()),
                overheard: &Overheard::V4,
                is_rehearsed: query.is_rehearsed(),
            },
        )
    }
}

impl Receive4 for Gate<Lease4> {
    fn receive4(&self, message: Message<'_>, query: &mut Query4) -> Verdict {
        match self.admit4(0, message, query) {
            Admitted::Yes(class) => {
                class.into_iter().for_each(|class| query.classes.insert(class));
                Verdict::Continue
            }
            Admitted::Elsewhere => {
                HA_BUFFER4_RECEIVE_NOT_FOR_US(&*query);
                NOT_FOR_US
            }
            Admitted::Silent => Verdict::Drop(Some(Stat4::ServiceDisabled)),
        }
    }
}

impl Subnet4Select for Gate<Lease4> {
    fn subnet4_select<'a>(&'a self, asked: Asked4<'a>, link: &'a mut Link4<'_>) -> Step<'a> {
        let query = asked.query;
        let Some(subnet) = link.subnet() else {
            HA_SUBNET4_SELECT_NO_SUBNET_SELECTED(query);
            return Step::Now(NOT_FOR_US);
        };
        Step::Now(match self.owner(subnet.id) {
            Owner::Relationship(at, name) => match self.admit4(*at, asked.message, query) {
                Admitted::Yes(_) => Verdict::Continue,
                Admitted::Elsewhere => {
                    HA_SUBNET4_SELECT_NOT_FOR_US(query, name);
                    NOT_FOR_US
                }
                Admitted::Silent => Verdict::Drop(Some(Stat4::ServiceDisabled)),
            },
            Owner::Stranger(name) => {
                HA_SUBNET4_SELECT_NO_RELATIONSHIP_FOR_SUBNET(query, name);
                NOT_FOR_US
            }
            Owner::Nobody => {
                HA_SUBNET4_SELECT_NO_RELATIONSHIP_SELECTOR_FOR_SUBNET(query, subnet.prefix);
                NOT_FOR_US
            }
            Owner::Invalid(prefix) => {
                HA_SUBNET4_SELECT_INVALID_HA_SERVER_NAME(query, prefix);
                Verdict::Drop(Some(Stat4::ProcessingFailed))
            }
        })
    }
}

impl Leases4Committed for Gate<Lease4> {
    fn leases4_committed<'a>(&'a self, asked: Asked4<'a>, committed: Committed4<'a>) -> Step<'a> {
        let query = asked.query;
        if let Some(why) = self.stranger(committed.lease, committed.deleted) {
            HA_LEASES4_COMMITTED_NO_RELATIONSHIP(query, why);
            return Step::Now(NOT_FOR_US);
        }
        match self.share(committed.lease, committed.deleted, || of4(query)) {
            None => Step::Now(Verdict::Continue),
            // Whoever is not known to have a lease elsewhere is not told that it has it.
            Some(waits) => Step::wait(async {
                match waits.told().await {
                    true => Verdict::Continue,
                    false => Verdict::Drop(None),
                }
            }),
        }
    }
}

impl Lease4Reuse for Gate<Lease4> {
    fn lease4_reuse(&self, lease: &Lease4) -> bool {
        self.may_reuse(lease)
    }
}

impl Lease4Expire for Gate<Lease4> {
    fn lease4_expire(&self, lease: &Lease4) -> Expiry {
        let expired = self.expired(lease);
        if expired != Expiry::Leave {
            return expired;
        }
        if let Some(spoke) = self.of_subnet(lease.subnet_id)
            && spoke.relationship.mode == Mode::LoadBalancing
            && hash4(&lease.hwaddr, lease.client_id.as_ref()).is_none()
        {
            HA_LOAD_BALANCING_LEASE_IDENTIFIER_MISSING(&spoke.relationship.this_server, lease.address);
        }
        HA_LEASE4_EXPIRE_RECLAMATION_SKIP(lease.address);
        expired
    }
}

impl Observer4 for Gate<Lease4> {
    /// An address that is in use by somebody else is known to be by all servers; no client waits for that.
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        if event.change == LeaseChange::ServerDeclined
            && let Some(query) = event.query
        {
            let sent = self.share(event.after, None, || of4(query));
            drop(sent);
        }
    }
}
