//! What sends requests, and hears that they have been taken on.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kotare_config::process::DnsUpdates;
use kotare_control::aside;
use kotare_ddns::{ChangeRequest, LONGEST_PARCEL, MAX_DATAGRAM, Partner, parcels};
use kotare_engine::requests::is_asked_for;
use parking_lot::Mutex;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::family::Updated;
use super::messages::*;
use super::post::Post;
use crate::{Server, ServerLink};

/// Between two tries of what could not be done.
const PAUSE: Duration = Duration::from_secs(1);

/// For how long is waited for what those ask for who change leases at the end: longer than a database is waited for.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How many requests are sent at a time, and how long others gather then: at least, and for each that was sent, some ten thousand a
/// second. No DNS server makes as many changes.
const ROUND: usize = 256;
const GATHERING: Duration = Duration::from_millis(5);
const GATHERING_FOR_EACH: Duration = Duration::from_micros(80);

/// The same of who gives no receipts: Kea's makes some hundred changes a second, has room for a thousand requests, and reads them
/// slower than they are sent.
const ROUND_OF_KEA: usize = 32;
const GATHERING_FOR_EACH_OF_KEA: Duration = Duration::from_micros(1250);

/// What clients wait for comes before what tells of them. While more requests come than so many in so long, as after a power cut, the
/// DNS is told of few, one round in `LONGEST_RUSH`; until fewer come, or little room is left.
const RUSH: f64 = 500.;
const RUSH_IN: Duration = Duration::from_millis(20);
const LONGEST_RUSH: Duration = Duration::from_millis(250);

/// What becomes of a datagram where nobody is; said of a former one, too.
const NOBODY_THERE: [ErrorKind; 3] =
    [ErrorKind::ConnectionRefused, ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable];

/// The longest datagram of several requests that leaves the machine: what passes every link of IPv6 in one piece.
const LONGEST_ELSEWHERE: usize = 1280 - 40 - 8;

/// What sends the requests of an outbox to one `kea-dhcp-ddns`.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) settings: DnsUpdates,
    pub(super) post: Arc<Post>,
    /// Made when it is needed first, and anew after it failed.
    socket: Mutex<Option<Socket>>,
}

/// A socket by two handles: one sends at once or not at all, the other one is waited at.
#[derive(Debug)]
struct Socket {
    sends: std::net::UdpSocket,
    hears: Arc<UdpSocket>,
}

/// A time as requests say it.
fn expires_on(since_epoch: Duration) -> Option<String> {
    let time = Timestamp::from_second(since_epoch.as_secs().try_into().ok()?).ok()?;
    Some(time.strftime("%Y%m%d%H%M%S").to_string())
}

/// Something that could not be sent, and why.
type Unsent = (io::Error, Arc<ChangeRequest>);

impl Sender {
    pub(super) fn new(settings: DnsUpdates, post: Arc<Post>) -> Self {
        Self { settings, post, socket: Mutex::default() }
    }

