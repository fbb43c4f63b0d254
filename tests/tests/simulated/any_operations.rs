//! Whatever happens to leases and to the configuration, in any order: the statistics are what a recount says.

use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::Chance;
use kotare_testkit::{Client, Message};
use kotare_tests::world::eventually;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::link::Link;
use crate::recount::assert_counted;
use crate::server::{Server, config};
use crate::store::Database;

/// A server to which anything happens.
struct Scene {
    link: Link,
    server: Server,
    chance: Chance,
    sent: i64,
    xid: u32,
    /// The address that each client was given last.
    given: [Option<Ipv4Addr>; CLIENTS],
    /// How often something was reserved by command.
    reserved: i64,
}

const CLIENTS: usize = 12;

impl Scene {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let link = Link::default();
        let server = Server::with_database(&link, some_config(&mut chance), &Database::new());
        Self { link, server, chance, sent: 0, xid: 0, given: [None; CLIENTS], reserved: 0 }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.chance.below(limit)
    }

    /// The client of a number, with a transaction of its own; some have identifiers.
    fn client(&mut self, number: usize) -> Client {
        let number = number as u8;
        self.xid += 1;
        let client = Client::new(number.into());
        let client = if number.is_multiple_of(3) { client.with_id(&[0, number]) } else { client };
        Client { xid: self.xid, ..client }
    }

    /// Brings a message to the server and waits until what became of it is counted; the address that is given.
    fn say(&mut self, message: &Message) -> Option<Ipv4Addr> {
        self.link.broadcast(message);
        self.sent += 1;
        let (server, sent) = (&self.server, self.sent);
        eventually("it is counted", || (server.statistic("pkt4-received") == sent).then_some(()));
        let replies = self.link.take();
        replies.iter().find(|reply| reply.kind == MessageType::ACK).map(|ack| ack.yiaddr)
    }

    /// Something happens; what it was.
    fn step(&mut self) -> &'static str {
        match self.below(31) {
            0..=14 => return self.exchange(),
            15..=17 => return self.lease_command(),
            18..=19 => {
                let seconds = self.below(400) as u64;
                self.server.hands.advance(Duration::from_secs(seconds));
                return "time";
            }
            20..=21 => {
                let remove = self.below(2) == 0;
                self.server.answer("leases-reclaim", Some(json!({"remove": remove})));
                return "reclaim";
            }
            22..=23 => return self.subnet_command(),
            24..=26 => return self.reservation_command(),
            _ => {}
        }
        let config = some_config(&mut self.chance);
        match self.below(2) {
            0 => self.server.reconfigure(config).expect("a configuration"),
            _ => assert_eq!(self.server.answer("config-set", Some(config))["result"], 0),
        }
        "reconfiguration"
    }

    /// A client says something, right or wrong; what it was.
    fn exchange(&mut self) -> &'static str {
        let (number, what, message) = self.message();
        let given = self.say(&message);
        self.given[number] = given.or(self.given[number]);
        what
    }

    /// What a client says: its number, what it is and the message.
    fn message(&mut self) -> (usize, &'static str, Message) {
        let number = self.below(CLIENTS);
        let client = self.client(number);
        let any = some_address(&mut self.chance);
        // Mostly its own.
        let address = self.given[number].filter(|_| self.chance.below(5) > 0).unwrap_or(any);
        let server = self.server.address;
        let (what, message) = match self.below(9) {
            0 => ("discover", client.discover()),
            1 => ("discover for", client.discover().address(OptionCode::REQUESTED_ADDRESS, address)),
            2..=4 => {
                let request = client.request().address(OptionCode::SERVER_IDENTIFIER, server);
                let any = self.chance.below(3) > 0;
                (
                    "request",
                    if any { request } else { request.address(OptionCode::REQUESTED_ADDRESS, address) },
                )
            }
            5 => ("renew", client.renew(address)),
            6 => ("reboot", client.reboot(address)),
            7 => ("release", client.release(address, server)),
            _ => ("decline", client.decline(address, server)),
        };
        (number, what, message)
    }

    fn lease_command(&mut self) -> &'static str {
        let chance = &mut self.chance;
        let mut lease = json!({
            "ip-address": some_address(chance).to_string(), "hw-address": format!("02:00:00:00:00:{:02x}", chance.below(CLIENTS)),
            "subnet-id": SUBNET_IDS[chance.below(3)], "state": chance.below(4), "force-create": chance.below(2) == 0,
        });
        if chance.below(4) == 0 {
            lease["pool-id"] = [1, 7, 9][chance.below(3)].into();
        }
        let (command, arguments) = match chance.below(7) {
            0..=1 => ("lease4-add", lease),
            2..=3 => ("lease4-update", lease),
            4..=5 => ("lease4-del", json!({"ip-address": lease["ip-address"]})),
            _ => ("lease4-wipe", json!({"subnet-id": lease["subnet-id"]})),
        };
        self.server.answer(command, Some(arguments));
        command
    }

    fn subnet_command(&mut self) -> &'static str {
        let chance = &mut self.chance;
        let id = SUBNET_IDS[chance.below(3)];
        let pools = some_pools(chance, "203.0.113");
        let subnet = json!({"id": id, "subnet": "203.0.113.0/24", "pools": pools});
        let (command, arguments) = match chance.below(4) {
            0 => ("subnet4-add", json!({"subnet4": [subnet]})),
            1 => ("subnet4-del", json!({"id": id})),
            2 => ("subnet4-update", json!({"subnet4": [subnet]})),
            _ => ("subnet4-delta-add", json!({"subnet4": [subnet]})),
        };
        self.server.answer(command, Some(arguments));
        command
    }

    /// An address is reserved for a client, or no more; others may have a lease of it.
    fn reservation_command(&mut self) -> &'static str {
        let chance = &mut self.chance;
        let (id, address) = (SUBNET_IDS[chance.below(3)], some_address(chance).to_string());
        let mut host = json!({
            "subnet-id": id, "hw-address": format!("02:00:00:00:00:{:02x}", chance.below(CLIENTS)),
        });
        if chance.below(4) > 0 {
            host["ip-address"] = address.clone().into();
        }
        let (command, arguments) = match chance.below(4) {
            0..=1 => ("reservation-add", json!({"reservation": host})),
            2 => ("reservation-update", json!({"reservation": host})),
            _ => ("reservation-del", json!({"subnet-id": id, "ip-address": address})),
        };
        let mut arguments = arguments;
        arguments["operation-target"] = "memory".into();
        let done = self.server.answer(command, Some(arguments))["result"] == 0;
        self.reserved += i64::from(done && command != "reservation-del");
        command
    }
}

