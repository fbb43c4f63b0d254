//! High availability of `kea-dhcp4` with real clients: pairs of ours, and pairs with Debian's Kea 2.2 as the partner.

use std::collections::BTreeMap;

use kotare_tests::world::{
    Client, ClientProgram, Host, Lan, Server, World, eventually, lan_configuration, partner, sandboxed,
};
use serde_json::{Value, json};

/// Which program a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ours,
    Keas,
}

use Kind::{Keas, Ours};

/// A link with two servers that are partners.
struct Pair<'a> {
    world: &'a World,
    lan: Lan<'a>,
    hosts: [Host; 2],
    kinds: [Kind; 2],
    mode: &'static str,
    servers: [Option<Server>; 2],
}

impl<'a> Pair<'a> {
    /// Both servers in their normal state; `None` where Debian's Kea is wanted and not unpacked.
    fn start(world: &'a World, mode: &'static str, kinds: [Kind; 2]) -> Option<Self> {
        if kinds.contains(&Keas) && partner("libdhcp_ha.so").is_none() {
            return None;
        }
        let lan = world.lan();
        let hosts = ["server1", "server2"].map(|name| lan.host(name));
        hosts[0].address("eth0", "192.0.2.11/24");
        hosts[1].address("eth0", "192.0.2.12/24");
        let mut pair = Self { world, lan, hosts, kinds, mode, servers: [None, None] };
        pair.run(0);
        pair.run(1);
        pair.is_normal();
        Some(pair)
    }

    fn configuration(&self, own: usize) -> Value {
        let peers: Vec<_> = [0, 1]
            .map(|at: usize| {
                let role = match (at, self.mode) {
                    (0, _) => "primary",
                    (_, "hot-standby") => "standby",
                    _ => "secondary",
                };
                json!({"name": format!("server{}", at + 1), "url": format!("http://192.0.2.1{}:8005/", at + 1),
                    "role": role, "auto-failover": true})
            })
            .into();
        let relationship = json!({
            "this-server-name": format!("server{}", own + 1),
            "mode": self.mode,
            "heartbeat-delay": 500,
            "max-response-delay": 2000,
            "max-ack-delay": 1000,
            "max-unacked-clients": 0,
            "sync-page-limit": 3,
            "multi-threading": {"enable-multi-threading": true, "http-dedicated-listener": true,
                "http-listener-threads": 2, "http-client-threads": 2},
            "peers": peers,
        });
        let library = |name: &str| match self.kinds[own] {
            Ours => format!("/usr/lib/kea/hooks/{name}"),
            Keas => partner(name).expect("a library").display().to_string(),
        };
        let mut dhcp4 = lan_configuration();
        dhcp4["multi-threading"] =
            json!({"enable-multi-threading": true, "thread-pool-size": 2, "packet-queue-size": 16});
        dhcp4["hooks-libraries"] = json!([
            {"library": library("libdhcp_lease_cmds.so")},
            {"library": library("libdhcp_ha.so"), "parameters": {"high-availability": [relationship]}},
        ]);
        dhcp4
    }

    /// Starts a server, or starts it again.
    fn run(&mut self, own: usize) {
        let (name, map) = (format!("server{}", own + 1), self.configuration(own));
        self.servers[own] = Some(match self.kinds[own] {
            Ours => Server::kotare(self.world, &self.hosts[own], &name, map),
            Keas => Server::kea(self.world, &self.hosts[own], &name, map).expect("Debian's Kea"),
        });
    }

    fn server(&self, own: usize) -> &Server {
        self.servers[own].as_ref().expect("it runs")
    }

    /// Ends a server without a word to anybody.
    fn kill(&mut self, own: usize) {
        let mut server = self.servers[own].take().expect("it runs");
        server.signal("KILL");
        server.wait();
    }

    fn state(&self, own: usize) -> String {
        state(self.server(own))
    }

    fn awaits(&self, own: usize, state: &str) {
        eventually(&format!("server{} is in {state}; {}", own + 1, self.server(own).log().len()), || {
            (self.state(own) == state).then_some(())
        });
    }

