//! How long it takes to answer, as the hook library perfmon tells it of a server that serves.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::Protocol;
use crate::server::ServerOf;
use crate::store::DatabaseOf;

/// How long messages had waited in the kernel.
const WAITED: Duration = Duration::from_millis(4);

/// Messages that were answered are counted by their types, for the subnet and for all; what an interval came to is a
/// statistic. What they waited in the kernel is a part of it, and with several threads the line for these.
fn answers_are_timed<P: Protocol>() {
    for (threads, of_a_message) in [(1, 4), (2, 5)] {
        let link = LinkOf::<P>::default();
        let mut config = P::config(threads, 53);
        let parameters = json!({"enable-monitoring": true, "interval-width-secs": 1});
        config[P::MAP]["hooks-libraries"] =
            json!([{"library": "libdhcp_perfmon.so", "parameters": parameters}]);
        let server = ServerOf::with_database(&link, config, &DatabaseOf::<P>::new());
        let mut time = Duration::from_secs(1_700_000_000);
        for client in 1..=3 {
            let came = u64::try_from((time - WAITED).as_nanos()).expect("nanoseconds of this century");
            server.faults.came.store(came, SeqCst);
            server.lease(&link, &mut P::client(client));
            // A reply is counted when the module was told of it, which may be after its client has it.
            let sent = if P::MAP == "Dhcp4" { "pkt4-ack-sent" } else { "pkt6-reply-sent" };
            let is_told = || server.statistic(sent) == i64::from(client);
            eventually("the reply is counted", || is_told().then_some(()));
            server.hands.advance(Duration::from_secs(2));
            time += Duration::from_secs(2);
        }
        let durations = || {
            let answer = server.answer("perfmon-get-all-durations", None);
            answer["arguments"]["durations"].as_array().cloned().unwrap_or_default()
        };
        // Of two messages of each client, for one subnet and all.
        let all = of_a_message * 2 * 2;
        let of_all = eventually("the last answer is counted", || {
            let of_all = durations();
            let done = of_all.len() == all && of_all.iter().all(|it| it["occurrences"] == 1);
            done.then_some(of_all)
        });
        let is_of_subnet = |it: &&Value| it["duration-key"]["subnet-id"] != 0;
        assert_eq!(of_all.iter().filter(is_of_subnet).count(), all / 2);
        // The clock of a test stands still while a message is answered.
        for (first, micros) in
            [("socket_received", 4000), ("composite", 4000), ("process_started", 0), ("mt_queued", 0)]
        {
            let of_first = of_all.iter().filter(|it| it["duration-key"]["start-event"] == first);
            let took: Vec<_> = of_first.map(|it| it["mean-duration-usecs"].clone()).collect();
            let there = if first == "mt_queued" && threads == 1 { 0 } else { 4 };
            assert_eq!(took, vec![json!(micros); there], "{first}");
        }
        let all_statistics = server.ask("statistic-get-all", json!({}));
        let means = all_statistics.as_object().expect("statistics").keys();
        assert_eq!(means.filter(|name| name.ends_with(".mean-usecs")).count(), all, "{all_statistics}");
        server.ask("statistic-remove-all", json!({}));
        assert!(!server.ask("statistic-get-all", json!({})).to_string().contains("mean-usecs"));
    }
}

both! { answers_are_timed }
