//! Whatever happens to addresses and prefixes of DHCPv6, in any order: the statistics are what a recount says, nobody has
//! what is another's, and clients have what they were told.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_model::Chance;
use kotare_testkit::v6::{Associated, Client, Message};
use kotare_wire::v6::{Association, IaAddress, IaPrefix, Index, Message as View, MessageType, OptionCode};
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::protocol6::V6;
use crate::server::ServerOf;
use crate::store::Database;

const CLIENTS: usize = 12;

/// A server of DHCPv6 to which anything happens.
struct Scene {
    link: LinkOf<V6>,
    server: ServerOf<V6>,
    chance: Chance,
    transaction: u32,
    server_id: Vec<u8>,
}

/// With sixteen addresses and sixteen prefixes to give.
fn configuration() -> Value {
    let mut config = V6::config(1, 53);
    let dhcp6 = &mut config["Dhcp6"];
    dhcp6["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    // Nothing happens by itself.
    dhcp6["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": 3600});
    dhcp6["decline-probation-period"] = 300.into();
    dhcp6["preferred-lifetime"] = 300.into();
    dhcp6["valid-lifetime"] = 600.into();
    dhcp6["subnet6"][0]["pools"] = json!([{"pool": "2001:db8:8::10 - 2001:db8:8::1f", "pool-id": 3}]);
    dhcp6["subnet6"][0]["pd-pools"] =
        json!([{"prefix": "2001:db8:9000::", "prefix-len": 52, "delegated-len": 56, "pool-id": 4}]);
    config
}

/// What a reply grants of an association: addresses and prefixes that are valid.
fn granted(bytes: &[u8], code: OptionCode) -> BTreeSet<Ipv6Addr> {
    let mut index = Index::new();
    let view = View::parse(bytes, &mut index).expect("a server sends messages");
    let Some(association) = view.option(code).and_then(Association::read) else { return BTreeSet::new() };
    let addresses = association.options.clone().all_of(OptionCode::IAADDR).filter_map(IaAddress::read);
    let prefixes = association.options.clone().all_of(OptionCode::IAPREFIX).filter_map(IaPrefix::read);
    let addresses = addresses.filter(|it| it.valid > 0).map(|it| it.address);
    addresses.chain(prefixes.filter(|it| it.valid > 0).map(|it| it.prefix)).collect()
}

impl Scene {
    fn new(seed: u64) -> Self {
        let link = LinkOf::default();
        let server = ServerOf::with_database(&link, configuration(), &Database::new());
        let mut scene =
            Self { link, server, chance: Chance::new(seed), transaction: 0, server_id: Vec::new() };
        let solicit = scene.client(0).solicit();
        scene.link.broadcast(&solicit);
        scene.server_id = scene.link.reply_to(&solicit).server_id;
        scene
    }

    fn client(&mut self, number: usize) -> Client {
        self.transaction += 1;
        Client { transaction: self.transaction, ..Client::new(number as u32) }
    }

    /// The leases there are.
    fn leases(&self) -> Vec<Value> {
        let answer = self.server.answer("lease6-get-all", None);
        answer["arguments"]["leases"].as_array().cloned().unwrap_or_default()
    }

    /// What a client has, or had and may get again, of one kind.
    fn places(&self, duid: &str, kind: &str) -> Vec<Ipv6Addr> {
        let all = self.leases().into_iter().filter(|lease| lease["duid"] == duid && lease["type"] == kind);
        all.filter_map(|lease| lease["ip-address"].as_str()?.parse().ok()).collect()
    }

