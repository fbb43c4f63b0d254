//! Configurations that cannot be served from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use kotare_server::{Family, Open, Unprepared};
use kotare_store::StoreError;
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply};
use crate::server::{ServerOf, clock};
use crate::store::{Database, DatabaseOf};

/// A way for a configuration to fail, and what it is known by.
struct Failure<P: Protocol> {
    name: &'static str,
    /// Makes it fail, or be good again.
    set: fn(&ServerOf<P>, &Scene<P>, bool),
    /// What it asks for beside what serves, in the map of the configuration.
    ask: fn(&mut Value),
    kind: fn(&Unprepared) -> bool,
}

struct Scene<P: Protocol> {
    /// The database of a configuration that keeps its leases elsewhere.
    elsewhere: DatabaseOf<P>,
    unopenable: Arc<AtomicBool>,
}

fn failures<P: Protocol>() -> [Failure<P>; 7] {
    [
        Failure {
            name: "a path outside the supported folder",
            set: |_, _, _| {},
            ask: |config| {
                config["lease-database"] = json!({"type": "memfile", "name": "/nowhere/leases.csv"});
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
                let name = P::On::<DatabaseOf<P>>::PROGRAM.name;
                config["loggers"] = json!([{"name": name, "output-options": output}]);
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
                config["multi-threading"] = json!({"enable-multi-threading": true, "thread-pool-size": 5});
            },
            kind: |error| matches!(error, Unprepared::Threads(5, _)),
        },
        Failure {
            name: "a service socket that is required",
            set: |_, _, _| {},
            ask: |config| {
                elsewhere(config);
                config["multi-threading"] = json!({"enable-multi-threading": true, "thread-pool-size": 5});
                config["interfaces-config"] =
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
                config["multi-threading"] = json!({"enable-multi-threading": true, "thread-pool-size": 5});
                let socket = json!({"socket-type": "unix", "socket-name": "folder"});
                config["control-sockets"] = json!([socket]);
            },
            kind: |error| matches!(error, Unprepared::Control(_)),
        },
    ]
}

/// Keeps leases in another file.
fn elsewhere(config: &mut Value) {
    config["lease-database"] = json!({"type": "memfile", "name": "elsewhere.csv"});
}

/// Whatever of a configuration fails, the server goes on as if it had not been asked, and what was prepared before is
/// gone: the lease store of the new configuration, its threads, its plan.
fn a_configuration_that_fails_leaves_nothing_behind<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let scene = Scene::<P> { elsewhere: Database::new(), unopenable: Arc::default() };
    let open: Open<DatabaseOf<P>> = {
        let (database, elsewhere, unopenable) =
            (database.clone(), scene.elsewhere.clone(), scene.unopenable.clone());
        Arc::new(move |options| match options.path {
            None => Ok(database.clone()),
            Some(_) if unopenable.load(SeqCst) => Err(StoreError::unavailable("open it", "the test says no")),
            Some(_) => Ok(elsewhere.clone()),
        })
    };
    let server = ServerOf::start(&link, P::SERVERS[0], clock(), P::config(2, 53), open);
    let failures = failures::<P>();
    let handles = || Arc::strong_count(&scene.elsewhere.handles);
    let unused = handles();
    let hash = server.ask("config-hash-get", json!({}));
    let serving = server.daemon.generation();
    for (number, failure) in (1..).zip(&failures) {
        let name = failure.name;
        let mut asked = P::config(2, 54);
        (failure.ask)(&mut asked[P::MAP]);
        (failure.set)(&server, &scene, true);
        let error = server.reconfigure(asked).expect_err(name);
        assert!((failure.kind)(&error), "{name}: {error}");
        (failure.set)(&server, &scene, false);
        assert!(Arc::ptr_eq(&server.daemon.generation(), &serving), "{name}");
        assert_eq!(server.ask("config-hash-get", json!({})), hash, "{name}");
        let ack = server.lease(&link, &mut P::client(number));
        assert_eq!(ack.number(), Some(53), "{name}");
        eventually(name, || (server.threads() == 2 && handles() == unused).then_some(()));
        assert_eq!((link.sockets(server.address), link.lost()), (2, 0), "{name}");
    }
    assert_eq!(database.gate.inner().all().len(), failures.len());
    // None of them is in the way of a good one.
    let mut good = P::config(3, 55);
    elsewhere(&mut good[P::MAP]);
    server.reconfigure(good).expect("it is good");
    assert_eq!(server.lease(&link, &mut P::client(99)).number(), Some(55));
    assert_eq!(scene.elsewhere.gate.inner().all().len(), 1);
}

/// A flush that fails withholds the replies of its round and nothing else; when leases can be kept again, clients that
/// ask again are answered.
fn nothing_is_answered_that_was_not_kept<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(2, 53), &database);
    database.unkept.store(true, SeqCst);
    let unheard = P::look(&P::client(1));
    link.broadcast(&unheard);
    eventually("it is in the books", || (server.counted("processing-failed") == 1).then_some(()));
    assert!(link.replies().is_empty());
    assert_eq!(server.statistic(P::ASKED), 1);
    database.unkept.store(false, SeqCst);
    server.lease(&link, &mut P::client(1));
}

/// A reply that the network does not take is counted as received and worked on; the lease stays, and the client is
/// answered when it asks again.
fn a_reply_that_cannot_be_sent_is_in_the_books<P: Protocol>() {
    let (link, database) = (LinkOf::<P>::default(), Database::new());
    let server = ServerOf::with_database(&link, P::config(1, 53), &database);
    server.faults.unsendable.store(true, SeqCst);
    link.broadcast(&P::look(&P::client(1)));
    eventually("it is in the books", || (server.statistic(P::ASKED) == 1).then_some(()));
    assert_eq!((server.counted("sent"), link.replies().len()), (0, 0));
    server.faults.unsendable.store(false, SeqCst);
    server.lease(&link, &mut P::client(1));
}

both! {
    a_configuration_that_fails_leaves_nothing_behind,
    nothing_is_answered_that_was_not_kept,
    a_reply_that_cannot_be_sent_is_in_the_books,
}
