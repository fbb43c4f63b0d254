//! What a server of DHCP has to ask `kea-dhcp-ddns` for.
//!
//! A request is foretold before its lease is changed ([`Outbox::foretell`]) and, if the outbox keeps what it has in a
//! [`Journal`], in its file before the lease can be in another. When it is known whether the lease was changed, the request may
//! be sent ([`Outbox::made`]) or goes ([`Outbox::not_made`]). Where that stays unknown, because the process ended or a database
//! failed, the lease tells later ([`Outbox::doubtful`]). So no change of a lease that is kept comes without its request, and
//! none that is not has one.
//!
//! Several requests go in one datagram where there are receipts, for who gives them takes such datagrams apart ([`parcels`]);
//! what has to be sent again goes by itself.
//!
//! A request is done when it was sent; one that is kept, when there is a receipt for it ([`Ask`]), and it is sent again until
//! then. Of requests for one name or address the next one is sent when the one before is done. A `kea-dhcp-ddns` of Kea gives
//! no receipts: where one is sent to and says nothing for ten seconds, or half a minute after there were receipts, each request is
//! sent once, as Kea does. It may be ours all the same, which stands still, so what was sent is still kept for an hour: when a
//! receipt comes, all of it is asked for again, as far as leases still want it.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::journal::{Append, Journal, JournalCopy, JournalFile, Kept, Medium, Placed};
use crate::parcel::Letter;
use crate::queue::{Full, Queue};
use crate::receipt::{self, Ask, Receipts};
use crate::request::ChangeRequest;
use crate::unheard::Unheard;

/// How many receipts are waited for at a time.
const WINDOW: usize = 512;

/// The longest time between two tries to send a request.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long somebody who hears requests may say nothing until he is believed to give no receipts.
const PATIENCE: Duration = Duration::from_secs(10);

/// For how long nothing is sent to who gives no receipts when he is away at first, and how long no word of a request means that it
/// was heard.
const FIRST_ABSENCE: Duration = Duration::from_secs(1);

/// What was sent so long ago, at most, may not have been heard when nobody is there.
const JUST_NOW: Duration = Duration::from_secs(1);

/// The same of somebody who has given some: that one may be slow, or another one has taken its place.
const PATIENCE_AFTER_RECEIPTS: Duration = Duration::from_secs(30);

/// How long a file that cannot be written is left alone before it is tried anew.
const BETWEEN_COPIES: Duration = Duration::from_secs(1);

/// Requests on their way. Times are since 1970.
#[derive(Debug)]
pub struct Outbox<M = JournalFile> {
    journal: Option<Journal<M>>,
    queue: Queue,
    capacity: usize,
    /// The number of the next request that no journal numbers.
    next: u64,
    /// Those of which it is unknown whether their leases were changed.
    doubtful: BTreeSet<u64>,
    asker: u64,
    partner: Partner,
    /// When something was sent first since something was heard, if something was.
    silent_since: Option<Duration>,
    /// Whether several requests may go in a datagram.
    takes_parcels: bool,
    /// What was sent and need not be heard of.
    unheard: Unheard,
    /// Since when and how long who gives no receipts is away, if he is.
    away: Option<Away>,
    lost: u64,
    /// Before, a file that cannot be written is not written anew.
    anew_at: Duration,
}

/// Somebody who gives no receipts is not there.
#[derive(Debug)]
struct Away {
    /// Nothing is sent before.
    until: Duration,
    pause: Duration,
    /// Whether one request was sent since.
    is_tried: bool,
}

/// What is known of who requests are sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partner {
    /// Nothing yet.
    Unknown,
    /// There are receipts.
    GivesReceipts,
    /// There are none.
    IsSilent,
}

/// A request that is going to be foretold, made ready where nobody has to wait for that.
#[derive(Debug)]
pub struct Foretold {
    request: Arc<ChangeRequest>,
    json: Option<Vec<u8>>,
}

impl Foretold {
    /// Of this request; `is_kept` says whether the outbox has a medium.
    #[must_use]
    pub fn new(request: ChangeRequest, is_kept: bool) -> Self {
        let json = is_kept.then(|| request.to_json().into_bytes());
        Self { request: Arc::new(request), json }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &ChangeRequest {
        &self.request
    }
}

impl Outbox {
    /// What is to be written in the place of its file, if most of that is past or, from time to time, if it cannot go on there; to be
    /// followed by [`Self::adopt`].
    pub fn copy(&mut self, now: Duration) -> Option<JournalCopy> {
        let journal = self.journal.as_mut()?;
        if journal.is_torn() {
            if now < self.anew_at {
                return None;
            }
            self.anew_at = now + BETWEEN_COPIES;
        }
        journal.copy()
    }