    fn is_normal(&self) {
        self.awaits(0, self.mode);
        self.awaits(1, self.mode);
    }

    /// A client gets a lease; the address and the server that gave it.
    fn client(&self, name: &str, program: ClientProgram) -> (Client, String, String) {
        let mut client = self.lan.client(name, program);
        let event = client.obtain();
        let (address, server) = (event.address().to_string(), event.server().to_string());
        (client, address, server)
    }

    /// Both have the same leases.
    fn agree(&self) {
        eventually("both servers have the same leases", || {
            let [one, other] = [0, 1].map(|own| leases(self.server(own)));
            (one == other && !one.is_empty()).then_some(())
        });
    }
}

fn state(server: &Server) -> String {
    let status = server.command("status-get", None);
    let local = &status["arguments"]["high-availability"][0]["ha-servers"]["local"];
    local["state"].as_str().unwrap_or_default().to_owned()
}

/// What matters of all leases of a server, by address.
fn leases(server: &Server) -> BTreeMap<String, Value> {
    let all = server.command("lease4-get-all", None);
    let list = all["arguments"]["leases"].as_array().cloned().unwrap_or_default();
    let matters = |lease: &Value| {
        let keys = ["client-id", "cltt", "hostname", "hw-address", "state", "subnet-id", "valid-lft"];
        json!(keys.map(|key| lease.get(key).cloned()))
    };
    list.iter()
        .map(|lease| (lease["ip-address"].as_str().unwrap_or_default().to_owned(), matters(lease)))
        .collect()
}

/// The manual's hot-standby pair: the primary answers and the standby has every lease before its client; when the primary
/// is gone, the standby answers, and what it gave is at the primary when that is back.
fn a_standby_takes_over(world: &World, kinds: [Kind; 2]) {
    let Some(mut pair) = Pair::start(world, "hot-standby", kinds) else { return };
    let mut clients = BTreeMap::new();
    for program in ClientProgram::ALL {
        let (client, address, server) = pair.client(program.name(), program);
        assert_eq!(server, "192.0.2.11");
        // The standby was told before the client was.
        assert!(leases(pair.server(1)).contains_key(&address), "{address}");
        clients.insert(program.name(), (client, address));
    }
    pair.agree();
    pair.kill(0);
    pair.awaits(1, "partner-down");
    let (_, late, server) = pair.client("late", ClientProgram::ALL[0]);
    assert_eq!(server, "192.0.2.12");
    for (client, address) in clients.values_mut() {
        client.kill();
        assert_eq!(client.obtain().address().to_string(), *address, "everybody keeps what he has");
    }
    pair.run(0);
    pair.is_normal();
    assert!(leases(pair.server(0)).contains_key(&late));
    pair.agree();
    // The other way around: the primary does without its standby.
    pair.kill(1);
    pair.awaits(0, "partner-down");
    let (mut gone, released, server) = pair.client("alone", ClientProgram::ALL[0]);
    assert_eq!(server, "192.0.2.11");
    pair.run(1);
    pair.is_normal();
    assert!(leases(pair.server(1)).contains_key(&released));
    pair.agree();
    // What is given back is given back at both.
    gone.release();
    pair.agree();
    assert!(pair.servers.into_iter().flatten().all(Server::stop), "both end in order");
}

#[test]
fn a_standby_of_ours_takes_over_from_ours() {
    sandboxed("a_standby_of_ours_takes_over_from_ours", |world| a_standby_takes_over(world, [Ours, Ours]));
}

#[test]
fn a_standby_of_ours_takes_over_from_kea() {
    sandboxed("a_standby_of_ours_takes_over_from_kea", |world| a_standby_takes_over(world, [Keas, Ours]));
}

#[test]
fn a_standby_of_kea_takes_over_from_ours() {
    sandboxed("a_standby_of_kea_takes_over_from_ours", |world| a_standby_takes_over(world, [Ours, Keas]));
}
