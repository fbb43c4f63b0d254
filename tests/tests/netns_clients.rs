//! What real clients get from the server: leases, their renewal and their end.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use kotare_tests::world::{ClientProgram, Server, World, eventually, lan_configuration, sandboxed};

const POOL: RangeInclusive<Ipv4Addr> = Ipv4Addr::new(192, 0, 2, 100)..=Ipv4Addr::new(192, 0, 2, 199);
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// RFC 2131 §3.1: a client that knows nothing gets an address of the pool, for the lifetime configured and with the
/// options it asked for, and the lease is in the file.
#[test]
fn a_first_lease_for_each_client() {
    sandboxed("a_first_lease_for_each_client", |world| {
        let lan = world.lan();
        let server = Server::under_test(world, &lan.server, "server", lan_configuration());
        for program in ClientProgram::ALL {
            let mut client = lan.client(program.name(), program);
            let lease = client.obtain();
            assert!(POOL.contains(&lease.address()), "{lease:?}");
            assert_eq!(lease.server(), SERVER);
            assert_eq!(lease.lifetime(), 3600);
            assert_eq!(lease.routers(), "192.0.2.1");
            assert_eq!(lease.name_servers(), "192.0.2.53");
            assert_eq!(client.address(), Some(lease.address()));
            let rows = server.lease_rows();
            let row = format!("{},{},", lease.address(), client.mac());
            assert!(rows.iter().any(|line| line.starts_with(&row)), "{row} is in {rows:#?}");
        }
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 3);
        assert!(server.stop(), "it ends in order");
    });
}

/// At debug level 55 the log answers what a client sent and what it got, option by option.
#[test]
fn the_log_shows_what_was_sent_and_received() {
    sandboxed("the_log_shows_what_was_sent_and_received", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["loggers"][0]["debuglevel"] = 55.into();
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let address = lan.client("client", ClientProgram::Udhcpc).obtain().address();
        let log = eventually("the acknowledgement is in the log", || {
            Some(server.log()).filter(|log| log.contains("responding with packet DHCPACK"))
        });
        assert_eq!(
            log.matches("DHCP4_QUERY_DATA [hwtype=1 ").count(),
            log.matches("DHCP4_QUERY_DATA").count()
        );
        // As lines of a message are indented in the log.
        for shown in [
            "[kea-dhcp4.packets",
            "DHCP4_BUFFER_RECEIVED received buffer from 0.0.0.0:68 to 255.255.255.255:67 over interface eth0",
            "msg_type=DHCPDISCOVER (1), trans_id=0x",
            "\n    type=053, len=001: 3 (uint8)",
            "local_address=192.0.2.1:67, remote_address=",
            &format!("yiaddr={address}"),
            "\n    type=054, len=004: 192.0.2.1 (ipv4-address)",
        ] {
            assert!(log.contains(shown), "{shown:?} is in\n{log}");
        }
    });
}

/// RFC 2131 §4.4.5: a client that asks at T1 keeps its address for another lifetime, each of them when it likes to.
#[test]
fn renewal_extends_the_lease() {
    sandboxed("renewal_extends_the_lease", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["renew-timer"] = 2.into();
        // A lease this young would be left as it is otherwise.
        dhcp4["cache-threshold"] = 0.0001.into();
        let server = Server::under_test(world, &lan.server, "server", dhcp4);
        for program in ClientProgram::ALL {
            let mut client = lan.client(program.name(), program);
            let address = client.obtain().address();
            let before = expiry(&server, address);
            let renewed = eventually("a renewal a second later", || {
                let renewed = client.renew();
                (expiry(&server, address) > before).then_some(renewed)
            });
            assert_eq!((renewed.address(), renewed.server(), renewed.lifetime()), (address, SERVER, 3600));
        }
    });
}

