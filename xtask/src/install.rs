//! `cargo xtask install`: lays the suite out below a prefix, as upstream's own install does.
//!
//! Which directory is where is not decided here: the programs find theirs from where they run, and this asks the same
//! [`Installation`].

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};

use kotare_daemon::Installation;

use crate::run::{Done, top};
use crate::suite::{self, PROGRAMS, Profile};

/// How to install.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Below which folder; /usr means the system's directories, /etc/kea and /var/lib/kea among them.
    #[arg(long, default_value = "/usr/local")]
    prefix: PathBuf,
    /// Put everything below this folder, as if it were /, to make a package of it; also read from DESTDIR.
    #[arg(long)]
    destdir: Option<PathBuf>,
    /// Install the programs in this folder, instead of building them.
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// What the source tree has for operators to read; the same folders below the documentation's.
const DOCUMENTS: [&str; 9] = [
    "README.md",
    "ARCHITECTURE.md",
    "LICENSE",
    "docs/benchmarks.md",
    "docs/differences.md",
    "docs/kea-compatibility.md",
    "docs/metrics.md",
    "etc/grafana/kea-dhcp4.json",
    "etc/prometheus/kea-dhcp4.rules.yml",
];

/// What the system's service manager reads; only for programs that are the system's.
const UNITS: [(&str, &str); 4] = [
    ("etc/systemd/kea-ctrl-agent.service", "lib/systemd/system"),
    ("etc/systemd/kea-dhcp4-server.service", "lib/systemd/system"),
    ("etc/sysusers.d/kea.conf", "lib/sysusers.d"),
    ("etc/tmpfiles.d/kea.conf", "lib/tmpfiles.d"),
];

/// In the file of a hook library. The module is part of the programs; tools and operators look whether it is there.
const STAND_IN: &str =
    "This module is built into the programs of Kotare; this file only shows that it is there.\n";

/// Of a directory that everybody may look into, and of one that is the daemons' own.
const OPEN: u32 = 0o755;
const OWN: u32 = 0o750;

/// Builds the programs unless they are given, and puts everything in its place.
pub(crate) fn install(options: &Options) -> Done {
    let programs = match &options.programs {
        Some(folder) => folder.clone(),
        None => suite::build(Profile::Release)?,
    };
    let destdir = options.destdir.clone().or_else(|| std::env::var_os("DESTDIR").map(PathBuf::from));
    let site = Site {
        installation: Installation::at(&absolute(&options.prefix)?),
        root: destdir.filter(|folder| !folder.as_os_str().is_empty()),
    };
    site.fill(&programs)
}

/// Where an installation is made.
struct Site {
    installation: Installation,
    /// The folder that stands for `/`.
    root: Option<PathBuf>,
}

impl Site {
    fn fill(&self, programs: &Path) -> Done {
        let Installation { prefix, programs: sbin, configuration, scripts, hooks, .. } = &self.installation;
        for directory in [sbin, configuration, scripts, hooks] {
            self.directory(directory, OPEN)?;
        }
        for directory in self.installation.written() {
            self.directory(directory, OWN)?;
        }
        for program in &PROGRAMS {
            let from = programs.join(program.name);
            self.file(sbin, program.name, &read(&from)?, 0o755)?;
        }
        for module in suite::modules()? {
            self.file(hooks, &format!("libdhcp_{module}.so"), STAND_IN.as_bytes(), 0o644)?;
        }
        for example in ["kea-ctrl-agent.conf", "kea-dhcp4.conf", "keactrl.conf"] {
            self.example(configuration, example)?;
        }
        for document in DOCUMENTS.map(Path::new) {
            let folder = prefix.join("share/doc/kea").join(document.parent().unwrap_or(Path::new("")));
            self.copy(document, &folder)?;
        }
        if self.is_system() {
            for (unit, folder) in UNITS {
                self.copy(Path::new(unit), &prefix.join(folder))?;
            }
        }
        Ok(())
    }

    /// An example configuration, with the directories of this installation in its comments. One that is there is the
    /// operator's and stays as it is.
    fn example(&self, folder: &Path, name: &str) -> Done {
        let place = self.real(&folder.join(name));
        if place.exists() {
            println!("{} stays as it is", place.display());
            return Ok(());
        }
        let text = String::from_utf8(read(&top().join("etc").join(name))?)?;
        self.file(folder, name, self.adapt(text).as_bytes(), 0o640)
    }

    /// Names this installation's directories where a text names the system's.
    fn adapt(&self, text: String) -> String {
        let (system, own) = (Installation::at(Path::new("/usr")), &self.installation);
        let pairs = system.written().into_iter().zip(own.written());
        let pairs =
            pairs.chain([(&*system.configuration, &*own.configuration), (&*system.programs, &*own.programs)]);
        pairs.fold(text, |text, (theirs, ours)| {
            text.replace(&*theirs.to_string_lossy(), &ours.to_string_lossy())
        })
    }

    /// A file of the source tree, under its own name.
    fn copy(&self, file: &Path, folder: &Path) -> Done {
        let name = file.file_name().and_then(|name| name.to_str()).ok_or("files of the tree have names")?;
        self.file(folder, name, &read(&top().join(file))?, 0o644)
    }

    /// A file with this content. It appears whole: a program that runs keeps the file it was started from.
    fn file(&self, folder: &Path, name: &str, content: &[u8], mode: u32) -> Done {
        self.directory(folder, OPEN)?;
        let place = self.real(&folder.join(name));
        let fresh = place.with_file_name(format!(".{name}.new"));
        let written = fs::write(&fresh, content)
            .and_then(|()| fs::set_permissions(&fresh, Permissions::from_mode(mode)))
            .and_then(|()| fs::rename(&fresh, &place));
        written.map_err(|error| format!("cannot write {}: {error}", place.display()))?;
        println!("{}", place.display());
        Ok(())
    }

    /// A directory, with what it is in. The permissions of one that is there are its owner's business.
    fn directory(&self, directory: &Path, mode: u32) -> Done {
        let place = self.real(directory);
        let parent = place.parent().unwrap_or(&place);
        let made = fs::create_dir_all(parent).and_then(|()| match fs::create_dir(&place) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            Ok(()) => fs::set_permissions(&place, Permissions::from_mode(mode)),
        });
        Ok(made.map_err(|error| format!("cannot make the directory {}: {error}", place.display()))?)
    }

    /// Where a path of the installation is now.
    fn real(&self, path: &Path) -> PathBuf {
        match &self.root {
            Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
            None => path.to_owned(),
        }
    }

    fn is_system(&self) -> bool {
        self.installation == Installation::at(Path::new("/usr"))
    }
}

fn read(file: &Path) -> Done<Vec<u8>> {
    Ok(fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?)
}
