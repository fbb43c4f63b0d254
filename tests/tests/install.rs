//! `cargo xtask install`: what is where, as upstream's own install and Debian's packages have it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use kotare_daemon::Installation;
use kotare_tests::world::install;

/// The permissions of a file or directory.
fn mode(path: &Path) -> u32 {
    let data = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    data.permissions().mode() & 0o777
}

/// Everything below `root` with its permissions, as lines `755 sbin/kea-dhcp4`; directories end in a slash, and only
/// those that the suite makes for itself are listed. What modules, documents, manual pages and completions there are is
/// other tests' business.
fn listed(root: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be listed") {
            let path = entry.expect("and its entries").path();
            let below = path.strip_prefix(root).expect("below the root").display().to_string();
            let below = below.replace(&machine(), "MACHINE");
            if ["kea/hooks", "doc/kea", "share/man", "bash-completion", "fish", "zsh"]
                .iter()
                .any(|name| path.ends_with(name))
            {
                continue;
            }
            if !path.is_dir() {
                lines.push(format!("{:o} {below}", mode(&path)));
                continue;
            }
            if path.ends_with("kea") || path.ends_with("sbin") {
                lines.push(format!("{:o} {below}/", mode(&path)));
            }
            folders.push(path);
        }
    }
    lines.sort_by(|one, other| one[4..].cmp(&other[4..]));
    lines
}

/// Debian's name of this machine.
fn machine() -> String {
    format!("{}-linux-gnu", std::env::consts::ARCH)
}

/// Below a prefix of its own, everything is below that prefix: programs, configuration, and the directories that
/// the daemons write to, which others may not enter.
#[test]
fn a_prefix_of_its_own_holds_everything() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let prefix = folder.path().join("opt/kea");
    install(&["--prefix".as_ref(), prefix.as_ref()]);
    let expected = "\
755 etc/kea/
640 etc/kea/kea-ctrl-agent.conf
640 etc/kea/kea-dhcp-ddns.conf
640 etc/kea/kea-dhcp4.conf
640 etc/kea/kea-dhcp6.conf
640 etc/kea/keactrl.conf
755 lib/MACHINE/kea/
755 sbin/
755 sbin/kea-admin
755 sbin/kea-ctrl-agent
755 sbin/kea-dhcp-ddns
755 sbin/kea-dhcp4
755 sbin/kea-dhcp6
755 sbin/kea-lfc
755 sbin/kea-shell
755 sbin/keactrl
755 share/kea/
750 var/lib/kea/
750 var/log/kea/
750 var/run/kea/";
    assert_eq!(listed(&prefix).join("\n"), expected);
    assert!(prefix.join("share/kea/scripts").is_dir());
    let documents =
        ["README.md", "docs/packages.md", "etc/grafana/kea-dhcp4.json", "etc/prometheus/kea-dhcp6.rules.yml"];
    for document in documents {
        assert!(prefix.join("share/doc/kea").join(document).is_file(), "{document}");
    }

    let ddns = prefix.join("etc/kea/kea-dhcp-ddns.conf");
    let checked = Command::new(prefix.join("sbin/kea-dhcp-ddns")).arg("-t").arg(&ddns).output();
    let checked = checked.expect("the installed program can be run");
    assert!(checked.status.success(), "{checked:?}");

    for program in ["kea-dhcp4", "kea-dhcp6"] {
        let file = prefix.join(format!("etc/kea/{program}.conf"));
        let configuration = fs::read_to_string(&file).expect("an example");
        let leases = format!("in {}/var/lib/kea", prefix.display());
        assert!(configuration.contains(&leases), "its comments tell this installation's directories");
        let checked = Command::new(prefix.join("sbin").join(program)).arg("-T").arg(&file).output();
        let checked = checked.expect("the installed program can be run");
        assert!(checked.status.success(), "{checked:?}");
    }
}

/// Modules are built in, but tools look whether the file of a hook library exists: there is one for each.
#[test]
fn every_module_has_the_file_of_its_hook_library() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    install(&["--prefix".as_ref(), folder.path().as_ref()]);
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let modules = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../lib/modules/src"));
    // What asks modules that are files of their own is in no file itself.
    let built_in = names(modules).into_iter().filter(|name| modules.join(name).is_dir() && name != "wasm");
    let expected: BTreeSet<String> = built_in.map(|name| format!("libdhcp_{name}.so")).collect();
    let hooks = folder.path().join("lib").join(machine()).join("kea/hooks");
    assert!(hooks.is_dir());
    assert_eq!(names(&hooks), expected);
    assert!(expected.iter().all(|name| mode(&hooks.join(name)) == 0o644));
}

