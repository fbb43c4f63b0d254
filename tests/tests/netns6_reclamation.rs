//! Kea's manual, "Lease Reclamation" and "The leases-reclaim Command": a DHCPv6 server that finds leases which have ended.

use std::fs;

use kotare_tests::world::{Server6, World, eventually, lan6_configuration, sandboxed};
use serde_json::{Value, json};

/// The leases that a server of this test finds, an address and a prefix, have ended in 1970.
fn server(world: &World, processing: Value) -> Server6 {
    let lan = world.lan6();
    let folder = world.path("server");
    fs::create_dir_all(&folder).expect("make the server's folder");
    let header = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
        fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";
    let row = |address: &str, kind: u8, len: u8| {
        format!("{address},00:03:00:01:02:03,60,1000,1,30,{kind},1,{len},0,0,,,0,,0,0,0\n")
    };
    let rows = [row("2001:db8:1::100", 0, 128), row("2001:db8:8000::", 2, 56)];
    fs::write(folder.join("leases.csv"), header.to_owned() + &rows.concat()).expect("write leases");
    let mut dhcp6 = lan6_configuration();
    dhcp6["expired-leases-processing"] = processing;
    dhcp6["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
    Server6::kotare(world, &lan.server, "server", dhcp6)
}

/// The states of the leases there are.
fn states(server: &Server6) -> Vec<Value> {
    let answer = server.command("lease6-get-all", None);
    let leases = answer["arguments"]["leases"].as_array().cloned().unwrap_or_default();
    leases.iter().map(|lease| lease["state"].clone()).collect()
}

/// The timers do it by themselves: first leases are reclaimed and counted, then they are gone.
#[test]
fn timers_reclaim_and_remove() {
    sandboxed("timers_reclaim_and_remove", |world| {
        let server = server(
            world,
            json!({"reclaim-timer-wait-time": 1, "hold-reclaimed-time": 2, "flush-reclaimed-timer-wait-time": 1}),
        );
        eventually("they are reclaimed", || (server.statistic("reclaimed-leases") == 2).then_some(()));
        assert_eq!(server.statistic("subnet[1].reclaimed-leases"), 2);
        assert_eq!(
            [server.statistic("subnet[1].assigned-nas"), server.statistic("subnet[1].assigned-pds")],
            [0, 0]
        );
        eventually("they are removed", || states(&server).is_empty().then_some(()));
    });
}

/// Without timers nothing happens by itself, and the command does it; with `remove` nothing stays.
#[test]
fn a_command_reclaims() {
    sandboxed("a_command_reclaims", |world| {
        let server = server(
            world,
            json!({"reclaim-timer-wait-time": 0, "flush-reclaimed-timer-wait-time": 0, "hold-reclaimed-time": 3600}),
        );
        assert_eq!((states(&server), server.statistic("reclaimed-leases")), (vec![0.into(), 0.into()], 0));
        let answer = server.command("leases-reclaim", Some(json!({"remove": true})));
        assert_eq!(answer["text"], "Reclamation of expired leases is complete.");
        assert_eq!((states(&server).len(), server.statistic("reclaimed-leases")), (0, 2));
    });
}
