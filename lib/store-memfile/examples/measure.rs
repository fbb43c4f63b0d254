//! Measures the store: time and memory of loading, cleaning up, changing and asking.
//!
//! ```text
//! cargo run --release -p kotare-store-memfile --example measure -- <folder> <leases> load|load6|clean|put|anew
//! ```
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use kotare_model::{ClientId, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_store::conformance::{Executor, PollOnce};
use kotare_store::{By4, Change, LeaseStore};
use kotare_store_memfile::{Durability, LfcFiles, Memfile4, Memfile6, Options, cleanup};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, leases, what] = &arguments[..] else {
        return Err("folder, leases, load|clean|put|anew".into());
    };
    let leases: u32 = leases.parse()?;
    let path = Path::new(folder).join("kea-leases4.csv");
    match what.as_str() {
        "load" => load(path, leases),
        "load6" => load6(Path::new(folder).join("kea-leases6.csv"), leases),
        "clean" => clean(&path, leases),
        "put" => change(leases, folder),
        "anew" => anew(path, leases),
        _ => Err("load, clean, put or anew".into()),
    }
}

/// Loads a file of one row a lease.
fn load(path: PathBuf, leases: u32) -> Result<(), Box<dyn std::error::Error>> {
    if !path.exists() {
        write_file(&path, leases, 1)?;
    }
    let before = resident();
    let seconds = time();
    let store = Memfile4::open(Options::new(Some(path), 1))?;
    println!("loaded {:?} in {:.3} s", store.loaded(), seconds());
    let seconds = time();
    let found = store.select(|address, _, subnet, _| u32::from(address) >> 16 == subnet.0);
    println!("looked through for {} in {:.3} s", found.len(), seconds());
    println!("resident before {before}, now {}, peak {}", resident(), peak());
    Ok(())
}

