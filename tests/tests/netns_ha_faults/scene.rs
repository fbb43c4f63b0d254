//! A pair on a link with clients, of either family.

use std::time::Duration;

use kotare_tests::world::{
    Client6Program, ClientProgram, Family, Host, Kind, Lan, Lan6, Load, Load6, Pair, Turns, V4, V6, Wish,
    World, busy_configuration, busy6_configuration, lan_configuration, lan6_configuration,
};
use serde_json::{Value, json};

/// A family on a link.
pub(crate) trait Linked: Family + Sized {
    /// The addresses of the servers and of a relay agent.
    const ADDRESSES: [&'static str; 3];
    /// How long their prefix is, and the prefix of one alone.
    const LENGTHS: [u8; 2];
    /// Where the servers listen for each other.
    const URLS: [&'static str; 2];
    /// What counts the leases that were acknowledged.
    const ACKNOWLEDGED: &'static str;
    /// The link.
    type Lan<'a>;

    fn lan(world: &World) -> Self::Lan<'_>;

    /// One more host on the link.
    fn host(lan: &Self::Lan<'_>, name: &str) -> Host;

    /// What a new client of this name gets.
    fn obtain(lan: &Self::Lan<'_>, name: &str) -> Vec<String>;

    /// What is served.
    fn map() -> Value;

    /// What the server of this number serves to a relay agent with very many clients.
    fn busy_map(own: usize) -> Value;

    /// Starts a load on the first server that never pauses. What ends it says which addresses were acknowledged.
    fn load(world: &World, lan: &Self::Lan<'_>) -> Box<dyn FnOnce() -> Vec<String>>;
}

impl Linked for V4 {
    const ADDRESSES: [&'static str; 3] = ["192.0.2.11", "192.0.2.12", "192.0.2.2"];
    const LENGTHS: [u8; 2] = [24, 32];
    const URLS: [&'static str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
    const ACKNOWLEDGED: &'static str = "pkt4-ack-sent";
    type Lan<'a> = Lan<'a>;

    fn lan(world: &World) -> Lan<'_> {
        world.lan()
    }

    fn host(lan: &Lan<'_>, name: &str) -> Host {
        lan.host(name)
    }

    fn obtain(lan: &Lan<'_>, name: &str) -> Vec<String> {
        vec![lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string()]
    }

    fn map() -> Value {
        lan_configuration()
    }

    fn busy_map(_: usize) -> Value {
        busy_configuration()
    }

    fn load(world: &World, lan: &Lan<'_>) -> Box<dyn FnOnce() -> Vec<String>> {
        let relay = lan.host("relay");
        relay.address("eth0", "192.0.2.2/24");
        let lasting =
            ["--until-closed", "--seconds", "600", "--resend", "1", "--silence", "4", "--in-flight", "32"];
        let load = Load::start(world, &relay, Self::ADDRESSES[0], Self::ADDRESSES[2], &lasting);
        Box::new(|| load.finish().1.into_values().collect())
    }
}

impl Linked for V6 {
    const ADDRESSES: [&'static str; 3] = ["2001:db8:1::11", "2001:db8:1::12", "2001:db8:1::2"];
    const LENGTHS: [u8; 2] = [64, 128];
    const URLS: [&'static str; 2] = ["http://[2001:db8:1::11]:8005/", "http://[2001:db8:1::12]:8005/"];
    const ACKNOWLEDGED: &'static str = "pkt6-reply-sent";
    type Lan<'a> = Lan6<'a>;

    fn lan(world: &World) -> Lan6<'_> {
        world.lan6()
    }

    fn host(lan: &Lan6<'_>, name: &str) -> Host {
        lan.host(name)
    }

    fn obtain(lan: &Lan6<'_>, name: &str) -> Vec<String> {
        let lease = lan.client(name, Client6Program::ALL[0], Wish::Both).obtain();
        let prefix = lease.prefix.expect("a prefix");
        let prefix = prefix.split_once('/').expect("a prefix has a length").0.to_owned();
        vec![lease.address.expect("an address").to_string(), prefix]
    }

    fn map() -> Value {
        lan6_configuration()
    }

    fn busy_map(own: usize) -> Value {
        let mut map = busy6_configuration();
        map["interfaces-config"] = json!({"interfaces": [format!("eth0/{}", Self::ADDRESSES[own])]});
        map
    }

    fn load(_: &World, lan: &Lan6<'_>) -> Box<dyn FnOnce() -> Vec<String>> {
        let relay = lan.host("relay");
        relay.address("eth0", "2001:db8:1::2/64");
        let [server, link] =
            [Self::ADDRESSES[0], "2001:db8:2::1"].map(|text| text.parse().expect("an address"));
        let silence = Duration::from_secs(1);
        let turns = Turns { clients: 100_000, exchanges: None, silence, until_silent: false };
        let load = Load6::start(&relay, server, link, turns);
        Box::new(|| load.give_up().acknowledged.into_values().map(|address| address.to_string()).collect())
    }
}

/// A pair in its normal state.
pub(crate) struct Scene<'a, F: Linked> {
    pub(crate) lan: F::Lan<'a>,
    pub(crate) pair: Pair<'a, F>,
    mode: &'static str,
    /// What clients were told that they have.
    pub(crate) addresses: Vec<String>,
}

impl<'a, F: Linked> Scene<'a, F> {
    /// A pair that serves the link.
    pub(crate) fn start(world: &'a World, mode: &'static str, changes: Value) -> Self {
        Self::begin(world, mode, changes, |_| F::map())
    }

    /// A pair that serves a relay agent with very many clients.
    pub(crate) fn start_busy(world: &'a World, mode: &'static str, changes: Value) -> Self {
        Self::begin(world, mode, changes, F::busy_map)
    }

    fn begin(world: &'a World, mode: &'static str, mut relationship: Value, map: fn(usize) -> Value) -> Self {
        let lan = F::lan(world);
        let hosts = ["server1", "server2"].map(|name| F::host(&lan, name));
        for (host, address) in hosts.iter().zip(F::ADDRESSES) {
            host.address("eth0", &format!("{address}/{}", F::LENGTHS[0]));
        }
        relationship["mode"] = json!(mode);
        let pair = Pair::new(world, hosts, F::URLS, [Kind::Ours; 2], &map(0), &relationship);
        let mut pair: Pair<'a, F> = pair.expect("ours are there");
        for own in [0, 1] {
            pair.map(own)["interfaces-config"] = map(own)["interfaces-config"].take();
            pair.run(own);
        }
        let scene = Self { lan, pair, mode, addresses: Vec::new() };
        scene.pair.awaits([mode; 2]);
        scene
    }

    /// A new client gets what it asks for.
    pub(crate) fn obtain(&mut self, name: &str) {
        self.addresses.extend(F::obtain(&self.lan, name));
    }

    /// Has servers not reach their partner, while clients reach both.
    pub(crate) fn cut(&self, deaf: &[usize]) {
        self.route("add", deaf);
    }

    /// Has them reach it again.
    pub(crate) fn mend(&self, deaf: &[usize]) {
        self.route("del", deaf);
    }

    fn route(&self, what: &str, deaf: &[usize]) {
        for own in deaf {
            let partner = F::ADDRESSES[1 - own];
            self.pair.host(*own).ip(&format!("route {what} blackhole {partner}/{}", F::LENGTHS[1]));
        }
    }

    /// Both work together again, have the same leases, and all that clients were told of.
    pub(crate) fn is_whole(&self) {
        self.pair.awaits([self.mode; 2]);
        self.pair.agree();
        [0, 1].into_iter().for_each(|own| self.knows(own));
    }

    /// A server has leases of all that clients were told of.
    pub(crate) fn knows(&self, own: usize) {
        let leases = self.pair.leases(own);
        let missing = self.addresses.iter().filter(|address| !leases.contains_key(*address)).count();
        assert_eq!(missing, 0, "server{} lacks some of {}", own + 1, self.addresses.len());
    }
}
