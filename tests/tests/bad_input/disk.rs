//! A disk that is full while the server serves.

use std::fs::{self, File};
use std::io::Write;
use std::net::Ipv4Addr;
use std::process::Command;

use kotare_tests::world::{eventually, sandboxed};
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::json;

use crate::lease_files::mount;
use crate::packets::{Query, SERVER, mac};
use crate::scene::{Scene, tail};

/// While the disk is full nothing is acknowledged that is not kept, and `status-get` tells; with space the server
/// recovers by itself, and every lease it ever acknowledged is there after a restart. Meanwhile it is not ready.
#[test]
fn a_full_disk() {
    sandboxed("disk::a_full_disk", |world| {
        let disk = world.path("disk");
        fs::create_dir(&disk).expect("make a folder");
        mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs"], &disk);
        let database = json!({
            "lease-database": {"type": "memfile", "lfc-interval": 0, "name": disk.join("leases.csv")},
            "control-sockets": [
                {"socket-type": "unix", "socket-name": world.path("server/control")},
                {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8004, "monitoring": {}},
            ],
        });
        let mut scene = Scene::with(world, database.clone());
        let mut acknowledged: Vec<(u16, Ipv4Addr)> =
            (1..=5).map(|client| (client, scene.lease(client).expect("a lease"))).collect();

        let ballast = disk.join("ballast");
        fill(&ballast);
        // The first lease may still fit into the last block of the file. Then nothing is answered any more.
        let is_failing = |scene: &Scene<'_>| {
            scene.server.command("status-get", None)["arguments"]["lease-store"]["status"] == "failing"
        };
        let mut refused = 0;
        for client in 6..=90 {
            let offered = Ipv4Addr::new(192, 0, 2, 100 + u8::try_from(client).expect("few clients"));
            let request = Query::request(client).server_id(SERVER).requested(offered);
            match scene.link.try_ask(&request, 1) {
                Some(answers)
                    if answers.iter().any(|answer| {
                        answer.message_type() == Some(MessageType::ACK) && answer.yiaddr() == offered
                    }) =>
                {
                    acknowledged.push((client, offered));
                }
                // Else it takes its time.
                _ if is_failing(&scene) => refused += 1,
                _ => {}
            }
            if refused == 2 {
                break;
            }
        }
        assert_eq!(refused, 2, "a full disk withholds acknowledgements; {} were sent", acknowledged.len());
        let status = scene.server.command("status-get", None);
        let store = &status["arguments"]["lease-store"];
        assert_eq!(store["status"], "failing", "{status}");
        let ready = |scene: &Scene<'_>| scene.host.run("curl", &["--silent", "http://127.0.0.1:8004/ready"]);
        let said = ready(&scene);
        assert!(said.contains(r#""ready":false"#) && said.contains("leases cannot be kept: "), "{said}");
        scene.server.await_log(&["KOTARE_LEASES_NOT_KEPT"]);

        fs::remove_file(&ballast).expect("make room");
        let probe = Query::discover(94);
        eventually("the server serves again when there is room", || scene.link.try_ask(&probe, 1).map(drop));
        scene.assert_serves();
        let status = scene.server.command("status-get", None);
        assert_eq!(status["arguments"]["lease-store"]["status"], "ready", "{status}");
        assert!(ready(&scene).contains(r#""ready":true"#), "{status}");
        for client in 95..=97 {
            acknowledged.push((client, scene.lease(client).expect("a lease")));
        }
        scene.restart(database, |_| {});
        for (client, address) in acknowledged {
            assert!(scene.confirms(client, address), "client {client} still has {address}");
        }
        let release = Query::new(MessageType::RELEASE, mac(1)).server_id(SERVER);
        assert!(scene.link.ask(&release).is_empty());
        scene.assert_serves();
    });
}

/// One client that gives its lease back and asks for it again, and again, fills the disk. Then the lease file is cleaned
/// up, however long ago that was due, and everybody is served; what was acknowledged is there after a restart.
#[test]
fn one_client_fills_the_disk() {
    sandboxed("disk::one_client_fills_the_disk", |world| {
        let disk = world.path("disk");
        fs::create_dir(&disk).expect("make a folder");
        mount(&["-t", "tmpfs", "-o", "size=768k", "tmpfs"], &disk);
        let leases = disk.join("leases.csv");
        let changes = json!({
            "lease-database": {"type": "memfile", "lfc-interval": 100_000, "name": leases},
            "loggers": [{"name": "kea-dhcp4", "output-options": [{"output": "stdout", "flush": true}]}],
        });
        let mut scene = Scene::with(world, changes.clone());
        let others: Vec<_> = (1..=5).map(|client| (client, scene.lease(client).expect("a lease"))).collect();
        let address = scene.lease(6).expect("a lease");
        let name = ["n".repeat(60), "n".repeat(60), "n".repeat(60), "n".repeat(60)].join(".");
        let release = Query::new(MessageType::RELEASE, mac(6)).server_id(SERVER).holding(address);
        let request = Query::request(6).server_id(SERVER).requested(address);
        let request = request.option(OptionCode::HOST_NAME, name.as_bytes());
        let mut cleanups = 0;
        for round in 0..6000 {
            scene.link.say(&release);
            let served = scene.link.try_ask(&request, 1).is_some();
            if !served || round % 100 == 0 {
                cleanups = scene.server.log().matches("DHCPSRV_MEMFILE_LFC_EXECUTE").count();
            }
            if cleanups == 2 {
                break;
            }
        }
        let log = scene.server.log();
        assert_eq!(cleanups, 2, "log:\n{}", tail(&log));
        scene.server.await_log(&["KOTARE_LEASES_NOT_KEPT", "No space left on device"]);
        let probe = Query::discover(94);
        eventually("the server serves again", || scene.link.try_ask(&probe, 1).map(drop));
        scene.assert_serves();
        eventually("the cleanup ends", || (!disk.join("leases.csv.1").exists()).then_some(()));
        let file = fs::metadata(&leases).expect("a lease file").len();
        assert!(file < 400 << 10, "a file of {file} bytes is small again");
        scene.restart(changes, |_| {});
        for (client, address) in others {
            assert!(scene.confirms(client, address), "client {client} still has {address}");
        }
        scene.assert_serves();
    });
}

/// A file that may not become larger is a store that fails, not the end of the server.
#[test]
fn a_limit_of_file_sizes() {
    sandboxed("disk::a_limit_of_file_sizes", |world| {
        let mut scene = Scene::new(world);
        let limit = |scene: &Scene<'_>, bytes: &str| {
            let mut command = Command::new("prlimit");
            command.args(["--pid", &scene.server.pid().to_string(), &format!("--fsize={bytes}:unlimited")]);
            assert!(command.status().expect("prlimit can be run").success());
        };
        limit(&scene, "10");
        let request = Query::request(9).server_id(SERVER).requested(Ipv4Addr::new(192, 0, 2, 109));
        let answers = scene.link.try_ask(&request, 1).unwrap_or_default();
        assert!(answers.iter().all(|answer| answer.message_type() != Some(MessageType::ACK)));
        // The log is a file, too.
        eventually("the status says why", || {
            let status = scene.server.command("status-get", None);
            let error = status["arguments"]["lease-store"]["error"].as_str()?;
            error.contains("File too large").then_some(())
        });
        limit(&scene, "unlimited");
        eventually("the server serves again", || scene.link.try_ask(&request, 1).map(drop));
        scene.assert_serves();
    });
}

/// Fills the disk to the last byte.
fn fill(ballast: &std::path::Path) {
    let mut file = File::create(ballast).expect("there is room for a file");
    for size in [4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
