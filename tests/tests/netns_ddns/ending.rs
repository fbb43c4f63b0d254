//! How the server ends: after what is under way, after all that waits, or at once.

use std::fs;
use std::net::UdpSocket;

use kotare_ddns::Change;
use kotare_tests::world::eventually;
use serde_json::json;

use crate::bind::Bind;
use crate::daemon::{Ddns, request};
use crate::{CHECK, FORWARD, domain, with_bind};

/// More than are carried out at a time.
const REQUESTS: usize = 600;

/// Told to end while requests wait: what has begun is carried out, with `drain_first` all that was taken on; with `now`
/// nothing is waited for.
#[test]
fn what_waits_at_the_end() {
    with_bind("ending::what_waits_at_the_end", |world| {
        // Requests are sent from here.
        let host = world.own_host("dns");
        for kind in ["normal", "drain_first", "now"] {
            let bind =
                Bind::start(world, &host, "127.0.0.1", &[], &[(FORWARD, "any")]).expect("BIND is unpacked");
            let map = json!({
                "dns-server-timeout": 5000,
                "forward-ddns": {"ddns-domains": [domain(FORWARD, &["127.0.0.1"])]},
            });
            let ddns = Ddns::kotare(world, &host, map);
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
            for number in 0..REQUESTS {
                let address = format!("10.0.{}.{}", number / 250, number % 250 + 1);
                let asked = request(Change::Add, 1, &format!("n{number}.example.com."), &address, CHECK);
                socket.send_to(&asked.to_datagram(), "127.0.0.1:53001").expect("it is sent");
            }
            let log = || fs::read_to_string(world.path("ddns").join("log")).expect("a log");
            let of = |what: &str| log().matches(&format!(" {what} ")).count();
            eventually("many wait", || {
                (of("DHCP_DDNS_QUEUE_MGR_QUEUE_RECEIVE") > REQUESTS / 3).then_some(())
            });
            let answer = ddns.command("shutdown", json!({"type": kind}));
            assert_eq!(answer["result"], 0, "{kind}: {answer}");
            assert!(ddns.ends(), "{kind}");
            let (received, begun) =
                (of("DHCP_DDNS_QUEUE_MGR_QUEUE_RECEIVE"), of("DHCP_DDNS_STARTING_TRANSACTION"));
            let succeeded = of("DHCP_DDNS_ADD_SUCCEEDED");
            let there = bind.transfer(FORWARD).iter().filter(|record| record.contains(" A 10.0.")).count();
            match kind {
                "normal" => assert_eq!((succeeded, there), (begun, begun), "of {received}"),
                "drain_first" => assert_eq!((succeeded, there), (received, received)),
                _ => assert!(there >= succeeded && succeeded <= received),
            }
            assert!(log().contains("DHCP_DDNS_CLEARED_FOR_SHUTDOWN"), "{kind}");
            drop(bind);
            fs::remove_dir_all(world.path("ddns")).expect("the folder can be removed");
        }
    });
}
