//! Packets while Prometheus reads the metrics of 10 000 subnets.

use kotare_tests::world::V4;
use serde_json::{Value, json};

use super::figures::{Figure, Readings, median};
use super::protocol::Protocol;
use super::stage::Act;
use super::start::Start;
use crate::run::{Done, output};

const SUBNETS: u32 = 10_000;

/// One client at a time asks for a lease; with `asked`, `/metrics` is read again and again all the while.
pub(super) fn scrapes(act: &Act<'_>, asked: bool) -> Done<Readings> {
    let mut dhcp4 = V4::with_subnets(act, &Start { subnets: SUBNETS, ..Start::default() });
    if asked {
        dhcp4["control-sockets"] = json!([
            {"socket-type": "unix", "socket-name": act.world.path("server/control")},
            {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8004, "monitoring": {}},
        ]);
    }
    let server = act.start::<V4>(dhcp4)?;
    let mut load = act.load::<V4>();
    load.args(["--in-flight", "1", "--clients", "200", "--seconds", &act.seconds().to_string()]);
    let mut load = load.spawn()?;
    let (mut seconds, mut bytes) = (Vec::new(), Vec::new());
    while asked && load.try_wait()?.is_none() {
        let mut curl = act.server.command("curl");
        curl.args(["--silent", "--show-error", "--fail", "--output", "/dev/null"]);
        let said = output(curl.args([
            "--write-out",
            "%{time_total} %{size_download}",
            "http://127.0.0.1:8004/metrics",
        ]))?;
        let (time, size) = said.split_once(' ').ok_or("curl says two numbers")?;
        seconds.push(time.parse::<f64>()?);
        bytes.push(size.parse::<f64>()?);
    }
    let read: Value = serde_json::from_slice(&load.wait_with_output()?.stdout)?;
    server.stop();
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    let mut readings = vec![(Figure::P50, value("p50_us")), (Figure::P99, value("p99_us"))];
    if let (Some(seconds), Some(bytes)) = (median(&seconds), median(&bytes)) {
        readings.extend([(Figure::PAGE_SECONDS, seconds), (Figure::PAGE_SIZE, bytes / 1e6)]);
    }
    Ok(readings)
}
