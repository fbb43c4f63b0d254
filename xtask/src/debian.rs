//! A Debian to install packages in: minimal, with its packages of Kea at hand, made once below `target/`.
//!
//! Only root can make one. What is installed in it for a test is gone with the test: it lies in layers of their own.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Done, output, target};

/// What tests install in it beside our own; downloaded, not installed.
const AT_HAND: [&str; 5] =
    ["kea-admin", "kea-ctrl-agent", "kea-dhcp4-server", "kea-dhcp6-server", "logrotate"];

/// Where Debian is if nothing says otherwise.
const MIRROR: &str = "http://deb.debian.org/debian";

/// Makes it unless it is there; `None`, told, for users who cannot.
pub(crate) fn root(partners: &Path) -> Done<Option<PathBuf>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        println!("only root can make a Debian to install packages in: tests of packages are left out");
        return Ok(None);
    }
    let root = target().join("debian");
    let stamp = target().join("debian.complete");
    let wanted = AT_HAND.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(Some(root));
    }
    println!("making a minimal Debian in {} (once)", root.display());
    let _ = fs::remove_file(&stamp);
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let (suite, mirror) = here();
    let mut debootstrap = Command::new(partners.join("usr/sbin/debootstrap"));
    debootstrap.env("DEBOOTSTRAP_DIR", partners.join("usr/share/debootstrap")).env("PATH", path(partners));
    output(debootstrap.args(["--variant=minbase", &suite]).arg(&root).arg(mirror))?;
    fs::copy("/etc/resolv.conf", root.join("etc/resolv.conf"))?;
    let inside = |arguments: &[&str]| {
        let mut command = Command::new("chroot");
        command.arg(&root).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
        output(&mut command)
    };
    inside(&["apt-get", "-q", "update"])?;
    let download = ["apt-get", "-q", "-y", "--no-install-recommends", "--download-only", "install"];
    inside(&[&download[..], &AT_HAND].concat())?;
    fs::write(stamp, wanted)?;
    Ok(Some(root))
}

/// The release of this system, and where it has its packages from.
fn here() -> (String, String) {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let suite = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let suite = suite.unwrap_or("stable").trim_matches('"').to_owned();
    let format = "$(RELEASE) $(SITE)";
    let mut targets = Command::new("apt-get");
    targets.args(["indextargets", "--format", format, "Created-By: Packages", "Origin: Debian"]);
    let sites = output(&mut targets).unwrap_or_default();
    let mirror = sites.lines().find_map(|line| line.strip_prefix(&format!("{suite} ")));
    (suite, mirror.unwrap_or(MIRROR).to_owned())
}

/// Where debootstrap looks for programs: what the system has comes first.
fn path(partners: &Path) -> String {
    let unpacked = partners.display();
    format!(
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:{unpacked}/usr/sbin:{unpacked}/usr/bin"
    )
}
