//! The programs of the suite: what is installed and demonstrated.

use std::path::PathBuf;

use crate::run::{Done, cargo, run, target};

/// A program that operators run.
pub(crate) struct Program {
    /// Its name, which is Kea's.
    pub(crate) name: &'static str,
    package: &'static str,
}

/// All of them.
pub(crate) const PROGRAMS: [Program; 2] = [
    Program { name: "kea-dhcp4", package: "kotare-dhcp4d" },
    Program { name: "kea-lfc", package: "kotare-lfc" },
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
