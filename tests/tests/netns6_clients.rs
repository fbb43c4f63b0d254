//! What real clients of DHCPv6 get from the server: addresses and prefixes, their renewal and their end.

use std::net::Ipv6Addr;

use kotare_tests::world::{
    Client6Program, Server6, Wish, eventually, lan6_configuration, sandboxed, server_duid,
};
use serde_json::json;

/// RFC 9915 §18.2.1, §18.2.2: a client that knows nothing gets an address of the pool, a prefix of the pool of prefixes, or
/// both, for the lifetimes configured and with the options it asked for, and they are in the file.
#[test]
fn a_first_lease_for_each_client() {
    sandboxed("a_first_lease_for_each_client", |world| {
        let lan = world.lan6();
        let server = Server6::under_test(world, &lan.server, "server", lan6_configuration());
        for (number, wish) in [Wish::Address, Wish::Prefix, Wish::Both].into_iter().enumerate() {
            for program in Client6Program::ALL {
                let mut client = lan.client(&format!("{}{number}", program.name()), program, wish);
                let lease = client.obtain();
                assert_eq!(lease.told.server(), server_duid("server"));
                assert_eq!(lease.told.lifetimes(), (3600, 1800));
                assert_eq!(lease.told.name_servers(), "2001:db8:1::53");
                let rows = server.lease_rows();
                if let Some(address) = lease.address {
                    assert!(in_pool(address), "{lease:?}");
                    assert_eq!(client.addresses(), [address]);
                    assert!(rows.iter().any(|row| columns(row)[..1] == [address.to_string()]), "{rows:#?}");
                }
                if let Some(prefix) = lease.prefix {
                    let (bits, length) = prefix.split_once('/').expect("a prefix has a length");
                    assert!(bits.starts_with("2001:db8:8000") && length == "56", "{prefix}");
                    let is = |row: &String| columns(row)[0] == bits && columns(row)[8] == length;
                    assert!(rows.iter().any(is), "{rows:#?}");
                }
            }
        }
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 4);
        assert_eq!(server.statistic("subnet[1].assigned-pds"), 4);
        // Kea 2.2 does not count by pool.
        if !Server6::is_kea_under_test() {
            assert_eq!(server.statistic("subnet[1].pool[0].assigned-nas"), 4);
            assert_eq!(server.statistic("subnet[1].pd-pool[0].assigned-pds"), 4);
        }
        let totals = ["subnet[1].total-nas", "subnet[1].total-pds"].map(|name| server.statistic(name));
        assert_eq!(totals, [256, 256]);
        assert!(server.stop(), "it ends in order");
    });
}

/// RFC 9915 §11: a server that makes its DUID keeps it, so that clients know it again.
#[test]
fn the_server_keeps_the_duid_it_made() {
    sandboxed("the_server_keeps_the_duid_it_made", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["server-id"] = json!({"type": "LLT"});
        let [first, second] = ["first", "second"].map(|name| {
            let server = Server6::kotare(world, &lan.server, "server", dhcp6.clone());
            let told = lan.client(name, Client6Program::Dhcpcd, Wish::Address).obtain().told;
            assert!(server.stop());
            told.server()
        });
        assert!(first.starts_with("00:01:00:01:"), "{first}");
        assert_eq!(first, second);
    });
}

/// RFC 9915 §18.2.4: a client that asks at T1 keeps what it has for another lifetime.
#[test]
fn renewal_extends_the_lease() {
    sandboxed("renewal_extends_the_lease", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["renew-timer"] = 2.into();
        dhcp6["rebind-timer"] = 1000.into();
        // A lease this young would be left as it is otherwise.
        dhcp6["cache-threshold"] = 0.0001.into();
        let server = Server6::under_test(world, &lan.server, "server", dhcp6);
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            let address = lease.address.expect("an address");
            let before = expiry(&server, address);
            let renewed = eventually("a renewal a second later", || {
                let renewed = client.renew();
                (expiry(&server, address) > before && !renewed.addresses().is_empty()).then_some(renewed)
            });
            assert_eq!(renewed.addresses(), [address]);
            assert_eq!(renewed.server(), server_duid("server"));
            assert_eq!(renewed.lifetimes(), (3600, 1800));
            assert_eq!(client.addresses(), [address]);
        }
        assert!(server.statistic("pkt6-renew-received") >= 2);
        assert_eq!(server.statistic("pkt6-rebind-received"), 0);
    });
}

