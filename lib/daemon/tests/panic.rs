//! What was logged before a panic is not lost with the process.

use kotare_daemon::logging::{Destination, LoggerConfig, Logging, LoggingConfig, OutputConfig};
use kotare_daemon::{Clock, Environment};

kotare_messages::messages! {
    Info "dhcp4" T_BEFORE() = "all is well";
}

/// Lines that an output without `flush` holds back are written before a thread goes down.
#[test]
fn what_waits_is_written_before_a_panic_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kea.log");
    let logging = Logging::new("kea-dhcp4", &[MESSAGES], false, Clock::system(), &Environment::default());
    let output = OutputConfig { flush: false, ..OutputConfig::new(Destination::File(path.clone())) };
    let logger = LoggerConfig { name: "kea-dhcp4".into(), severity: None, outputs: vec![output] };
    assert_eq!(logging.configure(&LoggingConfig { loggers: vec![logger] }), [""; 0]);
    assert!(logging.install());
    let panicked = std::thread::spawn(|| {
        T_BEFORE();
        panic!("as the test wants it");
    });
    assert!(panicked.join().is_err());
    assert!(std::fs::read_to_string(&path).unwrap().contains("T_BEFORE all is well"));
}
