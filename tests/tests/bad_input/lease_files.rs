//! Lease files that are damaged, or none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_tests::world::{World, sandboxed};
use serde_json::{Value, json};

use crate::packets::Link;
use crate::scene::{Scene, configuration};
use crate::start::{refused, says};

/// The lease file of a scene.
fn file(scene: &Scene<'_>) -> PathBuf {
    scene.server.folder().join("leases.csv")
}

/// Gives clients 1 to `count` leases, restarts the server after `damage` was done to the text of the file, and says
/// which clients still have theirs.
fn damaged(scene: &mut Scene<'_>, count: u16, damage: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u16> {
    let leases: Vec<_> = (1..=count).map(|client| (client, scene.lease(client).expect("a lease"))).collect();
    scene.restart(json!({}), |scene| {
        let text = fs::read(file(scene)).expect("the file can be read");
        fs::write(file(scene), damage(text)).expect("the file can be written");
    });
    let kept = leases.into_iter().filter(|(client, address)| scene.confirms(*client, *address));
    kept.map(|(client, _)| client).collect()
}

/// Garbage between sound rows costs nothing but itself; it is told with its row.
#[test]
fn garbage_in_the_middle() {
    sandboxed("lease_files::garbage_in_the_middle", |world| {
        let mut scene = Scene::new(world);
        let kept = damaged(&mut scene, 5, |text| {
            let middle = nth_line(&text, 4);
            let garbage = b"\xff\xfe\x00 garbage , , ,\n192.0.2.999,02:00,,x,y,z\n,,,,,,,,,,,,\n\n\"\"\"\n";
            [&text[..middle], garbage, &text[middle..]].concat()
        });
        assert_eq!(kept, [1, 2, 3, 4, 5], "log:\n{}", scene.server.log());
        assert!(
            says(&scene.server.log(), &["DHCPSRV_MEMFILE_LEASE_LOAD_ROW_ERROR"]),
            "{}",
            scene.server.log()
        );
        scene.assert_serves();
    });
}

/// A last row that was torn by a crash is set aside and told; the rows before it count.
#[test]
fn a_torn_last_row() {
    sandboxed("lease_files::a_torn_last_row", |world| {
        let mut scene = Scene::new(world);
        let kept = damaged(&mut scene, 3, |text| [&text[..], b"192.0.2.150,02:00:00:00:00:63,,36"].concat());
        assert_eq!(kept, [1, 2, 3]);
        let log = scene.server.log();
        assert!(says(&log, &["KOTARE_LEASE_FILE_TORN", "leases.csv"]), "{log}");
        let folder = fs::read_dir(scene.server.folder()).expect("a folder");
        let aside = folder.filter_map(|entry| fs::read(entry.ok()?.path()).ok());
        let torn = b"192.0.2.150,02:00:00:00:00:63,,36";
        assert!(
            aside.filter(|text| text.starts_with(torn) || text.ends_with(torn)).count() >= 1,
            "the torn row is kept somewhere"
        );
        // What is written next stands in a row of its own.
        let address = scene.lease(9).expect("a lease");
        scene.restart(json!({}), |_| {});
        assert!(scene.confirms(9, address));
        scene.assert_serves();
    });
}

/// A lease file that somebody deletes, replaces or empties while it is in use is written anew before the next lease is
/// acknowledged, and that is said in one line.
#[test]
fn a_file_lost_while_in_use() {
    sandboxed("lease_files::a_file_lost_while_in_use", |world| {
        let mut scene = Scene::new(world);
        let mut leases = Vec::new();
        for (client, how) in (1..).zip(["deleted", "replaced", "changed"]) {
            let (path, copy) = (file(&scene), file(&scene).with_extension("copy"));
            match how {
                "deleted" => fs::remove_file(&path),
                "replaced" => fs::copy(&path, &copy).and_then(|_| fs::rename(&copy, &path)),
                _ => fs::write(&path, ""),
            }
            .expect("root may do anything");
            leases.push((client, scene.lease(client).expect("a lease")));
            let text = fs::read_to_string(file(&scene)).expect("the file can be read");
            for (_, address) in &leases {
                assert!(text.contains(&format!("\n{address},")), "{how}: {text}");
            }
            scene.server.await_log(&["KOTARE_LEASE_FILE_WRITTEN_ANEW", how]);
            let log = scene.server.log();
            let lines = log.lines().filter(|line| line.contains("KOTARE_LEASE_FILE_WRITTEN_ANEW"));
            assert_eq!(lines.filter(|line| line.contains(how)).count(), 1, "{log}");
        }
        scene.restart(json!({}), |_| {});
        for (client, address) in leases {
            assert!(scene.confirms(client, address), "client {client} still has {address}");
        }
    });
}