    /// What was written since, to be put behind it; see [`Copied::take_place`](crate::Copied::take_place).
    pub fn meanwhile(&mut self) -> Option<Vec<u8>> {
        self.journal.as_mut()?.meanwhile()
    }

    /// Goes on in the file that was written.
    ///
    /// # Errors
    /// When it was not; it goes on in the former one.
    pub fn adopt(&mut self, placed: io::Result<Placed>) -> io::Result<()> {
        self.journal.as_mut().map_or(Ok(()), |journal| journal.adopt(placed))
    }
}

impl<M: Medium> Outbox<M> {
    /// An empty one with room for so many requests, which it keeps no longer than the process lives.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let queue = Queue::new(capacity).with_pauses_up_to(LONGEST_PAUSE);
        Self {
            journal: None,
            queue,
            capacity,
            next: 1,
            doubtful: BTreeSet::new(),
            asker: 0,
            partner: Partner::IsSilent,
            silent_since: None,
            takes_parcels: false,
            unheard: Unheard::default(),
            away: None,
            lost: 0,
            anew_at: Duration::ZERO,
        }
    }

    /// One that keeps its requests in `medium`. `asker` is a number that nobody can foresee. How many lines of what is there
    /// could not be understood comes, too.
    ///
    /// # Errors
    /// When the medium cannot be read or written, or has something else.
    pub fn open(medium: M, capacity: usize, asker: u64) -> io::Result<(Self, usize)> {
        let (journal, replay) = Journal::open(medium, capacity)?;
        let mut outbox = Self::new(capacity);
        (outbox.journal, outbox.asker, outbox.partner) = (Some(journal), asker, Partner::Unknown);
        outbox.queue = outbox.queue.seeded(asker);
        for kept in replay.kept {
            outbox.doubtful.insert(kept.number);
            outbox.queue.hold(kept);
        }
        Ok((outbox, replay.unreadable))
    }

    /// A lease is going to be changed, at this time in seconds since 1970, and this is to be asked for then; its number. It
    /// is kept after [`Self::keep`].
    ///
    /// # Errors
    /// When there is no room.
    pub fn foretell(&mut self, request: ChangeRequest, since: u64) -> Result<u64, Full> {
        self.foretell_as(Foretold::new(request, false), since)
    }

    /// The same of one that was made ready before, which was the most of the work.
    ///
    /// # Errors
    /// When there is no room.
    pub fn foretell_as(&mut self, foretold: Foretold, since: u64) -> Result<u64, Full> {
        let Foretold { request, json } = foretold;
        if self.len() >= self.capacity {
            self.lost += 1;
            return Err(Full);
        }
        if self.len() + self.unheard.len() >= self.capacity {
            self.forget_unheard();
        }
        let appended = self.journal.as_mut().map(|journal| match &json {
            Some(json) => journal.append_as(&request, since, |out| out.extend(json)),
            None => journal.append(&request, since),
        });
        let number = appended.unwrap_or(Ok(self.next)).inspect_err(|Full| self.lost += 1)?;
        self.next = number + 1;
        self.queue.hold(Kept { number, since, request });
        Ok(number)
    }

    /// Writes what was foretold and what is done.
    ///
    /// # Errors
    /// When it cannot be written; all of it is the next time.
    pub fn keep(&mut self) -> io::Result<()> {
        self.journal.as_mut().map_or(Ok(()), Journal::write)
    }

