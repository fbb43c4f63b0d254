//! What commands answer, and what they change.

use std::sync::Arc;
use std::time::Duration;

use kotare_control::HasCommands;
use kotare_daemon::args::ServerArgs;
use kotare_server::{Family as _, Open};
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply, Says};
use crate::server::{ServerOf, clock};
use crate::store::{Database, DatabaseOf};

fn server<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    ServerOf::with_database(link, P::config(1, 1), &Database::new())
}

fn text(answer: &Value) -> (i64, &str) {
    (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or(""))
}

/// What is wrong with arguments is said in the words that Kea has for that command.
fn wrong_arguments_are_refused_in_keas_words<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let no_map = "Error during command processing: get(string) called on a non-map Element";
    let added = "Updating used interfaces failed: ";
    for (command, arguments, told) in [
        ("dhcp-disable", json!([]), "arguments for the 'dhcp-disable' command must be a map"),
        ("dhcp-disable", json!({"max-period": "x"}), "'max-period' argument must be a number"),
        ("dhcp-disable", json!({"max-period": 0}), "'max-period' must be positive integer"),
        ("dhcp-disable", json!({"origin-id": "x"}), "'origin-id' argument must be a number"),
        ("dhcp-disable", json!({"origin": []}), "'origin' argument must be a string or a number"),
        (
            "dhcp-disable",
            json!({"max-period": 1, "origin-id": 3000}),
            "Error during command processing: DB connection does not support delayed enable",
        ),
        ("dhcp-enable", json!("x"), "arguments for the 'dhcp-enable' command must be a map"),
        ("dhcp-enable", json!({"origin": ""}), "invalid value used for 'origin' parameter: (empty string)"),
        ("shutdown", json!([]), "Argument must be a map"),
        ("shutdown", json!({"exit-value": "x"}), "parameter 'exit-value' is not an integer"),
        ("config-write", json!(5), "Argument must be a map"),
        ("config-write", json!({"filename": 5}), "passed parameter 'filename' is not a string"),
        ("config-set", json!([]), no_map),
        ("config-test", json!("x"), no_map),
        (
            "config-test",
            json!({P::MAP: {}, "Other": {}, "x".repeat(1 << 20): 1}),
            &format!("Unsupported 'Other' parameter (and '{}… (1048576 bytes)').", "x".repeat(100)),
        ),
        ("config-test", json!({}), &format!("Missing mandatory '{}' parameter.", P::MAP)),
        ("leases-reclaim", json!([]), no_map),
        ("leases-reclaim", json!({}), "Missing mandatory 'remove' parameter."),
        ("leases-reclaim", json!({"remove": 1}), "'remove' parameter expected to be a boolean."),
        ("statistic-get", json!([]), no_map),
        ("statistic-get", json!({"name": 5}), "'name' parameter expected to be a string."),
        ("interface-add", json!([]), "arguments for the 'interface-add' command must be a map"),
        ("interface-add", json!({}), "Missing mandatory 'interfaces' map parameter in 'arguments'."),
        ("interface-add", json!({"x": 1}), "Unsupported 'x' map parameter in 'arguments'."),
        (
            "interface-add",
            json!({"interfaces": ["eth7"]}),
            &format!("{added}Failed to select interface: interface 'eth7' doesn't exist in the system"),
        ),
        (
            "interface-add",
            json!({"interfaces": ["eth0/10.0.0.1"]}),
            &format!(
                "{added}Failed to select interface: interface 'eth0' doesn't have address '10.0.0.1' assigned"
            ),
        ),
        (
            "interface-add",
            json!({"interfaces": [5]}),
            &format!("{added}stringValue() called on non-string Element"),
        ),
    ] {
        let answer = server.answer(command, Some(arguments.clone()));
        assert_eq!(text(&answer), (1, told), "{command} {arguments}");
    }
    let long = server.answer("config-set", Some(json!({P::MAP: {"y".repeat(1 << 20): 1}})));
    assert!(text(&long).1.contains("unknown keyword \"yyyy") && text(&long).1.len() < 10_000);
    let file = server.folder.path().join("kea.conf").display().to_string();
    let unread = format!(
        "Config reload failed: configuration error using file '{file}': {file}: cannot read \"{file}\": "
    );
    let answer = server.answer("config-reload", None);
    assert!(text(&answer).1.starts_with(&unread), "{answer}");
    for (command, told) in [
        ("config-set", "Missing mandatory 'arguments' parameter."),
        ("interface-add", "Missing mandatory 'arguments' parameter."),
        ("leases-reclaim", "Missing mandatory 'remove' parameter."),
        ("statistic-get", "Missing mandatory 'name' parameter."),
    ] {
        assert_eq!(text(&server.answer(command, None)), (1, told), "{command}");
    }
    // What needs no arguments does not look at them.
    for command in ["version-get", "config-hash-get", "status-get", "interface-list", "statistic-reset-all"] {
        assert_eq!(server.answer(command, Some(json!("x")))["result"], 0, "{command}");
    }
    assert_eq!(text(&server.answer("config-backend-pull", None)), (3, "No config backend."));
}

