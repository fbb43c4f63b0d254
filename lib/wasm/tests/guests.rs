//! Modules that do as they should, and many that do not: whatever they do, there is an answer or a reason, soon.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kotare_testkit::{Guest, component};
use kotare_wasm::{
    Aside, Code, Failure, LINES, Lease, LeaseVerdict, Limits, LoadError, Log, Module, Point, Protocol, Query,
    ReceivedVerdict, Reply, Setup, SubnetVerdict, WIT,
};
use parking_lot::Mutex;

/// Enough for all that ends at all.
const LIMITS: Limits = Limits { fuel: 1_000_000, memory: 1 << 20, time: Duration::from_secs(60) };

fn setup(limits: Limits) -> Setup {
    let (log, aside): (Log, Aside) = (Arc::new(|_: &str| ()), Arc::new(|work| work()));
    Setup { protocol: Protocol::Dhcpv4, parameters: "{}".into(), limits, log, aside }
}

fn load(guest: Guest<'_>) -> Module {
    Module::load(&guest.component(WIT), setup(LIMITS)).unwrap_or_else(|error| panic!("{error}"))
}

/// Why a guest is no module.
fn refused(guest: Guest<'_>) -> LoadError {
    Module::load(&guest.component(WIT), setup(LIMITS)).expect_err("it is refused")
}

fn query(message_type: u8) -> Query {
    Query {
        message_type,
        transaction: 7,
        interface: "eth0".into(),
        hardware_type: 1,
        hardware_address: vec![2, 0, 0, 0, 0, 1],
        client_id: None,
        relays: Vec::new(),
        options: Vec::new(),
        classes: vec!["ALL".into()],
    }
}

fn lease() -> Lease {
    Lease {
        address: vec![192, 0, 2, 1],
        prefix_length: 32,
        subnet: 1,
        valid_lifetime: 3600,
        preferred_lifetime: 3600,
        hostname: String::new(),
        is_offer: true,
        is_renewal: false,
    }
}

fn received(received: &str) -> Result<ReceivedVerdict, Failure> {
    load(Guest { received, ..Guest::default() }).received(&query(1))
}

/// One that changes nothing is asked at all points, as code of the machine and by an interpreter.
#[test]
fn a_module_is_asked() {
    for code in [Code::Native, Code::Interpreted] {
        let guest = Guest {
            points: "\\01\\03",
            received: "(i32.store8 (i32.const 1024) (i32.eq (local.get 0) (i32.const 7))) i32.const 1024",
            ..Guest::default()
        };
        let module = Module::load_as(&guest.component(WIT), code, setup(LIMITS)).expect("a module");
        assert_eq!((module.code(), module.points()), (code, &[Point::Subnet, Point::Reply][..]));
        assert!(matches!(module.received(&query(7)), Ok(ReceivedVerdict::Drop)));
        assert!(
            matches!(module.received(&query(3)), Ok(ReceivedVerdict::GoOn(classes)) if classes.is_empty())
        );
        assert!(matches!(module.subnet(&query(1), Some(9)), Ok(SubnetVerdict::GoOn)));
        assert!(matches!(module.lease(&query(1), &lease()), Ok(LeaseVerdict::GoOn)));
        let reply = Reply { message_type: 2, address: Vec::new(), options: Vec::new() };
        assert!(matches!(module.reply(&query(1), &reply), Ok(edits) if edits.is_empty()));
    }
}

/// A call ends when its fuel is used up or its time is, also where most of that is spent in single instructions.
#[test]
fn no_call_goes_on_for_ever() {
    for code in [Code::Native, Code::Interpreted] {
        let ask = |received: &str, limits| {
            let guest = Guest { received, ..Guest::default() }.component(WIT);
            Module::load_as(&guest, code, setup(limits)).expect("a module").received(&query(1))
        };
        assert_eq!(ask("(loop (br 0)) i32.const 1024", LIMITS).unwrap_err(), Failure::Fuel);
        let boundless = Limits { fuel: u64::MAX, time: Duration::from_millis(30), ..LIMITS };
        assert_eq!(ask("(loop (br 0)) i32.const 1024", boundless).unwrap_err(), Failure::Time);
        let fills =
            "(loop (memory.fill (i32.const 4096) (i32.const 1) (i32.const 65536)) (br 0)) i32.const 1024";
        assert_eq!(ask(fills, boundless).unwrap_err(), Failure::Time);
    }
}

