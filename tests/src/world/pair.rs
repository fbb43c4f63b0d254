//! Two servers that are partners (high availability), of either family, ours or Debian's Kea.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{
    Family, Host, OwnClock, PATIENCE, ServerOf, World, eventually, eventually_within, partner, program,
};

/// Which program a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours.
    Ours,
    /// Debian's Kea.
    Keas,
}

/// Two servers, `server1` and `server2`, each on a host of its own.
#[derive(Debug)]
pub struct Pair<'a, F: Family> {
    world: &'a World,
    hosts: [Host; 2],
    kinds: [Kind; 2],
    maps: [Value; 2],
    servers: [Option<ServerOf<F>>; 2],
    /// What starts one of ours, if not its program.
    starts: [Option<PathBuf>; 2],
}

impl<'a, F: Family> Pair<'a, F> {
    /// Starts them; see [`Self::new`].
    pub fn start(
        world: &'a World,
        hosts: [Host; 2],
        urls: [&str; 2],
        kinds: [Kind; 2],
        map: &Value,
        relationship: &Value,
    ) -> Option<Self> {
        let mut pair = Self::new(world, hosts, urls, kinds, map, relationship)?;
        pair.run(0);
        pair.run(1);
        Some(pair)
    }

    /// Two servers that do not run yet; `None` where Debian's Kea is wanted and not unpacked. `map` is what they serve, `urls` where they
    /// listen for each other, `relationship` what is as the test wants it in theirs, with its `mode`.
    pub fn new(
        world: &'a World,
        hosts: [Host; 2],
        urls: [&str; 2],
        kinds: [Kind; 2],
        map: &Value,
        relationship: &Value,
    ) -> Option<Self> {
        if kinds.contains(&Kind::Keas) && partner("libdhcp_ha.so").is_none() {
            return None;
        }
        let maps = [0, 1].map(|own| complete(map, relationship, urls, kinds[own], own));
        Some(Self { world, hosts, kinds, maps, servers: [None, None], starts: [None, None] })
    }

    /// What a server is configured with when it is started the next time.
    pub fn map(&mut self, own: usize) -> &mut Value {
        &mut self.maps[own]
    }

    /// The relationship in that.
    pub fn relationship(&mut self, own: usize) -> &mut Value {
        &mut self.maps[own]["hooks-libraries"][1]["parameters"]["high-availability"][0]
    }

    /// Starts a server, or starts it again.
    pub fn run(&mut self, own: usize) {
        let (name, map) = (format!("server{}", own + 1), self.maps[own].clone());
        self.servers[own] = Some(match self.kinds[own] {
            Kind::Ours => {
                let starts = self.starts[own].clone().unwrap_or_else(|| program(F::SERVER));
                ServerOf::start(self.world, &self.hosts[own], &name, &starts, map)
            }
            Kind::Keas => ServerOf::kea(self.world, &self.hosts[own], &name, map).expect("Debian's Kea"),
        });
    }

    /// From its next start on a server goes by this clock.
    pub fn goes_by(&mut self, own: usize, clock: &OwnClock) {
        self.starts[own] = Some(clock.starts(&program(F::SERVER)));
    }

    /// A server that runs.
    pub fn server(&self, own: usize) -> &ServerOf<F> {
        self.servers[own].as_ref().expect("it runs")
    }

    /// The host of a server.
    pub fn host(&self, own: usize) -> &Host {
        &self.hosts[own]
    }

    /// Ends a server without a word to anybody.
    pub fn kill(&mut self, own: usize) {
        let mut server = self.servers[own].take().expect("it runs");
        server.signal("KILL");
        server.wait();
    }

    /// Ends a server; whether it ends in order.
    pub fn stop_one(&mut self, own: usize) -> bool {
        self.servers[own].take().expect("it runs").stop()
    }

    /// From its next start on a server is of this kind. Its configuration and its leases stay as they are.
    pub fn replace(&mut self, own: usize, kind: Kind) {
        self.kinds[own] = kind;
    }

