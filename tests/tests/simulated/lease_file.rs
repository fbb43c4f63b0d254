//! What a server does with its lease file, of its own accord.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use kotare_daemon::args::ServerArgs;
use kotare_model::Lease4;
use kotare_server::Open;
use kotare_store::{LeaseStore, PageFilter};
use kotare_store_memfile::{Memfile4, Options};
use kotare_testkit::{Client, run};
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::Link;
use crate::server::{Server, clock, config};

const HEADER: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,\
    user_context,pool_id\n";

/// A configuration whose leases are in a file.
fn persistent(database: Value, checks: Value) -> Value {
    let mut config = config(1, 53);
    config["Dhcp4"]["lease-database"] = database;
    config["Dhcp4"]["sanity-checks"] = checks;
    config
}

/// A server whose lease file has these rows at first.
fn with_rows(link: &Link, config: Value, rows: &str) -> Server<Memfile4> {
    with_args(link, config, rows, ServerArgs::default())
}

fn with_args(link: &Link, config: Value, rows: &str, args: ServerArgs) -> Server<Memfile4> {
    let text = format!("{HEADER}{rows}");
    let open: Open<Memfile4> = Arc::new(move |options: Options| {
        if let Some(path) = &options.path {
            std::fs::write(path, &text).expect("a lease file can be written");
        }
        Memfile4::open(options)
    });
    Server::with_args(link, [192, 0, 2, 1].into(), clock(), config, open, args)
}

/// The leases in the lease file of a server.
fn in_file(server: &Server<Memfile4>) -> Vec<Lease4> {
    let copy = server.folder.path().join("copy.csv");
    std::fs::copy(server.folder.path().join("leases.csv"), &copy).expect("it can be copied");
    let store = Memfile4::open(Options::new(Some(copy), 1)).expect("it can be read");
    run(store.page(None, usize::MAX, PageFilter::default())).expect("memory can be read")
}

/// The subnet of each lease in the lease file.
fn subnets(server: &Server<Memfile4>) -> BTreeMap<Ipv4Addr, u32> {
    in_file(server).iter().map(|lease| (lease.address, lease.subnet_id.0)).collect()
}

fn assigned(server: &Server<Memfile4>, subnet: u32) -> i64 {
    server.statistic(&format!("subnet[{subnet}].assigned-addresses"))
}

/// `lease-checks`: a lease whose subnet is not configured, or has not its address, stays as it is, gets the right subnet,
/// or goes; when the server starts and when it is reconfigured. Statistics know it.
#[test]
fn leases_are_corrected_as_configured() {
    let row =
        |address, subnet| format!("{address},02:00:00:00:00:0{subnet},,4000,1700004000,{subnet},0,0,,0,,0\n");
    let rows = [row("192.0.8.1", 1), row("192.0.8.2", 9), row("10.0.0.1", 9), row("10.0.0.2", 1)].concat();
    let (fits, wrong, nowhere, outside) = (
        (Ipv4Addr::new(192, 0, 8, 1), 1),
        Ipv4Addr::new(192, 0, 8, 2),
        (Ipv4Addr::new(10, 0, 0, 1), 9),
        (Ipv4Addr::new(10, 0, 0, 2), 1),
    );
    let all = [fits, (wrong, 9), nowhere, outside];
    for (mode, expected) in [
        ("none", &all[..]),
        ("warn", &all),
        ("fix", &[fits, (wrong, 1), nowhere, outside]),
        ("fix-del", &[fits, (wrong, 1)]),
        ("del", &[fits]),
    ] {
        let link = Link::default();
        let database = json!({"type": "memfile", "name": "leases.csv"});
        let config = |mode: &str| persistent(database.clone(), json!({"lease-checks": mode}));
        let server = with_rows(&link, config(mode), &rows);
        assert_eq!(subnets(&server), expected.iter().copied().collect(), "{mode}");
        let count = expected.iter().filter(|(_, subnet)| *subnet == 1).count();
        assert_eq!(assigned(&server, 1), count as i64, "{mode}");

        let mut renumbered = config("fix");
        renumbered["Dhcp4"]["subnet4"][0]["id"] = 5.into();
        server.reconfigure(renumbered.clone()).expect("it can be served from");
        let there: Vec<_> =
            expected.iter().map(|(address, _)| *address).filter(|it| it.octets()[0] == 192).collect();
        let found = subnets(&server);
        assert!(there.iter().all(|address| found[address] == 5), "{mode}: {found:?}");
        assert_eq!(assigned(&server, 5), there.len() as i64);

        renumbered["Dhcp4"]["sanity-checks"]["lease-checks"] = "del".into();
        renumbered["Dhcp4"]["subnet4"][0]["id"] = 6.into();
        server.reconfigure(renumbered).expect("it can be served from");
        assert_eq!(subnets(&server), BTreeMap::new());
        // What is gone can be given to others.
        let ack = server.lease(&link, &mut Client::new(7));
        assert_eq!(assigned(&server, 6), 1);
        assert_eq!(subnets(&server)[&ack.yiaddr], 6);
    }
}

