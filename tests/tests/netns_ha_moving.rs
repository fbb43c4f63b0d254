//! A running hot-standby pair of Kea 2.2 moves over, one server at a time (docs/high-availability.md): its configuration and
//! its leases are taken over as they are, and somebody answers all the time.

use kotare_tests::world::{ClientProgram, Kind, Lan, Pair, V4, World, lan_configuration, program, sandboxed};
use serde_json::json;

const URLS: [&str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
const NORMAL: [&str; 2] = ["hot-standby"; 2];

/// A server is taken out of service, ours is installed and takes its place.
fn moves(pair: &mut Pair<'_, V4>, own: usize) {
    let stays = 1 - own;
    let started = pair.server(stays).command("ha-maintenance-start", None);
    assert_eq!(started["result"], 0, "{started}");
    pair.awaits_one(stays, "partner-in-maintenance");
    let configuration = pair.server(own).folder().join("kea-dhcp4.conf");
    assert!(pair.stop_one(own), "it ends in order");
    pair.awaits_one(stays, "partner-down");
    // What Kea was configured with is judged, and served from.
    let mut judge = pair.host(own).command(program("kea-dhcp4"));
    let judged = judge.arg("-X").arg("-t").arg(&configuration).output().expect("it can be judged");
    let said =
        String::from_utf8_lossy(&judged.stdout).into_owned() + &String::from_utf8_lossy(&judged.stderr);
    assert!(judged.status.success(), "{said}");
    pair.replace(own, Kind::Ours);
    pair.run(own);
    pair.awaits(NORMAL);
    pair.server(own).await_log(&["HA_SYNC_SUCCESSFUL"]);
    pair.agree();
}

fn obtain(
    lan: &Lan<'_>,
    pair: &Pair<'_, V4>,
    name: &str,
    from: &str,
) -> (kotare_tests::world::Client, String) {
    let mut client = lan.client(name, ClientProgram::ALL[0]);
    let event = client.obtain();
    assert_eq!(event.server().to_string(), from);
    let address = event.address().to_string();
    assert!([0, 1].iter().all(|own| pair.leases(*own).contains_key(&address)), "both know {address}");
    (client, address)
}

fn a_pair_moves(world: &World) {
    let lan = world.lan();
    let hosts = ["server1", "server2"].map(|name| lan.host(name));
    hosts[0].address("eth0", "192.0.2.11/24");
    hosts[1].address("eth0", "192.0.2.12/24");
    let relationship = json!({"mode": "hot-standby"});
    let pair = Pair::start(world, hosts, URLS, [Kind::Keas; 2], &lan_configuration(), &relationship);
    let Some(mut pair) = pair else { return };
    pair.awaits(NORMAL);
    let mut clients = vec![obtain(&lan, &pair, "of-kea", "192.0.2.11")];
    moves(&mut pair, 1);
    clients.push(obtain(&lan, &pair, "of-both", "192.0.2.11"));
    moves(&mut pair, 0);
    clients.push(obtain(&lan, &pair, "of-ours", "192.0.2.11"));
    for (client, address) in &mut clients {
        client.kill();
        assert_eq!(client.obtain().address().to_string(), *address, "everybody keeps what he has");
    }
    pair.agree();
    assert!(pair.stop(), "both end in order");
}

#[test]
fn a_pair_of_keas_moves() {
    sandboxed("a_pair_of_keas_moves", a_pair_moves);
}
