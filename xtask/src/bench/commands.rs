//! How many commands a server answers, and what packets feel of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use kotare_tests::world::{Server, V4, eventually, program};
use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::process::{cpu, usage};
use super::protocol::Protocol;
use super::stage::{Act, Contender};
use super::start::Start;
use crate::run::Done;

/// How commands come.
#[derive(Clone, Copy)]
pub(super) enum Front {
    /// One a connection.
    Unix,
    /// Over connections that are kept. Kea 2.2 has a control agent for that.
    Http,
}

/// Where HTTP is served, in the server's namespace.
const HTTP: &str = "127.0.0.1:8000";

/// So many clients that ask for the version.
pub(super) fn commands(act: &Act<'_>, front: Front, clients: u32) -> Done<Readings> {
    let side = Side::start(act, front, &Start::default())?;
    let before = side.cpu();
    let read = side.ask(act, "version-get", clients)?;
    let used = side.cpu() - before;
    side.stop()?;
    Ok(readings(act, &read, used))
}

/// What the system takes for so many clients of a UNIX socket: a loop that accepts, reads, writes and closes, and nothing
/// else, in the place of the server.
pub(super) fn bare(act: &Act<'_>, clients: u32) -> Done<Readings> {
    let socket = act.world.path("bare");
    let mut server = act.server.command(program("kotare-command-load"));
    server.arg("--bare").arg("--unix").arg(&socket).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut server = server.spawn()?;
    let mut ready = String::new();
    BufReader::new(server.stdout.as_mut().ok_or("a pipe was asked for")?).read_line(&mut ready)?;
    let read = ask(act, &["--unix".as_ref(), socket.as_ref()], "version-get", clients);
    let used = cpu(server.id());
    server.kill()?;
    server.wait()?;
    fs::remove_file(socket)?;
    Ok(readings(act, &read.ok_or("the load of commands ended")?, used.unwrap_or(f64::NAN)))
}

fn readings(act: &Act<'_>, read: &Value, used: f64) -> Readings {
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    vec![
        (Figure::COMMANDS, value("commands_per_second")),
        // What was done before measuring is a fifth, at the same pace.
        (Figure::CPU_PER_COMMAND, used * 1e6 / (value("commands_per_second") * (act.seconds() + WARM_UP))),
        (Figure::P99, value("p99_us")),
    ]
}

/// The figures of a load of one command at a socket; nothing if it ended.
fn ask(act: &Act<'_>, socket: &[&Path], command: &str, clients: u32) -> Option<Value> {
    let mut load = act.server.command(program("kotare-command-load"));
    load.args(socket).args(["--command", command, "--clients", &clients.to_string()]);
    load.args(["--seconds", &act.seconds().to_string(), "--warm-up", &WARM_UP.to_string()]);
    let output = load.stdin(Stdio::null()).stderr(Stdio::inherit()).output().ok()?;
    output.status.success().then(|| serde_json::from_slice(&output.stdout).ok())?
}

/// The answer to one long command, again and again.
pub(super) fn long(act: &Act<'_>, command: &str, start: &Start) -> Done<Readings> {
    let side = Side::start(act, Front::Http, start)?;
    let read = side.ask(act, command, 1)?;
    let used = usage(side.server.pid()).ok_or("the server is gone")?;
    side.stop()?;
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    Ok(vec![(Figure::ANSWER, value("p50_us") / 1e3), (Figure::PEAK, used.peak)])
}

/// One client at a time takes a lease, while commands are sent all the time, or not.
pub(super) fn packets(act: &Act<'_>, beside: Option<&str>) -> Done<Readings> {
    let side = Side::start(act, Front::Http, &LARGE)?;
    let mut load = act.load::<V4>();
    load.args(["--in-flight", "1", "--first", "50000000", "--clients", "200"]);
    let load = load.args(["--seconds", &act.seconds().to_string()]).spawn()?;
    let answers = match beside {
        Some(command) => Some(side.ask(act, command, 1)?),
        None => None,
    };
    let read: Value = serde_json::from_slice(&load.wait_with_output()?.stdout)?;
    side.stop()?;
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    let mut readings = vec![(Figure::P50, value("p50_us")), (Figure::P99, value("p99_us"))];
    let rate = answers.and_then(|answers| answers["commands_per_second"].as_f64());
    readings.extend(rate.map(|rate| (Figure::COMMANDS, rate)));
    Ok(readings)
}