/// In repair mode they are let alone, whatever is configured.
#[test]
fn repair_mode_corrects_nothing() {
    let row = "192.0.8.2,02:00:00:00:00:01,,4000,1700004000,9,0,0,,0,,0\n";
    let link = Link::default();
    let config = persistent(json!({"type": "memfile", "name": "leases.csv"}), json!({"lease-checks": "del"}));
    let args = ServerArgs { repairs: true, ..ServerArgs::default() };
    let server = with_args(&link, config.clone(), row, args);
    server.reconfigure(config).expect("it can be served from");
    assert_eq!(subnets(&server), BTreeMap::from([(Ipv4Addr::new(192, 0, 8, 2), 9)]));
}

/// `extended-info-checks`: what a relay said is brought into today's form, as is what was kept of it wrongly.
#[test]
fn extended_info_is_corrected_as_configured() {
    let row = |address, context: &str| {
        format!("{address},02:00:00:00:00:01,,4000,1700004000,1,0,0,,0,{},0\n", context.replace(',', "&#x2c"))
    };
    let old = r#"{ "ISC": { "relay-agent-info": "0x0201AB" } }"#;
    let new = r#"{ "ISC": { "relay-agent-info": { "remote-id": "AB", "sub-options": "0x0201AB" } } }"#;
    let bad = r#"{ "ISC": { "relay-agent-info": { "remote-id": "" } }, "a": 1 }"#;
    let rows = [row("192.0.8.1", old), row("192.0.8.2", bad)].concat();
    for (mode, expected) in [
        ("none", [Some(old), Some(bad)]),
        ("fix", [Some(new), Some(bad)]),
        ("strict", [Some(new), Some(r#"{ "a": 1 }"#)]),
    ] {
        let link = Link::default();
        let database = json!({"type": "memfile", "name": "leases.csv"});
        let server = with_rows(&link, persistent(database, json!({"extended-info-checks": mode})), &rows);
        let leases = in_file(&server);
        let contexts: Vec<_> = leases.iter().map(|lease| lease.user_context.as_deref()).collect();
        assert_eq!(contexts, expected, "{mode}");
    }
}

/// A lease file that grows too large is cleaned up long before that is due by time, unless it never is.
#[test]
fn a_large_file_is_cleaned_up() {
    for (interval, cleaned) in [(3600, true), (0, false)] {
        let link = Link::default();
        let database = json!({"type": "memfile", "name": "leases.csv", "lfc-interval": interval});
        let open: Open<Memfile4> =
            Arc::new(|options: Options| Memfile4::open(Options { file_limit: 4000, ..options }));
        let config = persistent(database, json!({}));
        let server = Server::start(&link, [192, 0, 2, 1].into(), clock(), config, open);
        let copy = server.folder.path().join("leases.csv.1");
        (0..10).for_each(|number| drop(server.lease(&link, &mut Client::new(number))));
        server.hands.advance(Duration::from_secs(5));
        assert!(!copy.exists());
        (10..100).for_each(|number| drop(server.lease(&link, &mut Client::new(number))));
        if cleaned {
            eventually("a cleanup begins", || {
                server.hands.advance(Duration::from_secs(1));
                copy.exists().then_some(())
            });
        } else {
            // Everything that is due by then has been done when a later message is answered.
            server.hands.advance(Duration::from_secs(300));
            drop(server.lease(&link, &mut Client::new(100)));
            assert!(!copy.exists());
        }
    }
}

/// `lease4-write`: all leases, a row each, go to a file in the directory of lease files; what was called so stays beside
/// it. The lease file in use is written anew and goes on; nothing else that belongs to it can be meant.
#[test]
fn leases_are_written_to_files() {
    let link = Link::default();
    let mut config = persistent(json!({"type": "memfile", "name": "leases.csv"}), json!({}));
    config["Dhcp4"]["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    let rows = "192.0.8.1,02:00:00:00:00:01,,4000,1700004000,1,0,0,a&#x2cb,0,,0\n\
                192.0.8.1,02:00:00:00:00:01,,4000,1700004001,1,0,0,,0,{ \"a\": 1 },0\n\
                192.0.8.2,02:00:00:00:00:02,01:02,4000,1700004000,1,1,0,host,0,,0\n";
    let server = with_rows(&link, config, rows);
    let write = |name: &str| {
        let answer = server.answer("lease4-write", Some(json!({"filename": name})));
        (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or("").to_owned())
    };
    let folder = server.folder.path();
    let backup = format!(".bak{}", std::process::id());
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let all = format!(
        "{HEADER}192.0.8.1,02:00:00:00:00:01,,4000,1700004001,1,0,0,,0,{{ \"a\": 1 }},0\n\
         192.0.8.2,02:00:00:00:00:02,01:02,4000,1700004000,1,1,0,host,0,,0\n"
    );
    let told = |name: &str| (0, format!("IPv4 lease database into '{}'.", folder.join(name).display()));
    assert_eq!(write("copy.csv"), told("copy.csv"));
    assert_eq!(file("copy.csv"), all);
    for (number, former) in [("", HEADER), ("-2", ""), ("-3", &*all)] {
        std::fs::write(folder.join("copy.csv"), former).expect("it can be written");
        assert_eq!(write("copy.csv"), told("copy.csv"));
        let kept = file(&format!("copy.csv{backup}{number}"));
        assert_eq!((file("copy.csv"), &*kept), (all.clone(), former), "{number}");
    }
    assert_eq!(write("leases.csv"), told("leases.csv"));
    assert_eq!(file("leases.csv"), all);
    assert_eq!(file(&format!("leases.csv{backup}")), format!("{HEADER}{rows}"));
    let deleted = server.answer("lease4-del", Some(json!({"ip-address": "192.0.8.1"})));
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
    let refused = server.answer("lease4-write", Some(json!({"filename": 5})));
    assert_eq!(refused["text"], "'filename' parameter must be a string");
}

/// `lease4-write` leaves alone what is no lease file of these leases, and that of another server.
#[test]
fn only_lease_files_are_written_over() {
    let link = Link::default();
    let mut config = persistent(json!({"type": "memfile", "name": "leases.csv"}), json!({}));
    config["Dhcp4"]["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    let server = with_rows(&link, config, "");
    let folder = server.folder.path();
    let leases6 = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
                   fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";
    let used = std::fs::File::create(folder.join("used.csv")).expect("a file can be made");
    used.try_lock().expect("nobody else locks it");
    std::fs::create_dir(folder.join("folder")).expect("a folder can be made");
    std::os::unix::fs::symlink("leases.csv", folder.join("link.csv")).expect("a link can be made");
    for (name, content) in [("notes.txt", "mine\n"), ("leases6.csv", leases6)] {
        std::fs::write(folder.join(name), content).expect("it can be written");
    }
    for (name, reason) in [
        ("notes.txt", "this is no lease file of DHCPv4; name another file, or move it away"),
        ("leases6.csv", "this is no lease file of DHCPv4; name another file, or move it away"),
        ("used.csv", "another server is using it"),
        ("folder", "there is something else that is no file"),
        ("link.csv", "there is something else that is no file"),
    ] {
        let before = std::fs::read_to_string(folder.join(name)).ok();
        let answer = server.answer("lease4-write", Some(json!({"filename": name})));
        let text = answer["text"].as_str().unwrap_or_default();
        assert!(answer["result"] == 1 && text.contains(reason), "{name}: {answer}");
        assert_eq!(std::fs::read_to_string(folder.join(name)).ok(), before);
    }
    let names = std::fs::read_dir(folder).expect("it is there").flatten().map(|entry| entry.file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}