/// RFC 2131 §4.4.5: when the server that gave the lease is not heard until T2, a client asks all servers, and one that
/// has the lease answers: here the same server, moved to another address.
#[test]
fn rebinding_finds_the_server_that_moved() {
    sandboxed("rebinding_finds_the_server_that_moved", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["renew-timer"] = 3.into();
        dhcp4["rebind-timer"] = 6.into();
        let server = Server::under_test(world, &lan.server, "server", dhcp4.clone());
        let mut clients = [ClientProgram::Dhclient, ClientProgram::Dhcpcd].map(|program| {
            let mut client = lan.client(program.name(), program);
            let address = client.obtain().address();
            (client, address)
        });
        server.stop();
        lan.server.ip("address delete 192.0.2.1/24 dev eth0");
        lan.server.address("eth0", "192.0.2.7/24");
        let _server = Server::under_test(world, &lan.server, "server", dhcp4);
        for (client, address) in &mut clients {
            // dhclient calls it a renewal; either may have renewed before the server moved.
            let rebound = eventually("the server at its new address answers", || {
                Some(client.next(&["renew", "rebind"])).filter(|event| event.server() != SERVER)
            });
            assert_eq!(rebound.address(), *address);
            assert_eq!(rebound.server(), Ipv4Addr::new(192, 0, 2, 7));
        }
    });
}

/// RFC 2131 §4.3.4: a released address is free again, and the file says so.
#[test]
fn a_released_address_is_free_again() {
    sandboxed("a_released_address_is_free_again", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        // The one address there is goes from client to client.
        dhcp4["subnet4"][0]["pools"][0]["pool"] = "192.0.2.100 - 192.0.2.100".into();
        // No memory of who had it before.
        dhcp4["expired-leases-processing"] = serde_json::json!({"hold-reclaimed-time": 0});
        let server = Server::under_test(world, &lan.server, "server", dhcp4);
        for program in ClientProgram::ALL {
            let mut client = lan.client(program.name(), program);
            assert_eq!(client.obtain().address(), Ipv4Addr::new(192, 0, 2, 100));
            client.release();
            eventually("the release is in the file", || {
                let rows = server.lease_rows();
                let columns: Vec<&str> = rows.last()?.split(',').collect();
                // valid_lifetime: a deleted lease has none.
                (columns[0] == "192.0.2.100" && columns[3] == "0").then_some(())
            });
            assert_eq!(server.statistic("subnet[1].assigned-addresses"), 0);
        }
        assert_eq!(server.statistic("pkt4-release-received"), 3);
    });
}

/// RFC 2131 §2.2 and Kea's manual, "Lease Expiration": a lease that was not renewed ends, and its address goes to a client
/// that needs one.
#[test]
fn an_expired_address_goes_to_another_client() {
    sandboxed("an_expired_address_goes_to_another_client", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["valid-lifetime"] = 9.into();
        dhcp4["subnet4"][0]["pools"][0]["pool"] = "192.0.2.100 - 192.0.2.100".into();
        dhcp4["expired-leases-processing"] = serde_json::json!({"reclaim-timer-wait-time": 1});
        let server = Server::under_test(world, &lan.server, "server", dhcp4);
        let mut first = lan.client("first", ClientProgram::Udhcpc);
        let address = first.obtain().address();
        let end = expiry(&server, address);
        first.kill();
        let mut second = lan.client("second", ClientProgram::Udhcpc);
        second.start();
        assert_eq!(second.leased().address(), address);
        assert!(
            expiry(&server, address) >= end + 9,
            "the address is given to another when its lease is over"
        );
        assert_eq!(server.statistic("reclaimed-leases"), 1);
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 1);
    });
}

/// RFC 2131 §3.1.5: a client that finds its address in use declines it and gets another one; the server keeps the
/// declined one from others.
#[test]
fn an_address_in_use_is_declined() {
    sandboxed("an_address_in_use_is_declined", |world| {
        for (number, program) in (0..).zip(ClientProgram::ALL) {
            declined_by(world, number, program);
        }
    });
}

