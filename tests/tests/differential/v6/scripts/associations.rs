//! Associations: several at once, what is asked for, extended, given back and found in use.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use super::at;
use crate::v6::configuration::{configuration, subnet};
use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query};
use crate::v6::stage::{Script, Side, compare};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;
const REBIND: MessageType = MessageType::REBIND;
const RELEASE: MessageType = MessageType::RELEASE;
const DECLINE: MessageType = MessageType::DECLINE;

fn wide() -> serde_json::Value {
    subnet(
        1,
        json!({
            "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::100 - 2001:db8:1::1ff"}],
            "pd-pools": [{"prefix": "2001:db8:8100::", "prefix-len": 48, "delegated-len": 56}],
        }),
    )
}

#[test]
fn associations() {
    sandboxed("v6::scripts::associations::associations", |world| {
        compare(world, &configuration(json!({"subnet6": [wide()]})), SCRIPTS);
    });
}

const SCRIPTS: &[Script] =
    &[("several", several), ("give back", give_back), ("decline", decline), ("elsewhere", elsewhere)];

fn for_server(kind: MessageType, client: u16) -> Query {
    Query::new(kind, client).server(SERVER_ID)
}

fn several(side: &mut Side) {
    let many = |query: Query| {
        query
            .addresses(1, &[])
            .addresses(2, &[])
            .prefixes(1, &[])
            .prefixes(7, &[])
            .addresses(3, &[at("2001:db8:1::1aa")])
    };
    side.ask("solicit", &many(Query::new(SOLICIT, 1)));
    side.ask("request", &many(for_server(REQUEST, 1)));
    side.ask("request again", &many(for_server(REQUEST, 1)));
    side.ask("renew", &many(for_server(RENEW, 1)));
    side.ask("rebind", &many(Query::new(REBIND, 1)));
    side.ask("solicit again", &many(Query::new(SOLICIT, 1)));
    side.ask(
        "in another order",
        &for_server(REQUEST, 2).prefixes(1, &[]).addresses(9, &[]).prefixes(0, &[]).addresses(1, &[]),
    );
    side.ask("the same twice", &for_server(REQUEST, 3).addresses(1, &[]).addresses(1, &[]));
    side.ask("temporary", &for_server(REQUEST, 4).association(OptionCode::IA_TA, 1, Options::default()));
    side.ask(
        "temporary and not",
        &for_server(REQUEST, 4).association(OptionCode::IA_TA, 1, Options::default()).addresses(1, &[]),
    );
    side.ask("none", &for_server(REQUEST, 4));
    side.ask(
        "two hints",
        &for_server(REQUEST, 5).addresses(1, &[at("2001:db8:1::1b0"), at("2001:db8:1::1b1")]),
    );
    side.ask(
        "the second hint is free",
        &for_server(REQUEST, 6).addresses(1, &[at("2001:db8:1::1b0"), at("2001:db8:1::1b2")]),
    );
    side.ask(
        "the first hint is in no pool",
        &for_server(REQUEST, 7).addresses(1, &[at("2001:db8:1::1"), at("2001:db8:1::1b3")]),
    );
    side.ask("one that nobody has", &for_server(REQUEST, 8).addresses(1, &[at("::")]));
    side.ask("a hint for a prefix", &for_server(REQUEST, 8).prefixes(1, &[(at("2001:db8:8100:7700::"), 56)]));
    side.ask("one that is taken", &for_server(REQUEST, 9).prefixes(1, &[(at("2001:db8:8100:7700::"), 56)]));
    side.ask("a length", &for_server(REQUEST, 10).prefixes(1, &[(at("::"), 56)]));
    side.ask("a length of 0", &for_server(REQUEST, 11).prefixes(1, &[(at("::"), 0)]));
    let timed = |client, times| {
        let within = Options::default().address(at("2001:db8:1::1c0"), times);
        for_server(REQUEST, client).association(OptionCode::IA_NA, 1, within)
    };
    side.ask("with lifetimes", &timed(12, [100, 200]));
    side.ask(
        "renewed with lifetimes",
        &for_server(RENEW, 12).association(
            OptionCode::IA_NA,
            1,
            Options::default().address(at("2001:db8:1::1c0"), [u32::MAX; 2]),
        ),
    );
    side.ask("rapid", &Query::new(SOLICIT, 13).addresses(1, &[]).option(OptionCode::RAPID_COMMIT, b""));
    side.ask(
        "rapid request",
        &for_server(REQUEST, 13).addresses(1, &[]).option(OptionCode::RAPID_COMMIT, b""),
    );
}