    /// Whether [`Self::keep`] would wait for a disk.
    #[must_use]
    pub fn waits_for_disk(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::waits_for_disk)
    }

    /// What was foretold and what is done, as far as it is not written, to be written while the outbox goes on; to be followed by
    /// [`Self::kept`].
    ///
    /// # Errors
    /// When something could not be written before, and all has to be [anew](Self::copy).
    pub fn take_unwritten(&mut self) -> io::Result<Option<Append<M>>> {
        self.journal.as_mut().map_or(Ok(None), Journal::take_unwritten)
    }

    /// Notes whether that was written.
    ///
    /// # Errors
    /// When it was not.
    pub fn kept(&mut self, append: Append<M>, written: io::Result<()>) -> io::Result<()> {
        self.journal.as_mut().map_or(Ok(()), |journal| journal.appended(append, written))
    }

    /// The change was made that this was foretold of, and is kept.
    pub fn made(&mut self, number: u64) {
        self.doubtful.remove(&number);
        self.queue.release(number);
    }

    /// It was not.
    pub fn not_made(&mut self, number: u64) {
        self.doubtful.remove(&number);
        self.remove(number);
    }

    /// Nobody knows whether it was.
    pub fn doubt(&mut self, number: u64) {
        self.doubtful.insert(number);
    }

    /// It is known; what follows from that is said next.
    pub fn doubt_no_more(&mut self, number: u64) {
        self.doubtful.remove(&number);
    }

    /// The first request of which nobody knows whether its lease was changed.
    #[must_use]
    pub fn doubtful(&self) -> Option<Kept> {
        self.doubtful.first().and_then(|number| self.queue.get(*number)).cloned()
    }

    /// The next one to be sent now.
    pub fn next(&mut self, now: Duration) -> Option<Letter> {
        self.judge_silence(now);
        if !self.may_send(now) {
            return None;
        }
        if let Some(letter) = self.look_for_answer(now) {
            return Some(letter);
        }
        let again = self.queue.postponed() + self.queue.under_way() >= WINDOW;
        let (ticket, kept) = if again { self.queue.take_again(now) } else { self.queue.take(now) }?;
        // What comes again may be for somebody else, who looks at no more than one.
        let may_share = self.partner == Partner::GivesReceipts
            && self.takes_parcels
            && !self.queue.was_tried(kept.number);
        let ask = self.ask(kept.number);
        Some(Letter { ticket: Some(ticket), request: kept.request, ask, may_share })
    }

    fn ask(&self, number: u64) -> Option<Ask> {
        self.journal.is_some().then_some(Ask { asker: self.asker, number })
    }

    /// Where nothing is heard, the last request again from time to time: somebody may be there by now who gives receipts.
    fn look_for_answer(&mut self, now: Duration) -> Option<Letter> {
        while let Some(number) = self.unheard.pop_old(now) {
            self.acknowledge(number);
        }
        let kept = self.unheard.again(now)?.clone();
        Some(Letter { ticket: None, ask: self.ask(kept.number), request: kept.request, may_share: false })
    }

    /// Nobody tried to send it.
    pub fn give_back(&mut self, letter: Letter) {
        if let Some(ticket) = letter.ticket {
            self.queue.give_back(ticket);
        }
    }

    /// When there will be another one at the latest or the file can be tried anew, if nothing happens before.
    #[must_use]
    pub fn next_at(&self) -> Option<Duration> {
        let next = [self.queue.next_at(), self.unheard.again_at()].into_iter().flatten().min();
        let next = match &self.away {
            Some(away) if self.queue.is_ready() => Some(away.until),
            Some(away) => next.map(|next| next.max(away.until)),
            None => next,
        };
        let is_torn = self.journal.as_ref().is_some_and(Journal::is_torn);
        [next, is_torn.then_some(self.anew_at)].into_iter().flatten().min()
    }

    /// A request was sent.
    pub fn sent(&mut self, letter: Letter, now: Duration) {
        let Some(ticket) = letter.ticket else { return };
        if self.partner == Partner::IsSilent {
            if let Some(kept) = self.queue.settle(ticket) {
                self.need_not_hear_of(kept, now);
            }
            return;
        }
        self.silent_since.get_or_insert(now);
        self.queue.note_sent(&ticket);
        self.queue.postpone(ticket, now);
    }

    /// It could not be.
    pub fn unsent(&mut self, letter: Letter, now: Duration) {
        if let Some(ticket) = letter.ticket {
            self.queue.postpone(ticket, now);
        }
    }

    /// Nobody is there where requests are sent to. What was sent just now has not been heard then; what was sent before has, for all
    /// that is known: one of Kea's whose queue is full is away, too, and is not to be told all of the last hour again. Of who gives no
    /// receipts it is found out with one request at a time whether he is back.
    pub fn refused(&mut self, now: Duration) {
        self.silent_since = None;
        if self.partner != Partner::IsSilent || self.journal.is_none() {
            return;
        }
        let pause = self.away.as_ref().map_or(FIRST_ABSENCE, |away| (away.pause * 2).min(LONGEST_PAUSE));
        // One absence is told of several times.
        if self.away.as_ref().is_none_or(|away| away.is_tried) {
            self.away = Some(Away { until: now + pause, pause, is_tried: false });
        }
        let all = self.unheard.take_since(now.saturating_sub(JUST_NOW));
        self.take_back(all);
    }

    /// Whether who gives no receipts is not there, for all that is known.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// Whether a request may be sent although nobody was there.
    fn may_send(&mut self, now: Duration) -> bool {
        let is_ready = self.queue.is_ready() || self.queue.next_at().is_some_and(|at| at <= now);
        let Some(away) = &mut self.away else { return true };
        if now < away.until {
            return false;
        }
        if away.is_tried {
            // It was heard.
            self.away = None;
        } else if is_ready {
            (away.until, away.is_tried) = (now + FIRST_ABSENCE, true);
        }
        true
    }

    /// Reads what came from where requests are sent to.
    pub fn heard(&mut self, datagram: &[u8]) {
        let Some(Receipts { taken, takes_parcels }) = receipt::read(self.asker, datagram) else { return };
        self.is_with(Partner::GivesReceipts);
        self.takes_parcels = takes_parcels;
        for number in taken {
            // Of what was not sent nobody can have a receipt.
            if self.queue.is_sent(number) {
                self.remove(number);
            }
        }
    }

    /// Whether anything is known of who requests are sent to.
    #[must_use]
    pub fn partner(&self) -> Partner {
        self.partner
    }

    /// Somebody else is where requests are sent to from now on.
    pub fn meets_another(&mut self) {
        if self.journal.is_some() {
            self.is_with(Partner::Unknown);
        }
    }

    /// Who requests are sent to is not one of whom nothing is heard. Nobody knows what was taken on of what such a one was sent: it
    /// is all asked for again, in order, before what came later.
    fn is_with(&mut self, partner: Partner) {
        (self.partner, self.silent_since, self.away) = (partner, None, None);
        let all = self.unheard.take();
        self.take_back(all);
    }

    fn take_back(&mut self, all: Vec<Kept>) {
        if !all.is_empty() {
            self.doubtful.extend(all.iter().map(|kept| kept.number));
            self.queue.take_back(all.into_iter());
        }
    }

    /// How many requests are not done.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len() + self.queue.under_way()
    }

    /// Whether all are done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many were sent that need not be heard of, and are kept for a while.
    #[must_use]
    pub fn unheard(&self) -> usize {
        self.unheard.len()
    }

    /// How many requests there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// There is room for so many from now on. What is there stays, whether there is room or not.
    pub fn make_room_for(&mut self, capacity: usize) {
        self.capacity = capacity;
    }

    /// Whether more than half of the room is taken.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.len() > self.capacity / 2
    }

    /// How many requests were ever foretold.
    #[must_use]
    pub fn foretold(&self) -> u64 {
        self.next
    }

    /// How many requests there was no room for.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// What says nothing for so long gives no receipts: what was sent need not be heard of.
    fn judge_silence(&mut self, now: Duration) {
        let patience = match self.partner {
            Partner::Unknown => PATIENCE,
            Partner::GivesReceipts => PATIENCE_AFTER_RECEIPTS,
            Partner::IsSilent => return,
        };
        if self.silent_since.is_some_and(|since| now.saturating_sub(since) >= patience) {
            (self.partner, self.silent_since) = (Partner::IsSilent, None);
            self.unheard.begin(now);
            // What could not be sent is to be sent all the same.
            for number in self.queue.sent() {
                if let Some(kept) = self.queue.remove(number) {
                    self.need_not_hear_of(kept, now);
                }
            }
        }
    }

    /// A request was sent, and that is enough; it is kept for a while all the same, if it was.
    fn need_not_hear_of(&mut self, kept: Kept, now: Duration) {
        if self.journal.is_none() {
            return;
        }
        self.unheard.push(kept, now);
        // Half of the room is for what waits.
        if self.unheard.len() > self.capacity / 2 {
            self.forget_unheard();
        }
    }

    fn forget_unheard(&mut self) {
        if let Some(number) = self.unheard.pop() {
            self.acknowledge(number);
        }
    }

    fn remove(&mut self, number: u64) {
        self.queue.remove(number);
        self.acknowledge(number);
    }

    fn acknowledge(&mut self, number: u64) {
        if let Some(journal) = &mut self.journal {
            journal.acknowledged(number);
        }
    }
}
