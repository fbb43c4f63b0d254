//! Where a measure is taken: a server's host and a relay's host joined by a cable.

use std::cell::Cell;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use kotare_tests::world::{Family, Host, ServerOf, V4, V6, World, partner, program};
use serde_json::{Value, json};

use super::databases::finding_its_database;
use super::protocol::Protocol;
use crate::run::Done;

/// The folder of the server in its world; its DUID is made of this.
pub(crate) const SERVER_NAME: &str = "server";

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    Kotare,
    /// Debian's.
    Kea,
    /// Another build of ours (`--against`).
    Former,
}

impl Contender {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kotare => "Kotare",
            Self::Kea => "Debian's Kea",
            Self::Former => "former Kotare",
        }
    }
}

/// All of a run: what is shared by the measures.
pub(crate) struct Stage {
    seconds: f64,
    /// The folder of the former programs, if they are measured.
    former: Option<PathBuf>,
    /// Files that are made once and copied.
    files: tempfile::TempDir,
    acts: Cell<u32>,
}

/// One taking of one measure, in a world of its own.
pub(crate) struct Act<'a> {
    pub(crate) contender: Contender,
    pub(crate) world: World,
    pub(crate) server: Host,
    relay: Host,
    stage: &'a Stage,
}

impl Stage {
    /// Loads will last so long.
    pub(crate) fn new(seconds: f64, former: Option<PathBuf>) -> Done<Self> {
        let files = tempfile::Builder::new().prefix("kotare-bench-").tempdir()?;
        Ok(Self { seconds, former, files, acts: Cell::new(0) })
    }

    /// One of a contender's programs.
    pub(crate) fn program(&self, contender: Contender, name: &str) -> Done<PathBuf> {
        match (contender, &self.former) {
            (Contender::Kotare, _) => Ok(program(name)),
            (Contender::Kea, _) => {
                Ok(partner(name).ok_or_else(|| format!("Debian's {name} is not unpacked"))?)
            }
            (Contender::Former, Some(folder)) => Ok(folder.join(name)),
            (Contender::Former, None) => Err("no former programs are known".into()),
        }
    }

    /// Takes a measure of a contender, or does something else with it.
    pub(crate) fn play<T>(&self, contender: Contender, take: impl FnOnce(&Act<'_>) -> Done<T>) -> Done<T> {
        let number = self.acts.get();
        self.acts.set(number + 1);
        let world = World::inside_sandbox();
        let (server, relay) = (world.host(&format!("server{number}")), world.host(&format!("relay{number}")));
        server.trust_addresses();
        relay.trust_addresses();
        world.cable((&server, "eth0"), (&relay, "eth0"));
        address::<V4>(&server, &relay);
        address::<V6>(&server, &relay);
        // Messages handed to the kernel together are cut apart before they are on the cable, like on a real one.
        for host in [&server, &relay] {
            host.ip("link set eth0 gso_max_segs 1");
        }
        let act = Act { contender, world, server, relay, stage: self };
        let readings = take(&act);
        act.relay.remove();
        act.server.remove();
        readings
    }
}

impl Act<'_> {
    /// One of the contender's programs.
    pub(crate) fn program(&self, name: &str) -> Done<PathBuf> {
        self.stage.program(self.contender, name)
    }

    /// What a configuration calls a hook library. Ours are part of the program, wherever a file of that name would be.
    pub(crate) fn library(&self, name: &str) -> PathBuf {
        partner(name).unwrap_or_else(|| name.into())
    }

    /// The host of the relay agent.
    pub(crate) fn relay(&self) -> &Host {
        &self.relay
    }

    /// Starts the server and waits until it answers commands.
    pub(crate) fn start<F: Family>(&self, map: Value) -> Done<ServerOf<F>> {
        Ok(self.launch(map)?.answering())
    }

    /// The same with another name, beside the first one.
    pub(crate) fn start_as<F: Family>(&self, name: &str, map: Value) -> Done<ServerOf<F>> {
        let program = self.program(F::SERVER)?;
        Ok(ServerOf::launch(&self.world, &self.server, name, &program, map).answering())
    }

    /// Starts the server and returns at once.
    pub(crate) fn launch<F: Family>(&self, mut map: Value) -> Done<ServerOf<F>> {
        let program = finding_its_database(self, self.program(F::SERVER)?, &mut map)?;
        Ok(ServerOf::launch(&self.world, &self.server, SERVER_NAME, &program, map))
    }

    /// Where the server's leases will be.
    pub(crate) fn lease_file(&self) -> PathBuf {
        self.world.path("server/leases.csv")
    }

    /// Gives the server a file: a copy of what `make` writes, once in a run for all that ask for `name`.
    pub(crate) fn place<F: Family>(
        &self,
        to: &Path,
        name: &str,
        make: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Done {
        let made = self.stage.files.path().join(format!("{}-{}-{name}", self.contender.name(), F::MAP));
        if !made.exists() {
            make(&made)?;
        }
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::copy(made, to)?;
        Ok(())
    }

    /// The load generator on the relay's host; more arguments may follow. It prints JSON.
    pub(crate) fn load<P: Protocol>(&self) -> Command {
        let mut command = self.relay.command(program("kotare-load"));
        command.args(["--server", P::SERVER_ADDRESS, "--relay", P::RELAY, "--offload"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command
    }

    /// One of our programs on the relay's host, with an address there of its own.
    pub(crate) fn beside_load<P: Protocol>(&self, name: &str) -> Command {
        self.relay.address("eth0", &format!("{}/{}", P::OTHER_RELAY, P::LENGTH));
        let mut command = self.relay.command(program(name));
        command.args(["--server", P::SERVER_ADDRESS, "--relay", P::OTHER_RELAY]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command
    }

    /// Starts a server without any logic and waits until it is ready.
    pub(crate) fn bare<P: Protocol>(&self) -> Done<Child> {
        let mut command = self.server.command(program("kotare-load"));
        command.args(["--bare", "--server", P::SERVER_ADDRESS, "--relay", P::RELAY]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().ok_or("a pipe was asked for")?).read_line(&mut ready)?;
        Ok(child)
    }

    /// How long a load lasts.
    pub(crate) fn seconds(&self) -> f64 {
        self.stage.seconds
    }
}

/// Gives both ends of the cable their addresses of a protocol, and waits until servers may open sockets on it.
fn address<P: Protocol>(server: &Host, relay: &Host) {
    for (host, address) in [(server, P::SERVER_ADDRESS), (relay, P::RELAY)] {
        host.address("eth0", &format!("{address}/{}", P::LENGTH));
        host.link_local("eth0");
    }
}

/// What all configurations have, of either protocol.
pub(super) fn common<P: Protocol>(act: &Act<'_>) -> Value {
    json!({
        "lease-database": {
            "type": "memfile", "persist": true, "lfc-interval": 0, "name": act.lease_file(),
        },
        "multi-threading": {"enable-multi-threading": true, "thread-pool-size": 0, "packet-queue-size": 64},
        "valid-lifetime": 3600,
        "loggers": [{"name": P::SERVER, "severity": "WARN", "output_options": [{"output": "stdout"}]}],
    })
}

/// Tells how many seconds have passed since.
#[expect(clippy::disallowed_methods, reason = "measuring is about time")]
pub(crate) fn stopwatch() -> impl Fn() -> f64 {
    let start = Instant::now();
    move || start.elapsed().as_secs_f64()
}
