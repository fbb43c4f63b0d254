//! An event loop of its own, for what is asked for so often that going from thread to thread would be most of the work.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// A thread with an event loop. It begins when it is needed first, and ends with the last who has this.
pub struct Apart {
    name: &'static str,
    others: Handle,
    begun: OnceLock<Loop>,
}

struct Loop {
    handle: Handle,
    /// The thread ends when this is dropped.
    _ends: Option<oneshot::Sender<()>>,
}

impl Apart {
    /// One whose thread is called so. What is not for it runs at the `others`.
    pub fn new(name: &'static str, others: Handle) -> Arc<Self> {
        Arc::new(Self { name, others, begun: OnceLock::new() })
    }

    /// Its event loop; that of the others, if there can be no thread.
    pub fn handle(&self) -> &Handle {
        let begun = || begin(self.name).unwrap_or_else(|_| Loop { handle: self.others.clone(), _ends: None });
        &self.begun.get_or_init(begun).handle
    }

    /// What comes of `work`, which runs in it; with who awaits it it is given up.
    pub async fn within<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        on(self.handle(), work).await
    }

    /// What comes of `work`, which runs at the others; with who awaits it it is given up.
    pub async fn elsewhere<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        on(&self.others, work).await
    }
}

async fn on<T: Send + 'static>(handle: &Handle, work: impl Future<Output = T> + Send + 'static) -> T {
    let mut set = JoinSet::new();
    set.spawn_on(work, handle);
    match set.join_next().await {
        Some(Ok(done)) => done,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The loop is about to end, and this task with it.
        _ => std::future::pending().await,
    }
}

fn begin(name: &str) -> io::Result<Loop> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let (ends, ended) = oneshot::channel::<()>();
    // It goes to the thread when that is there: where tasks run it must not be dropped.
    let (give, given) = mpsc::sync_channel::<Runtime>(1);
    let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let Ok(runtime) = given.recv() else { return };
        // Nothing is ever sent.
        let _ = runtime.block_on(ended);
        runtime.shutdown_background();
    });
    match thread {
        Ok(_) => {
            let _ = give.send(runtime);
            Ok(Loop { handle, _ends: Some(ends) })
        }
        Err(error) => {
            runtime.shutdown_background();
            Err(error)
        }
    }
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Apart").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn here() -> Option<String> {
        thread::current().name().map(str::to_owned)
    }

    /// What is for it runs on its thread, and what is not where it was made; it ends with the last who has it.
    #[tokio::test]
    async fn work_runs_where_it_belongs() {
        let apart = Apart::new("apart", Handle::current());
        assert_eq!(apart.within(async { here() }).await.as_deref(), Some("apart"));
        let (own, here) = (apart.clone(), here);
        let there = apart.within(async move { (own.elsewhere(async move { here() }).await, here()) }).await;
        assert_eq!(there, (here(), Some("apart".to_owned())));
        let work = async { std::future::pending::<()>().await };
        let given_up = tokio::time::timeout(Duration::from_millis(1), apart.within(work)).await;
        assert!(given_up.is_err());
        let handle = apart.handle().clone();
        drop(apart);
        // What it had is given up.
        let lost = handle.spawn(std::future::pending::<()>()).await;
        assert!(lost.is_err_and(|error| error.is_cancelled()));
    }
}
