//! Requests from before their leases are changed until they are taken on: the outbox of a server, and the file of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use kotare_config::process::{DnsUpdates, RequestQueue};
use kotare_control::aside;
use kotare_ddns::{self as ddns, ChangeRequest, JournalCopy, JournalFile, Kept, Letter, Outbox, Partner};
use kotare_engine::hooks::Foretold;
use kotare_model::Durability;
use kotare_store::Ahead;
use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::Notify;

use super::messages::*;
use crate::{Place, Places};

/// As long is waited by who may not be held up.
const MOMENT: Duration = Duration::from_millis(1);

/// The outbox of a server, for as long as names are told to the DNS, whomever requests are sent to.
#[derive(Debug)]
pub(super) struct Post {
    kept: RequestQueue,
    outbox: Mutex<Outbox>,
    /// Requests whose leases were changed, which others may not know yet if the process ends: they wait until the leases are kept.
    made: Mutex<Vec<u64>>,
    /// Had by who writes what is in the outbox; before `outbox`.
    writing: Mutex<()>,
    /// Woken when there may be something to be sent, or to be found out.
    pub(super) more: Notify,
    /// Woken when little room is left.
    pub(super) pressed: Notify,
    is_failing: AtomicBool,
    /// How many have begun to send what is here.
    begun: AtomicU64,
}

/// What was asked for because of a change of a lease that is going to be made.
pub(super) struct Promise {
    post: Arc<Post>,
    numbers: SmallVec<[u64; 2]>,
}

impl Post {
    /// With these settings; `seed` is a number that nobody knows.
    ///
    /// # Errors
    /// Why requests cannot be kept in the file.
    pub(super) fn open(
        settings: &DnsUpdates,
        protocol: &str,
        places: &dyn Places,
        seed: u64,
    ) -> Result<Self, String> {
        let (kept, capacity) = (settings.kept.clone(), capacity(settings));
        let outbox = if kept.persist {
            let written = kept.name.as_ref().map(|name| &*name.path);
            let Place { path, warning } = places.request_queue(written, protocol)?;
            if let Some(warning) = warning {
                KOTARE_DDNS_QUEUE_PATH_SECURITY_WARNING(warning);
            }
            let file = JournalFile::open(&path, kept.durability == Durability::System);
            let (outbox, unreadable) =
                file.and_then(|file| Outbox::open(file, capacity, seed)).map_err(|error| {
                    format!("requests cannot be kept in the file {}: {error}", path.display())
                })?;
            if unreadable > 0 {
                KOTARE_DDNS_OUTBOX_DAMAGED(path.display(), unreadable);
            }
            KOTARE_DDNS_OUTBOX_READ(path.display(), outbox.len());
            outbox
        } else {
            Outbox::new(capacity)
        };
        let (is_failing, begun) = (AtomicBool::default(), AtomicU64::default());
        let (outbox, more, pressed) = (Mutex::new(outbox), Notify::new(), Notify::new());
        let (made, writing) = (Mutex::default(), Mutex::new(()));
        Ok(Self { kept, outbox, made, writing, more, pressed, is_failing, begun })
    }

    /// Whether it keeps what these settings want kept. Without a file any number may wait there.
    pub(super) fn is_for(&self, settings: &DnsUpdates) -> bool {
        !self.persists() && !settings.kept.persist || self.kept == settings.kept
    }

    /// Somebody sends what is here from now on, with these settings, and nobody else does. Who is under way to change a lease goes on
    /// here.
    pub(super) fn begin(&self, settings: &DnsUpdates) {
        self.begun.fetch_add(1, Relaxed);
        self.with(|outbox| outbox.make_room_for(capacity(settings)));
    }