/// What the commands of every server answer when nothing is wrong: code, text, and what is in the arguments.
fn commands_answer_in_keas_words<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let file = server.folder.path().join("kea.conf").display().to_string();
    let protocol = P::On::<DatabaseOf<P>>::PROTOCOL;
    let sane = "Configuration seems sane. Control-sockets, hook-libraries, and D2 configuration were sanity checked, \
                but not applied.";
    let unsupported = "'persist' parameter of 'memfile' lease backend was configured to 'false'";
    for (command, arguments, result, told, holds) in [
        ("version-get", None, 0, "3.3.1", &["extended"][..]),
        ("config-get", None, 0, "", &[P::MAP, "hash"]),
        ("config-hash-get", None, 0, "", &["hash"]),
        ("config-test", Some(P::config(1, 2)), 0, sane, &[]),
        ("config-set", Some(P::config(1, 2)), 0, "Configuration successful.", &["hash"]),
        (
            "config-write",
            None,
            0,
            &format!("Configuration written to {file} successful"),
            &["filename", "size"],
        ),
        ("config-reload", None, 0, "Configuration successful.", &["hash"]),
        (
            "leases-reclaim",
            Some(json!({"remove": true})),
            0,
            "Reclamation of expired leases is complete.",
            &[],
        ),
        ("interface-list", None, 0, "1 interfaces detected.", &["interfaces"]),
        ("interface-redetect", None, 0, "1 interfaces detected.", &["interfaces"]),
        (
            "dhcp-disable",
            Some(json!({"max-period": 20})),
            0,
            &format!("{protocol} service disabled for 20 seconds"),
            &[],
        ),
        ("dhcp-disable", None, 0, &format!("{protocol} service disabled"), &[]),
        ("dhcp-enable", None, 0, "DHCP service successfully enabled", &[]),
        ("server-tag-get", None, 0, "", &["server-tag"]),
        ("config-backend-pull", None, 3, "No config backend.", &[]),
        ("kea-lfc-start", None, 2, unsupported, &[]),
        ("shutdown", Some(json!({"exit-value": 3})), 0, "Shutting down.", &[]),
    ] {
        let answer = server.answer(command, arguments);
        assert_eq!(text(&answer), (result, told), "{command}: {answer}");
        let there: Vec<_> = answer["arguments"].as_object().into_iter().flat_map(|map| map.keys()).collect();
        assert_eq!(there, holds, "{command}");
    }
    assert_eq!(server.ended(), 3);
}

/// The hash is a SHA-256 digest, the same wherever it is told, and another for another configuration.
fn configurations_have_a_hash<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let hash = |command: &str| server.ask(command, json!({}))["hash"].as_str().unwrap_or_default().to_owned();
    let first = hash("config-get");
    assert!(
        first.len() == 64 && first.chars().all(|digit| matches!(digit, '0'..='9' | 'A'..='F')),
        "{first}"
    );
    assert_eq!(hash("config-hash-get"), first);
    let second = server.ask("config-set", P::config(1, 2))["hash"].take();
    assert_ne!(second, first);
    assert_eq!(second, hash("config-hash-get"));
    let shown = server.ask("config-get", json!({}));
    assert_eq!(server.ask("config-set", shown)["hash"], second, "what is shown is taken, its hash with it");
}

/// `status-get` names the lease file, as monitors read leases by it, and tells of the tables that only DHCPv6 has.
fn the_lease_file_is_told<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let mut with_file = P::config(1, 1);
    with_file[P::MAP]["lease-database"]["persist"] = true.into();
    let server = ServerOf::with_database(&link, with_file, &Database::new());
    let status = server.ask("status-get", json!({}));
    assert_eq!(
        status["csv-lease-file"],
        json!(server.folder.path().join(format!("kea-leases{}.csv", &P::LEASE[5..])))
    );
    assert_eq!(status.get("extended-info-tables").and_then(Value::as_bool), P::EXTENDED_INFO_TABLES);
    server.reconfigure(P::config(1, 1)).expect("a good configuration");
    assert_eq!(server.ask("status-get", json!({})).get("csv-lease-file"), None);
}

