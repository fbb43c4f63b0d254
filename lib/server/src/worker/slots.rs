//! Where exchanges wait: a bounded set of futures that only their worker polls.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker as TaskWaker};

use kotare_net::Waker;
use kotare_store::ring;

/// Futures under way, polled when they begin and then only when they were woken.
///
/// A slot is made the first time it is needed and used again and again, so that a future that begins takes no memory
/// but its slot's. There is no runtime: whoever wakes a future sets its slot's bit and rings the bell of the worker.
pub(super) struct Slots<X> {
    futures: Vec<Pin<Box<Option<X>>>>,
    wakers: Vec<TaskWaker>,
    /// Slots without a future.
    free: Vec<u16>,
    limit: usize,
    ready: Arc<Ready>,
}

/// Which slots were woken since they were polled last.
struct Ready {
    bits: Box<[AtomicU64]>,
    bell: TaskWaker,
}

/// The bell of the worker, rung like anybody who is woken.
struct Bell(Waker);

struct SlotWaker {
    slot: usize,
    ready: Arc<Ready>,
}

impl<X: Future> Slots<X> {
    /// At most `limit` slots, for the futures that `_of` makes (which names a type that has no name). `bell` is rung when
    /// one of them was woken.
    pub(super) fn new<A>(_of: impl Fn(A) -> X, limit: u16, bell: Waker) -> Self {
        let words = usize::from(limit).div_ceil(64);
        let bell = Arc::new(Bell(bell)).into();
        let ready = Ready { bits: (0..words).map(|_| AtomicU64::new(0)).collect(), bell };
        let limit = usize::from(limit);
        Self {
            futures: Vec::with_capacity(limit),
            wakers: Vec::with_capacity(limit),
            free: Vec::with_capacity(limit),
            limit,
            ready: Arc::new(ready),
        }
    }

    /// How many more futures may begin.
    pub(super) fn room(&self) -> usize {
        self.free.len() + self.limit - self.futures.len()
    }

    /// Whether no future is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.futures.len()
    }

    /// Begins a future: what it came to if it is ready at once. Otherwise [`Slots::resume`] tells when it is.
    ///
    /// # Panics
    /// If there is no [room](Slots::room).
    pub(super) fn start(&mut self, future: X) -> Option<X::Output> {
        let slot = self.free.pop().map_or_else(|| self.add(), usize::from);
        self.futures[slot].set(Some(future));
        let ended = self.poll(slot);
        if ended.is_some() {
            self.free(slot);
        }
        ended
    }

    /// Polls what was woken; `ended` gets what is ready by now.
    pub(super) fn resume(&mut self, mut ended: impl FnMut(X::Output)) {
        for word in 0..self.ready.bits.len() {
            // Cleared before it is polled: who is woken meanwhile is polled again.
            let mut bits = match self.ready.bits[word].load(Ordering::Relaxed) {
                0 => continue,
                _ => self.ready.bits[word].swap(0, Ordering::AcqRel),
            };
            while bits != 0 {
                let slot = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if let Some(output) = self.poll(slot) {
                    self.free(slot);
                    ended(output);
                }
            }
        }
    }

    fn poll(&mut self, slot: usize) -> Option<X::Output> {
        // A wake-up may come late, when the slot is empty or has another future: that is polled once in vain.
        let future = self.futures[slot].as_mut().as_pin_mut()?;
        match future.poll(&mut Context::from_waker(&self.wakers[slot])) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn free(&mut self, slot: usize) {
        self.futures[slot].set(None);
        self.free.push(slot as u16);
    }

    fn add(&mut self) -> usize {
        let slot = self.futures.len();
        assert!(slot < self.limit, "a future begins only where there is room");
        self.futures.push(Box::pin(None));
        self.wakers.push(Arc::new(SlotWaker { slot, ready: self.ready.clone() }).into());
        slot
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.wake();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake();
    }
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let (word, bit) = (self.slot / 64, 1 << (self.slot % 64));
        // If others of the word wait for the worker to look, the bell was rung for them, or is about to be.
        if self.ready.bits[word].fetch_or(bit, Ordering::AcqRel) == 0 {
            ring(&self.ready.bell);
        }
    }
}

