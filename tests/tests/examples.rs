//! The example configurations that come with Kea, and our own, go through our checks.
//!
//! `all-keys.json` says of itself that the server refuses it for parameters that exclude each other. It has none:
//! Kea 2.2 takes its own once the interface and the hook libraries are there, and so do we.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_tests::tell;
use kotare_tests::world::{kea_examples, program};

/// Whole deployments, which the manual's chapter "Configuration Templates" shows.
const TEMPLATES: [&str; 2] = ["template-power-user-home", "template-ha-mt-tls"];

/// What is said of a hook library that is built in for DHCPv4 servers alone.
const TO_COME: &str = " is not for DHCPv6 servers";

/// A server whose examples there are.
struct Server {
    program: &'static str,
    /// The map of its configuration.
    map: &'static str,
    /// The folder of its examples in Kea's sources.
    folder: &'static str,
    /// The keyword of its subnets.
    subnets: &'static str,
}

const SERVERS: [Server; 2] = [
    Server { program: "kea-dhcp4", map: "Dhcp4", folder: "kea4", subnets: "subnet4" },
    Server { program: "kea-dhcp6", map: "Dhcp6", folder: "kea6", subnets: "subnet6" },
];

impl Server {
    /// Its examples; none, said aloud, where there are no examples.
    fn examples(&self) -> Vec<PathBuf> {
        let Some(folder) = kea_examples() else {
            tell("skipped: KOTARE_KEA_EXAMPLES is not the folder of Kea's examples");
            return Vec::new();
        };
        let mut files = files_of(&folder.join(self.folder), |name| name.ends_with(".json"));
        assert!(files.len() > 10, "{} holds only {} examples", folder.display(), files.len());
        for template in
            TEMPLATES.map(|template| folder.join(template)).iter().filter(|folder| folder.is_dir())
        {
            files
                .extend(files_of(template, |name| name.starts_with(self.program) && name.ends_with(".conf")));
        }
        files
    }

    /// Checks a file; whether it is good, and what was said about it.
    fn check(&self, options: &[&str], file: &Path) -> (bool, String) {
        let output = Command::new(program(self.program)).args(options).arg(file).output();
        let output = output.unwrap_or_else(|error| panic!("run {}: {error}", self.program));
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }
}

