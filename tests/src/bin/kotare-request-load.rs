//! A load of name change requests: a fixed number is always on its way through `kea-dhcp-ddns` to the DNS.
//!
//! Each asks for a name of its own, forward and reverse. How many are done is what the server counts as updates that
//! succeeded, two for each. What is printed at the end is one JSON map: requests a second.

#![expect(clippy::print_stdout, reason = "the result is what is printed")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use kotare_ddns::{Change, ChangeRequest, ConflictResolution, Dhcid};
use serde_json::{Value, json};

/// How long the server warms up, as a part of the time that is measured.
const WARM_UP: f64 = 0.2;

/// Between two looks at what is done.
const PAUSE: Duration = Duration::from_millis(2);

#[derive(Parser)]
struct Arguments {
    /// Where requests go.
    #[arg(long, default_value = "127.0.0.1:53001")]
    to: SocketAddr,
    /// The control socket of the server.
    #[arg(long)]
    control: PathBuf,
    /// How many requests are always on their way.
    #[arg(long, default_value_t = 512)]
    in_flight: u64,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
}

#[expect(clippy::disallowed_methods, reason = "measuring is about time")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let start = Instant::now();
    let (from, until) = (arguments.seconds * WARM_UP, arguments.seconds * (1.0 + WARM_UP));
    let (mut sent, mut measured) = (0, None);
    loop {
        let done = succeeded(&arguments.control)? / 2;
        let passed = start.elapsed().as_secs_f64();
        let (begun, before) = *measured.get_or_insert((passed, done));
        if passed >= until {
            let rate = (done - before) as f64 / (passed - begun);
            println!("{}", json!({"requests_per_second": rate, "sent": sent, "done": done}));
            return Ok(());
        }
        if begun < from && passed >= from {
            measured = Some((passed, done));
        }
        while sent < done + arguments.in_flight {
            socket.send_to(&request(sent)?.to_older_datagram("20991231000000"), arguments.to)?;
            sent += 1;
        }
        thread::sleep(PAUSE);
    }
}

/// The request of this number.
fn request(number: u64) -> Result<ChangeRequest, Box<dyn Error>> {
    let [.., a, b, c] = number.to_be_bytes();
    let fqdn = format!("n{number}.example.com.").parse()?;
    Ok(ChangeRequest {
        change: Change::Add,
        forward: true,
        reverse: true,
        dhcid: Dhcid::of_hardware_address(1, &[2, 0, 0, a, b, c], &fqdn).ok_or("no DHCID")?,
        fqdn,
        address: Ipv4Addr::new(10, a, b, c).into(),
        lease_length: 1200,
        conflict_resolution: ConflictResolution::default(),
    })
}

/// How many updates the server counts as successful.
fn succeeded(control: &Path) -> Result<u64, Box<dyn Error>> {
    let mut stream = UnixStream::connect(control)?;
    stream.write_all(br#"{"command": "statistic-get", "arguments": {"name": "update-success"}}"#)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let answer: Value = serde_json::from_str(&answer)?;
    Ok(answer["arguments"]["update-success"][0][0].as_u64().unwrap_or(0))
}
