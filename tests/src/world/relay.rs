//! A relay agent on a host: ISC's `dhcrelay`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::{Host, World, programs};

/// A running relay; killed when dropped.
#[derive(Debug)]
pub struct Relay {
    child: Child,
    log: PathBuf,
}

impl Relay {
    /// Relays what clients say on the interface `down` to `server`, which is reached through `up`. With `options`
    /// such as `-a`, which adds the relay agent information option.
    pub fn start(world: &World, host: &Host, down: &str, up: &str, server: &str, options: &[&str]) -> Self {
        let words = [&["-4"], options, &["-id", down, "-iu", up, server]].concat();
        Self::launch(world, host, &words)
    }

    /// The same for DHCPv6; `server` may be a link-local address or the servers' multicast address.
    pub fn start6(world: &World, host: &Host, down: &str, up: &str, server: &str, options: &[&str]) -> Self {
        let upper = format!("{server}%{up}");
        let words = [&["-6"], options, &["-l", down, "-u", &upper]].concat();
        Self::launch(world, host, &words)
    }

    fn launch(world: &World, host: &Host, words: &[&str]) -> Self {
        let log = world.path(&format!("{}-dhcrelay.log", host.name()));
        let output = File::options().create(true).append(true).open(&log).expect("make the relay's log");
        let mut command = host.command(programs::partner_or_system("dhcrelay"));
        command.args(["-d", "--no-pid"]).args(words);
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a second handle")).stderr(output);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log }
    }

    /// What it printed so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
