//! The folder of a private server, and the shell that sees to it that nothing is left of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Nobody: database servers refuse to be root.
const NOBODY: u32 = 65534;

/// Where a private server lives.
#[derive(Debug)]
pub(super) struct Folder(TempDir);

impl Folder {
    /// An empty one, which whoever runs servers may write to. Paths of sockets are short, so it is not below `target`.
    pub(super) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("keadb").tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
        Self(folder)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// What the server said.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// A command that runs as nobody if we are root.
    pub(super) fn as_nobody(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env("LC_ALL", "C").env("HOME", self.path());
        crate::world::with_libraries(&mut command);
        if nix::unistd::geteuid().is_root() {
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
