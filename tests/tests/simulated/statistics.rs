//! Statistics while a server serves.

use std::time::Duration;

use kotare_testkit::Client;
use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

/// Of packets that come one by one each is a sample, with the time when it came; so are the changes of leases.
#[test]
fn each_packet_is_a_sample() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(1, 53), &database);
    let mut client = Client::new(1);
    for _ in 0..3 {
        server.hands.advance(Duration::from_millis(10));
        client.xid += 1;
        let discover = client.discover();
        link.broadcast(&discover);
        link.reply_to(&discover);
    }
    server.hands.advance(Duration::from_millis(10));
    server.lease(&link, &mut client);
    eventually("all are in the books", || (server.statistic("pkt4-ack-sent") == 1).then_some(()));
    for (name, values) in [
        ("pkt4-discover-received", json!([4, 3, 2, 1, 0])),
        ("pkt4-ack-sent", json!([1, 0])),
        ("subnet[1].assigned-addresses", json!([1, 0])),
        ("subnet[1].pool[0].assigned-addresses", json!([1, 0])),
    ] {
        let samples = server.ask("statistic-get", json!({"name": name}));
        let samples = samples[name].as_array().expect("samples");
        let (shown, times): (Vec<_>, Vec<_>) =
            samples.iter().map(|it| (it[0].clone(), it[1].as_str())).unzip();
        assert_eq!(json!(shown), values, "{name}");
        assert!(times.is_sorted_by(|newer, older| newer > older), "{name}: {times:?}");
    }
}