/// RFC 9915 §18.2.5: when the server that gave the lease is not heard until T2, a client asks all servers, and one that has
/// the lease answers: here another one with the same lease file.
#[test]
fn rebinding_finds_another_server() {
    sandboxed("rebinding_finds_another_server", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["renew-timer"] = 3.into();
        dhcp6["rebind-timer"] = 6.into();
        let leases = world.path("leases.csv");
        dhcp6["lease-database"] = json!({"type": "memfile", "name": leases, "lfc-interval": 0});
        let server = Server6::under_test(world, &lan.server, "server", dhcp6.clone());
        let mut clients = Client6Program::ALL.map(|program| {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            (client, lease)
        });
        server.stop();
        let other = Server6::under_test(world, &lan.server, "other", dhcp6);
        for (client, lease) in &mut clients {
            let rebound = eventually("the other server answers", || {
                Some(client.next(&["renew", "rebind"])).filter(|event| event.server() == server_duid("other"))
            });
            assert!(
                rebound.addresses().iter().all(|address| Some(*address) == lease.address)
                    && rebound.prefixes().iter().all(|prefix| Some(prefix) == lease.prefix.as_ref()),
                "{rebound:?}"
            );
            assert_eq!(client.addresses(), Vec::from_iter(lease.address));
        }
        assert!(other.statistic("pkt6-rebind-received") >= 2);
    });
}

/// RFC 9915 §18.2.7: what is released is free again, and the file says so.
#[test]
fn what_is_released_is_free_again() {
    sandboxed("what_is_released_is_free_again", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        // The one address and the one prefix there are go from client to client.
        dhcp6["subnet6"][0]["pools"][0]["pool"] = "2001:db8:1::100 - 2001:db8:1::100".into();
        dhcp6["subnet6"][0]["pd-pools"][0]["prefix-len"] = 56.into();
        // No memory of who had them before.
        dhcp6["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        let server = Server6::under_test(world, &lan.server, "server", dhcp6);
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            assert_eq!(lease.address, Some("2001:db8:1::100".parse().expect("an address")));
            assert_eq!(lease.prefix.as_deref(), Some("2001:db8:8000::/56"));
            client.release();
            for address in ["2001:db8:1::100", "2001:db8:8000::"] {
                eventually("the release is in the file", || {
                    let rows = server.lease_rows();
                    let row = rows.iter().rev().find(|row| columns(row)[0] == address)?;
                    // valid_lifetime: a deleted lease has none.
                    (columns(row)[2] == "0").then_some(())
                });
            }
            assert_eq!(server.statistic("subnet[1].assigned-nas"), 0);
            assert_eq!(server.statistic("subnet[1].assigned-pds"), 0);
        }
        assert!(server.statistic("pkt6-release-received") >= 2);
    });
}

/// RFC 9915 §18.2.10.1 and Kea's manual, "Lease Expiration": what was not renewed ends, and goes to a client that needs it.
#[test]
fn what_has_expired_is_given_to_another_client() {
    sandboxed("what_has_expired_is_given_to_another_client", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["subnet6"][0]["pools"][0]["pool"] = "2001:db8:1::100 - 2001:db8:1::100".into();
        dhcp6["valid-lifetime"] = 3.into();
        dhcp6["preferred-lifetime"] = 2.into();
        let _server = Server6::under_test(world, &lan.server, "server", dhcp6);
        let mut first = lan.client("first", Client6Program::Dhcpcd, Wish::Address);
        let address = first.obtain().address;
        first.kill();
        assert_eq!(lan.client("second", Client6Program::Dhclient, Wish::Address).obtain().address, address);
    });
}

