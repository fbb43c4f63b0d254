//! Options that expressions make: the hook library flex_option beside Kea's own.

use kotare_tests::world::{partner, sandboxed};
use kotare_wire::v4::OptionCode;
use serde_json::json;

use super::{COMMON_WISHES, WISHES, configuration, host};
use crate::packets::Query;
use crate::stage::{Script, Side, compare};

/// All actions on options and sub-options, raw and by definition, for all and for a class.
#[test]
fn edited_options() {
    sandboxed("scripts::flex_option::edited_options", |world| {
        // Where Kea has it; ours goes by the name alone.
        let library = partner("libdhcp_flex_option.so");
        let library = library.map_or("libdhcp_flex_option.so".into(), |path| path.display().to_string());
        let options = json!([
            {"code": 67, "add": "ifelse(option[host-name].exists, concat(option[host-name].text, '.boot'), '')"},
            {"code": 3, "add": "0x01020304"},
            {"code": 6, "supersede": "concat(0xc000, substring(pkt4.mac, 4, 2))"},
            {"code": 15, "remove": "option[12].text == 'bare'"},
            {"code": 28, "remove": "not option[28].exists"},
            {"code": 42, "csv-format": true, "add": "'192.0.2.3, 192.0.2.4'"},
            {"name": "domain-search", "csv-format": true, "supersede": "'b.example.org, example.org'"},
            {"code": 224, "add": "'one'"},
            {"code": 224, "supersede": "concat('two', hexstring(option[61].hex, ':'))"},
            {"code": 225, "add": "'phone'", "client-class": "VENDOR_CLASS_phone"},
            {"code": 226, "add": "'all'", "client-class": "ALL"},
            {"code": 51, "supersede": "ifelse(option[12].text == 'short', 0x0000003c, '')"},
            {"code": 43, "sub-options": [
                {"code": 1, "add": "'foobar'"},
                {"code": 2, "supersede": "option[12].hex"},
                {"code": 9, "remove": "'a' == 'a'"},
            ]},
            {"code": 125, "sub-options": [
                {"space": "vendor-4491", "code": 2, "add": "ifelse(option[60].exists, option[60].hex, '')"},
            ]},
        ]);
        let dhcp4 = configuration(json!({
            "option-data": [
                {"name": "domain-name", "data": "example.org"},
                {"name": "domain-name-servers", "data": "192.0.2.10"},
                {"name": "routers", "data": "192.0.2.1"},
                {"name": "broadcast-address", "data": "192.0.2.255"},
                {"name": "domain-search", "data": "example.org"},
            ],
            "hooks-libraries": [{"library": library, "parameters": {"options": options}}],
        }));
        compare(world, &dhcp4, SCRIPTS);
    });
}

const SCRIPTS: &[Script] = &[("edits", edits)];

fn edits(side: &mut Side) {
    let pinned = |client: u8| Query::discover(client.into()).requested(host(100 + client));
    let wish = |client: u8| pinned(client).option(WISHES, COMMON_WISHES);
    let named = |client: u8, name: &[u8]| wish(client).option(OptionCode::HOST_NAME, name);
    side.ask("nothing", pinned(1));
    side.ask("the usual wishes", wish(2));
    side.ask("a name", named(3, b"myhost"));
    side.ask("bare", named(4, b"bare"));
    side.ask("short", named(5, b"short"));
    side.ask("an identifier", wish(6).option(OptionCode::CLIENT_IDENTIFIER, &[1, 2, 3]));
    side.ask("a phone", wish(7).option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"phone"));
    side.ask("another device", wish(8).option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"phones"));
    side.ask("no router", pinned(9).option(WISHES, &[6]));
}
