//! What was answered is kept: across restarts, kills, cleanups of the lease file and changes of the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kotare_tests::world::{
    Client, ClientProgram, Server, World, busy_configuration, eventually, lan_configuration, sandboxed,
};
use serde_json::json;

/// RFC 2131 §2.1: leases survive a restart of the server; each client keeps its address.
#[test]
fn a_restart_keeps_all_leases() {
    sandboxed("a_restart_keeps_all_leases", |world| {
        let lan = world.lan();
        let start = || Server::under_test(world, &lan.server, "server", lan_configuration());
        let server = start();
        let mut clients = ClientProgram::ALL.map(|program| {
            let mut client = lan.client(program.name(), program);
            let address = client.obtain().address();
            (client, address)
        });
        assert!(server.stop());
        let server = start();
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 3);
        for (client, address) in &mut clients {
            client.kill();
            assert_eq!(client.obtain().address(), *address);
        }
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 3);
    });
}

/// DESIGN "what was answered is kept": a server that is killed in the middle of its work has every lease it ever
/// acknowledged in its file, and gives it to the same client again when it is back.
#[test]
fn a_killed_server_kept_every_acknowledged_lease() {
    sandboxed("a_killed_server_kept_every_acknowledged_lease", |world| {
        killed_under_load(world, busy_configuration());
    });
}

/// The same with `"durability": "system"`, whose way to the file is another one.
#[test]
fn a_killed_server_with_system_durability_kept_every_acknowledged_lease() {
    sandboxed("a_killed_server_with_system_durability_kept_every_acknowledged_lease", |world| {
        if Server::is_kea_under_test() {
            return;
        }
        let mut dhcp4 = busy_configuration();
        dhcp4["lease-database"] = json!({
            "type": "memfile", "lfc-interval": 0, "name": world.path("server/leases.csv"), "durability": "system",
        });
        killed_under_load(world, dhcp4);
    });
}

fn killed_under_load(world: &World, dhcp4: serde_json::Value) {
    let busy = world.busy();
    let mut server = Server::under_test(world, &busy.server, "server", dhcp4.clone());
    let load = busy.load(&["--in-flight", "64", "--seconds", "600", "--silence", "5"]);
    let file = server.folder().join("leases.csv");
    eventually("some thousand leases", || fs::metadata(&file).ok().filter(|file| file.len() > 300_000));
    server.signal("KILL");
    server.wait();
    let (counted, acknowledged) = load.finish();
    assert!(acknowledged.len() > 1000, "{counted}");
    assert_kept(&acknowledged, &leases(server.folder()));

    let server = Server::under_test(world, &busy.server, "server", dhcp4);
    assert!(server.statistic("subnet[1].assigned-addresses") >= acknowledged.len() as i64);
    // Clients have numbers in a row; those in flight when the server died are among them.
    let clients = (acknowledged.len() + 64).to_string();
    let exchanges = (2 * acknowledged.len() + 128).to_string();
    let load = busy.load(&[
        "--clients",
        &clients,
        "--in-flight",
        "64",
        "--exchanges",
        &exchanges,
        "--seconds",
        "600",
        "--silence",
        "60",
    ]);
    let (_, again) = load.finish();
    for (mac, address) in &acknowledged {
        assert_eq!(again.get(mac), Some(address), "{mac} has its address again");
    }
}

/// Kea's manual, "Lease File Cleanup": a cleanup, by the program `kea-lfc`, runs beside the work of the server and
/// takes no lease away; one row for each is left.
#[test]
fn a_cleanup_under_load_keeps_every_lease() {
    sandboxed("a_cleanup_under_load_keeps_every_lease", |world| {
        let busy = world.busy();
        // Few clients that come again and again, so that most rows are renewals, which a cleanup drops.
        let mut dhcp4 = busy_configuration();
        dhcp4["cache-threshold"] = 0.00001.into();
        let server = Server::kotare(world, &busy.server, "server", dhcp4);
        let load = busy.lasting_load(&server, &["--clients", "3000", "--in-flight", "32"]);
        let file = server.folder().join("leases.csv");
        for _ in 0..3 {
            eventually("some leases", || fs::metadata(&file).ok().filter(|file| file.len() > 100_000));
            // The one before has put its files away, but may not have ended yet.
            eventually("a cleanup starts", || {
                let answer = server.command("kea-lfc-start", None);
                (answer["text"] != "kea-lfc already running")
                    .then(|| assert_eq!(answer["result"], 0, "{answer}"))
            });
            eventually("the cleanup is done", || {
                let left = ["1", "output", "completed", "pid"];
                let path = |end: &str| server.folder().join(format!("leases.csv.{end}"));
                (path("2").exists() && !left.iter().any(|end| path(end).exists())).then_some(())
            });
        }
        let (counted, acknowledged) = load.finish();
        assert_eq!(counted["resent"], 0, "no packet was lost: {counted}");
        assert!(acknowledged.len() > 1000, "{counted}");
        assert_kept(&acknowledged, &leases(server.folder()));
        assert!(!server.log().contains("ERROR"), "{}", server.log());
        assert!(server.stop());
        let server = Server::kotare(world, &busy.server, "server", busy_configuration());
        assert!(server.statistic("subnet[1].assigned-addresses") >= acknowledged.len() as i64);
    });
}

