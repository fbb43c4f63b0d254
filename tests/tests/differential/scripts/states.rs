//! RFC 2131 §4.3: what is answered in which state of a client, authoritative or not.

use std::net::Ipv4Addr;

use kotare_tests::world::sandboxed;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::json;

use super::{COMMON_WISHES, WISHES, configuration, host};
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Script, Side, compare};

/// An address of no subnet.
const FOREIGN: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

/// All states with a server that knows it is not alone.
#[test]
fn states_of_a_client() {
    sandboxed("scripts::states::states_of_a_client", |world| {
        compare(world, &configuration(json!({})), SCRIPTS);
    });
}

/// All states with a server that owns the network: where it was silent it may say no.
#[test]
fn states_of_a_client_of_an_authoritative_server() {
    sandboxed("scripts::states::states_of_a_client_of_an_authoritative_server", |world| {
        let scripts: Vec<Script> = AUTHORITATIVE.to_vec();
        compare(world, &configuration(json!({"authoritative": true})), &scripts);
    });
}

const SCRIPTS: &[Script] = &[
    ("discover", discover),
    ("selecting", selecting),
    ("init-reboot", init_reboot),
    ("renewing", renewing),
    ("rebinding", rebinding),
    ("release", release),
    ("decline", decline),
    ("inform", inform),
    ("other types", other_types),
];

const AUTHORITATIVE: &[Script] = &[
    ("authoritative selecting", selecting),
    ("authoritative init-reboot", init_reboot),
    ("authoritative renewing", renewing),
    ("authoritative rebinding", rebinding),
    ("authoritative release", release),
    ("authoritative decline", decline),
];

fn discover(side: &mut Side) {
    side.ask("nothing but the type", Query::discover(1));
    side.ask("again", Query::discover(1).xid(77));
    side.ask("wishes", Query::discover(2).option(WISHES, COMMON_WISHES));
    side.ask("an address that is free", Query::discover(3).requested(host(150)));
    side.ask("an address that is taken", Query::discover(4).requested(host(150)));
    side.ask("an address outside the pool", Query::discover(5).requested(host(20)));
    side.ask("an address of another network", Query::discover(6).requested(FOREIGN));
    side.ask("the address 0.0.0.0", Query::discover(7).requested(Ipv4Addr::UNSPECIFIED));
    side.ask("a ciaddr", Query::discover(8).header(12, &host(160).octets()));
    side.ask("broadcast, please", Query::discover(9).header(10, &[0x80, 0]));
    side.ask("other flags", Query::discover(10).header(10, &[0x7f, 0xff]));
    side.ask("secs", Query::discover(11).header(8, &[1, 2]));
    side.ask("hops", Query::discover(12).header(3, &[5]));
    side.ask("yiaddr and siaddr", Query::discover(13).header(16, &[10, 0, 0, 1, 10, 0, 0, 2]));
    side.ask("a server name and a file", Query::discover(14).header(44, b"name").header(108, b"file"));
    side.ask("a server identifier", Query::discover(15).server_id(SERVER));
    side.ask("somebody else's server identifier", Query::discover(16).server_id(host(9)));
    side.ask("rapid commit", Query::discover(17).option(OptionCode::RAPID_COMMIT, &[]));
    side.ask("a maximum message size", Query::discover(18).option(OptionCode::MAX_MESSAGE_SIZE, &[2, 64]));
}

