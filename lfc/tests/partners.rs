//! Our files and Kea's own programs, version 2.2 and later.
//!
//! `KOTARE_PARTNERS` names a folder with the files of Debian's `kea` packages; without it these tests are skipped.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use kotare_model::{ClientId, HwAddr, Lease4, Lease6, LeaseState, SubnetId, Timestamp};
use kotare_store::conformance::{Executor, PollOnce, lease, lease6};
use kotare_store::{By4, Change, LeaseStore, PageFilter};
use kotare_store_memfile::{LfcFiles, Memfile4, Memfile6, Options};

/// The folder, or `None` and a message.
fn partners() -> Option<PathBuf> {
    let folder = std::env::var_os("KOTARE_PARTNERS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: KOTARE_PARTNERS is not set");
    }
    folder
}

/// A program of Kea's that finds its libraries and writes to `folder` only.
fn program(partners: &Path, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(partners.join("usr/sbin").join(name));
    command
        .env("LD_LIBRARY_PATH", partners.join("usr/lib/x86_64-linux-gnu"))
        .env("KEA_LOCKFILE_DIR", folder)
        .env("KEA_PIDFILE_DIR", folder)
        .env("KEA_LFC_EXECUTABLE", env!("CARGO_BIN_EXE_kea-lfc"));
    command
}

fn open(path: &Path) -> Memfile4 {
    Memfile4::open(Options::new(Some(path.into()), 1)).unwrap()
}

fn all(store: &Memfile4) -> Vec<Lease4> {
    PollOnce.run(store.page(None, usize::MAX, PageFilter::default())).unwrap()
}

fn put(store: &Memfile4, from: Option<&Lease4>, to: Option<Lease4>) {
    let address = from.or(to.as_ref()).unwrap().address;
    PollOnce.run(store.put(Change { address, from, to: to.as_ref() })).unwrap();
}

