//! A server whose subnets come from a database, change after change: it serves as one that reads all of it at once.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::SeqCst;

use kotare_model::{Chance, Hex};
use serde_json::{Map, Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply};
use crate::server::ServerOf;
use crate::store::DatabaseOf;

const NETWORK: &str = "floor";
/// The numbers of subnets that come and go, and how many addresses of each are looked at.
const SUBNETS: std::ops::Range<u32> = 2..6;
const ADDRESSES: u32 = 5;

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A subnet comes, moves, or says something else: whether it is on the link of the clients, which pool it has.
    Set { id: u32, is_here: bool, pool: Option<u32>, lifetime: u32 },
    /// A subnet goes.
    Remove(u32),
    /// A client gets an address, if it can.
    Lease(u32, u32),
}

impl Step {
    fn any(chance: &mut Chance) -> Self {
        let mut below = |count: u32| chance.below(count as usize) as u32;
        let id = SUBNETS.start + below(SUBNETS.end - SUBNETS.start);
        match below(9) {
            0..4 => {
                let (is_here, pool) = (below(3) > 0, 1 + below(ADDRESSES - 1));
                Self::Set { id, is_here, pool: Some(pool).filter(|last| *last > 1), lifetime: 1 + below(2) }
            }
            4 | 5 => Self::Remove(id),
            _ => Self::Lease(id, 1 + below(ADDRESSES)),
        }
    }
}

/// What is changed, and one that begins with all of it.
struct World<P: Protocol> {
    config: Value,
    leases: DatabaseOf<P>,
    link: LinkOf<P>,
    server: ServerOf<P>,
    clients: u32,
}

impl<P: Protocol> World<P> {
    fn new() -> Self {
        let mut config = P::config(1, 1);
        let map = config[P::MAP].as_object_mut().expect("a map");
        let mut base = map.insert(P::SUBNETS.to_owned(), json!([])).expect("subnets")[0].take();
        for keyword in ["interface", "pools", "pd-pools"] {
            base.as_object_mut().expect("a map").remove(keyword);
        }
        map.insert(
            "shared-networks".to_owned(),
            json!([{"name": NETWORK, "interface": "eth0", (P::SUBNETS): [base]}]),
        );
        if number::<P>() == 6 {
            map.insert(
                "server-id".to_owned(),
                json!({"type": "LL", "identifier": "020000000001", "persist": false}),
            );
        }
        let database = json!({"type": "sqlite", "name": "configuration.sqlite"});
        let control = json!({"config-databases": [database], "config-fetch-wait-time": 0});
        map.insert("config-control".to_owned(), control);
        map.insert(
            "hooks-libraries".to_owned(),
            json!([{"library": "/usr/lib/kea/hooks/libdhcp_cb_cmds.so"}]),
        );
        let (link, leases) = (LinkOf::default(), DatabaseOf::<P>::new());
        let server = ServerOf::with_database(&link, config.clone(), &leases);
        let world = Self { config, leases, link, server, clients: 0 };
        let network = json!([{"name": NETWORK, "interface": "eth0"}]);
        world.change("network", "set", json!({"shared-networks": network, "server-tags": ["all"]}));
        world
    }

    /// Changes the database, and has the server look there.
    fn change(&self, object: &str, does: &str, what: Value) {
        let command = format!("remote-{object}{}-{does}", number::<P>());
        let answer = self.server.answer(&command, Some(what));
        assert!([0, 3].contains(&answer["result"].as_i64().unwrap_or(1)), "{command}: {answer}");
        let answer = self.server.answer("config-backend-pull", None);
        assert_eq!(answer["result"], 0, "{answer}");
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Set { id, is_here, pool, lifetime } => {
                let pools = pool.map(|last| format!("{} - {}", text::<P>(id, 1), text::<P>(id, last)));
                let subnet = json!({
                    "id": id,
                    "subnet": prefix::<P>(id),
                    "shared-network-name": is_here.then_some(NETWORK),
                    "valid-lifetime": lifetime * 1000,
                    "pools": pools.iter().map(|pool| json!({"pool": pool})).collect::<Vec<_>>(),
                });
                self.change("subnet", "set", json!({"subnets": [subnet], "server-tags": ["all"]}));
            }
            Step::Remove(id) => self.change("subnet", "del-by-id", json!({"subnets": [{"id": id}]})),
            Step::Lease(id, number) => {
                self.clients += 1;
                let mut client = P::client(1000 + self.clients);
                let wish = P::wish(&client, address::<P>(id, number));
                if explained(&self.server, &wish).is_none_or(|(_, given)| given.is_none()) {
                    return;
                }
                self.link.broadcast(&wish);
                let offer = self.link.reply_to(&wish);
                P::go_on(&mut client);
                let choose = P::choose(&client, &offer);
                self.link.broadcast(&choose);
                assert_eq!(self.link.reply_to(&choose).given(), offer.given());
            }
        }
    }

    /// A server that begins now has the same configuration and the same statistics, and answers the same.
    fn compare(&self, taken: &[Step]) {
        let anew = ServerOf::<P>::beside(&self.server, self.config.clone(), &self.leases);
        let both = [&self.server, &anew];
        let [here, there] = both.map(|server| sorted(server.ask("config-get", json!({}))[P::MAP].take()));
        assert_eq!(here, there, "{taken:?}");
        let [here, there] =
            both.map(|server| counted(&server.answer("statistic-get-all", None)["arguments"]));
        assert_eq!(here, there, "{taken:?}");
        for (id, number) in SUBNETS.flat_map(|id| (1..=ADDRESSES).map(move |number| (id, number))) {
            let wished = address::<P>(id, number);
            let wish = P::wish(&P::client(1), wished);
            let [here, there] = both.map(|server| explained(server, &wish));
            let given = [&here, &there].map(|told| told.as_ref().and_then(|(_, given)| *given));
            match given.contains(&Some(wished)) {
                true => assert_eq!(here, there, "{wished}: {taken:?}"),
                // Which one is given instead goes by what was given last.
                false => assert_eq!(given[0].is_some(), given[1].is_some(), "{wished}: {given:?} {taken:?}"),
            }
        }
    }
}

