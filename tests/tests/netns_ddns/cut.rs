//! Answers of a DNS server that are cut short on their way.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kotare_ddns::Change;
use kotare_tests::world::Host;
use serde_json::json;

use crate::bind::Bind;
use crate::daemon::{Ddns, request};
use crate::{CHECK, FORWARD, OPEN, REVERSE, domain, with_bind};

/// The byte of an answer's header that says whether it was cut short, and how.
const FLAGS: usize = 2;
const TC: u8 = 0x02;

/// How long it takes until somebody who stands between notices that it is enough.
const TURN: Duration = Duration::from_millis(50);

/// Somebody between who asks and the DNS server, who changes answers.
struct Between {
    is_enough: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Between {
    /// At port 53 of this address, for BIND at that of the machine itself.
    fn start(host: &Host, at: Ipv4Addr, change: fn(&mut Vec<u8>)) -> Self {
        let open = move || -> io::Result<_> {
            let (front, back) = (UdpSocket::bind((at, 53))?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
            front.set_read_timeout(Some(TURN))?;
            back.connect((Ipv4Addr::LOCALHOST, 53))?;
            back.set_read_timeout(Some(100 * TURN))?;
            Ok((front, back))
        };
        let (front, back) = host.inside(open).expect("sockets");
        let is_enough = Arc::new(AtomicBool::new(false));
        let told = is_enough.clone();
        let pass_on = move || {
            let mut buffer = [0; 4096];
            while !told.load(Ordering::Relaxed) {
                let Ok((length, from)) = front.recv_from(&mut buffer) else { continue };
                back.send(&buffer[..length]).expect("BIND is there");
                let Ok(length) = back.recv(&mut buffer) else { continue };
                let mut answer = buffer[..length].to_vec();
                change(&mut answer);
                front.send_to(&answer, from).expect("it can be answered");
            }
        };
        Self { is_enough, thread: Some(thread::spawn(pass_on)) }
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.is_enough.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// An answer whose sign says that something is missing is one all the same, for a code is all there is to it; one that ends in the
/// middle of what it has is none, and the next server is asked.
#[test]
fn answers_may_be_cut_short() {
    with_bind("cut::answers_may_be_cut_short", |world| {
        let host = world.host("dns");
        let bind = Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        let signed = Between::start(&host, Ipv4Addr::new(127, 0, 0, 9), |answer| answer[FLAGS] |= TC);
        let cut = Between::start(&host, Ipv4Addr::new(127, 0, 0, 10), |answer| answer.truncate(15));
        let map = json!({
            "dns-server-timeout": 10_000,
            "forward-ddns": {"ddns-domains": [domain(FORWARD, &["127.0.0.10", "127.0.0.9"])]},
            "reverse-ddns": {"ddns-domains": [domain(REVERSE, &["127.0.0.9"])]},
        });
        let ddns = Ddns::kotare(world, &host, map);
        let name = "host.example.com.";
        ddns.ask(&request(Change::Add, 1, name, "192.0.2.10", CHECK));
        bind.await_records(&["-x", "192.0.2.10"], &[&format!("1200 PTR {name}")]);
        ddns.await_log(&["DHCP_DDNS_ADD_SUCCEEDED"]);
        assert_eq!(bind.dig(&[name, "A"]), ["1200 A 192.0.2.10"]);
        assert_eq!(ddns.log().matches("DHCP_DDNS_FORWARD_ADD_RESP_CORRUPT").count(), 3, "{}", ddns.log());
        ddns.ask(&request(Change::Remove, 1, name, "192.0.2.10", CHECK));
        ddns.await_log(&["DHCP_DDNS_REMOVE_SUCCEEDED"]);
        assert!(bind.dig(&[name, "ANY"]).is_empty() && bind.dig(&["-x", "192.0.2.10"]).is_empty());
        drop((signed, cut));
    });
}
