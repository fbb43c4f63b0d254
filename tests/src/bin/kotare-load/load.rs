//! The load: places in flight, each with a client in the middle of an exchange.

#![expect(clippy::print_stdout, reason = "the result is what is printed")]
#![expect(clippy::disallowed_methods, reason = "a measuring tool reads the clock")]

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kotare_ha::hash;
use kotare_net::udp::{Batch, BatchSocket};
use nix::sys::socket::{setsockopt, sockopt};
use serde_json::json;

use crate::arguments::Arguments;
use crate::protocol::{Protocol, Said, Step, client_id, mac};

struct Exchange<P: Protocol> {
    client: u32,
    transaction: u32,
    began: Instant,
    sent: Instant,
    /// How often its messages were sent again.
    resent: u32,
    /// It is done, and there is no next one.
    is_over: bool,
    offer: Option<P::Offer>,
}

pub(crate) struct Load<P: Protocol> {
    protocol: P,
    arguments: Arguments,
    exchanges: Vec<Exchange<P>>,
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
    /// In which seconds since measuring began, and how many messages in each.
    resent_at: BTreeMap<u64, u64>,
    /// When measuring began.
    start: Option<Instant>,
    refused: u64,
    acknowledged: Option<BufWriter<File>>,
    /// Room for messages on their way out.
    buffers: Vec<u8>,
}

/// Loads the server and prints what came of it.
pub(crate) fn run<P: Protocol>(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let protocol = P::new(&arguments)?;
    let mut socket = BatchSocket::bind(P::end(arguments.relay)?, 8 << 20)?;
    if arguments.offload {
        setsockopt(&socket, sockopt::UdpGsoSegment, &protocol.length().try_into()?)?;
    }
    let server = P::end(arguments.server)?;
    let mut load = Load::new(protocol, arguments)?;
    let now = Instant::now();
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
            load.start = Some(now);
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

impl<P: Protocol> Load<P> {
    fn new(protocol: P, arguments: Arguments) -> io::Result<Self> {
        let acknowledged = arguments.acknowledged.as_ref().map(File::create).transpose()?.map(BufWriter::new);
        let is_closed = Arc::<AtomicBool>::default();
        if arguments.until_closed {
            let is_closed = is_closed.clone();
            thread::spawn(move || {
                let _ = io::copy(&mut io::stdin(), &mut io::sink());
                is_closed.store(true, Ordering::Relaxed);
            });
        }
        Ok(Self {
            exchanges: Vec::new(),
            next_client: arguments.first,
            outgoing: (0..arguments.in_flight).collect(),
            is_closed,
            latencies: Vec::with_capacity(1 << 20),
            warmed: 0,
            done: 0,
            resent: 0,
            most_resent: 0,
            resent_at: BTreeMap::new(),
            start: None,
            refused: 0,
            acknowledged,
            buffers: vec![0; protocol.length() * kotare_net::BATCH],
            protocol,
            arguments,
        })
    }

    fn begin(&mut self, place: u16, now: Instant) -> Exchange<P> {
        let client = loop {
            let client = self.next_client;
            self.next_client = match client + 1 {
                next if next < self.arguments.first + self.arguments.clients => next,
                _ => self.arguments.first,
            };
            if self.arguments.half.is_none_or(|half| hash(&client_id(client)) % 2 == half) {
                break client;
            }
        };
        let before = self.exchanges.get(usize::from(place));
        let sequence = before.map_or(1, |before| (before.transaction >> 16) + 1);
        let transaction = ((sequence << 16) | u32::from(place)) & P::TRANSACTION;
        Exchange { client, transaction, began: now, sent: now, resent: 0, is_over: false, offer: None }
    }

    /// Sends what is to be sent. What the kernel does not take is lost like on a real network, and sent again later.
    fn send(&mut self, socket: &mut BatchSocket<P::Ends>, server: P::Ends) {
        let length = self.protocol.length();
        while !self.outgoing.is_empty() {
            let count = self.outgoing.len().min(kotare_net::BATCH);
            for (buffer, place) in self.buffers.chunks_exact_mut(length).zip(self.outgoing.drain(..count)) {
                let Exchange { client, transaction, ref offer, .. } = self.exchanges[usize::from(place)];
                let place = client - self.arguments.first;
                let step = Step { client, place, transaction, offer: offer.as_ref() };
                self.protocol.write(step, buffer).expect("there is room for all options");
            }
            let filled = &self.buffers[..count * length];
            // With offload the kernel cuts one long payload into messages.
            let each = if self.arguments.offload { filled.len() } else { length };
            socket.send(filled.chunks(each).map(|payload| (server, payload)), |_, _| {});
        }
    }

    fn hear(&mut self, datagram: &[u8], now: Instant) -> io::Result<()> {
        let Some(answer) = self.protocol.read(datagram) else { return Ok(()) };
        let place = (answer.transaction & 0xffff) as u16;
        let Some(exchange) = self.exchanges.get_mut(usize::from(place)) else { return Ok(()) };
        if exchange.transaction != answer.transaction || exchange.is_over {
            return Ok(()); // The answer to a message sent twice.
        }
        match answer.said {
            Said::Offered(_) if self.arguments.offers_only => {}
            Said::Offered(offer) if exchange.offer.is_none() => {
                exchange.offer = Some(offer);
                exchange.sent = now;
                self.outgoing.push_back(place);
                return Ok(());
            }
            Said::Acknowledged(given) if exchange.offer.is_some() || self.arguments.renew.is_some() => {
                if let Some(file) = &mut self.acknowledged {
                    let mac = mac(exchange.client).map(|byte| format!("{byte:02x}")).join(":");
                    writeln!(file, "{given} {mac}")?;
                }
            }
            Said::Refused => self.refused += 1,
            Said::Offered(_) | Said::Acknowledged(_) => return Ok(()),
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
                if let Some(start) = self.start {
                    *self.resent_at.entry((now - start).as_secs()).or_default() += 1;
                }
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
                "resent_at": self.resent_at,
                "refused": self.refused,
                "busy": ran.map(|ran| ran.as_secs_f64() / measured.as_secs_f64()),
            })
        );
        Ok(())
    }
}

/// How long this program ran on a processor so far, as the kernel accounts it, where it does.
fn running() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
