//! What modules can do at the points of the flow.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use kotare_engine::hooks::v4::*;
use kotare_engine::hooks::{Expiry, LeaseEvent4, Observer4, Step, Verdict};
use kotare_engine::v4::{Edited4, Query4, ReplyKind};
use kotare_model::{ClientId, Lease4, LeaseState, Lifetime, SubnetId};
use kotare_stats::Stat4;
use kotare_testkit::{Client, Config, SERVER, Subnet, Via, World, address, configured, option};
use kotare_wire::v4::{Message, OptionCode};
use serde_json::json;

use super::hosts::{mac, subnet};

const PRIVATE: OptionCode = OptionCode(224);

/// A module at every point: it writes down what it sees and says what the test wants.
#[derive(Default)]
struct Module {
    seen: Mutex<Vec<String>>,
    says: Mutex<Says>,
}

#[derive(Default)]
struct Says {
    receive4: Option<Verdict>,
    pkt4_receive: Option<Verdict>,
    client_id: Option<ClientId>,
    query_sets: Vec<(OptionCode, &'static [u8])>,
    query_removes: Vec<OptionCode>,
    subnet4_select: Option<Verdict>,
    subnet: Option<SubnetId>,
    lease4_select: Option<Verdict>,
    lifetime: Option<Lifetime>,
    offers: VecDeque<Offer>,
    committed: Option<Verdict>,
    sets: Vec<(OptionCode, &'static [u8])>,
    removes: Vec<OptionCode>,
    expire: Option<Expiry>,
}

impl Module {
    fn see(&self, text: impl Into<String>) {
        self.seen.lock().unwrap().push(text.into());
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    fn say(&self, change: impl FnOnce(&mut Says)) {
        let mut says = Says::default();
        change(&mut says);
        *self.says.lock().unwrap() = says;
    }

    fn says<T>(&self, what: impl FnOnce(&mut Says) -> T) -> T {
        what(&mut self.says.lock().unwrap())
    }
}

fn shown(lease: Option<&Lease4>) -> String {
    lease.map_or("none".into(), |lease| format!("{} {}", lease.address, lease.state.name()))
}

impl Receive4 for Module {
    fn receive4(&self, _: Message<'_>, query: &mut Query4) -> Verdict {
        self.see(format!("receive4 {:?}", query.kind));
        self.says(|says| says.receive4).unwrap_or(Verdict::Continue)
    }
}

impl Pkt4Receive for Module {
    fn pkt4_receive(&self, query: &mut Query4, message: &mut Edited4<'_>) -> Verdict {
        self.see("pkt4_receive");
        if let Some(id) = self.says(|says| says.client_id.clone()) {
            query.client.id = Some(id);
        }
        self.says(|says| {
            says.query_removes.iter().for_each(|&code| assert!(message.remove(code)));
            says.query_sets.iter().for_each(|&(code, value)| message.set(code, value).unwrap());
        });
        self.says(|says| says.pkt4_receive).unwrap_or(Verdict::Continue)
    }
}

impl Subnet4Select for Module {
    fn subnet4_select<'a>(&'a self, _: Asked4<'a>, link: &'a mut Link4<'_>) -> Step<'a> {
        self.see(format!("subnet4_select {:?}", link.subnet().map(|subnet| subnet.id.0)));
        if let Some(subnet) = self.says(|says| says.subnet) {
            assert!(link.select(subnet) && !link.select(SubnetId(99)));
        }
        Step::Now(self.says(|says| says.subnet4_select).unwrap_or(Verdict::Continue))
    }
}

impl Lease4Select for Module {
    fn lease4_select(&self, _: Asked4<'_>, draft: &mut LeaseDraft4<'_>) -> Verdict {
        self.see(format!(
            "lease4_select {} offer {} renews {}",
            draft.lease.address, draft.offer, draft.renews
        ));
        if let Some(lifetime) = self.says(|says| says.lifetime) {
            draft.lease.valid_lifetime = lifetime;
        }
        self.says(|says| says.lease4_select).unwrap_or(Verdict::Continue)
    }
}

impl Lease4Offer for Module {
    fn lease4_offer<'a>(&'a self, _: Asked4<'a>, offered: Offered4<'a>) -> Step<'a, Offer> {
        let reserved = if offered.is_reserved { " reserved" } else { "" };
        let (address, former) = (offered.lease.address, shown(offered.former));
        self.see(format!("lease4_offer {address} former {former}{reserved}"));
        Step::Now(self.says(|says| says.offers.pop_front()).unwrap_or(Offer::Free))
    }

    fn lease4_reused(&self) {
        self.see("lease4_reused".to_owned());
    }
}

impl Leases4Committed for Module {
    fn leases4_committed<'a>(&'a self, _: Asked4<'a>, committed: Committed4<'a>) -> Step<'a> {
        self.see(format!("committed {} deleted {}", shown(committed.lease), shown(committed.deleted)));
        Step::Now(self.says(|says| says.committed).unwrap_or(Verdict::Continue))
    }
}

