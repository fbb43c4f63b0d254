//! Options of vendors (16 and 17): what is configured, what a client names, and what the devices of CableLabs ask for. Kea 2.2
//! knows one vendor of a message alone, so each message names one.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::v6::configuration::configuration;
use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query};
use crate::v6::stage::{Side, compare};

fn play(test: &str, script: (&'static str, fn(&mut Side)), options: Value) {
    sandboxed(&format!("v6::scripts::vendors::{test}"), |world| {
        let changes = json!({
            "option-def": [
                {"name": "own", "code": 1, "space": "vendor-25623", "type": "uint16"},
                {"name": "other", "code": 700, "space": "vendor-25623", "type": "string"},
            ],
            "option-data": options,
        });
        compare(world, &configuration(changes), &[script]);
    });
}

/// What the devices of a vendor may ask for.
#[test]
fn asked_for() {
    let options = json!([
        {"name": "vendor-opts", "data": "4491"},
        {"name": "tftp-servers", "space": "vendor-4491", "data": "2001:db8::69"},
        {"name": "config-file", "space": "vendor-4491", "data": "modem.cfg"},
        {"name": "syslog-servers", "space": "vendor-4491", "data": "2001:db8::514, 2001:db8::515"},
        {"name": "own", "space": "vendor-25623", "data": "77"},
    ]);
    play("asked_for", ("asked for", vendors), options);
}

/// What they get anyway.
#[test]
fn always_sent() {
    let options = json!([
        {"name": "tftp-servers", "space": "vendor-4491", "data": "2001:db8::69", "always-send": true},
        {"name": "config-file", "space": "vendor-4491", "data": "modem.cfg"},
        {"name": "own", "space": "vendor-25623", "data": "77", "always-send": true},
        {"name": "other", "space": "vendor-25623", "data": "word"},
        {"name": "vendor-class", "data": "4491, 0003616263", "always-send": true},
    ]);
    play("always_sent", ("always sent", vendors), options);
}

/// An option 17 whether a vendor is named or not.
#[test]
fn always_there() {
    let options = json!([
        {"name": "vendor-opts", "data": "25623", "always-send": true},
        {"name": "own", "space": "vendor-25623", "data": "77"},
        {"name": "other", "space": "vendor-25623", "data": "word", "always-send": true},
        {"name": "vendor-class", "data": "25623, 0003616263"},
    ]);
    play("always_there", ("always there", vendors), options);
}

fn vendors(side: &mut Side) {
    let class = |enterprise: u32| [&enterprise.to_be_bytes()[..], b"\0\x06docsis"].concat();
    let options = |enterprise: u32, codes: &[u16]| {
        let codes: Vec<u8> = codes.iter().flat_map(|code| code.to_be_bytes()).collect();
        [&enterprise.to_be_bytes()[..], &[0, 1, 0, codes.len() as u8], &codes].concat()
    };
    let lease = Query::new(MessageType::REQUEST, 1).server(SERVER_ID).addresses(1, &[]);
    side.ask("lease", &lease);
    for (who, wishes) in
        [("others", &[23][..]), ("17", &[17][..]), ("16", &[16][..]), ("both", &[16, 17][..])]
    {
        for kind in [MessageType::SOLICIT, MessageType::REQUEST, MessageType::INFORMATION_REQUEST] {
            let query = || {
                let query = Query::new(kind, 1).wishes(wishes);
                let query = if kind == MessageType::REQUEST { query.server(SERVER_ID) } else { query };
                if kind == MessageType::INFORMATION_REQUEST { query } else { query.addresses(1, &[]) }
            };
            side.ask(&format!("{kind}, {who}, of no vendor"), &query());
            for enterprise in [4491, 25623, 9] {
                let named = query().option(OptionCode::VENDOR_CLASS, &class(enterprise));
                side.ask(&format!("{kind}, {who}, of {enterprise}"), &named);
                for codes in [&[32][..], &[33, 32], &[34, 1, 700, 9999]] {
                    let listed = query().option(OptionCode::VENDOR_OPTS, &options(enterprise, codes));
                    side.ask(&format!("{kind}, {who}, of {enterprise} with {codes:?}"), &listed);
                }
                let bare = query().option(OptionCode::VENDOR_OPTS, &enterprise.to_be_bytes());
                side.ask(&format!("{kind}, {who}, of {enterprise} with nothing"), &bare);
            }
        }
    }
    let away =
        Query::new(MessageType::INFORMATION_REQUEST, 1).option(OptionCode::VENDOR_CLASS, &class(25623));
    let nowhere = "2001:db8:77::1".parse().expect("an address");
    side.ask("of nowhere", &away.wishes(&[16, 17]).relayed(nowhere, Options::default()));
}
