//! The programs of the suite and its modules: what is installed and demonstrated.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::run::{Done, cargo, run, target, top};

/// A program that operators run.
pub(crate) struct Program {
    /// Its name, which is Kea's.
    pub(crate) name: &'static str,
    package: &'static str,
}

/// All of them.
pub(crate) const PROGRAMS: [Program; 6] = [
    Program { name: "kea-admin", package: "kotare-admin" },
    Program { name: "kea-ctrl-agent", package: "kotare-ctrl-agent" },
    Program { name: "kea-dhcp4", package: "kotare-dhcp4d" },
    Program { name: "kea-lfc", package: "kotare-lfc" },
    Program { name: "kea-shell", package: "kotare-shell" },
    Program { name: "keactrl", package: "kotare-keactrl" },
];

/// How programs are built.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Quickly.
    Debug,
    /// To be fast.
    Release,
}

/// Builds the programs; returns their folder.
pub(crate) fn build(profile: Profile) -> Done<PathBuf> {
    let names = PROGRAMS.each_ref().map(|program| program.name);
    println!("building {}", names.join(", "));
    let (arguments, folder): (&[_], _) = match profile {
        Profile::Debug => (&["build", "--quiet"], "debug"),
        Profile::Release => (&["build", "--quiet", "--release"], "release"),
    };
    let mut command = cargo(arguments);
    for program in &PROGRAMS {
        command.args(["--package", program.package, "--bin", program.name]);
    }
    run(&mut command)?;
    Ok(target().join(folder))
}

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
    names.sort();
    Ok(names)
}
