//! Statistics while a server serves.

use std::time::Duration;

use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::ServerOf;
use crate::store::Database;

/// Of packets that come one by one each is a sample, with the time when it came; so are the changes of leases.
fn each_packet_is_a_sample<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(1, 53), &database);
    let mut client = P::client(1);
    for _ in 0..3 {
        server.hands.advance(Duration::from_millis(10));
        P::go_on(&mut client);
        let look = P::look(&client);
        link.broadcast(&look);
        link.reply_to(&look);
    }
    server.hands.advance(Duration::from_millis(10));
    server.lease(&link, &mut client);
    eventually("all are in the books", || (server.statistic(P::GIVEN) == 1).then_some(()));
    for (name, values) in [
        (P::ASKED, json!([4, 3, 2, 1, 0])),
        (P::GIVEN, json!([1, 0])),
        (P::LEASED, json!([1, 0])),
        (P::LEASED_OF_POOL, json!([1, 0])),
    ] {
        let samples = server.ask("statistic-get", json!({"name": name}));
        let samples = samples[name].as_array().expect("samples");
        let (shown, times): (Vec<_>, Vec<_>) =
            samples.iter().map(|it| (it[0].clone(), it[1].as_str())).unzip();
        assert_eq!(json!(shown), values, "{name}");
        assert!(times.is_sorted_by(|newer, older| newer > older), "{name}: {times:?}");
    }
}

both! { each_packet_is_a_sample }
