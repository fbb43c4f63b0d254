//! BIND 9 of Debian's packages as DNS server of the zones of a test.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use kotare_tests::world::{Host, World, eventually, partner};

/// The secret of every key.
pub(crate) const SECRET: &str = "LSWXnfkKZjdPJI5QxlpnfQ==";

/// A running `named`; killed when dropped.
#[derive(Debug)]
pub(crate) struct Bind {
    host: Host,
    child: Child,
    folder: PathBuf,
    address: &'static str,
}

impl Bind {
    /// Starts a DNS server at port 53 of `address`. Each of `keys` is a name with an algorithm in BIND's spelling, each of
    /// `zones` a name with who may update it. `None` where BIND is not unpacked.
    pub(crate) fn start(
        world: &World,
        host: &Host,
        address: &'static str,
        keys: &[(&str, &str)],
        zones: &[(&str, &str)],
    ) -> Option<Self> {
        let zones: Vec<_> =
            zones.iter().map(|(zone, who)| (*zone, format!("allow-update {{ {who}; }};"))).collect();
        Self::with(world, host, address, "", keys, &zones)
    }

    /// The same with more options, and a clause of each zone that says who may update it.
    pub(crate) fn with(
        world: &World,
        host: &Host,
        address: &'static str,
        options: &str,
        keys: &[(&str, &str)],
        zones: &[(&str, String)],
    ) -> Option<Self> {
        let named = partner("named")?;
        let folder = world.path(&format!("named-{address}"));
        // What another one left there is not served.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("make the folder of the server");
        let mut text = format!(
            "options {{ directory \"{}\"; listen-on {{ {address}; }}; listen-on-v6 {{ none; }}; pid-file \"pid\"; \
             session-keyfile none; recursion no; dnssec-validation no; notify no; {options} }};\ncontrols {{ }};\n",
            folder.display()
        );
        for (name, algorithm) in keys {
            text += &format!("key \"{name}\" {{ algorithm {algorithm}; secret \"{SECRET}\"; }};\n");
        }
        for (zone, clause) in zones {
            let records = "$TTL 300\n@ SOA ns admin 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\nfixed A 192.0.2.200\n";
            fs::write(folder.join(zone), records).expect("write the zone");
            text += &format!("zone \"{zone}\" {{ type master; file \"{zone}\"; {clause} }};\n");
        }
        fs::write(folder.join("named.conf"), text).expect("write the configuration");
        let log = File::create(folder.join("log")).expect("make the log");
        let mut command = host.command(named);
        // Kerberos' own, and no file of it that other sandboxes have, too.
        command.env("KRB5_CONFIG", world.path("kerberos/krb5.conf")).env("KRB5RCACHENAME", "none:");
        command.arg("-g").arg("-c").arg(folder.join("named.conf")).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("named can be started");
        let bind = Self { host: host.clone(), child, folder, address };
        eventually("named answers", || {
            let said = bind.try_dig(&["SOA", zones.first().map_or(".", |(zone, _)| *zone)])?;
            (!said.is_empty()).then_some(())
        });
        Some(bind)
    }

    /// The answer to a question, a record a line without its name and its class, sorted.
    pub(crate) fn dig(&self, question: &[&str]) -> Vec<String> {
        self.try_dig(question).unwrap_or_else(|| panic!("an answer of named; its log:\n{}", self.log()))
    }

    fn try_dig(&self, question: &[&str]) -> Option<Vec<String>> {
        let mut command = self.host.command(partner("dig")?);
        let address = format!("@{}", self.address);
        command.args([&address, "+noall", "+answer", "+time=1", "+tries=1"]).args(question);
        let output = command.output().expect("dig can be started");
        let text = String::from_utf8(output.stdout).expect("text");
        let record = |line: &str| {
            let mut words = line.split_whitespace();
            let (_, ttl, _) = (words.next()?, words.next()?, words.next()?);
            Some(format!("{ttl} {}", words.collect::<Vec<_>>().join(" ")))
        };
        let mut records: Vec<String> =
            text.lines().filter(|line| !line.starts_with(';')).filter_map(record).collect();
        records.sort();
        output.status.success().then_some(records)
    }

    /// All records of a zone, one a line: name, type, data.
    pub(crate) fn transfer(&self, zone: &str) -> Vec<String> {
        let mut command = self.host.command(partner("dig").expect("it answered"));
        command.args([&format!("@{}", self.address), "+noall", "+answer", "AXFR", zone]);
        let output = command.output().expect("dig can be started");
        let text = String::from_utf8(output.stdout).expect("text");
        let record = |line: &str| {
            let mut words = line.split_whitespace();
            let (name, _, _) = (words.next()?, words.next()?, words.next()?);
            Some(format!("{name} {}", words.collect::<Vec<_>>().join(" ")))
        };
        text.lines().filter(|line| !line.starts_with(';')).filter_map(record).collect()
    }

    /// Waits until the answer to a question is this.
    pub(crate) fn await_records(&self, question: &[&str], expected: &[&str]) {
        let mut last = Vec::new();
        let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            eventually(&format!("{question:?} is answered with {expected:?}"), || {
                last = self.dig(question);
                (last == expected).then_some(())
            });
        }));
        assert!(told.is_ok(), "{question:?}: {last:?}, not {expected:?}; named's log:\n{}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Bind {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
