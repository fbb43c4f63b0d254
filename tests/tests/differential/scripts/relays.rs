//! Clients behind relays: which subnet, which server identifier, what of option 82 comes back and where it goes.

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_tests::world::sandboxed;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::json;

use super::{COMMON_WISHES, WISHES, configuration, host, subnet};
use crate::packets::{Query, RELAY, SERVER, mac};
use crate::stage::{Script, Side, compare};

const AGENT: OptionCode = OptionCode::RELAY_AGENT_INFORMATION;

fn ten(third: u8, last: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, third, last)
}

/// Relays of all kinds, and subnets behind them.
#[test]
fn behind_relays() {
    sandboxed("scripts::relays::behind_relays", |world| {
        let far = |id: u8, relay: &[&str]| {
            json!({
                "id": id, "subnet": format!("10.0.{id}.0/24"),
                "pools": [{"pool": format!("10.0.{id}.100 - 10.0.{id}.199")}],
                "relay": {"ip-addresses": relay},
                "option-data": [{"name": "routers", "data": format!("10.0.{id}.1")}],
            })
        };
        let dhcp4 = configuration(json!({
            "option-data": [{"name": "domain-name-servers", "data": "192.0.2.10"}],
            "subnet4": [subnet(json!({})), far(2, &["192.0.2.3"]), far(3, &[]), far(4, &["192.0.2.4", "10.9.9.9"])],
            "shared-networks": [
                {"name": "floor", "relay": {"ip-addresses": ["192.0.2.5"]}, "subnet4": [
                    {"id": 5, "subnet": "10.0.5.0/24", "pools": [{"pool": "10.0.5.10 - 10.0.5.11"}]},
                    {"id": 6, "subnet": "10.0.6.0/24", "pools": [{"pool": "10.0.6.10 - 10.0.6.99"}]},
                ], "option-data": [{"name": "domain-name", "data": "floor.example.org"}]},
            ],
        }));
        compare(world, &dhcp4, SCRIPTS);
    });
}

/// Subnets that name the interface they are on.
#[test]
fn subnets_of_an_interface() {
    sandboxed("scripts::relays::subnets_of_an_interface", |world| {
        let on = |interface: &str, id: u8| {
            json!({
                "id": id, "subnet": format!("10.0.{id}.0/24"), "interface": interface,
                "pools": [{"pool": format!("10.0.{id}.100 - 10.0.{id}.199")}],
            })
        };
        let dhcp4 = configuration(json!({"subnet4": [subnet(json!({})), on("lo", 8), on("eth0", 9)]}));
        compare(world, &dhcp4, &[("interface", on_interface)]);
    });
}

fn on_interface(side: &mut Side) {
    side.ask("direct", Query::discover(1));
    side.ask("renews an address of the link", Query::request(2).holding(host(150)));
    side.ask("renews an address of its subnet", Query::request(3).holding(ten(9, 150)));
    side.ask("renews an address of another interface", Query::request(4).holding(ten(8, 150)));
    side.ask("rebinds in its subnet", Query::request(5).header(12, &ten(9, 151).octets()));
    side.ask("reboots in its subnet", Query::request(5).requested(ten(9, 151)));
    side.ask("selects in its subnet", Query::request(6).server_id(SERVER).requested(ten(9, 152)));
    side.ask("relayed from the link", Query::discover(7).relayed(RELAY));
    side.ask("relayed from its subnet", Query::discover(8).relayed(ten(9, 1)));
    side.ask("inform from the link", Query::new(MessageType::INFORM, mac(9)).holding(host(30)));
    side.ask("inform from its subnet", Query::new(MessageType::INFORM, mac(10)).holding(ten(9, 30)));
}

const SCRIPTS: &[Script] = &[
    ("relayed", relayed),
    ("agent options", agent_options),
    ("link selection", link_selection),
    ("server identifier override", server_id_override),
    ("shared network", shared_network),
];