impl Pkt4Send for Module {
    fn pkt4_send(&self, _: Asked4<'_>, sending: Sending4, reply: &mut Edited4<'_>) {
        self.see(format!("pkt4_send {:?}", sending.kind));
        self.says(|says| {
            for &code in &says.removes {
                assert!(reply.remove(code) || sending.kind == ReplyKind::Nak);
            }
            for &(code, value) in &says.sets {
                reply.set(code, value).unwrap();
            }
        });
    }
}

impl Lease4Expire for Module {
    fn lease4_expire(&self, lease: &Lease4) -> Expiry {
        self.see(format!("lease4_expire {}", lease.address));
        self.says(|says| says.expire).unwrap_or(Expiry::Reclaim)
    }
}

impl Observer4 for Module {
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        let by = if event.query.is_some() { "client" } else { "server" };
        let address = event.after.or(event.before).unwrap().address;
        self.see(format!("{:?} {address} by {by}", event.change));
    }
}

/// A world of one subnet, by its parameters, with a module at every point.
fn world(config: Config) -> (World, Arc<Module>) {
    with_module(World::new(config.build()))
}

fn with_module(mut world: World) -> (World, Arc<Module>) {
    let module = Arc::new(Module::default());
    world.hook(Hooks4 {
        receive4: vec![module.clone()],
        pkt4_receive: vec![module.clone()],
        subnet4_select: vec![module.clone()],
        lease4_select: vec![module.clone()],
        lease4_offer: vec![module.clone()],
        leases4_committed: vec![module.clone()],
        pkt4_send: vec![module.clone()],
        lease4_expire: vec![module.clone()],
        observers: vec![module.clone()],
        ..Hooks4::default()
    });
    (world, module)
}

fn pool() -> Subnet {
    Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.109")
}

fn one_pool() -> Config {
    Config::new().subnet(pool())
}

fn lease(world: &World, at: &str) -> Lease4 {
    world.store.lease(address(at)).unwrap()
}

/// A client's whole life, point by point.
#[test]
fn a_module_sees_a_lease_from_its_offer_to_its_end() {
    let (mut world, module) = world(one_pool());
    let client = Client::new(1);
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), address("192.0.2.100"));
    let expected = [
        "receive4 Discover",
        "pkt4_receive",
        "subnet4_select Some(1)",
        "lease4_select 192.0.2.100 offer true renews false",
        "lease4_offer 192.0.2.100 former none",
        "pkt4_send Offer",
    ];
    assert_eq!(module.seen(), expected);
    world.send(&client.select(&offer), Via::BROADCAST).unwrap();
    let expected = [
        "receive4 Request",
        "pkt4_receive",
        "subnet4_select Some(1)",
        "lease4_select 192.0.2.100 offer false renews false",
        "Assigned 192.0.2.100 by client",
        "committed 192.0.2.100 default deleted none",
        "pkt4_send Ack",
    ];
    assert_eq!(module.seen(), expected);
    world.pass(10);
    world.send(&client.renew(offer.yiaddr()), Via::unicast(offer.yiaddr())).unwrap();
    let expected = [
        "lease4_select 192.0.2.100 offer false renews true",
        "Renewed 192.0.2.100 by client",
        "committed 192.0.2.100 default deleted none",
        "pkt4_send Ack",
    ];
    assert_eq!(module.seen()[3..], expected);
    // Offered again to its own client, it was nobody else's before.
    world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!(module.seen()[4], "lease4_offer 192.0.2.100 former 192.0.2.100 default");
    world.send(&client.inform(offer.yiaddr()), Via::unicast(offer.yiaddr())).unwrap();
    assert_eq!(module.seen(), ["receive4 Inform", "pkt4_receive", "subnet4_select Some(1)", "pkt4_send Ack"]);
    world.send(&client.release(offer.yiaddr(), SERVER), Via::unicast(offer.yiaddr()));
    let expected = [
        "receive4 Release",
        "pkt4_receive",
        "Released 192.0.2.100 by client",
        "committed none deleted 192.0.2.100 released",
    ];
    assert_eq!(module.seen(), expected);
}

