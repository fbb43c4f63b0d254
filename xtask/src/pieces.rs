//! What the suite is made of and where each piece goes: one list, for `install` and for packages.
//!
//! Which directory is where is not decided here: the programs find theirs from where they run, and this asks the same
//! [`Installation`].

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use kotare_daemon::Installation;

use crate::man;
use crate::run::{Done, top};
use crate::suite::{self, PROGRAMS};

/// A file or a directory of an installation.
pub(crate) struct Piece {
    /// Where it belongs.
    pub(crate) place: PathBuf,
    pub(crate) what: What,
    mode: u32,
}

/// What a piece is.
pub(crate) enum What {
    /// A directory of the suite.
    Directory,
    /// A directory that daemons write to, and others may not enter.
    Written,
    /// A program.
    Program(Vec<u8>),
    /// A page of the manual.
    Manual(Vec<u8>),
    /// Another file.
    File(Vec<u8>),
    /// A configuration: one that is there is the operator's and stays as it is.
    Configuration(Vec<u8>),
}

/// In the file of a hook library. The module is part of the programs; tools and operators look whether it is there.
const STAND_IN: &str =
    "This module is built into the programs of Kotare; this file only shows that it is there.\n";

/// What modules of others are written for.
const INTERFACE: &str = "lib/wasm/wit/kotare-dhcp.wit";

/// Everything, with the programs of this folder.
pub(crate) fn pieces(installation: &Installation, programs: &Path) -> Done<Vec<Piece>> {
    let Installation { prefix, programs: sbin, configuration, scripts, hooks, .. } = installation;
    let is_system = *installation == Installation::at(Path::new("/usr"));
    let mut list = List(Vec::new());
    for directory in [sbin, configuration, scripts, hooks] {
        list.add(directory, What::Directory, 0o755);
    }
    for directory in installation.written() {
        list.add(directory, What::Written, 0o750);
    }
    for program in &PROGRAMS {
        list.add(sbin.join(program.name), What::Program(read(&programs.join(program.name))?), 0o755);
    }
    for module in suite::modules()? {
        list.file(hooks.join(format!("libdhcp_{module}.so")), STAND_IN);
    }
    let examples = PROGRAMS.iter().map(|program| format!("{}.conf", program.name));
    for example in examples.filter(|name| top().join("etc").join(name).is_file()) {
        let text = String::from_utf8(read(&top().join("etc").join(&example))?)?;
        let text = adapted(text, installation).into_bytes();
        list.add(configuration.join(example), What::Configuration(text), 0o640);
    }
    for document in documents()? {
        let text = read(&top().join(&document))?;
        list.file(prefix.join("share/doc/kea").join(document), text);
    }
    for page in man::pages()? {
        let place = prefix.join(format!("share/man/man{0}/{1}.{0}", man::SECTION, page.name));
        list.add(place, What::Manual(page.text), 0o644);
    }
    for (place, text) in man::completions(is_system)? {
        list.file(prefix.join("share").join(place), text);
    }
    // What the system's services read is only for programs that are the system's.
    if is_system {
        for unit in PROGRAMS.iter().filter_map(|program| program.unit) {
            let name = format!("{unit}.service");
            list.file(
                prefix.join("lib/systemd/system").join(&name),
                read(&top().join("etc/systemd").join(name))?,
            );
        }
        for kind in ["sysusers.d", "tmpfiles.d"] {
            let text = read(&top().join("etc").join(kind).join("kea.conf"))?;
            list.file(prefix.join("lib").join(kind).join("kea.conf"), text);
        }
        let text = read(&top().join("etc/logrotate.d/kea"))?;
        list.add("/etc/logrotate.d/kea", What::Configuration(text), 0o644);
    }
    Ok(list.0)
}

struct List(Vec<Piece>);

impl List {
    fn add(&mut self, place: impl Into<PathBuf>, what: What, mode: u32) {
        self.0.push(Piece { place: place.into(), what, mode });
    }

    fn file(&mut self, place: PathBuf, content: impl Into<Vec<u8>>) {
        self.add(place, What::File(content.into()), 0o644);
    }
}

impl Piece {
    /// Whether a file of this name is left alone if there is one.
    pub(crate) fn is_operators(&self) -> bool {
        matches!(self.what, What::Configuration(_))
    }

    /// Puts it into its place below `root`, whole: a program that runs keeps the file it was started from. The
    /// permissions of a directory that is there are its owner's business.
    pub(crate) fn put(&self, root: &Path) -> Done {
        let place = below(root, &self.place);
        match &self.what {
            What::Directory | What::Written => directory(&place, self.mode),
            What::Program(content)
            | What::Manual(content)
            | What::File(content)
            | What::Configuration(content) => file(&place, content, self.mode),
        }
    }
}

/// Where a path is if `root` stands for `/`.
pub(crate) fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Writes a file with what it is in.
pub(crate) fn file(place: &Path, content: &[u8], mode: u32) -> Done {
    let (Some(folder), Some(name)) = (place.parent(), place.file_name()) else {
        return Err(format!("{} is no place for a file", place.display()).into());
    };
    directory(folder, 0o755)?;
    let fresh = place.with_file_name(format!(".{}.new", name.to_string_lossy()));
    let written = fs::write(&fresh, content)
        .and_then(|()| fs::set_permissions(&fresh, Permissions::from_mode(mode)))
        .and_then(|()| fs::rename(&fresh, place));
    Ok(written.map_err(|error| format!("cannot write {}: {error}", place.display()))?)
}

fn directory(place: &Path, mode: u32) -> Done {
    if let Some(parent) = place.parent().filter(|parent| !parent.exists()) {
        directory(parent, 0o755)?;
    }
    let made = match fs::create_dir(place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => fs::set_permissions(place, Permissions::from_mode(mode)),
    };
    Ok(made.map_err(|error| format!("cannot make the directory {}: {error}", place.display()))?)
}

/// What operators read and take, by its name in the source tree.
fn documents() -> Done<Vec<PathBuf>> {
    let mut names: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "LICENSE", INTERFACE].map(PathBuf::from).into();
    for folder in ["docs", "etc/grafana", "etc/prometheus"].map(Path::new) {
        for entry in fs::read_dir(top().join(folder))? {
            names.push(folder.join(entry?.file_name()));
        }
    }
    Ok(names)
}

/// Names this installation's directories where a text names the system's.
fn adapted(text: String, installation: &Installation) -> String {
    let system = Installation::at(Path::new("/usr"));
    let pairs = system.written().into_iter().zip(installation.written());
    let pairs = pairs.chain([
        (&*system.configuration, &*installation.configuration),
        (&*system.programs, &*installation.programs),
    ]);
    pairs.fold(text, |text, (theirs, ours)| text.replace(&*theirs.to_string_lossy(), &ours.to_string_lossy()))
}

pub(crate) fn read(file: &Path) -> Done<Vec<u8>> {
    Ok(fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?)
}