/// The files of a folder with such names, sorted.
fn files_of(folder: &Path, is: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("list {}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = listed.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| is(&name.to_string_lossy())));
    files.sort();
    files
}

/// `-t` and `-T` take every example, but that `-T` wants the secrets of control sockets and the databases, which are nowhere, and
/// that some hook libraries are not for DHCPv6 servers yet.
#[test]
fn examples_are_valid() {
    let mut refused = Vec::new();
    for server in &SERVERS {
        for file in server.examples() {
            for options in [&["-t"][..], &["-X", "-T"]] {
                let (good, said) = server.check(options, &file);
                let sockets = format!("{}/control-sockets[", server.map);
                let errors: Vec<_> =
                    said.lines().filter(|line| line.starts_with("Error encountered")).collect();
                let is_nowhere = |line: &str| {
                    line.contains(&sockets)
                        || line.contains(": could not open the ") && line.contains(" database (")
                };
                let is_excused =
                    |line: &&str| options.contains(&"-T") && is_nowhere(line) || line.contains(TO_COME);
                if !good && (errors.is_empty() || !errors.iter().all(is_excused)) {
                    refused.push(format!("{} {options:?} {}:\n{said}", server.program, file.display()));
                }
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// What is said of an example of the server that updates the DNS: it names files that are nowhere and passwords that everybody
/// knows, and one has a domain whose key it does not have.
const OF_NOWHERE: [&str; 3] =
    ["No such file or directory", "password must not be a default one", "there is no key 'd2.sha1.key'"];

/// `-t` takes the examples of the server that updates the DNS, but for what they need and do not bring.
#[test]
fn examples_of_updates_are_valid() {
    let server = Server { program: "kea-dhcp-ddns", map: "DhcpDdns", folder: "ddns", subnets: "" };
    let Some(folder) = kea_examples() else {
        return tell("skipped: KOTARE_KEA_EXAMPLES is not the folder of Kea's examples");
    };
    let files = files_of(&folder.join(server.folder), |name| name.ends_with(".json"));
    assert!(files.len() > 4, "{files:?}");
    for file in files {
        let (good, said) = server.check(&["-X", "-t"], &file);
        let errors: Vec<_> = said.lines().filter(|line| line.starts_with("Error encountered")).collect();
        let is_excused = |line: &&str| OF_NOWHERE.iter().any(|excuse| line.contains(excuse));
        assert!(good || (!errors.is_empty() && errors.iter().all(is_excused)), "{}:\n{said}", file.display());
    }
}

/// Our own examples are good as they are, without `-X`, and promise nothing that has no effect.
#[test]
fn our_own_examples_have_an_effect() {
    for server in &SERVERS {
        let example = format!("{}/../etc/{}.conf", env!("CARGO_MANIFEST_DIR"), server.program);
        let (good, said) = server.check(&["-T"], Path::new(&example));
        assert!(good && !said.contains("warning"), "{said}");
    }
}

/// An example that is cut off, or has a keyword nobody knows, is refused, and the place is said.
#[test]
fn spoilt_examples_are_refused_with_the_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spoilt = folder.path().join("spoilt.json");
    let mut wrong = Vec::new();
    for server in &SERVERS {
        let spelt = format!("{}4", server.subnets);
        for file in server.examples() {
            let text = fs::read_to_string(&file).expect("an example can be read");
            let cut = text.len() / 2;
            let cut = (cut..).find(|&at| text.is_char_boundary(at)).unwrap_or(cut);
            let unknown = text.replace(&format!("\"{}\":", server.subnets), &format!("\"{spelt}\":"));
            for (how, text) in [("cut off", &text[..cut]), ("with a subnet of none", &unknown)] {
                if how != "cut off" && !text.contains(&spelt) {
                    continue;
                }
                fs::write(&spoilt, text).expect("write the spoilt example");
                let (good, said) = server.check(&["-t"], &spoilt);
                let place = format!("{}:", spoilt.display());
                let placed = said.lines().any(|line| {
                    let after = line.split_once(&place).map(|(_, after)| after);
                    after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
                });
                if good || !placed || said.contains("panicked") {
                    wrong.push(format!("{} {how}: good {good}, said:\n{said}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Scripts and files that modules need and that are not there are found out by `-T`, with the place, and not by `-t`.
#[test]
fn what_modules_need_is_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("modules.json");
    let text = r#"{"Dhcp4": {"hooks-libraries": [
        {"library": "libdhcp_run_script.so", "parameters": {"name": "/nowhere/script"}},
        {"library": "libdhcp_legal_log.so", "parameters": {
            "prerotate": "/nowhere/before"}},
        {"library": "libdhcp_user_chk.so", "parameters": {"registry": "/nowhere/users"}}]}}"#;
    fs::write(&file, text).expect("write the configuration");
    let (good, said) = SERVERS[0].check(&["-t"], &file);
    assert!(good, "{said}");
    let (good, said) = SERVERS[0].check(&["-X", "-T"], &file);
    assert!(!good, "{said}");
    for (place, reason) in [
        ("2:69", "'/nowhere/script' cannot be run"),
        ("4:26", "'/nowhere/before' cannot be run"),
        ("5:21", "cannot open file:/nowhere/users"),
    ] {
        let told = |line: &str| line.contains(&format!(":{place}:")) && line.contains(reason);
        assert!(said.lines().any(told), "{place} {reason}: {said}");
    }
}

/// What a module says of its parameters when it is built, `-t` says too, with the place: an expression that is none, a
/// setting of a subnet that is no number.
#[test]
fn what_modules_would_refuse_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("modules.json");
    let text = r#"{"Dhcp4": {"hooks-libraries": [
        {"library": "libdhcp_ping_check.so"},
        {"library": "libdhcp_flex_option.so", "parameters": {"options": [
            {"code": 100, "supersede": "(((("}]}}],
    "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "user-context": {"ping-check": {
        "min-ping-requests": "many"}}}]}}"#;
    fs::write(&file, text).expect("write the configuration");
    for options in [&["-t"][..], &["-X", "-T"]] {
        let (good, said) = SERVERS[0].check(options, &file);
        let placed = |place: &str| said.contains(&format!("{}:{place}:", file.display()));
        assert!(!good && placed("4:40") && placed("6:30"), "{options:?}: {said}");
    }
}
