//! A closed-loop load: a relay with many clients, of which a fixed number is always in the middle of an exchange.
//!
//! Each place in flight takes a client through DISCOVER, OFFER, REQUEST, ACK (or only to the OFFER, or through a
//! renewal) and goes on to the next client. What is printed at the end is one JSON map: exchanges a second, the
//! latency of an exchange, and how busy this program was itself; near 1 it, not the server, was what was measured.

#![expect(clippy::print_stdout, reason = "the result is what is printed")]
#![expect(clippy::disallowed_methods, reason = "a measuring tool reads the clock")]

use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use kotare_net::udp::{Batch, BatchSocket};
use kotare_wire::HardwareType;
use kotare_wire::v4::{Index, Message, MessageType, Op, OptionCode, Writer};
use nix::sys::socket::{setsockopt, sockopt};
use serde_json::json;

/// Closed-loop DHCPv4 load.
#[derive(Parser)]
struct Arguments {
    /// The server.
    #[arg(long)]
    server: Ipv4Addr,
    /// Our address, the relay's `giaddr`; replies come to its port 67.
    #[arg(long)]
    relay: Ipv4Addr,
    /// How many clients take turns.
    #[arg(long, default_value_t = 1_000_000)]
    clients: u32,
    /// The first client's number.
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// How many exchanges are under way at once.
    #[arg(long, default_value_t = 256)]
    in_flight: u16,
    /// How long to measure, in seconds; ends earlier when `exchanges` are done.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Unmeasured time before, in seconds.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
    /// End after so many exchanges.
    #[arg(long)]
    exchanges: Option<u64>,
    /// End when nothing was heard for so long, in seconds.
    #[arg(long, default_value_t = 5.0)]
    silence: f64,
    /// Go on until standard input is closed. Then what is under way is still waited for, so that what was lost is known.
    #[arg(long)]
    until_closed: bool,
    /// A message unanswered for so long, in seconds, is sent again.
    #[arg(long, default_value_t = 1.0)]
    resend: f64,
    /// Stop after the OFFER.
    #[arg(long, conflicts_with = "renew")]
    discover_only: bool,
    /// Clients renew leases that they have: the first client this address, each further one the next address.
    #[arg(long)]
    renew: Option<Ipv4Addr>,
    /// Messages say what clients and relay agents usually do: a vendor class, and the circuit that the client is on.
    #[arg(long)]
    described: bool,
    /// Hand many messages to the kernel at once, which cuts them apart (UDP segmentation offload). Where interfaces
    /// do that late, packet sockets see the uncut message, so let ours do it: `ip link set … gso_max_segs 1`.
    #[arg(long)]
    offload: bool,
    /// Be the other side instead, a server without any logic, until killed: what a machine can carry at most. Prints
    /// a line when it is ready.
    #[arg(long)]
    bare: bool,
    /// Write the address and hardware address of each acknowledged lease to this file, a line each.
    #[arg(long)]
    acknowledged: Option<PathBuf>,
}

/// The length of every message: the least that any BOOTP relay agent or server must take (RFC 1542 section 2.1).
const LENGTH: usize = 300;

/// RFC 2132 section 9.13.
const VENDOR_CLASS: OptionCode = OptionCode(60);
/// Sub-option 1 of RFC 3046.
const CIRCUIT: &[u8] = b"\x01\x04e0/1";

#[derive(Clone, Copy)]
struct Exchange {
    client: u32,
    xid: u32,
    began: Instant,
    sent: Instant,
    /// How often its messages were sent again.
    resent: u32,
    /// It is done, and there is no next one.
    is_over: bool,
    /// The server and the address it offered.
    offer: Option<(Ipv4Addr, Ipv4Addr)>,
}

