//! A RADIUS server that lets everybody in and keeps no account: it costs next to nothing, beside a server that is measured.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use kotare_radius::{Code, respond};
use serde_json::{Value, json};

use crate::world::Host;

/// Where it listens.
const PORTS: [u16; 2] = [1812, 1813];
const SECRET: &str = "a secret of a test";
/// How often it looks whether it is to end.
const PAUSE: Duration = Duration::from_millis(100);

/// The server, which ends with it.
#[derive(Debug)]
pub struct RadiusServer(Arc<AtomicBool>);

impl RadiusServer {
    /// One on a host, which it can be reached on at 127.0.0.1.
    ///
    /// # Panics
    /// If its ports are not free.
    pub fn start(host: &Host) -> Self {
        let sockets = host.inside(|| PORTS.map(|port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port))));
        let ended = Arc::new(AtomicBool::new(false));
        for socket in sockets {
            let (socket, ended) = (socket.expect("the port is free"), ended.clone());
            socket.set_read_timeout(Some(PAUSE)).expect("a time limit");
            thread::spawn(move || serve(&socket, &ended));
        }
        Self(ended)
    }

    /// The parameters of the library `radius` that ask it about clients, and tell it of leases.
    pub fn parameters() -> Value {
        let service = |port| json!({"servers": [{"name": "127.0.0.1", "port": port, "secret": SECRET}]});
        json!({"access": service(PORTS[0]), "accounting": service(PORTS[1])})
    }
}

impl Drop for RadiusServer {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

fn serve(socket: &UdpSocket, ended: &AtomicBool) {
    let mut buffer = [0; 4096];
    while !ended.load(Relaxed) {
        let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
        let request = &buffer[..length];
        let code = match request.first() {
            Some(code) if *code == Code::ACCESS_REQUEST.0 => Code::ACCESS_ACCEPT,
            Some(code) if *code == Code::ACCOUNTING_REQUEST.0 => Code::ACCOUNTING_RESPONSE,
            _ => continue,
        };
        if let Some(answer) = respond(request, code, &[], SECRET.as_bytes(), true) {
            // Who has ended meanwhile does not miss it.
            let _ = socket.send_to(&answer, from);
        }
    }
}
