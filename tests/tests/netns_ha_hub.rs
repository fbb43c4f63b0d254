//! A hub that stands by for two branches, each with a relationship and a subnet of its own (manual, "Hub and Spoke").

use kotare_tests::world::{
    Client, ClientProgram, Host, Link, Server, World, eventually, lan_configuration, sandboxed,
};
use serde_json::{Value, json};

/// A branch, and the link that it and the hub are on.
struct Branch {
    link: Link,
    host: Host,
    /// The number of its subnet.
    number: usize,
}

/// The names of the servers of a relationship, the branch first.
const NAMES: [[&str; 2]; 2] = [["server1", "server2"], ["server3", "server4"]];

/// The networks of both.
const NETWORKS: [&str; 2] = ["192.0.2", "198.51.100"];

fn relationship(number: usize, own: usize) -> Value {
    let (names, network) = (NAMES[number], NETWORKS[number]);
    json!({
        "this-server-name": names[own], "mode": "hot-standby",
        "heartbeat-delay": 250, "max-response-delay": 2000, "max-ack-delay": 1000, "max-unacked-clients": 0,
        "multi-threading": {"enable-multi-threading": true, "http-dedicated-listener": true,
            "http-listener-threads": 2, "http-client-threads": 2},
        "peers": [
            {"name": names[0], "url": format!("http://{network}.11:8005/"), "role": "primary"},
            {"name": names[1], "url": format!("http://{network}.12:8005/"), "role": "standby"},
        ],
    })
}

fn subnet(number: usize) -> Value {
    let network = NETWORKS[number];
    json!({"id": number + 1, "subnet": format!("{network}.0/24"), "pools": [{"pool": format!("{network}.100 - {network}.199")}],
        "user-context": {"ha-server-name": NAMES[number][1]}})
}

fn map(relationships: Vec<Value>, subnets: Vec<Value>) -> Value {
    let mut map = lan_configuration();
    map["interfaces-config"] = json!({"interfaces": ["*"]});
    map["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"},
        {"library": "libdhcp_ha.so", "parameters": {"high-availability": relationships}}]);
    map["subnet4"] = subnets.into();
    map
}

impl Branch {
    fn new(world: &World, hub: &Host, number: usize) -> Self {
        let name = format!("branch{number}");
        let (link, host) = (world.link(&format!("link{number}")), world.host(&name));
        link.join(&host, "eth0");
        link.join(hub, &format!("eth{number}"));
        host.address("eth0", &format!("{}.11/24", NETWORKS[number]));
        hub.address(&format!("eth{number}"), &format!("{}.12/24", NETWORKS[number]));
        Self { link, host, number }
    }

    fn run(&self, world: &World) -> Server {
        let map = map(vec![relationship(self.number, 0)], vec![subnet(self.number)]);
        Server::kotare(world, &self.host, self.host.name(), map)
    }

    /// A client on the link, the address that it has, and who gave it.
    fn client(&self, world: &World, name: &str) -> (Client, String, String) {
        let host = world.host(name);
        self.link.join(&host, "eth0");
        let mut client = Client::new(world, &host, "eth0", ClientProgram::ALL[0]);
        let event = client.obtain();
        (client, event.address().to_string(), event.server().to_string())
    }
}

/// The states of the relationships of a server.
fn awaits(server: &Server, states: &[&str]) {
    eventually(&format!("a server is in {states:?}"), || {
        let status = server.command("status-get", None);
        let list = status["arguments"]["high-availability"].as_array().cloned().unwrap_or_default();
        let all: Vec<_> = list.iter().filter_map(|it| it["ha-servers"]["local"]["state"].as_str()).collect();
        (all == states).then_some(())
    });
}

/// The addresses of all leases of a server, in their order.
fn leases(server: &Server) -> Vec<String> {
    let all = server.command("lease4-get-all", None);
    let list = all["arguments"]["leases"].as_array().cloned().unwrap_or_default();
    let mut leases: Vec<_> =
        list.iter().filter_map(|lease| lease["ip-address"].as_str().map(str::to_owned)).collect();
    leases.sort();
    leases
}

