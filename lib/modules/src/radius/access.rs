//! Whether a client may come in, and what it gets: what servers say to an Access-Request is remembered as a reservation of the
//! client, which the server of DHCP finds then as any other.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::Arc;

use kotare_engine::hooks::{Step, Verdict};
use kotare_model::{Hex, HostId, Reservation, SubnetId};
use kotare_radius::{Attribute, Code, Dictionary, Shown, json, known, of_json};
use kotare_store::{HostCache, HostKey, HostQuery};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json as made};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::client::{Client, Outcome};
use super::identity::Identity;
use super::messages::*;
use super::{Radius, Served};

/// A subnet that is none.
pub(super) const NO_SUBNET: SubnetId = SubnetId(u32::MAX);
/// What is kept with a reservation: the attributes of the answer, and the subnet that its client was put on.
const ATTRIBUTES: &str = "radius";
const SUBNET: &str = "subnet-id";

/// Where a client is, as what servers say changes it.
pub(super) trait Spot<L: Served>: Send {
    /// The message, as the log names it.
    fn query(&self) -> &dyn Display;
    /// The subnet it is on.
    fn subnet(&self) -> Option<SubnetId>;
    /// Where reservations of clients on a subnet are: there, or with the global ones. None if there is no such subnet.
    fn hosts_of(&self, subnet: SubnetId) -> Option<SubnetId>;
    /// Puts it on another subnet; whether there is one.
    fn select(&mut self, subnet: SubnetId) -> bool;
    /// Puts it on no subnet.
    fn leave(&mut self);
    /// Puts it into a class.
    fn join(&mut self, class: &str);
    /// The subnet for clients of a class, if that is another one; [`NO_SUBNET`] if there is none.
    fn for_class(&self, class: &str) -> Option<SubnetId>;
    /// The subnet of an address, if that is another one; [`NO_SUBNET`] if there is none.
    fn for_address(&self, address: L::Address) -> Option<SubnetId>;
}

/// The service.
#[derive(Debug)]
pub(super) struct Access<L: Served> {
    pub(super) client: Arc<Client>,
    pub(super) cache: Arc<dyn HostCache<L::Reserved>>,
    /// The clients that are being asked about.
    asking: Mutex<HashSet<Box<[u8]>>>,
}

/// That a client is being asked about, until it is dropped.
struct Asking<'a, L: Served> {
    access: &'a Access<L>,
    id: Box<[u8]>,
}

impl<L: Served> Drop for Asking<'_, L> {
    fn drop(&mut self) {
        self.access.asking.lock().remove(&self.id);
    }
}

/// Ends a task when nobody wants its answer any more.
struct Wanted(AbortHandle);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What is kept in the user context of a reservation.
struct Kept {
    subnet: Option<SubnetId>,
    attributes: Vec<Attribute>,
}

impl Kept {
    fn of<R>(host: &Reservation<R>, dictionary: &Dictionary) -> Option<Self> {
        let context: Map<String, Json> = serde_json::from_str(host.user_context.as_deref()?).ok()?;
        // As in Kea, where no subnet is -1.
        let subnet = context.get(SUBNET).and_then(Json::as_i64).map(|id| SubnetId(id as u32));
        let attributes = context.get(ATTRIBUTES).map_or_else(Vec::new, |kept| of_json(kept, dictionary));
        Some(Self { subnet, attributes })
    }
}

/// The last attribute of a number.
pub(super) fn last(attributes: &[Attribute], code: u8) -> Option<&Attribute> {
    attributes.iter().rfind(|attribute| attribute.code == code)
}

/// The class that servers put a client into.
fn pool(attributes: &[Attribute]) -> Option<&str> {
    std::str::from_utf8(last(attributes, known::FRAMED_POOL)?.bytes()?).ok()
}

fn context_of(subnet: SubnetId) -> Map<String, Json> {
    Map::from_iter([(SUBNET.to_owned(), made!(subnet.0.cast_signed()))])
}

impl<L: Served> Access<L> {
    pub(super) fn new(client: Arc<Client>, cache: Arc<dyn HostCache<L::Reserved>>) -> Self {
        Self { client, cache, asking: Mutex::default() }
    }

