//! Two servers on one link.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use kotare_server::Open;
use kotare_store_memfile::Memfile4;
use kotare_testkit::Client;
use kotare_tests::world::eventually;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::link::Link;
use crate::server::{Server, clock};

const ONE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

fn config(pool: &str) -> Value {
    json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["eth0"]},
        "expired-leases-processing": {"reclaim-timer-wait-time": 10, "hold-reclaimed-time": 60},
        "valid-lifetime": 600,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": pool}]}]
    }})
}

fn open() -> Open<Memfile4> {
    Arc::new(Memfile4::open)
}

/// RFC 2131 §3.1: both offer, the client takes one, and the other knows that it was not chosen. Later the lease ends for
/// the server that gave it, and the other has nothing to do with it.
#[test]
fn a_client_chooses_one_of_two_servers() {
    let (link, time) = (Link::default(), clock());
    let one = Server::start(&link, ONE, time.clone(), config("192.0.2.10 - 192.0.2.19"), open());
    let other = Server::start(&link, OTHER, time, config("192.0.2.20 - 192.0.2.29"), open());
    let mut client = Client::new(1);
    let discover = client.discover();
    link.broadcast(&discover);
    let offers = [link.reply_to(&discover), link.reply_to(&discover)];
    assert_ne!(offers[0].server, offers[1].server);
    let chosen = offers.iter().find(|offer| offer.server == OTHER).expect("the second server offers, too");
    assert_eq!((chosen.kind, chosen.yiaddr.octets()[3] / 10), (MessageType::OFFER, 2));
    client.xid += 1;
    let request = client
        .request()
        .address(OptionCode::REQUESTED_ADDRESS, chosen.yiaddr)
        .address(OptionCode::SERVER_IDENTIFIER, chosen.server);
    link.broadcast(&request);
    let ack = link.reply_to(&request);
    assert_eq!((ack.kind, ack.server, ack.yiaddr), (MessageType::ACK, OTHER, chosen.yiaddr));
    eventually("the first server sees that another is meant", || {
        (one.statistic("pkt4-not-for-us") == 1).then_some(())
    });
    assert_eq!((one.statistic("assigned-addresses"), other.statistic("assigned-addresses")), (0, 1));
    // The clock is moved on far enough for the lease to end and for the next reclamation.
    other.hands.advance(Duration::from_secs(700));
    eventually("the lease ends", || (other.statistic("reclaimed-leases") == 1).then_some(()));
    assert_eq!((one.statistic("reclaimed-leases"), other.statistic("assigned-addresses")), (0, 0));
    assert!(link.replies().is_empty());
}
