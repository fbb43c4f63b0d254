//! An installation of the suite: which directories belong together.
//!
//! As upstream's: below `/usr` the directories are the system's (`/etc/kea`, `/var/lib/kea`, `/run/kea`), below any
//! other prefix all of them are the prefix's own (`/opt/kea/etc/kea`, `/opt/kea/var/run/kea`). A prefix is not
//! compiled in: a program is in `PREFIX/sbin`, so where it runs from says which installation it belongs to, and the
//! same programs can be installed anywhere.

use std::path::{Path, PathBuf};

use crate::{Environment, PathKind};

/// The directories of one installation, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// What it was installed with: `/usr`, `/usr/local`, `/opt/kea`.
    pub prefix: PathBuf,
    /// Programs.
    pub programs: PathBuf,
    /// Configuration files.
    pub configuration: PathBuf,
    /// Scripts: those of `kea-admin`, and those that hook libraries run.
    pub scripts: PathBuf,
    /// Hook libraries.
    pub hooks: PathBuf,
    /// What is kept: lease files, the DUID file, cached reservations.
    pub state: PathBuf,
    /// Log files.
    pub logs: PathBuf,
    /// What lives as long as its process: pid files, lock files, control sockets.
    pub run: PathBuf,
}

/// The prefix of programs that came with the system.
const SYSTEM: &str = "/usr";

impl Installation {
    /// The installation below `prefix`. `/usr` is the system's, and so is `/`, whose `sbin` is that of `/usr`.
    pub fn at(prefix: &Path) -> Self {
        let is_system = [SYSTEM, "/"].iter().any(|system| prefix == Path::new(system));
        let prefix = if is_system { Path::new(SYSTEM) } else { prefix };
        // What is not only read: the system has it outside of /usr.
        let (written, run) = if is_system { (Path::new("/"), "run/kea") } else { (prefix, "var/run/kea") };
        Self {
            prefix: prefix.to_owned(),
            programs: prefix.join("sbin"),
            configuration: written.join("etc/kea"),
            scripts: prefix.join("share/kea/scripts"),
            hooks: prefix.join("lib").join(machine()).join("kea/hooks"),
            state: written.join("var/lib/kea"),
            logs: written.join("var/log/kea"),
            run: written.join(run),
        }
    }

    /// The installation that the running program belongs to; the system's for one that is in no `sbin`, such as one
    /// that was just built.
    pub fn of(environment: &Environment) -> Self {
        let folder = environment.program().and_then(Path::parent);
        let prefix = folder.filter(|folder| folder.ends_with("sbin")).and_then(Path::parent);
        Self::at(prefix.unwrap_or(Path::new(SYSTEM)))
    }

    /// The directory that paths of this kind are in, unless the environment names another.
    pub fn directory(&self, kind: PathKind) -> &Path {
        match kind {
            PathKind::ControlSocket => &self.run,
            PathKind::Data => &self.state,
            PathKind::Log | PathKind::LegalLog => &self.logs,
            PathKind::Hook => &self.hooks,
            PathKind::HookScript => &self.scripts,
        }
    }

    /// The directories that programs write to; nobody but their user and group may enter them.
    pub fn written(&self) -> [&Path; 3] {
        [&self.state, &self.logs, &self.run]
    }
}

/// Debian's name of this kind of machine, which the directory of libraries has.
fn machine() -> String {
    match std::env::consts::ARCH {
        "arm" => "arm-linux-gnueabihf".to_owned(),
        "powerpc64" => "powerpc64le-linux-gnu".to_owned(),
        "x86" => "i386-linux-gnu".to_owned(),
        other => format!("{other}-linux-gnu"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(program: &str) -> Installation {
        Installation::of(&Environment::default().with_program(program))
    }

    /// Programs of the system have the system's directories, whichever way their own is spelled; so have those that
    /// were built and not installed.
    #[test]
    fn programs_of_the_system_use_the_system_s_directories() {
        for program in
            ["/usr/sbin/kea-dhcp4", "/sbin/kea-dhcp4", "/usr/bin/kea-dhcp4", "/src/debug/kea-dhcp4"]
        {
            let installation = of(program);
            assert_eq!(installation.prefix, Path::new("/usr"), "{program}");
            assert_eq!(installation.programs, Path::new("/usr/sbin"));
            assert_eq!(installation.configuration, Path::new("/etc/kea"));
            assert_eq!(installation.scripts, Path::new("/usr/share/kea/scripts"));
            assert_eq!(installation.written(), ["/var/lib/kea", "/var/log/kea", "/run/kea"].map(Path::new));
            assert_eq!(installation, Installation::of(&Environment::default()));
        }
    }

    /// Everything of another installation is below its prefix.
    #[test]
    fn programs_below_a_prefix_use_its_directories() {
        for prefix in ["/opt/kea", "/usr/local", "/home/me/sbin"] {
            let installation = of(&format!("{prefix}/sbin/kea-dhcp4"));
            let below = |path: &str| PathBuf::from(format!("{prefix}/{path}"));
            assert_eq!(installation.prefix, Path::new(prefix));
            assert_eq!(installation.programs, below("sbin"));
            assert_eq!(installation.configuration, below("etc/kea"));
            assert_eq!(installation.scripts, below("share/kea/scripts"));
            assert_eq!(installation.written(), ["var/lib/kea", "var/log/kea", "var/run/kea"].map(below));
        }
    }

    /// Hook libraries are where Debian's toolchain puts libraries of this machine.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn hook_libraries_are_in_the_directory_of_the_machine() {
        assert_eq!(of("/usr/sbin/kea-dhcp4").hooks, Path::new("/usr/lib/x86_64-linux-gnu/kea/hooks"));
        assert_eq!(of("/opt/kea/sbin/kea-dhcp4").hooks, Path::new("/opt/kea/lib/x86_64-linux-gnu/kea/hooks"));
    }
}
