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
//! no receipts: where one is sent to and says nothing for ten seconds, sending is enough again.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::journal::{Journal, JournalFile, Kept, Medium};
use crate::parcel::Letter;
use crate::queue::{Full, Queue, Ticket};
use crate::receipt::{self, Ask};
use crate::request::ChangeRequest;

/// How many receipts are waited for at a time.
const WINDOW: usize = 512;

/// The longest time between two tries to send a request.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long somebody who hears requests may say nothing until he is believed to give no receipts.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests on their way. Times are since any one moment, the same for all calls.
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
    lost: u64,
}

/// What is known of who requests are sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partner {
    /// Nothing; or nothing was heard since this time, at which something was sent.
    Unknown(Option<Duration>),
    /// There are receipts.
    GivesReceipts,
    /// There are none.
    IsSilent,
}

impl<M: Medium> Outbox<M> {
    /// An empty one with room for so many requests, which it keeps no longer than the process lives.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let queue = Queue::new(capacity).with_pauses_up_to(LONGEST_PAUSE);
        let (journal, doubtful, partner) = (None, BTreeSet::new(), Partner::IsSilent);
        Self { journal, queue, capacity, next: 1, doubtful, asker: 0, partner, lost: 0 }
    }

    /// One that keeps its requests in `medium`. `asker` is a number that nobody can foresee. How many lines of what is there
    /// could not be understood comes, too.
    ///
    /// # Errors
    /// When the medium cannot be read or written, or has something else.
    pub fn open(medium: M, capacity: usize, asker: u64) -> io::Result<(Self, usize)> {
        let (journal, replay) = Journal::open(medium, capacity)?;
        let mut outbox = Self::new(capacity);
        (outbox.journal, outbox.asker, outbox.partner) = (Some(journal), asker, Partner::Unknown(None));
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
        if self.len() >= self.capacity {
            self.lost += 1;
            return Err(Full);
        }
        let request = Arc::new(request);
        let number = match &mut self.journal {
            Some(journal) => journal.append(&request, since).inspect_err(|Full| self.lost += 1)?,
            None => self.next,
        };
        self.next = number + 1;
        self.queue.hold(Kept { number, since, request });
        Ok(number)
    }

    /// Writes what was foretold and what is done.
    ///
    /// # Errors
    /// When it cannot be written; all of it is the next time.
    pub fn keep(&mut self) -> io::Result<()> {
        self.journal.as_mut().map_or(Ok(()), Journal::flush)
    }

    /// Whether [`Self::keep`] would wait for a disk.
    #[must_use]
    pub fn waits_for_disk(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::waits_for_disk)
    }

    /// The change was made that this was foretold of.
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

    /// The first request of which nobody knows whether its lease was changed.
    #[must_use]
    pub fn doubtful(&self) -> Option<Kept> {
        self.doubtful.first().and_then(|number| self.queue.get(*number)).cloned()
    }

    /// The next one to be sent now.
    pub fn next(&mut self, now: Duration) -> Option<Letter> {
        self.judge_silence(now);
        let again = self.queue.postponed() + self.queue.under_way() >= WINDOW;
        let (ticket, kept) = if again { self.queue.take_again(now) } else { self.queue.take(now) }?;
        let ask = self.journal.is_some().then_some(Ask { asker: self.asker, number: kept.number });
        // What comes again may be for somebody else, who looks at no more than one.
        let may_share = self.partner == Partner::GivesReceipts && !self.queue.gave_again();
        Some(Letter { ticket, request: kept.request, ask, may_share })
    }

    /// Nobody tried to send it.
    pub fn give_back(&mut self, ticket: Ticket) {
        self.queue.give_back(ticket);
    }

    /// When there will be another one at the latest, if nothing happens before.
    #[must_use]
    pub fn next_at(&self) -> Option<Duration> {
        self.queue.next_at()
    }

    /// A request was sent.
    pub fn sent(&mut self, ticket: Ticket, now: Duration) {
        if self.partner == Partner::IsSilent {
            return self.done(ticket);
        }
        if self.partner == Partner::Unknown(None) {
            self.partner = Partner::Unknown(Some(now));
        }
        self.queue.postpone(ticket, now);
    }

    /// It could not be.
    pub fn unsent(&mut self, ticket: Ticket, now: Duration) {
        self.refused();
        self.queue.postpone(ticket, now);
    }

    /// Nobody is there where requests are sent to.
    pub fn refused(&mut self) {
        if let Partner::Unknown(since) = &mut self.partner {
            *since = None;
        }
    }

    /// Reads what came from where requests are sent to.
    pub fn heard(&mut self, datagram: &[u8]) {
        for number in receipt::taken(self.asker, datagram) {
            // Of what was not sent nobody can have a receipt.
            if self.queue.is_postponed(number) {
                self.partner = Partner::GivesReceipts;
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
            self.partner = Partner::Unknown(None);
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

    /// Whether more than half of the room is taken.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.len() > self.capacity / 2
    }

    /// How many requests there was no room for.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// What says nothing for so long gives no receipts: what was sent is done.
    fn judge_silence(&mut self, now: Duration) {
        let Partner::Unknown(Some(since)) = self.partner else { return };
        if now.saturating_sub(since) >= PATIENCE {
            self.partner = Partner::IsSilent;
            while let Some(number) = self.queue.first_postponed() {
                self.remove(number);
            }
        }
    }

    fn done(&mut self, ticket: Ticket) {
        let number = self.queue.done(ticket);
        self.acknowledge(number);
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
