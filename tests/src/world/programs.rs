//! Where programs are: our own, and the partners that `cargo xtask` unpacks.

use std::env;
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

/// A partner program (`KOTARE_PARTNERS`), if it is unpacked.
pub fn partner(name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env::var_os("KOTARE_PARTNERS")?);
    let folders = ["usr/sbin", "sbin", "usr/bin", "bin"].iter();
    folders.map(|folder| root.join(folder).join(name)).find(|path| path.exists())
}

/// The folder of Kea's example configurations (`KOTARE_KEA_EXAMPLES`), if there is one.
pub fn kea_examples() -> Option<PathBuf> {
    env::var_os("KOTARE_KEA_EXAMPLES").map(PathBuf::from).filter(|folder| folder.is_dir())
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
pub(super) fn with_libraries(command: &mut Command) {
    if let Some(root) = env::var_os("KOTARE_PARTNERS") {
        let root = Path::new(&root);
        let folders = ["usr/lib", "lib"]
            .iter()
            .map(|lib| root.join(lib).join(format!("{}-linux-gnu", env::consts::ARCH)));
        if let Ok(folders) = env::join_paths(folders) {
            command.env("LD_LIBRARY_PATH", folders);
        }
    }
}