/// A query is answered as modules leave it, whatever it was when it came: who sent it, what it wants and asks for. Facts
/// that a module changed stay changed.
#[test]
fn a_module_changes_queries() {
    let (mut world, module) = world(Config::usual());
    module.say(|says| {
        says.query_sets = vec![
            (OptionCode::CLIENT_IDENTIFIER, b"other"),
            (OptionCode::REQUESTED_ADDRESS, &[192, 0, 2, 150]),
            (OptionCode::MESSAGE_TYPE, &[3]),
            (OptionCode::PARAMETER_REQUEST_LIST, &[15]),
        ];
        says.query_removes = vec![OptionCode::HOST_NAME];
    });
    let query = Client::new(1).with_id(b"own").discover().option(OptionCode::HOST_NAME, b"name");
    // It is a DHCPREQUEST now, of a client that rebooted and is not known here.
    assert_eq!(world.send(&query, Via::BROADCAST), None);
    assert!(world.last.contains("UnknownRebooting(192.0.2.150)"), "{}", world.last);
    module.say(|says| {
        says.query_sets = vec![(OptionCode::CLIENT_IDENTIFIER, b"other"), (OptionCode::MESSAGE_TYPE, &[3])];
        says.query_removes = vec![OptionCode::HOST_NAME, OptionCode::REQUESTED_ADDRESS];
    });
    let wish = query.address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.150"));
    let ack = world.send(&wish, Via::BROADCAST).unwrap();
    assert_eq!((ack.kind, ack.option(OptionCode::HOST_NAME)), (ReplyKind::Ack, None));
    assert_eq!(ack.option(OptionCode::CLIENT_IDENTIFIER).unwrap(), b"other");
    let lease = world.store.lease(ack.yiaddr()).unwrap();
    assert_eq!((lease.client_id, lease.hostname), (ClientId::new(b"other").ok(), "".into()));
    assert_ne!(lease.address, address("192.0.2.150"));

    // A module that takes the message type leaves nothing to answer.
    module.say(|says| says.query_removes = vec![OptionCode::MESSAGE_TYPE]);
    assert_eq!(world.send(&Client::new(2).discover(), Via::BROADCAST), None);
    assert!(world.last.contains("NoMessageType"), "{}", world.last);
    // What it says of the client itself holds, whatever else it changes.
    module.say(|says| {
        says.client_id = ClientId::new(b"made up").ok();
        says.query_sets = vec![(OptionCode::HOST_NAME, b"renamed")];
    });
    let given = world.send(&Client::new(3).request(), Via::BROADCAST).unwrap().yiaddr();
    let lease = world.store.lease(given).unwrap();
    assert_eq!((lease.client_id, lease.hostname), (ClientId::new(b"made up").ok(), "renamed".into()));
}

/// Declined by its client, it comes back when its probation is over; a lease that ends is told of, too.
#[test]
fn a_module_sees_leases_that_end() {
    let (mut world, module) = world(one_pool());
    let given = [1, 2].map(|number| world.lease(&Client::new(number)).unwrap());
    module.seen();
    world.send(&Client::new(1).decline(given[0], SERVER), Via::BROADCAST);
    assert_eq!(
        module.seen()[2..],
        ["Declined 192.0.2.100 by client", "committed 192.0.2.100 declined deleted none"]
    );
    world.pass(1_000_000);
    module.say(|says| says.expire = Some(Expiry::Leave));
    assert_eq!(world.reclaim().leases, 0);
    assert_eq!(module.seen(), ["lease4_expire 192.0.2.101", "lease4_expire 192.0.2.100"]);
    module.say(|_| {});
    assert_eq!(world.reclaim().leases, 2);
    let expected = [
        "lease4_expire 192.0.2.101",
        "Expired 192.0.2.101 by server",
        "lease4_expire 192.0.2.100",
        "Recovered 192.0.2.100 by server",
    ];
    assert_eq!(module.seen(), expected);
}

