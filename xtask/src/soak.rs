//! `cargo xtask soak`: minutes at full load, with everything that goes on beside it.
//!
//! Good clients send as fast as they are answered, bad ones at a rate of their own. All the while the configuration is
//! read anew, the number of threads changed, the lease file cleaned up and every command asked that an operator asks.
//! What is looked at is whether memory grows and whether each good client is answered.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use kotare_tests::libraries;
use kotare_tests::world::{Server, V4, reexec_with};
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
    /// Messages a second of clients that behave badly.
    #[arg(long, default_value_t = 2000)]
    bad: u32,
    /// Load all hook libraries that want no more than a folder.
    #[arg(long)]
    modules: bool,
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

/// Builds with optimisation and soaks a server inside a sandbox.
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
    let mut dhcp4 = configured(act);
    if options.modules {
        dhcp4 = libraries::with_all::<V4>(dhcp4, act.world.folder())?;
    }
    let server = act.start::<V4>(dhcp4.clone())?;
    let seconds = act.seconds().to_string();
    let mut load = act.load::<V4>();
    // As many clients as hold a lease for a while and lose it while others come: rows, expiry, reclamation.
    load.args(["--clients", "100000", "--in-flight", "256", "--warm-up", "0", "--seconds", &seconds]);
    let good = load.spawn()?;
    let mut bad = act.beside_load::<V4>("kotare-nuisance");
    bad.args(["--address", "10.0.0.1", "--rate", &options.bad.to_string(), "--seconds", &seconds]);
    let bad = bad.spawn()?;
    let memory = keep_busy(act, &server, &dhcp4)?;
    let good: Value = serde_json::from_slice(&good.wait_with_output()?.stdout)?;
    let bad: Value = serde_json::from_slice(&bad.wait_with_output()?.stdout)?;
    println!("good clients: {good}");
    println!("bad clients: {bad}");
    let statistics = server.command("statistic-get-all", None);
    for name in ["pkt4-received", "pkt4-receive-drop", "pkt4-parse-failed", "reclaimed-leases"] {
        println!("{name}: {}", statistics["arguments"][name][0][0]);
    }
    for (id, count) in told(&server.log()) {
        println!("logged: {count:6} {id}");
    }
    server.stop();
    judge(&memory, &good)
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
fn judge(memory: &[f64], good: &Value) -> Done {
    let fifth = memory.len() / 5;
    // What is read while a large answer is made is not what stays.
    let Some((before, after)) = median(&memory[fifth..2 * fifth]).zip(median(&memory[4 * fifth..])) else {
        return Err("too short a time to tell whether memory grows".into());
    };
    println!("memory: {before:.1} MB in the second fifth of the time, {after:.1} MB in the last (medians)");
    if after > before * GROWTH {
        return Err("memory grows".into());
    }
    if good["most_resent"].as_u64().is_none_or(|most| most > PATIENCE) || good["exchanges"] == 0 {
        return Err("a good client was not answered".into());
    }
    Ok(())
}

fn configured(act: &Act<'_>) -> Value {
    let mut dhcp4 = V4::configuration(act);
    dhcp4["valid-lifetime"] = json!(60);
    dhcp4["expired-leases-processing"] = json!({
        "reclaim-timer-wait-time": 2, "hold-reclaimed-time": 20, "flush-reclaimed-timer-wait-time": 5,
        "max-reclaim-leases": 0, "max-reclaim-time": 0,
    });
    dhcp4["subnet4"] = json!([{
        "id": 1, "subnet": "10.0.0.0/8", "relay": {"ip-addresses": [V4::RELAY, V4::OTHER_RELAY]},
        "pools": [{"pool": "10.0.0.1 - 10.63.255.255"}],
        "option-data": [{"name": "routers", "data": "10.0.0.1"}],
    }]);
    dhcp4
}

/// Does something every second until the time is over; the memory of the server after each.
#[expect(clippy::disallowed_methods, reason = "endurance is about time")]
fn keep_busy(act: &Act<'_>, server: &Server, dhcp4: &Value) -> Done<Vec<f64>> {
    let elapsed = stopwatch();
    let mut memory = Vec::new();
    for step in 1.. {
        let wait = f64::from(step) * STEP - elapsed();
        if wait > 0.0 {
            thread::sleep(Duration::from_secs_f64(wait));
        }
        if elapsed() > act.seconds() - 2.0 * STEP {
            break;
        }
        let (command, arguments) = match step % 30 {
            0 => ("config-reload", None),
            7 => ("kea-lfc-start", None),
            // Another number of threads, and back.
            11 | 22 => {
                let mut other = dhcp4.clone();
                other["multi-threading"]["thread-pool-size"] = json!(if step % 30 == 11 { 1 } else { 0 });
                ("config-set", Some(server.configuration(other)))
            }
            at => match at % 5 {
                0 => ("statistic-get-all", None),
                1 => ("status-get", None),
                2 => ("config-get", None),
                3 => ("leases-reclaim", Some(json!({"remove": false}))),
                _ => ("list-commands", None),
            },
        };
        let answer = server.command(command, arguments);
        if answer["result"] != 0 {
            return Err(format!("{command}: {}", answer["text"]).into());
        }
        let used = usage(server.pid()).ok_or("the server ended")?;
        memory.push(used.resident);
        if step % 10 == 0 {
            println!("{:5.0} s  {:7.1} MB  {:7.1} CPU s", elapsed(), used.resident, used.cpu);
        }
    }
    Ok(memory)
}
