//! What a reader must know of the machine to judge the numbers.

use std::fs;

use kotare_tests::world::World;

use super::stage::{Contender, Stage};
use crate::run::{Done, output};

/// Prints it: processors, memory, kernel, how busy the machine is, and who is measured.
pub(super) fn print(stage: &Stage, other: Contender) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "processor of unknown model".into());
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    println!("{cores} cores ({cpu}), memory {memory}, Linux {}.", text("/proc/sys/kernel/osrelease"));
    let load = text("/proc/loadavg");
    println!("Load average at the start: {load}.");
    if load.split(' ').next().and_then(|minute| minute.parse().ok()).is_some_and(|load: f64| load > 0.5) {
        println!(
            "The machine does other work, too: rates and times are worse than it can do; CPU figures hold."
        );
    }
    let version = |contender| version(stage, contender).unwrap_or_else(|error| error.to_string());
    println!("Kotare ({}) beside {} ({}).", version(Contender::Kotare), other.name(), version(other));
}

/// The value behind a name and a colon, in a file of such lines.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(value)
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// What `-v` prints. Partners find their libraries only on a host.
fn version(stage: &Stage, contender: Contender) -> Done<String> {
    let host = World::inside_sandbox().host("version");
    let said = output(host.command(stage.program(contender, "kea-dhcp4")?).arg("-v"));
    host.remove();
    Ok(said?.trim().to_owned())
}
