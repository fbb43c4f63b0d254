//! Servers on the nodes of a Galera cluster, each with a node beside it: one node is killed, another is cut off from the
//! others, both under load, and come back.

use std::collections::{BTreeMap, HashSet};
use std::net::Ipv4Addr;

use kotare_tests::database::{DatabaseServer, PASSWORD, USER, galera};
use kotare_tests::world::{Host, Load, Server, World, busy_configuration, eventually, program, sandboxed};

/// The name of the database.
const NAME: &str = "kea";
/// Where the nodes are for each other.
const NODES: [&str; 3] = ["10.9.0.1", "10.9.0.2", "10.9.0.3"];

/// A host of the cluster: with a node of the database and a DHCP server, and a relay agent to the latter.
struct Site {
    host: Host,
    relay: Host,
}

impl Site {
    fn new(world: &World, number: usize) -> Self {
        let (host, relay) = (world.host(&format!("site{number}")), world.host(&format!("relay{number}")));
        world.cable((&host, "eth0"), (&relay, "eth0"));
        host.address("eth0", "192.0.2.1/24");
        relay.address("eth0", "192.0.2.2/24");
        Self { host, relay }
    }

    /// A server that has its leases in the node beside it, and waits for it as long as it takes.
    fn server(&self, world: &World, node: &DatabaseServer) -> Server {
        let mut map = busy_configuration();
        map["lease-database"] = node.map(NAME);
        map["lease-database"]["max-reconnect-tries"] = 10_000.into();
        map["lease-database"]["reconnect-wait-time"] = 200.into();
        Server::kotare(world, &self.host, self.host.name(), map)
    }

    /// Clients of its own, who go on asking.
    fn load(&self, world: &World, number: usize) -> Load {
        let first = (number * 1_000_000).to_string();
        let options = ["--first", &first, "--clients", "100000", "--in-flight", "8", "--until-closed"];
        let patient = ["--seconds", "600", "--resend", "2", "--silence", "120"];
        Load::start(world, &self.relay, "192.0.2.1", "192.0.2.2", &[&options[..], &patient].concat())
    }
}

/// The leases that a node has, by hardware address.
fn rows(node: &DatabaseServer) -> BTreeMap<String, Ipv4Addr> {
    let text = node.administer(
        NAME,
        "SELECT concat(lower(hex(hwaddr)), ' ', inet_ntoa(address)) FROM lease4 WHERE state = 0",
    );
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.map(|(mac, address)| (mac.to_owned(), address.parse().expect("an address"))).collect()
}

fn acknowledges(server: &Server) {
    let before = server.statistic("pkt4-ack-sent");
    eventually("clients are served", || (server.statistic("pkt4-ack-sent") > before).then_some(()));
}

fn loses_its_node(server: &Server) {
    eventually("the server has lost its node", || {
        let status = server.command("status-get", None);
        (status["arguments"]["lease-store"]["status"] == "failing").then_some(())
    });
}

#[test]
fn a_cluster_survives_its_nodes() {
    sandboxed("a_cluster_survives_its_nodes", |world| {
        let wire = world.link("wire");
        let sites: Vec<Site> = (0..3).map(|number| Site::new(world, number)).collect();
        for (site, address) in sites.iter().zip(NODES) {
            wire.join(&site.host, "eth1");
            site.host.address("eth1", &format!("{address}/24"));
        }
        let places: Vec<_> = sites.iter().zip(NODES).map(|(site, address)| (&site.host, address)).collect();
        let Some(mut nodes) = galera(&places) else { return };
        nodes[0].create(NAME);
        let socket = nodes[0].host().display().to_string();
        let admin = ["db-init", "mysql", "-n", NAME, "-h", &socket, "-u", USER, "-p", PASSWORD];
        sites[0].host.run(program("kea-admin"), &admin);
        nodes[1].run();
        nodes[2].run();
        let servers: Vec<Server> =
            sites.iter().zip(&nodes).map(|(site, node)| site.server(world, node)).collect();
        let loads: Vec<Load> =
            (sites.iter().enumerate()).map(|(number, site)| site.load(world, number)).collect();
        servers.iter().for_each(acknowledges);

        nodes[1].kill();
        loses_its_node(&servers[1]);
        acknowledges(&servers[0]);
        acknowledges(&servers[2]);
        nodes[1].run();
        acknowledges(&servers[1]);

        sites[2].host.ip("link set eth1 down");
        loses_its_node(&servers[2]);
        acknowledges(&servers[0]);
        acknowledges(&servers[1]);
        sites[2].host.ip("link set eth1 up");
        acknowledges(&servers[2]);

        let (mut given, mut clients) = (HashSet::new(), 0);
        let mut kept = BTreeMap::new();
        for load in loads {
            let (_, acknowledged) = load.finish();
            assert!(!acknowledged.is_empty());
            clients += acknowledged.len();
            given.extend(acknowledged.values().cloned());
            kept.extend(acknowledged);
        }
        assert_eq!(given.len(), clients, "each has another address");
        for node in &nodes {
            let has_all = || {
                let rows = rows(node);
                let is_there = |(mac, address): (&String, &String)| {
                    rows.get(&mac.replace(':', "")).is_some_and(|row| row.to_string() == *address)
                };
                kept.iter().all(is_there).then_some(())
            };
            eventually("the node has what was acknowledged", has_all);
        }
        servers.into_iter().for_each(|server| assert!(server.stop()));
    });
}