struct Load {
    arguments: Arguments,
    exchanges: Vec<Exchange>,
    next_client: u32,
    outgoing: VecDeque<u16>,
    /// Whether no exchange begins any more.
    is_closed: Arc<AtomicBool>,
    latencies: Vec<u32>,
    /// Exchanges done before measuring, and since.
    warmed: u64,
    done: u64,
    resent: u64,
    /// In one exchange.
    most_resent: u32,
    refused: u64,
    acknowledged: Option<BufWriter<File>>,
    /// Room for messages on their way out.
    buffers: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if arguments.bare {
        return answer(SocketAddrV4::new(arguments.server, 67));
    }
    let mut socket = BatchSocket::bind(SocketAddrV4::new(arguments.relay, 67), 8 << 20)?;
    if arguments.offload {
        let length = LENGTH.try_into()?;
        setsockopt(&socket, sockopt::UdpGsoSegment, &length)?;
    }
    let acknowledged = arguments.acknowledged.as_ref().map(File::create).transpose()?.map(BufWriter::new);
    let server = SocketAddrV4::new(arguments.server, 67);
    let is_closed = Arc::<AtomicBool>::default();
    if arguments.until_closed {
        let is_closed = is_closed.clone();
        thread::spawn(move || {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            is_closed.store(true, Ordering::Relaxed);
        });
    }
    let now = Instant::now();
    let mut load = Load {
        exchanges: Vec::new(),
        next_client: arguments.first,
        outgoing: (0..arguments.in_flight).collect(),
        is_closed,
        latencies: Vec::with_capacity(1 << 20),
        warmed: 0,
        done: 0,
        resent: 0,
        most_resent: 0,
        refused: 0,
        acknowledged,
        buffers: vec![0; LENGTH * kotare_net::BATCH],
        arguments,
    };
    for place in 0..load.arguments.in_flight {
        let exchange = load.begin(place, now);
        load.exchanges.push(exchange);
    }
    let warm = now + Duration::from_secs_f64(load.arguments.warm_up);
    let end = warm + Duration::from_secs_f64(load.arguments.seconds);
    let silence = Duration::from_secs_f64(load.arguments.silence);
    let limit = load.arguments.exchanges.unwrap_or(u64::MAX);
    // When measuring began, and how long this program had run by then.
    let mut start: Option<(Instant, Option<Duration>)> = None;
    let resend = Duration::from_secs_f64(load.arguments.resend);
    let patience = (resend / 4).min(Duration::from_millis(100));
    let (mut heard, mut swept, mut now) = (now, now, now);
    let mut batch = Batch::new();
    while now < end && load.done < limit && now - heard <= silence && !load.is_over() {
        if start.is_none() && now >= warm {
            start = Some((now, running()));
            load.warmed = std::mem::take(&mut load.done);
            load.resent = 0;
            load.most_resent = 0;
            load.latencies.clear();
        }
        load.send(&mut socket, server);
        let mut received = socket.recv(&mut batch)?;
        if received == 0 && socket.wait(Some(patience))? {
            received = socket.recv(&mut batch)?;
        }
        now = Instant::now();
        if received > 0 {
            heard = now;
            for (_, datagram) in batch.iter() {
                load.hear(datagram, now)?;
            }
        }
        if now - swept > patience {
            swept = now;
            load.send_again(now, resend);
        }
    }
    let (start, before) = start.unwrap_or((now, None));
    let ran = running().zip(before).map(|(after, before)| after.saturating_sub(before));
    load.report(now - start, ran)
}