/// An instance has so much memory, so many elements of tables and so much of the stack.
#[test]
fn no_call_takes_more_than_there_is() {
    let bomb = "(drop (memory.grow (i32.const 1000))) i32.const 1024";
    let Err(Failure::Memory(what)) = received(bomb) else { panic!("it has too much memory") };
    assert_eq!(&*what, "more than 1048576 bytes of memory");
    let guest = Guest {
        received: "(drop (table.grow (ref.null func) (i32.const 200000))) i32.const 1024",
        more: "(table 1 funcref)",
        ..Guest::default()
    };
    assert!(matches!(load(guest).received(&query(1)), Err(Failure::Memory(_))));
    let guest = Guest {
        received: "(call $again (i32.const 1))",
        more: "(func $again (param i32) (result i32) (i32.add (call $again (local.get 0)) (i32.const 1)))",
        ..Guest::default()
    };
    let failure = load(guest).received(&query(1)).unwrap_err();
    assert_eq!(failure.to_string(), "wasm trap: call stack exhausted");
}

/// What is no answer is none: an address outside, a list that is too long, text that is none, a case that there is not, and more
/// than anybody wants to hear.
#[test]
fn lies_are_seen() {
    let lies = [
        "i32.const -16",
        "(i32.store (i32.const 1028) (i32.const 4096)) (i32.store (i32.const 1032) (i32.const 0x7fffffff)) i32.const 1024",
        "(i32.store8 (i32.const 1024) (i32.const 9)) i32.const 1024",
        "unreachable",
        "(i32.div_u (i32.const 1) (i32.const 0))",
        "(i32.load (i32.const 0x7ffffff0))",
        "i32.const 1025",
    ];
    for lie in lies {
        let failure = received(lie).expect_err(lie);
        assert!(matches!(&failure, Failure::Trap(reason) if !reason.contains('\n')), "{lie}: {failure}");
    }
    // One class whose name is of bytes that are no text.
    let no_text = Guest {
        data: "\\40\\08\\00\\00\\02\\00\\00\\00",
        received: "(i32.store (i32.const 1028) (i32.const 2048)) (i32.store (i32.const 1032) (i32.const 1))
            (i32.store (i32.const 2112) (i32.const -1)) i32.const 1024",
        ..Guest::default()
    };
    let failure = load(no_text).received(&query(1)).unwrap_err();
    assert!(failure.to_string().contains("utf-8"), "{failure}");
    // A thousand classes whose names are the same 60 000 bytes.
    let much = "(local.set $at (i32.const 4096))
        (loop
            (i32.store (local.get $at) (i32.const 0))
            (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const 60000))
            (br_if 0 (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 12096))))
        (i32.store (i32.const 1028) (i32.const 4096)) (i32.store (i32.const 1032) (i32.const 1000)) i32.const 1024";
    assert!(received(much).is_err());
}

/// What a failed call left behind nobody sees: this one fails when it is asked a second time.
#[test]
fn a_broken_instance_is_not_used_again() {
    let module = load(Guest {
        received: "(if (i32.load (i32.const 2048)) (then unreachable))
            (i32.store (i32.const 2048) (i32.const 1)) i32.const 1024",
        ..Guest::default()
    });
    let answers = [(); 4].map(|()| module.received(&query(1)).is_ok());
    assert_eq!(answers, [true, false, true, false]);
}

