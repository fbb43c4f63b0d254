//! The programs that tests, demo and benchmark meet: real clients, a relay, the real Kea.
//!
//! Debian's packages are downloaded and unpacked below `target/partners`, not installed: no service starts, nothing
//! of the system changes, and no privilege is needed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Done, output, run, target};

/// What is unpacked, whether or not the system has it too.
const PACKAGES: &[&str] = &[
    "busybox",
    "dhcpcd-base",
    "iproute2",
    "isc-dhcp-client",
    "isc-dhcp-relay",
    "kea-admin",
    "kea-common",
    "kea-ctrl-agent",
    "kea-dhcp4-server",
    "kea-doc",
];
/// What is unpacked if the system has it not.
const TOOLS: &[&str] = &["curl", "openssl", "socat"];

/// Unpacks the partners unless that is done already; returns their root folder.
pub(crate) fn unpack() -> Done<PathBuf> {
    let root = target().join("partners");
    let stamp = root.join("complete");
    let wanted = [PACKAGES, TOOLS].concat().join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(root);
    }
    println!("unpacking Debian's DHCP programs below {} (once)", root.display());
    let _ = fs::remove_dir_all(&root);
    let archives = root.join("archives");
    fs::create_dir_all(&archives)?;
    let apt = Apt::ready(&root)?;
    let packages = apt.with_missing_dependencies()?;
    let names: Vec<&str> = packages.iter().map(String::as_str).collect();
    output(apt.get(&["download"]).args(names).current_dir(&archives))?;
    for archive in fs::read_dir(&archives)? {
        run(Command::new("dpkg-deb").arg("--extract").arg(archive?.path()).arg(&root))?;
    }
    fs::remove_dir_all(&archives)?;
    fs::write(stamp, wanted)?;
    Ok(root)
}

/// apt-get, on the system's package lists, or on private ones where those are missing.
struct Apt {
    private: Option<PathBuf>,
}

impl Apt {
    fn ready(root: &Path) -> Done<Self> {
        let system = Self { private: None };
        if system.simulate().is_ok() {
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
        command.args(["-q", "-o", "APT::Sandbox::User=root"]).env("LC_ALL", "C");
        if let Some(state) = &self.private {
            command.arg("-o").arg(format!("Dir::State::Lists={}", state.join("lists").display()));
            command.arg("-o").arg(format!("Dir::Cache={}", state.join("cache").display()));
        }
        command.args(arguments);
        command
    }

    fn simulate(&self) -> Done<String> {
        output(self.get(&["install", "--simulate", "--no-install-recommends"]).args(PACKAGES).args(TOOLS))
    }

    /// The packages, and what they depend on that the system lacks.
    fn with_missing_dependencies(&self) -> Done<BTreeSet<String>> {
        let plan = self.simulate()?;
        // "Inst name (version …)"; with "[version]" before that, it is there already and would be upgraded.
        let missing = plan.lines().filter_map(|line| {
            let (name, version) = line.strip_prefix("Inst ")?.split_once(' ')?;
            version.starts_with('(').then_some(name)
        });
        Ok(missing.chain(PACKAGES.iter().copied()).map(str::to_owned).collect())
    }
}