fn give_back(side: &mut Side) {
    side.ask(
        "lease",
        &for_server(REQUEST, 20)
            .addresses(1, &[at("2001:db8:1::1d0")])
            .prefixes(1, &[(at("2001:db8:8100:d000::"), 56)]),
    );
    side.ask(
        "lease of another",
        &for_server(REQUEST, 21)
            .addresses(1, &[at("2001:db8:1::1d1")])
            .prefixes(1, &[(at("2001:db8:8100:d100::"), 56)]),
    );
    side.ask("nothing", &for_server(RELEASE, 20));
    side.ask("no address", &for_server(RELEASE, 20).addresses(1, &[]));
    side.ask("no prefix", &for_server(RELEASE, 20).prefixes(1, &[]));
    side.ask("what nobody has", &for_server(RELEASE, 20).addresses(1, &[at("2001:db8:1::1df")]));
    side.ask("what another has", &for_server(RELEASE, 20).addresses(1, &[at("2001:db8:1::1d1")]));
    side.ask(
        "what another has of prefixes",
        &for_server(RELEASE, 20).prefixes(1, &[(at("2001:db8:8100:d100::"), 56)]),
    );
    side.ask("of another association", &for_server(RELEASE, 20).addresses(2, &[at("2001:db8:1::1d0")]));
    side.ask(
        "a prefix of another association",
        &for_server(RELEASE, 20).prefixes(2, &[(at("2001:db8:8100:d000::"), 56)]),
    );
    side.ask(
        "a prefix of another length",
        &for_server(RELEASE, 20).prefixes(1, &[(at("2001:db8:8100:d000::"), 60)]),
    );
    side.ask("lease again", &for_server(REQUEST, 20).prefixes(1, &[(at("2001:db8:8100:d000::"), 56)]));
    side.ask(
        "right and wrong",
        &for_server(RELEASE, 20)
            .addresses(1, &[at("2001:db8:1::1d0")])
            .prefixes(9, &[(at("2001:db8:8100:d000::"), 56)]),
    );
    side.ask("once more", &for_server(RELEASE, 20).addresses(1, &[at("2001:db8:1::1d0")]));
    side.ask("a prefix", &for_server(RELEASE, 20).prefixes(1, &[(at("2001:db8:8100:d000::"), 56)]));
    side.ask(
        "with wishes",
        &for_server(RELEASE, 21).addresses(1, &[at("2001:db8:1::1d1")]).wishes(&[23, 24]),
    );
    side.ask(
        "through an unknown relay",
        &for_server(RELEASE, 21)
            .prefixes(1, &[(at("2001:db8:8100:d100::"), 56)])
            .relayed(at("2001:db8:77::1"), Options::default()),
    );
}

fn decline(side: &mut Side) {
    side.ask(
        "lease",
        &for_server(REQUEST, 25)
            .addresses(1, &[at("2001:db8:1::1e0")])
            .addresses(2, &[at("2001:db8:1::1e1")])
            .prefixes(1, &[]),
    );
    side.ask("nothing", &for_server(DECLINE, 25));
    side.ask("no address", &for_server(DECLINE, 25).addresses(1, &[]));
    side.ask("what nobody has", &for_server(DECLINE, 25).addresses(1, &[at("2001:db8:1::1ef")]));
    side.ask("what another has", &for_server(DECLINE, 26).addresses(1, &[at("2001:db8:1::1e0")]));
    side.ask("a prefix", &for_server(DECLINE, 25).prefixes(1, &[(at("2001:db8:8100::"), 56)]));
    side.ask("an address", &for_server(DECLINE, 25).addresses(1, &[at("2001:db8:1::1e0")]));
    side.ask("renew", &for_server(RENEW, 25).addresses(1, &[at("2001:db8:1::1e0")]));
    side.ask(
        "two associations",
        &for_server(DECLINE, 25)
            .addresses(2, &[at("2001:db8:1::1e1")])
            .addresses(7, &[at("2001:db8:1::1ee")]),
    );
    side.ask("it is wanted", &for_server(REQUEST, 26).addresses(1, &[at("2001:db8:1::1e0")]));
}

/// Who is on another link, or on none that is known.
fn elsewhere(side: &mut Side) {
    let away = |query: Query| query.relayed(at("2001:db8:77::1"), Options::default());
    for kind in [SOLICIT, REQUEST, RENEW, REBIND] {
        let query =
            |kind| if matches!(kind, SOLICIT | REBIND) { Query::new(kind, 30) } else { for_server(kind, 30) };
        side.ask(&format!("{kind} of an address"), &away(query(kind).addresses(1, &[at("2001:db8:1::100")])));
        side.ask(
            &format!("{kind} of a prefix"),
            &away(query(kind).prefixes(1, &[(at("2001:db8:8100::"), 56)])),
        );
        side.ask(&format!("{kind} of both"), &away(query(kind).addresses(1, &[]).prefixes(1, &[])));
        side.ask(&format!("{kind} of nothing"), &away(query(kind)));
        side.ask(
            &format!("{kind} with wishes and a name"),
            &away(
                query(kind)
                    .addresses(1, &[])
                    .wishes(&[23, 24])
                    .option(OptionCode::CLIENT_FQDN, b"\x01\x04name\0"),
            ),
        );
    }
}

