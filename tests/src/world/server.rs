//! A DHCP server on a host: ours or the real Kea, same handling.

use std::env;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::{Host, PATIENCE, World, eventually, partner, program, signal};

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    socket: PathBuf,
    log: PathBuf,
    folder: PathBuf,
    family: Family,
}

/// What of a server's files goes by its family.
#[derive(Clone, Copy, Debug)]
struct Family {
    map: &'static str,
    file: &'static str,
    /// The control socket of the example that is installed.
    socket: &'static str,
}

impl Family {
    fn of(program: &Path) -> Self {
        match program.file_name().is_some_and(|name| name == "kea-dhcp6") {
            true => Self { map: "Dhcp6", file: "kea-dhcp6.conf", socket: "kea6-ctrl-socket" },
            false => Self { map: "Dhcp4", file: "kea-dhcp4.conf", socket: "kea4-ctrl-socket" },
        }
    }
}

impl Server {
    /// Starts our `kea-dhcp4` with this `Dhcp4` map and waits until its control socket answers.
    pub fn kotare(world: &World, host: &Host, name: &str, dhcp4: Value) -> Self {
        Self::start(world, host, name, &program("kea-dhcp4"), dhcp4)
    }

    /// Starts the server that a test is about: ours, or Debian's Kea if `KOTARE_SERVER` is `kea`, which shows
    /// whether the test asks for what Kea does.
    pub fn under_test(world: &World, host: &Host, name: &str, dhcp4: Value) -> Self {
        match Self::is_kea_under_test() {
            true => Self::kea(world, host, name, dhcp4).expect("Debian's kea-dhcp4 is unpacked"),
            false => Self::kotare(world, host, name, dhcp4),
        }
    }

    /// Whether [`Server::under_test`] starts Kea. For what Kea 2.2 does otherwise.
    pub fn is_kea_under_test() -> bool {
        env::var_os("KOTARE_SERVER").is_some_and(|which| which == "kea")
    }

    /// Starts Debian's `kea-dhcp4`; `None` where it is not unpacked.
    pub fn kea(world: &World, host: &Host, name: &str, dhcp4: Value) -> Option<Self> {
        Some(Self::start(world, host, name, &partner("kea-dhcp4")?, dhcp4))
    }

    /// Starts a server program. Its files are in the folder `name` of the world, so that starting it a second time
    /// finds the leases of the first.
    pub fn start(world: &World, host: &Host, name: &str, program: &Path, dhcp4: Value) -> Self {
        Self::launch(world, host, name, program, dhcp4).answering()
    }

    /// Starts our `kea-dhcp4` from the configuration file that a former server in the folder `name` left.
    pub fn again(world: &World, host: &Host, name: &str) -> Self {
        Self::spawn(world, host, name, &program("kea-dhcp4")).answering()
    }

    /// This server once its control socket answers; panics if it ends instead.
    pub fn answering(mut self) -> Self {
        let what = format!("the server answers on its control socket; its log is {}", self.log.display());
        eventually(&what, || {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            self.try_command("version-get", None)
        });
        self
    }

    /// Starts a server `program` of an installation below `prefix` with the configuration, the directories and the
    /// restrictions it has there, without waiting for anything. Its log is the file `name` of the world.
    pub fn installed(world: &World, host: &Host, name: &str, prefix: &Path, program: &str) -> Self {
        let log = world.path(name);
        let output = File::options().create(true).append(true).open(&log).expect("make the log");
        let family = Family::of(Path::new(program));
        let mut command = host.command(prefix.join("sbin").join(program));
        command.arg("-c").arg(prefix.join("etc/kea").join(family.file));
        for variable in env::vars_os().map(|(name, _)| name) {
            if variable.to_string_lossy().starts_with("KEA_") {
                command.env_remove(variable);
            }
        }
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a second handle")).stderr(output);
        let child = command.spawn().expect("an installed server can be started");
        let (socket, folder) = (prefix.join("var/run/kea").join(family.socket), prefix.join("var/lib/kea"));
        Self { child, socket, log, folder, family }
    }

    /// Starts a server program without waiting for anything.
    pub fn launch(world: &World, host: &Host, name: &str, program: &Path, dhcp4: Value) -> Self {
        let folder = world.path(name);
        fs::create_dir_all(&folder).expect("make the server's folder");
        write_configuration(&folder, Family::of(program), dhcp4);
        Self::spawn(world, host, name, program)
    }