fn selecting(side: &mut Side) {
    let address = side.lease(21, |query| query.option(WISHES, COMMON_WISHES));
    side.ask("confirmed again", Query::request(21).server_id(SERVER).requested(address));
    side.address("offered", Query::discover(22));
    side.ask("another server is chosen", Query::request(22).server_id(host(9)).requested(host(105)));
    side.ask("a free address, not the offered", Query::request(22).server_id(SERVER).requested(host(170)));
    side.ask("somebody else's address", Query::request(23).server_id(SERVER).requested(address));
    side.ask("an address of another network", Query::request(24).server_id(SERVER).requested(FOREIGN));
    side.ask("an address outside the pool", Query::request(25).server_id(SERVER).requested(host(20)));
    side.ask("no requested address", Query::request(26).server_id(SERVER));
    side.ask("without DISCOVER", Query::request(27).server_id(SERVER).requested(host(171)));
    side.ask(
        "requested address 0.0.0.0",
        Query::request(28).server_id(SERVER).requested(Ipv4Addr::UNSPECIFIED),
    );
    let with_ciaddr = Query::request(29).server_id(SERVER).requested(host(172));
    side.ask("a ciaddr as well", with_ciaddr.header(12, &host(173).octets()));
    side.ask(
        "broadcast, please",
        Query::request(30).server_id(SERVER).requested(host(174)).header(10, &[0x80, 0]),
    );
}

fn init_reboot(side: &mut Side) {
    let address = side.lease(41, |query| query);
    side.ask("the right address", Query::request(41).requested(address));
    side.ask("another address of the pool", Query::request(41).requested(host(180)));
    side.ask("an address of another network", Query::request(41).requested(FOREIGN));
    side.ask("unknown client", Query::request(42).requested(host(181)));
    side.ask("unknown client, somebody's address", Query::request(43).requested(address));
    side.ask("unknown client, foreign address", Query::request(44).requested(FOREIGN));
    side.ask("unknown client, outside the pool", Query::request(45).requested(host(20)));
    side.ask(
        "a client with an identifier",
        Query::request(46).requested(host(182)).client_id(b"\0forty-six"),
    );
    side.ask("the server knows it still", Query::request(41).requested(address));
}

fn renewing(side: &mut Side) {
    let address = side.lease(61, |query| query);
    side.ask("the lease", Query::request(61).holding(address).option(WISHES, COMMON_WISHES));
    side.ask("somebody else's lease", Query::request(62).holding(address));
    side.ask("no lease", Query::request(63).holding(host(185)));
    side.ask("outside the pool", Query::request(64).holding(host(21)));
    side.ask("a foreign address", Query::request(65).holding(FOREIGN));
    side.ask("with a requested address", Query::request(61).holding(address).requested(address));
    side.ask("with a server identifier", Query::request(61).holding(address).server_id(SERVER));
    side.ask("with another's identifier", Query::request(61).holding(address).server_id(host(9)));
    side.ask("another address than leased", Query::request(61).holding(host(186)));
}

fn rebinding(side: &mut Side) {
    let address = side.lease(71, |query| query);
    let broadcast = |query: Query, address: Ipv4Addr| query.header(12, &address.octets());
    side.ask("the lease", broadcast(Query::request(71), address));
    side.ask("unknown client", broadcast(Query::request(72), host(187)));
    side.ask("somebody else's lease", broadcast(Query::request(73), address));
    side.ask("a foreign address", broadcast(Query::request(74), FOREIGN));
    side.ask("neither address", Query::request(75));
}

fn release(side: &mut Side) {
    let address = side.lease(81, |query| query);
    let release = |client: u16, address: Ipv4Addr| {
        Query::new(MessageType::RELEASE, mac(client)).holding(address).server_id(SERVER)
    };
    side.ask("somebody else", release(82, address));
    side.ask("still leased", Query::request(81).requested(address));
    side.ask("another server", Query::new(MessageType::RELEASE, mac(81)).holding(address).server_id(host(9)));
    side.ask("the owner", release(81, address));
    side.ask("again", release(81, address));
    side.ask("reboot after release", Query::request(81).requested(address));
    side.ask("renew after release", Query::request(81).holding(address));
    side.ask("discover after release", Query::discover(81));
    side.ask("no ciaddr", Query::new(MessageType::RELEASE, mac(81)).server_id(SERVER));
    side.ask("no such lease", release(83, host(199)));
    side.ask("a foreign address", release(84, FOREIGN));
    let second = side.lease(85, |query| query);
    side.ask("no server identifier", Query::new(MessageType::RELEASE, mac(85)).holding(second));
    side.ask("the address for another", Query::discover(86).requested(second));
}

