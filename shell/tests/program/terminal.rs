//! At a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;
use std::process::Command;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;

/// A server that answers `list-commands` and `lease4-get`, a connection each, until it is asked for the latter.
fn serve(listener: &UnixListener) -> Vec<String> {
    let mut received = Vec::new();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut buffer = [0; 1000];
        let length = stream.read(&mut buffer).unwrap();
        let command = String::from_utf8(buffer[..length].to_vec()).unwrap();
        let is_last = command.contains("lease4-get");
        let answer = match is_last {
            true => r#"{"result": 0, "text": "found it"}"#,
            false => r#"{"result": 0, "arguments": ["lease4-get", "shutdown"]}"#,
        };
        stream.write_all(answer.as_bytes()).unwrap();
        received.push(command);
        if is_last {
            break;
        }
    }
    received
}

/// Without a command, commands are asked for; names are completed, and what was typed is remembered.
#[test]
fn commands_are_asked_for_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let server = std::thread::spawn(move || serve(&listener));

    let pair = openpty(None, None).unwrap();
    let end = File::from(pair.slave);
    let mut command = Command::new(env!("CARGO_BIN_EXE_kea-shell"));
    command.arg("--socket").arg(&path).env("HOME", folder.path()).env("TERM", "xterm");
    command.stdin(end.try_clone().unwrap()).stdout(end.try_clone().unwrap()).stderr(end);
    let mut child = command.spawn().unwrap();
    drop(command);

    let mut terminal = File::from(pair.master);
    let mut shown = String::new();
    let mut until = |terminal: &mut File, text: &str| {
        let mut buffer = [0; 1000];
        let at = loop {
            if let Some(at) = shown.find(text) {
                break at;
            }
            let mut ready = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
            let count = poll(&mut ready, PollTimeout::from(30_000u16)).unwrap();
            assert!(count > 0, "{text} is not shown, but {shown}");
            let length =
                terminal.read(&mut buffer).unwrap_or_else(|error| panic!("{text}: {error}: {shown}"));
            shown.push_str(&String::from_utf8_lossy(&buffer[..length]));
        };
        // What came with it may be waited for next.
        shown.drain(..at + text.len());
    };
    until(&mut terminal, "kea> ");
    terminal.write_all(b"help\r").unwrap();
    until(&mut terminal, "exit, quit");
    until(&mut terminal, "kea> ");
    terminal.write_all(b"help lease4-del\r").unwrap();
    until(&mut terminal, "Removes a lease");
    until(&mut terminal, "kea> ");
    terminal.write_all(b"lea\tip\t\"192.0.2.1\"\r").unwrap();
    until(&mut terminal, "found it");
    until(&mut terminal, "kea> ");
    terminal.write_all(b"exit\r").unwrap();
    assert!(child.wait().unwrap().success());

    let received = server.join().unwrap();
    assert_eq!(received[0], r#"{ "command": "list-commands" }"#);
    assert_eq!(received[1], r#"{ "command": "lease4-get", "arguments": { "ip-address": "192.0.2.1" } }"#);
    let history = std::fs::read_to_string(folder.path().join(".kea_shell_history")).unwrap();
    assert!(history.contains("lease4-get"), "{history}");
}
