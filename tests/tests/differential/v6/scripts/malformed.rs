//! Known options of impossible lengths and shapes inside otherwise good messages.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use super::at;
use crate::v6::configuration::{configuration, subnet};
use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query};
use crate::v6::stage::{Script, Side, compare};

#[test]
fn malformed() {
    sandboxed("v6::scripts::malformed::malformed", |world| {
        // There is one address and one prefix: where Kea passes over a message and ours does not, both go on alike.
        let narrow = json!({
            "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::100/128"}],
            "pd-pools": [{"prefix": "2001:db8:8100::", "prefix-len": 56, "delegated-len": 56}],
        });
        compare(world, &configuration(json!({"subnet6": [subnet(1, narrow)]})), SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("lengths", lengths), ("within associations", within), ("ends", ends)];

/// Each option that the server may look at, shorter and longer than it can be.
fn lengths(side: &mut Side) {
    for code in [
        4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23, 24, 26, 32, 39, 41, 43, 59, 60, 61, 62,
        79, 82, 87, 103, 135,
    ] {
        for len in [0, 1, 2, 3, 4, 5, 7, 11, 13] {
            let query = Query::new(MessageType::SOLICIT, 4).addresses(1, &[]);
            side.ask(
                &format!("option {code} of {len} bytes"),
                &query.option(OptionCode(code), &vec![1; len]),
            );
        }
    }
    for code in [6, 8, 15, 16, 17, 39] {
        let query = Query::anonymous(MessageType::INFORMATION_REQUEST, 1);
        side.ask(&format!("option {code} of 1 byte, information"), &query.option(OptionCode(code), &[1]));
    }
}

fn within(side: &mut Side) {
    let kinds = [
        MessageType::SOLICIT,
        MessageType::REQUEST,
        MessageType::RENEW,
        MessageType::RELEASE,
        MessageType::DECLINE,
        MessageType::CONFIRM,
    ];
    for kind in kinds {
        let whole = Query::new(MessageType::REQUEST, 4).server(SERVER_ID).addresses(1, &[]).prefixes(1, &[]);
        side.ask(&format!("before {kind}"), &whole);
        let query = || match kind {
            MessageType::SOLICIT | MessageType::CONFIRM => Query::new(kind, 4),
            _ => Query::new(kind, 4).server(SERVER_ID),
        };
        for (code, inner) in
            [(OptionCode::IA_NA, OptionCode::IAADDR), (OptionCode::IA_PD, OptionCode::IAPREFIX)]
        {
            for len in [0, 15, 16, 23, 24, 26, 28] {
                let within = Options::default().option(inner, &vec![0x20; len]);
                side.ask(&format!("{kind}: {inner} of {len} bytes"), &query().association(code, 1, within));
            }
            let cut = Options::default().raw(&[0, 5, 0, 24, 1, 2]);
            side.ask(&format!("{kind}: {code} with what is cut"), &query().association(code, 1, cut));
            let rest = Options::default().raw(&[0, 5, 0]);
            side.ask(&format!("{kind}: {code} with a rest"), &query().association(code, 1, rest));
            let status = Options::default().option(OptionCode::STATUS_CODE, &[0]);
            side.ask(&format!("{kind}: {code} with a short status"), &query().association(code, 1, status));
            let status = Options::default().option(OptionCode::STATUS_CODE, &[0, 2, 0x61]);
            side.ask(&format!("{kind}: {code} with a status"), &query().association(code, 1, status));
            let unknown = Options::default().option(OptionCode(4242), b"x");
            side.ask(
                &format!("{kind}: {code} with an unknown option"),
                &query().association(code, 1, unknown),
            );
        }
        let stray = Options::default().prefix((at("2001:db8:8100::"), 56), [0, 0]);
        side.ask(
            &format!("{kind}: a prefix for an address"),
            &query().association(OptionCode::IA_NA, 1, stray),
        );
        let stray = Options::default().address(at("2001:db8:1::101"), [0, 0]);
        side.ask(
            &format!("{kind}: an address for a prefix"),
            &query().association(OptionCode::IA_PD, 1, stray),
        );
        for len in [0, 127, 128, 129, 255] {
            let odd = Options::default().prefix((at("2001:db8:8100::"), len), [0, 0]);
            side.ask(
                &format!("{kind}: a prefix of length {len}"),
                &query().association(OptionCode::IA_PD, 1, odd),
            );
        }
        let loose = Options::default().prefix((at("2001:db8:8100:1234:5678::"), 56), [0, 0]);
        side.ask(
            &format!("{kind}: a prefix with bits of hosts"),
            &query().association(OptionCode::IA_PD, 1, loose),
        );
        let bound = Options::default().address(at("2001:db8:1::102"), [2000, 1000]);
        side.ask(
            &format!("{kind}: preferred for longer than valid"),
            &query().association(OptionCode::IA_NA, 1, bound),
        );
        let times = [&[0, 0, 0, 1][..], &[0, 0, 9, 9], &[0, 0, 1, 1]].concat();
        side.ask(&format!("{kind}: T1 after T2"), &query().option(OptionCode::IA_NA, &times));
    }
}

/// Messages that end within an option.
fn ends(side: &mut Side) {
    for (what, rest) in [
        ("a byte", &[0][..]),
        ("three bytes", &[0, 6, 0]),
        ("a header", &[0, 6, 0, 2]),
        ("an option cut", &[0, 6, 0, 4, 0, 23]),
        ("an unknown option cut", &[0x10, 0x92, 0, 4, 0, 23]),
        ("zeros", &[0; 8]),
        ("code 0", &[0, 0, 0, 1, 1]),
    ] {
        for kind in [MessageType::SOLICIT, MessageType::INFORMATION_REQUEST] {
            side.ask(&format!("{kind} ends with {what}"), &Query::new(kind, 4).addresses(1, &[]).raw(rest));
        }
    }
}
