//! Private namespaces for a test or a demonstration.
//!
//! A process cannot move its threads into new namespaces safely, so it runs itself again under `unshare`: with new
//! network, mount and process namespaces (and a user namespace when it is not root). When it ends, the kernel
//! takes everything down with it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, ExitStatus};

use super::World;
use super::host::ip;
use crate::tell;

/// What lines begin with that are told of a test that passes.
pub const COUNTED: &str = "counted: ";

/// Set inside a sandbox.
const INSIDE: &str = "KOTARE_SANDBOX";

/// Runs the body of the test called `test` (its full path) in a world of its own.
///
/// Where the system allows neither root nor user namespaces the test says so and does not run.
pub fn sandboxed(test: &str, body: impl FnOnce(&World)) {
    if in_sandbox() {
        prepare();
        return body(&World::inside_sandbox());
    }
    if !sandbox_possible() {
        return tell(&format!("skipped {test}: neither root nor user namespaces are available"));
    }
    let arguments = [test, "--exact", "--nocapture", "--include-ignored"].map(OsString::from);
    let output = again(arguments, []).output().expect("unshare runs");
    // A name that is none of a test would pass: nothing failed.
    let ran = String::from_utf8_lossy(&output.stdout).contains("test result: ok. 1 passed");
    // What a test that passes has counted is told, too.
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().filter(|line| line.starts_with(COUNTED)).for_each(tell);
    if !output.status.success() || !ran {
        for text in [output.stdout, output.stderr] {
            tell(&String::from_utf8_lossy(&text));
        }
        let what = if output.status.success() { "did not run" } else { "failed" };
        panic!("{test} {what} in its sandbox ({}); its output is above", output.status);
    }
}

/// Runs this program again inside a sandbox, with these arguments and variables, and says how that ended; `None`
/// when this is that run: the sandbox is ready then.
pub fn reexec_with(
    arguments: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (&'static str, OsString)>,
) -> Option<ExitStatus> {
    if in_sandbox() {
        prepare();
        return None;
    }
    Some(again(arguments, variables).status().expect("unshare runs"))
}

/// This program once more, in a sandbox.
fn again(
    arguments: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (&'static str, OsString)>,
) -> Command {
    let mut command = unshare();
    command.arg(env::current_exe().expect("a program knows its file")).args(arguments);
    command.envs(variables).env(INSIDE, "1");
    command
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    command
}

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .is_some_and(|uids| uids.split_whitespace().next() == Some("0"))
}

/// Whether this is the run inside a sandbox.
pub fn in_sandbox() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Whether the system lets this user make namespaces.
pub fn sandbox_possible() -> bool {
    unshare().arg("true").output().is_ok_and(|output| output.status.success())
}

/// Gives the sandbox what its hosts need: a private /run for their names, a loopback interface that is up.
fn prepare() {
    let mounted = Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/run"]).status();
    assert!(mounted.is_ok_and(|status| status.success()), "mount a private /run");
    fs::create_dir_all("/run/netns").expect("make /run/netns");
    fs::create_dir_all("/run/kea").expect("make /run/kea");
    fs::create_dir_all("/run/lock").expect("make /run/lock");
    ip("link set lo up");
}

/// Gives the sandbox shared memory of its own: there are names by process id in it, and other sandboxes have the same ids.
///
/// # Panics
/// If this is no sandbox.
pub fn own_shared_memory() {
    assert!(in_sandbox(), "outside, it is everybody's");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "tmpfs", "/dev/shm"]).status();
    assert!(mounted.is_ok_and(|status| status.success()), "mount a private /dev/shm");
}
