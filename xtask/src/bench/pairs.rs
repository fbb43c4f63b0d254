//! What it costs to have a partner, and how long it takes to fetch all its leases.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kotare_tests::world::{Host, Server, V4, eventually_within, program};
use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::leases;
use super::load::{Pool, Steps};
use super::process::cpu;
use super::processor;
use super::protocol::Protocol;
use super::stage::Act;
use crate::run::Done;

/// For how long a pair may take to get somewhere.
const PATIENCE: Duration = Duration::from_secs(600);
/// How many leases are fetched.
const LEASES: u32 = 1_000_000;
/// The servers where they hear each other, and the second one where it hears clients, with the relay agent of these.
const PARTNERS: [&str; 2] = ["10.99.0.1", "10.99.0.2"];
const SECOND: [&str; 2] = ["10.98.0.1", "10.98.0.2"];

/// How servers share the load.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// There is one.
    Alone,
    HotStandby,
    LoadBalancing,
}

/// What servers and loads run on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Machines {
    /// All of the machine, which all share.
    Shared,
    /// Each server on a processor, with the load before it, as if it was a machine.
    OneEach,
}

impl Machines {
    /// Starts programs of the server of this number.
    fn on<T>(self, number: usize, start: impl FnOnce() -> Done<T>) -> Done<T> {
        match self {
            Self::Shared => start(),
            Self::OneEach => processor::on(number, start),
        }
    }
}

impl Together {
    const fn mode(self) -> &'static str {
        match self {
            Self::LoadBalancing => "load-balancing",
            Self::Alone | Self::HotStandby => "hot-standby",
        }
    }
}

/// Whole exchanges, so many always under way.
pub(super) fn together(
    act: &Act<'_>,
    together: Together,
    machines: Machines,
    in_flight: u32,
) -> Done<Readings> {
    let second = Second::join(act, machines);
    let steps = Steps { in_flight, pool: Pool::Large { described: false }, ..Steps::DEFAULT };
    let mut map = V4::with_pool(act, &steps);
    map["subnet4"][0]["relay"]["ip-addresses"] = json!([V4::RELAY, SECOND[1]]);
    map["hooks-libraries"] = json!([{"library": act.library("libdhcp_lease_cmds.so")}]);
    if together == Together::LoadBalancing {
        // Whose an address is the class of its pool says, so that both never give the same one.
        map["subnet4"][0]["pools"] = json!([
            {"pool": "10.0.0.1 - 10.31.255.255", "client-class": "HA_server1"},
            {"pool": "10.32.0.0 - 10.63.255.255", "client-class": "HA_server2"},
        ]);
    }
    let servers = match together {
        Together::Alone => vec![machines.on(0, || act.start::<V4>(map))?],
        _ => second.pair(act, map, together)?,
    };
    let before: f64 = servers.iter().filter_map(|server| cpu(server.pid())).sum();
    let mut loads = vec![act.load::<V4>()];
    if together == Together::LoadBalancing {
        loads.push(second.load(act));
        loads.iter_mut().zip(["0", "1"]).for_each(|(load, half)| _ = load.args(["--half", half]));
    }
    let each = (in_flight / loads.len() as u32).to_string();
    let begun = loads.iter_mut().enumerate().map(|(number, load)| {
        load.args(["--in-flight", &each, "--clients", "4000000"]);
        load.args(["--seconds", &act.seconds().to_string()]);
        machines.on(number, || Ok(load.spawn()?))
    });
    let begun: Vec<_> = begun.collect::<Done<_>>()?;
    let (mut many, mut all, mut p99) = (0.0, 0.0, 0.0_f64);
    for load in begun {
        let read = read(load)?;
        let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
        many += value("exchanges_per_second");
        all += value("all_exchanges");
        p99 = p99.max(value("p99_us"));
    }
    let after: f64 = servers.iter().filter_map(|server| cpu(server.pid())).sum();
    servers.into_iter().for_each(|server| _ = server.stop());
    second.host.remove();
    Ok(vec![
        (Figure::EXCHANGES, many),
        (Figure::P99, p99),
        (Figure::CPU_PER_EXCHANGE, (after - before) * 1e6 / all),
    ])
}