/// A lease that another server looks after ends here without a word to anybody but observers.
#[test]
fn a_lease_is_forgotten() {
    let (mut world, module) = world(one_pool());
    world.lease(&Client::new(1)).unwrap();
    world.pass(1_000_000);
    module.seen();
    module.say(|says| says.expire = Some(Expiry::Forget));
    assert_eq!(world.reclaim().leases, 1);
    assert_eq!(module.seen(), ["lease4_expire 192.0.2.100", "Forgotten 192.0.2.100 by server"]);
}

/// A client gets one lease: of the older one modules hear that it was removed.
#[test]
fn a_module_sees_the_older_lease_go() {
    let (mut world, module) = world(one_pool());
    let client = Client::new(1);
    world.lease(&client).unwrap();
    module.seen();
    let wish = client.request().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.105"));
    world.send(&wish.address(OptionCode::SERVER_IDENTIFIER, SERVER), Via::BROADCAST).unwrap();
    let expected = [
        "Assigned 192.0.2.105 by client",
        "Removed 192.0.2.100 by client",
        "committed 192.0.2.105 default deleted 192.0.2.100 default",
        "pkt4_send Ack",
    ];
    assert_eq!(module.seen()[4..], expected);
}

/// Modules that are gone with their configuration hear nothing any more.
#[test]
fn observers_go_with_their_configuration() {
    let (mut world, module) = world(one_pool());
    // The same module in the next configuration, while this one is still served: it hears of a change once.
    let former = world.server.plan().clone();
    world.hook(Hooks4 { observers: vec![module.clone()], ..Hooks4::default() });
    world.lease(&Client::new(1)).unwrap();
    assert_eq!(module.seen(), ["Assigned 192.0.2.100 by client"]);
    drop(former);
    world.hook(Hooks4::default());
    world.lease(&Client::new(2)).unwrap();
    assert_eq!(module.seen(), [""; 0]);
}

/// A message that a module drops is counted as the module says, at every point.
#[test]
fn a_module_drops_messages() {
    let stats = ["pkt4-received", "pkt4-receive-drop", "pkt4-limit-exceeded", "pkt4-discover-received"];
    type Say = fn(&mut Says, Verdict);
    let drops: [(&str, Say); 4] = [
        ("Receive4", |says, verdict| says.receive4 = Some(verdict)),
        ("Pkt4Receive", |says, verdict| says.pkt4_receive = Some(verdict)),
        ("Subnet4Select", |says, verdict| says.subnet4_select = Some(verdict)),
        ("Lease4Select", |says, verdict| says.lease4_select = Some(verdict)),
    ];
    for (point, say) in drops {
        let (mut world, module) = world(one_pool());
        module.say(|says| say(says, Verdict::Drop(Some(Stat4::LimitExceeded))));
        assert_eq!(world.send(&Client::new(1).discover(), Via::BROADCAST), None);
        assert!(world.last.contains(point), "{}", world.last);
        assert_eq!(stats.map(|name| world.stat(name)), [1, 1, 1, 1], "{point}");
        // Counted by the module itself.
        module.say(|says| say(says, Verdict::Drop(None)));
        assert_eq!(world.send(&Client::new(1).discover(), Via::BROADCAST), None);
        assert_eq!(stats.map(|name| world.stat(name)), [2, 1, 1, 2], "{point}");
        assert_eq!(world.store.all(), []);
    }
    let (mut world, module) = world(one_pool());
    module.say(|says| says.offers = [Offer::Drop(Some(Stat4::Duplicate))].into());
    assert_eq!(world.send(&Client::new(1).discover(), Via::BROADCAST), None);
    assert_eq!((world.stat("pkt4-duplicate"), world.stat("pkt4-receive-drop")), (1, 1));
    // The lease stands when only its reply is dropped.
    module.say(|says| says.committed = Some(Verdict::Drop(None)));
    assert_eq!(world.send(&Client::new(1).request(), Via::BROADCAST), None);
    assert_eq!((world.store.all().len(), world.stat("pkt4-receive-drop")), (1, 1));
}

