//! Names in the DNS: how many changes a `kea-dhcp-ddns` has made, and what they cost a server of DHCP.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use kotare_tests::world::{V4, eventually, partner, program};
use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::load::{Steps, loaded};
use super::process::cpu;
use super::protocol::Protocol;
use super::stage::{Act, Contender};
use crate::run::Done;

/// A program that ends when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const ZONES: [&str; 2] = ["example.com", "10.in-addr.arpa"];

/// Name change requests, each a forward and a reverse change that BIND makes.
pub(super) fn requests(act: &Act<'_>) -> Done<Readings> {
    let _bind = bind(act)?;
    let domain =
        |zone: &str| json!([{"name": format!("{zone}."), "dns-servers": [{"ip-address": "127.0.0.1"}]}]);
    let folder = act.world.path("ddns");
    let ddns = ddns(
        act,
        &folder,
        json!({
            "forward-ddns": {"ddns-domains": domain(ZONES[0])},
            "reverse-ddns": {"ddns-domains": domain(ZONES[1])},
        }),
    )?;
    let mut load = act.server.command(program("kotare-request-load"));
    load.arg("--control").arg(folder.join("control")).args(["--seconds", &act.seconds().to_string()]);
    let before = cpu(ddns.0.id());
    let output = load.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let used = cpu(ddns.0.id()).zip(before).map(|(after, before)| after - before);
    let read: Value = serde_json::from_slice(&output.stdout)?;
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    Ok(vec![
        (Figure::REQUESTS, value("requests_per_second")),
        (Figure::CPU_PER_REQUEST, used.unwrap_or(f64::NAN) * 1e6 / value("done")),
    ])
}

/// Whole exchanges of clients that get a name each; with `updates` the DNS is told of it, by ours out of a file.
pub(super) fn exchanges(act: &Act<'_>, updates: bool) -> Done<Readings> {
    let steps = Steps { in_flight: 256, ..Steps::DEFAULT };
    let mut map = V4::with_pool(act, &steps);
    map["ddns-qualifying-suffix"] = json!("example.com");
    map["ddns-replace-client-name"] = json!("always");
    map["dhcp-ddns"] = json!({"enable-updates": updates});
    if updates && act.contender != Contender::Kea {
        let file = act.world.path("requests");
        map["dhcp-ddns"]["request-queue"] =
            json!({"persist": true, "name": file, "max-queue-size": 1_000_000});
    }
    // What becomes of the requests is another matter: there are no zones.
    let _ddns = updates.then(|| ddns(act, &act.world.path("ddns"), json!({}))).transpose()?;
    loaded::<V4>(act, &steps, map)
}

/// BIND with two zones that anybody on the machine may update.
fn bind(act: &Act<'_>) -> Done<Running> {
    let named = partner("named").ok_or("BIND is not unpacked")?;
    let folder = act.world.path("named");
    fs::create_dir_all(&folder)?;
    let mut text = format!(
        "options {{ directory \"{}\"; listen-on {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; pid-file \"pid\"; \
         session-keyfile none; recursion no; dnssec-validation no; notify no; }};\ncontrols {{ }};\n",
        folder.display()
    );
    for zone in ZONES {
        fs::write(
            folder.join(zone),
            "$TTL 300\n@ SOA ns admin 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n",
        )?;
        text += &format!("zone \"{zone}\" {{ type master; file \"{zone}\"; allow-update {{ any; }}; }};\n");
    }
    let configuration = folder.join("named.conf");
    fs::write(&configuration, text)?;
    let mut command = act.server.command(named);
    command.arg("-g").arg("-c").arg(configuration).stderr(File::create(folder.join("log"))?);
    let running = started(command)?;
    let dig = partner("dig").ok_or("dig is not unpacked")?;
    eventually("named answers", || {
        let mut command = act.server.command(&dig);
        let output = command.args(["@127.0.0.1", "+time=1", "+tries=1", "+short", "SOA", ZONES[0]]).output();
        output.ok().filter(|output| output.status.success() && !output.stdout.is_empty())
    });
    Ok(running)
}

/// The `kea-dhcp-ddns` of the contender.
fn ddns(act: &Act<'_>, folder: &Path, mut map: Value) -> Done<Running> {
    fs::create_dir_all(folder)?;
    let socket = folder.join("control");
    map["control-socket"] = json!({"socket-type": "unix", "socket-name": socket});
    map["loggers"] =
        json!([{"name": "kea-dhcp-ddns", "severity": "WARN", "output_options": [{"output": "stdout"}]}]);
    let configuration = folder.join("kea-dhcp-ddns.conf");
    fs::write(&configuration, serde_json::to_vec(&json!({"DhcpDdns": map}))?)?;
    let mut command = act.server.command(act.program("kea-dhcp-ddns")?);
    if act.contender != Contender::Kea {
        command.arg("-X");
    }
    command.arg("-c").arg(configuration).env("KEA_PIDFILE_DIR", folder).env("KEA_LOCKFILE_DIR", folder);
    let running = started(command)?;
    eventually("kea-dhcp-ddns listens", || std::os::unix::net::UnixStream::connect(&socket).ok());
    Ok(running)
}

fn started(mut command: Command) -> Done<Running> {
    Ok(Running(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
}
