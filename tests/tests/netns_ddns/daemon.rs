//! The server that updates the DNS, ours or Debian's, and who asks it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use kotare_ddns::{Change, ChangeRequest, ConflictResolution, Dhcid};
use kotare_tests::world::{
    Host, PATIENCE, Server, World, eventually, partner, partner_or_system, program, send_signal,
};
use serde_json::{Value, json};

/// A running `kea-dhcp-ddns`; killed when dropped.
#[derive(Debug)]
pub(crate) struct Ddns {
    host: Host,
    child: Child,
    folder: PathBuf,
    is_kea: bool,
}

impl Ddns {
    /// Starts ours with this `DhcpDdns` map, or Debian's if `KOTARE_SERVER` is `kea`, and waits until it answers.
    pub(crate) fn under_test(world: &World, host: &Host, map: Value) -> Self {
        match Server::is_kea_under_test() {
            true => Self::kea(world, host, map).expect("Debian's is unpacked"),
            false => Self::kotare(world, host, map),
        }
    }

    /// Starts ours.
    pub(crate) fn kotare(world: &World, host: &Host, map: Value) -> Self {
        Self::start(world, host, &program("kea-dhcp-ddns"), map, &["-X"])
    }

    /// Starts Debian's; `None` where it is not unpacked.
    pub(crate) fn kea(world: &World, host: &Host, map: Value) -> Option<Self> {
        let mut ddns = Self::start(world, host, &partner("kea-dhcp-ddns")?, map, &[]);
        ddns.is_kea = true;
        Some(ddns)
    }

    /// Starts ours with a map that it refuses; its log.
    pub(crate) fn try_kotare(world: &World, host: &Host, map: Value) -> String {
        let mut ddns = Self::spawn(world, host, &program("kea-dhcp-ddns"), map, &["-X"]);
        eventually("the server ends", || ddns.child.try_wait().expect("a child can be asked"));
        ddns.log()
    }

    fn start(world: &World, host: &Host, program: &Path, map: Value, options: &[&str]) -> Self {
        let mut ddns = Self::spawn(world, host, program, map, options);
        eventually("the server answers on its control socket", || {
            if let Some(status) = ddns.child.try_wait().expect("a child can be asked") {
                panic!("the server ended with {status}:\n{}", ddns.log());
            }
            ddns.try_command(&json!({"command": "version-get"}))
        });
        ddns
    }

    fn spawn(world: &World, host: &Host, program: &Path, map: Value, options: &[&str]) -> Self {
        let folder = world.path("ddns");
        fs::create_dir_all(&folder).expect("make the server's folder");
        let log = File::options().create(true).append(true).open(folder.join("log")).expect("make the log");
        write(&folder, map);
        let mut command = host.command(program);
        command.args(options).arg("-c").arg(folder.join("kea-dhcp-ddns.conf")).stdin(Stdio::null());
        command.env("KRB5_CONFIG", world.path("kerberos/krb5.conf"));
        command.env("KEA_PIDFILE_DIR", &folder).env("KEA_LOCKFILE_DIR", &folder);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        let child = command.spawn().expect("the server can be started");
        Self { host: host.clone(), child, folder, is_kea: false }
    }

    /// What it answers to a command.
    pub(crate) fn command(&self, name: &str, arguments: Value) -> Value {
        let answer = self.try_command(&json!({"command": name, "arguments": arguments}));
        answer.unwrap_or_else(|| panic!("{name} is answered; log:\n{}", self.log()))
    }

    fn try_command(&self, request: &Value) -> Option<Value> {
        let mut stream = UnixStream::connect(self.folder.join("socket")).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(request.to_string().as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        serde_json::from_str(&answer).ok()
    }

    /// The value of a statistic now.
    pub(crate) fn statistic(&self, name: &str) -> i64 {
        let answer = self.command("statistic-get", json!({"name": name}));
        answer["arguments"][name][0][0].as_i64().unwrap_or_else(|| panic!("{name} in {answer}"))
    }

    /// Sends a request as a DHCP server on the same host would.
    pub(crate) fn ask(&self, request: &ChangeRequest) {
        match self.is_kea {
            true => self.send(&request.to_older_datagram("20991231000000")),
            false => self.send(&request.to_datagram()),
        }
    }

    /// Sends a datagram to where requests come.
    pub(crate) fn send(&self, datagram: &[u8]) {
        let mut command = self.host.command(partner_or_system("socat"));
        command.args(["-u", "STDIN", "UDP-SENDTO:127.0.0.1:53001"]).stdin(Stdio::piped());
        let mut child = command.spawn().expect("socat is installed");
        child.stdin.take().expect("a pipe").write_all(datagram).expect("socat reads");
        assert!(child.wait().expect("socat ends").success());
    }

    /// Writes another `DhcpDdns` map into its file, for a reload.
    pub(crate) fn write(&self, map: Value) {
        write(&self.folder, map);
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Waits until a line of the log has all of `words`.
    pub(crate) fn await_log(&self, words: &[&str]) {
        eventually(&format!("a line of the log has {words:?}"), || {
            self.log().lines().any(|line| words.iter().all(|word| line.contains(word))).then_some(())
        });
    }

    /// How many requests have been carried out or given up.
    pub(crate) fn ended(&self) -> usize {
        let log = self.log();
        let of = |what| log.matches(what).count();
        of(" DHCP_DDNS_ADD_SUCCEEDED ")
            + of(" DHCP_DDNS_ADD_FAILED ")
            + of(" DHCP_DDNS_REMOVE_SUCCEEDED ")
            + of(" DHCP_DDNS_REMOVE_FAILED ")
    }

    /// Waits for its end; whether it ended with success.
    pub(crate) fn ends(mut self) -> bool {
        eventually("the server ends", || self.child.try_wait().expect("a child can be asked")).success()
    }

    /// Sends a signal (`TERM`, `KILL`, `HUP`).
    pub(crate) fn signal(&self, signal: &str) {
        send_signal(self.child.id(), signal);
    }
}

/// The file, with a control socket in the folder. Kea 2.2 knows one only.
fn write(folder: &Path, mut map: Value) {
    if map.get("control-sockets").is_none() {
        map["control-socket"] = json!({"socket-type": "unix", "socket-name": folder.join("socket")});
    }
    map["loggers"] = json!([{"name": "kea-dhcp-ddns", "severity": "DEBUG", "debuglevel": 99,
        "output_options": [{"output": "stdout"}]}]);
    let text = serde_json::to_string_pretty(&json!({"DhcpDdns": map})).expect("JSON");
    fs::write(folder.join("kea-dhcp-ddns.conf"), text).expect("write the configuration");
}

impl Drop for Ddns {
    #[expect(clippy::print_stderr, reason = "a failing test must say why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the server's last lines:\n{}", lines[lines.len().saturating_sub(60)..].join("\n"));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request of the client of this number.
pub(crate) fn request(
    change: Change,
    client: u8,
    name: &str,
    address: &str,
    way: ConflictResolution,
) -> ChangeRequest {
    let fqdn = name.parse().expect("a name");
    ChangeRequest {
        change,
        forward: true,
        reverse: true,
        dhcid: Dhcid::of_hardware_address(1, &[2, 0, 0, 0, 0, client], &fqdn).expect("a client"),
        fqdn,
        address: address.parse().expect("an address"),
        lease_length: 1200,
        conflict_resolution: way,
    }
}