const SUBNET_IDS: [u32; 3] = [1, 2, 3];

/// An address of one of the subnets that there may be, in a pool or beside it.
fn some_address(chance: &mut Chance) -> Ipv4Addr {
    let end = 9 + chance.below(12) as u8;
    [Ipv4Addr::new(192, 0, 2, end), Ipv4Addr::new(198, 51, 100, end), Ipv4Addr::new(203, 0, 113, end)]
        [[0, 0, 0, 1, 2][chance.below(5)]]
}

/// Pools around the same addresses: they grow, shrink, are split, and change their ids.
fn some_pools(chance: &mut Chance, network: &str) -> Value {
    let pool = |first: usize, last: usize, id: usize| {
        let mut pool = json!({"pool": format!("{network}.{first} - {network}.{last}")});
        if id > 0 {
            pool["pool-id"] = id.into();
        }
        pool
    };
    let mut id = || [0, 1, 7][chance.below(3)];
    let (one, two) = (id(), id());
    match chance.below(12) {
        0 => json!([]),
        1..=4 => json!([pool(10, 19, one)]),
        5..=8 => json!([pool(10, 13, one), pool(14, 19, two)]),
        9..=10 => json!([pool(12, 14, one)]),
        _ => json!([pool(15, 16, two), pool(10, 11, one)]),
    }
}

