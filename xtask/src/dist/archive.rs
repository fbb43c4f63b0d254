//! A static build in an archive: for small machines and for systems without a package of ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_daemon::Installation;

use crate::pieces::{What, pieces};
use crate::run::{Done, output, run};

/// What is built for.
pub(super) const TARGET: &str = match std::env::consts::ARCH.as_bytes() {
    b"aarch64" => "aarch64-unknown-linux-musl",
    _ => "x86_64-unknown-linux-musl",
};

/// An error if rustc cannot build for musl here, with what to do.
pub(super) fn check_target() -> Done {
    let library = output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    Err(format!(
        "Rust's library for {TARGET} is not there ({}): install it with `rustup target add {TARGET}`, and \
         musl's compiler with `apt-get install musl-tools`",
        library.trim()
    )
    .into())
}

/// An archive of everything, to be unpacked at `/`.
pub(super) fn archive(programs: &Path, folder: &Path) -> Done<PathBuf> {
    let name = format!("kotare-{}-{TARGET}", env!("CARGO_PKG_VERSION"));
    let workshop = tempfile::tempdir_in(folder)?;
    let tree = workshop.path().join("tree");
    for piece in pieces(&Installation::at(Path::new("/usr")), programs)? {
        // tmpfiles.d makes them, or the programs.
        if !matches!(piece.what, What::Written) {
            piece.put(&tree)?;
        }
    }
    super::deb::strip(&tree)?;
    let place = folder.join(format!("{name}.tar.gz"));
    run(Command::new("tar")
        .args(["--create", "--gzip", "--owner=0", "--group=0", "--sort=name", "--file"])
        .arg(&place)
        .arg("--directory")
        .arg(&tree)
        .arg("."))?;
    Ok(place)
}
