//! The whole way from a message's function to a file.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use kotare_model::Timestamp;
use serde_json::Value;

use super::*;

kotare_messages::messages! {
    Info "dhcp4" T_STARTED(version) = "server version {version} is serving";
    Debug(40) "leases" T_LEASE(address, client) = "{client} holds {address}";
    Fatal "dhcp4" T_FAILED(reason) = "cannot go on: {reason}";
    Warn "dhcp4" T_WARNED() = "look here";
    Error "dhcp4" T_ERROR() = "something failed";
}

/// 2019-08-05 13:45:45.007045 UTC.
const NOW: Duration = Duration::from_micros(1_565_012_745_007_045);

fn logging() -> Logging {
    let (clock, hands) = Clock::manual(Timestamp(0));
    hands.set_wall(NOW);
    let environment = Environment::from_iter([("FLAVOUR", "salty"), ("KEA_LOCKFILE_DIR", "none")]);
    Logging::new("kea-dhcp4", &[MESSAGES], false, clock, &environment)
}

fn to_file(path: &Path, threshold: Threshold, format: Format) -> LoggingConfig {
    let output = OutputConfig { format, ..OutputConfig::new(Destination::File(path.into())) };
    let logger = LoggerConfig { name: "kea-dhcp4".into(), severity: Some(threshold), outputs: vec![output] };
    LoggingConfig { loggers: vec![logger] }
}

/// What `body` logs by `format` at DEBUG 99.
fn logged(format: Format, body: impl FnOnce()) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kea.log");
    let logging = logging();
    assert_eq!(logging.configure(&to_file(&path, Threshold::Debug(99), format)), [""; 0]);
    logging.with(body);
    written(&logging, &path)
}

/// What has been logged to a file.
fn written(logging: &Logging, path: &Path) -> String {
    logging.flush();
    std::fs::read_to_string(path).unwrap()
}

fn pattern(text: &str, body: impl FnOnce()) -> String {
    logged(Format::Pattern(text.to_owned()), body)
}

/// A line of Kea's default pattern, down to the blanks.
#[test]
fn the_default_line_is_kea_s() {
    let (pid, thread) = (std::process::id(), nix::unistd::gettid());
    // The local zone of the test machine is not known, its minute is.
    let text = pattern("", || {
        T_STARTED("3.2.0");
        T_WARNED();
    });
    let tail = format!(" INFO  [kea-dhcp4.dhcp4/{pid}.{thread}] T_STARTED server version 3.2.0 is serving\n");
    let (first, second) = text.split_at(text.find('\n').unwrap() + 1);
    assert_eq!(&first[23..], tail);
    assert_eq!((&first[10..11], &first[16..23]), (" ", ":45.007"));
    assert_eq!(&second[23..], format!(" WARN  [kea-dhcp4.dhcp4/{pid}.{thread}] T_WARNED look here\n"));
}

/// Every conversion of the manual's table, with padding and cutting.
#[test]
fn patterns_are_log4cplus() {
    let (pid, thread) = (std::process::id(), nix::unistd::gettid());
    let host = nix::unistd::gethostname().unwrap().into_string().unwrap();
    for (text, expected) in [
        ("%m", "T_STARTED server version 1 is serving".to_owned()),
        ("%p|%5p|%-5p|%8p|%.2p|%-3.1p", "INFO| INFO|INFO |    INFO|FO|O".to_owned()),
        ("%c %c{1} %c{2} %c{9}", "kea-dhcp4.dhcp4 dhcp4 kea-dhcp4.dhcp4 kea-dhcp4.dhcp4".to_owned()),
        ("%d", "2019-08-05 13:45:45".to_owned()),
        ("%d{%j %H:%M:%S.%q} %c", "217 13:45:45.007 kea-dhcp4.dhcp4".to_owned()),
        ("%d{%Q}", "007.045".to_owned()),
        ("%i %t %h %H", format!("{pid} {thread} {host} {host}")),
        ("%E{FLAVOUR}%E{NONE}%n%%", "salty\n%".to_owned()),
        ("%x%X{y}%r", "0".to_owned()),
        ("%b %M", "tests.rs T_STARTED".to_owned()),
        ("%k %5 %", "%k %5 %".to_owned()),
        ("%.7m", "serving".to_owned()),
    ] {
        assert_eq!(pattern(text, || T_STARTED(1)), expected, "{text}");
    }
    let place = pattern("%F:%L", || T_STARTED(1));
    assert_eq!(place, pattern("%l", || T_STARTED(1)));
    let named = std::thread::Builder::new().name("worker-3".into());
    let name = named.spawn(|| pattern("%T", || T_STARTED(1))).unwrap().join().unwrap();
    assert_eq!(name, "worker-3");
}