/// A call does not wait for an instance to be made in the place of one that failed, however long that takes; what cannot be made
/// then is told.
#[test]
fn no_call_makes_an_instance() {
    let works = Arc::new(Mutex::new(Vec::new()));
    let later = works.clone();
    let aside: Aside = Arc::new(move |work| later.lock().push(work));
    let made = Arc::new(Mutex::new(0));
    let count = made.clone();
    let log: Log = Arc::new(move |_: &str| *count.lock() += 1);
    let guest = Guest {
        data: "made it",
        init: "(call $log (i32.const 2048) (i32.const 7)) i32.const 512",
        received: "unreachable",
        ..Guest::default()
    };
    let module =
        Module::load(&guest.component(WIT), Setup { log, aside, ..setup(LIMITS) }).expect("a module");
    module.keep(2).expect("instances");
    let ask = || module.received(&query(1)).expect_err("it fails");
    let done = || works.lock().drain(..).map(|work| work()).count();
    assert!(matches!((ask(), ask()), (Failure::Trap(_), Failure::Trap(_))));
    assert_eq!((ask(), ask(), *made.lock()), (Failure::NotReady, Failure::NotReady, 2));
    assert_eq!((done(), *made.lock()), (1, 4), "somebody makes both, once");
    assert!(matches!(ask(), Failure::Trap(_)));
}

/// Lines of the log are few and short, for each call.
#[test]
fn modules_write_to_the_log() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let told = lines.clone();
    let log: Log = Arc::new(move |line: &str| told.lock().push(line.to_owned()));
    let guest = Guest {
        data: "one\\0atwo",
        init: "(call $log (i32.const 2048) (i32.const 7)) i32.const 512",
        received: "(loop (call $log (i32.const 1024) (i32.const 1000))
            (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50)))) i32.const 1024",
        ..Guest::default()
    };
    let module = Module::load(&guest.component(WIT), Setup { log, ..setup(LIMITS) }).expect("a module");
    assert_eq!(*lines.lock(), ["one two".to_owned()]);
    for _ in 0..2 {
        lines.lock().clear();
        assert!(module.received(&query(1)).is_ok());
        assert_eq!(lines.lock().len(), LINES as usize);
        assert!(lines.lock().iter().all(|line| line.len() <= 300));
    }
}

/// What is no component, wants something else or is not ready is no module.
#[test]
fn others_are_no_modules() {
    let load = |bytes: &[u8]| Module::load(bytes, setup(LIMITS)).expect_err("it is no module");
    for bytes in [&b""[..], b"\x7fELF", b"\0asm\x01\0\0\0", &Guest::default().component(WIT)[..100]] {
        let error = load(bytes);
        assert!(matches!(error, LoadError::NoComponent(_)), "{error}");
    }
    assert!(matches!(load(b"\0asm\x0d\0\x01\0"), LoadError::OtherInterface(_)));
    let other = "package some:other; world module { import time: func() -> u64; export init: func(); }";
    let code = r#"(module (import "$root" "time" (func (result i64))) (func (export "init")))"#;
    assert!(matches!(load(&component(other, code)), LoadError::OtherInterface(_)));
    let other = "package some:other; world module { export init: func(); }";
    let code = r#"(module (func (export "init")))"#;
    assert!(matches!(load(&component(other, code)), LoadError::OtherInterface(_)));
    let says_no = Guest {
        data: "no such table",
        init: "(i32.store8 (i32.const 1024) (i32.const 1)) (i32.store (i32.const 1028) (i32.const 2048))
            (i32.store (i32.const 1032) (i32.const 13)) i32.const 1024",
        ..Guest::default()
    };
    assert_eq!(refused(says_no).to_string(), "it does not work with its parameters: no such table");
    let init = |init| refused(Guest { init, ..Guest::default() });
    assert!(matches!(init("(loop (br 0)) i32.const 512"), LoadError::Failed(Failure::Fuel)));
    assert!(matches!(init("unreachable"), LoadError::Failed(Failure::Trap(_))));
    let big = Guest { more: "(memory $other 100)", ..Guest::default() };
    assert!(matches!(refused(big), LoadError::Failed(Failure::Memory(_))));
}

/// Many threads ask the same module, and each gets the answer to its own question.
#[test]
fn threads_ask_at_the_same_time() {
    let module = load(Guest {
        received: "(i32.store8 (i32.const 1024) (i32.eq (local.get 0) (i32.const 7))) i32.const 1024",
        ..Guest::default()
    });
    module.keep(4).expect("instances");
    thread::scope(|scope| {
        for kind in [1, 3, 7, 8] {
            let module = &module;
            scope.spawn(move || {
                for _ in 0..500 {
                    let dropped = matches!(module.received(&query(kind)), Ok(ReceivedVerdict::Drop));
                    assert_eq!(dropped, kind == 7);
                }
            });
        }
    });
}
