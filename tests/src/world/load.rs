//! `kotare-load`, the load that never pauses, on a host.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use serde_json::Value;

use super::{Host, World, program};

/// A running load; killed when dropped.
#[derive(Debug)]
pub struct Load {
    child: Option<Child>,
    acknowledged: PathBuf,
}

impl Load {
    /// Starts it as the relay `relay`, with these options.
    pub fn start(world: &World, host: &Host, server: &str, relay: &str, options: &[&str]) -> Self {
        let acknowledged = world.path(&format!("{}-acknowledged", host.name()));
        let mut command = host.command(program("kotare-load"));
        command.args(["--server", server, "--relay", relay, "--warm-up", "0"]).args(options);
        command.arg("--acknowledged").arg(&acknowledged).stdin(Stdio::piped()).stdout(Stdio::piped());
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child: Some(child), acknowledged }
    }

    /// Tells it, if it shall be told, that it was enough, and waits for its end. What it counted, and the address that each hardware address was acknowledged last.
    pub fn finish(mut self) -> (Value, BTreeMap<String, String>) {
        let child = self.child.take().expect("a load ends once");
        // Which closes its standard input.
        let output = child.wait_with_output().expect("a child can be waited for");
        assert!(output.status.success(), "the load ended with {}", output.status);
        let counted = serde_json::from_slice(&output.stdout).expect("the load prints JSON");
        let text = fs::read_to_string(&self.acknowledged).expect("the load lists what was acknowledged");
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        (counted, pairs.map(|(address, mac)| (mac.to_owned(), address.to_owned())).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
