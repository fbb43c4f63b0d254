//! High availability of `kea-dhcp4` with real clients: pairs of ours, and pairs with Debian's Kea 2.2 as the partner.

use kotare_tests::world::{
    Client, ClientProgram, Kind, Lan, Pair, Server, V4, World, eventually, lan_configuration, sandboxed,
};
use serde_json::{Value, json};

use Kind::{Keas, Ours};

const NO_STATE: &str = "";

/// A link with two servers at 192.0.2.11 and 192.0.2.12 that are partners.
struct Scene<'a> {
    lan: Lan<'a>,
    pair: Pair<'a, V4>,
}

impl<'a> Scene<'a> {
    fn start(world: &'a World, kinds: [Kind; 2], relationship: &Value) -> Option<Self> {
        let lan = world.lan();
        let hosts = ["server1", "server2"].map(|name| lan.host(name));
        hosts[0].address("eth0", "192.0.2.11/24");
        hosts[1].address("eth0", "192.0.2.12/24");
        let urls = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
        let pair = Pair::start(world, hosts, urls, kinds, &lan_configuration(), relationship)?;
        Some(Self { lan, pair })
    }

    /// A client that has a lease, its address, and which server gave it.
    fn client(&self, name: &str, program: ClientProgram) -> (Client, String, usize) {
        let mut client = self.lan.client(name, program);
        let event = client.obtain();
        let (address, server) = (event.address().to_string(), event.server().to_string());
        (client, address, usize::from(server == "192.0.2.12"))
    }
}