/// Answers DISCOVER with OFFER and all else with ACK, each with an address made of the transaction id.
fn answer(own: SocketAddrV4) -> Result<(), Box<dyn Error>> {
    let mut socket = BatchSocket::bind(own, 8 << 20)?;
    println!("ready");
    let mut batch = Batch::new();
    let mut buffers = vec![[0; LENGTH]; kotare_net::BATCH];
    loop {
        socket.wait(None)?;
        socket.recv(&mut batch)?;
        let mut relays = Vec::with_capacity(kotare_net::BATCH);
        for ((relay, datagram), buffer) in batch.iter().zip(&mut buffers) {
            let mut index = Index::new();
            let query = Message::parse(datagram, &mut index)?;
            let mut writer = Writer::new(buffer)?;
            writer.op(Op::REPLY).chaddr(query.htype(), query.chaddr()).xid(query.xid());
            writer.giaddr(query.giaddr()).yiaddr(Ipv4Addr::from_bits(query.xid()));
            writer.message_type(match query.message_type() {
                Some(MessageType::DISCOVER) => MessageType::OFFER,
                _ => MessageType::ACK,
            })?;
            writer.option(OptionCode::SERVER_IDENTIFIER, &own.ip().octets())?;
            writer.finish_padded(LENGTH);
            relays.push(relay);
        }
        socket.send(relays.iter().zip(&buffers).map(|(relay, buffer)| (*relay, &buffer[..])), |_, _| {});
    }
}

/// How long this program ran on a processor so far, as the kernel accounts it, where it does.
fn running() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

impl Load {
    fn begin(&mut self, place: u16, now: Instant) -> Exchange {
        let client = self.next_client;
        self.next_client = match client + 1 {
            next if next < self.arguments.first + self.arguments.clients => next,
            _ => self.arguments.first,
        };
        let sequence = self.exchanges.get(usize::from(place)).map_or(1, |before| (before.xid >> 16) + 1);
        let xid = (sequence << 16) | u32::from(place);
        Exchange { client, xid, began: now, sent: now, resent: 0, is_over: false, offer: None }
    }

    /// Sends what is to be sent. What the kernel does not take is lost like on a real network, and sent again later.
    fn send(&mut self, socket: &mut BatchSocket, server: SocketAddrV4) {
        while !self.outgoing.is_empty() {
            let count = self.outgoing.len().min(kotare_net::BATCH);
            for (buffer, place) in self.buffers.chunks_exact_mut(LENGTH).zip(self.outgoing.drain(..count)) {
                write(&self.exchanges[usize::from(place)], &self.arguments, buffer)
                    .expect("there is room for all options");
            }
            let filled = &self.buffers[..count * LENGTH];
            // With offload the kernel cuts one long payload into messages.
            let length = if self.arguments.offload { filled.len() } else { LENGTH };
            socket.send(filled.chunks(length).map(|payload| (server, payload)), |_, _| {});
        }
    }

    fn hear(&mut self, datagram: &[u8], now: Instant) -> Result<(), Box<dyn Error>> {
        let mut index = Index::new();
        let Ok(message) = Message::parse(datagram, &mut index) else { return Ok(()) };
        let place = (message.xid() & 0xffff) as u16;
        let Some(exchange) = self.exchanges.get_mut(usize::from(place)) else { return Ok(()) };
        if exchange.xid != message.xid() || exchange.is_over {
            return Ok(()); // The answer to a message sent twice.
        }
        match message.message_type() {
            Some(MessageType::OFFER) if exchange.offer.is_none() && !self.arguments.discover_only => {
                let mut server = [0; 4];
                let named = message.option(OptionCode::SERVER_IDENTIFIER);
                if named.is_none_or(|id| id.copy_to(&mut server).is_err()) {
                    return Ok(());
                }
                exchange.offer = Some((server.into(), message.yiaddr()));
                exchange.sent = now;
                self.outgoing.push_back(place);
                return Ok(());
            }
            Some(MessageType::OFFER) if self.arguments.discover_only => {}
            Some(MessageType::ACK) if exchange.offer.is_some() || self.arguments.renew.is_some() => {
                if let Some(file) = &mut self.acknowledged {
                    let mac = mac(exchange.client).map(|byte| format!("{byte:02x}")).join(":");
                    writeln!(file, "{} {mac}", message.yiaddr())?;
                }
            }
            Some(MessageType::NAK) => self.refused += 1,
            _ => return Ok(()),
        }
        self.latencies.push((now - exchange.began).as_nanos().try_into().unwrap_or(u32::MAX));
        self.done += 1;
        if self.is_closed.load(Ordering::Relaxed) {
            exchange.is_over = true;
            return Ok(());
        }
        self.exchanges[usize::from(place)] = self.begin(place, now);
        self.outgoing.push_back(place);
        Ok(())
    }