/// RFC 9915 §18.2.8: a client that finds its address in use says so and gets another one; nobody gets the first one for a
/// while.
#[test]
fn an_address_in_use_is_declined() {
    sandboxed("an_address_in_use_is_declined", |world| {
        let lan = world.lan6();
        lan.host("squatter").address("eth0", "2001:db8:1::100/64");
        let mut dhcp6 = lan6_configuration();
        dhcp6["subnet6"][0]["pools"][0]["pool"] = "2001:db8:1::100 - 2001:db8:1::101".into();
        let server = Server6::under_test(world, &lan.server, "server", dhcp6);
        // This dhcpcd does not notice when the kernel takes away an address that is in use.
        let mut client = lan.client("client", Client6Program::Dhclient, Wish::Address);
        client.detect_conflicts();
        client.start();
        let free: Ipv6Addr = "2001:db8:1::101".parse().expect("an address");
        eventually("the client has the other address", || {
            (client.next(&["bound", "rebind", "renew"]).addresses() == [free]).then_some(())
        });
        // A client may say it twice.
        assert!(server.statistic("pkt6-decline-received") >= 1);
        assert_eq!(server.statistic("subnet[1].declined-addresses"), 1);
        let rows = server.lease_rows();
        let declined = rows.iter().rev().find(|row| columns(row)[0] == "2001:db8:1::100");
        let declined = columns(declined.expect("a row of the declined address"));
        let nobody = if Server6::is_kea_under_test() { "00" } else { "00:00:00" };
        assert_eq!((declined[1], declined[13]), (nobody, "1"), "nobody's, and declined");
    });
}

/// RFC 9915 §18.2.3, §18.2.12: a client that remembers its leases when it starts has them confirmed (or bound again, as
/// prefixes must be) without a SOLICIT.
#[test]
fn remembered_leases_are_confirmed() {
    sandboxed("remembered_leases_are_confirmed", |world| {
        let lan = world.lan6();
        let server = Server6::under_test(world, &lan.server, "server", lan6_configuration());
        for wish in [Wish::Address, Wish::Both] {
            let mut client = lan.client(&format!("{wish:?}"), Client6Program::Dhclient, wish);
            let lease = client.obtain();
            client.kill();
            let advertised = server.statistic("pkt6-advertise-sent");
            client.start();
            let again = client.next(&["bound", "reboot", "renew", "rebind"]);
            assert!(again.addresses().iter().all(|address| Some(*address) == lease.address), "{again:?}");
            assert_eq!(server.statistic("pkt6-advertise-sent"), advertised);
        }
        assert!(server.statistic("pkt6-confirm-received") >= 1);
        assert!(server.statistic("pkt6-rebind-received") >= 1);
    });
}

/// RFC 9915 §18.2.1, §18.3.1: where both sides want it, two messages are enough.
#[test]
fn rapid_commit_takes_two_messages() {
    sandboxed("rapid_commit_takes_two_messages", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["subnet6"][0]["rapid-commit"] = true.into();
        let server = Server6::under_test(world, &lan.server, "server", dhcp6);
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Both);
            client.commit_rapidly();
            let lease = client.obtain();
            assert!(in_pool(lease.address.expect("an address")));
        }
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 2);
        assert_eq!(server.statistic("subnet[1].assigned-pds"), 2);
        let counted = ["pkt6-advertise-sent", "pkt6-request-received"].map(|name| server.statistic(name));
        assert_eq!(counted, [0, 0]);
    });
}

/// RFC 9915 §18.2.6: a client that wants options alone is told them, and there is no lease.
#[test]
fn options_without_a_lease() {
    sandboxed("options_without_a_lease", |world| {
        let lan = world.lan6();
        let server = Server6::under_test(world, &lan.server, "server", lan6_configuration());
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Options);
            client.start();
            let told = client.next(&["inform", "bound", "renew"]);
            assert_eq!(told.server(), server_duid("server"));
            assert_eq!(told.name_servers(), "2001:db8:1::53");
            assert_eq!(client.addresses(), [Ipv6Addr::UNSPECIFIED; 0]);
        }
        assert!(server.statistic("pkt6-infrequest-received") >= 2);
        assert_eq!(server.lease_rows(), [""; 0]);
    });
}

/// When the lease of `address` ends, by the server's file.
fn expiry(server: &Server6, address: Ipv6Addr) -> u64 {
    let (rows, address) = (server.lease_rows(), address.to_string());
    let row = rows.iter().rev().find(|row| columns(row)[0] == address);
    row.and_then(|row| columns(row)[3].parse().ok()).expect("a lease in the file")
}

/// Whether it is of the pool of addresses.
fn in_pool(address: Ipv6Addr) -> bool {
    let pool: [Ipv6Addr; 2] =
        ["2001:db8:1::100", "2001:db8:1::1ff"].map(|end| end.parse().expect("an address"));
    (pool[0]..=pool[1]).contains(&address)
}

/// The columns of a row of a lease file: address, duid, valid_lifetime, expire, subnet_id, pref_lifetime, lease_type, iaid,
/// prefix_len, …, state.
fn columns(row: &str) -> Vec<&str> {
    row.split(',').collect()
}
