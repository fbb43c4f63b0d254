//! The points of the DHCPv6 flow.

use kotare_engine::hooks::v6::{
    Asked6, Committed6, Lease6Expire, Lease6Reuse, Leases6Committed, Link6, Receive6, Subnet6Select,
};
use kotare_engine::hooks::{Expiry, Step, Verdict, Verdict6};
use kotare_engine::v6::Query6;
use kotare_ha::{ClientKey, Overheard, hash6, shares6, tried6};
use kotare_model::Lease6;
use kotare_stats::Stat6;
use kotare_wire::v6::{Message, OptionCode};

use super::gate::{Admitted, Client, Gate, Owner};
use super::messages::*;
use super::origin::of6;

const NOT_FOR_US: Verdict6 = Verdict::Drop(Some(Stat6::NotForUs));

fn key(query: &Query6) -> Option<ClientKey> {
    query.duid().map(ClientKey::v6)
}

impl Gate<Lease6> {
    fn admit6(&self, at: usize, message: Message<'_>, query: &Query6) -> Admitted {
        let hash = hash6(query.duid());
        let is_shared = shares6(query.kind.message_type().0);
        if is_shared && hash.is_none() {
            let server = &self.relations.relationships()[at].this_server;
            HA_LOAD_BALANCING_DUID_MISSING(server, format_args!("{:#x}", query.transaction));
        }
        let elapsed = message.option(OptionCode::ELAPSED_TIME).and_then(|value| value.try_into().ok());
        self.admit(
            at,
            &Client {
                hash,
                is_shared,
                key: &|| key(query),
                label: query,
                tried: tried6(elapsed.map(u16::from_be_bytes)),
                overheard: &Overheard::V6,
                is_rehearsed: query.is_rehearsed(),
            },
        )
    }
}

impl Receive6 for Gate<Lease6> {
    fn receive6(&self, message: Message<'_>, query: &mut Query6) -> Verdict6 {
        match self.admit6(0, message, query) {
            Admitted::Yes(class) => {
                class.into_iter().for_each(|class| query.classes.insert(class));
                Verdict::Continue
            }
            Admitted::Elsewhere => {
                HA_BUFFER6_RECEIVE_NOT_FOR_US(&*query);
                NOT_FOR_US
            }
            Admitted::Silent => Verdict::Drop(Some(Stat6::ServiceDisabled)),
        }
    }
}

impl Subnet6Select for Gate<Lease6> {
    fn subnet6_select<'a>(&'a self, asked: Asked6<'a>, link: &'a mut Link6<'_>) -> Step<'a, Verdict6> {
        let query = asked.query;
        let Some(subnet) = link.subnet() else {
            HA_SUBNET6_SELECT_NO_SUBNET_SELECTED(query);
            return Step::Now(NOT_FOR_US);
        };
        Step::Now(match self.owner(subnet.id) {
            Owner::Relationship(at, name) => match self.admit6(*at, asked.message, query) {
                Admitted::Yes(_) => Verdict::Continue,
                Admitted::Elsewhere => {
                    HA_SUBNET6_SELECT_NOT_FOR_US(query, name);
                    NOT_FOR_US
                }
                Admitted::Silent => Verdict::Drop(Some(Stat6::ServiceDisabled)),
            },
            Owner::Stranger(name) => {
                HA_SUBNET6_SELECT_NO_RELATIONSHIP_FOR_SUBNET(query, name);
                NOT_FOR_US
            }
            Owner::Nobody => {
                HA_SUBNET6_SELECT_NO_RELATIONSHIP_SELECTOR_FOR_SUBNET(query, subnet.prefix);
                NOT_FOR_US
            }
            Owner::Invalid(prefix) => {
                HA_SUBNET6_SELECT_INVALID_HA_SERVER_NAME(query, prefix);
                Verdict::Drop(Some(Stat6::ProcessingFailed))
            }
        })
    }
}

impl Leases6Committed for Gate<Lease6> {
    fn leases6_committed<'a>(&'a self, asked: Asked6<'a>, committed: Committed6<'a>) -> Step<'a, Verdict6> {
        let query = asked.query;
        if let Some(why) = self.stranger(committed.leases, committed.deleted) {
            HA_LEASES6_COMMITTED_NO_RELATIONSHIP(query, why);
            return Step::Now(NOT_FOR_US);
        }
        match self.share(committed.leases, committed.deleted, || of6(query)) {
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

impl Lease6Reuse for Gate<Lease6> {
    fn lease6_reuse(&self, lease: &Lease6) -> bool {
        self.may_reuse(lease)
    }
}

impl Lease6Expire for Gate<Lease6> {
    fn lease6_expire(&self, lease: &Lease6) -> Expiry {
        let expired = self.expired(lease);
        if expired == Expiry::Leave {
            HA_LEASE6_EXPIRE_RECLAMATION_SKIP(lease.address);
        }
        expired
    }
}
