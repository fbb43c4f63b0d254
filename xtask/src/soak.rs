//! `cargo xtask soak`: minutes at full load, with everything that goes on beside it, of a server of each protocol.
//!
//! Good clients send as fast as they are answered, bad ones at a rate of their own. All the while the configuration is
//! read anew, the number of threads changed, the lease file cleaned up and every command asked that an operator asks.
//! What is looked at is whether memory grows and whether each good client is answered.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Child;
use std::thread;
use std::time::Duration;

use kotare_tests::libraries;
use kotare_tests::world::{ServerOf, V4, V6, reexec_with};
use serde_json::{Value, json};

use crate::bench::{Act, Contender, Protocol, Stage, build, found, median, stopwatch, usage};
use crate::partners;
use crate::run::Done;

/// How long to go on.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long the load lasts, in minutes.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Messages a second of clients that behave badly, to each server.
    #[arg(long, default_value_t = 2000)]
    bad: u32,
    /// Load all hook libraries that want no more than a folder.
    #[arg(long)]
    modules: bool,
    /// A server of this protocol alone: 4 or 6.
    #[arg(long, value_parser = ["4", "6"])]
    only: Option<String>,
    /// Our programs in this folder, instead of those built from this tree.
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// How often something is done, in seconds.
const STEP: f64 = 1.0;
/// How much memory may grow from the second fifth of the time to the last.
const GROWTH: f64 = 1.1;
/// How often a good client may have to send a message again.
const PATIENCE: u64 = 4;

/// Builds with optimisation and soaks a server of each protocol inside a sandbox.
pub(crate) fn soak(options: &Options) -> Done {
    let partners = partners::unpack()?;
    let programs = match &options.programs {
        Some(folder) => found(folder)?,
        None => build()?,
    };
    let surroundings = [("KOTARE_PARTNERS", partners), ("KOTARE_PROGRAMS", programs)];
    let surroundings = surroundings.map(|(name, value)| (name, OsString::from(value)));
    match reexec_with(std::env::args_os().skip(1), surroundings) {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("the soak ended with {status}").into()),
        None => Stage::new(options.minutes * 60.0, None)?.play(Contender::Kotare, |act| run(act, options)),
    }
}

fn run(act: &Act<'_>, options: &Options) -> Done {
    let is_wanted = |digit| options.only.as_ref().is_none_or(|only| only == digit);
    let mut v4 = is_wanted("4").then(|| Soaked::<V4>::begin(act, options)).transpose()?;
    let mut v6 = is_wanted("6").then(|| Soaked::<V6>::begin(act, options)).transpose()?;
    let elapsed = stopwatch();
    for step in 1.. {
        wait(f64::from(step) * STEP - elapsed());
        if elapsed() > act.seconds() - 2.0 * STEP {
            break;
        }
        let seconds = (step % 10 == 0).then(&elapsed);
        if let Some(v4) = &mut v4 {
            v4.step(step, seconds)?;
        }
        if let Some(v6) = &mut v6 {
            v6.step(step, seconds)?;
        }
    }
    let v4 = v4.map_or(Ok(()), Soaked::end);
    let v6 = v6.map_or(Ok(()), Soaked::end);
    v4.and(v6)
}

#[expect(clippy::disallowed_methods, reason = "endurance is about time")]
fn wait(seconds: f64) {
    if seconds > 0.0 {
        thread::sleep(Duration::from_secs_f64(seconds));
    }
}

/// What a soak needs of a protocol.
trait Endured: Protocol {
    /// Its server has this name.
    const NAME: &'static str;
    /// The address that bad clients quarrel about.
    const QUARRELLED: &'static str;
    /// The statistics that are told at the end.
    const TOLD: [&'static str; 4];
    /// The statistic that says how many leases there are.
    const LEASES: &'static str;

    /// The subnet that leases are of.
    fn subnet() -> Value;
}

impl Endured for V4 {
    const NAME: &'static str = "server";
    const QUARRELLED: &'static str = "10.0.0.1";
    const TOLD: [&'static str; 4] =
        ["pkt4-received", "pkt4-receive-drop", "pkt4-parse-failed", "reclaimed-leases"];
    const LEASES: &'static str = "subnet[1].assigned-addresses";

    fn subnet() -> Value {
        json!({
            "id": 1, "subnet": "10.0.0.0/8", "relay": {"ip-addresses": [Self::RELAY, Self::OTHER_RELAY]},
            "pools": [{"pool": "10.0.0.1 - 10.63.255.255"}],
            "option-data": [{"name": "routers", "data": "10.0.0.1"}],
        })
    }
}

impl Endured for V6 {
    const NAME: &'static str = "server6";
    const QUARRELLED: &'static str = "2001:db8:1::1";
    const TOLD: [&'static str; 4] =
        ["pkt6-received", "pkt6-receive-drop", "pkt6-parse-failed", "reclaimed-leases"];
    const LEASES: &'static str = "subnet[1].assigned-nas";

    fn subnet() -> Value {
        json!({
            "id": 1, "subnet": "2001:db8:1::/64", "relay": {"ip-addresses": [Self::RELAY, Self::OTHER_RELAY]},
            "pools": [{"pool": "2001:db8:1::1 - 2001:db8:1::40:0"}],
            "option-data": [{"name": "dns-servers", "data": "2001:db8:1::53"}],
        })
    }
}

/// A server under load.
struct Soaked<F: Endured> {
    server: ServerOf<F>,
    map: Value,
    good: Child,
    bad: Child,
    /// How much there was of it, step by step, in MB.
    memory: Vec<f64>,
    /// And how many leases there were.
    leases: Vec<f64>,
}

impl<F: Endured> Soaked<F> {
    fn begin(act: &Act<'_>, options: &Options) -> Done<Self> {
        let mut map = configured::<F>(act);
        if options.modules {
            map = libraries::with_all::<F>(map, &act.world.path(&format!("{}-modules", F::NAME)))?;
        }
        let server = act.start_as::<F>(F::NAME, map.clone())?;
        let seconds = act.seconds().to_string();
        let mut good = act.load::<F>();
        // As many clients as hold a lease for a while and lose it while others come: rows, expiry, reclamation.
        good.args(["--clients", "100000", "--in-flight", "256", "--warm-up", "0", "--seconds", &seconds]);
        let good = good.spawn()?;
        let mut bad = act.beside_load::<F>("kotare-nuisance");
        let rate = options.bad.to_string();
        bad.args(["--address", F::QUARRELLED, "--rate", &rate, "--seconds", &seconds]);
        let bad = bad.spawn()?;
        Ok(Self { server, map, good, bad, memory: Vec::new(), leases: Vec::new() })
    }