/// JSON has everything by name, one object a line.
#[test]
fn json_lines_have_everything_by_name() {
    let text = logged(Format::Json, || {
        T_LEASE("192.0.2.1", "host \"x\"\nforged\u{7f}\u{9b}\u{202e}");
        T_FAILED("no \u{1b} room");
    });
    assert!(!text.contains(['\u{7f}', '\u{9b}', '\u{202e}']), "a terminal would mind: {text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = serde_json::json!({
        "timestamp": "2019-08-05T13:45:45.007045Z",
        "severity": "DEBUG",
        "debuglevel": 40,
        "logger": "kea-dhcp4.leases",
        "id": "T_LEASE",
        "args": { "address": "192.0.2.1", "client": "host \"x\"\nforged\u{7f}\u{9b}\u{202e}" },
        "message": "host \"x\"\n  forged\\x7f\\x9b\\u{202e} holds 192.0.2.1",
        "pid": std::process::id(),
        "thread": nix::unistd::gettid().as_raw(),
    });
    assert_eq!(lines[0], expected);
    assert_eq!((&lines[1]["severity"], &lines[1]["debuglevel"]), (&"FATAL".into(), &Value::Null));
    assert_eq!(lines.len(), 2);
}

/// Severities by name; FATAL is told from ERROR though tracing has no such level.
#[test]
fn severities_have_kea_s_names() {
    let text = pattern("%p ", || {
        T_LEASE(1, 2);
        T_STARTED(1);
        T_WARNED();
        T_ERROR();
        T_FAILED(1);
    });
    assert_eq!(text, "DEBUG INFO WARN ERROR FATAL ");
}

/// Reconfiguring changes what is enabled at call sites that were reached before.
#[test]
fn reconfiguring_reaches_call_sites_already_used() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kea.log");
    let logging = logging();
    let plain = || Format::Pattern("%m\n".into());
    let speak = || {
        logging.with(|| {
            T_LEASE("192.0.2.1", "c");
            T_WARNED();
        });
    };
    speak();
    for threshold in [Threshold::Info, Threshold::None, Threshold::Debug(40), Threshold::Debug(39)] {
        logging.configure(&to_file(&path, threshold, plain()));
        speak();
    }
    let expected = "T_WARNED look here\nT_LEASE c holds 192.0.2.1\nT_WARNED look here\nT_WARNED look here\n";
    assert_eq!(written(&logging, &path), expected);
}

/// Under `-d` everything is logged, whatever the configuration says, to where it says.
#[test]
fn verbose_overrides_configured_severities() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kea.log");
    let logging = Logging::new("kea-dhcp4", &[MESSAGES], true, Clock::system(), &Environment::default());
    logging.configure(&to_file(&path, Threshold::Error, Format::Pattern("%m\n".into())));
    logging.with(|| T_LEASE("192.0.2.1", "c"));
    assert_eq!(written(&logging, &path), "T_LEASE c holds 192.0.2.1\n");
}

/// The arguments of a disabled message are not even displayed.
#[test]
fn a_disabled_message_costs_no_formatting() {
    struct Loud;
    impl std::fmt::Display for Loud {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("displayed")
        }
    }
    logging().with(|| T_LEASE(Loud, Loud));
}

/// A file that cannot be opened is a problem that names it, not a failure; it is used once it can be opened.
#[test]
fn an_unusable_file_is_a_problem_and_is_tried_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("later/kea.log");
    let (clock, hands) = Clock::manual(Timestamp(0));
    let logging = Logging::new("kea-dhcp4", &[MESSAGES], false, clock, &Environment::default());
    let config = to_file(&path, Threshold::Info, Format::Pattern("%m\n".into()));
    let problems = logging.configure(&config);
    assert!(problems[0].contains(path.to_str().unwrap()), "{problems:?}");
    logging.with(T_WARNED);
    logging.flush();
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    logging.with(T_WARNED);
    logging.flush();
    assert!(!path.exists(), "not before a second has gone by");
    hands.advance(Duration::from_secs(2));
    logging.with(T_ERROR);
    assert_eq!(written(&logging, &path), "T_ERROR something failed\n");
}

/// A child logger's own output takes its messages away from the root's.
#[test]
fn a_logger_with_outputs_of_its_own_does_not_write_to_the_root_s() {
    let directory = tempfile::tempdir().unwrap();
    let (all, leases) = (directory.path().join("all"), directory.path().join("leases"));
    let plain = || Format::Pattern("%m\n".into());
    let mut config = to_file(&all, Threshold::Debug(99), plain());
    let mut child = to_file(&leases, Threshold::Debug(99), plain()).loggers.remove(0);
    child.name = "kea-dhcp4.leases".into();
    config.loggers.push(child);
    let logging = logging();
    logging.configure(&config);
    logging.with(|| {
        T_LEASE(1, 2);
        T_WARNED();
    });
    assert_eq!(written(&logging, &all), "T_WARNED look here\n");
    assert_eq!(written(&logging, &leases), "T_LEASE 2 holds 1\n");
    assert!(!logging.has_console());
}

