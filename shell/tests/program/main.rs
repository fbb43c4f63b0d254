//! The program as operators and scripts run it, with servers that the test plays.

mod http;
mod peer;
mod socket;
mod terminal;
mod tls;

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs the program with these arguments and this standard input.
fn shell(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kea-shell"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    // It may end without reading.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

/// What it wrote to standard output and standard error, and its exit code.
fn said(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it writes UTF-8");
    (text(&output.stdout), text(&output.stderr), output.status.code().expect("it ends by itself"))
}

/// Kea's manual, "Shell Usage": `-v`, `-V`, `-h`; the codes of upstream's program for what is no usage.
#[test]
fn it_tells_versions_and_usage() {
    assert_eq!(said(&shell(&["-v"], "")), ("3.3.1\n".to_owned(), String::new(), 0));
    assert!(said(&shell(&["-V"], "")).0.starts_with("3.3.1 (Kotare "));
    let (help, _, code) = said(&shell(&["-h"], ""));
    assert_eq!(code, 0);
    for option in
        ["--host", "--port", "--path", "--ca", "--cert", "--key", "--timeout", "--service", "--socket"]
    {
        assert!(help.contains(option), "{option}: {help}");
    }
    assert_eq!(said(&shell(&["--help"], "")), (help, String::new(), 0));
    let (_, error, code) = said(&shell(&["--prot", "1"], ""));
    assert!(code == 2 && error.contains("--prot"), "{error}");
}

/// The program's own commands say how they are used, too.
#[test]
fn it_tells_usage_of_its_own_commands() {
    for flag in ["-h", "--help"] {
        let (help, error, code) = said(&shell(&["explain", flag], ""));
        assert!(
            code == 0 && help.contains("Usage: kea-shell explain") && help.contains("--hex"),
            "{help}{error}"
        );
    }
}

/// What a command does and takes is told without a server; what is no command leads to what there is.
#[test]
fn it_explains_commands() {
    for arguments in [["lease4-add", "--help"], ["-h", "lease4-add"]] {
        let (help, error, code) = said(&shell(&arguments, ""));
        assert_eq!((&*error, code), ("", 0));
        for word in ["lease4-add: ", "hw-address", "a string", "required", "libdhcp_lease_cmds.so", "1.3.0"] {
            assert!(help.contains(word), "{word}: {help}");
        }
    }
    let (help, error, code) = said(&shell(&["lease4-ad", "--help"], ""));
    assert!(code == 1 && help.is_empty() && error.contains("there are lease4-add"), "{error}");
}

/// Options that do not go together are refused, in upstream's words.
#[test]
fn certificates_belong_to_keys() {
    let (_, error, code) = said(&shell(&["--ca", "/x", "--cert", "/y"], ""));
    assert_eq!((&*error, code), ("Failed to run: --cert and --key must be used together\n", 1));
    let (_, error, code) = said(&shell(&["--cert", "/x", "--key", "/y"], ""));
    assert_eq!((&*error, code), ("Failed to run: --cert and --key with HTTPS disabled (no --ca)\n", 1));
}