    /// Has the server do something, and looks at its memory after it; tells of it with how many `seconds` have passed.
    fn step(&mut self, step: u32, seconds: Option<f64>) -> Done {
        let (command, arguments) = match step % 30 {
            0 => ("config-reload", None),
            7 => ("kea-lfc-start", None),
            // Another number of threads, and back.
            11 | 22 => {
                let mut other = self.map.clone();
                other["multi-threading"]["thread-pool-size"] = json!(if step % 30 == 11 { 1 } else { 0 });
                ("config-set", Some(self.server.configuration(other)))
            }
            at => match at % 5 {
                0 => ("statistic-get-all", None),
                1 => ("status-get", None),
                2 => ("config-get", None),
                3 => ("leases-reclaim", Some(json!({"remove": false}))),
                _ => ("list-commands", None),
            },
        };
        let answer = self.server.command(command, arguments);
        // With the lowest priority it gets little of a machine that is busy all the time, and the last one may not be through.
        let is_busy = command == "kea-lfc-start" && answer["text"] == "kea-lfc already running";
        if answer["result"] != 0 && !is_busy {
            return Err(format!("{}: {command}: {}", F::MAP, answer["text"]).into());
        }
        let used = usage(self.server.pid()).ok_or_else(|| format!("{}: the server ended", F::MAP))?;
        self.memory.push(used.resident);
        let leases = self.server.command("statistic-get", Some(json!({"name": F::LEASES})));
        let leases = leases["arguments"][F::LEASES][0][0].as_f64().unwrap_or_default();
        self.leases.push(leases);
        if let Some(seconds) = seconds {
            let (resident, cpu) = (used.resident, used.cpu);
            println!("{seconds:5.0} s  {}  {resident:7.1} MB  {cpu:7.1} CPU s  {leases:6} leases", F::MAP);
        }
        Ok(())
    }

    /// Tells what came of it.
    fn end(self) -> Done {
        let good: Value = serde_json::from_slice(&self.good.wait_with_output()?.stdout)?;
        let bad: Value = serde_json::from_slice(&self.bad.wait_with_output()?.stdout)?;
        println!("{}: good clients: {good}", F::MAP);
        println!("{}: bad clients: {bad}", F::MAP);
        let statistics = self.server.command("statistic-get-all", None);
        for name in F::TOLD {
            println!("{}: {name}: {}", F::MAP, statistics["arguments"][name][0][0]);
        }
        let log = self.server.log();
        for (id, count) in told(&log) {
            println!("{}: logged: {count:6} {id}", F::MAP);
        }
        for line in log.lines().filter(|line| line.contains("KOTARE_OVERLOADED")) {
            println!("{line}");
        }
        self.server.stop();
        judge(&self.memory, &self.leases, &good).map_err(|reason| format!("{}: {reason}", F::MAP).into())
    }
}

/// How often each message was logged.
fn told(log: &str) -> BTreeMap<&str, usize> {
    let mut told = BTreeMap::new();
    for id in log.lines().filter_map(|line| line.split_once("] ")?.1.split(' ').next()) {
        *told.entry(id).or_default() += 1;
    }
    told
}

/// Memory must not grow, and every good client must have been answered.
fn judge(memory: &[f64], leases: &[f64], good: &Value) -> Done {
    // What is read while a large answer is made is not what stays.
    let medians = |values: &[f64]| {
        let fifth = values.len() / 5;
        median(&values[fifth..2 * fifth]).zip(median(&values[4 * fifth..]))
    };
    let Some(((before, after), (fewer, more))) = medians(memory).zip(medians(leases)) else {
        return Err("too short a time to tell whether memory grows".into());
    };
    println!("memory: {before:.1} MB in the second fifth of the time, {after:.1} MB in the last (medians)");
    println!("leases: {fewer} and {more}");
    if more > fewer * GROWTH {
        return Err("leases of more clients were still to come, which need memory: let it take longer".into());
    }
    if after > before * GROWTH {
        return Err("memory grows".into());
    }
    if good["most_resent"].as_u64().is_none_or(|most| most > PATIENCE) || good["exchanges"] == 0 {
        return Err("a good client was not answered".into());
    }
    Ok(())
}

fn configured<F: Endured>(act: &Act<'_>) -> Value {
    let mut map = F::configuration(act);
    map["lease-database"]["name"] = json!(act.world.path(F::NAME).join("leases.csv"));
    map["valid-lifetime"] = json!(60);
    map["expired-leases-processing"] = json!({
        "reclaim-timer-wait-time": 2, "hold-reclaimed-time": 20, "flush-reclaimed-timer-wait-time": 5,
        "max-reclaim-leases": 0, "max-reclaim-time": 0,
    });
    map[format!("subnet{}", F::MAP.trim_start_matches("Dhcp"))] = json!([F::subnet()]);
    map
}
