//! A pair on a link with clients, of either family.

use std::time::Duration;

use kotare_tests::tell;
use kotare_tests::world::{
    COUNTED, Client6Program, ClientProgram, Family, Host, Kind, Lan, Lan6, Load, Load6, OwnClock, Pair,
    Turns, V4, V6, Wish, World, busy_configuration, busy6_configuration, eventually, lan_configuration,
    lan6_configuration,
};
use serde_json::{Value, json};

/// What ends a load, and says what became of it.
pub(crate) type Ending = Box<dyn FnOnce() -> Loaded>;

/// What became of a load.
pub(crate) struct Loaded {
    /// How many exchanges were acknowledged.
    pub(crate) exchanges: u64,
    /// Which addresses.
    pub(crate) addresses: Vec<String>,
}

/// A family on a link.
pub(crate) trait Linked: Family + Sized {
    /// The addresses of the servers.
    const ADDRESSES: [&'static str; 2];
    /// And of the relay agents before them.
    const RELAYS: [&'static str; 2];
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

    /// What the server of this number serves to relay agents with very many clients.
    fn busy_map(own: usize) -> Value;

    /// What two that share their clients give these, each its own, of [`Self::map`] and of [`Self::busy_map`].
    const HALVES: [[&'static str; 2]; 2];

    /// One more host on the link, the relay agent of clients of the server of this number.
    fn relay(lan: &Self::Lan<'_>, own: usize) -> Host {
        let relay = Self::host(lan, &format!("relay{own}"));
        relay.address("eth0", &format!("{}/{}", Self::RELAYS[own], Self::LENGTHS[0]));
        relay
    }

    /// Starts a load on the server of this number that never pauses, of its own clients alone if `is_shared`. When it shall end,
    /// a server that says nothing for so many seconds is not waited for.
    fn load(world: &World, relay: &Host, own: usize, is_shared: bool, silence: u64) -> Ending;
}

impl Linked for V4 {
    const ADDRESSES: [&'static str; 2] = ["192.0.2.11", "192.0.2.12"];
    const RELAYS: [&'static str; 2] = ["192.0.2.2", "192.0.2.3"];
    const HALVES: [[&'static str; 2]; 2] = [
        ["192.0.2.100 - 192.0.2.149", "192.0.2.150 - 192.0.2.199"],
        ["10.0.0.1 - 10.31.255.255", "10.32.0.0 - 10.63.255.255"],
    ];
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
        let mut map = busy_configuration();
        map["subnet4"][0]["relay"]["ip-addresses"] = json!(Self::RELAYS);
        map
    }

    fn load(world: &World, relay: &Host, own: usize, is_shared: bool, silence: u64) -> Ending {
        let (half, silence) = (own.to_string(), silence.to_string());
        let lasting = [
            "--until-closed",
            "--clients",
            "20000",
            "--seconds",
            "600",
            "--resend",
            "1",
            "--silence",
            &silence,
            "--in-flight",
            "32",
        ];
        let halved: [&str; 2] = ["--half", &half];
        let options = [&lasting[..], if is_shared { &halved[..] } else { &[] }].concat();
        let load = Load::start(world, relay, Self::ADDRESSES[own], Self::RELAYS[own], &options);
        Box::new(|| {
            let (counted, acknowledged) = load.finish();
            let exchanges = counted["all_exchanges"].as_u64().expect("a load counts");
            Loaded { exchanges, addresses: acknowledged.into_values().collect() }
        })
    }
}

impl Linked for V6 {
    const ADDRESSES: [&'static str; 2] = ["2001:db8:1::11", "2001:db8:1::12"];
    const RELAYS: [&'static str; 2] = ["2001:db8:1::2", "2001:db8:1::3"];
    const HALVES: [[&'static str; 2]; 2] =
        [["2001:db8:1::100/121", "2001:db8:1::180/121"], ["2001:db8:2::1:0:0/97", "2001:db8:2::1:8000:0/97"]];
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

    fn load(_: &World, relay: &Host, own: usize, is_shared: bool, _: u64) -> Ending {
        let [server, link] =
            [Self::ADDRESSES[own], "2001:db8:2::1"].map(|text| text.parse().expect("an address"));
        let (silence, half) = (Duration::from_secs(1), is_shared.then_some(own as u8));
        let turns = Turns { clients: 20_000, half, exchanges: None, silence, until_silent: false };
        let load = Load6::start(relay, server, link, turns);
        Box::new(|| {
            let counted = load.give_up();
            let addresses = counted.acknowledged.into_values().map(|address| address.to_string()).collect();
            Loaded { exchanges: counted.replies, addresses }
        })
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
        Self::begin(world, mode, changes, |_| F::map(), |_| {})
    }

    /// A pair that serves the link and shares both its clients and what these are given. The second server goes by a clock.
    pub(crate) fn start_by_clock(world: &'a World, clock: &OwnClock) -> Self {
        Self::begin(
            world,
            "load-balancing",
            json!({}),
            |_| F::map(),
            |pair| {
                share::<F>(pair, F::HALVES[0]);
                pair.goes_by(1, clock);
            },
        )
    }

    /// A pair that serves relay agents with very many clients.
    pub(crate) fn start_busy(world: &'a World, mode: &'static str, changes: Value) -> Self {
        Self::start_busy_by_clock(world, mode, changes, None)
    }

    /// The same; the second server goes by a clock, if there is one.
    pub(crate) fn start_busy_by_clock(
        world: &'a World,
        mode: &'static str,
        changes: Value,
        clock: Option<&OwnClock>,
    ) -> Self {
        Self::begin(world, mode, changes, F::busy_map, |pair| {
            if mode == "load-balancing" {
                share::<F>(pair, F::HALVES[1]);
            }
            if let Some(clock) = clock {
                pair.goes_by(1, clock);
            }
        })
    }

    fn begin(
        world: &'a World,
        mode: &'static str,
        mut relationship: Value,
        map: fn(usize) -> Value,
        change: impl FnOnce(&mut Pair<'a, F>),
    ) -> Self {
        let lan = F::lan(world);
        let hosts = ["server1", "server2"].map(|name| F::host(&lan, name));
        for (host, address) in hosts.iter().zip(F::ADDRESSES) {
            host.address("eth0", &format!("{address}/{}", F::LENGTHS[0]));
        }
        relationship["mode"] = json!(mode);
        let pair = Pair::new(world, hosts, F::URLS, [Kind::Ours; 2], &map(0), &relationship);
        let mut pair: Pair<'a, F> = pair.expect("ours are there");
        [0, 1]
            .into_iter()
            .for_each(|own| pair.map(own)["interfaces-config"] = map(own)["interfaces-config"].take());
        change(&mut pair);
        [0, 1].into_iter().for_each(|own| pair.run(own));
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
        let missing = self.missing(own);
        assert_eq!(missing, 0, "server{} lacks some of {}", own + 1, self.addresses.len());
    }

    /// How many leases a server lacks of those that clients were told of.
    pub(crate) fn missing(&self, own: usize) -> usize {
        let leases = self.pair.leases(own);
        self.addresses.iter().filter(|address| !leases.contains_key(*address)).count()
    }

    /// A server goes on acknowledging leases.
    pub(crate) fn goes_on(&self, own: usize) {
        let acknowledged = || self.pair.server(own).statistic(F::ACKNOWLEDGED);
        let before = acknowledged();
        eventually("leases are acknowledged", || (acknowledged() > before + 300).then_some(()));
    }

    /// The servers differ in no lease.
    pub(crate) fn differs_in_nothing(&self) {
        let diff = self.pair.server(0).command("ha-diff", None);
        assert_eq!((&diff["result"], &diff["arguments"]["count"]), (&json!(0), &json!(0)), "{diff}");
    }

    /// Tells what was counted.
    pub(crate) fn count(&self, what: &str, exchanges: u64, lost: usize) {
        let family = F::MAP.replace("Dhcp", "DHCPv");
        tell(&format!("{COUNTED}{family} {}: {what}: {exchanges} exchanges, {lost} leases lost", self.mode));
    }
}

/// Has each of two that share their clients give these addresses of its own, so that none has two clients when they do not
/// hear each other.
fn share<F: Linked>(pair: &mut Pair<'_, F>, halves: [&str; 2]) {
    let subnets = format!("subnet{}", F::MAP.trim_start_matches("Dhcp"));
    for own in [0, 1] {
        let subnet = &mut pair.map(own)[&subnets][0];
        subnet["pools"] = json!([
            {"pool": halves[0], "client-class": "HA_server1"},
            {"pool": halves[1], "client-class": "HA_server2"},
        ]);
        if subnet["pd-pools"].is_array() {
            subnet["pd-pools"] = json!([
                {"prefix": "2001:db8:8000::", "prefix-len": 49, "delegated-len": 56, "client-class": "HA_server1"},
                {"prefix": "2001:db8:8000:8000::", "prefix-len": 49, "delegated-len": 56, "client-class": "HA_server2"},
            ]);
        }
    }
}
