//! Where programs are: our own, and the partners that `cargo xtask` unpacks.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One of our own programs, as `cargo xtask` built it (`KOTARE_PROGRAMS`), else next to the running test.
pub fn program(name: &str) -> PathBuf {
    let folder = env::var_os("KOTARE_PROGRAMS").map(PathBuf::from).unwrap_or_else(|| {
        let own = env::current_exe().expect("a program knows its file");
        let folder = own.parent().expect("a file is in a folder");
        if folder.ends_with("deps") {
            folder.parent().unwrap_or(folder).to_owned()
        } else {
            folder.to_owned()
        }
    });
    folder.join(name)
}

/// Installs the programs with `cargo xtask install` and these arguments, without building them again; what it said.
/// Panics if that fails.
pub fn install(arguments: &[&OsStr]) -> String {
    let xtask = program("xtask");
    let programs = xtask.parent().expect("a program is in a folder");
    let mut command = Command::new(&xtask);
    command.arg("install").arg("--programs").arg(programs).args(arguments).env_remove("DESTDIR");
    let output = command.output().unwrap_or_else(|error| panic!("run {}: {error}", xtask.display()));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?} ended with {}:\n{said}", output.status);
    said
}

/// Packages the programs with `cargo xtask dist`, without building them again, into this folder; the package. Panics if
/// that fails.
pub fn package(folder: &Path, revision: u32) -> PathBuf {
    let xtask = program("xtask");
    let programs = xtask.parent().expect("a program is in a folder");
    let mut command = Command::new(&xtask);
    command.args(["dist", "--quick", "--revision", &revision.to_string()]);
    command.arg("--programs").arg(programs).arg("--output").arg(folder);
    let output = command.output().unwrap_or_else(|error| panic!("run {}: {error}", xtask.display()));
    assert!(output.status.success(), "{command:?}: {output:?}");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default())
}

/// The Debian that `cargo xtask` makes to install packages in (`KOTARE_DEBIAN`), if there is one.
pub fn debian() -> Option<PathBuf> {
    env::var_os("KOTARE_DEBIAN").map(PathBuf::from).filter(|folder| folder.is_dir())
}

/// Where Debian's packages have Kea's hook libraries.
const HOOKS: &str = "usr/lib/x86_64-linux-gnu/kea/hooks";

/// A partner program or hook library, if it is unpacked (in `KOTARE_PARTNERS`, else where `cargo xtask` puts them).
pub fn partner(name: &str) -> Option<PathBuf> {
    let root = partners()?;
    let folders = ["usr/sbin", "sbin", "usr/bin", "bin", "python/bin", HOOKS].iter();
    folders.map(|folder| root.join(folder).join(name)).find(|path| path.exists())
}

/// Another file of the partners' packages, by its path in the package, if they are unpacked.
pub fn partner_file(path: &str) -> Option<PathBuf> {
    Some(partners()?.join(path)).filter(|file| file.exists())
}

/// The folder of Kea's example configurations (`KOTARE_KEA_EXAMPLES`), if there is one.
pub fn kea_examples() -> Option<PathBuf> {
    env::var_os("KOTARE_KEA_EXAMPLES").map(PathBuf::from).filter(|folder| folder.is_dir())
}

/// A partner, or a program of the system where the partner is not unpacked. The system's own may be confined to
/// files of its own.
pub fn partner_or_system(name: &str) -> PathBuf {
    partner(name).unwrap_or_else(|| find(name))
}

/// A program of the system, or a partner where the system has none.
pub(super) fn find(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders
        .find_map(|folder| Some(folder.join(name)).filter(|file| file.exists()))
        .or_else(|| partner(name))
        .unwrap_or_else(|| name.into())
}

/// Lets a command, and what it starts, find the partners' libraries.
pub(crate) fn with_libraries(command: &mut Command) {
    if let Some(folders) = libraries() {
        command.env("LD_LIBRARY_PATH", folders);
    }
}

/// The folders of the partners' libraries, as `LD_LIBRARY_PATH` wants them.
pub(super) fn libraries() -> Option<OsString> {
    libraries_below(&partners()?)
}

/// The same, for Debian's packages that were unpacked below `root`.
pub fn libraries_below(root: &Path) -> Option<OsString> {
    let machine = format!("{}-linux-gnu", env::consts::ARCH);
    env::join_paths(["usr/lib", "lib"].map(|lib| root.join(lib).join(&machine))).ok()
}

pub(crate) fn partners() -> Option<PathBuf> {
    let named = env::var_os("KOTARE_PARTNERS").map(PathBuf::from);
    named.or_else(|| {
        // target/debug/deps/test
        let own = env::current_exe().ok()?;
        own.ancestors().map(|folder| folder.join("partners")).find(|folder| folder.join("complete").exists())
    })
}
