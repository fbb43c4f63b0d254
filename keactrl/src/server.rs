//! One server: where its program, its configuration and its pid file are, and what can be done with it.

use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kotare_daemon::Installation;
use kotare_pid_file::{PidFile, Wait};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::assignments::Assignments;

/// A kind of server.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What it is called in `keactrl.conf` and behind `-s`.
    pub(crate) name: &'static str,
    /// Its program.
    program: &'static str,
    /// What it is called where its configuration is told.
    pub(crate) title: &'static str,
    /// What it is called where its state is told.
    state: &'static str,
}

/// All kinds, in the order in which they are started and stopped.
pub(crate) const KINDS: [Kind; 4] = [
    Kind { name: "dhcp4", program: "kea-dhcp4", title: "DHCPv4", state: "DHCPv4 server" },
    Kind { name: "dhcp6", program: "kea-dhcp6", title: "DHCPv6", state: "DHCPv6 server" },
    Kind { name: "dhcp_ddns", program: "kea-dhcp-ddns", title: "DHCP DDNS", state: "DHCP DDNS" },
    Kind { name: "ctrl_agent", program: "kea-ctrl-agent", title: "Control Agent", state: "Control Agent" },
];

/// A server as `keactrl.conf` describes it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: &'static Kind,
    /// Whether it is to be started.
    pub(crate) enabled: bool,
    /// Its configuration.
    pub(crate) file: PathBuf,
    program: PathBuf,
    options: Vec<String>,
    pid_files: PathBuf,
}

impl Server {
    /// What is written of it; what is not is where an installation has it.
    pub(crate) fn new(
        kind: &'static Kind,
        assignments: &Assignments,
        installation: &Installation,
        pid_files: &Path,
    ) -> Self {
        let Kind { name, program, .. } = kind;
        let path = |variable: String, usual: PathBuf| {
            assignments.get(&variable).filter(|path| !path.is_empty()).map_or(usual, PathBuf::from)
        };
        let options = assignments.get(&format!("{name}_cli_options")).unwrap_or_default();
        Self {
            kind,
            enabled: assignments.is_yes(name),
            file: path(
                format!("kea_{name}_config_file"),
                installation.configuration.join(format!("{program}.conf")),
            ),
            program: path(format!("{name}_srv"), installation.programs.join(program)),
            options: options.split_whitespace().map(str::to_owned).collect(),
            pid_files: pid_files.to_owned(),
        }
    }

    /// The name of its program, whatever its folder.
    fn name(&self) -> String {
        self.program.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn pid_file(&self) -> PathBuf {
        let configuration = self.file.file_stem().unwrap_or_default().to_string_lossy();
        self.pid_files.join(format!("{configuration}.{}.pid", self.name()))
    }

    /// The process that serves, if one does: the pid file names it, it lives and is this program.
    fn pid(&self) -> Result<Option<u32>, String> {
        let holder = PidFile::lock(&self.pid_file(), Wait::Yes).and_then(|file| match file {
            Some(file) => file.holder(&self.name()),
            None => Ok(None),
        });
        match holder {
            // Without the directory, nobody has written there.
            Err(error) if error.source.kind() == ErrorKind::NotFound => Ok(None),
            holder => holder.map_err(|error| format!("whether {} runs is not known: {error}", self.name())),
        }
    }

    /// Starts it, unless it runs, with these options before its own. `log` is for what it has to say before it has read
    /// its configuration.
    pub(crate) fn start(
        &self,
        options: &[String],
        verbose: bool,
        log: Option<&Path>,
    ) -> Result<String, String> {
        let name = self.name();
        if let Some(pid) = self.pid()? {
            let file = self.pid_file();
            return Ok(format!(
                "INFO/keactrl: {name} appears to be running, see: PID {pid}, PID file: {}.",
                file.display()
            ));
        }
        if !self.file.is_file() {
            return Err(self.missing());
        }
        let mut words: Vec<&str> = Vec::new();
        let debug = verbose.then_some("-d");
        for word in debug.into_iter().chain(options.iter().chain(&self.options).map(String::as_str)) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let mut command = Command::new(&self.program);
        // What ends this program's terminal or its group does not end the server.
        command.arg("-c").arg(&self.file).args(&words).stdin(Stdio::null()).process_group(0);
        command.envs(log.map(|log| (crate::LOGS, log)));
        let (program, file) = (self.program.display(), self.file.display());
        command.spawn().map_err(|error| format!("cannot start {program}: {error}"))?;
        let line = [format!("INFO/keactrl: Starting {program} -c {file}")];
        Ok(line.iter().map(String::as_str).chain(words).collect::<Vec<_>>().join(" "))
    }

    /// Ends it (SIGTERM).
    pub(crate) fn stop(&self) -> Result<String, String> {
        self.signal(Signal::SIGTERM, "Stopping")
    }

    /// Lets it read its configuration (SIGHUP).
    pub(crate) fn reload(&self) -> Result<String, String> {
        self.signal(Signal::SIGHUP, "Reloading")
    }

    fn signal(&self, signal: Signal, doing: &str) -> Result<String, String> {
        let name = self.name();
        let Some(pid) = self.pid()? else { return Ok(format!("INFO/keactrl: {name} isn't running.")) };
        let number = i32::try_from(pid).map_err(|error| format!("{name} cannot have PID {pid}: {error}"))?;
        match kill(Pid::from_raw(number), signal) {
            Ok(()) => Ok(format!("INFO/keactrl: {doing} {name}...")),
            Err(error) => Err(format!("could not send {signal} to process {name}, PID {pid}: {error}")),
        }
    }

    /// Says whether it runs.
    pub(crate) fn status(&self) -> Result<String, String> {
        let state = if self.pid()?.is_some() { "active" } else { "inactive" };
        Ok(format!("{}: {state}", self.kind.state))
    }

    /// Says which version its program is.
    pub(crate) fn version(&self) -> Result<String, String> {
        let program = self.program.display();
        let kind = self.kind.program;
        if !self.program.exists() {
            return Ok(format!("{kind}: unknown, {program} missing"));
        }
        match Command::new(&self.program).arg("-v").stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => {
                Ok(format!("{kind}: {}", String::from_utf8_lossy(&output.stdout).trim_end()))
            }
            Ok(output) => Err(format!("{program} -v ended with {}", output.status)),
            Err(error) => Err(format!("cannot run {program}: {error}")),
        }
    }

    /// What to tell where its configuration is not.
    pub(crate) fn missing(&self) -> String {
        format!("Configuration file for Kea does not exist: {}.", self.file.display())
    }
}
