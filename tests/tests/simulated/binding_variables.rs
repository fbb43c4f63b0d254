//! Binding variables: what expressions say of a query and its response is kept with the lease.

use kotare_testkit::{Call, Client};
use kotare_tests::world::eventually;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::link::{Link, LinkOf};
use crate::protocol::{Protocol, Reply, Says};
use crate::server::{Server, ServerOf, config};
use crate::store::{Database, DatabaseOf};

const SERIAL: OptionCode = OptionCode(222);

/// A server that keeps option 222 of the query and the domain name of the response.
fn server(link: &Link, database: &Database, offer_lifetime: Option<u32>) -> Server {
    let mut config = config(1, 53);
    let global = &mut config["Dhcp4"];
    global["option-data"] = json!([{"name": "domain-name", "data": "example.org"}]);
    global["cache-threshold"] = 0.0.into();
    if let Some(lifetime) = offer_lifetime {
        global["offer-lifetime"] = lifetime.into();
    }
    global["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so", "parameters": {"binding-variables": [
        {"name": "opt-222", "expression": "hexstring(option[222].hex, ':')", "source": "query"},
        {"name": "domain-name", "expression": "option[15].text", "source": "response"},
    ]}}]);
    Server::with_database(link, config, database)
}

fn context(server: &Server, address: &str) -> Value {
    server.ask("lease4-get", json!({"ip-address": address}))["user-context"].clone()
}

fn variables(serial: &str) -> Value {
    json!({"ISC": {"binding-variables": {"domain-name": "example.org", "opt-222": serial}}})
}

/// They are evaluated when a lease is given and each time it is extended, and written if they are others.
#[test]
fn values_are_kept_with_leases() {
    let (link, database) = (Link::default(), Database::new());
    let server = server(&link, &database, None);
    let mut client = Client::new(1);
    let mut extend = |serial: &[u8]| {
        client.xid += 1;
        let request = client
            .request()
            .address(OptionCode::REQUESTED_ADDRESS, [192, 0, 8, 0].into())
            .option(OptionCode::PARAMETER_REQUEST_LIST, &[15])
            .option(SERIAL, serial);
        // Those before are not counted.
        database.gate.inner().calls();
        link.broadcast(&request);
        assert_eq!(link.reply_to(&request).kind, MessageType::ACK);
        database.gate.inner().calls().puts
    };
    server.answer(
        "lease4-add",
        Some(json!({"ip-address": "192.0.8.0", "hw-address": "02:00:00:00:00:01", "user-context": {"mine": 1}})),
    );
    assert_eq!(extend(&[1, 2]), 2, "the lease, and what is kept with it");
    let both = json!({"mine": 1, "ISC": variables("01:02")["ISC"]});
    assert_eq!(context(&server, "192.0.8.0"), both);
    assert_eq!(extend(&[1, 2]), 1, "the same values are not written again");
    assert_eq!(context(&server, "192.0.8.0"), both);
    assert_eq!(extend(&[3]), 2);
    assert_eq!(context(&server, "192.0.8.0"), json!({"mine": 1, "ISC": variables("03")["ISC"]}));
}

/// An offer promises nothing, so nothing is kept of it, unless its lease is.
#[test]
fn values_of_offers_are_kept_with_their_leases() {
    for (lifetime, kept) in [(None, Value::Null), (Some(60), variables("07"))] {
        let (link, database) = (Link::default(), Database::new());
        let server = server(&link, &database, lifetime);
        let discover =
            Client::new(1).discover().option(OptionCode::PARAMETER_REQUEST_LIST, &[15]).option(SERIAL, &[7]);
        link.broadcast(&discover);
        assert_eq!(link.reply_to(&discover).kind, MessageType::OFFER);
        assert_eq!(context(&server, "192.0.8.0"), kept, "{lifetime:?}");
    }
}

/// What is wrong with a variable is told with its place; of two with one name the first one counts.
#[test]
fn wrong_variables_are_refused() {
    let link = Link::default();
    let server = server(&link, &Database::new(), None);
    let test = |variables: Value| {
        let mut config = config(1, 53);
        config["Dhcp4"]["hooks-libraries"] =
            json!([{"library": "libdhcp_lease_cmds.so", "parameters": {"binding-variables": variables}}]);
        let answer = server.answer("config-test", Some(config));
        (answer["result"].clone(), answer["text"].as_str().unwrap_or("").to_owned())
    };
    let variable =
        |name: &str, expression: &str| json!({"name": name, "expression": expression, "source": "query"});
    for (variables, told) in [
        (json!([variable("", "'a'")]), "name: the name of a binding variable cannot be empty"),
        (
            json!([variable("a", "")]),
            "expression: the expression of the binding variable 'a' cannot be empty",
        ),
        (
            json!([variable("a", "option[1")]),
            "expression: the expression 'option[1' of the binding variable 'a'",
        ),
        (json!([{"name": "a", "expression": "'a'"}]), "source"),
        (json!([{"name": "a", "expression": "'a'", "source": "reply"}]), "source"),
        (json!({}), "binding-variables"),
    ] {
        let (result, text) = test(variables);
        let place = "Dhcp4/hooks-libraries[0]/parameters/binding-variables";
        assert!(result == 1 && text.contains(place) && text.contains(told), "{told} in {text}");
    }
    assert_eq!(test(json!([variable("a", "'a'"), variable("a", "'b'")])).0, 0);
}

/// The reply that tells a client of its lease leaves when what is kept with it is written, and not at all if that fails.
fn replies_wait_for_what_is_kept<P: Protocol>() {
    for fails in [false, true] {
        let (link, database): (LinkOf<P>, DatabaseOf<P>) = (LinkOf::default(), Database::new());
        let mut config = P::config(1, 53);
        config[P::MAP]["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so", "parameters": {
            "binding-variables": [{"name": "v", "expression": "'kept'", "source": "query"}],
        }}]);
        let server = ServerOf::with_database(&link, config, &database);
        let client = P::client(1);
        let look = P::look(&client);
        link.broadcast(&look);
        let offer = link.reply_to(&look);
        let place = offer.given().expect("an address is offered");
        database.gate.suspend(true);
        let request = P::choose(&client, &offer);
        link.broadcast(&request);
        // The first that is written is the lease.
        let mut puts = 0;
        let held = eventually("what is kept waits to be written", || {
            for (call, what) in database.gate.waiting() {
                puts += u32::from(what == Call::Put(place.into()));
                if puts == 2 {
                    return Some(call);
                }
                database.gate.resume(call);
            }
            None
        });
        assert!(link.replies().is_empty(), "nothing is told that is not kept");
        database.gate.suspend(false);
        if fails {
            database.gate.fail(held);
            // Who comes later is answered, so the other one would have been.
            let later = P::look(&P::client(2));
            link.broadcast(&later);
            assert_eq!(link.reply_to(&later).says(), Says::Offer);
            assert!(link.replies().is_empty());
        } else {
            database.gate.resume(held);
            assert_eq!(link.reply_to(&request).says(), Says::Yours);
        }
        let command = format!("lease{}-get", P::MAP.trim_start_matches("Dhcp"));
        let lease = server.ask(&command, json!({"ip-address": place.to_string()}));
        let kept = if fails { Value::Null } else { "kept".into() };
        assert_eq!(lease["user-context"]["ISC"]["binding-variables"]["v"], kept);
    }
}

both! { replies_wait_for_what_is_kept }
