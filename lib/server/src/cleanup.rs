//! Starting `kea-lfc`, the cleanup of the lease file, as a program of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use kotare_daemon::{Environment, Installation};
use kotare_store_memfile::{LfcFiles, Memfile4};
use tokio::process::Command;
use tokio::sync::Notify;

use crate::messages::{
    DHCPSRV_MEMFILE_LFC_EXECUTE, DHCPSRV_MEMFILE_LFC_FAILED, DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL,
    DHCPSRV_MEMFILE_LFC_RUNNING, DHCPSRV_MEMFILE_LFC_SPAWN_FAIL, DHCPSRV_MEMFILE_LFC_START,
};

/// Starts cleanups, one at a time.
#[derive(Debug)]
pub(crate) struct Cleanup {
    program: PathBuf,
    running: Arc<Mutex<bool>>,
    /// Told when the pause before the next cleanup shall begin anew.
    pub(crate) rescheduled: Notify,
}

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
        Self { program, running: Arc::default(), rescheduled: Notify::new() }
    }

    /// Whether a cleanup that this server started is running.
    pub(crate) fn is_running(&self) -> bool {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the lease file aside and starts the program on it. Must be called within a tokio runtime.
    pub(crate) fn start(&self, store: &Memfile4) -> Started {
        let Some(file) = store.path() else { return Started::Failed };
        if self.is_running() {
            DHCPSRV_MEMFILE_LFC_RUNNING();
            return Started::AlreadyRunning;
        }
        DHCPSRV_MEMFILE_LFC_START();
        if let Err(error) = store.rotate() {
            DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL(
                file.display(),
                LfcFiles::of(file).copy.display(),
                error,
            );
            return Started::Failed;
        }
        self.spawn(file)
    }

    fn spawn(&self, file: &Path) -> Started {
        let mut command = Command::new(&self.program);
        command.args(LfcFiles::of(file).arguments());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        let shown = format!("{:?}", command.as_std());
        DHCPSRV_MEMFILE_LFC_EXECUTE(&shown);
        match command.spawn() {
            Ok(mut child) => {
                let running = self.running.clone();
                *running.lock().unwrap_or_else(PoisonError::into_inner) = true;
                tokio::spawn(async move {
                    let ended = child.wait().await;
                    *running.lock().unwrap_or_else(PoisonError::into_inner) = false;
                    match ended {
                        Ok(status) if status.success() => {}
                        Ok(status) => DHCPSRV_MEMFILE_LFC_FAILED(status),
                        Err(error) => DHCPSRV_MEMFILE_LFC_FAILED(error),
                    }
                });
                Started::Yes
            }
            Err(error) => {
                DHCPSRV_MEMFILE_LFC_FAILED(format_args!("an error before it started: {error}"));
                DHCPSRV_MEMFILE_LFC_SPAWN_FAIL();
                Started::Failed
            }
        }
    }
}
