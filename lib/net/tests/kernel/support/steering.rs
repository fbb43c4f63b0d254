//! Checking that the kernel steers clients to workers.

use std::collections::BTreeMap;
use std::time::Duration;

use kotare_net::{Arrivals4, Port4, Socket4};

use super::PATIENCE;

const CLIENTS: u8 = 64;
const ROUNDS: u8 = 3;

/// Gives each socket to a worker, has `send` send datagrams of many clients, several of each, and looks who received
/// which.
pub(crate) fn check(sockets: Vec<Socket4>, mut send: impl FnMut([u8; 6], u8)) {
    let mut workers: Vec<Port4> = sockets
        .into_iter()
        .map(|socket| {
            let mut port = Port4::new().expect("a port");
            port.add(socket).expect("a socket is added");
            port
        })
        .collect();
    for round in 0..ROUNDS {
        for client in 0..CLIENTS {
            send([2, 0x11, 0x22, 0x33, 0x44, client], round);
        }
    }
    let mut served: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    let mut total = 0;
    let mut arrivals = Arrivals4::new();
    let mut idle = Duration::ZERO;
    while total < usize::from(CLIENTS) * usize::from(ROUNDS) {
        for (worker, port) in workers.iter_mut().enumerate() {
            let patience = Duration::from_millis(5);
            if !port.wait(Some(patience)).expect("a port can wait").packets {
                idle += patience;
                assert!(idle < PATIENCE, "only {total} datagrams arrived");
            }
            port.recv(&mut arrivals).expect("a port can receive");
            for (_, payload) in arrivals.iter() {
                served.entry(payload[33]).or_default().push(worker);
                total += 1;
            }
        }
    }
    for (client, by) in &served {
        assert_eq!(by.len(), usize::from(ROUNDS), "client {client} is heard each time");
        assert!(by.iter().all(|worker| *worker == by[0]), "client {client} was served by workers {by:?}");
    }
    for worker in 0..workers.len() {
        let clients = served.values().filter(|by| by[0] == worker).count();
        assert!(
            clients >= usize::from(CLIENTS) / workers.len() / 4,
            "worker {worker} serves only {clients} clients"
        );
    }
}

/// Makes the IP header of a frame one word longer, with a right checksum.
pub(crate) fn add_ip_option(frame: &mut Vec<u8>) {
    frame.splice(34..34, [1, 1, 1, 0]); // no-operation thrice, end of options
    frame[14] = 0x46;
    let total = u16::from_be_bytes([frame[16], frame[17]]) + 4;
    frame[16..18].copy_from_slice(&total.to_be_bytes());
    frame[24..26].fill(0);
    let mut sum: u32 =
        frame[14..38].chunks(2).map(|word| u32::from(u16::from_be_bytes([word[0], word[1]]))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    frame[24..26].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}
