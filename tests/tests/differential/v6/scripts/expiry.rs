//! Leases that end: reclaimed, kept for their clients for a while, and given to others.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::MessageType;
use serde_json::{Value, json};

use crate::v6::configuration::{configuration, subnet};
use crate::v6::link::SERVER_ID;
use crate::v6::query::Query;
use crate::v6::stage::{Side, compare};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;
const REBIND: MessageType = MessageType::REBIND;
const RELEASE: MessageType = MessageType::RELEASE;

fn play(test: &str, script: (&'static str, fn(&mut Side)), hold: u32, subnet: Value) {
    sandboxed(&format!("v6::scripts::expiry::{test}"), |world| {
        let changes = json!({
            "valid-lifetime": 1, "preferred-lifetime": 1,
            "expired-leases-processing": {
                "reclaim-timer-wait-time": 1, "flush-reclaimed-timer-wait-time": hold, "hold-reclaimed-time": hold,
            },
            "subnet6": [subnet],
        });
        compare(world, &configuration(changes), &[script]);
    });
}

/// For an hour what a client had is its own, if nobody else needs it.
#[test]
fn reclaimed_and_held() {
    play("reclaimed_and_held", ("held", held), 3600, subnet(1, json!({"interface": "eth0"})));
}

/// What is reclaimed and not held (Kea removes it at once where it never flushes) is everybody's.
#[test]
fn reclaimed_and_gone() {
    play("reclaimed_and_gone", ("gone", held), 0, subnet(1, json!({"interface": "eth0"})));
}

fn held(side: &mut Side) {
    let whole = |kind, client| {
        let query = Query::new(kind, client).addresses(1, &[]).prefixes(2, &[]);
        if matches!(kind, SOLICIT | REBIND) { query } else { query.server(SERVER_ID) }
    };
    for client in 1..=5 {
        side.ask(&format!("lease {client}"), &whole(REQUEST, client));
    }
    side.until_reclaimed(10);
    side.ask("others take others", &whole(SOLICIT, 9));
    side.ask("release what has ended", &whole(RELEASE, 5));
    side.ask("solicit", &whole(SOLICIT, 1));
    side.ask("request", &whole(REQUEST, 1));
    side.ask("renew", &whole(RENEW, 2));
    side.ask("rebind", &whole(REBIND, 3));
    side.ask("request for another association", &whole(REQUEST, 4).addresses(7, &[]));
    side.until_reclaimed(19);
}
