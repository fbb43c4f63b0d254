//! The programs of the suite and its modules: what is installed, packaged and demonstrated.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::run::{Done, cargo, run, target, top};

/// A program that operators run.
pub(crate) struct Program {
    /// Its name, which is Kea's.
    pub(crate) name: &'static str,
    package: &'static str,
    /// The unit that runs it, under Debian's name, which is in `etc/systemd`; none for what is no daemon.
    pub(crate) unit: Option<&'static str>,
    /// Debian's package that it takes the place of.
    pub(crate) instead_of: Option<&'static str>,
    /// Other packages, Debian's and upstream's, that have files of the same names.
    pub(crate) conflicts: &'static [&'static str],
}

/// All of them.
pub(crate) const PROGRAMS: [Program; 8] = [
    Program {
        name: "kea-admin",
        package: "kotare-admin",
        unit: None,
        instead_of: Some("kea-admin"),
        conflicts: &["isc-kea-admin"],
    },
    Program {
        name: "kea-ctrl-agent",
        package: "kotare-ctrl-agent",
        unit: Some("kea-ctrl-agent"),
        instead_of: Some("kea-ctrl-agent"),
        conflicts: &["isc-kea-ctrl-agent"],
    },
    Program {
        name: "kea-dhcp-ddns",
        package: "kotare-dhcp-ddns",
        unit: Some("kea-dhcp-ddns-server"),
        instead_of: Some("kea-dhcp-ddns-server"),
        conflicts: &["isc-kea-dhcp-ddns", "isc-kea-dhcp-ddns-server"],
    },
    Program {
        name: "kea-dhcp4",
        package: "kotare-dhcp4d",
        unit: Some("kea-dhcp4-server"),
        instead_of: Some("kea-dhcp4-server"),
        conflicts: &["isc-kea-dhcp4", "isc-kea-dhcp4-server"],
    },
    Program {
        name: "kea-dhcp6",
        package: "kotare-dhcp6d",
        unit: Some("kea-dhcp6-server"),
        instead_of: Some("kea-dhcp6-server"),
        conflicts: &["isc-kea-dhcp6", "isc-kea-dhcp6-server"],
    },
    Program {
        name: "kea-lfc",
        package: "kotare-lfc",
        unit: None,
        instead_of: Some("kea-common"),
        conflicts: &["isc-kea-common", "isc-kea-hooks"],
    },
    Program {
        name: "kea-shell",
        package: "kotare-shell",
        unit: None,
        instead_of: None,
        // Kea's is in the packages of the control agent.
        conflicts: &[],
    },
    Program {
        name: "keactrl",
        package: "kotare-keactrl",
        unit: None,
        instead_of: None,
        conflicts: &["isc-kea"],
    },
];

/// How programs are built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Quickly.
    Debug,
    /// To be fast.
    Release,
    /// The same, for this target of rustc.
    Target(&'static str),
}

/// Builds the programs; returns their folder.
pub(crate) fn build(profile: Profile) -> Done<PathBuf> {
    let names = PROGRAMS.each_ref().map(|program| program.name);
    println!("building {}", names.join(", "));
    let mut command = cargo(&["build", "--quiet"]);
    let folder = match profile {
        Profile::Debug => target().join("debug"),
        Profile::Release => {
            command.arg("--release");
            target().join("release")
        }
        Profile::Target(name) => {
            command.args(["--release", "--target", name]);
            target().join(name).join("release")
        }
    };
    for program in &PROGRAMS {
        command.args(["--package", program.package, "--bin", program.name]);
    }
    run(&mut command)?;
    Ok(folder)
}

/// What asks modules that are files of their own.
const OF_OTHERS: &str = "wasm";

/// The names of the modules that are built into the programs, sorted: each has its folder in `lib/modules`.
pub(crate) fn modules() -> Done<Vec<String>> {
    let folder = top().join("lib/modules/src");
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| format!("cannot list {}: {error}", folder.display()))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.retain(|name| name != OF_OTHERS);
    names.sort();
    Ok(names)
}
