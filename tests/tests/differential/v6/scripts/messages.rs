//! Messages of every type, and such as are not what they should be.

use kotare_tests::world::sandboxed;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use super::at;
use crate::v6::configuration::configuration;
use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query, duid};
use crate::v6::stage::{Script, Side, compare};

const SOLICIT: MessageType = MessageType::SOLICIT;
const REQUEST: MessageType = MessageType::REQUEST;

#[test]
fn messages() {
    sandboxed("v6::scripts::messages::messages", |world| {
        compare(world, &configuration(json!({})), SCRIPTS);
    });
}

const SCRIPTS: &[Script] =
    &[("types", types), ("identifiers", identifiers), ("confirm", confirm), ("information", information)];

fn types(side: &mut Side) {
    for kind in 0..=40 {
        let plain = Query::new(MessageType(kind), 1);
        side.ask(&format!("type {kind}"), &plain);
        side.ask(&format!("type {kind} for the server"), &plain.server(SERVER_ID));
        side.ask(
            &format!("type {kind} with an association"),
            &Query::new(MessageType(kind), 1).addresses(1, &[]),
        );
        let whole = Query::new(MessageType(kind), 1).server(SERVER_ID).addresses(1, &[]).prefixes(2, &[]);
        side.ask(&format!("type {kind} for the server with associations"), &whole);
    }
}

fn identifiers(side: &mut Side) {
    let id = |id: &[u8]| Query::anonymous(SOLICIT, 2).option(OptionCode::CLIENTID, id).addresses(1, &[]);
    for len in [0, 1, 2, 3, 4, 127, 128, 129, 130, 131, 200] {
        side.ask(&format!("a DUID of {len} bytes"), &id(&vec![7; len]));
    }
    side.ask("a DUID of zeros", &id(&[0; 3]));
    side.ask("a DUID of one zero", &id(&[0]));
    side.ask("two", &Query::new(SOLICIT, 2).option(OptionCode::CLIENTID, &duid(3)).addresses(1, &[]));
    side.ask(
        "the same twice",
        &Query::new(SOLICIT, 2).option(OptionCode::CLIENTID, &duid(2)).addresses(1, &[]),
    );
    let request = || Query::new(REQUEST, 2).addresses(1, &[]);
    side.ask("two servers", &request().server(SERVER_ID).server(b"other"));
    side.ask("the server twice", &request().server(SERVER_ID).server(SERVER_ID));
    side.ask("an empty server", &request().server(b""));
    side.ask("a server of two bytes", &request().server(b"ab"));
    side.ask("a server of zeros", &request().server(&[0; 3]));
    side.ask("a long server", &request().server(&[7; 131]));
    for kind in [
        MessageType::RENEW,
        MessageType::REBIND,
        MessageType::RELEASE,
        MessageType::DECLINE,
        MessageType::CONFIRM,
    ] {
        side.ask(
            &format!("{kind} without a client"),
            &Query::anonymous(kind, 2).server(SERVER_ID).addresses(1, &[]),
        );
    }
}

fn confirm(side: &mut Side) {
    let confirm = || Query::new(MessageType::CONFIRM, 7);
    side.ask("nothing", &confirm());
    side.ask("no address", &confirm().addresses(1, &[]));
    side.ask("on link", &confirm().addresses(1, &[at("2001:db8:1::7777")]));
    side.ask("off link", &confirm().addresses(1, &[at("2001:db8:7::1")]));
    side.ask("both", &confirm().addresses(1, &[at("2001:db8:1::1"), at("2001:db8:7::1")]));
    side.ask(
        "two associations",
        &confirm().addresses(1, &[at("2001:db8:1::1")]).addresses(2, &[at("2001:db8:7::1")]),
    );
    side.ask("a prefix", &confirm().prefixes(1, &[(at("2001:db8:8100::"), 56)]));
    side.ask(
        "an address and a prefix",
        &confirm().addresses(1, &[at("2001:db8:1::1")]).prefixes(1, &[(at("2001:db8:7::"), 56)]),
    );
    let temporary = Options::default().address(at("2001:db8:7::1"), [0, 0]);
    side.ask("a temporary address", &confirm().association(OptionCode::IA_TA, 1, temporary));
    side.ask(
        "through an unknown relay",
        &confirm().addresses(1, &[at("2001:db8:1::1")]).relayed(at("2001:db8:77::1"), Options::default()),
    );
    side.ask("with wishes", &confirm().addresses(1, &[at("2001:db8:1::1")]).wishes(&[23, 24]));
    side.ask(
        "with a name",
        &confirm().addresses(1, &[at("2001:db8:1::1")]).option(OptionCode::CLIENT_FQDN, b"\x01\x01a\0"),
    );
    side.ask(
        "with rapid commit",
        &confirm().addresses(1, &[at("2001:db8:1::1")]).option(OptionCode::RAPID_COMMIT, b""),
    );
}

fn information(side: &mut Side) {
    let kind = MessageType::INFORMATION_REQUEST;
    side.ask("nothing", &Query::anonymous(kind, 8));
    side.ask("an identifier", &Query::new(kind, 8));
    side.ask("wishes", &Query::anonymous(kind, 8).wishes(&[23, 24, 32, 83]));
    side.ask("for the server", &Query::anonymous(kind, 8).server(SERVER_ID));
    side.ask("for another server", &Query::anonymous(kind, 8).server(b"another"));
    side.ask("with an association", &Query::new(kind, 8).addresses(1, &[]));
    side.ask("with a prefix association", &Query::new(kind, 8).prefixes(1, &[]));
    side.ask(
        "with a temporary association",
        &Query::new(kind, 8).association(OptionCode::IA_TA, 1, Options::default()),
    );
    side.ask("with a name", &Query::new(kind, 8).option(OptionCode::CLIENT_FQDN, b"\x01\x01a\0"));
    side.ask(
        "through an unknown relay",
        &Query::new(kind, 8).relayed(at("2001:db8:77::1"), Options::default()),
    );
}