/// The manual's hot-standby pair: the primary answers and the standby has every lease before its client; when the primary
/// is gone, the standby answers, and what it gave is at the primary when that is back.
fn a_standby_takes_over(world: &World, kinds: [Kind; 2]) {
    let Some(mut scene) = Scene::start(world, kinds, &json!({"mode": "hot-standby"})) else { return };
    let normal = ["hot-standby"; 2];
    scene.pair.awaits(normal);
    let mut clients = Vec::new();
    for program in ClientProgram::ALL {
        let (client, address, server) = scene.client(program.name(), program);
        assert_eq!(server, 0);
        // The standby was told before the client was.
        assert!(scene.pair.leases(1).contains_key(&address), "{address}");
        clients.push((client, address));
    }
    scene.pair.agree();
    scene.pair.kill(0);
    scene.pair.awaits_one(1, "partner-down");
    let (_late, late, server) = scene.client("late", ClientProgram::ALL[0]);
    assert_eq!(server, 1);
    for (client, address) in &mut clients {
        client.kill();
        assert_eq!(client.obtain().address().to_string(), *address, "everybody keeps what he has");
    }
    scene.pair.run(0);
    scene.pair.awaits(normal);
    assert!(scene.pair.leases(0).contains_key(&late));
    scene.pair.agree();
    // The other way around: the primary does without its standby.
    scene.pair.kill(1);
    scene.pair.awaits_one(0, "partner-down");
    let (mut gone, released, server) = scene.client("alone", ClientProgram::ALL[0]);
    assert_eq!(server, 0);
    scene.pair.run(1);
    scene.pair.awaits(normal);
    assert!(scene.pair.leases(1).contains_key(&released));
    scene.pair.agree();
    // What is given back is given back at both.
    gone.release();
    if kinds == [Ours, Ours] {
        scene.pair.agree();
    }
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn a_standby_of_ours_takes_over_from_ours() {
    sandboxed("a_standby_of_ours_takes_over_from_ours", |world| a_standby_takes_over(world, [Ours, Ours]));
}

#[test]
fn a_standby_of_ours_takes_over_from_kea() {
    sandboxed("a_standby_of_ours_takes_over_from_kea", |world| a_standby_takes_over(world, [Keas, Ours]));
}

#[test]
fn a_standby_of_kea_takes_over_from_ours() {
    sandboxed("a_standby_of_kea_takes_over_from_ours", |world| a_standby_takes_over(world, [Ours, Keas]));
}

/// The manual's load-balancing pair: each server answers its half of the clients, both know all leases; one that is left
/// alone answers all, and they share them again when the other is back.
fn halves_are_shared(world: &World, kinds: [Kind; 2]) {
    let Some(mut scene) = Scene::start(world, kinds, &json!({"mode": "load-balancing"})) else { return };
    let normal = ["load-balancing"; 2];
    scene.pair.awaits(normal);
    let mut clients: Vec<(Client, String, usize)> = Vec::new();
    // Whose a client is its hardware address says, which is another each time.
    for number in 0..24 {
        if [0, 1].iter().all(|server| clients.iter().any(|(_, _, gave)| gave == server)) {
            break;
        }
        let program = ClientProgram::ALL[number % ClientProgram::ALL.len()];
        let (client, address, server) = scene.client(&format!("client{number}"), program);
        assert!(scene.pair.leases(1 - server).contains_key(&address), "the other server was told first");
        clients.push((client, address, server));
    }
    assert!([0, 1].iter().all(|server| clients.iter().any(|(_, _, gave)| gave == server)));
    scene.pair.agree();
    for gone in [0, 1] {
        scene.pair.kill(gone);
        scene.pair.awaits_one(1 - gone, "partner-down");
        for (client, address, _) in &mut clients {
            client.kill();
            let event = client.obtain();
            assert_eq!(event.address().to_string(), *address, "everybody keeps what he has");
        }
        scene.pair.run(gone);
        scene.pair.awaits(normal);
        scene.pair.agree();
    }
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn ours_share_their_clients() {
    sandboxed("ours_share_their_clients", |world| halves_are_shared(world, [Ours, Ours]));
}

#[test]
fn ours_shares_clients_with_kea() {
    sandboxed("ours_shares_clients_with_kea", |world| halves_are_shared(world, [Ours, Keas]));
}

#[test]
fn kea_shares_clients_with_ours() {
    sandboxed("kea_shares_clients_with_ours", |world| halves_are_shared(world, [Keas, Ours]));
}

/// Has a server give back what it took. Kea 2.2 goes back to where it was if an answer to its heartbeat was under way
/// meanwhile, which tells of the maintenance, and its partner follows; an operator gives the command once more then.
fn cancels_maintenance(pair: &Pair<V4>, by: usize, kinds: [Kind; 2]) {
    let cancel = || {
        let cancelled = pair.server(by).command("ha-maintenance-cancel", None);
        assert_eq!(cancelled["result"], 0, "{cancelled}");
    };
    cancel();
    if kinds.contains(&Keas) {
        eventually("both stay as they were before", || match pair.state(by).as_str() {
            "partner-in-maintenance" => {
                // Until it has been told of it there is nothing to cancel at the partner.
                (pair.state(1 - by) == "in-maintenance").then(cancel);
                None
            }
            state => (state == "hot-standby" && pair.state(1 - by) == state).then_some(()),
        });
    }
}

/// An operator's commands: maintenance of the partner and its end, a synchronisation, another beginning.
fn operators_command(world: &World, kinds: [Kind; 2], by: usize) {
    let Some(scene) = Scene::start(world, kinds, &json!({"mode": "hot-standby"})) else { return };
    let (pair, normal) = (&scene.pair, ["hot-standby"; 2]);
    pair.awaits(normal);
    let (_client, first, _) = scene.client("first", ClientProgram::ALL[0]);
    let server: &Server = pair.server(by);
    let done = server.command("ha-maintenance-start", None);
    assert_eq!(done["result"], 0, "{done}");
    let mut states = [NO_STATE; 2];
    (states[by], states[1 - by]) = ("partner-in-maintenance", "in-maintenance");
    pair.awaits(states);
    let (_other, address, gave) = scene.client("other", ClientProgram::ALL[0]);
    assert_eq!(gave, by, "the one that took over answers");
    assert!(pair.leases(1 - by).contains_key(&address), "and goes on telling the other");
    cancels_maintenance(pair, by, kinds);
    pair.awaits(normal);
    let synced = server.command("ha-sync", Some(json!({"server-name": format!("server{}", 2 - by)})));
    assert_eq!(synced["result"], 0, "{synced}");
    assert_eq!(synced["text"], "Lease database synchronization complete.");
    let beat = server.command("ha-heartbeat", None);
    assert_eq!(beat["arguments"]["state"], "hot-standby", "{beat}");
    let reset = server.command("ha-reset", None);
    assert_eq!(reset["text"], "HA state machine reset.");
    pair.awaits(normal);
    pair.agree();
    assert!(pair.leases(by).contains_key(&first));
    if kinds[by] == Ours {
        let diff = || server.command("ha-diff", None)["arguments"].clone();
        assert_eq!(diff(), json!({"compared": pair.leases(by).len(), "count": 0, "leases": []}));
        server.command("lease4-del", Some(json!({"ip-address": first})));
        let found = diff();
        assert_eq!(
            (&found["count"], &found["leases"][0]["ip-address"]),
            (&json!(1), &json!(first)),
            "{found}"
        );
        assert!(found["leases"][0]["there"].is_object(), "{found}");
    }
    if kinds[by] == Ours {
        let url = format!("http://192.0.2.1{}:8005/", by + 1);
        let allowed = curl(&scene, &url, "ha-heartbeat");
        assert!(allowed.contains("HA peer status returned."), "{allowed}");
        let refused = curl(&scene, &url, "config-get");
        assert!(refused.contains("403") && !refused.contains("Dhcp4"), "{refused}");
    }
    assert!(scene.pair.stop(), "both end in order");
}

/// What a listener for partners says to a command of somebody on the link.
fn curl(scene: &Scene<'_>, url: &str, command: &str) -> String {
    let command = json!({"command": command, "service": ["dhcp4"]}).to_string();
    let mut curl = scene.pair.host(0).command("curl");
    let output = curl.args(["--silent", "--json", &command, url]).output().expect("curl is installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn operators_command_ours() {
    sandboxed("operators_command_ours", |world| operators_command(world, [Ours, Ours], 1));
}

#[test]
fn operators_command_ours_beside_kea() {
    sandboxed("operators_command_ours_beside_kea", |world| operators_command(world, [Keas, Ours], 1));
}

#[test]
fn operators_command_kea_beside_ours() {
    sandboxed("operators_command_kea_beside_ours", |world| operators_command(world, [Ours, Keas], 1));
}

/// A backup server has every lease, and answers nobody.
fn a_backup_is_told(world: &World, kinds: [Kind; 2]) {
    let relationship = json!({"mode": "passive-backup", "wait-backup-ack": true});
    let Some(scene) = Scene::start(world, kinds, &relationship) else { return };
    let pair = &scene.pair;
    pair.awaits(["passive-backup", "backup"]);
    for program in ClientProgram::ALL {
        let (_, address, gave) = scene.client(program.name(), program);
        assert_eq!(gave, 0);
        assert!(pair.leases(1).contains_key(&address), "the backup was told before the client");
    }
    pair.agree();
    assert!(scene.pair.stop(), "both end in order");
}

/// A backup that is dead: with `wait-backup-ack` nobody is answered until it is back, and has the lease; without it everybody is.
fn a_backup_is_dead(world: &World, is_waited_for: bool) {
    let relationship = json!({"mode": "passive-backup", "wait-backup-ack": is_waited_for});
    let Some(mut scene) = Scene::start(world, [Ours, Ours], &relationship) else { return };
    scene.pair.awaits(["passive-backup", "backup"]);
    scene.pair.kill(1);
    let mut client = scene.lan.client("client", ClientProgram::ALL[0]);
    client.start();
    let asked = || scene.pair.server(0).statistic("pkt4-request-received");
    if is_waited_for {
        eventually("its client asks again", || (asked() >= 2).then_some(()));
        assert_eq!(scene.pair.server(0).statistic("pkt4-ack-sent"), 0);
        scene.pair.run(1);
        let address = client.leased().address().to_string();
        assert!(scene.pair.leases(1).contains_key(&address), "the backup was told before the client");
    } else {
        client.leased();
    }
    let failed = ["HA_LEASE_UPDATE_COMMUNICATIONS_FAILED server1: ", "connect: nobody listens there"];
    scene.pair.server(0).await_log(&failed);
    assert_eq!(scene.pair.state(0), "passive-backup");
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn a_dead_backup_is_waited_for() {
    sandboxed("a_dead_backup_is_waited_for", |world| a_backup_is_dead(world, true));
}

#[test]
fn a_dead_backup_is_not_waited_for() {
    sandboxed("a_dead_backup_is_not_waited_for", |world| a_backup_is_dead(world, false));
}

#[test]
fn a_backup_of_ours_is_told_by_ours() {
    sandboxed("a_backup_of_ours_is_told_by_ours", |world| a_backup_is_told(world, [Ours, Ours]));
}

#[test]
fn a_backup_of_kea_is_told_by_ours() {
    sandboxed("a_backup_of_kea_is_told_by_ours", |world| a_backup_is_told(world, [Ours, Keas]));
}

#[test]
fn a_backup_of_ours_is_told_by_kea() {
    sandboxed("a_backup_of_ours_is_told_by_kea", |world| a_backup_is_told(world, [Keas, Ours]));
}