/// Pools of prefixes of several lengths.
#[test]
fn lengths() {
    sandboxed("v6::scripts::associations::lengths", |world| {
        let pool = |prefix, len: u8| json!({"prefix": prefix, "prefix-len": 40, "delegated-len": len});
        let pools = [pool("2001:db8:a000::", 48), pool("2001:db8:b000::", 56), pool("2001:db8:c000::", 64)];
        let mixed = subnet(1, json!({"interface": "eth0", "pools": [], "pd-pools": pools}));
        compare(world, &configuration(json!({"subnet6": [mixed]})), &[("prefix lengths", of_each_length)]);
    });
}

fn of_each_length(side: &mut Side) {
    let places = [("2001:db8:a007::", 48), ("2001:db8:b000:700::", 56), ("2001:db8:c000:7::", 64)];
    for (client, (place, len)) in (1..).zip(places) {
        let there = [(at(place), len)];
        side.ask(&format!("{len} there"), &for_server(REQUEST, client).prefixes(1, &there));
        side.ask(&format!("{len} again"), &for_server(REQUEST, client).prefixes(1, &[]));
        side.ask(&format!("{len} renewed"), &for_server(RENEW, client).prefixes(1, &there));
        side.ask(&format!("{len} renewed as 60"), &for_server(RENEW, client).prefixes(1, &[(at(place), 60)]));
        side.ask(&format!("{len} rebound"), &Query::new(REBIND, client).prefixes(1, &there));
        side.ask(&format!("{len} of another"), &for_server(RELEASE, 9).prefixes(1, &there));
        side.ask(
            &format!("{len} given back as 60"),
            &for_server(RELEASE, client).prefixes(1, &[(at(place), 60)]),
        );
    }
    side.ask("no wish", &for_server(REQUEST, 4).prefixes(1, &[]));
    side.ask("back", &for_server(RELEASE, 1).prefixes(1, &[(at("2001:db8:a007::"), 48)]));
    for len in [40, 48, 56, 60, 64, 128] {
        side.ask(&format!("{len} alone"), &Query::new(SOLICIT, 5).prefixes(1, &[(at("::"), len)]));
    }
    for (place, len) in places {
        side.ask(&format!("60 where {len} are"), &Query::new(SOLICIT, 6).prefixes(1, &[(at(place), 60)]));
    }
}

/// Lifetimes within ranges, and T1 and T2 that are made of them.
#[test]
fn lifetimes() {
    sandboxed("v6::scripts::associations::lifetimes", |world| {
        let ranges = json!({
            "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::100 - 2001:db8:1::1ff"}],
            "min-valid-lifetime": 1000, "valid-lifetime": 2000, "max-valid-lifetime": 5000,
            "min-preferred-lifetime": 500, "preferred-lifetime": 800, "max-preferred-lifetime": 4000,
            "calculate-tee-times": true, "t1-percent": 0.4, "t2-percent": 0.75,
        });
        let other =
            json!({"relay": {"ip-addresses": ["2001:db8:2::1"]}, "renew-timer": 700, "rebind-timer": 900});
        let third =
            json!({"relay": {"ip-addresses": ["2001:db8:3::1"]}, "renew-timer": 9000, "rebind-timer": 10000});
        let fourth = json!({"relay": {"ip-addresses": ["2001:db8:4::1"]}, "rebind-timer": 1000, "calculate-tee-times": false});
        let fifth = json!({"relay": {"ip-addresses": ["2001:db8:5::1"]}, "calculate-tee-times": false, "renew-timer": 500});
        let sixth = json!({"relay": {"ip-addresses": ["2001:db8:6::1"]}, "valid-lifetime": 4_294_967_295_u32, "preferred-lifetime": 4_294_967_295_u32});
        let subnets = json!([
            subnet(1, ranges),
            subnet(2, other),
            subnet(3, third),
            subnet(4, fourth),
            subnet(5, fifth),
            subnet(6, sixth)
        ]);
        compare(world, &configuration(json!({"subnet6": subnets})), &[("lifetimes", times)]);
    });
}

fn times(side: &mut Side) {
    let mut client = 0;
    for valid in [0, 1, 1000, 3000, 5000, 9000, u32::MAX] {
        for preferred in [0, 1, 500, 700, 900] {
            client = (client + 1) % 36;
            let within =
                Options::default().address(at(&format!("2001:db8:1::1{client:02x}")), [preferred, valid]);
            let query = Query::new(SOLICIT, client).association(OptionCode::IA_NA, 1, within);
            side.ask(&format!("{preferred} and {valid}"), &query);
            let within = Options::default().prefix((at("::"), 56), [preferred, valid]);
            let query = Query::new(SOLICIT, client).association(OptionCode::IA_PD, 1, within);
            side.ask(&format!("{preferred} and {valid} of a prefix"), &query);
        }
    }
    for number in 2..=6 {
        let link = at(&format!("2001:db8:{number}::1"));
        side.ask(
            &format!("subnet {number}"),
            &Query::new(SOLICIT, 1).addresses(1, &[]).prefixes(1, &[]).relayed(link, Options::default()),
        );
    }
}
