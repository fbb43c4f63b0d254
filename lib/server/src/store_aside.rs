//! What a store is asked that takes a while, done where nothing else waits for it.

use kotare_control::aside;
use tokio::runtime::Handle;

/// [`aside`] for what a store is asked: one in memory works while its future is polled, a database is waited for.
pub(crate) async fn store_aside<T, W>(work: impl FnOnce() -> W + Send + 'static) -> T
where
    T: Send + 'static,
    W: Future<Output = T>,
{
    let runtime = Handle::current();
    aside(move || runtime.block_on(work())).await
}