    /// How many have begun: who did last, by a number.
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Relaxed)
    }

    /// Whether it has a file.
    pub(super) fn persists(&self) -> bool {
        self.kept.persist
    }

    /// Takes on what is going to be asked for, to be written before its lease is. What there is no room for is told of.
    pub(super) fn promise(
        self: &Arc<Self>,
        requests: impl Iterator<Item = ChangeRequest>,
        since: u64,
    ) -> Option<Promise> {
        let mut promise = Promise { post: self.clone(), numbers: SmallVec::new() };
        let requests: SmallVec<[_; 2]> =
            requests.map(|request| ddns::Foretold::new(request, self.persists())).collect();
        let mut outbox = self.outbox.lock();
        for request in requests {
            let json = Json(request.request());
            if outbox.len() >= outbox.capacity() {
                DHCPSRV_DHCP_DDNS_NCR_REJECTED(
                    format_args!("send queue has reached maximum capacity: {}", outbox.capacity()),
                    &json,
                );
            }
            promise.numbers.extend(outbox.foretell_as(request, since));
        }
        if outbox.is_pressed() {
            self.pressed.notify_one();
        }
        (!promise.numbers.is_empty()).then_some(promise)
    }

    /// The first request of which it is unknown whether its lease was changed.
    pub(super) fn doubtful(&self) -> Option<Kept> {
        self.outbox.lock().doubtful()
    }

    /// It is known now.
    pub(super) fn settle(&self, number: u64, made: bool) {
        self.with(|outbox| outbox.doubt_no_more(number));
        self.came(number, made);
    }

    fn came(&self, number: u64, made: bool) {
        if made { self.made.lock().push(number) } else { self.outbox.lock().not_made(number) }
    }

    /// Of how many requests leases were changed that may not be kept yet.
    pub(super) fn made(&self) -> usize {
        self.made.lock().len()
    }

    /// The leases of the first so many of those are kept: the requests may be sent.
    pub(super) fn release(&self, count: usize) {
        let mut made = self.made.lock();
        let mut outbox = self.outbox.lock();
        let count = count.min(made.len());
        made.drain(..count).for_each(|number| outbox.made(number));
    }

    /// Does something with the outbox.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Outbox) -> T) -> T {
        act(&mut self.outbox.lock())
    }

    /// The next requests to be sent, at most so many.
    pub(super) fn next(&self, now: Duration, most: usize) -> Vec<Letter> {
        let mut outbox = self.outbox.lock();
        let before = outbox.partner();
        let next = std::iter::from_fn(|| outbox.next(now)).take(most).collect();
        if before != Partner::IsSilent && outbox.partner() == Partner::IsSilent {
            KOTARE_DDNS_NO_RECEIPTS();
        }
        next
    }

    /// Reads what came from where requests are sent to.
    pub(super) fn heard(&self, datagram: &[u8]) {
        let mut outbox = self.outbox.lock();
        let (before, waiting) = (outbox.partner(), outbox.unheard());
        outbox.heard(datagram);
        if before == Partner::IsSilent && outbox.partner() == Partner::GivesReceipts {
            KOTARE_DDNS_RECEIPTS_AGAIN(waiting);
        }
    }

    /// Writes what is done. That the disk has it is waited for only when there is nothing else to do.
    pub(super) fn forget(&self) {
        if self.kept.durability != Durability::System || self.with(|outbox| outbox.is_empty()) {
            self.keep();
        }
    }

    /// Writes what is not written for the last time, all of it anew if it has to be.
    pub(super) fn finish(&self) {
        self.forget();
        if self.is_failing.load(Relaxed) {
            let _turn = self.writing.lock();
            if let Err(error) = self.with(Outbox::keep) {
                KOTARE_DDNS_OUTBOX_NOT_WRITTEN(error);
            }
        }
    }

    /// Writes the file anew, aside, when most of it is past, or when it could not be written: clients do not wait for the disk because
    /// of that.
    pub(super) async fn tidy(self: &Arc<Self>, now: Duration) {
        let Some(copy) = self.with(|outbox| outbox.copy(now)) else { return };
        // To its end, whoever waits for it.
        let post = self.clone();
        let done = aside(move || post.write_anew(copy)).await;
        if let Err(error) = done
            && !self.is_failing.load(Relaxed)
        {
            KOTARE_DDNS_OUTBOX_GROWS(error);
        }
    }

    /// Who takes something on waits for none of that, and who writes it for the end alone.
    fn write_anew(&self, copy: JournalCopy) -> io::Result<()> {
        let copied = copy.write();
        let _turn = self.writing.lock();
        let meanwhile = self.with(Outbox::meanwhile);
        let placed = copied.and_then(|copied| copied.take_place(meanwhile.as_deref()));
        self.with(|outbox| outbox.adopt(placed))
    }

    /// Writes what was not written; others may go on meanwhile, but for who writes it, too: what was there before is written
    /// when this returns.
    fn keep(&self) {
        let _turn = self.writing.lock();
        self.keep_in_turn();
    }

    fn keep_in_turn(&self) {
        let unwritten = self.with(Outbox::take_unwritten);
        let outcome = unwritten.and_then(|append| {
            let Some(append) = append else { return Ok(()) };
            let written = append.write();
            self.with(|outbox| outbox.kept(append, written))
        });
        match outcome {
            Ok(()) => self.is_failing.store(false, Relaxed),
            Err(error) if !self.is_failing.swap(true, Relaxed) => KOTARE_DDNS_OUTBOX_NOT_WRITTEN(error),
            Err(_) => {}
        }
    }
}

/// How many requests may wait.
fn capacity(settings: &DnsUpdates) -> usize {
    if settings.kept.persist { settings.kept.capacity } else { settings.queue }
}

impl Ahead for Post {
    fn write(&self) {
        self.keep();
    }

    fn write_at_once(&self) -> bool {
        let Some(_turn) = self.writing.try_lock() else { return false };
        // Who has the outbox has it for a moment, or while it is written anew because it would become too long to be read.
        let outbox = self.outbox.try_lock_for(MOMENT);
        if outbox.is_none_or(|outbox| outbox.waits_for_disk()) {
            return false;
        }
        self.keep_in_turn();
        true
    }
}

impl Foretold for Promise {
    fn ahead(&self) -> Option<Arc<dyn Ahead>> {
        self.post.persists().then(|| self.post.clone() as Arc<dyn Ahead>)
    }

    fn came(mut self: Box<Self>, made: bool) {
        for number in std::mem::take(&mut self.numbers) {
            self.post.came(number, made);
        }
        self.post.more.notify_one();
    }
}

impl Drop for Promise {
    /// Nobody said what came of it.
    fn drop(&mut self) {
        if !self.numbers.is_empty() {
            let mut outbox = self.post.outbox.lock();
            self.numbers.iter().for_each(|number| outbox.doubt(*number));
            self.post.more.notify_one();
        }
    }
}