    /// Sends what waits, for ever. What cannot be sent is told of by `failed`, once for each reason in a row, and tried again.
    pub(super) async fn serve<L: Updated>(self: Arc<Self>, link: ServerLink<L, L::Engine>) {
        let mut told = None;
        let mut is_away = false;
        // Whether it was looked just now because something had come, and nothing could be sent.
        let mut in_vain = false;
        loop {
            let mut pause = Some(PAUSE);
            if let Some(socket) = self.hearing() {
                let now = link.get().map(|server| server.since_epoch()).unwrap_or_default();
                self.listen(&socket, now, &mut is_away);
            }
            if let Some(server) = link.get() {
                let settled = self.settle(&*server).await & self.release(&*server).await;
                self.post.forget();
                self.post.tidy(server.since_epoch()).await;
                // It may have taken long.
                let now = server.since_epoch();
                let sent = self.send_some(now);
                // Nothing is ever heard of who gives no receipts.
                is_away &= !self.is_kea() || self.post.with(|outbox| outbox.is_away());
                if settled && sent.is_ok() {
                    pause = self.post.with(|outbox| outbox.next_at()).map(|at| at.saturating_sub(now));
                }
                match sent {
                    Ok(count) => {
                        told = None;
                        if count > 0 {
                            self.gather(count).await;
                            in_vain = false;
                            continue;
                        }
                    }
                    Err((error, _)) if error.kind() == ErrorKind::ConnectionRefused => {
                        self.away(&mut is_away, &error)
                    }
                    Err((error, request)) => {
                        if told.replace(error.kind()) != Some(error.kind()) {
                            (L::SEND_FAILED)(&error, &Json(&request));
                        }
                    }
                }
            }
            let socket = self.hearing();
            let heard = async {
                match &socket {
                    Some(socket) => news(socket).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.post.more.notified() => {
                    // Where more and more come and none may be sent, it is not looked for each of them whether it may.
                    if std::mem::replace(&mut in_vain, true) {
                        sleep(GATHERING).await;
                    }
                }
                () = sleep(pause.unwrap_or_default()), if pause.is_some() => in_vain = false,
                () = heard => in_vain = false,
            }
        }
    }

    /// Waits while requests gather, after so many were sent.
    async fn gather(&self, sent: usize) {
        let each = if self.is_kea() { GATHERING_FOR_EACH_OF_KEA } else { GATHERING_FOR_EACH };
        let others = each * u32::try_from(sent).unwrap_or(u32::MAX);
        tokio::select! {
            () = self.post.pressed.notified() => {}
            () = self.let_rush_pass(GATHERING.max(others)) => {}
        }
    }

    /// Waits for so long, and on while more requests come than the DNS could be told of.
    async fn let_rush_pass(&self, least: Duration) {
        let foretold = || self.post.with(|outbox| outbox.foretold());
        let (begun, mut pause) = (Instant::now(), least);
        let (mut looked, mut before) = (begun, foretold());
        loop {
            sleep(pause).await;
            let (now, came) = (Instant::now(), foretold());
            // It may have been longer.
            let slices = (now - looked).div_duration_f64(RUSH_IN).max(1.);
            if ((came - before) as f64) < RUSH * slices || now - begun >= LONGEST_RUSH {
                return;
            }
            (looked, before, pause) = (now, came, RUSH_IN);
        }
    }

    /// Whether requests are sent to somebody who gives no receipts, which are waited for.
    fn is_kea(&self) -> bool {
        self.post.persists() && self.post.with(|outbox| outbox.partner()) == Partner::IsSilent
    }

    /// The socket, if it is listened at.
    fn hearing(&self) -> Option<Arc<UdpSocket>> {
        self.socket().filter(|_| self.post.persists())
    }

    fn listen(&self, socket: &UdpSocket, now: Duration, is_away: &mut bool) {
        match self.hear(socket, now) {
            Ok(something) => *is_away &= !something,
            Err(error) => self.away(is_away, &error),
        }
    }

    /// Tells that nobody is where requests are sent to, once for each time.
    fn away(&self, is_away: &mut bool, error: &io::Error) {
        if !std::mem::replace(is_away, true) {
            let waiting = self.post.with(|outbox| outbox.len());
            KOTARE_DDNS_NOBODY_THERE(self.settings.server, error, waiting);
        }
    }

    /// Finds out by the leases which of the changes that nobody knows of were made; whether all is known.
    async fn settle<L: Updated>(&self, server: &(dyn Server<L, L::Engine> + 'static)) -> bool {
        while let Some(kept) = self.post.doubtful() {
            let serving = server.serving();
            let there = match L::key(kept.request.address) {
                Some(address) => match serving.leases().get(L::by_address(address)).await {
                    Ok(found) => found.into_iter().next(),
                    Err(_) => return false,
                },
                None => None,
            };
            self.post.settle(kept.number, is_asked_for(&kept.request, there.as_ref()));
        }
        true
    }

    /// Sees to it that leases are kept before anybody hears of their names: a process that ends would leave names that no lease has.
    /// Whether it could be done. Mostly whoever changed them has done it by now.
    pub(super) async fn release<L: Updated>(&self, server: &(dyn Server<L, L::Engine> + 'static)) -> bool {
        let made = self.post.made();
        if made == 0 {
            return true;
        }
        let (serving, runtime) = (server.serving(), Handle::current());
        let are_kept = aside(move || runtime.block_on(serving.leases().flush())).await.is_ok();
        if are_kept {
            self.post.release(made);
        }
        are_kept
    }

    /// Sends all that may be sent now or never.
    ///
    /// # Errors
    /// The first that cannot be sent, and why.
    pub(super) fn send_all(&self, now: Duration) -> Result<(), Unsent> {
        self.post.release(usize::MAX);
        while self.send_some(now)? > 0 {}
        Ok(())
    }

    /// Sends what those ask for who were under way to change a lease when this sender ended, as long as nobody else sends it: what
    /// no file keeps would be lost.
    pub(super) fn send_the_rest<L: Updated>(
        self: Arc<Self>,
        link: ServerLink<L, L::Engine>,
    ) -> impl Future<Output = ()> + Send {
        let (begun, until) = (self.post.begun(), Instant::now() + LONGEST_REST);
        async move {
            while self.post.begun() == begun && Instant::now() < until {
                if let Some(server) = link.get() {
                    let _ = self.settle(&*server).await & self.release(&*server).await;
                    // What cannot be sent is tried again until then.
                    let send = || self.send_some(server.since_epoch()).is_ok_and(|sent| sent > 0);
                    while self.post.begun() == begun && send() {}
                }
                if self.post.with(|outbox| outbox.is_empty()) {
                    return;
                }
                tokio::select! {
                    () = self.post.more.notified() => {}
                    () = sleep(PAUSE) => {}
                }
            }
        }
    }

    /// Sends some of what waits, how many requests that were; at the first that cannot be sent, why.
    fn send_some(&self, now: Duration) -> Result<usize, Unsent> {
        // Held for all of them: nobody else sends meanwhile, and the order is kept.
        let mut socket = self.socket.lock();
        let letters = self.post.next(now, if self.is_kea() { ROUND_OF_KEA } else { ROUND });
        let is_near = self.settings.server.ip().is_loopback();
        let longest = if is_near { LONGEST_PARCEL } else { LONGEST_ELSEWHERE };
        let parcels = parcels(&letters, longest, |request| {
            let expires = now + Duration::from_secs(request.lease_length.into());
            self.settings.expires.then(|| expires_on(expires)).flatten()
        });
        let (mut sent, mut failed) = (0, None);
        for (datagram, count) in parcels {
            if let Err(error) = self.send(&mut socket, &datagram) {
                failed = Some((error, count));
                break;
            }
            sent += count;
        }
        for letter in &letters[..sent] {
            DHCPSRV_DHCP_DDNS_NCR_SENT(Json(&letter.request));
        }
        let unsent = letters.get(sent).map(|letter| letter.request.clone());
        let tried = sent + failed.as_ref().map_or(0, |(_, count)| *count);
        self.post.with(|outbox| {
            for (at, letter) in letters.into_iter().enumerate() {
                match at {
                    _ if at < sent => outbox.sent(letter, now),
                    _ if at < tried => outbox.unsent(letter, now),
                    _ => outbox.give_back(letter),
                }
            }
            if failed.as_ref().is_some_and(|(error, _)| NOBODY_THERE.contains(&error.kind())) {
                outbox.refused(now);
            }
        });
        match (failed, unsent) {
            (Some((error, _)), Some(request)) => Err((error, request)),
            _ => Ok(sent),
        }
    }

    fn send(&self, socket: &mut Option<Socket>, datagram: &[u8]) -> io::Result<()> {
        let open = match socket {
            Some(open) => open,
            None => socket.insert(self.open()?),
        };
        let sent = open.sends.send_to(datagram, self.settings.server);
        let may_go_on = [ErrorKind::WouldBlock, ErrorKind::ConnectionRefused];
        if sent.as_ref().is_err_and(|error| !may_go_on.contains(&error.kind())) {
            *socket = None;
        }
        sent.map(|_| ())
    }

    /// The socket, once something was sent.
    pub(super) fn socket(&self) -> Option<Arc<UdpSocket>> {
        self.socket.lock().as_ref().map(|socket| socket.hears.clone())
    }

    /// A socket to send from. Where receipts are waited for, it hears of nobody being there, and of nobody else.
    fn open(&self) -> io::Result<Socket> {
        let sends = std::net::UdpSocket::bind(self.settings.sender)?;
        sends.set_nonblocking(true)?;
        if self.post.persists() {
            sends.connect(self.settings.server)?;
        }
        let hears = Arc::new(UdpSocket::from_std(sends.try_clone()?)?);
        Ok(Socket { sends, hears })
    }

    /// Reads what has come; whether something had.
    ///
    /// # Errors
    /// When nobody is where requests are sent to.
    pub(super) fn hear(&self, socket: &UdpSocket, now: Duration) -> io::Result<bool> {
        let nothing = |error: &io::Error| error.kind() == ErrorKind::WouldBlock;
        // What became of a datagram is no datagram.
        let refusal = socket.try_io(Interest::ERROR, || match socket.take_error()? {
            Some(error) => Err::<(), _>(error),
            None => Err(ErrorKind::WouldBlock.into()),
        });
        if let Err(error) = refusal
            && !nothing(&error)
        {
            self.post.with(|outbox| outbox.refused(now));
            return Err(error);
        }
        let mut datagram = [0; MAX_DATAGRAM];
        let mut something = false;
        loop {
            match socket.try_recv(&mut datagram) {
                Ok(length) => {
                    something = true;
                    self.post.heard(&datagram[..length]);
                }
                Err(error) if nothing(&error) => return Ok(something),
                Err(error) => {
                    self.post.with(|outbox| outbox.refused(now));
                    return Err(error);
                }
            }
        }
    }
}

/// Waits until there is something to read, or nobody to read it from.
pub(super) async fn news(socket: &UdpSocket) {
    let _ = socket.ready(Interest::READABLE | Interest::ERROR).await;
}
