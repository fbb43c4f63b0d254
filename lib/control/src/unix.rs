//! Commands over UNIX sockets: Kea's control channel.
//!
//! A client connects, writes one JSON map and reads one; the server acts as soon as the map is complete and closes
//! the connection after the answer. [`Sockets`] serves any number of sockets and can exchange them while it serves:
//! [`Sockets::prepare`] opens what is new, [`Sockets::publish`] lets it answer and closes what is gone.
//!
//! A client can hold little and not for long: the size of a command, the time it and its answer take, connections and
//! memory are bounded by [`Limits`]. Who comes when connections or memory are used up does not wait: whoever has been
//! idle for longest makes room (`room.rs`).

mod connection;
mod file;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::tokio::{Listener, Stream};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use crate::Execute;
use crate::messages::{COMMAND_ACCEPTOR_START, COMMAND_SOCKET_ACCEPT_FAIL};
pub use crate::room::Limits;
use crate::room::Room;
pub use file::SocketError;
use file::SocketFile;

/// Permissions of a socket whose configuration says nothing else; the same as Kea's: owner and group may connect.
pub const DEFAULT_MODE: u32 = 0o770;

/// A UNIX socket to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketConfig {
    /// Its file (`socket-name`).
    pub path: PathBuf,
    /// The file's permissions; only the write bits mean anything.
    pub mode: u32,
}

impl SocketConfig {
    /// A socket with [`DEFAULT_MODE`].
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), mode: DEFAULT_MODE }
    }
}

/// The UNIX sockets of a server.
pub struct Sockets {
    shared: Arc<Shared>,
    open: Mutex<BTreeMap<PathBuf, Open>>,
}

struct Shared {
    executor: Arc<dyn Execute>,
    limits: Limits,
    room: Arc<Room>,
}

/// A socket that answers. Dropping it removes the file, ends the accepting task and the connections that have not
/// sent a command yet; a command under way is still answered.
struct Open {
    file: SocketFile,
    _serving: watch::Sender<()>,
}

/// Sockets that are open but do not answer yet. Dropping it closes the new ones.
#[must_use = "the sockets do not answer before they are published"]
pub struct Prepared {
    wanted: BTreeMap<PathBuf, (SocketConfig, Option<(SocketFile, Listener)>)>,
}

impl std::fmt::Debug for Sockets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sockets").field(&self.paths()).finish()
    }
}

impl Sockets {
    /// No sockets yet. `executor` answers what comes from all of them.
    pub fn new(executor: Arc<dyn Execute>, limits: Limits) -> Self {
        let room = Room::new(&limits);
        Self { shared: Arc::new(Shared { executor, limits, room }), open: Mutex::default() }
    }

    /// Opens the sockets of `wanted` that are not open. Clients that connect to them wait until they are published.
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// If one cannot be opened; then none is, and those that answer go on.
    pub fn prepare(&self, wanted: &[SocketConfig]) -> Result<Prepared, SocketError> {
        let mut prepared = Prepared { wanted: BTreeMap::new() };
        for config in wanted {
            let path = file::locate(&config.path)?;
            if prepared.wanted.contains_key(&path) {
                return Err(SocketError::new(&config.path, "it is configured twice; remove one of them"));
            }
            let fresh = if self.open().contains_key(&path) {
                None
            } else {
                Some(SocketFile::bind(&config.path, config.mode)?)
            };
            prepared.wanted.insert(path, (config.clone(), fresh));
        }
        Ok(prepared)
    }

    /// Makes `prepared` the sockets that answer. Those that stay are not touched (but for their permissions),
    /// those that are gone are closed and their files removed. Must be called within a tokio runtime.
    pub fn publish(&self, prepared: Prepared) {
        let mut open = self.open();
        open.retain(|path, _| prepared.wanted.contains_key(path));
        for (path, (config, fresh)) in prepared.wanted {
            if let Some((file, listener)) = fresh {
                COMMAND_ACCEPTOR_START(config.path.display());
                let (serving, retired) = watch::channel(());
                tokio::spawn(accept(self.shared.clone(), listener, config.path.into(), retired));
                open.insert(path, Open { file, _serving: serving });
            } else if let Some(open) = open.get(&path) {
                open.file.permit(config.mode);
            }
        }
    }

    /// Closes all sockets and waits, at most `grace`, until commands under way are answered.
    pub async fn close(&self, grace: Duration) {
        self.open().clear();
        // Who has not read the answer by then does not get it.
        let _ = tokio::time::timeout(grace, self.shared.room.emptied()).await;
    }

    /// The files of the sockets that answer.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.open().keys().cloned().collect()
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Open>> {
        self.open.lock()
    }
}

/// Accepts clients until the socket is retired.
async fn accept(shared: Arc<Shared>, listener: Listener, path: Arc<Path>, mut retired: watch::Receiver<()>) {
    loop {
        let client = async {
            let stream = listener.accept().await?;
            Ok::<_, io::Error>((stream, shared.room.enter().await))
        };
        tokio::select! {
            _ = retired.changed() => return,
            client = client => match client {
                Ok((Stream::UdSocket(stream), place)) => {
                    let (shared, path, retired) = (shared.clone(), path.clone(), retired.clone());
                    tokio::spawn(async move {
                        connection::serve(stream.into(), &path, &shared, &place, retired).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    COMMAND_SOCKET_ACCEPT_FAIL(path.display(), &error);
                    // Out of descriptors, most likely: give connections time to end.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
}
