//! Requests come to another address of the same port.

use kotare_ddns::Change;
use kotare_tests::world::{eventually, partner_or_system, sandboxed};
use serde_json::json;

use crate::CHECK;
use crate::daemon::{Ddns, request};

/// From one address to all of them and back without a pause; where another program has a part of what is wanted, nothing changes.
#[test]
fn one_address_and_all_take_turns() {
    sandboxed("elsewhere::one_address_and_all_take_turns", |world| {
        let host = world.host("dns");
        let map = |at: &str| json!({"ip-address": at});
        let ddns = Ddns::kotare(world, &host, map("127.0.0.1"));
        let mut asked = 0;
        let mut is_heard = || {
            asked += 1;
            ddns.ask(&request(Change::Add, 1, "host.example.com.", "192.0.2.10", CHECK));
            eventually("the request is heard", || (ddns.statistic("ncr-received") == asked).then_some(()));
        };
        let listens = |at: &str| {
            ddns.write(map(at));
            let answer = ddns.command("config-reload", json!({}));
            let shown = ddns.command("config-get", json!({}));
            (answer["result"] == 0, shown["arguments"]["DhcpDdns"]["ip-address"] == at)
        };
        is_heard();
        for at in ["0.0.0.0", "127.0.0.1"] {
            assert_eq!(listens(at), (true, true), "{at}");
            is_heard();
        }
        let mut other = host.command(partner_or_system("socat"));
        let mut other =
            other.args(["-u", "UDP-RECV:53001,bind=127.0.0.2", "OPEN:/dev/null"]).spawn().expect("socat");
        eventually("the other program listens", || {
            host.run(partner_or_system("ss"), &["-lun"]).contains("127.0.0.2:53001").then_some(())
        });
        assert_eq!(listens("0.0.0.0"), (false, false));
        is_heard();
        let _ = other.kill();
        let _ = other.wait();
        assert_eq!(listens("0.0.0.0"), (true, true));
        is_heard();
    });
}