/// Kea's manual, "lfc-interval": the server starts a cleanup by itself that often.
#[test]
fn cleanups_come_by_themselves() {
    sandboxed("cleanups_come_by_themselves", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        let name = world.path("server/leases.csv");
        dhcp4["lease-database"] = json!({"type": "memfile", "name": name, "lfc-interval": 1});
        // Debian's does not find its libraries outside of /usr.
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let lease = lan.client("client", ClientProgram::Udhcpc).obtain();
        let row = format!("{},", lease.address());
        eventually("the lease is in the cleaned file", || {
            let cleaned = fs::read_to_string(name.with_extension("csv.2")).ok()?;
            cleaned.lines().any(|line| line.starts_with(&row)).then_some(())
        });
        assert!(server.stop());
    });
}

/// Kea's manual, "Memfile": our lease files are Kea's and Kea's are ours, so one server can take the place of the other
/// at any time; clients notice nothing.
#[test]
fn kea_and_we_read_each_others_leases() {
    sandboxed("kea_and_we_read_each_others_leases", |world| {
        let lan = world.lan();
        let mut clients: Vec<Client> = Vec::new();
        for turn in 0..4 {
            let start = if turn % 2 == 0 {
                Server::kea
            } else {
                |world: &_, host: &_, name: &_, dhcp4| Some(Server::kotare(world, host, name, dhcp4))
            };
            let Some(server) = start(world, &lan.server, "server", lan_configuration()) else {
                return; // Debian's Kea is not unpacked.
            };
            assert_eq!(server.statistic("subnet[1].assigned-addresses"), turn);
            for client in &mut clients {
                let address = client.address();
                assert_eq!(Some(client.renew().address()), address);
            }
            let mut client = lan.client(&format!("client{turn}"), ClientProgram::Udhcpc);
            // A name with a comma would break a file of bare columns.
            client.arguments(&["-x", &format!("hostname:a,b{turn}")]);
            client.obtain();
            clients.push(client);
            assert!(!server.log().contains("ERROR"), "{}", server.log());
            // Kea does not start while our cleanup, which brings its file up to date, is at work.
            if turn % 2 == 1 {
                eventually("our cleanup is done", || {
                    let exists = |end: &str| server.folder().join(format!("leases.csv.{end}")).exists();
                    (!["1", "pid"].into_iter().any(exists)).then_some(())
                });
            }
            assert!(server.stop());
        }
    });
}

/// Kea's manual, "Memfile": `"persist": false` writes no file.
#[test]
fn leases_in_memory_only() {
    sandboxed("leases_in_memory_only", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        let name = world.path("server/leases.csv");
        dhcp4["lease-database"] = json!({"type": "memfile", "persist": false, "name": name});
        let server = Server::under_test(world, &lan.server, "server", dhcp4);
        lan.client("client", ClientProgram::Udhcpc).obtain();
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 1);
        assert!(!name.exists());
    });
}

/// Hardware address by address, from all files that together are the leases, later rows over earlier ones.
fn leases(folder: &Path) -> BTreeMap<String, String> {
    let texts = ["leases.csv.2", "leases.csv.1", "leases.csv"].map(|name| {
        fs::read_to_string(folder.join(name)).unwrap_or_default() //
    });
    let rows = texts.iter().flat_map(|text| text.lines().skip(1));
    let pairs = rows.filter_map(|row| {
        let mut columns = row.split(',');
        Some((columns.next()?.to_owned(), columns.next()?.to_owned()))
    });
    pairs.collect()
}

fn assert_kept(acknowledged: &BTreeMap<String, String>, kept: &BTreeMap<String, String>) {
    for (mac, address) in acknowledged {
        assert_eq!(kept.get(address), Some(mac), "the lease of {address} is in the file");
    }
}
