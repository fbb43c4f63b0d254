//! Which of a worker's sockets have packets, and whether somebody rang.

use std::collections::VecDeque;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;

use crate::mmsg::BATCH;
use crate::sys;
use crate::waker::Waker;

/// Waits for the descriptors of one worker and hands them out in turn, so that a busy one starves no other.
///
/// It knows nothing of what the descriptors are: the sets of sockets of either family have one inside.
#[derive(Debug)]
pub(crate) struct Poller {
    epoll: OwnedFd,
    waker: Waker,
    /// By token.
    watched: Vec<Watched>,
    /// Tokens of the descriptors that may have packets, each at most once.
    queue: VecDeque<usize>,
    /// Waits answered from the queue since epoll was last asked.
    unasked: u32,
    /// How many packets in a row came alone.
    singles: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watched {
    /// No descriptor has this token.
    Vacant,
    /// Its descriptor is not watched any more, but has it still.
    Muted,
    Quiet,
    Queued,
}

/// What [`crate::Port4::wait`] returned for. Neither when the time was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// [`crate::Port4::recv`] probably has something.
    pub packets: bool,
    /// A [`Waker`] of this port was rung.
    pub woken: bool,
}

/// How often `wait` may answer without asking epoll for other descriptors' packets.
const BUSY_LIMIT: u32 = 16;
/// How long to look out for the next packet before sleeping, once packets came.
const LOOK_OUT: Duration = Duration::from_micros(50);
/// So many packets in a row that came alone are a client that waits for each answer. Several at once are a load, which
/// is served with less effort when packets gather while the worker sleeps.
const CALM: u8 = 4;
/// Epoll's token of the waker.
const WAKER: u64 = u64::MAX;

