//! Configurations that cannot be served from.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use kotare_server::{Open, Unprepared};
use kotare_store::StoreError;
use kotare_testkit::Client;
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::Link;
use crate::server::{Server, clock, config};
use crate::store::Database;

/// A way for a configuration to fail, and what it is known by.
struct Failure {
    name: &'static str,
    /// Makes it fail, or be good again.
    set: fn(&Server, &Scene, bool),
    /// What it asks for beside what serves.
    ask: fn(&mut Value),
    kind: fn(&Unprepared) -> bool,
}

struct Scene {
    /// The database of a configuration that keeps its leases elsewhere.
    elsewhere: Database,
    unopenable: Arc<AtomicBool>,
}

const FAILURES: &[Failure] = &[
    Failure {
        name: "a path outside the supported folder",
        set: |_, _, _| {},
        ask: |config| {
            config["Dhcp4"]["lease-database"] = json!({"type": "memfile", "name": "/nowhere/leases.csv"});
        },
        kind: |error| matches!(error, Unprepared::Judged(_)),
    },
    Failure {
        name: "a log file that is a folder",
        set: |server, _, _| {
            let _ = std::fs::create_dir(server.folder.path().join("folder"));
        },
        ask: |config| {
            let output = json!([{"output": "folder"}]);
            config["Dhcp4"]["loggers"] = json!([{"name": "kea-dhcp4", "output-options": output}]);
        },
        kind: |error| matches!(error, Unprepared::Logging(_)),
    },
    Failure {
        name: "leases that cannot be opened",
        set: |_, scene, fails| scene.unopenable.store(fails, SeqCst),
        ask: elsewhere,
        kind: |error| matches!(error, Unprepared::Leases(_)),
    },
    Failure {
        name: "leases that cannot be counted",
        set: |_, scene, fails| scene.elsewhere.uncountable.store(fails, SeqCst),
        ask: elsewhere,
        kind: |error| matches!(error, Unprepared::Count(_)),
    },
    Failure {
        name: "threads that cannot be started",
        set: |server, _, fails| server.faults.no_ports.store(fails, SeqCst),
        ask: |config| {
            elsewhere(config);
            config["Dhcp4"]["multi-threading"] =
                json!({"enable-multi-threading": true, "thread-pool-size": 5});
        },
        kind: |error| matches!(error, Unprepared::Threads(5, _)),
    },
    Failure {
        name: "a service socket that is required",
        set: |_, _, _| {},
        ask: |config| {
            elsewhere(config);
            config["Dhcp4"]["multi-threading"] =
                json!({"enable-multi-threading": true, "thread-pool-size": 5});
            config["Dhcp4"]["interfaces-config"] =
                json!({"interfaces": ["eth0", "eth9"], "service-sockets-require-all": true});
        },
        kind: |error| matches!(error, Unprepared::Sockets(_)),
    },
    Failure {
        name: "a control socket in the place of a folder",
        set: |server, _, _| {
            let _ = std::fs::create_dir(server.folder.path().join("folder"));
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o750);
            std::fs::set_permissions(server.folder.path(), mode).expect("it is ours");
        },
        ask: |config| {
            elsewhere(config);
            config["Dhcp4"]["multi-threading"] =
                json!({"enable-multi-threading": true, "thread-pool-size": 5});
            let socket = json!({"socket-type": "unix", "socket-name": "folder"});
            config["Dhcp4"]["control-sockets"] = json!([socket]);
        },
        kind: |error| matches!(error, Unprepared::Control(_)),
    },
];

/// Keeps leases in another file.
fn elsewhere(config: &mut Value) {
    config["Dhcp4"]["lease-database"] = json!({"type": "memfile", "name": "elsewhere.csv"});
}

/// Whatever of a configuration fails, the server goes on as if it had not been asked, and what was prepared before is
/// gone: the lease store of the new configuration, its threads, its plan.
#[test]
fn a_configuration_that_fails_leaves_nothing_behind() {
    let (link, database) = (Link::default(), Database::new());
    let scene = Scene { elsewhere: Database::new(), unopenable: Arc::default() };
    let open: Open<Database> = {
        let (database, elsewhere, unopenable) =
            (database.clone(), scene.elsewhere.clone(), scene.unopenable.clone());
        Arc::new(move |options| match options.path {
            None => Ok(database.clone()),
            Some(_) if unopenable.load(SeqCst) => Err(StoreError::unavailable("open it", "the test says no")),
            Some(_) => Ok(elsewhere.clone()),
        })
    };
    let server = Server::start(&link, Ipv4Addr::new(192, 0, 2, 1), clock(), config(2, 53), open);
    let handles = || Arc::strong_count(&scene.elsewhere.handles);
    let unused = handles();
    let hash = server.ask("config-hash-get", json!({}));
    let serving = server.daemon.generation();
    for (number, failure) in (1..).zip(FAILURES) {
        let name = failure.name;
        let mut asked = config(2, 54);
        (failure.ask)(&mut asked);
        (failure.set)(&server, &scene, true);
        let error = server.reconfigure(asked).expect_err(name);
        assert!((failure.kind)(&error), "{name}: {error}");
        (failure.set)(&server, &scene, false);
        assert!(Arc::ptr_eq(&server.daemon.generation(), &serving), "{name}");
        assert_eq!(server.ask("config-hash-get", json!({})), hash, "{name}");
        let ack = server.lease(&link, &mut Client::new(number));
        assert_eq!(ack.dns.as_deref(), Some(&[192, 0, 2, 53][..]), "{name}");
        eventually(name, || (server.threads() == 2 && handles() == unused).then_some(()));
        assert_eq!((link.sockets(server.address), link.lost()), (2, 0), "{name}");
    }
    assert_eq!(database.gate.inner().all().len(), FAILURES.len());
    // None of them is in the way of a good one.
    let mut good = config(3, 55);
    elsewhere(&mut good);
    server.reconfigure(good).expect("it is good");
    assert_eq!(server.lease(&link, &mut Client::new(99)).dns.as_deref(), Some(&[192, 0, 2, 55][..]));
    assert_eq!(scene.elsewhere.gate.inner().all().len(), 1);
}

/// A flush that fails withholds the replies of its round and nothing else; when leases can be kept again, clients that
/// ask again are answered.
#[test]
fn nothing_is_answered_that_was_not_kept() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(2, 53), &database);
    database.unkept.store(true, SeqCst);
    let unheard = Client::new(1).discover();
    link.broadcast(&unheard);
    eventually("it is in the books", || (server.statistic("pkt4-processing-failed") == 1).then_some(()));
    assert!(link.replies().is_empty());
    assert_eq!(server.statistic("pkt4-discover-received"), 1);
    database.unkept.store(false, SeqCst);
    server.lease(&link, &mut Client::new(1));
}

/// A reply that the network does not take is counted as received and worked on; the lease stays, and the client is
/// answered when it asks again.
#[test]
fn a_reply_that_cannot_be_sent_is_in_the_books() {
    let (link, database) = (Link::default(), Database::new());
    let server = Server::with_database(&link, config(1, 53), &database);
    server.faults.unsendable.store(true, SeqCst);
    link.broadcast(&Client::new(1).discover());
    eventually("it is in the books", || (server.statistic("pkt4-discover-received") == 1).then_some(()));
    assert_eq!((server.statistic("pkt4-sent"), link.replies().len()), (0, 0));
    server.faults.unsendable.store(false, SeqCst);
    server.lease(&link, &mut Client::new(1));
}
