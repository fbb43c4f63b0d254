//! A package for Debian, in the place of its packages of Kea: the same files, user, units and configuration.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_daemon::Installation;

use super::libraries;
use crate::pieces::{self, Piece, What, below, pieces, read};
use crate::run::{Done, output, run, top};
use crate::suite::PROGRAMS;

/// What the package is called.
const NAME: &str = "kotare";

/// How to make it.
pub(super) struct Deb {
    pub(super) revision: u32,
    pub(super) quick: bool,
}

impl Deb {
    /// Makes the package of the programs in a folder; where it is.
    pub(super) fn make(&self, programs: &Path, folder: &Path) -> Done<PathBuf> {
        let workshop = tempfile::tempdir_in(folder)?;
        let tree = workshop.path().join("tree");
        let pieces = pieces(&Installation::at(Path::new("/usr")), programs)?;
        // Those that daemons write to are made by postinst, as tmpfiles.d says.
        for piece in pieces.iter().filter(|piece| !matches!(piece.what, What::Written)) {
            piece.put(&tree)?;
        }
        strip(&tree)?;
        for piece in pieces.iter().filter(|piece| matches!(piece.what, What::Manual(_))) {
            run(Command::new("gzip").args(["--best", "--no-name"]).arg(below(&tree, &piece.place)))?;
        }
        let documents = tree.join("usr/share/doc").join(NAME);
        pieces::file(&documents.join("copyright"), &read(&top().join("etc/debian/copyright"))?, 0o644)?;

        let operators: Vec<&Path> =
            pieces.iter().filter(|piece| piece.is_operators()).map(|piece| &*piece.place).collect();
        let examples: Vec<(&str, &[u8])> = pieces.iter().filter_map(example).collect();
        let control = tree.join("DEBIAN");
        for script in ["preinst", "postinst", "prerm", "postrm"] {
            let text = String::from_utf8(read(&top().join("etc/debian").join(script))?)?;
            let text = filled(&text, &examples)?;
            pieces::file(&control.join(script), text.as_bytes(), 0o755)?;
        }
        let list: String = operators.iter().map(|place| format!("{}\n", place.display())).collect();
        pieces::file(&control.join("conffiles"), list.as_bytes(), 0o644)?;
        pieces::file(&control.join("md5sums"), sums(&tree)?.as_bytes(), 0o644)?;
        let architecture = output(Command::new("dpkg").arg("--print-architecture"))?.trim().to_owned();
        let version = format!("{}-{}", env!("CARGO_PKG_VERSION"), self.revision);
        let text = self.control(&tree, &version, &architecture)?;
        pieces::file(&control.join("control"), text.as_bytes(), 0o644)?;

        let place = folder.join(format!("{NAME}_{version}_{architecture}.deb"));
        let compression = if self.quick { "-Znone" } else { "-Zxz" };
        run(Command::new("dpkg-deb")
            .args(["--build", "--root-owner-group", compression])
            .args([&tree, &place])
            .stdout(std::process::Stdio::null()))?;
        Ok(place)
    }

    /// What dpkg is told of the package.
    fn control(&self, tree: &Path, version: &str, architecture: &str) -> Done<String> {
        let programs = PROGRAMS.each_ref().map(|program| tree.join("usr/sbin").join(program.name));
        let needed = libraries::packages(&programs.each_ref().map(PathBuf::as_path))?;
        let depends = [needed, vec!["adduser".to_owned()]].concat().join(", ");
        let provides: Vec<&str> = PROGRAMS.iter().filter_map(|program| program.instead_of).collect();
        let others = PROGRAMS.iter().flat_map(|program| program.conflicts).copied();
        let conflicts: Vec<&str> = provides.iter().copied().chain(others).collect();
        let size = output(Command::new("du").args(["--summarize", "-k"]).arg(tree))?;
        let size = size.split_whitespace().next().unwrap_or("0").to_owned();
        let mut text = String::new();
        for (field, value) in [
            ("Package", NAME),
            ("Version", version),
            ("Architecture", architecture),
            ("Maintainer", "Kotare <kotare@localhost>"),
            ("Installed-Size", &size),
            ("Depends", &depends),
            ("Suggests", "logrotate"),
            ("Provides", &provides.join(", ")),
            ("Conflicts", &conflicts.join(", ")),
            ("Replaces", &conflicts.join(", ")),
            ("Section", "net"),
            ("Priority", "optional"),
            (
                "Description",
                "DHCP server suite in the place of ISC Kea\n \
              The same programs, the same JSON configuration, the same management API and the same lease files as\n \
              ISC Kea. The configuration and the leases of a Kea that is installed are gone on with.",
            ),
        ] {
            writeln!(text, "{field}: {value}")?;
        }
        Ok(text)
    }
}

/// Takes what only a debugger reads out of the programs of a tree; names for backtraces stay.
pub(super) fn strip(tree: &Path) -> Done {
    let programs = PROGRAMS.each_ref().map(|program| tree.join("usr/sbin").join(program.name));
    run(Command::new("strip").arg("--strip-debug").args(programs))
}

/// The name and the content of an example that is the configuration of a program.
fn example(piece: &Piece) -> Option<(&str, &[u8])> {
    let What::Configuration(content) = &piece.what else { return None };
    Some((piece.place.strip_prefix("/etc/kea").ok()?.to_str()?, content))
}

/// A script of the package with what is told in lists of ours.
fn filled(script: &str, examples: &[(&str, &[u8])]) -> Done<String> {
    let units: Vec<&str> = PROGRAMS.iter().filter_map(|program| program.unit).collect();
    let configurations: Vec<&str> = examples.iter().map(|(name, _)| *name).collect();
    let keep = examples.iter().map(|(name, content)| {
        format!("keep {name} << 'END-OF-EXAMPLE'\n{}END-OF-EXAMPLE\n", String::from_utf8_lossy(content))
    });
    let users = String::from_utf8(read(&top().join("etc/sysusers.d/kea.conf"))?)?;
    let user = users.lines().find_map(|line| line.strip_prefix("u ")?.split(' ').next());
    let user = user.ok_or("sysusers.d/kea.conf names no user")?;
    Ok(script
        .replace("@PACKAGE@", NAME)
        .replace("@UNITS@", &units.join(" "))
        .replace("@PROGRAMS@", &PROGRAMS.each_ref().map(|program| program.name).join(" "))
        .replace("@KEEP@", keep.collect::<String>().trim_end())
        .replace("@CONFIGURATIONS@", &configurations.join(" "))
        .replace("@USER@", user)
        .replace("@DIRECTORIES@", directories()?.trim_end()))
}

/// What tmpfiles.d says, in a shell's words.
fn directories() -> Done<String> {
    let text = String::from_utf8(read(&top().join("etc/tmpfiles.d/kea.conf"))?)?;
    let mut lines = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["d", place, mode, user, group, _] => {
                writeln!(lines, "    install -d -m {mode} -o {user} -g {group} {place}")?;
            }
            ["z", place, mode, user, group, _] => {
                writeln!(lines, "    chown {user}:{group} {place}\n    chmod {mode} {place}")?;
            }
            _ => return Err(format!("tmpfiles.d/kea.conf: {line}: neither `d` nor `z`").into()),
        }
    }
    Ok(lines)
}

/// The sums that `dpkg --verify` compares. dpkg has those of configurations itself.
fn sums(tree: &Path) -> Done<String> {
    let mut find = Command::new("find");
    find.args(["usr", "-type", "f", "-exec", "md5sum", "{}", "+"]).current_dir(tree);
    let text = output(&mut find)?;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    Ok(lines.join("\n") + "\n")
}
