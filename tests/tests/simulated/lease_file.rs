//! What a server does with its lease file, of its own accord. Leases are told of DHCPv4.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kotare_daemon::args::ServerArgs;
use kotare_server::Open;
use kotare_store::{Lease, LeaseStore, PageFilter};
use kotare_store_memfile::{Memfile, Options};
use kotare_testkit::run;
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply, Row};
use crate::retold::{self, told_address};
use crate::server::{ServerOf, clock};

/// A server with a lease file.
type Filed<P> = ServerOf<P, Memfile<<P as Protocol>::Lease>>;

/// A configuration whose leases are in a file.
fn persistent<P: Protocol>(database: Value, checks: Value) -> Value {
    let mut config = retold::configuration::<P>(&["lease_cmds"]);
    config[P::MAP]["lease-database"] = database;
    config[P::MAP]["sanity-checks"] = checks;
    config
}

/// A server whose lease file has these rows at first.
fn with_rows<P: Protocol>(link: &LinkOf<P>, config: Value, rows: &str) -> Filed<P> {
    with_args(link, config, rows, ServerArgs::default())
}

fn with_args<P: Protocol>(link: &LinkOf<P>, config: Value, rows: &str, args: ServerArgs) -> Filed<P> {
    let text = format!("{}{rows}", P::HEADER);
    let open: Open<Memfile<P::Lease>> = Arc::new(move |options: Options| {
        if let Some(path) = &options.path {
            std::fs::write(path, &text).expect("a lease file can be written");
        }
        Memfile::open(options)
    });
    ServerOf::with_args(link, P::SERVERS[0], clock(), config, open, args)
}

/// The row of a lease of this client.
fn row<P: Protocol>(address: &str, client: u8, row: Row<'_>) -> String {
    P::row(retold::address::<P>(address), client, &row)
}

/// The leases in the lease file of a server.
fn in_file<P: Protocol>(server: &Filed<P>) -> Vec<P::Lease> {
    let copy = server.folder.path().join("copy.csv");
    std::fs::copy(server.folder.path().join("leases.csv"), &copy).expect("it can be copied");
    let store = Memfile::<P::Lease>::open(Options::new(Some(copy), 1)).expect("it can be read");
    run(store.page(None, usize::MAX, PageFilter::default())).expect("memory can be read")
}

/// The subnet of each lease in the lease file.
fn subnets<P: Protocol>(server: &Filed<P>) -> BTreeMap<String, u32> {
    let leases = in_file(server);
    leases.iter().map(|lease| (told_address::<P>(lease.address()), lease.subnet_id().0)).collect()
}

fn assigned<P: Protocol>(server: &Filed<P>, subnet: u32) -> i64 {
    server.told_statistic(&format!("subnet[{subnet}].assigned-addresses"))
}

/// `lease-checks`: a lease whose subnet is not configured, or has not its address, stays as it is, gets the right subnet,
/// or goes; when the server starts and when it is reconfigured. Statistics know it.
fn leases_are_corrected_as_configured<P: Protocol>() {
    let row =
        |address, subnet: u8| row::<P>(address, subnet, Row { subnet: subnet.into(), ..Row::default() });
    let rows = [row("192.0.8.1", 1), row("192.0.8.2", 9), row("10.0.0.1", 9), row("10.0.0.2", 1)].concat();
    let (fits, wrong, nowhere, outside) = (("192.0.8.1", 1), "192.0.8.2", ("10.0.0.1", 9), ("10.0.0.2", 1));
    let all = [fits, (wrong, 9), nowhere, outside];
    for (mode, expected) in [
        ("none", &all[..]),
        ("warn", &all),
        ("fix", &[fits, (wrong, 1), nowhere, outside]),
        ("fix-del", &[fits, (wrong, 1)]),
        ("del", &[fits]),
    ] {
        let link = LinkOf::<P>::default();
        let database = json!({"type": "memfile", "name": "leases.csv"});
        let config = |mode: &str| persistent::<P>(database.clone(), json!({"lease-checks": mode}));
        let server = with_rows(&link, config(mode), &rows);
        let expected: BTreeMap<_, _> =
            expected.iter().map(|(address, subnet)| (address.to_string(), *subnet)).collect();
        assert_eq!(subnets(&server), expected, "{mode}");
        let count = expected.values().filter(|subnet| **subnet == 1).count();
        assert_eq!(assigned(&server, 1), count as i64, "{mode}");

        let mut renumbered = config("fix");
        renumbered[P::MAP][P::SUBNETS][0]["id"] = 5.into();
        server.reconfigure(renumbered.clone()).expect("it can be served from");
        let there: Vec<_> = expected.keys().filter(|address| address.starts_with("192.")).collect();
        let found = subnets(&server);
        assert!(there.iter().all(|address| found[*address] == 5), "{mode}: {found:?}");
        assert_eq!(assigned(&server, 5), there.len() as i64);

        renumbered[P::MAP]["sanity-checks"]["lease-checks"] = "del".into();
        renumbered[P::MAP][P::SUBNETS][0]["id"] = 6.into();
        server.reconfigure(renumbered).expect("it can be served from");
        assert_eq!(subnets(&server), BTreeMap::new());
        // What is gone can be given to others.
        let given = server.lease(&link, &mut P::client(7)).given().expect("an address");
        assert_eq!(assigned(&server, 6), 1);
        assert_eq!(subnets(&server)[&told_address::<P>(given)], 6);
    }
}

