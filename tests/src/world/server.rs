//! A DHCP server on a host: of either family, ours or the real Kea, same handling.

use std::env;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::marker::PhantomData;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::{Family, Host, PATIENCE, V4, V6, World, eventually, partner, program, signal};

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct ServerOf<F: Family> {
    child: Child,
    socket: PathBuf,
    log: PathBuf,
    folder: PathBuf,
    family: PhantomData<F>,
}

/// A `kea-dhcp4`.
pub type Server = ServerOf<V4>;
/// A `kea-dhcp6`.
pub type Server6 = ServerOf<V6>;

impl<F: Family> ServerOf<F> {
    /// Starts our server with this `Dhcp4` or `Dhcp6` map and waits until its control socket answers.
    pub fn kotare(world: &World, host: &Host, name: &str, map: Value) -> Self {
        Self::start(world, host, name, &program(F::SERVER), map)
    }

    /// Starts the server that a test is about: ours, or Debian's Kea if `KOTARE_SERVER` is `kea`, which shows
    /// whether the test asks for what Kea does.
    pub fn under_test(world: &World, host: &Host, name: &str, map: Value) -> Self {
        match Self::is_kea_under_test() {
            true => Self::kea(world, host, name, map).expect("Debian's Kea is unpacked"),
            false => Self::kotare(world, host, name, map),
        }
    }

    /// Whether [`Server::under_test`] starts Kea. For what Kea 2.2 does otherwise.
    pub fn is_kea_under_test() -> bool {
        env::var_os("KOTARE_SERVER").is_some_and(|which| which == "kea")
    }

    /// Starts Debian's; `None` where it is not unpacked.
    pub fn kea(world: &World, host: &Host, name: &str, map: Value) -> Option<Self> {
        Some(Self::start(world, host, name, &partner(F::SERVER)?, map))
    }

    /// Starts a server program. Its files are in the folder `name` of the world, so that starting it a second time
    /// finds the leases of the first.
    pub fn start(world: &World, host: &Host, name: &str, program: &Path, map: Value) -> Self {
        Self::launch(world, host, name, program, map).answering()
    }

    /// Starts our server from the configuration file that a former server in the folder `name` left.
    pub fn again(world: &World, host: &Host, name: &str) -> Self {
        Self::spawn(world, host, name, &program(F::SERVER)).answering()
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

    /// Starts our server of an installation below `prefix` with the configuration, the directories and the
    /// restrictions it has there, without waiting for anything. Its log is the file `name` of the world.
    pub fn installed(world: &World, host: &Host, name: &str, prefix: &Path) -> Self {
        let log = world.path(name);
        let output = File::options().create(true).append(true).open(&log).expect("make the log");
        let mut command = host.command(prefix.join("sbin").join(F::SERVER));
        command.arg("-c").arg(prefix.join("etc/kea").join(configuration_file::<F>()));
        for variable in env::vars_os().map(|(name, _)| name) {
            if variable.to_string_lossy().starts_with("KEA_") {
                command.env_remove(variable);
            }
        }
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a second handle")).stderr(output);
        let child = command.spawn().expect("an installed server can be started");
        let (socket, folder) =
            (prefix.join("var/run/kea").join(F::CONTROL_SOCKET), prefix.join("var/lib/kea"));
        Self { child, socket, log, folder, family: PhantomData }
    }

    /// Starts a server program without waiting for anything.
    pub fn launch(world: &World, host: &Host, name: &str, program: &Path, map: Value) -> Self {
        let folder = world.path(name);
        fs::create_dir_all(&folder).expect("make the server's folder");
        write_configuration::<F>(&folder, map);
        Self::spawn(world, host, name, program)
    }

    fn spawn(world: &World, host: &Host, name: &str, program: &Path) -> Self {
        let folder = world.path(name);
        let log = folder.join("log");
        let output = File::options().create(true).append(true).open(&log).expect("make the log");
        let mut command = host.command(program);
        // Our -X, like Kea 3's, allows files anywhere; 2.2 has no such check and no such option.
        if program.file_name() == Some(F::SERVER.as_ref()) && Some(program) != partner(F::SERVER).as_deref() {
            command.arg("-X");
        }
        command.arg("-c").arg(folder.join(configuration_file::<F>()));
        command.env("KEA_PIDFILE_DIR", &folder).env("KEA_LOCKFILE_DIR", &folder);
        if F::KEEPS_DUID {
            command.env("KEA_DHCP_DATA_DIR", &folder);
        }
        command.env("KEA_LFC_EXECUTABLE", program.with_file_name("kea-lfc"));
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a second handle")).stderr(output);
        let child = command.spawn().unwrap_or_else(|error| panic!("start {}: {error}", program.display()));
        Self { child, socket: folder.join("control"), log, folder, family: PhantomData }
    }

    /// Writes another map into its configuration file, for a reload.
    pub fn write_configuration(&self, map: Value) {
        write_configuration::<F>(&self.folder, map);
    }

    /// The arguments of `config-set` and `config-test` for this map.
    pub fn configuration(&self, map: Value) -> Value {
        complete::<F>(&self.folder, map)
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

    /// How much memory it takes at the moment, in kB.
    ///
    /// # Panics
    /// When it has ended.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = resident.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok());
        kb.unwrap_or_else(|| panic!("no memory of {} in {status:?}", self.pid()))
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

/// The name of a server's configuration file.
fn configuration_file<F: Family>() -> String {
    format!("{}.conf", F::SERVER)
}

/// Gives a map a control socket, a lease file in the server's folder and what its family needs unless it names others.
fn complete<F: Family>(folder: &Path, mut map: Value) -> Value {
    let defaults = [
        ("control-socket", json!({"socket-type": "unix", "socket-name": folder.join("control")})),
        ("lease-database", json!({"type": "memfile", "name": folder.join("leases.csv"), "lfc-interval": 0})),
    ];
    let entries = map.as_object_mut().expect("a map");
    for (key, default) in defaults.into_iter().chain(F::defaults(folder)) {
        // What config-get gives has "control-sockets".
        if !entries.contains_key(&format!("{key}s")) {
            entries.entry(key).or_insert(default);
        }
    }
    json!({F::MAP: map})
}

fn write_configuration<F: Family>(folder: &Path, map: Value) {
    let text = serde_json::to_string_pretty(&complete::<F>(folder, map)).expect("JSON");
    fs::write(folder.join(configuration_file::<F>()), text).expect("write the configuration");
}

fn last_lines<'a>(lines: impl Iterator<Item = &'a str>, most: usize) -> String {
    let lines: Vec<&str> = lines.collect();
    lines[lines.len().saturating_sub(most)..].join("\n")
}

impl<F: Family> Drop for ServerOf<F> {
    #[expect(clippy::print_stderr, reason = "a failing test must say why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            // What happened may be long ago, with much idle talk since.
            let told = last_lines(log.lines().filter(|line| !line.contains(" DEBUG ")), 25);
            let end = last_lines(log.lines(), 15);
            eprintln!("{}, what is no DEBUG:\n{told}\nthe last lines:\n{end}", self.log.display());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
