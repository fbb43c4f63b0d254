//! A server of HTTP that a test plays, for one request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// What a client sent.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// The first line.
    pub(crate) first: String,
    /// The headers, their names in lower case.
    pub(crate) headers: Vec<String>,
    /// What follows.
    pub(crate) body: String,
}

/// Reads a request and answers it.
pub(crate) fn serve(stream: impl Read + Write, answer: &[u8]) -> std::io::Result<Received> {
    let mut stream = BufReader::new(stream);
    let mut received = Received::default();
    stream.read_line(&mut received.first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        let name = name.to_lowercase();
        if name == "content-length" {
            length = value.parse().expect("a length");
        }
        received.headers.push(format!("{name}: {value}"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    received.body = String::from_utf8(body).expect("commands are UTF-8");
    stream.get_mut().write_all(answer)?;
    stream.get_mut().flush()?;
    Ok(received)
}

/// A server that answers one request so; its port, and what it received.
pub(crate) fn server(answer: impl Into<Vec<u8>>) -> (String, JoinHandle<Received>) {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port().to_string();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody connects");
        serve(stream, &answer).expect("the request can be read")
    });
    (port, thread)
}

/// A success with this body.
pub(crate) fn success(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