    /// Whether all that was under way when no more was to begin has come to its end.
    fn is_over(&self) -> bool {
        self.exchanges.iter().all(|exchange| exchange.is_over)
    }

    /// Sends what was not answered in time once more.
    fn send_again(&mut self, now: Instant, resend: Duration) {
        for (place, exchange) in (0..).zip(&mut self.exchanges) {
            if now - exchange.sent > resend && !exchange.is_over {
                exchange.sent = now;
                exchange.resent += 1;
                self.resent += 1;
                self.most_resent = self.most_resent.max(exchange.resent);
                self.outgoing.push_back(place);
            }
        }
    }

    fn report(mut self, measured: Duration, ran: Option<Duration>) -> Result<(), Box<dyn Error>> {
        if let Some(file) = &mut self.acknowledged {
            file.flush()?;
        }
        self.latencies.sort_unstable();
        let micros = |part: f64| {
            let at =
                ((self.latencies.len() as f64 * part) as usize).min(self.latencies.len().saturating_sub(1));
            self.latencies.get(at).map(|nanos| f64::from(*nanos) / 1000.0)
        };
        println!(
            "{}",
            json!({
                "exchanges": self.done,
                "all_exchanges": self.warmed + self.done,
                "exchanges_per_second": (self.done as f64 / measured.as_secs_f64()).round(),
                "p50_us": micros(0.5),
                "p99_us": micros(0.99),
                "slowest_us": micros(1.0),
                "resent": self.resent,
                "most_resent": self.most_resent,
                "refused": self.refused,
                "busy": ran.map(|ran| ran.as_secs_f64() / measured.as_secs_f64()),
            })
        );
        Ok(())
    }
}

/// Writes the message that the exchange is at.
fn write(exchange: &Exchange, arguments: &Arguments, buffer: &mut [u8]) -> Result<(), kotare_wire::NoRoom> {
    let mac = mac(exchange.client);
    let mut writer = Writer::new(buffer)?;
    writer.op(Op::REQUEST).chaddr(HardwareType::ETHERNET, &mac);
    writer.hops(1).xid(exchange.xid).giaddr(arguments.relay);
    match (arguments.renew, exchange.offer) {
        (Some(first), _) => {
            let offset = exchange.client - arguments.first;
            writer.ciaddr(Ipv4Addr::from_bits(first.to_bits().wrapping_add(offset)));
            writer.message_type(MessageType::REQUEST)?;
        }
        (None, None) => writer.message_type(MessageType::DISCOVER)?,
        (None, Some((server, address))) => {
            writer.message_type(MessageType::REQUEST)?;
            writer.option(OptionCode::REQUESTED_ADDRESS, &address.octets())?;
            writer.option(OptionCode::SERVER_IDENTIFIER, &server.octets())?;
        }
    }
    let mut client_id = [1; 7];
    client_id[1..].copy_from_slice(&mac);
    writer.option(OptionCode::CLIENT_IDENTIFIER, &client_id)?;
    writer.option(OptionCode::PARAMETER_REQUEST_LIST, &[1, 3, 6, 12, 15, 28, 42])?;
    if arguments.described {
        writer.option(VENDOR_CLASS, b"MSFT 5.0")?;
        writer.option(OptionCode::RELAY_AGENT_INFORMATION, CIRCUIT)?;
    }
    writer.finish_padded(LENGTH);
    Ok(())
}

fn mac(client: u32) -> [u8; 6] {
    let [a, b, c, d] = client.to_be_bytes();
    [2, 0, a, b, c, d]
}