/// A folder that cannot be written to is no reason not to start, as long as the lease file in it can.
#[test]
fn an_unwritable_folder() {
    sandboxed("lease_files::an_unwritable_folder", |world| {
        let (elsewhere, folder) = (world.path("elsewhere.csv"), world.path("frozen"));
        let leases = folder.join("leases.csv");
        fs::create_dir(&folder).expect("make a folder");
        mount(&["-t", "tmpfs", "tmpfs"], &folder);
        for file in [&elsewhere, &leases] {
            fs::write(file, "").expect("write");
        }
        mount(&["--bind", &elsewhere.display().to_string()], &leases);
        mount(&["-o", "remount,bind,ro"], &folder);
        let database = json!({"type": "memfile", "lfc-interval": 0, "name": leases});
        let mut scene = Scene::with(world, json!({"lease-database": database}));
        let address = scene.lease(1).expect("a lease");
        scene.restart(json!({"lease-database": database}), |_| {});
        assert!(scene.confirms(1, address));
    });
}

/// A file of no bytes is an empty one: a crash right after its creation leaves it.
#[test]
fn an_empty_file() {
    sandboxed("lease_files::an_empty_file", |world| {
        let mut scene = Scene::new(world);
        assert!(damaged(&mut scene, 2, |_| Vec::new()).is_empty());
        let address = scene.lease(3).expect("a lease");
        scene.restart(json!({}), |_| {});
        assert!(scene.confirms(3, address), "the file has a header again");
        scene.assert_serves();
    });
}

/// Bad rows beyond `max-row-errors` are a reason not to start: better ask than lose a file of leases.
#[test]
fn more_bad_rows_than_allowed() {
    sandboxed("lease_files::more_bad_rows_than_allowed", |world| {
        let (host, _link) = Link::new(world, "rows");
        let leases = world.path("leases.csv");
        let rows = "garbage\n".repeat(4);
        fs::write(&leases, format!("{HEADER}\n{rows}")).expect("write the lease file");
        let configured = |limit: u32| {
            let database = json!({
                "type": "memfile", "lfc-interval": 0, "name": leases, "max-row-errors": limit,
            });
            write_configuration(world, json!({"lease-database": database}))
        };
        let said = refused(world, &host, &configured(3));
        assert!(says(&said, &["leases.csv", "max-row-errors"]), "{said}");
        assert_eq!(fs::read_to_string(&leases).expect("the file is there"), format!("{HEADER}\n{rows}"));
    });
}

/// A file that is no lease file is not taken for one, and not written over.
#[test]
fn not_a_lease_file() {
    sandboxed("lease_files::not_a_lease_file", |world| {
        let (host, _link) = Link::new(world, "none");
        let leases = world.path("leases.csv");
        for text in
            ["root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1\n", "\0\u{1}\u{2}binary", "{ \"Dhcp4\": {} }\n"]
        {
            fs::write(&leases, text).expect("write the file");
            let database = json!({"type": "memfile", "lfc-interval": 0, "name": leases});
            let said =
                refused(world, &host, &write_configuration(world, json!({"lease-database": database})));
            assert!(says(&said, &["leases.csv"]), "{said}");
            assert_eq!(fs::read_to_string(&leases).expect("the file is there"), text, "it is as it was");
        }
    });
}

/// A lease file that cannot be written is a reason not to start, and the path is told: a folder in its place, a folder
/// that is not there, a file system that is read-only.
#[test]
fn an_unwritable_file() {
    sandboxed("lease_files::an_unwritable_file", |world| {
        let (host, _link) = Link::new(world, "rw");
        let folder = world.path("in-the-way.csv");
        fs::create_dir(&folder).expect("make a folder");
        let frozen = world.path("frozen");
        fs::create_dir(&frozen).expect("make a folder");
        mount(&["-t", "tmpfs", "tmpfs"], &frozen);
        fs::write(frozen.join("leases.csv"), format!("{HEADER}\n")).expect("write");
        mount(&["-o", "remount,bind,ro"], &frozen);
        for path in
            [folder, frozen.join("leases.csv"), frozen.join("new.csv"), world.path("missing/leases.csv")]
        {
            let database = json!({"type": "memfile", "lfc-interval": 0, "name": path});
            let said =
                refused(world, &host, &write_configuration(world, json!({"lease-database": database})));
            assert!(says(&said, &[&path.display().to_string()]), "{}:\n{said}", path.display());
        }
    });
}

const HEADER: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";

fn write_configuration(world: &World, changes: Value) -> PathBuf {
    let file = world.path("kea-dhcp4.conf");
    fs::write(&file, json!({"Dhcp4": configuration(changes)}).to_string()).expect("write the configuration");
    file
}

/// Mounts something at `folder`, within the sandbox.
pub(crate) fn mount(arguments: &[&str], folder: &Path) {
    let status = Command::new("mount").args(arguments).arg(folder).status().expect("mount can be run");
    assert!(status.success(), "mount {arguments:?} {}", folder.display());
}

/// Where the line of that number begins.
fn nth_line(text: &[u8], number: usize) -> usize {
    let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    ends.map(|(at, _)| at + 1).nth(number - 1).expect("so many lines")
}