/// Loads a file of DHCPv6 of one row a lease: an address or a prefix, as clients of both have them.
fn load6(path: PathBuf, leases: u32) -> Result<(), Box<dyn std::error::Error>> {
    if !path.exists() {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        file.write_all(
            b"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,\
              hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n",
        )?;
        for n in 0..leases {
            let (client, mix) = (n / 2, (n / 2).wrapping_mul(0x9e37_79b9).to_be_bytes());
            let [a, b, c, d] = mix;
            let duid = format!("00:01:00:01:2c:00:00:00:02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
            let mac = format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
            let end = 1_700_004_000 + n / 100;
            match n % 2 {
                0 => writeln!(
                    file,
                    "2001:db8::{:x}:{:x},{duid},4000,{end},1,3000,0,1,128,0,0,client-{client},{mac},0,,1,2,0",
                    client >> 16,
                    client & 0xffff
                )?,
                _ => writeln!(
                    file,
                    "2001:db9:{:x}:{:x}::,{duid},4000,{end},1,3000,2,1,64,0,0,,{mac},0,,1,2,0",
                    client >> 16,
                    client & 0xffff
                )?,
            }
        }
        file.flush()?;
    }
    let before = resident();
    let seconds = time();
    let store = Memfile6::open(Options::new(Some(path), 1))?;
    println!("loaded {:?} in {:.3} s", store.loaded(), seconds());
    println!("resident before {before}, now {}, peak {}", resident(), peak());
    Ok(())
}

/// Cleans up a previous result of a third of the rows and a copy with two more rows for each.
fn clean(path: &Path, rows: u32) -> Result<(), Box<dyn std::error::Error>> {
    let files = LfcFiles::of(path);
    write_file(&files.previous, rows / 3, 1)?;
    write_file(&files.copy, rows / 3, 2)?;
    let seconds = time();
    let (cleaned, finish) = cleanup::<Lease4>(&files)?;
    finish.rotate()?;
    println!("cleaned {cleaned:?} in {:.3} s, peak {}", seconds(), peak());
    Ok(())
}

/// Writes the file anew that somebody deleted.
fn anew(path: PathBuf, leases: u32) -> Result<(), Box<dyn std::error::Error>> {
    write_file(&path, leases, 1)?;
    let store = Memfile4::open(Options::new(Some(path.clone()), 1))?;
    let next = lease(leases, 0);
    let change = Change { address: next.address, from: None, to: Some(&next) };
    PollOnce.run(store.put(change))?;
    std::fs::remove_file(&path)?;
    let seconds = time();
    PollOnce.run(store.flush())?;
    println!("written anew in {:.3} s: {} bytes", seconds(), path.metadata()?.len());
    Ok(())
}

/// Adds, finds and renews leases one after the other.
fn change(leases: u32, folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    for (name, options) in [
        ("memory", Options::new(None, 1)),
        ("process", Options::new(Some(Path::new(folder).join("put.csv")), 1)),
        (
            "system",
            Options {
                durability: Durability::System,
                ..Options::new(Some(Path::new(folder).join("put-system.csv")), 1)
            },
        ),
    ] {
        let store = Memfile4::open(options)?;
        let all: Vec<Lease4> = (0..leases).map(|n| lease(n, 0)).collect();
        let run = |what: &str, step: &mut dyn FnMut(&Lease4)| {
            let seconds = time();
            for (i, lease) in all.iter().enumerate() {
                step(lease);
                if i % 64 == 63 {
                    PollOnce.run(store.flush()).expect("the disk has room");
                }
            }
            println!("{name}: {what} {:.0} ns each", seconds() / f64::from(leases) * 1e9);
        };
        run("add", &mut |lease| {
            let change = Change { address: lease.address, from: None, to: Some(lease) };
            PollOnce.run(store.put(change)).expect("the disk has room");
        });
        run("find by hardware address", &mut |lease| {
            assert_eq!(PollOnce.run(store.get(By4::HwAddr(&lease.hwaddr))).expect("memory").len(), 1);
        });
        run("renew", &mut |lease| {
            let to = Lease4 { cltt: Timestamp(lease.cltt.0 + 10), ..lease.clone() };
            let change = Change { address: lease.address, from: Some(lease), to: Some(&to) };
            PollOnce.run(store.put(change)).expect("the disk has room");
        });
        println!("{name}: resident {}", resident());
    }
    Ok(())
}

fn write_file(path: &Path, leases: u32, rounds: u32) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(
        b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,\
          pool_id\n",
    )?;
    for round in 0..rounds {
        for n in 0..leases {
            let lease = lease(n, round);
            writeln!(
                file,
                "{},{},{},{},{},{},0,0,{},0,,0",
                lease.address,
                lease.hwaddr,
                lease.client_id.as_ref().map_or(String::new(), ToString::to_string),
                lease.valid_lifetime,
                lease.expires(),
                lease.subnet_id,
                lease.hostname,
            )?;
        }
    }
    file.flush()
}

/// A typical lease: Ethernet, the usual client identifier, a short name.
fn lease(n: u32, round: u32) -> Lease4 {
    let mix = n.wrapping_mul(0x9e37_79b9);
    let mac = [2, 0, (mix >> 24) as u8, (mix >> 16) as u8, (mix >> 8) as u8, mix as u8];
    Lease4 {
        address: Ipv4Addr::from_bits(0x0a00_0000 + n),
        hwaddr: HwAddr::new(HwAddr::ETHERNET, &mac).expect("6 bytes fit"),
        client_id: ClientId::new(&[&[1], &mac[..]].concat()).ok(),
        valid_lifetime: Lifetime(4000),
        cltt: Timestamp(1_700_000_000 + i64::from(n / 100 + round * 2000)),
        subnet_id: SubnetId(1 + n / 65_536),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: format!("client-{n}").into(),
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    }
}

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn time() -> impl Fn() -> f64 {
    let start = Instant::now();
    move || start.elapsed().as_secs_f64()
}

fn resident() -> String {
    status("VmRSS:")
}

fn peak() -> String {
    status("VmHWM:")
}

fn status(line: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|text| text.strip_prefix(line)).unwrap_or("unknown").trim().to_owned()
}