/// What comes next at a point is left out: at `pkt4_receive` the message, at `subnet4_select` the subnet, at
/// `lease4_select` the lease, or its renewal.
#[test]
fn a_module_skips_what_comes_next() {
    let (mut world, module) = world(one_pool());
    module.say(|says| says.receive4 = Some(Verdict::Skip));
    let leased = world.lease(&Client::new(1)).unwrap();
    module.say(|says| says.pkt4_receive = Some(Verdict::Skip));
    assert_eq!(world.send(&Client::new(2).discover(), Via::BROADCAST), None);
    module.say(|says| says.subnet4_select = Some(Verdict::Skip));
    assert_eq!(world.send(&Client::new(2).discover(), Via::BROADCAST), None);
    assert!(world.last.contains("NoSubnet"), "{}", world.last);
    module.say(|says| says.lease4_select = Some(Verdict::Skip));
    assert_eq!(world.send(&Client::new(2).discover(), Via::BROADCAST), None);
    assert!(world.last.contains("NothingToOffer"), "{}", world.last);
    assert_eq!(world.send(&Client::new(2).request(), Via::BROADCAST).unwrap().kind, ReplyKind::Nak);
    assert_eq!(world.store.all().len(), 1);
    world.pass(10);
    let before = lease(&world, "192.0.2.100");
    let renewal = world.send(&Client::new(1).renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!(renewal.kind, ReplyKind::Ack);
    assert_eq!((lease(&world, "192.0.2.100"), world.stat("v4-lease-reuses")), (before, 0));
}

/// A module that knows better changes what the exchange goes by: who the client is, where it is, how long its lease
/// lasts.
#[test]
fn a_module_changes_what_is_decided() {
    let (mut world, module) = world(
        Config::new().subnet(pool()).subnet(Subnet::new(2, "10.0.0.0/24").pool("10.0.0.7", "10.0.0.9")),
    );
    module.say(|says| {
        says.client_id = ClientId::new(b"made up").ok();
        says.subnet = Some(SubnetId(2));
        says.lifetime = Some(Lifetime(77));
    });
    let given = world.send(&Client::new(1).request(), Via::BROADCAST).unwrap();
    assert_eq!(given.number(OptionCode::LEASE_TIME), Some(77));
    let lease = lease(&world, "10.0.0.7");
    assert_eq!(given.yiaddr(), lease.address);
    assert_eq!((lease.client_id, lease.valid_lifetime), (ClientId::new(b"made up").ok(), Lifetime(77)));
    assert_eq!(lease.subnet_id, SubnetId(2));
}

/// Replies are edited after they are written: options are added, replaced and removed, and DHCPNAKs are edited, too.
#[test]
fn a_module_edits_replies() {
    let (mut world, module) = world(
        Config::new().subnet(pool().option(option(3, &[192, 0, 2, 1])).option(option(6, &[192, 0, 2, 2]))),
    );
    module.say(|says| {
        says.sets = vec![(PRIVATE, b"added"), (OptionCode::ROUTERS, &[192, 0, 2, 9])];
        says.removes = vec![OptionCode::DOMAIN_NAME_SERVERS];
    });
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.option(PRIVATE).as_deref(), Some(b"added".as_slice()));
    assert_eq!(offer.option(OptionCode::ROUTERS), Some(vec![192, 0, 2, 9]));
    assert_eq!(offer.option(OptionCode::DOMAIN_NAME_SERVERS), None);
    assert_eq!(offer.number(OptionCode::LEASE_TIME), Some(4000));
    let reboot = Client::new(1).reboot(address("198.51.100.7"));
    world.lease(&Client::new(1)).unwrap();
    let refused = world.send(&reboot, Via::BROADCAST).unwrap();
    assert_eq!((refused.kind, refused.option(PRIVATE)), (ReplyKind::Nak, Some(b"added".to_vec())));
}

fn declined(world: &World) -> Vec<Ipv4Addr> {
    let all = world.store.all();
    all.iter().filter(|lease| lease.state == LeaseState::Declined).map(|lease| lease.address).collect()
}

