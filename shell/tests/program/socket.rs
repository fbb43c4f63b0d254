//! Over a UNIX control socket.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;

use crate::{said, shell};

/// A command goes to the socket and the answer is the server's own, not in a list.
#[test]
fn a_command_goes_to_the_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let received = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 1000];
        let length = stream.read(&mut buffer).unwrap();
        stream.write_all(b"{\"result\":0,\"arguments\":[\"a\",\"b\"]}").unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    });
    let output = shell(&["--socket", path.to_str().unwrap(), "foo"], "\"a\": 1");
    assert_eq!(said(&output).0, "{ \"result\": 0, \"arguments\": [ \"a\", \"b\" ] }\n");
    assert_eq!(received.join().unwrap(), r#"{ "command": "foo", "arguments": { "a": 1 } }"#);
}

/// Where nobody listens, the path is named.
#[test]
fn a_socket_without_a_server_is_named() {
    let (_, error, code) = said(&shell(&["--socket", "/nowhere/socket"], ""));
    assert!(code == 1 && error.starts_with("Failed to run: /nowhere/socket: cannot connect"), "{error}");
}
