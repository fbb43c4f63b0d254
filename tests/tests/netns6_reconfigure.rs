//! Configurations of a DHCPv6 server that change while clients are served.

use std::collections::BTreeSet;

use kotare_tests::world::{
    Client6Program, Server6, Wish, busy6_configuration, eventually, lan6_configuration, sandboxed,
};
use serde_json::{Value, json};

/// A configuration that is refused, however it comes, disturbs nothing: no packet is lost, and the answer says where it
/// is wrong.
#[test]
fn a_refused_configuration_loses_no_packet() {
    sandboxed("a_refused_configuration_loses_no_packet", |world| {
        let busy = world.busy6();
        let server = Server6::kotare(world, &busy.server, "server", busy6_configuration());
        let before = server.command("config-get", None);
        let load = busy.lasting_load(&server, 1000);
        let mut refused = busy6_configuration();
        refused["subnet6"][0]["pools"][0]["pool"] = "2001:db8:77::/96".into();
        server.write_configuration(refused.clone());
        for _ in 0..10 {
            for (command, arguments) in [
                ("config-set", Some(server.configuration(refused.clone()))),
                ("config-test", Some(server.configuration(refused.clone()))),
                ("config-reload", None),
            ] {
                let answer = server.command(command, arguments);
                assert_eq!(answer["result"], 1, "{command}: {answer}");
                let text = answer["text"].as_str().unwrap_or_default();
                assert!(text.contains("2001:db8:77::"), "{command} says what is wrong: {text}");
            }
            server.signal("HUP");
        }
        let counted = load.finish();
        assert_eq!((counted.resent, counted.refused), (0, 0));
        assert_eq!(server.command("config-get", None), before);
    });
}

/// A new configuration, by command or by SIGHUP, takes effect between two packets while clients renew: none is lost, and
/// what is answered afterwards is by the new one.
#[test]
fn a_new_configuration_loses_no_packet() {
    sandboxed("a_new_configuration_loses_no_packet", |world| {
        let busy = world.busy6();
        let mut dhcp6 = busy6_configuration();
        // Who renews at once would be told what it has.
        dhcp6["cache-threshold"] = 0.0.into();
        let server = Server6::kotare(world, &busy.server, "server", dhcp6.clone());
        let load = busy.lasting_load(&server, 1000);
        for round in 0..10 {
            dhcp6["valid-lifetime"] = (4000 + round).into();
            let subnets = dhcp6["subnet6"].as_array_mut().expect("subnets");
            subnets.push(json!({
                "id": 2 + round, "subnet": format!("2001:db8:{:x}::/64", 0x100 + round),
                "pools": [{"pool": format!("2001:db8:{:x}::/100", 0x100 + round)}],
            }));
            ok(&server.command("config-set", Some(server.configuration(dhcp6.clone()))));
            dhcp6["valid-lifetime"] = (5000 + round).into();
            server.write_configuration(dhcp6.clone());
            server.signal("HUP");
            eventually("the file is read again", || {
                let config = server.command("config-get", None);
                (config["arguments"]["Dhcp6"]["valid-lifetime"] == 5000 + round).then_some(())
            });
        }
        eventually("clients renew", || (server.statistic("pkt6-renew-received") > 1000).then_some(()));
        let counted = load.finish();
        assert_eq!((counted.resent, counted.refused), (0, 0));
        assert!(counted.replies > 2000, "{}", counted.replies);
        // Nor did a lease go uncounted that came while the leases were counted for the next configuration.
        let rows = server.lease_rows();
        let leases: BTreeSet<_> = rows.iter().filter_map(|row| row.split(',').next()).collect();
        assert_eq!(leases.len(), 1000);
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 1000);
        let last = rows.last().and_then(|row| row.split(',').nth(2));
        assert_eq!(last, Some("5009"), "the last renewal is for the last lifetime");
    });
}

/// What changed counts from the next renewal on, for real clients that know nothing of it.
#[test]
fn a_renewal_is_for_the_new_lifetimes() {
    sandboxed("a_renewal_is_for_the_new_lifetimes", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["renew-timer"] = 2.into();
        dhcp6["rebind-timer"] = 1000.into();
        let server = Server6::under_test(world, &lan.server, "server", dhcp6.clone());
        let mut clients = Client6Program::ALL.map(|program| {
            let mut client = lan.client(program.name(), program, Wish::Both);
            assert_eq!(client.obtain().told.lifetimes(), (3600, 1800));
            client
        });
        dhcp6["valid-lifetime"] = 4321.into();
        dhcp6["preferred-lifetime"] = 1234.into();
        dhcp6["subnet6"][0]["option-data"][0]["data"] = "2001:db8:1::54".into();
        server.write_configuration(dhcp6);
        server.signal("HUP");
        for client in &mut clients {
            eventually("a renewal is for the new lifetimes", || {
                let renewed = client.renew();
                (renewed.lifetimes() == (4321, 1234) && renewed.name_servers() == "2001:db8:1::54")
                    .then_some(())
            });
        }
    });
}

fn ok(answer: &Value) {
    assert_eq!(answer["result"], 0, "{answer}");
}
