//! A way to a database server that may be blocked: connections are accepted as before, and nothing comes back.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use kotare_store_sql::{Access, Engine};

/// What PostgreSQL calls its socket in its folder.
const POSTGRES: &str = ".s.PGSQL.5432";

#[derive(Debug)]
pub(crate) struct Way {
    folder: TempDir,
    blocked: watch::Sender<bool>,
    _passing: JoinSet<()>,
}

impl Way {
    /// A way to a server that is reached by a UNIX socket, and how it is reached by this way.
    pub(crate) fn to(access: &Access) -> (Self, Access) {
        let folder = tempfile::Builder::new().prefix("keadb").tempdir().expect("a temporary folder");
        let (target, ours, host) = match access.engine {
            Engine::Postgres => (
                Path::new(&access.host).join(POSTGRES),
                folder.path().join(POSTGRES),
                folder.path().to_owned(),
            ),
            _ => {
                let ours = folder.path().join("mysqld.sock");
                (PathBuf::from(&access.host), ours.clone(), ours)
            }
        };
        let listener = UnixListener::bind(ours).expect("a socket");
        let (blocked, way) = watch::channel(false);
        let mut passing = JoinSet::new();
        passing.spawn(accept(listener, target, way));
        let access = Access { host: host.to_str().expect("UTF-8").to_owned(), ..access.clone() };
        (Self { folder, blocked, _passing: passing }, access)
    }

    /// Whether anything passes.
    pub(crate) fn block(&self, blocked: bool) {
        assert!(self.folder.path().exists());
        self.blocked.send_replace(blocked);
    }
}

async fn accept(listener: UnixListener, target: PathBuf, way: watch::Receiver<bool>) {
    let mut passing = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.expect("a client");
        let Ok(server) = UnixStream::connect(&target).await else { continue };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        passing.spawn(pass(from_client, to_server, way.clone()));
        passing.spawn(pass(from_server, to_client, way.clone()));
    }
}

async fn pass(
    mut from: tokio::net::unix::OwnedReadHalf,
    mut to: tokio::net::unix::OwnedWriteHalf,
    mut way: watch::Receiver<bool>,
) {
    let mut bytes = vec![0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if way.wait_for(|blocked| !blocked).await.is_err() || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