/// Leases with everything a row can carry.
fn varied() -> Vec<Lease4> {
    (1..=200)
        .map(|host| {
            let mut lease = lease(host);
            lease.cltt = Timestamp(1_900_000_000);
            match host % 8 {
                0 => lease.client_id = None,
                1 => lease.hostname = format!("größe-{host},&.example").into(),
                2 => lease.user_context = Some(format!(r#"{{ "n": {host}, "s": "a,b" }}"#).into()),
                3 => lease.state = LeaseState::ExpiredReclaimed,
                4 => {
                    lease.state = LeaseState::Declined;
                    lease.hwaddr = HwAddr::empty(HwAddr::ETHERNET);
                    lease.client_id = None;
                    lease.hostname = "".into();
                }
                5 => lease.fqdn_fwd = true,
                6 => lease.client_id = ClientId::new(&[0xff; 40]).ok(),
                _ => lease.hwaddr = HwAddr::new(HwAddr::ETHERNET, &[host; 20]).unwrap(),
            }
            lease
        })
        .collect()
}

/// A journal with renewals and removals; returns what it means.
fn write_journal(path: &Path) -> Vec<Lease4> {
    let store = open(path);
    for lease in varied() {
        put(&store, None, Some(Lease4 { cltt: Timestamp(1_800_000_000), ..lease.clone() }));
        put(&store, Some(&Lease4 { cltt: Timestamp(1_800_000_000), ..lease.clone() }), Some(lease));
    }
    for lease in varied().iter().step_by(3) {
        put(&store, Some(lease), None);
    }
    all(&store)
}

/// Kea's cleanup understands our journal and keeps every lease of it.
#[test]
fn keas_cleanup_cleans_our_journal() {
    let Some(partners) = partners() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let expected = write_journal(&path);
    let files = LfcFiles::of(&path);
    std::fs::rename(&path, &files.copy).unwrap();
    let output =
        program(&partners, "kea-lfc", folder.path()).args(files.arguments::<Lease4>()).output().unwrap();
    assert!(output.status.success());
    let rows = std::fs::read_to_string(&files.previous).unwrap();
    assert_eq!(rows.lines().count(), 1 + expected.len());
    let store = open(&path);
    assert_eq!(all(&store), expected);
    assert_eq!(store.loaded().errors, 0);
}

/// Kea's server loads every lease of our journal, and our cleanup, started by it, converts the files.
#[test]
fn keas_server_loads_our_journal_and_starts_our_cleanup() {
    let Some(partners) = partners() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let expected = write_journal(&path);
    let server = Server::start(&partners, folder.path(), 0);
    // 200 leases, 200 renewals, every third removed.
    assert_eq!(server.log.iter().filter(|line| line.contains("DHCPSRV_MEMFILE_LEASE_LOAD ")).count(), 467);
    assert!(!server.log.iter().any(|line| line.contains("DHCPSRV_MEMFILE_LEASE_LOAD_ROW_ERROR")));
    let reply = server.command(r#"{ "command": "lease4-get-all" }"#);
    assert!(reply.contains(&format!("{} IPv4 lease(s) found.", expected.len())), "{reply}");
    if server.log.iter().any(|line| line.contains("DHCPSRV_MEMFILE_CONVERTING_LEASE_FILES")) {
        let files = LfcFiles::of(&path);
        let deadline = Deadline::new();
        while !files.previous.exists() || files.finish.exists() || files.pid.exists() {
            deadline.wait("the cleanup to finish");
        }
    }
    drop(server);
    assert_eq!(all(&open(&path)), expected);
}

/// What Kea's server writes, we read; what our cleanup makes of it, Kea's server reads.
#[test]
fn we_load_what_keas_server_writes() {
    let Some(partners) = partners() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let server = Server::start(&partners, folder.path(), 0);
    for arguments in [
        r#""ip-address": "192.0.2.1", "hw-address": "1a:1b:1c:1d:1e:1f", "client-id": "01:02:03",
           "hostname": "Büro,a&b.example", "user-context": { "a": [ 1, "x,y" ] }, "expire": 1900007200,
           "fqdn-fwd": true"#,
        r#""ip-address": "192.0.2.2", "hw-address": "1a:1b:1c:1d:1e:1f", "expire": 1900007200"#,
        r#""ip-address": "192.0.2.3", "hw-address": "1a:1b:1c:1d:1e:20", "state": 1, "expire": 1900007200"#,
    ] {
        let reply =
            server.command(&format!(r#"{{ "command": "lease4-add", "arguments": {{ {arguments} }} }}"#));
        assert!(reply.contains("\"result\": 0"), "{reply}");
    }
    let reply = server.command(r#"{ "command": "lease4-del", "arguments": { "ip-address": "192.0.2.2" } }"#);
    assert!(reply.contains("\"result\": 0"), "{reply}");
    drop(server);

    let store = open(&path);
    assert_eq!((store.loaded().rows, store.loaded().errors, store.len()), (4, 0, 2));
    let found = PollOnce.run(store.get(By4::ClientId(&[1, 2, 3]))).unwrap();
    let [first] = &found[..] else { panic!("{found:?}") };
    assert_eq!(first.hostname, "büro,a&b.example");
    assert_eq!(first.user_context.as_deref(), Some(r#"{ "a": [ 1, "x,y" ] }"#));
    assert_eq!((first.valid_lifetime.0, first.cltt), (7200, Timestamp(1_900_000_000)));
    assert_eq!((first.subnet_id, first.fqdn_fwd, first.fqdn_rev), (SubnetId(1), true, false));
    let found = all(&store);
    assert_eq!(found[1].state, LeaseState::Declined);
    // Our schema, our cleanup, and back.
    store.rotate().unwrap();
    let (_, finish) =
        kotare_store_memfile::cleanup::<Lease4>(&LfcFiles::of(&path)).map(|(c, f)| (c, f.rotate())).unwrap();
    finish.unwrap();
    drop(store);
    let server = Server::start(&partners, folder.path(), 0);
    let reply = server.command(r#"{ "command": "lease4-get-all" }"#);
    assert!(reply.contains("2 IPv4 lease(s) found."), "{reply}");
    // Kea takes each byte for a letter when it answers, but it has the right bytes.
    assert!(reply.contains(r#""hostname": "b\u00c3\u00bcro,a&b.example""#), "{reply}");
}

/// Kea's DHCPv4 server on no interface, with leases in `leases` of its folder.
struct Server {
    child: Child,
    socket: PathBuf,
    /// What it logged until it served.
    log: Vec<String>,
    _lines: Receiver<String>,
}

impl Server {
    fn start(partners: &Path, folder: &Path, lfc_interval: u32) -> Self {
        let socket = folder.join("socket");
        let config = folder.join("kea.json");
        let hooks = partners.join("usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so");
        let text = format!(
            r#"{{ "Dhcp4": {{
                "interfaces-config": {{ "interfaces": [ ] }},
                "lease-database": {{ "type": "memfile", "name": "{}", "lfc-interval": {lfc_interval} }},
                "control-socket": {{ "socket-type": "unix", "socket-name": "{}" }},
                "hooks-libraries": [ {{ "library": "{}" }} ],
                "loggers": [ {{ "name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 99,
                               "output_options": [ {{ "output": "stdout" }} ] }} ],
                "valid-lifetime": 7200,
                "subnet4": [ {{ "id": 1, "subnet": "192.0.2.0/24" }} ]
            }} }}"#,
            folder.join("leases").display(),
            socket.display(),
            hooks.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut child = program(partners, "kea-dhcp4", folder)
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // Read on even if nobody listens, so that the server is never held up.
                let _ = sender.send(line);
            }
        });
        let mut log: Vec<String> = Vec::new();
        while !log.last().is_some_and(|line| line.contains("DHCP4_STARTED")) {
            match lines.recv_timeout(Duration::from_secs(90)) {
                Ok(line) => log.push(line),
                Err(error) => panic!("Kea did not start: {error}\n{}", log.join("\n")),
            }
        }
        Self { child, socket, log, _lines: lines }
    }

    fn command(&self, text: &str) -> String {
        let mut stream = UnixStream::connect(&self.socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A minute and a half for something to happen.
struct Deadline(Receiver<()>);

impl Deadline {
    fn new() -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            std::thread::park_timeout(Duration::from_secs(90));
            drop(sender);
        });
        Self(receiver)
    }

    /// Gives way for a moment; panics if the time is over.
    fn wait(&self, what: &str) {
        let waited = self.0.recv_timeout(Duration::from_millis(10));
        assert_eq!(waited, Err(std::sync::mpsc::RecvTimeoutError::Timeout), "waited in vain for {what}");
    }
}

/// What Kea's cleanup of version 2.2 knows of a row: its schema has no `pool_id` yet.
const COLUMNS_OF_2_2: usize = 17;

/// Rows of DHCPv6 with everything that they can carry, each lease with a former row, some removed.
fn rows6(columns: usize) -> String {
    let header = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
        fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";
    let mut lines = vec![header.to_owned()];
    for (round, valid) in [(0, 3600), (1, 7200), (2, 0)] {
        for n in 1..=240_u32 {
            if round == 2 && n % 3 != 0 {
                continue;
            }
            let (address, kind, length) = match n % 4 {
                0 => (format!("2001:db8:{n:x}::"), 2, 48),
                1 => (format!("fe80::ffff:192.0.2.{n}"), 0, 128),
                _ => (format!("2001:db8::{n:x}:0:0:1"), 0, 128),
            };
            let duid = if n % 5 == 0 {
                "00:04:".to_owned() + &"ab:".repeat(125) + "cd"
            } else {
                format!("00:03:00:01:{n:02x}")
            };
            let name = match n % 6 {
                0 => String::new(),
                1 => "A&#x2cb&#x26c".to_owned(),
                _ => format!("host-{n}.example.org"),
            };
            let (hwaddr, hwtype, source) = if n % 7 == 0 { ("", 0, 0) } else { ("02:00:00:00:00:0a", 6, 2) };
            let context = if n % 8 == 0 { "{ \"n\": 1&#x2c \"s\": \"a&#x2cb\" }" } else { "" };
            let state = [0, 0, 2, 0, 0][n as usize % 5];
            let expire = 1_900_000_000 + round * 100 + valid;
            lines.push(format!(
                "{address},{duid},{valid},{expire},{n},1800,{kind},{n},{length},{},{},{name},{hwaddr},{state},{context},\
                 {hwtype},{source},0",
                n % 2,
                n / 2 % 2,
            ));
        }
    }
    let cut = |line: String| line.split(',').take(columns).collect::<Vec<_>>().join(",") + "\n";
    lines.into_iter().map(cut).collect()
}

/// Our cleanup and Kea's make the same of the same files of DHCPv6, but for columns that are newer than theirs.
#[test]
fn both_cleanups_of_dhcpv6_files_agree() {
    let Some(partners) = partners() else { return };
    let clean = |theirs: bool| {
        let folder = tempfile::tempdir().unwrap();
        let files = LfcFiles::of(&folder.path().join("leases6"));
        let rows = rows6(COLUMNS_OF_2_2);
        std::fs::write(&files.copy, &rows).unwrap();
        let mut command = match theirs {
            true => program(&partners, "kea-lfc", folder.path()),
            false => Command::new(env!("CARGO_BIN_EXE_kea-lfc")),
        };
        let output = command.args(files.arguments::<Lease6>()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let cleaned = std::fs::read_to_string(&files.previous).unwrap();
        let cut = |line: &str| {
            let mut fields: Vec<_> = line.split(',').take(COLUMNS_OF_2_2).collect();
            // Where there is no hardware address, Kea 2.2 leaves its type and source empty; later ones write zeros.
            if fields[12].is_empty() {
                fields.truncate(15);
            }
            fields.join(",")
        };
        let mut rows: Vec<_> = cleaned.lines().map(cut).collect();
        rows[1..].sort();
        rows
    };
    let (theirs, ours) = (clean(true), clean(false));
    assert_eq!(theirs.len(), 1 + 160);
    for (theirs, ours) in theirs.iter().zip(&ours) {
        assert_eq!(theirs, ours);
    }
    assert_eq!(theirs.len(), ours.len());
}

/// Kea's cleanup understands what our store wrote of leases of DHCPv6, and ours what it made of that.
#[test]
fn keas_cleanup_cleans_our_journal_of_dhcpv6() {
    let Some(partners) = partners() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases6");
    let open = || Memfile6::open(Options::new(Some(path.clone()), 1)).unwrap();
    let all = |store: &Memfile6| PollOnce.run(store.page(None, usize::MAX, PageFilter::default())).unwrap();
    let store = open();
    for host in 1..=200 {
        let mut lease = lease6(host);
        lease.cltt = Timestamp(1_900_000_000);
        match host % 4 {
            0 => lease.hostname = format!("größe-{host},&.example").into(),
            1 => lease.user_context = Some(format!(r#"{{ "n": {host}, "s": "a,b" }}"#).into()),
            2 => lease.hwaddr = None,
            _ => lease.state = LeaseState::ExpiredReclaimed,
        }
        let change = Change { address: lease.address, from: None, to: Some(&lease) };
        PollOnce.run(store.put(change)).unwrap();
        if host % 3 == 0 {
            let change = Change { address: lease.address, from: Some(&lease), to: None };
            PollOnce.run(store.put(change)).unwrap();
        }
    }
    let expected = all(&store);
    drop(store);
    let files = LfcFiles::of(&path);
    std::fs::rename(&path, &files.copy).unwrap();
    let output =
        program(&partners, "kea-lfc", folder.path()).args(files.arguments::<Lease6>()).output().unwrap();
    assert!(output.status.success());
    let store = open();
    assert_eq!(all(&store), expected);
    assert_eq!(store.loaded().errors, 0);
}
