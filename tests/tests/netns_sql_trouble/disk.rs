//! A database whose file system is full: nobody is acknowledged what cannot be kept, and once there is room clients are served
//! again.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use kotare_tests::database::Kind;
use kotare_tests::world::{ClientProgram, Server, World, eventually, lan_configuration};
use serde_json::{Value, json};

use crate::in_sandboxes;
use crate::kept::{Kept, NAME};

in_sandboxes! {
    a_full_disk_of_sqlite_is_survived: in_sqlite;
    a_full_disk_of_mariadb_is_survived: |world| in_server(world, Kind::MariaDb);
    a_full_disk_of_postgresql_is_survived: |world| in_server(world, Kind::Postgres);
}

/// As much as the tables and a little more need.
const SIZE: &str = "48m";

fn in_sqlite(world: &World) {
    let small = world.path("small");
    fs::create_dir_all(&small).expect("a folder");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(&small).status();
    assert!(mounted.is_ok_and(|status| status.success()), "mount a small file system");
    a_full_disk_is_survived(world, &Kept::in_sqlite(world, "small/leases.sqlite"), &small);
}

fn in_server(world: &World, kind: Kind) {
    let Some(mut kept) = Kept::in_server(kind) else { return };
    let small = kept.server().confine(NAME, SIZE);
    a_full_disk_is_survived(world, &kept, &small);
}

/// How databases say so.
const FULL: [&str; 3] = ["is full", "No space left on device", "Out of resources"];

fn says_full(text: &str) -> bool {
    FULL.iter().any(|words| text.contains(words))
}

fn a_full_disk_is_survived(world: &World, kept: &Kept, small: &Path) {
    let lan = world.lan();
    let mut map = lan_configuration();
    map["lease-database"] = kept.database.clone();
    map["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    map["subnet4"].as_array_mut().expect("a list").push(json!({"id": 2, "subnet": "10.0.0.0/16"}));
    let server = Server::kotare(world, &lan.server, "server", map);
    let mut clients = ClientProgram::ALL.map(|program| lan.client(program.name(), program));
    let had = clients[0].obtain().address();
    clients[0].kill();
    // Another takes all the room there is; what is left in the files of the database goes to leases, large ones, then small ones.
    let filler = small.join("filler");
    let mut file = File::create(&filler).expect("a file");
    while file.write_all(&[0; 4096]).is_ok() {}
    drop(file);
    let mut number = 0_u32;
    let mut acknowledged = Vec::new();
    for context in [json!({"fill": "x".repeat(3000)}), json!({})] {
        let refused: Value = loop {
            number += 1;
            let [.., high, low] = number.to_be_bytes();
            let address = format!("10.0.{high}.{low}");
            let mac = format!("02:00:00:01:{high:02x}:{low:02x}");
            let lease =
                json!({"ip-address": address, "subnet-id": 2, "hw-address": mac, "user-context": context});
            let answer = server.command("lease4-add", Some(lease));
            match answer["result"].as_i64() {
                Some(0) if number < 50_000 => acknowledged.push(address),
                _ => break answer,
            }
        };
        assert!(refused["text"].as_str().is_some_and(says_full), "{number}: {refused}");
    }
    clients[1].start();
    eventually("a client is not served", || {
        let unserved = |line: &str| line.contains("ALLOC_FAIL") || line.contains("FLUSH") || says_full(line);
        server.log().lines().any(|line| unserved(line) && says_full(line)).then_some(())
    });
    assert_eq!(clients[1].address(), None);
    assert_eq!(server.command("status-get", None)["result"], 0);
    fs::remove_file(&filler).expect("a file to remove");
    let new = clients[1].leased().address();
    assert_eq!(clients[0].obtain().address(), had);
    assert_ne!(new, had);
    // What was acknowledged is there, and what was refused is not.
    assert_eq!(
        kept.numbers("SELECT count(*) FROM lease4 WHERE subnet_id = 2"),
        [Some(acknowledged.len() as i64)]
    );
    assert!(server.stop());
}
