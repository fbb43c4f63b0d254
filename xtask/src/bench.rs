//! `cargo xtask bench`: exchanges per second and latency, beside Debian's Kea in the same run.
//!
//! Server and load are two hosts of a sandbox, joined by a cable; a relay's clients are always `in flight`. Machines
//! are shared and noisy, so each measure is repeated, servers taking turns, and medians are shown.

use std::ffi::OsString;
use std::process::Stdio;

use kotare_tests::world::{Host, Server, World, partner, program, reexec_with};
use serde_json::{Value, json};

use crate::partners;
use crate::run::{Done, cargo, run, target};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each measure is repeated.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Length of one measure in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Leave Debian's Kea out.
    #[arg(long)]
    only_kotare: bool,
    /// Only measures whose name contains this.
    #[arg(long)]
    only: Option<String>,
}

/// One row of the table.
struct Measure {
    name: &'static str,
    in_flight: u32,
    threads: u32,
    socket_type: &'static str,
    durability: Option<&'static str>,
}

const MEASURES: &[Measure] = &[
    Measure {
        name: "relayed, 256 in flight",
        in_flight: 256,
        threads: 0,
        socket_type: "udp",
        durability: None,
    },
    Measure {
        name: "relayed, 256 in flight, 1 thread",
        in_flight: 256,
        threads: 1,
        socket_type: "udp",
        durability: None,
    },
    Measure {
        name: "raw socket, 256 in flight",
        in_flight: 256,
        threads: 0,
        socket_type: "raw",
        durability: None,
    },
    Measure { name: "one at a time", in_flight: 1, threads: 1, socket_type: "udp", durability: None },
    Measure {
        name: "fdatasync before replies, 256 in flight",
        in_flight: 256,
        threads: 0,
        socket_type: "udp",
        durability: Some("system"),
    },
];

/// Builds with optimisation and measures inside a sandbox.
pub(crate) fn bench(options: &Options) -> Done {
    let partners = partners::unpack()?;
    run(&mut cargo(&[
        "build",
        "--quiet",
        "--release",
        "-p",
        "kotare-dhcp4d",
        "-p",
        "kotare-lfc",
        "-p",
        "kotare-tests",
    ]))?;
    let surroundings = [("KOTARE_PARTNERS", partners), ("KOTARE_PROGRAMS", target().join("release"))];
    let surroundings = surroundings.map(|(name, value)| (name, OsString::from(value)));
    match reexec_with(std::env::args_os().skip(1), surroundings) {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("the measuring run ended with {status}").into()),
        None => measure(options),
    }
}

fn measure(options: &Options) -> Done {
    println!("| measure | server | exchanges/s | p50 µs | p99 µs | resent |");
    println!("|---|---|---:|---:|---:|---:|");
    for measure in MEASURES {
        if options.only.as_ref().is_some_and(|only| !measure.name.contains(only.as_str())) {
            continue;
        }
        let mut results = [Vec::new(), Vec::new()];
        for round in 0..options.rounds {
            results[0].push(once(measure, options, round, true)?);
            if !options.only_kotare && measure.durability.is_none() {
                results[1].push(once(measure, options, round, false)?);
            }
        }
        for (server, results) in
            ["Kotare", "Debian's Kea"].iter().zip(results).filter(|(_, some)| !some.is_empty())
        {
            let median = |key: &str| {
                let mut values: Vec<f64> = results.iter().filter_map(|result| result[key].as_f64()).collect();
                values.sort_by(f64::total_cmp);
                values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
            };
            println!(
                "| {} | {server} | {:.0} | {:.0} | {:.0} | {:.0} |",
                measure.name,
                median("exchanges_per_second"),
                median("p50_us"),
                median("p99_us"),
                median("resent")
            );
        }
    }
    Ok(())
}

/// One measure of one server, in a world of its own.
fn once(measure: &Measure, options: &Options, round: usize, ours: bool) -> Done<Value> {
    let world = World::inside_sandbox();
    let names = format!("{}{round}", if ours { "o" } else { "k" });
    let (server, relay) = (world.host(&format!("s{names}")), world.host(&format!("r{names}")));
    world.cable((&server, "eth0"), (&relay, "eth0"));
    server.address("eth0", "192.0.2.1/24");
    relay.address("eth0", "192.0.2.2/24");
    let server_program =
        if ours { program("kea-dhcp4") } else { partner("kea-dhcp4").ok_or("no kea-dhcp4 unpacked")? };
    let running = Server::start(&world, &server, "server", &server_program, configuration(&world, measure));
    let result = load(&relay, measure, options)?;
    running.stop();
    relay.remove();
    server.remove();
    Ok(result)
}

fn configuration(world: &World, measure: &Measure) -> Value {
    let mut database = json!({
        "type": "memfile", "persist": true, "lfc-interval": 0,
        "name": world.path("server/leases.csv"),
    });
    if let Some(durability) = measure.durability {
        database["durability"] = durability.into();
    }
    json!({
        "interfaces-config": {"interfaces": ["eth0"], "dhcp-socket-type": measure.socket_type},
        "lease-database": database,
        "multi-threading": {"enable-multi-threading": true, "thread-pool-size": measure.threads, "packet-queue-size": 64},
        "valid-lifetime": 3600,
        "subnet4": [{
            "id": 1,
            "subnet": "10.0.0.0/8",
            "relay": {"ip-addresses": ["192.0.2.2"]},
            "pools": [{"pool": "10.0.0.1 - 10.63.255.255"}],
            "option-data": [
                {"name": "routers", "data": "10.0.0.1"},
                {"name": "domain-name-servers", "data": "10.0.0.2, 10.0.0.3"},
            ],
        }],
        "loggers": [{"name": "kea-dhcp4", "severity": "WARN", "output_options": [{"output": "stdout"}]}],
    })
}

fn load(relay: &Host, measure: &Measure, options: &Options) -> Done<Value> {
    let output = relay
        .command(program("kotare-load"))
        .args(["--server", "192.0.2.1", "--relay", "192.0.2.2", "--clients", "4000000"])
        .args(["--in-flight", &measure.in_flight.to_string(), "--seconds", &options.seconds.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}
