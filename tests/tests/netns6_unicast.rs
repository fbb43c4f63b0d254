//! Messages that are sent to one server alone (RFC 9915 §16): those of clients are dropped, wherever the server listens.

use kotare_tests::world::{
    Client6Program, Server6, Wish, eventually, lan6_configuration, partner_or_system, sandboxed,
};

/// A server listens on an address of its own for relay agents. A client that sends there is not answered, as in Kea 3.3, and
/// that is counted; one that sends to all servers is, by the same configuration.
#[test]
fn a_client_that_sends_to_one_server_is_not_answered() {
    sandboxed("a_client_that_sends_to_one_server_is_not_answered", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["interfaces-config"]["interfaces"] = serde_json::json!(["eth0", "eth0/2001:db8:1::1"]);
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        server.await_log(&["KOTARE_LISTENING", "2001:db8:1::1"]);
        let sender = lan.host("sender");
        sender.address("eth0", "2001:db8:1::9/64");
        let mut perfdhcp = sender.command(partner_or_system("perfdhcp"));
        // It sends SOLICITs for a second; that none is answered is no success.
        perfdhcp.args(["-6", "-i", "-r", "10", "-p", "1", "-l", "eth0", "2001:db8:1::1"]);
        let output = perfdhcp.output().expect("perfdhcp can be run");
        let dropped = eventually("messages are dropped", || {
            let dropped = server.statistic("pkt6-rfc-violation");
            (dropped > 0).then_some(dropped)
        });
        server.await_log(&["DHCP6_PACKET_DROP_UNICAST", "SOLICIT"]);
        assert_eq!(server.statistic("pkt6-advertise-sent"), 0, "{output:?}");
        assert!(server.statistic("pkt6-receive-drop") >= dropped);
        let lease = lan.client("client", Client6Program::Dhcpcd, Wish::Address).obtain();
        assert!(lease.address.is_some());
    });
}
