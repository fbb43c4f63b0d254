//! What was answered by a DHCPv6 server is kept: across restarts, kills and changes of its configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use kotare_tests::world::{
    Client6Program, Server6, Turns, Wish, World, busy6_configuration, eventually, lan6_configuration,
    load6_duid, sandboxed,
};
use serde_json::{Value, json};

/// RFC 9915 §18.3: leases survive a restart of the server; each client keeps its address and its prefix.
#[test]
fn a_restart_keeps_all_leases() {
    sandboxed("a_restart_keeps_all_leases", |world| {
        let lan = world.lan6();
        let start = || Server6::under_test(world, &lan.server, "server", lan6_configuration());
        let server = start();
        let mut clients = Client6Program::ALL.map(|program| {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            (client, lease)
        });
        assert!(server.stop());
        let server = start();
        let assigned = ["subnet[1].assigned-nas", "subnet[1].assigned-pds"];
        assert_eq!(assigned.map(|name| server.statistic(name)), [2, 2]);
        for (client, lease) in &mut clients {
            client.kill();
            client.start();
            let again = client.next(&["bound", "reboot", "delegated", "rebind", "renew"]);
            assert!(again.addresses().iter().all(|address| Some(*address) == lease.address), "{again:?}");
            assert!(again.prefixes().iter().all(|prefix| Some(prefix) == lease.prefix.as_ref()), "{again:?}");
        }
        assert_eq!(assigned.map(|name| server.statistic(name)), [2, 2]);
    });
}

/// RFC 9915 §18.3.4: the link was numbered anew while the server was away; who renews its address hears that it is over, and
/// gets one of the new numbers.
#[test]
fn a_link_may_be_numbered_anew_between() {
    sandboxed("a_link_may_be_numbered_anew_between", |world| {
        let lan = world.lan6();
        let server = Server6::under_test(world, &lan.server, "server", lan6_configuration());
        let mut client = lan.client("client", Client6Program::Dhcpcd, Wish::Address);
        let former = client.obtain().address.expect("an address");
        assert!(server.stop());
        let mut dhcp6 = lan6_configuration();
        dhcp6["subnet6"][0]["id"] = 2.into();
        dhcp6["subnet6"][0]["subnet"] = "2001:db8:2::/64".into();
        dhcp6["subnet6"][0]["pools"][0]["pool"] = "2001:db8:2::100 - 2001:db8:2::1ff".into();
        let server = Server6::under_test(world, &lan.server, "server", dhcp6);
        let now = eventually("it has an address of the new numbers", || {
            client.renew();
            client.addresses().into_iter().find(|address| address.segments()[2] == 2)
        });
        assert_ne!(now, former);
        assert_eq!(server.statistic("subnet[2].assigned-nas"), 1);
    });
}

/// DESIGN "what was answered is kept": a server that is killed in the middle of its work has every lease it ever
/// acknowledged in its file, and gives it to the same client again when it is back.
#[test]
fn a_killed_server_kept_every_acknowledged_lease() {
    sandboxed("a_killed_server_kept_every_acknowledged_lease", |world| {
        killed_under_load(world, busy6_configuration());
    });
}

/// The same with `"durability": "system"`, whose way to the file is another one.
#[test]
fn a_killed_server_with_system_durability_kept_every_acknowledged_lease() {
    sandboxed("a_killed_server_with_system_durability_kept_every_acknowledged_lease", |world| {
        if Server6::is_kea_under_test() {
            return;
        }
        let mut dhcp6 = busy6_configuration();
        dhcp6["lease-database"] = json!({
            "type": "memfile", "lfc-interval": 0, "name": world.path("server/leases.csv"), "durability": "system",
        });
        killed_under_load(world, dhcp6);
    });
}

fn killed_under_load(world: &World, dhcp6: Value) {
    let busy = world.busy6();
    let mut server = Server6::under_test(world, &busy.server, "server", dhcp6.clone());
    let turns = Turns {
        clients: 1 << 20,
        half: None,
        exchanges: None,
        silence: Duration::from_secs(3),
        until_silent: true,
    };
    let load = busy.load(turns);
    let file = server.folder().join("leases.csv");
    eventually("some thousand leases", || fs::metadata(&file).ok().filter(|file| file.len() > 300_000));
    server.signal("KILL");
    server.wait();
    let counted = load.ended();
    let acknowledged = counted.acknowledged;
    assert!(acknowledged.len() > 1000, "{}", acknowledged.len());
    assert_eq!(counted.refused, 0);
    let kept = leases(server.folder());
    for (client, address) in &acknowledged {
        let duid: Vec<_> = load6_duid(*client).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            kept.get(&address.to_string()),
            Some(&duid.join(":")),
            "the lease of {address} is in the file"
        );
    }

    let server = Server6::under_test(world, &busy.server, "server", dhcp6);
    assert!(server.statistic("subnet[1].assigned-nas") >= acknowledged.len() as i64);
    // Clients have numbers in a row; those in flight when the server died are among them.
    let clients = acknowledged.len() as u32 + 64;
    let silence = Duration::from_secs(20);
    let load =
        busy.load(Turns { clients, half: None, exchanges: Some(clients), silence, until_silent: false });
    let again = load.ended().acknowledged;
    for (client, address) in &acknowledged {
        assert_eq!(again.get(client), Some(address), "client {client} has its address again");
    }
}

/// DUID by address, later rows over earlier ones.
fn leases(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("leases.csv")).expect("there is a lease file");
    let rows = text.lines().skip(1);
    let pairs = rows.filter_map(|row| {
        let mut columns = row.split(',');
        Some((columns.next()?.to_owned(), columns.next()?.to_owned()))
    });
    pairs.collect()
}