/// A server without leases fetches a million of its partner's, which answers clients alone until then.
pub(super) fn synchronisation(act: &Act<'_>, machines: Machines) -> Done<Readings> {
    let second = Second::join(act, machines);
    let full = act.world.path("second/leases.csv");
    act.place::<V4>(&full, "fetched", |path| leases::write::<V4>(path, act.contender, 0..LEASES, 0, false))?;
    let mut map = V4::with_pool(act, &Steps { pool: Pool::Large { described: false }, ..Steps::DEFAULT });
    map["subnet4"][0]["relay"]["ip-addresses"] = json!([V4::RELAY, SECOND[1]]);
    let standby = second.server(act, &map, Together::HotStandby, 1)?;
    awaits(&standby, "partner-down");
    let mut calm = second.few(act);
    calm.args(["--seconds", &act.seconds().to_string()]);
    let calm = read(machines.on(1, || Ok(calm.spawn()?))?)?;
    let mut meanwhile = second.few(act);
    meanwhile.args(["--until-closed", "--seconds", "600"]).stdin(Stdio::piped());
    let meanwhile = machines.on(1, || Ok(meanwhile.spawn()?))?;
    let fetching = second.server(act, &map, Together::HotStandby, 0)?;
    let line = eventually_within(PATIENCE, "all leases are fetched", || {
        fetching.log().lines().find(|line| line.contains("HA_SYNC_SUCCESSFUL")).map(str::to_owned)
    });
    // Which closes its standard input.
    let meanwhile = read(meanwhile)?;
    let millis = line.rsplit_once(" in ").and_then(|(_, took)| took.split(' ').next()?.parse::<f64>().ok());
    [standby, fetching].into_iter().for_each(|server| _ = server.stop());
    second.host.remove();
    let value = |read: &Value, key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    Ok(vec![
        (Figure::SECONDS, millis.ok_or_else(|| format!("no duration in {line}"))? / 1000.0),
        (Figure::P99_BEFORE, value(&calm, "p99_us")),
        (Figure::P99_MEANWHILE, value(&meanwhile, "p99_us")),
        (Figure::MEANWHILE, value(&meanwhile, "exchanges")),
    ])
}

/// What a load counted, once it has ended.
fn read(load: Child) -> Done<Value> {
    Ok(serde_json::from_slice(&load.wait_with_output()?.stdout)?)
}

/// Waits until a server is in a state.
fn awaits(server: &Server, state: &str) {
    eventually_within(PATIENCE, "the pair is whole", || {
        let status = server.command("status-get", None);
        let local = &status["arguments"]["high-availability"][0]["ha-servers"]["local"];
        (local["state"] == state).then_some(())
    });
}

/// The host of a second server, joined to that of the first and to the relay agent's.
struct Second {
    host: Host,
    machines: Machines,
}

impl Second {
    fn join(act: &Act<'_>, machines: Machines) -> Self {
        let host = act.world.host("second");
        act.world.cable((&act.server, "eth1"), (&host, "eth0"));
        act.world.cable((act.relay(), "eth1"), (&host, "eth1"));
        act.server.address("eth1", &format!("{}/24", PARTNERS[0]));
        host.address("eth0", &format!("{}/24", PARTNERS[1]));
        host.address("eth1", &format!("{}/24", SECOND[0]));
        act.relay().address("eth1", &format!("{}/24", SECOND[1]));
        for (host, interface) in [(&host, "eth1"), (act.relay(), "eth1")] {
            host.ip(&format!("link set {interface} gso_max_segs 1"));
        }
        Self { host, machines }
    }

    /// Starts a pair that serves `map`, and waits until both are in their normal state.
    fn pair(&self, act: &Act<'_>, map: Value, together: Together) -> Done<Vec<Server>> {
        let servers = vec![self.server(act, &map, together, 0)?, self.server(act, &map, together, 1)?];
        servers.iter().for_each(|server| awaits(server, together.mode()));
        Ok(servers)
    }

    /// Starts the server of this number of a pair.
    fn server(&self, act: &Act<'_>, map: &Value, together: Together, own: usize) -> Done<Server> {
        let mode = together.mode();
        let role = if together == Together::LoadBalancing { "secondary" } else { "standby" };
        let url = |own: usize| format!("http://{}:8005/", PARTNERS[own]);
        let (mut map, name) = (map.clone(), ["server1", "server2"][own]);
        map["hooks-libraries"] = json!([
            {"library": act.library("libdhcp_lease_cmds.so")},
            {"library": act.library("libdhcp_ha.so"), "parameters": {"high-availability": [{
                "this-server-name": name, "mode": mode, "heartbeat-delay": 500,
                "max-response-delay": 5000, "max-unacked-clients": 0,
                "multi-threading": {"enable-multi-threading": true, "http-dedicated-listener": true},
                "peers": [{"name": "server1", "url": url(0), "role": "primary"},
                    {"name": "server2", "url": url(1), "role": role}]}]}},
        ]);
        // What is measured is in the log.
        let mut loggers = map["loggers"].as_array().cloned().unwrap_or_default();
        loggers.push(json!({"name": "kea-dhcp4.ha-hooks", "severity": "INFO",
            "output_options": [{"output": "stdout"}]}));
        map["loggers"] = loggers.into();
        if own == 0 {
            return self.machines.on(own, || act.start::<V4>(map));
        }
        map["interfaces-config"]["interfaces"] = json!(["eth1"]);
        map["lease-database"]["name"] = json!(act.world.path("second/leases.csv"));
        let program = act.program("kea-dhcp4")?;
        fs::create_dir_all(act.world.path("second"))?;
        let launch = || Ok(Server::launch(&act.world, &self.host, "second", &program, map));
        Ok(self.machines.on(own, launch)?.answering())
    }

    /// A load of a few new clients at a time.
    fn few(&self, act: &Act<'_>) -> Command {
        let mut load = self.load(act);
        load.args(["--in-flight", "4", "--first", "8000000", "--clients", "2000000", "--silence", "3"]);
        load
    }

    /// The load generator, with the second server before it.
    fn load(&self, act: &Act<'_>) -> Command {
        let mut command = act.relay().command(program("kotare-load"));
        command.args(["--server", SECOND[0], "--relay", SECOND[1], "--offload"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command
    }
}
