//! The programs that tests, demo and benchmark meet: real clients, a relay, the real Kea, databases.
//!
//! Debian's packages are downloaded and unpacked below `target/partners`, not installed: no service starts, nothing
//! of the system changes, and no privilege is needed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{Done, output, run, target};

/// What is unpacked, whether or not the system has it too.
const PACKAGES: &[&str] = &[
    "bind9",
    "bind9-dnsutils",
    "busybox",
    "debootstrap",
    "dhcpcd-base",
    "dibbler-client",
    "dnsmasq-base",
    "freeradius",
    "iproute2",
    "isc-dhcp-client",
    "isc-dhcp-relay",
    "kea-admin",
    "kea-common",
    "kea-ctrl-agent",
    "kea-dhcp-ddns-server",
    "kea-dhcp4-server",
    "kea-dhcp6-server",
    "kea-doc",
    "krb5-admin-server",
    "krb5-kdc",
    "mariadb-client-core",
    "mariadb-server-core",
    "postgresql-15",
    "postgresql-client-15",
    "rsync",
    "unbound",
    "wide-dhcpv6-client",
];
/// What is unpacked of packages of which nothing else is needed, nor what they depend on: the rest is big.
const PARTS: &[(&str, &[&str])] = &[
    ("galera-4", &["./usr/lib/libgalera_smm.so"]),
    // What makes modules of WebAssembly of the examples.
    ("libstd-rust-1.63", &["./usr/lib/x86_64-linux-gnu"]),
    ("libstd-rust-dev-wasm32", &["./usr/lib/rustlib/wasm32-unknown-unknown"]),
    ("lld-14", &["./usr/lib/llvm-14/bin/lld"]),
    ("rustc", &["./usr/bin/rustc"]),
    ("libfaketime", &["./usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"]),
    ("mariadb-server", &["./usr/bin/wsrep_sst_common", "./usr/bin/wsrep_sst_rsync"]),
    ("prometheus", &["./usr/bin/promtool"]),
];
/// Packages of PyPI, in an environment below the partners.
const PYTHON: &[&str] = &["kea-exporter==0.7.1", "pykeadhcp==0.6.0"];
/// What is unpacked if the system has it not.
const TOOLS: &[&str] = &["curl", "openssl", "socat"];

/// Unpacks the partners unless that is done already; returns their root folder.
pub(crate) fn unpack() -> Done<PathBuf> {
    let root = target().join("partners");
    let stamp = root.join("complete");
    let parts: Vec<&str> = PARTS.iter().flat_map(|(_, parts)| *parts).copied().collect();
    let wanted = [PACKAGES, TOOLS, &parts].concat().join("\n");
    let have = fs::read_to_string(&stamp).unwrap_or_default();
    if have != wanted {
        unpack_into(&root, &have)?;
        fs::write(stamp, wanted)?;
    }
    if let Err(error) = with_python(&root) {
        println!("without {}, whose tests will be left out: {error}", PYTHON.join(" and "));
    }
    Ok(root)
}

/// Unpacks what Debian has; beside what is there, if nothing of that has left the list.
fn unpack_into(root: &Path, have: &str) -> Done {
    println!("unpacking Debian's DHCP programs below {} (once)", root.display());
    let parts = PARTS.iter().flat_map(|(_, parts)| *parts);
    let stays = |name: &str| PACKAGES.iter().chain(TOOLS).chain(parts.clone()).any(|wanted| *wanted == name);
    let have: BTreeSet<&str> = have.lines().collect();
    let goes_on = !have.is_empty() && have.iter().all(|name| stays(name));
    if !goes_on {
        let _ = fs::remove_dir_all(root);
    }
    let archives = root.join("archives");
    fs::create_dir_all(&archives)?;
    let apt = Apt::ready(root)?;
    let new = PACKAGES.iter().copied().filter(|name| !goes_on || !have.contains(name));
    let packages = apt.with_missing_dependencies(&new.collect::<Vec<_>>())?;
    let names: Vec<&str> = packages.iter().map(String::as_str).collect();
    output(apt.get(&["download"]).args(names).current_dir(&archives))?;
    for archive in fs::read_dir(&archives)? {
        run(Command::new("dpkg-deb").arg("--extract").arg(archive?.path()).arg(root))?;
    }
    fs::remove_dir_all(&archives)?;
    for (package, parts) in PARTS {
        let new: Vec<&str> = parts.iter().copied().filter(|part| !goes_on || !have.contains(part)).collect();
        if !new.is_empty() {
            unpack_parts(&apt, package, &new, root)?;
        }
    }
    Ok(())
}

/// Installs what PyPI has, unless that is done already. Not every system can: Debian's Python needs `python3-venv`.
fn with_python(root: &Path) -> Done {
    let (python, wanted) = (root.join("python"), PYTHON.join("\n"));
    let stamp = python.join("complete");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&python))?;
    let mut pip = Command::new(python.join("bin/pip"));
    output(pip.args(["--quiet", "--disable-pip-version-check", "--retries", "10", "install"]).args(PYTHON))?;
    Ok(fs::write(stamp, wanted)?)
}

/// Unpacks some files of a package.
fn unpack_parts(apt: &Apt, package: &str, parts: &[&str], root: &Path) -> Done {
    let folder = root.join("archives");
    fs::create_dir_all(&folder)?;
    output(apt.get(&["download", package]).current_dir(&folder))?;
    for archive in fs::read_dir(&folder)? {
        let mut contents = Command::new("dpkg-deb");
        let mut contents =
            contents.arg("--fsys-tarfile").arg(archive?.path()).stdout(Stdio::piped()).spawn()?;
        let tar = contents.stdout.take().ok_or("dpkg-deb writes to a pipe")?;
        run(Command::new("tar").arg("--extract").arg("--directory").arg(root).args(parts).stdin(tar))?;
        contents.wait()?;
    }
    Ok(fs::remove_dir_all(&folder)?)
}

/// apt-get, on the system's package lists, or on private ones where those are missing.
struct Apt {
    private: Option<PathBuf>,
}

impl Apt {
    fn ready(root: &Path) -> Done<Self> {
        let system = Self { private: None };
        if system.simulate(PACKAGES).is_ok() {
            return Ok(system);
        }
        let state = root.join("apt");
        fs::create_dir_all(state.join("lists/partial"))?;
        fs::create_dir_all(state.join("cache/archives/partial"))?;
        let own = Self { private: Some(state) };
        output(&mut own.get(&["update"]))?;
        Ok(own)
    }

    fn get(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("apt-get");
        command.args(["-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=5"]).env("LC_ALL", "C");
        if let Some(state) = &self.private {
            command.arg("-o").arg(format!("Dir::State::Lists={}", state.join("lists").display()));
            command.arg("-o").arg(format!("Dir::Cache={}", state.join("cache").display()));
        }
        command.args(arguments);
        command
    }

    fn simulate(&self, packages: &[&str]) -> Done<String> {
        output(self.get(&["install", "--simulate", "--no-install-recommends"]).args(packages).args(TOOLS))
    }

    /// The packages, and what they depend on that the system lacks.
    fn with_missing_dependencies(&self, packages: &[&str]) -> Done<BTreeSet<String>> {
        let plan = self.simulate(packages)?;
        // "Inst name (version …)"; with "[version]" before that, it is there already and would be upgraded.
        let missing = plan.lines().filter_map(|line| {
            let (name, version) = line.strip_prefix("Inst ")?.split_once(' ')?;
            version.starts_with('(').then_some(name)
        });
        Ok(missing.chain(packages.iter().copied()).map(str::to_owned).collect())
    }
}
