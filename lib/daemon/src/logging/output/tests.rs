//! An output and its thread.

use std::fs;
use std::os::unix::net::UnixDatagram;

use super::*;
use crate::logging::config::Format;

fn context() -> OutputContext {
    OutputContext::new("kea-dhcp4", false, Clock::system(), &Environment::default())
}

fn open(config: OutputConfig, context: &OutputContext) -> Output {
    let output = Output::open(config, context);
    output.start(&[], &dispatcher::Dispatch::none().downgrade());
    output
}

fn put(output: &Output, line: &str, severity: Severity) {
    output.write(line, severity, Duration::ZERO);
}

/// The syslog output sends formatted lines to the daemon's socket.
#[test]
fn syslog_lines_arrive_at_the_socket() {
    let directory = tempfile::tempdir().unwrap();
    let mut context = context();
    context.syslog = directory.path().join("log");
    let daemon = UnixDatagram::bind(&context.syslog).unwrap();
    let output = open(OutputConfig::new(Destination::Syslog(Facility::Daemon)), &context);
    put(&output, "WARN  [kea-dhcp4.dhcp4.1] ID text\n", Severity::Warn);
    let mut buffer = [0; 256];
    let length = daemon.recv(&mut buffer).unwrap();
    let text = std::str::from_utf8(&buffer[..length]).unwrap();
    assert!(text.starts_with("<28>"), "{text}");
    assert!(text.ends_with(" kea-dhcp4: WARN  [kea-dhcp4.dhcp4.1] ID text"), "{text}");
}

/// `maxsize` 0 turns rotation off; any other small value rotates as log4cplus does, at 204800 bytes.
#[test]
fn a_small_maxsize_rotates_at_log4cplus_least() {
    let directory = tempfile::tempdir().unwrap();
    let rotated = |maxsize: u64| {
        let path = directory.path().join(format!("{maxsize}.log"));
        let config = OutputConfig {
            maxsize,
            format: Format::Json,
            ..OutputConfig::new(Destination::File(path.clone()))
        };
        let output = open(config, &context());
        let rotated = || path.with_extension("log.1").exists();
        put(&output, &"x".repeat(204_800), Severity::Info);
        assert!(output.flush());
        let before = rotated();
        put(&output, "y", Severity::Info);
        assert!(output.flush());
        (before, rotated())
    };
    assert_eq!(rotated(0), (false, false));
    assert_eq!(rotated(1), (false, true));
    assert_eq!(rotated(204_801), (false, false));
}

/// Without `flush` a line waits for others, unless it is grave or somebody asks; when the output is closed all is written.
#[test]
fn lines_without_flush_are_held_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kea.log");
    let config = OutputConfig { flush: false, ..OutputConfig::new(Destination::File(path.clone())) };
    let output = Output::open(config, &context());
    // Without a thread lines are written where they are logged.
    output.channel.queue.lock().stage = Stage::Threadless;
    let text = || fs::read_to_string(&path).unwrap();
    put(&output, "a\n", Severity::Info);
    assert_eq!(text(), "");
    put(&output, "b\n", Severity::Warn);
    assert_eq!(text(), "a\nb\n");
    put(&output, "c\n", Severity::Info);
    assert!(output.flush());
    put(&output, "d\n", Severity::Info);
    assert_eq!(text(), "a\nb\nc\n");
    drop(output);
    assert_eq!(text(), "a\nb\nc\nd\n");
}
