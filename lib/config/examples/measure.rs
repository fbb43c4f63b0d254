//! Measures what a large configuration costs to read: 10 000 subnets with 100 000 reservations, of either protocol.
//!
//! ```text
//! cargo run --release -p kotare-config --example measure       # both, and the ratio
//! cargo run --release -p kotare-config --example measure 6     # one of them, for a profiler
//! ```
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use kotare_config::schema::File;
use kotare_config::v4::Config4;
use kotare_config::v6::Config6;
use kotare_config::{Configuration, Input, read, v4, v6};

const SUBNETS: u32 = 10_000;
const HOSTS: u32 = 10;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("kea.conf");
    let only = std::env::args().nth(1);
    let mut medians = Vec::new();
    for (name, text) in [("4", dhcp4()?), ("6", dhcp6()?)] {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        std::fs::write(&file, &text)?;
        let median = match name {
            "4" => median::<Config4>(&file, &v4::FILE)?,
            _ => median::<Config6>(&file, &v6::FILE)?,
        };
        println!("DHCPv{name}: {median:.0?} for {} KiB", text.len() / 1024);
        medians.push(median.as_secs_f64());
    }
    if let [four, six] = medians[..] {
        println!("DHCPv6 takes {:.2} times as long", six / four);
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the clock is what it is for")]
fn median<C: Configuration>(path: &Path, file: &File) -> Result<Duration, Box<dyn std::error::Error>> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let candidate = read::<C>(Input::File(path), file).map_err(|refused| refused.to_string())?;
        times.push(start.elapsed());
        drop(candidate);
    }
    times.sort();
    Ok(times[ROUNDS / 2])
}

fn dhcp4() -> Result<String, std::fmt::Error> {
    let mut text = String::from("{\"Dhcp4\": {\"subnet4\": [");
    for id in 1..=SUBNETS {
        let net = format!("10.{}.{}", id >> 8, id & 255);
        let pools = format!("[{{\"pool\": \"{net}.100 - {net}.200\"}}]");
        write!(text, "{{\"id\": {id}, \"subnet\": \"{net}.0/24\", \"pools\": {pools}, \"reservations\": [")?;
        for host in 1..=HOSTS {
            let client = format!("02:00:00:{:02x}:{:02x}:{host:02x}", id >> 8, id & 255);
            writeln!(
                text,
                "{{\"hw-address\": \"{client}\", \"ip-address\": \"{net}.{host}\"}}{}",
                comma(host < HOSTS)
            )?;
        }
        writeln!(text, "]}}{}", comma(id < SUBNETS))?;
    }
    Ok(text + "]}}")
}

fn dhcp6() -> Result<String, std::fmt::Error> {
    let mut text = String::from("{\"Dhcp6\": {\"subnet6\": [");
    for id in 1..=SUBNETS {
        let net = format!("2001:db8:{id:x}:");
        let pools = format!("[{{\"pool\": \"{net}:100 - {net}:200\"}}]");
        write!(text, "{{\"id\": {id}, \"subnet\": \"{net}:/64\", \"pools\": {pools}, \"reservations\": [")?;
        for host in 1..=HOSTS {
            let client = format!("00:03:00:01:02:00:00:{:02x}:{:02x}:{host:02x}", id >> 8, id & 255);
            writeln!(
                text,
                "{{\"duid\": \"{client}\", \"ip-addresses\": [\"{net}:{host:x}\"]}}{}",
                comma(host < HOSTS)
            )?;
        }
        writeln!(text, "]}}{}", comma(id < SUBNETS))?;
    }
    Ok(text + "]}}")
}

fn comma(more: bool) -> &'static str {
    if more { "," } else { "" }
}
