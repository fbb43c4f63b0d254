//! The example configurations of Kea 2.2, through its own `kea-dhcp6 -t` and through ours, where the interfaces that they name
//! are there.

use std::fs;
use std::path::{Path, PathBuf};

use kotare_tests::tell;
use kotare_tests::world::{Host, World, partner, program, sandboxed};

/// What makes Kea refuse examples of its own: it looks for files that are not installed.
const FILES: &str = "hooks libraries failed to validate";

/// Whether a server takes a file, and what it says.
fn judged(host: &Host, server: &Path, file: &Path) -> (bool, String) {
    let mut command = host.command(server);
    let output = command.arg("-t").arg(file).env("KEA_LOCKFILE_DIR", "none").output();
    let output = output.unwrap_or_else(|error| panic!("run {}: {error}", server.display()));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said)
}

/// A host with the interfaces and addresses of the examples, and Kea with its examples; `None` where it is not unpacked.
fn stage(world: &World) -> Option<(Host, PathBuf, Vec<PathBuf>)> {
    let Some(kea) = partner("kea-dhcp6") else {
        tell("skipped: Debian's kea-dhcp6 is not unpacked");
        return None;
    };
    let (host, other) = (world.host("server"), world.host("other"));
    for interface in ["eth0", "eth1", "eth2"] {
        world.cable((&host, interface), (&other, interface));
    }
    host.address("eth0", "2001:db8:1::1/64");
    let folder = kea.ancestors().nth(3)?.join("usr/share/doc/kea/examples/kea6");
    let listed = fs::read_dir(folder).expect("kea-doc is unpacked with it");
    let mut files: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() > 20, "{files:?}");
    Some((host, kea, files))
}

/// What Kea takes, ours takes; and Kea takes all but those whose hook libraries are nowhere.
#[test]
fn kea_and_ours_take_the_same_examples() {
    sandboxed("kea_and_ours_take_the_same_examples", |world| {
        let Some((host, kea, files)) = stage(world) else { return };
        for file in files {
            let (taken, by_kea) = judged(&host, &kea, &file);
            assert!(taken || by_kea.contains(FILES), "{}: {by_kea}", file.display());
            let (taken, by_ours) = judged(&host, &program("kea-dhcp6"), &file);
            assert!(taken, "{}: {by_ours}", file.display());
        }
    });
}

/// The same examples, each spoilt in every one of these ways that it can be: neither takes one, and ours says the place.
#[test]
fn kea_and_ours_refuse_the_same_spoilt_examples() {
    sandboxed("kea_and_ours_refuse_the_same_spoilt_examples", |world| {
        let Some((host, kea, files)) = stage(world) else { return };
        let ways = [
            ("\"subnet\":", "\"subnett\":"),
            ("\"pools\":", "\"pools\""),
            ("\"subnet6\":", "\"subnet4\":"),
            ("\"Dhcp6\":", "\"Dhcp4\":"),
            ("\"delegated-len\":", "\"delegated-len\": 4,\n\"delegated-len\":"),
            ("\"preferred-lifetime\":", "\"preferred-lifetime\": \"long\", \"comment\":"),
            ("\"subnet\": \"2001:db8", "\"subnet\": \"10.0.0"),
            ("\"pool\": \"2001:db8:1:", "\"pool\": \"2001:db8:ffff:"),
            ("\"prefix\": \"2001", "\"prefix\": \"nowhere"),
            ("\"name\": \"dns-servers\"", "\"name\": \"dns-waiters\""),
            ("\"duid\": \"", "\"duid\": \"not hexadecimal"),
        ];
        let spoilt = world.path("spoilt.json");
        let (mut tried, mut surprises) = (0, Vec::new());
        for file in files {
            let text = fs::read_to_string(&file).expect("an example can be read");
            for (sound, wrong) in ways.into_iter().filter(|(sound, _)| text.contains(sound)) {
                fs::write(&spoilt, text.replacen(sound, wrong, 1)).expect("write the spoilt example");
                let what = format!("{} with {wrong}", file.display());
                let (taken, by_kea) = judged(&host, &kea, &spoilt);
                let (ours, by_ours) = judged(&host, &program("kea-dhcp6"), &spoilt);
                // Within a comment it is no mistake.
                if taken && ours {
                    continue;
                }
                tried += 1;
                let place = format!("{}:", spoilt.display());
                let placed = by_ours
                    .split(&place)
                    .skip(1)
                    .any(|after| after.starts_with(|c: char| c.is_ascii_digit()));
                if taken || ours || !placed {
                    surprises.push(format!("{what}\n  Kea: {taken} {by_kea}\n  ours: {ours} {by_ours}"));
                }
            }
        }
        assert!(tried > 80, "only {tried} were tried");
        assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    });
}