/// The system's prefix has configuration and state where the system has them, and what the service manager reads.
/// A package is made of it in a folder that stands for the root.
#[test]
fn the_system_s_prefix_uses_the_system_s_directories() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    install(&["--prefix".as_ref(), "/usr".as_ref(), "--destdir".as_ref(), root.as_ref()]);
    let expected = "\
755 etc/kea/
640 etc/kea/kea-ctrl-agent.conf
640 etc/kea/kea-dhcp-ddns.conf
640 etc/kea/kea-dhcp4.conf
640 etc/kea/kea-dhcp6.conf
640 etc/kea/keactrl.conf
644 etc/logrotate.d/kea
750 run/kea/
755 usr/lib/MACHINE/kea/
644 usr/lib/systemd/system/kea-ctrl-agent.service
644 usr/lib/systemd/system/kea-dhcp-ddns-server.service
644 usr/lib/systemd/system/kea-dhcp4-server.service
644 usr/lib/systemd/system/kea-dhcp6-server.service
644 usr/lib/sysusers.d/kea.conf
644 usr/lib/tmpfiles.d/kea.conf
755 usr/sbin/
755 usr/sbin/kea-admin
755 usr/sbin/kea-ctrl-agent
755 usr/sbin/kea-dhcp-ddns
755 usr/sbin/kea-dhcp4
755 usr/sbin/kea-dhcp6
755 usr/sbin/kea-lfc
755 usr/sbin/kea-shell
755 usr/sbin/keactrl
755 usr/share/kea/
750 var/lib/kea/
750 var/log/kea/";
    assert_eq!(listed(root).join("\n"), expected);
    for name in ["kea-dhcp4.conf", "kea-dhcp6.conf", "kea-dhcp-ddns.conf"] {
        let example = fs::read(root.join("etc/kea").join(name)).expect("an example");
        let ours = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../etc")).join(name);
        assert!(example == fs::read(ours).expect("ours"), "{name} names the system's directories already");
    }
}

/// What the service manager makes is what programs of the system use: the same directories with the same permissions
/// for the same user, whether a unit or tmpfiles.d makes them.
#[test]
fn the_service_manager_s_files_agree_with_the_programs() {
    let etc = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../etc"));
    let read =
        |file: &Path| fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let tmpfiles = read(&etc.join("tmpfiles.d/kea.conf"));
    let made: BTreeMap<&str, [&str; 3]> = tmpfiles
        .lines()
        .filter_map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["d", path, mode, user, group, _] => Some((path, [mode, user, group])),
            _ => None,
        })
        .collect();
    let system = Installation::at(Path::new("/usr"));
    let used = system.written().into_iter().chain([&*system.configuration]);
    let used: BTreeSet<&str> = used.map(|path| path.to_str().expect("a plain path")).collect();
    assert_eq!(made.keys().copied().collect::<BTreeSet<_>>(), used);

    let sysusers = read(&etc.join("sysusers.d/kea.conf"));
    let user = sysusers.lines().find_map(|line| line.strip_prefix("u ")?.split(' ').next()).expect("a user");
    let kinds = [("Configuration", "/etc"), ("Runtime", "/run"), ("State", "/var/lib"), ("Logs", "/var/log")];
    let mut units = 0;
    for entry in fs::read_dir(etc.join("systemd")).expect("the units can be listed") {
        let file = entry.expect("and each of them").path();
        let unit = read(&file);
        let says =
            |line: &str| assert!(unit.lines().any(|other| other == line), "{}: {line}", file.display());
        says(&format!("User={user}"));
        says(&format!("Group={user}"));
        assert!(unit.contains(&format!("\nExecStart={}/", system.programs.display())), "{}", file.display());
        for (kind, parent) in kinds {
            let [mode, owner, group] = made[format!("{parent}/kea").as_str()];
            says(&format!("{kind}Directory=kea"));
            says(&format!("{kind}DirectoryMode={mode}"));
            let expected = if kind == "Configuration" { "root" } else { user };
            assert_eq!([owner, group], [expected, user], "{parent}/kea");
        }
        units += 1;
    }
    assert!(units > 0);
}

/// Installing again brings new programs, and leaves alone what belongs to the operator: the configuration, and the
/// permissions of directories.
#[test]
fn installing_again_keeps_what_is_the_operator_s() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let arguments: [&OsStr; 2] = ["--prefix".as_ref(), folder.path().as_ref()];
    install(&arguments);
    let [program, configuration, state] =
        ["sbin/kea-lfc", "etc/kea/kea-dhcp4.conf", "var/lib/kea"].map(|path| folder.path().join(path));
    fs::write(&program, "an older one").expect("write a program");
    fs::write(&configuration, "the operator's").expect("write a configuration");
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("change permissions");
    let said = install(&arguments);
    assert!(fs::read(&program).expect("a program").starts_with(b"\x7fELF"));
    assert_eq!(fs::read_to_string(&configuration).expect("a configuration"), "the operator's");
    assert!(said.contains(&format!("{} stays as it is", configuration.display())), "{said}");
    assert_eq!(mode(&state), 0o700);
}
