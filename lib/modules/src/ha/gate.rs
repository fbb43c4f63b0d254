//! Who is answered: the points of the flow where a message or a lease is found to be the partner's.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use kotare_engine::hooks::Expiry;
use kotare_expr::ClassId;
use kotare_ha::{ClientKey, Expired, Overheard, Synced, server_of_subnet, with_server};
use kotare_model::SubnetId;

use super::family::Partnered;
use super::relations::{Relations, Spoke};

/// The points of one configuration.
pub(super) struct Gate<L: Partnered> {
    pub(super) relations: Arc<Relations<L>>,
    /// The classes of servers' clients that the configuration knows, by the servers' names.
    classes: BTreeMap<String, ClassId>,
    /// Whose the subnets of a hub are.
    owners: HashMap<SubnetId, Owner>,
}

/// Whose a subnet of a hub is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A relationship's, by this name of one of its servers.
    Relationship(usize, String),
    /// It names a server of none.
    Stranger(String),
    /// It names none.
    Nobody,
    /// What it names is no name. Its prefix is for the log.
    Invalid(String),
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admitted {
    /// It is answered, and belongs to this class if there is one.
    Yes(Option<ClassId>),
    /// Another server answers it.
    Elsewhere,
    /// Nobody is answered here for now.
    Silent,
}

/// A client whose message is perhaps another server's to answer.
pub(super) struct Client<'a> {
    /// By this it is told whose it is.
    pub(super) hash: Option<u8>,
    /// Whether such messages are shared out at all.
    pub(super) is_shared: bool,
    /// Who it is, when it matters that it waits.
    pub(super) key: &'a dyn Fn() -> Option<ClientKey>,
    /// What the log calls it.
    pub(super) label: &'a dyn Display,
    /// For how long it has been trying.
    pub(super) tried: Duration,
    /// How the log tells that it waits.
    pub(super) overheard: &'static Overheard,
    /// Whether no client sent it.
    pub(super) is_rehearsed: bool,
}

impl<L: Partnered> Gate<L> {
    /// The points of `config`.
    pub(super) fn new(config: &L::Config, relations: Arc<Relations<L>>) -> Self {
        let peers = relations.relationships().iter().flat_map(|it| &it.peers);
        let known =
            |name: &String| L::class(config, &kotare_ha::class(name)).map(|class| (name.clone(), class));
        let classes = peers.filter_map(|peer| known(&peer.name)).collect();
        let owner = |id: SubnetId| (id, owner::<L>(config, id, &relations));
        let owners = match relations.relationships().len() {
            0 | 1 => HashMap::new(),
            _ => L::configured_subnets(config).map(|subnet| owner(subnet.id)).collect(),
        };
        Self { relations, classes, owners }
    }

    /// Whether there are several relationships, each with subnets of its own.
    pub(super) fn is_hub(&self) -> bool {
        self.relations.relationships().len() > 1
    }

    /// Whose a subnet of a hub is.
    pub(super) fn owner(&self, subnet: SubnetId) -> &Owner {
        self.owners.get(&subnet).unwrap_or(&Owner::Nobody)
    }

    /// The server in the relationship that a subnet is of.
    pub(super) fn of_subnet(&self, subnet: SubnetId) -> Option<&Arc<Spoke<L>>> {
        match self.is_hub() {
            false => self.relations.spoke(0),
            true => match self.owner(subnet) {
                Owner::Relationship(at, _) => self.relations.spoke(*at),
                Owner::Stranger(_) | Owner::Nobody | Owner::Invalid(_) => None,
            },
        }
    }

    /// Whether a message is answered in a relationship. That it is not may tell that the partner is down.
    pub(super) fn admit(&self, at: usize, client: &Client<'_>) -> Admitted {
        let Some(spoke) = self.relations.spoke(at) else { return Admitted::Silent };
        {
            let standing = spoke.around.standing();
            let Some(standing) = standing.as_ref().filter(|standing| standing.is_serving) else {
                return Admitted::Silent;
            };
            let belongs = match client.is_shared {
                true => standing.scopes.of_client(client.hash),
                false => standing.scopes.of_anybody(),
            };
            if let Some(belongs) = belongs.filter(|belongs| belongs.is_served) {
                return Admitted::Yes(self.classes.get(belongs.server).copied());
            }
        }
        if !client.is_rehearsed {
            spoke.overhear(client);
        }
        Admitted::Elsewhere
    }

    /// Whether a lease may be left as it is when its client asks for it again.
    pub(super) fn may_reuse(&self, lease: &L) -> bool {
        let spoke = self.of_subnet(lease.subnet_id());
        spoke.is_none_or(|spoke| !spoke.untold.may_hold(Synced::address(lease)))
    }

    /// What becomes of a lease that has expired.
    pub(super) fn expired(&self, lease: &L) -> Expiry {
        if self.is_hub()
            && let Owner::Invalid(subnet) = self.owner(lease.subnet_id())
        {
            (L::EXPIRES_OF_NOBODY)(Synced::address(lease), subnet);
        }
        let spoke = self.of_subnet(lease.subnet_id());
        match spoke.map(|spoke| spoke.machine.lock().expired(lease.hash())) {
            None | Some(Expired::Reclaim) => Expiry::Reclaim,
            Some(Expired::Forget) => Expiry::Forget,
            Some(Expired::Leave) => Expiry::Leave,
        }
    }

    /// Why one of the leases that were given in a hub is of no relationship, if so; or one of those `deleted`, if none was given.
    /// A client may be given one of another subnet of its shared network than that by which it was found to be answered here.
    pub(super) fn stranger<'a>(
        &self,
        leases: impl IntoIterator<Item = &'a L>,
        deleted: impl IntoIterator<Item = &'a L>,
    ) -> Option<String> {
        if !self.is_hub() {
            return None;
        }
        let mut leases = leases.into_iter().peekable();
        match leases.peek() {
            Some(_) => leases.find_map(|lease| self.estranged(lease)),
            None => deleted.into_iter().find_map(|lease| self.estranged(lease)),
        }
    }

    /// Why a lease is of no relationship, if so.
    fn estranged(&self, lease: &L) -> Option<String> {
        let subnet = lease.subnet_id();
        match self.owner(subnet) {
            Owner::Relationship(..) => None,
            Owner::Stranger(name) => Some(format!("relationship not configured for server '{name}'")),
            Owner::Nobody => Some(format!("subnet {subnet} has no ha-server-name")),
            Owner::Invalid(_) => Some(format!("invalid ha-server-name value for subnet {subnet}")),
        }
    }
}

/// Whose a subnet is by its user context or that of its shared network.
pub(super) fn owner<L: Partnered>(config: &L::Config, subnet: SubnetId, relations: &Relations<L>) -> Owner {
    let [own, shared] = L::contexts(config, subnet).map(|context| context.map(|value| value.to_json()));
    match server_of_subnet(own.as_ref(), shared.as_ref()) {
        Err(_) => Owner::Invalid(L::prefix_of(config, subnet).map_or_else(String::new, |it| it.to_string())),
        Ok(None) => Owner::Nobody,
        Ok(Some(name)) => match with_server(relations.relationships(), name) {
            Some(at) => Owner::Relationship(at, name.to_owned()),
            None => Owner::Stranger(name.to_owned()),
        },
    }
}