fn decline(side: &mut Side) {
    let decline = |client: u16, address: Ipv4Addr| {
        Query::new(MessageType::DECLINE, mac(client)).server_id(SERVER).requested(address)
    };
    let address = side.lease(91, |query| query);
    side.ask("somebody else", decline(92, address));
    side.ask("still leased", Query::request(91).requested(address));
    side.ask("the owner", decline(91, address));
    side.ask("reboot after decline", Query::request(91).requested(address));
    side.ask("renew after decline", Query::request(91).holding(address));
    side.ask("ask for it again", Query::discover(91).requested(address));
    side.ask("ask for it as another", Query::discover(93).requested(address));
    side.ask("request it as another", Query::request(94).server_id(SERVER).requested(address));
    side.ask("without address", Query::new(MessageType::DECLINE, mac(95)).server_id(SERVER));
    side.ask("no such lease", decline(96, host(198)));
    let other = side.lease(97, |query| query);
    side.ask("another server", Query::new(MessageType::DECLINE, mac(97)).server_id(host(9)).requested(other));
    side.ask("still leased after that", Query::request(97).requested(other));
    side.ask("no server identifier", Query::new(MessageType::DECLINE, mac(97)).requested(other));
    side.ask("after that", Query::request(97).requested(other));
}

fn inform(side: &mut Side) {
    let inform = |client: u16| Query::new(MessageType::INFORM, mac(client));
    side.ask("unicast", inform(101).holding(host(30)));
    side.ask("wishes", inform(102).holding(host(31)).option(WISHES, COMMON_WISHES));
    side.ask("broadcast", inform(103).header(12, &host(32).octets()));
    side.ask("no ciaddr, no address", inform(104));
    let from = std::net::SocketAddrV4::new(host(33), 68);
    side.ask("no ciaddr, an address", inform(105).source(from));
    side.ask("no ciaddr, an address, unicast", inform(105).unicast().source(from));
    side.ask("a foreign address", inform(106).holding(FOREIGN));
    side.ask("a server identifier", inform(107).holding(host(34)).server_id(SERVER));
    side.ask("another's server identifier", inform(108).holding(host(35)).server_id(host(9)));
    side.ask("a requested address", inform(109).holding(host(36)).requested(host(37)));
    side.ask("a lease time", inform(110).holding(host(38)).option(OptionCode::LEASE_TIME, &[0, 0, 1, 0]));
    side.ask("broadcast, please", inform(111).holding(host(39)).header(10, &[0x80, 0]));
    side.ask("relayed", inform(112).header(12, &host(40).octets()).relayed(crate::packets::RELAY));
    side.ask("relayed, no ciaddr", inform(113).relayed(crate::packets::RELAY));
}

fn other_types(side: &mut Side) {
    for kind in [0, 2, 5, 6, 9, 10, 13, 18, 99, 255] {
        side.ask(&format!("type {kind}"), Query::new(MessageType(kind), mac(120)));
    }
    side.ask("a type of no bytes", Query::bootp(mac(121)).option(OptionCode::MESSAGE_TYPE, &[]));
    side.ask("a type of two bytes", Query::bootp(mac(122)).option(OptionCode::MESSAGE_TYPE, &[1, 1]));
    side.ask("two types", Query::discover(123).option(OptionCode::MESSAGE_TYPE, &[3]));
    side.ask("no type", Query::bootp(mac(124)));
    side.ask("no type, padded", Query::bootp(mac(125)).end(&[0; 60]));
    side.ask("no type, an option", Query::bootp(mac(126)).option(OptionCode::HOST_NAME, b"old"));
    side.ask("a reply", Query::discover(127).header(0, &[2]));
    side.ask("op 0", Query::discover(128).header(0, &[0]));
}
