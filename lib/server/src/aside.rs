//! Work that takes the processor or the disk for a while, done where nothing else waits for it.

use std::panic::resume_unwind;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// Does `work` on a thread for that and waits for it without holding anything up.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            // For whoever waits, the panic is that of the work.
            Ok(panic) => resume_unwind(panic),
            // The runtime ends, and who waits with it.
            Err(_cancelled) => std::future::pending().await,
        },
    }
}

/// The same for what a store is asked: one in memory works while its future is polled, a database is waited for.
pub(crate) async fn store_aside<T, W>(work: impl FnOnce() -> W + Send + 'static) -> T
where
    T: Send + 'static,
    W: Future<Output = T>,
{
    let runtime = Handle::current();
    aside(move || runtime.block_on(work())).await
}