fn relayed(side: &mut Side) {
    side.ask("a relay in the subnet", Query::discover(1).relayed(RELAY));
    side.ask("a relay that is configured", Query::discover(2).relayed(host(3)).option(WISHES, COMMON_WISHES));
    side.ask("by its prefix", Query::discover(3).relayed(ten(3, 1)));
    side.ask("the second address of a list", Query::discover(4).relayed(Ipv4Addr::new(10, 9, 9, 9)));
    side.ask("a relay nobody knows", Query::discover(5).relayed(Ipv4Addr::new(203, 0, 113, 9)));
    side.ask(
        "request by a relay nobody knows",
        Query::request(5).relayed(Ipv4Addr::new(203, 0, 113, 9)).server_id(SERVER).requested(ten(2, 100)),
    );
    side.ask(
        "reboot by a relay nobody knows",
        Query::request(5).relayed(Ipv4Addr::new(203, 0, 113, 9)).requested(ten(2, 100)),
    );
    side.ask("broadcast, please", Query::discover(6).relayed(host(3)).header(10, &[0x80, 0]));
    side.ask("16 hops", Query::discover(7).relayed(host(3)).header(3, &[16]));
    side.ask("17 hops", Query::discover(8).relayed(host(3)).header(3, &[17]));
    side.ask("255 hops", Query::discover(9).relayed(host(3)).header(3, &[255]));
    side.ask("no hops", Query::discover(10).relayed(host(3)).header(3, &[0]));
    side.ask("from port 1067", Query::discover(11).relayed(host(3)).source(SocketAddrV4::new(RELAY, 1067)));
    side.ask(
        "from another address",
        Query::discover(12).relayed(host(3)).source(SocketAddrV4::new(host(77), 67)),
    );
    side.ask("giaddr is the server's", Query::discover(13).relayed(SERVER));
    side.ask("giaddr is a broadcast address", Query::discover(14).relayed(Ipv4Addr::BROADCAST));
    let address = side.lease(15, |query| query.relayed(host(3)));
    side.ask("renews directly", Query::request(15).holding(address));
    side.ask("rebinds through the relay", Query::request(15).header(12, &address.octets()).relayed(host(3)));
    side.ask("reboots elsewhere", Query::request(15).requested(address).relayed(ten(3, 1)));
    side.ask("reboots at home", Query::request(15).requested(address).relayed(host(3)));
    side.ask(
        "selects a wrong address",
        Query::request(16).server_id(SERVER).requested(ten(3, 150)).relayed(host(3)),
    );
    side.ask(
        "with ciaddr through another relay",
        Query::request(15).header(12, &address.octets()).relayed(ten(3, 1)),
    );
    side.ask(
        "releases through the relay",
        Query::new(MessageType::RELEASE, mac(15))
            .header(12, &address.octets())
            .server_id(SERVER)
            .relayed(host(3)),
    );
    side.ask(
        "inform through a relay",
        Query::new(MessageType::INFORM, mac(17)).header(12, &ten(2, 20).octets()).relayed(host(3)),
    );
    side.ask(
        "inform through a relay nobody knows",
        Query::new(MessageType::INFORM, mac(17))
            .header(12, &ten(2, 20).octets())
            .relayed(Ipv4Addr::new(203, 0, 113, 9)),
    );
}

fn agent_options(side: &mut Side) {
    let with = |client: u16, agent: &[u8]| Query::discover(client).relayed(host(3)).option(AGENT, agent);
    side.ask("circuit and remote", with(31, b"\x01\x04eth7\x02\x06remote"));
    side.ask("unknown sub-options", with(32, b"\x01\x01a\xc8\x03xyz\xc9\x00"));
    side.ask("empty", with(33, b""));
    side.ask("a sub-option that says too much", with(34, b"\x01\x04eth7\x02\xffr"));
    side.ask("half a sub-option", with(35, b"\x01\x04eth7\x02"));
    side.ask("the same twice", with(36, b"\x01\x01a\x01\x01b"));
    side.ask(
        "longer than one option",
        with(37, &[b"\x01\xc8", &[b'c'; 200][..]].concat())
            .option(AGENT, &[b"\x02\xc8", &[b'r'; 200][..]].concat()),
    );
    side.ask("not last", with(38, b"\x01\x01a").option(OptionCode::HOST_NAME, b"h38"));
    side.ask("with wishes for it", with(39, b"\x01\x01a").option(WISHES, &[82]));
    side.ask("direct, with option 82", Query::discover(40).option(AGENT, b"\x01\x01a"));
    let dress = |query: Query| query.relayed(host(3)).option(AGENT, b"\x01\x04port");
    let address = side.lease(41, dress);
    side.ask("renews directly, without", Query::request(41).holding(address));
    side.ask("a refusal", dress(Query::request(41).server_id(SERVER).requested(ten(3, 3))));
    side.ask("relay flags", with(42, b"\x0a\x01\x80"));
    side.ask("relay port", with(43, b"\x13\x00").source(SocketAddrV4::new(RELAY, 1067)));
    side.ask("relay port with bytes", with(44, b"\x13\x02\x00\x00").source(SocketAddrV4::new(RELAY, 1067)));
    side.ask("subscriber and relay id", with(45, b"\x06\x03sub\x0c\x03rid"));
    side.ask("virtual subnet selection", with(46, b"\x97\x01\xff\x98\x00"));
}

