//! A partner of high availability that says what a test wants: what no server of ours or Kea's would say.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use super::Host;

/// What is said to a command.
#[derive(Debug)]
pub enum Said {
    /// An answer to it.
    Answer(Value),
    /// These bytes, which may be no HTTP, and nothing more.
    Bytes(&'static [u8]),
    /// Nothing at all.
    Nothing,
}

/// How a command with these arguments is answered.
type Answering = Box<dyn Fn(&str, &Value) -> Said + Send>;

/// It listens for as long as the test runs.
#[derive(Clone)]
pub struct FalsePartner {
    answering: Arc<Mutex<Answering>>,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
    connections: Arc<Connections>,
}

/// How many connections there are.
#[derive(Default)]
struct Connections {
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Host {
    /// Starts one that listens at `address` on this host.
    ///
    /// # Panics
    /// If it cannot listen there.
    pub fn false_partner(
        &self,
        address: &str,
        answering: impl Fn(&str, &Value) -> Said + Send + 'static,
    ) -> FalsePartner {
        let address = address.to_owned();
        let listener = self.inside(move || TcpListener::bind(address).expect("it can listen there"));
        let partner = FalsePartner {
            answering: Arc::new(Mutex::new(Box::new(answering))),
            heard: Arc::default(),
            connections: Arc::default(),
        };
        let listening = partner.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let partner = listening.clone();
                thread::spawn(move || {
                    let Connections { open, most, .. } = &*partner.connections;
                    most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    // Who closes the connection has heard enough.
                    let _ = partner.serve(stream);
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        partner
    }
}

impl FalsePartner {
    /// Answers otherwise from now on.
    pub fn says(&self, answering: impl Fn(&str, &Value) -> Said + Send + 'static) {
        *self.answering.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(answering);
    }

    /// The arguments of all commands of this name so far.
    pub fn heard(&self, command: &str) -> Vec<Value> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().filter(|(name, _)| name == command).map(|(_, arguments)| arguments.clone()).collect()
    }

    /// How many connections were open at once, at most.
    pub fn most_connections(&self) -> usize {
        self.connections.most.load(Ordering::SeqCst)
    }

    /// Answers the commands of a connection until it is closed.
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                match line.trim().to_ascii_lowercase().strip_prefix("content-length:") {
                    Some(value) => length = value.trim().parse().map_err(io::Error::other)?,
                    None if line.trim().is_empty() => break,
                    None => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            let mut request: Value = serde_json::from_slice(&body)?;
            let (name, arguments) =
                (request["command"].as_str().unwrap_or_default().to_owned(), request["arguments"].take());
            let said = self.answering.lock().unwrap_or_else(PoisonError::into_inner)(&name, &arguments);
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push((name, arguments));
            match said {
                Said::Bytes(bytes) => return stream.write_all(bytes),
                Said::Nothing => {}
                Said::Answer(answer) => {
                    let body = format!("[{answer}]");
                    write!(
                        stream,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    )?;
                }
            }
        }
    }
}

impl fmt::Debug for FalsePartner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FalsePartner").finish_non_exhaustive()
    }
}