    /// Ends both; whether they end in order.
    pub fn stop(self) -> bool {
        self.servers.into_iter().flatten().all(ServerOf::stop)
    }

    /// The state that a server says it is in.
    pub fn state(&self, own: usize) -> String {
        let status = self.server(own).command("status-get", None);
        let local = &status["arguments"]["high-availability"][0]["ha-servers"]["local"];
        local["state"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the servers are in these states.
    pub fn awaits(&self, states: [&str; 2]) {
        eventually_within(2 * PATIENCE, &format!("the servers are in {states:?}"), || {
            // One that was frozen may leave what it was in when it has heard of the other.
            let are = [0, 1].map(|own| self.state(own)) == states && self.state(0) == states[0];
            are.then_some(())
        });
    }

    /// Waits until a server is in a state.
    pub fn awaits_one(&self, own: usize, state: &str) {
        eventually(&format!("server{} is in {state}", own + 1), || (self.state(own) == state).then_some(()));
    }

    /// What matters of all leases of a server, by address.
    pub fn leases(&self, own: usize) -> BTreeMap<String, Value> {
        let number = F::SERVER.trim_start_matches("kea-dhcp");
        let all = self.server(own).command(&format!("lease{number}-get-all"), None);
        let list = all["arguments"]["leases"].as_array().cloned().unwrap_or_default();
        let keys = [
            "client-id",
            "cltt",
            "duid",
            "hostname",
            "hw-address",
            "iaid",
            "prefix-len",
            "state",
            "subnet-id",
            "type",
            "valid-lft",
        ];
        let matters = |lease: &Value| json!(keys.map(|key| lease.get(key).cloned()));
        let address = |lease: &Value| lease["ip-address"].as_str().unwrap_or_default().to_owned();
        list.iter().map(|lease| (address(lease), matters(lease))).collect()
    }

    /// Waits until both have the same leases.
    pub fn agree(&self) {
        eventually("both servers have the same leases", || {
            let [one, other] = [0, 1].map(|own| self.leases(own));
            (one == other && !one.is_empty()).then_some(())
        });
    }
}

/// What a server serves, with its side of the relationship.
fn complete(map: &Value, changes: &Value, urls: [&str; 2], kind: Kind, own: usize) -> Value {
    let second = match changes["mode"].as_str() {
        Some("hot-standby") => "standby",
        Some("passive-backup") => "backup",
        _ => "secondary",
    };
    let peer = |at: usize| {
        let role = ["primary", second][at];
        json!({"name": format!("server{}", at + 1), "url": urls[at], "role": role, "auto-failover": true})
    };
    let mut relationship = json!({
        "this-server-name": format!("server{}", own + 1),
        "heartbeat-delay": 250,
        "max-response-delay": 2000,
        "max-ack-delay": 1000,
        "max-unacked-clients": 0,
        "sync-page-limit": 3,
        "multi-threading": {"enable-multi-threading": true, "http-dedicated-listener": true,
            "http-listener-threads": 2, "http-client-threads": 2},
        "peers": [peer(0), peer(1)],
    });
    let mut set = |key: &str, value: &Value| relationship[key] = value.clone();
    changes.as_object().into_iter().flatten().for_each(|(key, value)| set(key, value));
    let library = |name: &str| match kind {
        Kind::Ours => format!("/usr/lib/kea/hooks/{name}"),
        Kind::Keas => partner(name).expect("a library of Kea's").display().to_string(),
    };
    let mut map = map.clone();
    map["multi-threading"] =
        json!({"enable-multi-threading": true, "thread-pool-size": 2, "packet-queue-size": 16});
    map["hooks-libraries"] = json!([
        {"library": library("libdhcp_lease_cmds.so")},
        {"library": library("libdhcp_ha.so"), "parameters": {"high-availability": [relationship]}},
    ]);
    map
}