fn link_selection(side: &mut Side) {
    let with = |client: u16, link: &[u8]| {
        let agent = [&[5, link.len() as u8], link].concat();
        Query::discover(client).relayed(RELAY).option(AGENT, &agent)
    };
    side.ask("a subnet", with(51, &ten(3, 0).octets()));
    side.ask("an address in a subnet", with(52, &ten(2, 77).octets()));
    side.ask("no subnet", with(53, &[203, 0, 113, 0]));
    side.ask("zero", with(54, &[0; 4]));
    side.ask("three bytes", with(55, &[10, 0, 3]));
    side.ask("five bytes", with(56, &[10, 0, 3, 0, 0]));
    side.ask(
        "option 118",
        Query::discover(57).relayed(RELAY).option(OptionCode::SUBNET_SELECTION, &ten(3, 0).octets()),
    );
    side.ask(
        "option 118, direct",
        Query::discover(58).option(OptionCode::SUBNET_SELECTION, &ten(3, 0).octets()),
    );
    let both = with(59, &ten(2, 0).octets());
    side.ask("both", both.option(OptionCode::SUBNET_SELECTION, &ten(3, 0).octets()));
    side.ask(
        "option 118 of two bytes",
        Query::discover(60).relayed(RELAY).option(OptionCode::SUBNET_SELECTION, &[10, 0]),
    );
}

fn server_id_override(side: &mut Side) {
    let agent = |address: &[u8]| [&[11, address.len() as u8], address].concat();
    let dress = |query: Query| query.relayed(host(3)).option(AGENT, &agent(&ten(2, 1).octets()));
    side.ask("discover", dress(Query::discover(71)));
    side.ask("request by that name", dress(Query::request(71).server_id(ten(2, 1)).requested(ten(2, 150))));
    side.ask("request by the real name", dress(Query::request(72).server_id(SERVER).requested(ten(2, 151))));
    side.ask("request by another name", dress(Query::request(73).server_id(host(9)).requested(ten(2, 152))));
    side.ask("three bytes", Query::discover(74).relayed(host(3)).option(AGENT, &agent(&[1, 2, 3])));
    side.ask("zero", Query::discover(75).relayed(host(3)).option(AGENT, &agent(&[0; 4])));
    let renewal = Query::request(71).header(12, &ten(2, 150).octets());
    side.ask("renewal", renewal.relayed(host(3)).option(AGENT, &agent(&ten(2, 1).octets())));
}

fn shared_network(side: &mut Side) {
    let dress = |query: Query| query.relayed(host(5)).option(WISHES, &[1, 3, 6, 15]);
    for client in 81..85 {
        side.lease(client, dress);
    }
    side.ask("an address of the second subnet", dress(Query::discover(86).requested(ten(6, 50))));
    side.ask(
        "request in the second subnet",
        dress(Query::request(86).server_id(SERVER).requested(ten(6, 50))),
    );
    side.ask("request out of the network", dress(Query::request(87).server_id(SERVER).requested(ten(3, 50))));
    side.ask("reboot in the second subnet", dress(Query::request(86).requested(ten(6, 50))));
    side.ask("reboot with a wrong address", dress(Query::request(86).requested(ten(5, 10))));
    side.ask("by prefix of a member", Query::discover(88).relayed(ten(6, 1)));
}