    /// Something happens; what it was.
    fn step(&mut self) -> &'static str {
        match self.chance.below(24) {
            0..=15 => self.exchange(),
            16..=19 => self.command(),
            20..=21 => {
                let seconds = self.chance.below(300) as u64;
                self.server.hands.advance(Duration::from_secs(seconds));
                "time"
            }
            22 => {
                let remove = self.chance.below(2) == 0;
                self.server.answer("leases-reclaim", Some(json!({"remove": remove})));
                "reclaim"
            }
            _ => {
                self.server.reconfigure(configuration()).expect("a configuration");
                "reconfiguration"
            }
        }
    }

    /// A client says something of an address and a prefix.
    fn exchange(&mut self) -> &'static str {
        let number = self.chance.below(CLIENTS);
        let client = self.client(number);
        let duid: Vec<_> = client.duid.iter().map(|byte| format!("{byte:02x}")).collect();
        let duid = duid.join(":");
        let (kind, what) = [
            (MessageType::SOLICIT, "solicit"),
            (MessageType::REQUEST, "request"),
            (MessageType::REQUEST, "request"),
            (MessageType::RENEW, "renew"),
            (MessageType::REBIND, "rebind"),
            (MessageType::RELEASE, "release"),
            (MessageType::DECLINE, "decline"),
        ][self.chance.below(7)];
        let any = Ipv6Addr::from((0x2001_0db8_0008_u128 << 80) + 0x10 + self.chance.below(16) as u128);
        let mut addresses = self.places(&duid, "IA_NA");
        if self.chance.below(5) == 0 {
            addresses = vec![any];
        }
        let prefixes: Vec<_> = self.places(&duid, "IA_PD").into_iter().map(|prefix| (prefix, 56)).collect();
        let to_all = matches!(kind, MessageType::SOLICIT | MessageType::REBIND);
        let message = client.message(kind, (!to_all).then_some(&*self.server_id));
        let message = message.ia(1, Associated::Addresses(&addresses));
        let message = if kind == MessageType::DECLINE {
            message
        } else {
            message.ia(2, Associated::Prefixes(&prefixes))
        };
        self.say(&message, &duid);
        what
    }

    /// Brings a message to the server; what its reply says that the client has, it has.
    fn say(&self, message: &Message, duid: &str) {
        self.link.broadcast(message);
        let reply = self.link.reply_to(message);
        if reply.kind != MessageType::REPLY {
            return;
        }
        for (code, kind) in [(OptionCode::IA_NA, "IA_NA"), (OptionCode::IA_PD, "IA_PD")] {
            let granted = granted(&reply.bytes, code);
            let has: BTreeSet<_> = self.places(duid, kind).into_iter().collect();
            assert!(granted.is_subset(&has), "{duid} was told {granted:?} and has {has:?}");
        }
    }

    fn command(&mut self) -> &'static str {
        let chance = &mut self.chance;
        let mut lease = match chance.below(2) {
            0 => json!({"ip-address": format!("2001:db8:8::{:x}", 8 + chance.below(32))}),
            _ => {
                json!({"ip-address": format!("2001:db8:9000:{:x}00::", chance.below(16)), "type": "IA_PD", "prefix-len": 56})
            }
        };
        let iaid = if lease["type"] == "IA_PD" { 2 } else { 1 };
        let number = chance.below(CLIENTS);
        lease["duid"] = format!("00:03:00:01:00:0c:00:00:00:{number:02x}").into();
        lease["iaid"] = iaid.into();
        lease["subnet-id"] = 1.into();
        lease["state"] = [0, 0, 2, if iaid == 1 { 1 } else { 0 }][chance.below(4)].into();
        let command = ["lease6-add", "lease6-update", "lease6-del", "lease6-bulk-apply"][chance.below(4)];
        let arguments = match command {
            "lease6-del" => {
                json!({"ip-address": lease["ip-address"], "type": if iaid == 1 { "IA_NA" } else { "IA_PD" }})
            }
            "lease6-bulk-apply" => json!({"leases": [lease]}),
            _ => lease,
        };
        self.server.answer(command, Some(arguments));
        command
    }

    /// The statistics are what a recount says.
    fn assert_counted(&self, when: &str) {
        let mut counted =
            BTreeMap::from(["assigned-nas", "assigned-pds", "declined-addresses"].map(|name| (name, 0)));
        let mut places = BTreeSet::new();
        for lease in self.leases() {
            assert!(places.insert(lease["ip-address"].to_string()), "{when}: {lease} is there twice");
            let address: Ipv6Addr =
                lease["ip-address"].as_str().and_then(|it| it.parse().ok()).expect("an address");
            let in_pool = lease["type"] == "IA_PD" || (0x10..0x20).contains(&address.segments()[7]);
            let pool = match (lease["type"].as_str(), in_pool) {
                (Some("IA_PD"), _) => 4,
                (_, true) => 3,
                (_, false) => 0,
            };
            assert_eq!(lease["pool-id"].as_u64().unwrap_or(0), pool, "{when}: {lease}");
            let names: &[&str] = match (lease["type"].as_str(), lease["state"].as_u64()) {
                (Some("IA_NA"), Some(0)) => &["assigned-nas"],
                (Some("IA_NA"), Some(1)) => &["assigned-nas", "declined-addresses"],
                (Some("IA_PD"), Some(0)) => &["assigned-pds"],
                _ => &[],
            };
            names.iter().for_each(|name| *counted.entry(name).or_insert(0) += 1);
        }
        for (name, count) in counted {
            assert_eq!(self.server.statistic(&format!("subnet[1].{name}")), count, "{when}: {name}");
        }
    }
}