/// A configuration of the same few subnets, with other ids, pools and ways to give addresses, or without one of them.
fn some_config(chance: &mut Chance) -> Value {
    let mut config = config([1, 3][chance.below(2)], 53);
    let dhcp4 = &mut config["Dhcp4"];
    dhcp4["hooks-libraries"] = ["lease", "subnet", "host"]
        .map(|commands| json!({"library": format!("libdhcp_{commands}_cmds.so")}))
        .to_vec()
        .into();
    // Nothing happens by itself.
    let hold = [0, 3600][chance.below(2)];
    dhcp4["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": hold});
    dhcp4["valid-lifetime"] = 600.into();
    dhcp4["decline-probation-period"] = 300.into();
    dhcp4["offer-lifetime"] = [0, 60][chance.below(2)].into();
    dhcp4["allocator"] = ["iterative", "random", "flq"][chance.below(3)].into();
    let first = chance.below(2);
    let mut subnets = vec![];
    for (at, network) in ["192.0.2", "198.51.100"].into_iter().enumerate() {
        if at == 0 || chance.below(3) > 0 {
            let id = SUBNET_IDS[(first + at) % 2];
            subnets.push(
                json!({"id": id, "subnet": format!("{network}.0/24"), "pools": some_pools(chance, network)}),
            );
        }
    }
    match chance.below(2) {
        0 => {
            dhcp4["subnet4"] = json!([]);
            dhcp4["shared-networks"] = json!([{"name": "floor", "subnet4": subnets}]);
        }
        _ => dhcp4["subnet4"] = subnets.into(),
    }
    config
}

/// Exchanges of every kind, commands about leases, subnets and reservations, time, reclamation and reconfigurations.
#[test]
fn statistics_are_what_a_recount_says() {
    let mut happened = [0; 4];
    for seed in 0..5 {
        let mut scene = Scene::new(seed);
        let (mut ever, mut declined) = (0, 0);
        for step in 0..150 {
            let what = scene.step();
            assert_counted(&scene.server, &format!("seed {seed}, after step {step}, {what}"));
            let now = scene.server.statistic("cumulative-assigned-addresses");
            assert!(now >= ever, "seed {seed}, after step {step}, {what}: {now} is less than {ever}");
            ever = now;
            declined = declined.max(scene.server.statistic("declined-addresses"));
        }
        let reclaimed = scene.server.statistic("reclaimed-leases");
        happened
            .iter_mut()
            .zip([ever, declined, reclaimed, scene.reserved])
            .for_each(|(sum, more)| *sum += more);
    }
    let [given, declined, reclaimed, reserved] = happened;
    assert!(given > 50 && declined > 2 && reclaimed > 10 && reserved > 10, "little happens: {happened:?}");
}

/// The same while clients do not wait for each other, nor for the commands and reconfigurations that come between: once
/// all are served, nothing was counted twice or forgotten.
#[test]
fn statistics_are_right_whatever_meets() {
    for seed in 100..104 {
        let mut scene = Scene::new(seed);
        for round in 0..25 {
            for _ in 0..8 {
                for _ in 0..4 {
                    let (_, _, message) = scene.message();
                    scene.link.broadcast(&message);
                    scene.sent += 1;
                }
                match scene.below(5) {
                    0 => drop(scene.lease_command()),
                    1 => drop(scene.subnet_command()),
                    2 => drop(scene.reservation_command()),
                    3 => drop(scene.server.answer("leases-reclaim", Some(json!({"remove": true})))),
                    _ => scene.server.reconfigure(some_config(&mut scene.chance)).expect("a configuration"),
                }
            }
            scene.server.hands.advance(Duration::from_secs(100));
            let (server, link, sent) = (&scene.server, &scene.link, scene.sent);
            eventually("all are counted", || {
                (server.statistic("pkt4-received") + link.lost() as i64 == sent).then_some(())
            });
            for ack in scene.link.take().iter().filter(|reply| reply.kind == MessageType::ACK) {
                let number = usize::from(ack.chaddr[5]);
                scene.given[number % CLIENTS] = Some(ack.yiaddr);
            }
            assert_counted(&scene.server, &format!("seed {seed}, round {round}"));
        }
    }
}
