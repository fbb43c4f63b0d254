//! Configurations on trial: who does not confirm one in time has the one before again.

use std::fs;
use std::net::IpAddr;
use std::time::Duration;

use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply};
use crate::server::ServerOf;
use crate::store::Database;

fn server<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    ServerOf::with_database(link, P::config(1, 1), &Database::new())
}

/// What the server answers from.
fn resolver<P: Protocol>(server: &ServerOf<P>) -> u8 {
    let shown = server.answer("config-get", None);
    let data = shown["arguments"][P::MAP]["option-data"][0]["data"].as_str().unwrap_or_default();
    match data.parse().expect("an address") {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(address) => address.octets()[15],
    }
}

/// Goes to the configuration with this resolver, on trial for so many seconds.
fn try_out<P: Protocol>(server: &ServerOf<P>, dns: u8, seconds: u64) -> Value {
    let mut arguments = P::config(1, dns);
    arguments["confirm-within"] = seconds.into();
    server.answer("config-set", Some(arguments))
}

fn left<P: Protocol>(server: &ServerOf<P>) -> Value {
    server.answer("status-get", None)["arguments"]["unconfirmed-config"].take()
}

fn result(answer: &Value) -> (i64, &str) {
    (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or_default())
}

fn back_to<P: Protocol>(server: &ServerOf<P>, dns: u8) {
    eventually("the configuration before is served from", || (resolver(server) == dns).then_some(()));
    eventually("nothing is on trial", || left(server).is_null().then_some(()));
}

const SECOND: Duration = Duration::from_secs(1);

/// Nobody confirms it: when its time is over, and not before, clients are served as before, whoever they are.
fn what_is_not_confirmed_is_taken_back<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let hash = server.ask("config-hash-get", json!({}))["hash"].take();
    let answer = try_out(&server, 2, 60);
    assert_eq!(result(&answer), (0, "Configuration successful."), "{answer}");
    assert_eq!(server.lease(&link, &mut P::client(1)).number(), Some(2));
    assert_eq!(left(&server), json!({"confirm-within": 60, "seconds-left": 60}));
    server.hands.advance(59 * SECOND + SECOND / 2);
    assert_eq!(left(&server), json!({"confirm-within": 60, "seconds-left": 1}));
    assert_eq!(resolver(&server), 2);
    server.hands.advance(SECOND / 2);
    back_to(&server, 1);
    assert_eq!(server.ask("config-hash-get", json!({}))["hash"], hash);
    assert_eq!(server.lease(&link, &mut P::client(2)).number(), Some(1));
    let late = server.answer("config-confirm", None);
    assert_eq!(result(&late), (4, "No configuration is waiting to be confirmed."));
}

/// What is confirmed stays; what is cancelled is gone at once.
fn a_trial_is_confirmed_or_cancelled<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    assert_eq!(try_out(&server, 2, 60)["result"], 0);
    let answer = server.answer("config-confirm", None);
    assert_eq!(result(&answer), (0, "Configuration confirmed."), "{answer}");
    assert!(left(&server).is_null());
    server.hands.advance(120 * SECOND);
    assert_eq!(resolver(&server), 2);

    assert_eq!(try_out(&server, 3, 60)["result"], 0);
    let answer = server.answer("config-cancel", None);
    assert_eq!(result(&answer), (0, "The configuration before is served from again."), "{answer}");
    assert_eq!((resolver(&server), left(&server)), (2, Value::Null));
    assert_eq!(server.answer("config-cancel", None)["result"], 4);
}

/// A second trial goes on from the first, and leads back to what was confirmed last; its time counts.
fn trials_lead_back_to_what_was_confirmed<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    assert_eq!(try_out(&server, 2, 60)["result"], 0);
    server.hands.advance(50 * SECOND);
    assert_eq!(try_out(&server, 3, 60)["result"], 0);
    server.hands.advance(50 * SECOND);
    assert_eq!((resolver(&server), &left(&server)["seconds-left"]), (3, &json!(10)));
    server.hands.advance(10 * SECOND);
    back_to(&server, 1);
}