/// Each branch answers its own clients, the hub those of a branch that is gone, and no others; what it gave is at that branch
/// when it is back, and at no other.
#[test]
fn a_hub_stands_by_for_branches() {
    sandboxed("a_hub_stands_by_for_branches", |world| {
        let host = world.host("hub");
        let branches = [0, 1].map(|number| Branch::new(world, &host, number));
        let both = |of: fn(usize) -> Value| vec![of(0), of(1)];
        let hub =
            Server::kotare(world, &host, "hub", map(both(|number| relationship(number, 1)), both(subnet)));
        let mut servers = branches.each_ref().map(|branch| branch.run(world));
        awaits(&hub, &["hot-standby", "hot-standby"]);
        servers.iter().for_each(|server| awaits(server, &["hot-standby"]));
        let [one, other] = [0, 1].map(|number| {
            let (client, address, gave) = branches[number].client(world, &format!("first{number}"));
            assert_eq!(gave, format!("{}.11", NETWORKS[number]));
            (client, address)
        });
        assert_eq!(leases(&hub), [one.1.clone(), other.1.clone()]);

        servers[0].signal("KILL");
        servers[0].wait();
        awaits(&hub, &["partner-down", "hot-standby"]);
        let (_late, late, gave) = branches[0].client(world, "late0");
        assert_eq!(gave, "192.0.2.12");
        let (_late, elsewhere, gave) = branches[1].client(world, "late1");
        assert_eq!(gave, "198.51.100.11", "the other branch is there");
        servers[0] = branches[0].run(world);
        awaits(&hub, &["hot-standby", "hot-standby"]);
        awaits(&servers[0], &["hot-standby"]);
        let mut expected = vec![one.1, late];
        expected.sort();
        assert_eq!(leases(&servers[0]), expected, "and no lease of the other branch");

        // A command says which relationship it means, and what is asked of the hub is asked of both partners.
        let reset = hub.command("ha-reset", Some(json!({"server-name": "server3"})));
        assert_eq!(reset["result"], 0, "{reset}");
        awaits(&hub, &["hot-standby", "hot-standby"]);
        let nobody = hub.command("ha-reset", Some(json!({"server-name": "server9"})));
        assert_eq!(nobody["result"], 1, "{nobody}");
        let started = hub.command("ha-maintenance-start", None);
        assert_eq!(started["result"], 0, "{started}");
        awaits(&hub, &["partner-in-maintenance", "partner-in-maintenance"]);
        servers.iter().for_each(|server| awaits(server, &["in-maintenance"]));
        let cancelled = hub.command("ha-maintenance-cancel", None);
        assert_eq!(cancelled["result"], 0, "{cancelled}");
        awaits(&hub, &["hot-standby", "hot-standby"]);
        servers.iter().for_each(|server| awaits(server, &["hot-standby"]));
        let of_other: Vec<_> = leases(&servers[1]);
        assert!(of_other.contains(&other.1) && of_other.contains(&elsewhere) && of_other.len() == 2);
        assert!(hub.stop() && servers.into_iter().all(Server::stop), "all end in order");
    });
}

/// A subnet of a hub that is of no relationship is told of for each message of its clients, and they are answered as soon as
/// it says whose it is.
#[test]
fn a_subnet_says_whose_it_is() {
    sandboxed("a_subnet_says_whose_it_is", |world| {
        let host = world.host("hub");
        let branches = [0, 1].map(|number| Branch::new(world, &host, number));
        let both = |of: fn(usize) -> Value| vec![of(0), of(1)];
        let hub =
            Server::kotare(world, &host, "hub", map(both(|number| relationship(number, 1)), both(subnet)));
        awaits(&hub, &["partner-down", "partner-down"]);
        let mut all = hub.command("config-get", None)["arguments"].take();
        all.as_object_mut().expect("a map").remove("hash");
        let mut with = |context: Value| {
            all["Dhcp4"]["subnet4"][0]["user-context"] = context;
            let set = hub.command("config-set", Some(all.clone()));
            assert_eq!(set["result"], 0, "{set}");
        };
        let asking = world.host("client");
        branches[0].link.join(&asking, "eth0");
        let mut client = Client::new(world, &asking, "eth0", ClientProgram::ALL[0]);
        with(json!({"ha-server-name": 7}));
        client.start();
        let invalid = "invalid ha-server-name value for subnet 192.0.2.0/24";
        hub.await_log(&["HA_SUBNET4_SELECT_INVALID_HA_SERVER_NAME", invalid]);
        assert!(hub.statistic("pkt4-processing-failed") > 0);
        with(json!({"ha-server-name": "server9"}));
        let unknown = "HA relationship not found for server9";
        hub.await_log(&["HA_SUBNET4_SELECT_NO_RELATIONSHIP_FOR_SUBNET", unknown]);
        with(json!({}));
        let lacks = "because selected subnet 192.0.2.0/24 lacks the ha-server-name";
        hub.await_log(&["HA_SUBNET4_SELECT_NO_RELATIONSHIP_SELECTOR_FOR_SUBNET", lacks]);
        assert!(hub.statistic("pkt4-not-for-us") > 0);
        with(json!({"ha-server-name": "server1"}));
        client.leased();
        // Its lease expires when nobody knows whose it is, and is nobody's but this server's then.
        with(json!({"ha-server-name": 7}));
        let lease = json!({"ip-address": "192.0.2.180", "hw-address": "02:00:00:00:00:99", "subnet-id": 1,
            "valid-lft": 1, "expire": 1_000_000_000});
        assert_eq!(hub.command("lease4-add", Some(lease))["result"], 0);
        assert_eq!(hub.command("leases-reclaim", Some(json!({"remove": true})))["result"], 0);
        hub.await_log(&["HA_LEASE4_EXPIRE_INVALID_HA_SERVER_NAME", "192.0.2.180", invalid]);
        assert!(!leases(&hub).contains(&"192.0.2.180".to_owned()));
        assert!(hub.stop(), "it ends in order");
    });
}
