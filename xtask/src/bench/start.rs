//! How long a server with much to read takes until it serves, and how much memory it needs.

use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::leases;
use super::process::usage;
use super::stage::{Act, RELAY, configuration, stopwatch};
use crate::run::Done;

/// What there is to read.
#[derive(Default)]
pub(super) struct Start {
    /// Rows of the lease file, one a lease.
    pub(super) leases: u32,
    /// Subnets beside the client's and the leases'.
    pub(super) subnets: u32,
    /// Reservations, in equal parts in those subnets.
    pub(super) reservations: u32,
}

/// From the start of the program to the first OFFER to a client that asks every few milliseconds.
pub(super) fn start(act: &Act<'_>, start: &Start) -> Done<Readings> {
    if start.leases > 0 {
        act.place(&act.lease_file(), "start", |path| leases::write(path, act.contender, 0..start.leases, 0))?;
    }
    let mut client = act.load();
    client.args(["--in-flight", "1", "--discover-only", "--first", "50000000", "--warm-up", "0"]);
    client.args(["--exchanges", "1", "--resend", "0.004", "--seconds", "100", "--silence", "55"]);
    let client = client.spawn()?;
    let dhcp4 = with_subnets(act, start);
    let server = act.launch(dhcp4)?;
    // The program has just been started; before that its configuration was written.
    let elapsed = stopwatch();
    let output = client.wait_with_output()?;
    let seconds = elapsed();
    let used = usage(server.pid());
    let read: Value = serde_json::from_slice(&output.stdout)?;
    let (Some(used), Some(1)) = (used, read["exchanges"].as_u64()) else {
        return Err(format!("no OFFER within a minute; the server's log:\n{}", server.log()).into());
    };
    server.stop();
    Ok(vec![
        (Figure::FIRST_OFFER, seconds),
        (Figure::CPU, used.cpu),
        (Figure::RESIDENT, used.resident),
        (Figure::PEAK, used.peak),
    ])
}

/// A configuration with what there is to read.
pub(super) fn with_subnets(act: &Act<'_>, start: &Start) -> Value {
    let mut dhcp4 = configuration(act);
    // The client's own subnet has no leases yet, so that no search for a free address is measured.
    let mut subnets = vec![
        json!({"id": 1, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.0.1 - 10.63.255.255"}]}),
        json!({
            "id": 2,
            "subnet": "192.168.0.0/16",
            "relay": {"ip-addresses": [RELAY]},
            "pools": [{"pool": "192.168.1.0/24"}],
        }),
    ];
    let each = start.reservations / start.subnets.max(1);
    subnets.extend((0..start.subnets).map(|number| {
        let [_, a, b, _] = (number << 8).to_be_bytes();
        let mut subnet = json!({
            "id": number + 3,
            "subnet": format!("172.{}.{b}.0/24", u16::from(a) + 16),
            "pools": [{"pool": format!("172.{}.{b}.100 - 172.{0}.{b}.199", u16::from(a) + 16)}],
            "option-data": [{"name": "routers", "data": format!("172.{}.{b}.1", u16::from(a) + 16)}],
        });
        if each > 0 {
            let reservation = |n: u32| {
                json!({
                    "hw-address": format!("02:01:{a:02x}:{b:02x}:00:{n:02x}"),
                    "ip-address": format!("172.{}.{b}.{}", u16::from(a) + 16, n + 200),
                    "hostname": format!("host-{number}-{n}"),
                })
            };
            subnet["reservations"] = (0..each).map(reservation).collect();
        }
        subnet
    }));
    dhcp4["subnet4"] = subnets.into();
    dhcp4
}
