//! Requests that are kept in a file: neither SIGKILL nor a DNS server that is away loses one.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::ops::Range;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use kotare_ddns::{Ask, Change};
use kotare_model::Chance;
use kotare_tests::world::{Host, eventually, partner_or_system};
use serde_json::{Value, json};

use crate::bind::Bind;
use crate::daemon::{Ddns, request};
use crate::{CHECK, OPEN, open, with_bind};

/// A map with the zones of [`OPEN`] whose requests are kept in a file in this folder.
fn kept(folder: &std::path::Path) -> Value {
    let mut map = open();
    map["dns-server-timeout"] = json!(100);
    map["request-queue"] = json!({"persist": true, "name": folder.join("requests")});
    map
}

fn accepted(ddns: &Ddns) -> usize {
    ddns.log().matches("DHCP_DDNS_QUEUE_MGR_QUEUE_RECEIVE").count()
}

/// Killed while the DNS server is away and while it is there, with changes of few names one after the other: in the end the
/// zone is what was asked for last.
#[test]
fn kills_and_a_dns_server_that_is_away_lose_nothing() {
    with_bind("keeping::kills_and_a_dns_server_that_is_away_lose_nothing", |world| {
        let host = world.host("dns");
        let map = kept(&world.path("ddns"));
        let mut chance = Chance::new(1);
        let mut names: BTreeMap<u8, u8> = BTreeMap::new();
        let mut asked = 0;
        let mut bind = None;
        for round in 0..8 {
            let ddns = Ddns::kotare(world, &host, map.clone());
            if round == 3 {
                ddns.await_log(&["KOTARE_DDNS_POSTPONED", "n0.example.com."]);
                bind = Some(Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked"));
            }
            for _ in 0..12 {
                // Names are added and removed in turn, at addresses of their own.
                let name = chance.below(4) as u8;
                let change = names.entry(name).or_default();
                let kind = if change.is_multiple_of(2) { Change::Add } else { Change::Remove };
                *change += 1;
                ddns.ask(&request(
                    kind,
                    name,
                    &format!("n{name}.example.com."),
                    &format!("192.0.2.{}", 10 + name),
                    CHECK,
                ));
                asked += 1;
            }
            eventually("all requests are accepted", || (accepted(&ddns) == asked).then_some(()));
            ddns.signal("KILL");
        }
        let bind = bind.expect("it was started");
        let ddns = Ddns::kotare(world, &host, map);
        for (name, changes) in names {
            let (fqdn, address) = (format!("n{name}.example.com."), format!("192.0.2.{}", 10 + name));
            let there = !changes.is_multiple_of(2);
            let (a, ptr) = (format!("1200 A {address}"), format!("1200 PTR {fqdn}"));
            let expected = |record| if there { vec![record] } else { Vec::new() };
            bind.await_records(&[&fqdn, "A"], &expected(a.as_str()));
            bind.await_records(&["-x", &address], &expected(ptr.as_str()));
        }
        ddns.signal("TERM");
        let file = world.path("ddns").join("requests");
        assert!(ddns.ends());
        // It has a head and nothing that is not done.
        let text = std::fs::read_to_string(&file).expect("the file");
        let came: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix('+')?.split(' ').next()).collect();
        let done: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix('-')).collect();
        assert!(came.iter().all(|number| done.contains(number)), "{text}");
    });
}

/// Another process that has the file, a file that is something else, and a change while it runs are refused, with a reason.
#[test]
fn a_queue_file_is_one_servers() {
    with_bind("keeping::a_queue_file_is_one_servers", |world| {
        let host = world.host("dns");
        let map = kept(&world.path("ddns"));
        let ddns = Ddns::kotare(world, &host, map.clone());
        let mut other = map.clone();
        other["request-queue"]["max-queue-size"] = json!(200);
        let answer = ddns.command("config-set", json!({"DhcpDdns": other}));
        let text = answer["text"].as_str().unwrap_or_default();
        assert!(answer["result"] == 1 && text.contains("restart it"), "{answer}");
        assert_eq!(ddns.command("config-reload", json!({}))["result"], 0);
        ddns.signal("KILL");
        drop(ddns);
        std::fs::write(world.path("ddns").join("requests"), "address,hwaddr\n").expect("write the file");
        let ended = Ddns::try_kotare(world, &host, map);
        assert!(ended.contains("the file is no journal"), "{ended}");
    });
}

/// A program that sends and hears datagrams of the requests' port; killed when dropped.
struct Asker {
    socat: Child,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Asker {
    /// Who asks as this.
    const NAME: u64 = 7;

    fn on(host: &Host) -> Self {
        let mut command = host.command(partner_or_system("socat"));
        command.args(["-b", "8192", "STDIO", "UDP:127.0.0.1:53001"]).stdin(Stdio::piped());
        let mut socat = command.stdout(Stdio::piped()).spawn().expect("socat is installed");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (mut output, hears) = (socat.stdout.take().expect("a pipe"), heard.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                hears.lock().expect("nobody panics").extend(&buffer[..length]);
            }
        });
        Self { socat, heard }
    }

    /// Asks for names of these numbers in one datagram, each with a receipt.
    fn ask(&mut self, names: Range<u64>) {
        let datagrams = names.flat_map(|name| {
            let fqdn = format!("n{name}.example.com.");
            let request = request(Change::Add, 1, &fqdn, &format!("192.0.2.{name}"), CHECK);
            let numbers = [Self::NAME, name].map(u64::to_be_bytes).concat();
            [request.to_datagram(), b"kotare?1".to_vec(), numbers].concat()
        });
        let datagram: Vec<u8> = datagrams.collect();
        self.socat.stdin.as_mut().expect("a pipe").write_all(&datagram).expect("socat reads");
    }

    /// Whether a receipt for this name has come.
    fn has_receipt(&self, name: u64) -> bool {
        let heard = self.heard.lock().expect("nobody panics");
        heard.as_chunks().0.iter().any(|number| u64::from_be_bytes(*number) == name)
    }

    /// Whether what came last says no more than that somebody is there.
    fn hears_of_presence(&self) -> bool {
        self.heard.lock().expect("nobody panics").ends_with(&Ask::presence(Self::NAME))
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let _ = self.socat.kill();
        let _ = self.socat.wait();
    }
}

/// While the queue is full, who asks for receipts hears that somebody is there, also of a server that was started with a full one; when
/// there is room again there are receipts.
#[test]
fn a_full_queue_says_that_it_is_there() {
    with_bind("keeping::a_full_queue_says_that_it_is_there", |world| {
        let host = world.host("dns");
        let mut map = kept(&world.path("ddns"));
        map["request-queue"]["max-queue-size"] = json!(128);
        let ddns = Ddns::kotare(world, &host, map.clone());
        // What waits for an answer of the DNS server has left the queue for a moment, so it is filled for some time.
        let fill = |asker: &mut Asker| {
            let mut names = (10..200).step_by(10).cycle();
            eventually("the queue is full, and there is somebody", || {
                let first = names.next().expect("they go on");
                asker.ask(first..first + 10);
                asker.hears_of_presence().then_some(())
            });
        };
        fill(&mut Asker::on(&host));
        assert!(ddns.log().contains("DHCP_DDNS_QUEUE_MGR_QUEUE_FULL"));
        ddns.signal("KILL");
        drop(ddns);

        let ddns = Ddns::kotare(world, &host, map);
        let mut asker = Asker::on(&host);
        fill(&mut asker);
        let _bind = Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        eventually("there is room", || {
            asker.ask(220..221);
            asker.has_receipt(220).then_some(())
        });
        ddns.signal("TERM");
        assert!(ddns.ends());
    });
}