    /// The attributes that servers said of a client.
    pub(super) fn known_of(&self, id: HostId<'_>, subnet: SubnetId) -> Vec<Attribute> {
        let host = self.cache.recall(id, subnet);
        let kept = host.and_then(|host| Kept::of(&host, &self.client.dictionary));
        kept.map_or_else(Vec::new, |kept| kept.attributes)
    }
}

impl<L: Served> Radius<L> {
    /// What is known of a client, or else what servers say of it. `request` makes the attributes of an Access-Request.
    pub(super) fn admit<'a, S: Spot<L> + 'a>(
        &'a self,
        access: &'a Access<L>,
        identity: Result<Identity, &'static str>,
        request: impl FnOnce(&Identity) -> Result<Vec<Attribute>, String>,
        mut spot: S,
    ) -> Step<'a, Verdict<L::Stat>> {
        let kind = self.settings.calling.kind;
        let identity = match identity {
            Ok(identity) => identity,
            Err(reason) => {
                RADIUS_ACCESS_GET_IDENTIFIER_FAILED(kind.keyword(), spot.query(), reason);
                return Step::Now(Verdict::Skip);
            }
        };
        let id = HostId { kind, bytes: &identity.id };
        RADIUS_ACCESS_GET_IDENTIFIER(Hex(&identity.id), kind.keyword(), &identity.user, spot.query());
        match self.recalled(access, id, &mut spot) {
            Some(verdict) => return Step::Now(verdict),
            None if access.asking.lock().contains(&identity.id) => {
                RADIUS_ACCESS_CONFLICT(spot.query(), &identity.user);
                return Step::Now(Verdict::Drop(Some(L::DUPLICATE)));
            }
            None => {}
        }
        let most = self.settings.most_pending;
        let is_full = most > 0 && access.asking.lock().len() >= most;
        let Some(pending) = access.client.shared.enter(Code::ACCESS_REQUEST).filter(|_| !is_full) else {
            RADIUS_ACCESS_MAX_PENDING_REQUESTS(spot.query(), &identity.user);
            return Step::Now(Verdict::Drop(Some(L::QUEUE_FULL)));
        };
        // It is on one, or there was nothing to admit it to.
        let subnet = spot.subnet().unwrap_or(NO_SUBNET);
        let mut attributes = match request(&identity) {
            Ok(attributes) => attributes,
            Err(reason) => {
                RADIUS_ACCESS_BUILD_FAILED(reason, spot.query());
                return Step::Now(Verdict::Drop(Some(L::PROCESSING_FAILED)));
            }
        };
        let port = self.add_port(&mut attributes, subnet);
        let dictionary = &access.client.dictionary;
        RADIUS_AUTHENTICATION_ASYNC(port, Shown { attributes: &attributes, dictionary });
        access.asking.lock().insert(identity.id.clone());
        let asking = Asking { access, id: identity.id };
        let (answer, outcome) = oneshot::channel();
        let client = access.client.clone();
        let task = self.runtime.spawn(async move {
            let outcome = client.ask(Code::ACCESS_REQUEST, &attributes, Instant::now()).await;
            drop(pending);
            // Who gave up needs no answer.
            let _ = answer.send(outcome);
        });
        let wanted = Wanted(task.abort_handle());
        Step::wait(async move {
            let outcome = outcome.await;
            drop(wanted);
            let id = HostId { kind, bytes: &asking.id };
            match outcome {
                Ok(outcome) => self.conclude(access, id, outcome, subnet, &mut spot),
                // The server ends.
                Err(_) => {
                    RADIUS_ACCESS_DROP_PARKED_QUERY(spot.query());
                    return Verdict::Drop(Some(L::PROCESSING_FAILED));
                }
            }
            match spot.subnet() {
                Some(subnet) => {
                    RADIUS_ACCESS_RESUME_PARKED_QUERY(spot.query(), format_args!("subnet {subnet}"));
                }
                None => RADIUS_ACCESS_RESUME_PARKED_QUERY(spot.query(), "no subnet"),
            }
            Verdict::Continue
        })
    }

    /// What follows of what servers said of a client before; nothing if they have to be asked.
    fn recalled(
        &self,
        access: &Access<L>,
        id: HostId<'_>,
        spot: &mut impl Spot<L>,
    ) -> Option<Verdict<L::Stat>> {
        let subnet = spot.subnet()?;
        let hosts = spot.hosts_of(subnet)?;
        let dictionary = &access.client.dictionary;
        let mut kept = access.cache.recall(id, hosts).and_then(|host| Kept::of(&host, dictionary))?;
        if let Some(other) = kept.subnet {
            RADIUS_ACCESS_SUBNET_RESELECT(subnet, other);
            if other == NO_SUBNET {
                spot.leave();
                return Some(Verdict::Continue);
            }
            let Some(there) = spot.hosts_of(other).filter(|_| spot.select(other)) else {
                // The subnet is not there any more.
                access.cache.forget(HostQuery { key: HostKey::Ids(&[id]), subnets: Some(&[hosts]) });
                return Some(Verdict::Skip);
            };
            if there != hosts {
                kept = access.cache.recall(id, there).and_then(|host| Kept::of(&host, dictionary))?;
            }
        }
        RADIUS_ACCESS_CACHE_GET(id, Shown { attributes: &kept.attributes, dictionary });
        if let Some(class) = pool(&kept.attributes) {
            spot.join(class);
        }
        Some(Verdict::Continue)
    }

    /// What follows of what servers say, which is remembered. Who is not accepted is on no subnet.
    fn conclude(
        &self,
        access: &Access<L>,
        id: HostId<'_>,
        outcome: Outcome,
        subnet: SubnetId,
        spot: &mut impl Spot<L>,
    ) {
        let dictionary = &access.client.dictionary;
        let (number, name) = outcome.told();
        let Outcome::Answered(answer) = outcome else {
            RADIUS_AUTHENTICATION_ASYNC_FAILED(number, name);
            RADIUS_ACCESS_ERROR(number, name);
            return spot.leave();
        };
        let attributes = &answer.attributes[..];
        let shown = Shown { attributes, dictionary };
        let remember = |hosts: SubnetId, context: Map<String, Json>, reserved: Option<L::Reserved>| {
            RADIUS_ACCESS_CACHE_INSERT(id, Json::Object(context.clone()));
            let is_negative = reserved.is_none();
            let mut host = Reservation::new(id, hosts, reserved.unwrap_or_default());
            host.user_context = Some(Json::Object(context).to_string().into());
            access.cache.remember(host, is_negative);
        };
        let Some(hosts) = spot.hosts_of(subnet) else { return spot.leave() };
        if answer.code == Code::ACCESS_REJECT {
            RADIUS_AUTHENTICATION_ASYNC_REJECTED(shown);
            remember(hosts, context_of(NO_SUBNET), None);
            return spot.leave();
        }
        RADIUS_AUTHENTICATION_ASYNC_ACCEPTED(shown);
        let class = pool(attributes);
        if let Some(class) = class {
            spot.join(class);
        }
        let [by_class, by_address] = self.settings.reselects;
        let reserved = L::reserved(attributes);
        let other = class.filter(|_| by_class).and_then(|class| spot.for_class(class)).or_else(|| {
            let address = reserved.as_ref().filter(|_| by_address).and_then(L::leading)?;
            spot.for_address(address)
        });
        let mut context = Map::new();
        let mut there = hosts;
        if let Some(other) = other {
            let hosts_of_other = spot.hosts_of(other).filter(|_| spot.select(other));
            match hosts_of_other {
                // What is said of the subnet and of the client is kept together.
                Some(SubnetId::GLOBAL) if hosts == SubnetId::GLOBAL => context = context_of(other),
                Some(hosts_of_other) => {
                    remember(hosts, context_of(other), None);
                    there = hosts_of_other;
                }
                None => {
                    remember(hosts, context_of(NO_SUBNET), None);
                    return spot.leave();
                }
            }
        }
        if !attributes.is_empty() {
            context.insert(ATTRIBUTES.to_owned(), json(attributes, dictionary));
        }
        remember(there, context, reserved);
    }

    /// Adds NAS-Port, unless it is configured; says what it is.
    pub(super) fn add_port(&self, attributes: &mut Vec<Attribute>, subnet: SubnetId) -> u32 {
        let port = self.settings.ports.of(subnet);
        if last(attributes, known::NAS_PORT).is_none() {
            attributes.push(Attribute::integer(known::NAS_PORT, port));
        }
        port
    }
}
