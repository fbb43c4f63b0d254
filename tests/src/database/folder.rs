//! The folder of a private server, and the shell that sees to it that nothing is left of it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::world::Host;

/// Nobody: database servers refuse to be root.
const NOBODY: u32 = 65534;

/// Where a private server lives.
#[derive(Debug)]
pub(super) struct Folder {
    files: TempDir,
    /// The host on which it runs; none is where the test runs.
    host: Option<Host>,
    /// Removes it when this process has ended: servers that a whole program of tests shares are never dropped.
    remover: Child,
}

impl Folder {
    /// An empty one, which whoever runs servers may write to. Paths of sockets are short, so it is not below `target`.
    pub(super) fn new(host: Option<Host>) -> Self {
        let files = tempfile::Builder::new().prefix("keadb").tempdir().expect("a temporary folder");
        fs::set_permissions(files.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
        let remover = remover(files.path());
        Self { files, host, remover }
    }

    pub(super) fn path(&self) -> &Path {
        self.files.path()
    }

    /// A file with this text, which whoever runs servers, and nobody else, may read.
    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).expect("a file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        if nix::unistd::geteuid().is_root() {
            chown(&path, Some(NOBODY), Some(NOBODY)).expect("we are root");
        }
        path
    }

    /// What the server said.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Has a folder of the server, which does not run, be a file system of its own of this size.
    pub(super) fn confine(&self, folder: &Path, size: &str) {
        let aside = folder.with_extension("aside");
        fs::rename(folder, &aside).expect("a folder can be renamed");
        fs::create_dir(folder).expect("a folder can be made");
        let mount =
            ["-t", "tmpfs", "-o", &format!("size={size},mode=0700,uid={NOBODY},gid={NOBODY}"), "tmpfs"];
        let copy = ["-a", "-T"];
        for command in [
            Command::new("mount").args(mount).arg(folder),
            Command::new("cp").args(copy).args([&aside, folder]),
        ] {
            assert!(command.status().is_ok_and(|status| status.success()), "{command:?}");
        }
        fs::remove_dir_all(aside).expect("a folder can be removed");
    }

    /// A command that runs as nobody if we are root.
    pub(super) fn as_nobody(&self, program: &Path) -> Command {
        let mut command = match &self.host {
            None => Command::new(program),
            Some(host) => {
                let [user, group] = ["reuid", "regid"].map(|which| format!("--{which}={NOBODY}"));
                let mut command = host.command("setpriv");
                command.args([&user, &group, "--clear-groups"]).arg(program);
                command
            }
        };
        command.current_dir(self.path()).env("LC_ALL", "C").env("HOME", self.path());
        crate::world::with_libraries(&mut command);
        if self.host.is_none() && nix::unistd::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// A shell that runs a command line, and ends what it started with this signal when nobody holds its standard input any
    /// more.
    pub(super) fn guarded(&self, line: &str, signal: &str) -> Command {
        let log = super::quoted(&self.log_file());
        let script = format!(
            "{line} >>{log} 2>&1 </dev/null & server=$!; read -r _; kill -{signal} $server; wait $server"
        );
        let mut command = self.as_nobody(Path::new("/bin/sh"));
        command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn log_file(&self) -> PathBuf {
        self.path().join("log")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.remover.stdin.take());
        let _ = self.remover.wait();
    }
}

/// A shell that removes this folder when nobody holds its standard input any more: again while the server is still ending
/// and writes into it.
fn remover(folder: &Path) -> Child {
    let folder = super::quoted(folder);
    let script = format!(
        "trap '' INT; read -r _; for try in 1 2 3 4 5 6 7 8 9; do rm -rf {folder} && break; sleep 1; done"
    );
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("a shell starts")
}
