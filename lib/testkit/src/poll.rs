//! Running futures without a runtime.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

/// Polls a future until it is ready. Of a future that waits for something that never comes, it says so.
///
/// # Panics
/// After a million polls.
pub fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future is still pending after a million polls: what does it wait for?");
}

/// A future under way that a test polls by hand. Like a worker it polls only what was woken, so a wake-up that is
/// forgotten shows.
pub struct Task<'a, T> {
    /// `None` once it was ready.
    future: Option<Pin<Box<dyn Future<Output = T> + 'a>>>,
    ended: Option<T>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

impl<'a, T> Task<'a, T> {
    /// Begins it: polls it once.
    pub fn start(future: impl Future<Output = T> + 'a) -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let mut task = Self { future: Some(Box::pin(future)), ended: None, woken };
        task.poll();
        task
    }

    /// Polls it if it was woken since it was polled last. What it came to, once, if it is ready by now.
    pub fn go_on(&mut self) -> Option<T> {
        self.poll();
        self.ended.take()
    }

    /// Whether it was ready at its last poll.
    pub fn has_ended(&self) -> bool {
        self.future.is_none()
    }

    fn poll(&mut self) {
        let Some(future) = &mut self.future else { return };
        if !self.woken.0.swap(false, SeqCst) {
            return;
        }
        let waker = self.woken.clone().into();
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.ended = Some(output);
            self.future = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;

    use super::*;

    /// Polled at the start and when woken, never otherwise; the output comes once.
    #[test]
    fn a_task_is_polled_when_it_was_woken() {
        let polls = Cell::new(0);
        let waker = Cell::new(None);
        let mut task = Task::start(poll_fn(|context| {
            polls.set(polls.get() + 1);
            waker.set(Some(context.waker().clone()));
            if polls.get() == 2 { Poll::Ready("done") } else { Poll::Pending }
        }));
        assert_eq!((task.go_on(), task.go_on(), polls.get()), (None, None, 1));
        waker.take().unwrap().wake();
        assert!(!task.has_ended());
        assert_eq!((task.go_on(), task.go_on(), polls.get()), (Some("done"), None, 2));
        assert!(task.has_ended());
    }
}