fn declined_by(world: &World, number: u8, program: ClientProgram) {
    let (first, second) = (100 + 2 * number, 101 + 2 * number);
    let link = world.link(&format!("lan{number}"));
    let hosts = ["server", "squatter", "client"].map(|name| {
        let host = world.host(&format!("{name}{number}"));
        link.join(&host, "eth0");
        host
    });
    let [server_host, squatter, client_host] = &hosts;
    server_host.address("eth0", "192.0.2.1/24");
    squatter.address("eth0", &format!("192.0.2.{first}/24"));
    let mut dhcp4 = lan_configuration();
    dhcp4["subnet4"][0]["pools"][0]["pool"] = format!("192.0.2.{first} - 192.0.2.{second}").into();
    let server = Server::under_test(world, server_host, &format!("server{number}"), dhcp4);
    let mut client = kotare_tests::world::Client::new(world, client_host, "eth0", program);
    client.detect_conflicts();
    assert_eq!(client.obtain().address(), Ipv4Addr::new(192, 0, 2, second));
    // dhclient may say it twice.
    assert!(server.statistic("pkt4-decline-received") >= 1);
    assert_eq!(server.statistic("subnet[1].declined-addresses"), 1);
    let declined = server.lease_rows();
    let declined = declined.iter().rev().find(|row| row.starts_with(&format!("192.0.2.{first},")));
    let state = declined.and_then(|row| row.split(',').nth(9)).expect("a row of the declined address");
    assert_eq!(state, "1", "declined");
}

/// RFC 2131 §4.3.5: a client that has an address of its own and asks for the rest is told the options, not a lease.
#[test]
fn inform_tells_options_without_a_lease() {
    sandboxed("inform_tells_options_without_a_lease", |world| {
        let lan = world.lan();
        let server = Server::under_test(world, &lan.server, "server", lan_configuration());
        let mut client = lan.client("client", ClientProgram::Dhcpcd);
        client.host().address("eth0", "192.0.2.20/24");
        client.arguments(&["--inform"]);
        client.start();
        let told = client.next(&["inform"]);
        assert_eq!(told.server(), SERVER);
        assert_eq!(told.name_servers(), "192.0.2.53");
        assert!(server.statistic("pkt4-inform-received") >= 1);
        assert_eq!(server.lease_rows(), [""; 0]);
    });
}

/// RFC 2131 §4.3.2, INIT-REBOOT: an authoritative server says no to an address that does not fit the network the
/// client is on now, and the client starts over at once.
#[test]
fn a_lease_of_another_network_is_refused() {
    sandboxed("a_lease_of_another_network_is_refused", |world| {
        let lan = world.lan();
        let mut elsewhere = lan_configuration();
        elsewhere["subnet4"][0]["subnet"] = "198.51.100.0/24".into();
        elsewhere["subnet4"][0]["pools"][0]["pool"] = "198.51.100.10 - 198.51.100.20".into();
        lan.server.address("eth0", "198.51.100.1/24");
        lan.server.ip("address delete 192.0.2.1/24 dev eth0");
        let server = Server::under_test(world, &lan.server, "elsewhere", elsewhere);
        let mut clients = [ClientProgram::Dhclient, ClientProgram::Dhcpcd].map(|program| {
            let mut client = lan.client(program.name(), program);
            assert_eq!(client.obtain().address().octets()[0], 198);
            client.kill();
            client
        });
        server.stop();

        lan.server.ip("address delete 198.51.100.1/24 dev eth0");
        lan.server.address("eth0", "192.0.2.1/24");
        let mut here = lan_configuration();
        here["authoritative"] = true.into();
        let server = Server::under_test(world, &lan.server, "here", here);
        for client in &mut clients {
            assert!(POOL.contains(&client.obtain().address()));
        }
        assert!(server.statistic("pkt4-nak-sent") >= 2);
    });
}

/// RFC 2131 §3.2: a client that remembers its lease when it starts has it confirmed by one exchange, without an offer.
#[test]
fn a_remembered_lease_is_confirmed() {
    sandboxed("a_remembered_lease_is_confirmed", |world| {
        let lan = world.lan();
        let server = Server::under_test(world, &lan.server, "server", lan_configuration());
        for program in [ClientProgram::Dhclient, ClientProgram::Dhcpcd] {
            let mut client = lan.client(program.name(), program);
            let address = client.obtain().address();
            client.kill();
            let offers = server.statistic("pkt4-offer-sent");
            let again = client.obtain();
            assert_eq!((again.reason.as_str(), again.address()), ("reboot", address));
            assert_eq!(server.statistic("pkt4-offer-sent"), offers);
        }
    });
}

/// When the lease of `address` ends, by the server's file.
fn expiry(server: &Server, address: Ipv4Addr) -> u64 {
    let rows = server.lease_rows();
    let row = rows.iter().rev().find(|row| row.starts_with(&format!("{address},")));
    row.and_then(|row| row.split(',').nth(4)?.parse().ok()).expect("a lease in the file")
}
