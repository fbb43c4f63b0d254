//! Starting a server that cannot start.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use kotare_tests::world::{Host, World, eventually, sandboxed};

use crate::scene::server_program;

/// Starts the server with this configuration file and waits for it to give up; what it said. Panics if it serves, or
/// ends as if all was well, or panics.
pub(crate) fn refused(world: &World, host: &Host, configuration: &Path) -> String {
    refused_with(world, host, configuration, &["-X"], &[("KEA_PIDFILE_DIR", world.folder())])
}

/// The same with these options and variables.
pub(crate) fn refused_with(
    world: &World,
    host: &Host,
    configuration: &Path,
    options: &[&str],
    variables: &[(&str, &Path)],
) -> String {
    let output = world.path("refused");
    let file = File::create(&output).expect("make a file for what it says");
    let mut command: Command = host.command(server_program());
    command.args(options).arg("-c").arg(configuration);
    command.env("KEA_LOCKFILE_DIR", world.folder()).envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(file.try_clone().expect("a second handle")).stderr(file);
    let mut child = command.spawn().expect("the program can be started");
    let said = || String::from_utf8_lossy(&fs::read(&output).expect("it can be read")).into_owned();
    let status = eventually("a server that cannot serve ends", || {
        if said().contains("DHCP4_STARTED") {
            let _ = child.kill();
            panic!("the server serves all the same:\n{}", said());
        }
        child.try_wait().expect("a child can be asked")
    });
    let said = said();
    assert_eq!(status.code(), Some(1), "it fails in order ({status}):\n{said}");
    assert!(!said.contains("panicked"), "it panicked:\n{said}");
    said
}

/// Whether `said` has a line with all of these words.
pub(crate) fn says(said: &str, words: &[&str]) -> bool {
    said.lines().any(|line| words.iter().all(|word| line.contains(word)))
}

/// A folder for the pid file that is not there and cannot be made is named, on standard error and in the log, and nobody
/// is said to run already.
#[test]
fn no_folder_for_the_pid_file() {
    sandboxed("start::no_folder_for_the_pid_file", |world| {
        let file = world.path("kea-dhcp4.conf");
        fs::write(&file, r#"{"Dhcp4": {}}"#).expect("write the configuration");
        let pid_files = file.join("run");
        let said =
            refused_with(world, &world.host("server"), &file, &["-X"], &[("KEA_PIDFILE_DIR", &pid_files)]);
        let told =
            format!("Unable to open PID file '{}/run/kea-dhcp4.kea-dhcp4.pid' for write", file.display());
        assert!(says(&said, &["FATAL", "DHCP4_SERVER_FAILED server failed: ", &told]), "{said}");
        let standard_error = format!("kea-dhcp4: Fatal error during start up: {told}: ");
        assert!(said.lines().any(|line| line.starts_with(&standard_error)), "{said}");
        assert!(!said.contains("DHCP4_ALREADY_RUNNING") && !said.contains("DHCP4_INIT_FAIL"), "{said}");
    });
}