/// Exchanges of every kind about an address and a prefix each, commands about leases, time, reclamation and
/// reconfigurations.
#[test]
fn statistics_are_what_a_recount_says() {
    let mut happened = [0; 3];
    for seed in 0..5 {
        let mut scene = Scene::new(seed);
        for step in 0..150 {
            let what = scene.step();
            scene.assert_counted(&format!("seed {seed}, after step {step}, {what}"));
        }
        let names = ["cumulative-assigned-nas", "cumulative-assigned-pds", "reclaimed-leases"];
        for (sum, name) in happened.iter_mut().zip(names) {
            *sum += scene.server.statistic(&format!("subnet[1].{name}"));
        }
    }
    assert!(happened.iter().all(|count| *count > 50), "little happens: {happened:?}");
}

/// RFC 9915 §18.3: more clients than there are prefixes; each has another one, the last hear that there is none, and get one
/// as soon as somebody gives one back.
#[test]
fn prefixes_are_delegated_until_there_are_none() {
    let mut scene = Scene::new(1);
    let ask = |scene: &mut Scene, number: usize| {
        let message = scene.client(number).message(MessageType::REQUEST, Some(&scene.server_id.clone()));
        let message = message.ia(2, Associated::Prefixes(&[]));
        scene.link.broadcast(&message);
        granted(&scene.link.reply_to(&message).bytes, OptionCode::IA_PD)
    };
    let mut all = BTreeSet::new();
    for number in 0..16 {
        let granted = ask(&mut scene, number);
        assert_eq!(granted.len(), 1);
        all.extend(granted);
    }
    assert_eq!((all.len(), scene.server.statistic("subnet[1].assigned-pds")), (16, 16));
    assert!(ask(&mut scene, 16).is_empty());
    let first = *all.first().expect("a prefix");
    let holder = (0..16).find(|number| {
        let client = Client::new(*number as u32);
        let duid: Vec<_> = client.duid.iter().map(|byte| format!("{byte:02x}")).collect();
        scene.places(&duid.join(":"), "IA_PD") == [first]
    });
    let server_id = scene.server_id.clone();
    let release =
        scene.client(holder.expect("somebody has it")).message(MessageType::RELEASE, Some(&server_id));
    let release = release.ia(2, Associated::Prefixes(&[(first, 56)]));
    scene.link.broadcast(&release);
    scene.link.reply_to(&release);
    assert_eq!(ask(&mut scene, 16), BTreeSet::from([first]));
    assert_eq!(scene.server.statistic("subnet[1].assigned-pds"), 16);
}
