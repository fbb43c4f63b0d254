//! Work that would keep the event loop from its other tasks.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use kotare_net::stand_back;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::Response;

/// From this length on, in bytes, text is parsed aside: it takes more than a few milliseconds.
pub(crate) const LONG: usize = 1 << 20;

/// Does `work` on a thread for what takes the processor or the disk for a while, and waits for it without holding
/// anything else up. A panic in it is one of whoever awaits it. Must be awaited within a tokio runtime.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is about to end, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Does `work` on a thread of its own that stands back behind those that answer clients, as it takes long and nobody needs
/// it at once. Otherwise as [`aside`].
pub async fn behind<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, outcome) = oneshot::channel();
    let (work, runtime) = (Mutex::new(Some(work)), Handle::current());
    let work = Arc::new(move || work.lock().take());
    let own = work.clone();
    let thread = move || {
        // If that cannot be, it is as fast as others.
        let _ = stand_back();
        let _runtime = runtime.enter();
        if let Some(work) = own() {
            _ = done.send(catch_unwind(AssertUnwindSafe(work)));
        }
    };
    if thread::Builder::new().name("behind".into()).spawn(thread).is_err()
        && let Some(work) = work()
    {
        return aside(work).await;
    }
    match outcome.await {
        Ok(Ok(done)) => done,
        Ok(Err(panic)) => resume_unwind(panic),
        // The thread ends no other way.
        Err(_) => std::future::pending().await,
    }
}

/// Puts an answer into words: where it is if it is short, aside if it is as long as the configuration, maybe.
pub(crate) async fn put_into_words(response: Response, words: fn(Response) -> String) -> String {
    match response.is_long() {
        true => aside(move || words(response)).await,
        false => words(response),
    }
}