/// An address that a module finds in use is put in probation, and the client is offered the next one at once.
#[test]
fn an_address_in_use_is_declined_and_the_next_is_offered() {
    let (mut world, module) = world(one_pool());
    module.say(|says| says.offers = [Offer::InUse, Offer::InUse].into());
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), address("192.0.2.102"));
    assert_eq!(declined(&world), [address("192.0.2.100"), address("192.0.2.101")]);
    let probation = lease(&world, "192.0.2.100");
    assert_eq!(probation.valid_lifetime, world.server.config().decline_probation);
    assert!(probation.hwaddr.is_empty() && probation.client_id.is_none());
    assert_eq!((world.stat("declined-addresses"), world.stat("assigned-addresses")), (2, 2));
    let seen = module.seen();
    assert!(seen.contains(&"ServerDeclined 192.0.2.101 by client".into()), "{seen:?}");
    // A client that is told of the address by somebody else does not get it either.
    let wish = Client::new(2).discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.100"));
    assert_ne!(world.send(&wish, Via::BROADCAST).unwrap().yiaddr(), address("192.0.2.100"));
}

/// The address a client wishes for, the one it had, and one whose lease has expired are checked like any other.
#[test]
fn a_wish_and_a_former_lease_are_checked() {
    let (mut world, module) = world(one_pool());
    let client = Client::new(1);
    let former = world.lease(&client).unwrap();
    world.pass(1_000_000);
    module.seen();
    module.say(|says| says.offers = [Offer::InUse, Offer::InUse].into());
    let wish = client.discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.105"));
    let offer = world.send(&wish, Via::BROADCAST).unwrap();
    assert_eq!(declined(&world), [former, address("192.0.2.105")]);
    assert_eq!(offer.yiaddr(), address("192.0.2.101"));
    let offers = module.seen().into_iter().filter(|seen| seen.starts_with("lease4_offer"));
    let expected = [
        "lease4_offer 192.0.2.100 former 192.0.2.100 default",
        "lease4_offer 192.0.2.105 former none",
        "lease4_offer 192.0.2.101 former none",
    ];
    assert_eq!(offers.collect::<Vec<_>>(), expected);
}

/// A module is told that an address is reserved for its client, and that a lease is offered as it is.
#[test]
fn reserved_addresses_and_leases_that_are_reused_are_told() {
    let reservation = json!([{"hw-address": mac(1), "ip-address": "192.0.2.7"}]);
    let mut dhcp4 = subnet(&reservation);
    dhcp4["cache-threshold"] = json!(0.5);
    let (mut world, module) = with_module(World::new(configured(&dhcp4)));
    let mut seen = |client: u32| {
        world.lease(&Client::new(client)).unwrap();
        let seen = module.seen().into_iter().filter(|seen| seen.starts_with("lease4_"));
        seen.filter(|seen| !seen.starts_with("lease4_select")).collect::<Vec<_>>()
    };
    assert_eq!(seen(1), ["lease4_offer 192.0.2.7 former none reserved"]);
    assert_eq!(seen(2), ["lease4_offer 192.0.2.100 former none"]);
    for client in 1..=2 {
        assert_eq!(seen(client), ["lease4_reused"], "client {client}");
    }
}

/// With `offer-lifetime` the offer holds the address while it is checked; what holds it then is put in probation.
#[test]
fn an_offer_that_is_kept_is_declined() {
    let (mut world, module) =
        world(Config::new().subnet(pool().with(|params| params.offer_lifetime = Some(Lifetime(60)))));
    module.say(|says| says.offers = [Offer::InUse].into());
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    let seen = module.seen();
    assert_eq!(seen[4], "Offered 192.0.2.100 by client");
    assert_eq!(seen[6], "ServerDeclined 192.0.2.100 by client");
    assert_eq!(declined(&world), [address("192.0.2.100")]);
    assert_eq!((offer.yiaddr(), world.stat("assigned-addresses")), (address("192.0.2.101"), 2));
}

/// Where every address is in use, a client costs so many checks and no more, and gets nothing.
#[test]
fn checks_of_one_message_are_bounded() {
    let (mut world, module) = world(one_pool());
    module.say(|says| says.offers = [Offer::InUse; 20].into());
    assert_eq!(world.send(&Client::new(1).discover(), Via::BROADCAST), None);
    assert_eq!((declined(&world).len(), world.stat("v4-allocation-fail")), (8, 0));
    assert_eq!(world.send(&Client::new(1).discover(), Via::BROADCAST), None);
    assert_eq!((declined(&world).len(), world.stat("v4-allocation-fail")), (10, 1));
}