/// In repair mode they are let alone, whatever is configured.
fn repair_mode_corrects_nothing<P: Protocol>() {
    let row = row::<P>("192.0.8.2", 1, Row { subnet: 9, ..Row::default() });
    let link = LinkOf::<P>::default();
    let config =
        persistent::<P>(json!({"type": "memfile", "name": "leases.csv"}), json!({"lease-checks": "del"}));
    let args = ServerArgs { repairs: true, ..ServerArgs::default() };
    let server = with_args(&link, config.clone(), &row, args);
    server.reconfigure(config).expect("it can be served from");
    assert_eq!(subnets(&server), BTreeMap::from([("192.0.8.2".to_owned(), 9)]));
}

/// `extended-info-checks`: what a relay said is brought into today's form, as is what was kept of it wrongly.
fn extended_info_is_corrected_as_configured<P: Protocol>() {
    let row = |address, context: &str| {
        row::<P>(address, 1, Row { context: &context.replace(',', "&#x2c"), ..Row::default() })
    };
    let [old, new, bad] = P::RELAY_INFOS;
    let rows = [row("192.0.8.1", old), row("192.0.8.2", bad)].concat();
    for (mode, expected) in [
        ("none", [Some(old), Some(bad)]),
        ("fix", [Some(new), Some(bad)]),
        ("strict", [Some(new), Some(r#"{ "a": 1 }"#)]),
    ] {
        let link = LinkOf::<P>::default();
        let database = json!({"type": "memfile", "name": "leases.csv"});
        let server =
            with_rows(&link, persistent::<P>(database, json!({"extended-info-checks": mode})), &rows);
        let leases = in_file(&server);
        let contexts: Vec<_> = leases.iter().map(P::user_context).collect();
        assert_eq!(contexts, expected, "{mode}");
    }
}

/// A lease file that grows too large is cleaned up long before that is due by time, unless it never is.
fn a_large_file_is_cleaned_up<P: Protocol>() {
    for (interval, cleaned) in [(3600, true), (0, false)] {
        let link = LinkOf::<P>::default();
        let database = json!({"type": "memfile", "name": "leases.csv", "lfc-interval": interval});
        let open: Open<Memfile<P::Lease>> =
            Arc::new(|options: Options| Memfile::open(Options { file_limit: 4000, ..options }));
        let config = persistent::<P>(database, json!({}));
        let server = Filed::<P>::start(&link, P::SERVERS[0], clock(), config, open);
        let copy = server.folder.path().join("leases.csv.1");
        (0..10).for_each(|number| drop(server.lease(&link, &mut P::client(number))));
        server.hands.advance(Duration::from_secs(5));
        assert!(!copy.exists());
        (10..100).for_each(|number| drop(server.lease(&link, &mut P::client(number))));
        if cleaned {
            eventually("a cleanup begins", || {
                server.hands.advance(Duration::from_secs(1));
                copy.exists().then_some(())
            });
        } else {
            // Everything that is due by then has been done when a later message is answered.
            server.hands.advance(Duration::from_secs(300));
            drop(server.lease(&link, &mut P::client(100)));
            assert!(!copy.exists());
        }
    }
}

/// `lease4-write`: all leases, a row each, go to a file in the directory of lease files; what was called so stays beside
/// it. The lease file in use is written anew and goes on; nothing else that belongs to it can be meant.
fn leases_are_written_to_files<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let config = persistent::<P>(json!({"type": "memfile", "name": "leases.csv"}), json!({}));
    let former = row::<P>("192.0.8.1", 1, Row { name: "a&#x2cb", ..Row::default() });
    let first =
        row::<P>("192.0.8.1", 1, Row { end: 1_700_004_001, context: "{ \"a\": 1 }", ..Row::default() });
    let second = row::<P>("192.0.8.2", 2, Row { forward: 1, name: "host", ..Row::default() });
    let rows = [&*former, &first, &second].concat();
    let server = with_rows(&link, config, &rows);
    let write = |name: &str| {
        let answer = server.retold("lease4-write", Some(json!({"filename": name})));
        (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or("").to_owned())
    };
    let folder = server.folder.path();
    let backup = format!(".bak{}", std::process::id());
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let all = [P::HEADER, &first, &second].concat();
    let told = |name: &str| (0, format!("IPv4 lease database into '{}'.", folder.join(name).display()));
    assert_eq!(write("copy.csv"), told("copy.csv"));
    assert_eq!(file("copy.csv"), all);
    for (number, former) in [("", P::HEADER), ("-2", ""), ("-3", &*all)] {
        std::fs::write(folder.join("copy.csv"), former).expect("it can be written");
        assert_eq!(write("copy.csv"), told("copy.csv"));
        let kept = file(&format!("copy.csv{backup}{number}"));
        assert_eq!((file("copy.csv"), &*kept), (all.clone(), former), "{number}");
    }
    assert_eq!(write("leases.csv"), told("leases.csv"));
    assert_eq!(file("leases.csv"), all);
    assert_eq!(file(&format!("leases.csv{backup}")), format!("{}{rows}", P::HEADER));
    let deleted = server.retold("lease4-del", Some(json!({"ip-address": "192.0.8.1"})));
    assert_eq!(deleted["result"], 0);
    assert_eq!(in_file(&server).len(), 1, "it goes on");
    for (name, reason) in [
        ("", "'filename' parameter is invalid: path: '' has no filename"),
        ("/tmp/copy.csv", "'filename' parameter is invalid: invalid path specified: '/tmp'"),
        ("leases.csv.2", "belongs to the lease file in use"),
    ] {
        let (result, text) = write(name);
        assert!(result == 1 && text.contains(reason), "{name}: {text}");
    }
    let refused = server.retold("lease4-write", Some(json!({"filename": 5})));
    assert_eq!(refused["text"], "'filename' parameter must be a string");
}

/// `lease4-write` leaves alone what is no lease file of these leases, and that of another server.
fn only_lease_files_are_written_over<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let config = persistent::<P>(json!({"type": "memfile", "name": "leases.csv"}), json!({}));
    let server = with_rows(&link, config, "");
    let folder = server.folder.path();
    let used = std::fs::File::create(folder.join("used.csv")).expect("a file can be made");
    used.try_lock().expect("nobody else locks it");
    std::fs::create_dir(folder.join("folder")).expect("a folder can be made");
    std::os::unix::fs::symlink("leases.csv", folder.join("link.csv")).expect("a link can be made");
    for (name, content) in [("notes.txt", "mine\n"), ("others.csv", P::OTHER_HEADER)] {
        std::fs::write(folder.join(name), content).expect("it can be written");
    }
    for (name, reason) in [
        ("notes.txt", "this is no lease file of DHCPv4; name another file, or move it away"),
        ("others.csv", "this is no lease file of DHCPv4; name another file, or move it away"),
        ("used.csv", "another server is using it"),
        ("folder", "there is something else that is no file"),
        ("link.csv", "there is something else that is no file"),
    ] {
        let before = std::fs::read_to_string(folder.join(name)).ok();
        let answer = server.retold("lease4-write", Some(json!({"filename": name})));
        let text = answer["text"].as_str().unwrap_or_default();
        assert!(answer["result"] == 1 && text.contains(reason), "{name}: {answer}");
        assert_eq!(std::fs::read_to_string(folder.join(name)).ok(), before);
    }
    let names = std::fs::read_dir(folder).expect("it is there").flatten().map(|entry| entry.file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

both! {
    leases_are_corrected_as_configured,
    repair_mode_corrects_nothing,
    extended_info_is_corrected_as_configured,
    a_large_file_is_cleaned_up,
    leases_are_written_to_files,
    only_lease_files_are_written_over,
}
