//! A control agent on a host: ours or Debian's, same handling.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{Host, World, eventually, partner, program, signal};

/// Where an agent of a test listens.
pub const AGENT_URL: &str = "http://127.0.0.1:8000/";

/// A running control agent; killed when dropped.
#[derive(Debug)]
pub struct Agent {
    host: Host,
    child: Child,
    folder: PathBuf,
}

impl Agent {
    /// Starts our `kea-ctrl-agent` with this `Control-agent` map, at port 8000 of its host's loopback unless the map says
    /// otherwise, and waits until it answers. Its files are in the folder `name` of the world.
    pub fn kotare(world: &World, host: &Host, name: &str, map: Value) -> Self {
        Self::start(world, host, name, &program("kea-ctrl-agent"), map).answering()
    }

    /// Starts Debian's; `None` where it is not unpacked.
    pub fn kea(world: &World, host: &Host, name: &str, map: Value) -> Option<Self> {
        Some(Self::start(world, host, name, &partner("kea-ctrl-agent")?, map).answering())
    }

    /// Starts an agent without waiting for anything.
    pub fn start(world: &World, host: &Host, name: &str, program: &Path, map: Value) -> Self {
        let folder = world.path(name);
        fs::create_dir_all(&folder).expect("make the agent's folder");
        write(&folder, map);
        let log = folder.join("log");
        let output = File::options().create(true).append(true).open(&log).expect("make the log");
        let mut command = host.command(program);
        // Our -X, like Kea 3's, allows files anywhere; 2.2 has no such check and no such option.
        if Some(program) != partner("kea-ctrl-agent").as_deref() {
            command.arg("-X");
        }
        command.arg("-c").arg(folder.join("kea-ctrl-agent.conf"));
        command.env("KEA_PIDFILE_DIR", &folder).env("KEA_LOCKFILE_DIR", &folder);
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a second handle")).stderr(output);
        let child = command.spawn().unwrap_or_else(|error| panic!("start {}: {error}", program.display()));
        Self { host: host.clone(), child, folder }
    }

    fn answering(mut self) -> Self {
        eventually("the agent answers over HTTP", || {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                panic!("the agent ended with {status}:\n{}", self.log());
            }
            // Who has no password is answered, too.
            let said = self.curl(&[], &json!({"command": "version-get"}));
            said.starts_with(['[', '{']).then_some(())
        });
        self
    }

    /// What `curl` with these options shows of the answer to a command.
    pub fn curl(&self, options: &[&str], command: &Value) -> String {
        let mut curl = self.curl_command();
        let output = curl.args(["--json", &command.to_string()]).args(options).arg(AGENT_URL).output();
        let output = output.expect("curl is installed");
        String::from_utf8([output.stdout, output.stderr].concat()).expect("text")
    }

    /// `curl` on the agent's host.
    pub fn curl_command(&self) -> Command {
        let mut curl = self.host.command("curl");
        curl.args(["--silent", "--show-error", "--max-time", "90"]);
        curl
    }

    /// What the agent answers to a command for these services.
    pub fn ask(&self, command: &str, services: &[&str]) -> Value {
        self.request(&json!({"command": command, "service": services}))
    }

    /// What the agent answers to a request.
    pub fn request(&self, request: &Value) -> Value {
        let said = self.curl(&[], request);
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("JSON, not {said}"))
    }

    /// Writes another `Control-agent` map into its configuration file, for a reload.
    pub fn write_configuration(&self, map: Value) {
        write(&self.folder, map);
    }

    /// Everything it logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Waits until one line of the log has all of `words`.
    ///
    /// # Panics
    /// When there is none for too long.
    pub fn await_log(&self, words: &[&str]) {
        let said = |log: &str| log.lines().any(|line| words.iter().all(|word| line.contains(word)));
        eventually(&format!("a line of the log has {words:?}"), || said(&self.log()).then_some(()));
    }

    /// Sends a signal (`TERM`, `KILL`, `HUP`).
    pub fn signal(&self, signal: &str) {
        signal::send(self.child.id(), signal);
    }

    /// Ends it with SIGTERM and waits for its end; says whether it ended with success.
    pub fn stop(mut self) -> bool {
        self.signal("TERM");
        eventually("the agent ends", || self.child.try_wait().expect("a child can be asked")).success()
    }
}

fn write(folder: &Path, map: Value) {
    let mut map = map;
    let defaults = json!({"http-host": "127.0.0.1", "http-port": 8000,
        "loggers": [{"name": "kea-ctrl-agent", "severity": "DEBUG", "debuglevel": 40, "output_options": [{"output": "stdout"}]}]});
    for (key, value) in defaults.as_object().into_iter().flatten() {
        map.as_object_mut().expect("a map").entry(key.clone()).or_insert_with(|| value.clone());
    }
    let text = serde_json::to_string_pretty(&json!({"Control-agent": map})).expect("JSON");
    fs::write(folder.join("kea-ctrl-agent.conf"), text).expect("write the configuration");
}

impl Drop for Agent {
    #[expect(clippy::print_stderr, reason = "a failing test must say why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the agent's last lines:\n{}", lines[lines.len().saturating_sub(25)..].join("\n"));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
