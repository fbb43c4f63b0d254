//! Daemons that do what a test needs.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// A daemon behind a UNIX socket at `path`: for each client `act` is called on a thread of its own.
pub(crate) fn unix(path: &Path, act: impl Fn(UnixStream) + Send + Clone + 'static) {
    let listener = UnixListener::bind(path).unwrap();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let act = act.clone();
            thread::spawn(move || act(client));
        }
    });
}

/// The same that reads a command, hands it to the test and sends `answer`.
pub(crate) fn answering(path: &Path, answer: &'static str) -> Receiver<String> {
    let (told, commands) = channel();
    unix(path, move |mut client| {
        let _ = told.send(command(&mut client));
        let _ = client.write_all(answer.as_bytes());
    });
    commands
}

/// Reads a command to its last bracket; commands of these tests have no brackets in strings.
pub(crate) fn command(client: &mut impl Read) -> String {
    let mut text = String::new();
    let mut byte = [0];
    while text.is_empty() || text.matches('{').count() > text.matches('}').count() {
        match client.read(&mut byte) {
            Ok(1) => text.push(char::from(byte[0])),
            _ => break,
        }
    }
    text
}

/// A server of HTTP that answers each request with `answer`, status line and all; its port, and what it is asked.
pub(crate) fn http(answer: &'static str) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, requests) = channel();
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let mut text = String::new();
            let mut byte = [0];
            while !text.ends_with("\r\n\r\n") && matches!(client.read(&mut byte), Ok(1)) {
                text.push(char::from(byte[0]));
            }
            text.push_str(&command(&mut client));
            let _ = told.send(text);
            let _ = client.write_all(answer.as_bytes());
        }
    });
    (port, requests)
}