/// Lines of many threads come out whole.
#[test]
fn lines_of_many_threads_do_not_mix() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kea.log");
    let logging = logging();
    logging.configure(&to_file(&path, Threshold::Info, Format::Pattern("%m\n".into())));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let logging = &logging;
            scope.spawn(move || logging.with(|| (0..200).for_each(|i| T_STARTED(format!("{thread}-{i}")))));
        }
    });
    let text = written(&logging, &path);
    assert_eq!(text.lines().count(), 800);
    assert!(
        text.lines()
            .all(|line| line.starts_with("T_STARTED server version ") && line.ends_with(" is serving"))
    );
}

/// Events of other crates and spans are not logged; an argument that logs while it is displayed does no harm.
#[test]
fn foreign_events_are_dropped() {
    struct Nested;
    impl std::fmt::Display for Nested {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            T_WARNED();
            f.write_str("nested")
        }
    }
    let text = pattern("%m\n", || {
        tracing::error!("from elsewhere");
        let _span = tracing::info_span!("span").entered();
        T_FAILED(Nested);
    });
    assert!(text.ends_with("T_FAILED cannot go on: nested\n"), "{text}");
    assert!(!text.contains("elsewhere"));
}

/// A pipe that a test does not read for now, held open for reading.
fn unread_pipe(path: &Path) -> File {
    nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

/// A pipe that nobody reads stops nobody. What it cannot take is dropped, and when somebody reads on, what was kept comes
/// in order, and then how much is missing; also when it was configured again meanwhile.
#[test]
fn a_full_pipe_stops_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    let pipe = unread_pipe(&path);
    let logging = logging();
    let config = to_file(&path, Threshold::Info, Format::Pattern("%m\n".into()));
    let filler = "x".repeat(1000);
    let total = 10_000;
    logging.configure(&config);
    for range in [0..6000, 6000..total] {
        logging.with(|| range.for_each(|number| T_STARTED(format_args!("{number} {filler}"))));
        logging.configure(&config);
    }
    let mut lines = BufReader::new(pipe).lines().map(Result::unwrap);
    let mut kept = 0;
    let dropped = loop {
        let line = lines.next().unwrap();
        let mut words = line.split(' ');
        match words.next() {
            Some("T_STARTED") => assert_eq!(words.nth(2), Some(kept.to_string().as_str())),
            Some("KOTARE_LOG_LINES_DROPPED") => break words.next().unwrap().parse::<i32>().unwrap(),
            _ => panic!("{line}"),
        }
        kept += 1;
    };
    assert!(kept > 1000, "{kept}");
    assert_eq!(kept + dropped, total);
    logging.with(T_WARNED);
    assert_eq!(lines.next().unwrap(), "T_WARNED look here");
}

/// Nor does it keep other outputs from their lines, and waiting for it at the end is bounded.
#[test]
fn a_full_pipe_does_not_hold_up_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let (pipe_path, path) = (directory.path().join("pipe"), directory.path().join("kea.log"));
    let mut pipe = unread_pipe(&pipe_path);
    let plain = || Format::Pattern("%m\n".into());
    let mut config = to_file(&pipe_path, Threshold::Info, plain());
    config.loggers[0].outputs.extend(to_file(&path, Threshold::Info, plain()).loggers.remove(0).outputs);
    let logging = logging();
    logging.configure(&config);
    logging.with(|| {
        T_STARTED("x".repeat(100_000));
        T_WARNED();
    });
    let text = written(&logging, &path);
    assert!(text.ends_with("\nT_WARNED look here\n"));
    let mut read = vec![0; text.len()];
    pipe.read_exact(&mut read).unwrap();
    assert_eq!(String::from_utf8(read).unwrap(), text);
}

/// A FIFO without a reader is no reason to refuse a configuration: lines go to standard error until somebody reads.
#[test]
fn a_fifo_may_have_no_reader_yet() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    drop(unread_pipe(&path));
    let (clock, hands) = Clock::manual(Timestamp(0));
    let logging = Logging::new("kea-dhcp4", &[MESSAGES], false, clock, &Environment::default());
    assert_eq!(logging.configure(&to_file(&path, Threshold::Info, Format::Pattern("%m\n".into()))), [""; 0]);
    logging.with(T_WARNED);
    logging.flush();
    let pipe = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    hands.advance(Duration::from_secs(2));
    logging.with(T_ERROR);
    assert_eq!(BufReader::new(pipe).lines().next().unwrap().unwrap(), "T_ERROR something failed");
}

/// Lines of one destination come in order when it is configured anew, whichever thread wrote them.
#[test]
fn order_is_kept_across_configurations() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kea.log");
    let logging = logging();
    let config = to_file(&path, Threshold::Info, Format::Pattern("%m\n".into()));
    for number in 0..200 {
        logging.configure(&config);
        logging.with(|| T_STARTED(number));
    }
    let expected: String =
        (0..200).map(|number| format!("T_STARTED server version {number} is serving\n")).collect();
    assert_eq!(written(&logging, &path), expected);
}