/// 10 000 subnets with 100 000 reservations.
pub(super) const LARGE: Start = Start { leases: 0, subnets: 10_000, reservations: 100_000, prefixes: false };

/// The unmeasured time of the load, in seconds.
const WARM_UP: f64 = 0.5;

/// A server that takes commands, with its agent where it needs one.
struct Side {
    server: Server,
    agent: Option<Child>,
    front: Front,
}

impl Side {
    fn start(act: &Act<'_>, front: Front, start: &Start) -> Done<Self> {
        let mut dhcp4 = V4::with_subnets(act, start);
        let folder = act.world.path("server");
        let is_kea = act.contender == Contender::Kea;
        if let (Front::Http, false) = (front, is_kea) {
            dhcp4["control-sockets"] = json!([
                {"socket-type": "unix", "socket-name": folder.join("control")},
                {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8000},
            ]);
        }
        let server = act.start::<V4>(dhcp4)?;
        let agent = match front {
            Front::Http if is_kea => Some(agent(act, &server)?),
            _ => None,
        };
        Ok(Self { server, agent, front })
    }

    /// The load's figures.
    fn ask(&self, act: &Act<'_>, command: &str, clients: u32) -> Done<Value> {
        let control = self.server.control_socket();
        let socket = match self.front {
            Front::Unix => ["--unix".as_ref(), control],
            Front::Http => ["--http".as_ref(), HTTP.as_ref()],
        };
        let read = ask(act, &socket, command, clients);
        read.ok_or_else(|| {
            format!("the load of commands ended; the server's log:\n{}", self.server.log()).into()
        })
    }

    /// Time on processors, of the agent too.
    fn cpu(&self) -> f64 {
        let agent = self.agent.as_ref().map_or(Some(0.0), |agent| cpu(agent.id()));
        cpu(self.server.pid()).zip(agent).map_or(f64::NAN, |(server, agent)| server + agent)
    }

    fn stop(mut self) -> Done {
        if let Some(agent) = &mut self.agent {
            agent.kill()?;
            agent.wait()?;
        }
        self.server.stop();
        Ok(())
    }
}

/// Starts Debian's control agent before a server and waits until it serves.
fn agent(act: &Act<'_>, server: &Server) -> Done<Child> {
    let file = act.world.path("agent.conf");
    let sockets = json!({"dhcp4": {"socket-type": "unix", "socket-name": server.control_socket()}});
    let configuration = json!({"Control-agent": {
        "http-host": "127.0.0.1",
        "http-port": 8000,
        "control-sockets": sockets,
        "loggers": [{"name": "kea-ctrl-agent", "severity": "WARN", "output_options": [{"output": "stdout"}]}],
    }});
    fs::write(&file, configuration.to_string())?;
    let mut command = act.server.command(act.program("kea-ctrl-agent")?);
    command.arg("-c").arg(&file).env("KEA_PIDFILE_DIR", act.world.folder());
    command.env("KEA_LOCKFILE_DIR", act.world.folder()).stdin(Stdio::null()).stdout(Stdio::null());
    let child = command.spawn()?;
    eventually("the control agent serves", || {
        let mut ask = act.server.command(program("kotare-command-load"));
        ask.args(["--http", HTTP, "--seconds", "0.01", "--warm-up", "0"]).stdin(Stdio::null());
        let output = ask.stderr(Stdio::null()).output().ok()?;
        output.status.success().then_some(())
    });
    Ok(child)
}