    fn spawn(world: &World, host: &Host, name: &str, program: &Path) -> Self {
        let folder = world.path(name);
        let log = folder.join("log");
        let output = File::options().create(true).append(true).open(&log).expect("make the log");
        let mut command = host.command(program);
        // Our -X, like Kea 3's, allows files anywhere; 2.2 has no such check and no such option.
        let is_server = program.file_name().is_some_and(|name| name == "kea-dhcp4" || name == "kea-dhcp6");
        if is_server && Some(program) != partner("kea-dhcp4").as_deref() {
            command.arg("-X");
        }
        let family = Family::of(program);
        command.arg("-c").arg(folder.join(family.file));
        command.env("KEA_PIDFILE_DIR", &folder).env("KEA_LOCKFILE_DIR", &folder);
        command.env("KEA_LFC_EXECUTABLE", program.with_file_name("kea-lfc"));
        if family.map == "Dhcp6" {
            // Where it keeps its DUID.
            command.env("KEA_DHCP_DATA_DIR", &folder);
        }
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a second handle")).stderr(output);
        let child = command.spawn().unwrap_or_else(|error| panic!("start {}: {error}", program.display()));
        Self { child, socket: folder.join("control"), log, folder, family }
    }

    /// Writes another `Dhcp4` map into its configuration file, for a reload.
    pub fn write_configuration(&self, dhcp4: Value) {
        write_configuration(&self.folder, self.family, dhcp4);
    }

    /// The arguments of `config-set` and `config-test` for this `Dhcp4` map.
    pub fn configuration(&self, dhcp4: Value) -> Value {
        complete(&self.folder, self.family, dhcp4)
    }

    /// Sends a command and returns the whole response.
    pub fn command(&self, name: &str, arguments: Option<Value>) -> Value {
        self.try_command(name, arguments)
            .unwrap_or_else(|| panic!("{name} is answered; log:\n{}", self.log()))
    }

    fn try_command(&self, name: &str, arguments: Option<Value>) -> Option<Value> {
        let mut request = json!({"command": name});
        if let Some(arguments) = arguments {
            request["arguments"] = arguments;
        }
        let mut stream = UnixStream::connect(&self.socket).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(request.to_string().as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let answer: Value = serde_json::from_str(&answer).ok()?;
        // Kea answers a single map on its UNIX socket.
        Some(answer)
    }

    /// The value of a statistic now.
    pub fn statistic(&self, name: &str) -> i64 {
        let answer = self.command("statistic-get", Some(json!({"name": name})));
        answer["arguments"][name][0][0].as_i64().unwrap_or(0)
    }

    /// Its control socket.
    pub fn control_socket(&self) -> &Path {
        &self.socket
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The rows of its lease file, header left out; empty when there is none.
    pub fn lease_rows(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("leases.csv")).unwrap_or_default();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    /// Everything it logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until one line of the log has all of `words`: lines are written beside what they tell of.
    ///
    /// # Panics
    /// When there is none for too long.
    pub fn await_log(&self, words: &[&str]) {
        let said = |log: &str| log.lines().any(|line| words.iter().all(|word| line.contains(word)));
        eventually(&format!("a line of the log has {words:?}"), || said(&self.log()).then_some(()));
    }

    /// The process id on this machine. `ip netns exec` becomes the program, so it is the server's own.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal (`TERM`, `KILL`, `HUP`).
    pub fn signal(&self, signal: &str) {
        signal::send(self.pid(), signal);
    }

    /// Ends it with SIGTERM and waits for its end; says whether it ended with success.
    pub fn stop(mut self) -> bool {
        self.signal("TERM");
        self.wait()
    }

    /// Waits for its end; says whether it was success.
    pub fn wait(&mut self) -> bool {
        eventually("the server ends", || self.child.try_wait().expect("a child can be asked")).success()
    }
}

/// Gives the map of a server a control socket and a lease file in the server's folder unless it names others.
fn complete(folder: &Path, family: Family, mut map: Value) -> Value {
    let defaults = [
        ("control-socket", json!({"socket-type": "unix", "socket-name": folder.join("control")})),
        ("lease-database", json!({"type": "memfile", "name": folder.join("leases.csv"), "lfc-interval": 0})),
    ];
    let entries = map.as_object_mut().expect("a map");
    for (key, default) in defaults {
        // What config-get gives has "control-sockets".
        if !entries.contains_key(&format!("{key}s")) {
            entries.entry(key).or_insert(default);
        }
    }
    json!({family.map: map})
}

fn write_configuration(folder: &Path, family: Family, map: Value) {
    let text = serde_json::to_string_pretty(&complete(folder, family, map)).expect("JSON");
    fs::write(folder.join(family.file), text).expect("write the configuration");
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "a failing test must say why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let end = &lines[lines.len().saturating_sub(25)..];
            eprintln!("{}, the last lines:\n{}", self.log.display(), end.join("\n"));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