fn number<P: Protocol>() -> u32 {
    if P::MAP == "Dhcp4" { 4 } else { 6 }
}

fn prefix<P: Protocol>(id: u32) -> String {
    if number::<P>() == 4 { format!("10.0.{id}.0/24") } else { format!("3fff:{id}::/64") }
}

fn text<P: Protocol>(id: u32, number: u32) -> String {
    if self::number::<P>() == 4 { format!("10.0.{id}.{number}") } else { format!("3fff:{id}::{number}") }
}

fn address<P: Protocol>(id: u32, number: u32) -> P::Address {
    let text = text::<P>(id, number);
    text.parse().unwrap_or_else(|_| panic!("{text} is an address"))
}

/// What a server would reply, byte by byte, and what it would give.
fn explained<P: Protocol>(
    server: &ServerOf<P>,
    message: &P::Message,
) -> Option<(String, Option<P::Address>)> {
    let packet = format!("{:x}", Hex(&P::bytes(message)));
    let told = server.ask(P::EXPLAIN, json!({"packet": packet, "local": P::LOCAL, "remote": P::REMOTE}));
    let packet = told["reply"]["packet"].as_str()?.to_owned();
    let bytes: Vec<u8> = (0..packet.len() / 2)
        .map(|at| u8::from_str_radix(&packet[2 * at..2 * at + 2], 16).expect("hexadecimal digits"))
        .collect();
    let given = P::read(server.address, &bytes).given();
    Some((packet, given))
}

/// How much there is of what subnets and pools have, and how much of it is given.
fn counted(statistics: &Value) -> BTreeMap<String, Value> {
    let is_now = |name: &str| {
        name.starts_with("subnet[")
            && !name.contains("cumulative")
            && (name.contains("total") || name.contains("assigned"))
    };
    let all = statistics.as_object().expect("statistics").iter().filter(|(name, _)| is_now(name));
    all.map(|(name, samples)| (name.clone(), samples[0][0].clone())).collect()
}

/// In any order of lists.
fn sorted(json: Value) -> Value {
    match json {
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        Value::Object(map) => {
            let mut map: Map<_, _> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            map.sort_keys();
            map.into()
        }
        other => other,
    }
}

/// Whatever comes, goes, moves or gives other addresses, in whatever order.
fn changes_are_as_good_as_a_new_start<P: Protocol>() {
    for seed in 0..8 {
        let (mut world, mut chance) = (World::<P>::new(), Chance::new(seed));
        let mut taken = Vec::new();
        for _ in 0..4 {
            for _ in 0..3 {
                let step = Step::any(&mut chance);
                world.take(&step);
                taken.push(step);
            }
            world.compare(&taken);
        }
    }
}

/// What could not be served from for a reason that passed is served from at the next look, though nothing changed since.
fn a_reason_that_passes_is_not_remembered<P: Protocol>() {
    let world = World::<P>::new();
    let pull = || world.server.answer("config-backend-pull", None);
    let served = || world.server.ask("config-get", json!({}))[P::MAP].to_string().contains(&prefix::<P>(2));
    world.leases.uncountable.store(true, SeqCst);
    let subnet = json!({"id": 2, "subnet": prefix::<P>(2), "shared-network-name": NETWORK});
    let set = format!("remote-subnet{}-set", number::<P>());
    world.server.ask(&set, json!({"subnets": [subnet], "server-tags": ["all"]}));
    for _ in 0..2 {
        let refused = pull();
        assert!(refused["result"] == 1 && refused.to_string().contains("the test says no"), "{refused}");
        assert!(!served());
    }
    world.leases.uncountable.store(false, SeqCst);
    let pulled = pull();
    assert_eq!(pulled["result"], 0, "{pulled}");
    assert!(served());
}

both!(changes_are_as_good_as_a_new_start, a_reason_that_passes_is_not_remembered);
