//! How long it takes to answer, as the hook library perfmon tells it of a server that serves.

use std::time::Duration;

use kotare_tests::world::eventually;
use serde_json::json;

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::ServerOf;
use crate::store::DatabaseOf;

/// Messages that were answered are counted by their types, for the subnet and for all; what an interval came to is a
/// statistic.
fn answers_are_timed<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let mut config = P::config(1, 53);
    let parameters = json!({"enable-monitoring": true, "interval-width-secs": 1});
    config[P::MAP]["hooks-libraries"] = json!([{"library": "libdhcp_perfmon.so", "parameters": parameters}]);
    let server = ServerOf::with_database(&link, config, &DatabaseOf::<P>::new());
    for client in 1..=3 {
        server.lease(&link, &mut P::client(client));
        server.hands.advance(Duration::from_secs(2));
    }
    let durations = || {
        let answer = server.answer("perfmon-get-all-durations", None);
        answer["arguments"]["durations"].as_array().cloned().unwrap_or_default()
    };
    let of_subnets = eventually("the last answer is counted", || {
        let of_all: Vec<_> = durations();
        // Of two messages of each client, for one subnet and all, three durations.
        let done = of_all.len() == 12 && of_all.iter().all(|it| it["occurrences"] == 1);
        done.then(|| of_all.iter().filter(|it| it["duration-key"]["subnet-id"] != 0).count())
    });
    assert_eq!(of_subnets, 6);
    let all = server.ask("statistic-get-all", json!({}));
    let means = all.as_object().expect("statistics").keys().filter(|name| name.ends_with(".mean-usecs"));
    assert_eq!(means.count(), 12, "{all}");
    server.ask("statistic-remove-all", json!({}));
    assert!(!server.ask("statistic-get-all", json!({})).to_string().contains("mean-usecs"));
}

both! { answers_are_timed }
