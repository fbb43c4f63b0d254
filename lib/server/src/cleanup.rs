//! Starting `kea-lfc`, the cleanup of the lease file, as a program of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kotare_control::aside;
use kotare_daemon::{Environment, Installation};
use kotare_store_memfile::{LfcFiles, Memfile};
use tokio::process::Command;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

use crate::family::Flow;
use crate::messages::{
    DHCPSRV_MEMFILE_LFC_EXECUTE, DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL, DHCPSRV_MEMFILE_LFC_RUNNING,
    DHCPSRV_MEMFILE_LFC_SPAWN_FAIL, DHCPSRV_MEMFILE_LFC_START, KOTARE_LFC_FAILED,
};
use crate::stores::{Store, Stored};

/// Starts cleanups, one at a time.
#[derive(Debug)]
pub(crate) struct Cleanup {
    program: PathBuf,
    /// Locked while a cleanup that this server started is running.
    turn: Arc<Mutex<()>>,
    /// Told when the pause before the next cleanup shall begin anew.
    pub(crate) rescheduled: Notify,
    /// How many in a row came to nothing.
    failed: Arc<AtomicU32>,
}

/// How long the lease file may grow too large before it is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often at most that pause doubles, while cleanups come to nothing: up to about four minutes.
const DOUBLED: u32 = 8;

/// What [`Cleanup::start`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    Yes,
    AlreadyRunning,
    Failed,
}

impl Cleanup {
    /// `KEA_LFC_EXECUTABLE` of the environment, else the `kea-lfc` that was installed beside this program.
    pub(crate) fn new(environment: &Environment) -> Self {
        let beside = || {
            let program = environment.program()?.with_file_name("kea-lfc");
            program.exists().then_some(program)
        };
        let program = environment.var("KEA_LFC_EXECUTABLE").map(PathBuf::from);
        let program =
            program.or_else(beside).unwrap_or_else(|| Installation::of(environment).programs.join("kea-lfc"));
        Self { program, turn: Arc::default(), rescheduled: Notify::new(), failed: Arc::default() }
    }

    /// How long to wait before it is looked again whether a cleanup is due, whenever the last one was.
    pub(crate) fn pause(&self) -> Duration {
        LOOK * 2u32.pow(self.failed.load(Ordering::Relaxed).min(DOUBLED))
    }

    /// Moves the lease file aside and starts the program on it. Must be called within a tokio runtime.
    pub(crate) async fn start<F: Flow>(&self, stored: &Arc<Stored<F>>) -> Started {
        let Some(file) = &stored.at else { return Started::Failed };
        let Ok(turn) = self.turn.clone().try_lock_owned() else {
            DHCPSRV_MEMFILE_LFC_RUNNING();
            return Started::AlreadyRunning;
        };
        DHCPSRV_MEMFILE_LFC_START();
        let rotating = stored.clone();
        let rotated = aside(move || rotating.leases.store().memfile().map(Memfile::rotate).transpose());
        match rotated.await {
            Ok(_) => self.spawn(file, stored.clone(), turn),
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                let copy = LfcFiles::of(file).copy;
                DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL(file.display(), copy.display(), error);
                Started::Failed
            }
        }
    }

    fn spawn<F: Flow>(&self, file: &Path, stored: Arc<Stored<F>>, turn: OwnedMutexGuard<()>) -> Started {
        let mut command = Command::new(&self.program);
        command.args(LfcFiles::of(file).arguments::<F::Lease>());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        let words = std::iter::once(self.program.as_os_str()).chain(command.as_std().get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        DHCPSRV_MEMFILE_LFC_EXECUTE(words.join(" "));
        match command.spawn() {
            Ok(mut child) => {
                let failed = self.failed.clone();
                tokio::spawn(async move {
                    let ended = child.wait().await;
                    // What waited for room need not wait for the next client.
                    aside(move || stored.leases.store().memfile().map(Memfile::settle)).await;
                    drop(turn);
                    failed.fetch_add(1, Ordering::Relaxed);
                    match ended {
                        Ok(status) if status.success() => failed.store(0, Ordering::Relaxed),
                        Ok(status) => KOTARE_LFC_FAILED(status),
                        Err(error) => KOTARE_LFC_FAILED(error),
                    }
                });
                Started::Yes
            }
            Err(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
                KOTARE_LFC_FAILED(format_args!("an error before it started: {error}"));
                DHCPSRV_MEMFILE_LFC_SPAWN_FAIL();
                Started::Failed
            }
        }
    }
}