/// While a configuration is on trial, nothing is changed that its end would undo unseen, and it is not written to the
/// file that outlasts the server. What is refused as wrong leaves it on trial.
fn nothing_else_changes_during_a_trial<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let mut arguments = P::config(1, 2);
    arguments["confirm-within"] = 60.into();
    arguments[P::MAP]["hooks-libraries"] = json!([{"library": "libdhcp_subnet_cmds.so"}]);
    assert_eq!(server.answer("config-set", Some(arguments))["result"], 0);
    let subnet = json!({P::SUBNETS: [{"id": 9, "subnet": P::ELSEWHERE}]});
    let (add, address) = (format!("{}-add", P::SUBNETS), format!("eth0/{}", server.address));
    let told = "the configuration in effect is on trial for 60 more seconds; send config-confirm or config-cancel first";
    for (command, arguments, code) in [
        ("config-set", Some(P::config(1, 3)), 4),
        ("config-write", None, 4),
        ("interface-add", Some(json!({"interfaces": [address]})), 1),
        (&*add, Some(subnet.clone()), 1),
    ] {
        let answer = server.answer(command, arguments);
        assert_eq!(answer["result"], code, "{command}: {answer}");
        assert!(result(&answer).1.contains(told), "{command}: {answer}");
    }
    for seconds in [json!(0), json!(-1), json!("60"), json!(86_401)] {
        let mut arguments = P::config(1, 3);
        arguments["confirm-within"] = seconds;
        let answer = server.answer("config-set", Some(arguments));
        assert_eq!(result(&answer), (1, "'confirm-within' parameter expected to be 1 to 86400 seconds."));
    }
    let mut wrong = P::config(1, 3);
    (wrong["confirm-within"], wrong[P::MAP][P::SUBNETS][0]["id"]) = (5.into(), "x".into());
    assert_eq!(server.answer("config-set", Some(wrong))["result"], 1);
    assert_eq!((resolver(&server), &left(&server)["confirm-within"]), (2, &json!(60)));
    assert_eq!(server.answer("config-confirm", None)["result"], 0);
    assert_eq!(server.answer(&add, Some(subnet))["result"], 0);
}

/// The file may be tried out, too. Reading it without a trial ends one: it says what is to be served.
fn the_file_is_tried_out<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let file = server.folder.path().join("kea.conf");
    let write = |dns| fs::write(&file, P::config(1, dns).to_string()).expect("a file can be written");
    write(4);
    let answer = server.answer("config-reload", Some(json!({"confirm-within": 30})));
    assert_eq!(result(&answer), (0, "Configuration successful."), "{answer}");
    assert_eq!(resolver(&server), 4);
    server.hands.advance(30 * SECOND);
    back_to(&server, 1);

    assert_eq!(try_out(&server, 2, 60)["result"], 0);
    write(5);
    assert_eq!(server.answer("config-reload", None)["result"], 0);
    assert!(left(&server).is_null());
    server.hands.advance(120 * SECOND);
    assert_eq!(resolver(&server), 5);
    for wrong in
        [json!({"confirm-within": 0}), json!({"confirm-within": "10"}), json!({"confirm_within": 10})]
    {
        write(6);
        let refused = server.answer("config-reload", Some(wrong));
        assert_eq!(refused["result"], 1, "{refused}");
        assert_eq!(resolver(&server), 5);
    }
}

/// Where the configuration before cannot be had when it is time, that is told, and tried until it can.
fn going_back_is_tried_again<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let mut arguments = P::config(2, 2);
    arguments["confirm-within"] = 10.into();
    assert_eq!(server.answer("config-set", Some(arguments))["result"], 0);
    server.faults.no_ports.store(true, std::sync::atomic::Ordering::SeqCst);
    server.hands.advance(10 * SECOND);
    let error = eventually("the failure is told", || left(&server)["error"].as_str().map(str::to_owned));
    assert!(error.contains("cannot start 1 worker threads"), "{error}");
    assert_eq!(resolver(&server), 2);
    server.faults.no_ports.store(false, std::sync::atomic::Ordering::SeqCst);
    eventually("it is tried again", || {
        server.hands.advance(SECOND);
        (resolver(&server) == 1).then_some(())
    });
    back_to(&server, 1);
}

/// A server that ends during a trial does not wait for its end.
fn a_server_ends_during_a_trial<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    assert_eq!(try_out(&server, 2, 86_400)["result"], 0);
    server.stop();
    assert!(left(&server).is_null());
}

both! {
    what_is_not_confirmed_is_taken_back,
    a_trial_is_confirmed_or_cancelled,
    trials_lead_back_to_what_was_confirmed,
    nothing_else_changes_during_a_trial,
    the_file_is_tried_out,
    going_back_is_tried_again,
    a_server_ends_during_a_trial,
}
