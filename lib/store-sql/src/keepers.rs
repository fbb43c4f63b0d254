//! What keeps connections: tasks, or threads for files.

use std::sync::mpsc;
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::engine::Engine;

/// What the threads are called.
const NAME: &str = "ask-sqlite";

/// What keeps connections. All of it ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Keepers {
    tasks: JoinSet<()>,
    /// What keeps a connection notices that its own is gone.
    alive: Vec<oneshot::Sender<()>>,
}

impl Keepers {
    /// Begins to keep a connection; `keep` ends when that is not wanted any more.
    ///
    /// What is asked of a file is answered by a thread of sqlx's, many times in the time in which a database answers once
    /// over a network. A runtime with several threads wakes one or two of them for each answer, which costs more than what is
    /// done with it, so who asks a file has a thread that wakes alone.
    pub(crate) fn begin(
        &mut self,
        runtime: &Handle,
        engine: Engine,
        keep: impl Future<Output = ()> + Send + 'static,
    ) {
        while self.tasks.try_join_next().is_some() {}
        self.alive.retain(|alive| !alive.is_closed());
        let (alive, ended) = oneshot::channel();
        let keep = async {
            tokio::select! {
                () = keep => {}
                _ = ended => {}
            }
        };
        match (engine == Engine::Sqlite).then(begun) {
            Some(Ok(thread)) => drop(thread.send(keep)),
            // Without a thread it is a task like the others.
            Some(Err(_)) | None => drop(self.tasks.spawn_on(keep, runtime)),
        }
        self.alive.push(alive);
    }
}

/// A thread that runs what it is given, and no more when nothing can come any more.
fn begun<F: Future<Output = ()> + Send + 'static>() -> io::Result<mpsc::Sender<F>> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let (give, given) = mpsc::channel();
    let run = move || given.into_iter().for_each(|keep| runtime.block_on(keep));
    thread::Builder::new().name(NAME.into()).spawn(run)?;
    Ok(give)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What keeps the connection to a file has a thread of its own, what keeps others has none; both end with the keepers.
    #[tokio::test]
    async fn only_files_have_threads() {
        for (engine, has_own) in [(Engine::Sqlite, true), (Engine::Postgres, false)] {
            let mut keepers = Keepers::default();
            let (tell, told) = oneshot::channel();
            let (held, gone) = oneshot::channel::<()>();
            keepers.begin(&Handle::current(), engine, async move {
                let _held = held;
                tell.send(thread::current().name() == Some(NAME)).unwrap();
                std::future::pending().await
            });
            assert_eq!(told.await, Ok(has_own), "{engine:?}");
            drop(keepers);
            assert!(gone.await.is_err(), "{engine:?}: it ended");
        }
    }
}
