//! Which options a client gets: by level, by class, asked for and not. Kea 2.2 knows one vendor of a message alone.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use super::at;
use crate::v6::configuration::{configuration, subnet};
use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query};
use crate::v6::stage::{Script, Side, compare};

#[test]
fn options() {
    sandboxed("v6::scripts::options::options", |world| {
        let dns = |last: &str| json!({"name": "dns-servers", "data": format!("2001:db8::{last}")});
        let changes = json!({
            "option-def": [
                {"name": "sub", "code": 1, "space": "vendor-4491", "type": "string"},
                {"name": "more", "code": 2, "space": "vendor-4491", "type": "ipv6-address", "array": true},
                {"name": "own", "code": 1, "space": "vendor-25623", "type": "uint16"},
                {"name": "outer", "code": 1000, "type": "uint8", "encapsulate": "inner"},
                {"name": "within", "code": 5, "space": "inner", "type": "string"},
                {"name": "empty", "code": 1001, "type": "empty", "encapsulate": "inner"},
                {"name": "lone", "code": 1002, "type": "string"},
            ],
            "option-data": [
                dns("1"),
                {"name": "domain-search", "data": "global.example"},
                {"name": "sntp-servers", "data": "2001:db8::10", "always-send": true},
                {"name": "preference", "data": "55"},
                {"name": "vendor-opts", "data": "4491"},
                {"name": "sub", "space": "vendor-4491", "data": "cable"},
                {"name": "more", "space": "vendor-4491", "data": "2001:db8::1, 2001:db8::2"},
                {"name": "own", "space": "vendor-25623", "data": "77", "always-send": true},
                {"name": "outer", "data": "9"},
                {"name": "within", "space": "inner", "data": "deep"},
                {"name": "empty"},
                {"name": "lone", "data": "alone"},
                {"code": 2000, "csv-format": false, "data": "0102"},
                {"name": "information-refresh-time", "data": "600"},
                {"code": 82, "csv-format": false, "data": "00000e10"},
            ],
            "client-classes": [
                {"name": "c", "test": "option[15].exists", "option-data": [dns("c"), {"name": "nis-servers", "data": "2001:db8::c"}]},
                {"name": "d", "test": "option[15].exists", "option-data": [dns("d"), {"name": "nisp-servers", "data": "2001:db8::d"}]},
                {"name": "v", "test": "vendor-class[4491].exists", "option-data": [{"name": "lone", "data": "of class"}]},
            ],
            "subnet6": [
                subnet(1, json!({"interface": "eth0", "option-data": [], "reservations": [
                    {"duid": "00:03:00:01:02:00:00:00:00:03", "option-data": [dns("e")]},
                ]})),
                subnet(2, json!({"relay": {"ip-addresses": ["2001:db8:2::1"]}, "option-data": [dns("2"), {"name": "nis-servers", "data": "2001:db8::2"}],
                    "pools": [
                        {"pool": "2001:db8:2::100/127", "option-data": [dns("20")]},
                        {"pool": "2001:db8:2::200/127", "option-data": [{"name": "nis-servers", "data": "2001:db8::20"}]},
                    ],
                    "pd-pools": [{"prefix": "2001:db8:8200::", "prefix-len": 48, "delegated-len": 56, "option-data": [dns("2d")]}],
                })),
            ],
        });
        compare(world, &configuration(changes), SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("levels", levels)];

fn levels(side: &mut Side) {
    let all = [23, 24, 27, 28, 31, 7, 32, 82, 1000, 1001, 1002, 2000];
    let request = |client| Query::new(MessageType::REQUEST, client).server(SERVER_ID);
    side.ask("nothing wanted", &request(1).addresses(1, &[]));
    side.ask("everything wanted", &request(1).addresses(1, &[]).wishes(&all));
    side.ask(
        "of classes",
        &request(1).addresses(1, &[]).option(OptionCode::USER_CLASS, b"\0\x01a").wishes(&all),
    );
    side.ask(
        "reserved",
        &request(3).addresses(1, &[]).option(OptionCode::USER_CLASS, b"\0\x01a").wishes(&all),
    );
    let away = |query: Query| query.wishes(&all).relayed(at("2001:db8:2::1"), Options::default());
    side.ask("of the first pool", &away(request(4).addresses(1, &[at("2001:db8:2::100")])));
    side.ask("of the second pool", &away(request(5).addresses(1, &[at("2001:db8:2::200")])));
    side.ask(
        "of both pools",
        &away(request(6).addresses(1, &[at("2001:db8:2::201")]).addresses(2, &[at("2001:db8:2::101")])),
    );
    side.ask("of a pool of prefixes", &away(request(7).prefixes(1, &[])));
    side.ask(
        "of a pool of prefixes and another",
        &away(request(8).addresses(1, &[at("2001:db8:2::200")]).prefixes(1, &[])),
    );
    side.ask(
        "of a pool in the other order",
        &away(request(9).prefixes(1, &[]).addresses(1, &[at("2001:db8:2::101")])),
    );
    side.ask("information", &away(Query::new(MessageType::INFORMATION_REQUEST, 4)));
    side.ask("information of the reserved", &Query::new(MessageType::INFORMATION_REQUEST, 3).wishes(&all));
    side.ask(
        "of nowhere",
        &request(10).wishes(&all).addresses(1, &[]).relayed(at("2001:db8:77::1"), Options::default()),
    );
}