impl<X> std::fmt::Debug for Slots<X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (slots, free) = (self.futures.len(), self.free.len());
        f.debug_struct("Slots").field("slots", &slots).field("free", &free).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;

    /// What a test's future waits for.
    #[derive(Clone, Default)]
    struct Gate(Rc<RefCell<(bool, Option<TaskWaker>)>>);

    impl Gate {
        fn open(&self) {
            let waker = {
                let mut state = self.0.borrow_mut();
                state.0 = true;
                state.1.take()
            };
            waker.into_iter().for_each(TaskWaker::wake);
        }
    }

    async fn through((gate, number): (Gate, u32)) -> u32 {
        std::future::poll_fn(|context| {
            let mut state = gate.0.borrow_mut();
            if state.0 {
                return Poll::Ready(());
            }
            state.1 = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
        number
    }

    fn rung(bell: &Waker) -> bool {
        bell.wait(Some(Duration::ZERO)).unwrap()
    }

    fn resumed<X: Future>(slots: &mut Slots<X>) -> Vec<X::Output> {
        let mut ended = Vec::new();
        slots.resume(|output| ended.push(output));
        ended
    }

    /// What is ready at once takes no slot; what waits is told when it was woken and is ready, in its own time.
    #[test]
    fn futures_end_in_their_own_order() {
        let bell = Waker::new().unwrap();
        let mut slots = Slots::new(through, 100, bell.clone());
        let gates: Vec<Gate> = (0..80).map(|_| Gate::default()).collect();
        gates[7].open();
        for (number, gate) in (0..).zip(&gates) {
            let ended = slots.start(through((gate.clone(), number)));
            assert_eq!(ended, (number == 7).then_some(7));
        }
        assert_eq!((slots.room(), rung(&bell)), (21, false));
        gates[70].open();
        gates[3].open();
        assert!(rung(&bell));
        assert_eq!(resumed(&mut slots), [3, 70]);
        assert_eq!((slots.room(), resumed(&mut slots)), (23, vec![]));
        assert_eq!(slots.start(through((gates[3].clone(), 80))), Some(80), "a slot is used again");
        gates[3].open();
        assert!(resumed(&mut slots).is_empty(), "who is woken after its end is nobody");
        assert!(!slots.is_empty());
    }

    /// However often a slot is used, there are no more than at the start.
    #[test]
    fn slots_are_used_again() {
        let mut slots = Slots::new(through, 2, Waker::new().unwrap());
        for round in 0..10 {
            let gates = [Gate::default(), Gate::default()];
            for (number, gate) in (0..).zip(&gates) {
                assert_eq!(slots.start(through((gate.clone(), number))), None);
            }
            assert_eq!(slots.room(), 0);
            gates[round % 2].open();
            assert_eq!(resumed(&mut slots).len(), 1);
            gates[1 - round % 2].open();
            assert_eq!(resumed(&mut slots).len(), 1);
        }
        assert_eq!(slots.futures.len(), 2);
    }

    /// A worker that sleeps is rung by whoever wakes a future, on whatever thread.
    #[test]
    fn the_bell_is_rung_from_another_thread() {
        let bell = Waker::new().unwrap();
        let make = |receiver: tokio::sync::oneshot::Receiver<u32>| receiver;
        let mut slots = Slots::new(make, 1, bell.clone());
        let (sender, receiver) = tokio::sync::oneshot::channel();
        assert!(slots.start(receiver).is_none());
        let other = std::thread::spawn(move || sender.send(5).unwrap());
        assert!(bell.wait(None).unwrap());
        assert_eq!(resumed(&mut slots), [Ok(5)]);
        other.join().unwrap();
    }
}