impl Poller {
    /// Watches nothing but its waker.
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let waker = Waker::new()?;
        epoll::add(&epoll, waker.fd(), EventData::new_u64(WAKER), EventFlags::IN)?;
        Ok(Self { epoll, waker, watched: Vec::new(), queue: VecDeque::new(), unasked: 0, singles: 0 })
    }

    /// A handle that wakes the thread in [`Poller::wait`].
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Watches a descriptor until it is forgotten; returns its token, the smallest that is free.
    pub(crate) fn watch(&mut self, fd: BorrowedFd<'_>) -> io::Result<usize> {
        let vacant = self.watched.iter().position(|watched| *watched == Watched::Vacant);
        let token = vacant.unwrap_or(self.watched.len());
        epoll::add(&self.epoll, fd, EventData::new_u64(token as u64), EventFlags::IN)?;
        if vacant.is_none() {
            self.watched.push(Watched::Vacant);
        }
        self.queue.reserve(self.watched.len() - self.queue.len());
        // Packets that came before it was watched are found by the first read.
        self.enqueue(token);
        Ok(token)
    }

    /// Watches a descriptor no more and gives up its token.
    pub(crate) fn forget(&mut self, token: usize, fd: BorrowedFd<'_>) {
        self.mute(token, fd);
        self.watched[token] = Watched::Vacant;
    }

    /// Watches a descriptor no more; the token stays its own.
    pub(crate) fn mute(&mut self, token: usize, fd: BorrowedFd<'_>) {
        // Others may have the same descriptor, so closing it here is not enough for epoll. It fails only for one that is
        // not watched.
        let _ = epoll::delete(&self.epoll, fd);
        self.watched[token] = Watched::Muted;
        self.queue.retain(|queued| *queued != token);
    }

    /// Waits until a descriptor may be read, the waker is rung, or `timeout` has passed (`None`: no limit).
    pub(crate) fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Ready> {
        let woken = self.waker.heard();
        let busy = woken || !self.queue.is_empty();
        if busy && self.unasked < BUSY_LIMIT {
            self.unasked += 1;
            return Ok(Ready { packets: !self.queue.is_empty(), woken });
        }
        self.unasked = 0;
        if busy {
            self.ask(Some(Duration::ZERO))?;
        } else if self.singles < CALM || !self.look_out()? {
            self.ask(timeout)?;
        }
        Ok(Ready { packets: !self.queue.is_empty(), woken: self.waker.heard() || woken })
    }

    /// The token of the descriptor to read next.
    pub(crate) fn next(&mut self) -> Option<usize> {
        let token = self.queue.pop_front()?;
        self.watched[token] = Watched::Quiet;
        Some(token)
    }

    /// Tells how many packets reading the descriptor brought. A full batch means that there may be more.
    pub(crate) fn took(&mut self, token: usize, packets: usize) {
        if packets == BATCH {
            self.enqueue(token);
        }
        self.singles = if packets == 1 { self.singles.saturating_add(1) } else { 0 };
    }

    /// Asks epoll again and again for a moment, because going to sleep and being woken takes longer than a client takes
    /// for its next message. Whether there was anything; if not, it is not tried again before the client is back.
    #[expect(
        clippy::disallowed_methods,
        reason = "a few microseconds of the real clock, which nothing depends on"
    )]
    fn look_out(&mut self) -> io::Result<bool> {
        let start = std::time::Instant::now();
        while start.elapsed() < LOOK_OUT {
            if self.ask(Some(Duration::ZERO))? {
                return Ok(true);
            }
        }
        self.singles = 0;
        Ok(false)
    }

    /// Asks epoll once and queues what may be read; whether there was anything, be it the waker.
    fn ask(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        let mut room = [const { MaybeUninit::uninit() }; BATCH];
        let events = match epoll::wait(&self.epoll, &mut room, sys::timespec(timeout).as_ref()) {
            Ok((events, _)) => events,
            Err(Errno::INTR) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        for event in &*events {
            // The waker is no token of ours; who waits asks it by itself.
            match usize::try_from(event.data.u64()) {
                Ok(token) if self.watched.get(token) == Some(&Watched::Quiet) => self.enqueue(token),
                _ => {}
            }
        }
        Ok(!events.is_empty())
    }

    fn enqueue(&mut self, token: usize) {
        self.watched[token] = Watched::Queued;
        self.queue.push_back(token);
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use rustix::event::{EventfdFlags, eventfd};

    use super::*;

    const NOW: Option<Duration> = Some(Duration::ZERO);

    /// A poller with so many eventfds, none of them readable, all of them looked at once as new ones are.
    fn watching(count: usize) -> (Poller, Vec<OwnedFd>) {
        let mut poller = Poller::new().unwrap();
        let fds: Vec<OwnedFd> = (0..count).map(|_| eventfd(0, EventfdFlags::CLOEXEC).unwrap()).collect();
        for (place, fd) in fds.iter().enumerate() {
            assert_eq!(poller.watch(fd.as_fd()).unwrap(), place);
            assert_eq!(poller.next(), Some(place), "what is new is read once");
            poller.took(place, 0);
        }
        (poller, fds)
    }

    fn make_readable(fd: &OwnedFd) {
        rustix::io::write(fd, &1_u64.to_ne_bytes()).unwrap();
    }

    /// A descriptor that stays readable after a full batch goes to the end of the queue: the others come before it.
    #[test]
    fn a_busy_descriptor_lets_the_others_go_first() {
        let (mut poller, fds) = watching(3);
        fds.iter().for_each(make_readable);
        assert_eq!(poller.wait(NOW).unwrap(), Ready { packets: true, woken: false });
        let first = poller.next().unwrap();
        poller.took(first, BATCH);
        let mut order = vec![first];
        for _ in 0..3 {
            let next = poller.next().unwrap();
            poller.took(next, 5);
            order.push(next);
        }
        assert_eq!(order[3], first);
        order.pop();
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2]);
        assert_eq!(poller.next(), None);
    }

    /// However long one descriptor keeps the worker busy, epoll is asked for the others now and then.
    #[test]
    fn others_are_found_while_one_is_always_busy() {
        let (mut poller, fds) = watching(2);
        make_readable(&fds[0]);
        poller.wait(NOW).unwrap();
        assert_eq!(poller.next(), Some(0));
        poller.took(0, BATCH);
        make_readable(&fds[1]);
        let found = (0..=BUSY_LIMIT).any(|_| {
            poller.wait(NOW).unwrap();
            let token = poller.next().unwrap();
            poller.took(token, BATCH);
            token == 1
        });
        assert!(found || poller.next() == Some(1), "the second descriptor is never looked at");
    }

    /// What is forgotten is not handed out any more, and its token goes to the next that is watched.
    #[test]
    fn a_forgotten_token_is_given_again() {
        let (mut poller, mut fds) = watching(2);
        fds.iter().for_each(make_readable);
        poller.wait(NOW).unwrap();
        let gone = fds.remove(0);
        poller.forget(0, gone.as_fd());
        poller.wait(NOW).unwrap();
        assert_eq!((poller.next(), poller.next()), (Some(1), None));
        let fresh = eventfd(0, EventfdFlags::CLOEXEC).unwrap();
        assert_eq!(poller.watch(fresh.as_fd()).unwrap(), 0);
    }

    /// A ring is heard once: by a worker that waits as by one that looks out for a client's next message.
    #[test]
    fn a_ring_is_heard_once() {
        let (mut poller, _fds) = watching(1);
        for calm in [0, CALM] {
            poller.singles = calm;
            poller.waker().wake();
            assert_eq!(poller.wait(None).unwrap(), Ready { packets: false, woken: true });
            assert_eq!(poller.wait(NOW).unwrap(), Ready::default());
        }
    }
}