/// What an origin disabled for a while ends in time, although others said something meanwhile; a new configuration ends
/// what other servers disabled.
fn the_service_resumes<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server(&link);
    let state = || server.ask("status-get", json!({}))["dhcp-state"].take();
    server.ask("dhcp-disable", json!({"max-period": 30}));
    server.ask("dhcp-enable", json!({"origin": "ha-partner"}));
    server.ask("dhcp-disable", json!({"origin-id": 2001}));
    assert_eq!(state()["disabled-by-user"], true);
    eventually("the user's period ends", || {
        server.hands.advance(Duration::from_secs(10));
        (state()["disabled-by-user"] == false).then_some(())
    });
    assert_eq!(state()["disabled-by-remote-command"], json!([2001]));
    server.reconfigure(P::config(1, 1)).expect("a good configuration");
    assert_eq!(state()["globally-disabled"], false);
    // A number counts by its lowest 32 bits.
    server.ask("dhcp-disable", json!({"origin-id": -5}));
    assert_eq!(state()["disabled-by-db-connection"], json!([4_294_967_291_u32]));
}

/// An interface that is added is served and shown, what is there already changes nothing, and the list has IPv6
/// addresses, too.
fn interfaces_are_added<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let mut unserved = P::config(1, 1);
    unserved[P::MAP]["interfaces-config"]["interfaces"] = json!([]);
    let server = ServerOf::with_database(&link, unserved, &Database::new());
    let in_use = || server.ask("interface-list", json!({}))["interfaces"][0].take();
    assert_eq!(in_use()["in-use"], false);
    assert_eq!(in_use()["addresses"], json!(P::ADDRESSES));
    let one = &format!("eth0/{}", P::ADDRESSES[0]);
    let successful = (0, "Interface configuration successfully updated.");
    for names in [json!([]), json!([one]), json!([one, one])] {
        assert_eq!(text(&server.answer("interface-add", Some(json!({"interfaces": names})))), successful);
    }
    assert_eq!(in_use()["in-use"], true);
    let shown = server.ask("config-get", json!({}));
    assert_eq!(shown[P::MAP]["interfaces-config"]["interfaces"], json!([one]));
    // All of the interface beside one of its addresses is as right or wrong here as in a file.
    let twice = server.answer("interface-add", Some(json!({"interfaces": ["eth0"]})));
    assert!(text(&twice).1.starts_with(P::ALL_BESIDE_ONE), "{twice}");
    server.lease(&link, &mut P::client(1));
}

fn with_args<P: Protocol>(link: &LinkOf<P>, args: ServerArgs) -> ServerOf<P> {
    let database = Database::new();
    let open: Open<DatabaseOf<P>> = Arc::new(move |_| Ok(database.clone()));
    ServerOf::with_args(link, P::SERVERS[0], clock(), P::config(1, 1), open, args)
}

/// A fatal error of a command ends the server if that was asked for, and only then.
fn fatal_errors_end_the_server_if_asked_to<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let asked = with_args(&link, ServerArgs { ends_on_fatal: true, ..ServerArgs::default() });
    asked.daemon.met_fatal_error();
    assert_eq!(asked.ended(), 1);
    let other = with_args(&link, ServerArgs::default());
    other.daemon.met_fatal_error();
    other.answer("shutdown", Some(json!({"exit-value": 7})));
    assert_eq!(other.ended(), 7);
}

/// In repair mode commands are answered, and neither clients nor expired leases are looked at, under no configuration.
fn repair_mode_serves_nobody<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_args(&link, ServerArgs { repairs: true, ..ServerArgs::default() });
    let state = || server.ask("status-get", json!({}))["dhcp-state"].take();
    assert_eq!(state()["disabled-by-user"], true);
    server.ask("dhcp-enable", json!({}));
    let ack = server.lease(&link, &mut P::client(1));
    assert_eq!(ack.says(), Says::Yours);
    server.reconfigure(P::config(1, 2)).expect("a good configuration");
    assert_eq!(state()["disabled-by-user"], true);
    // Long expired, and nobody but the command reclaims it.
    for _ in 0..100 {
        server.hands.advance(Duration::from_secs(100));
        state();
    }
    assert_eq!(server.statistic("reclaimed-leases"), 0);
    server.ask("leases-reclaim", json!({"remove": false}));
    assert_eq!(server.statistic("reclaimed-leases"), 1);
}

both! {
    wrong_arguments_are_refused_in_keas_words,
    commands_answer_in_keas_words,
    configurations_have_a_hash,
    the_lease_file_is_told,
    the_service_resumes,
    interfaces_are_added,
    fatal_errors_end_the_server_if_asked_to,
    repair_mode_serves_nobody,
}
