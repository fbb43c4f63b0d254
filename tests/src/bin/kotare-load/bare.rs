//! The other side without any logic: what a machine can carry at most.

#![expect(clippy::print_stdout, reason = "whoever started it waits for a line")]

use std::error::Error;

use kotare_net::udp::{Batch, BatchSocket};

use crate::arguments::Arguments;
use crate::protocol::Protocol;

/// The longest answer.
const LENGTH: usize = 512;

/// Answers whatever comes, until killed.
pub(crate) fn answer<P: Protocol>(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let own = P::end(arguments.server)?;
    let mut socket = BatchSocket::bind(own, 8 << 20)?;
    println!("ready");
    let mut batch = Batch::new();
    let mut buffers = vec![[0; LENGTH]; kotare_net::BATCH];
    loop {
        socket.wait(None)?;
        socket.recv(&mut batch)?;
        let mut relays = Vec::with_capacity(kotare_net::BATCH);
        for ((relay, datagram), buffer) in batch.iter().zip(&mut buffers) {
            relays.push((relay, P::reply(own, datagram, buffer)?));
        }
        let replies = relays.iter().zip(&buffers).map(|((relay, length), reply)| (*relay, &reply[..*length]));
        socket.send(replies, |_, _| {});
    }
}
