//! What debug levels tell of an exchange.

use kotare_engine::hooks::Verdict;
use kotare_engine::hooks::v4::{Asked4, Hooks4, Lease4Select, LeaseDraft4};
use kotare_testkit::{Client, Config, Logged, Message, SERVER, Subnet, Via, World, logged, relayed};
use kotare_wire::v4::OptionCode;

/// The identifiers that are logged of a message, in order.
fn ids(world: &mut World, message: &Message, via: Via) -> Vec<&'static str> {
    told(world, message, via).into_iter().map(|line| line.id).collect()
}

fn told(world: &mut World, message: &Message, via: Via) -> Vec<Logged> {
    logged(|| world.send(message, via)).1
}

fn text(lines: &[Logged], id: &str) -> String {
    lines.iter().find(|line| line.id == id).unwrap_or_else(|| panic!("no {id} in {lines:#?}")).text.clone()
}

/// How every message of a client on the link comes and is understood.
const CAME: [&str; 5] = [
    "DHCP4_BUFFER_RECEIVED",
    "DHCP4_BUFFER_UNPACK",
    "DHCP4_QUERY_LABEL",
    "DHCP4_PACKET_RECEIVED",
    "DHCP4_QUERY_DATA",
];
/// How its subnet is found when it broadcasts.
const ON_LINK: [&str; 8] = [
    "DHCPSRV_SUBNET4_SELECT_NO_RAI_OPTIONS",
    "DHCPSRV_SUBNET4_SELECT_NO_RELAY_ADDRESS",
    "DHCPSRV_SUBNET4_SELECT_BY_INTERFACE_NO_MATCH",
    "DHCPSRV_CFGMGR_SUBNET4_ADDR",
    "DHCP4_SUBNET_SELECTED",
    "DHCP4_SUBNET_DATA",
    "DHCP4_CLASS_ASSIGNED",
    "DHCP4_CLASSES_ASSIGNED_AFTER_SUBNET_SELECTION",
];
/// The same when it sends to the server alone.
const BY_ADDRESS: [&str; 7] = [
    "DHCPSRV_SUBNET4_SELECT_NO_RAI_OPTIONS",
    "DHCPSRV_SUBNET4_SELECT_NO_RELAY_ADDRESS",
    "DHCPSRV_CFGMGR_SUBNET4_ADDR",
    "DHCP4_SUBNET_SELECTED",
    "DHCP4_SUBNET_DATA",
    "DHCP4_CLASS_ASSIGNED",
    "DHCP4_CLASSES_ASSIGNED_AFTER_SUBNET_SELECTION",
];

/// A session, message by message: every step is told in the order in which it is taken.
#[test]
fn a_session_is_told_step_by_step() {
    let mut world = World::new(Config::usual().build());
    let client = Client::new(1);
    let named = |message: Message| message.option(OptionCode::HOST_NAME, b"Host");
    let sent = ["DHCP4_PACKET_SEND", "DHCP4_RESPONSE_DATA"];
    let name = ["DHCP4_CLIENT_HOSTNAME_PROCESS", "DHCP4_CLIENT_HOSTNAME_DATA"];

    let discover = ids(&mut world, &named(client.discover()), Via::BROADCAST);
    let answer = ["DHCP4_CLASSES_ASSIGNED", "DHCP4_RESPONSE_HOSTNAME_DATA", "DHCP4_PACKET_PACK"];
    let steps = ["ALLOC_ENGINE_V4_OFFER_NEW_LEASE"];
    let mut expected = [&CAME[..], &ON_LINK, &["DHCP4_DISCOVER"], &name, &steps, &answer].concat();
    expected.extend(["DHCP4_LEASE_OFFER"].iter().chain(&sent));
    assert_eq!(discover, expected);

    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    let leased = offer.yiaddr();
    let request = ids(&mut world, &named(client.select(&offer)), Via::BROADCAST);
    let steps = ["ALLOC_ENGINE_V4_REQUEST_ALLOC_REQUESTED"];
    let mut expected = [&CAME[..], &ON_LINK, &["DHCP4_REQUEST"], &name, &steps, &answer].concat();
    expected.extend(["DHCP4_LEASE_ALLOC"].iter().chain(&sent));
    assert_eq!(request, expected);

    let renewal = ids(&mut world, &client.renew(leased), Via::unicast(leased));
    let steps = ["DHCP4_REQUEST", "DHCP4_CLIENT_HOSTNAME_PROCESS", "ALLOC_ENGINE_V4_REQUEST_EXTEND_LEASE"];
    let mut expected = [&CAME[..], &BY_ADDRESS, &steps].concat();
    expected.extend(["DHCP4_CLASSES_ASSIGNED", "DHCP4_PACKET_PACK", "DHCP4_LEASE_ALLOC"].iter().chain(&sent));
    assert_eq!(renewal, expected);

    let inform = ids(&mut world, &client.inform(leased), Via::unicast(leased));
    let steps = ["DHCP4_CLASSES_ASSIGNED", "DHCP4_PACKET_PACK", "DHCP4_INFORM_DIRECT_REPLY"];
    assert_eq!(inform, [&CAME[..], &BY_ADDRESS, &steps, &sent].concat());

    let reboot = ids(&mut world, &client.reboot([192, 0, 2, 150].into()), Via::BROADCAST);
    let steps = ["DHCP4_INIT_REBOOT", "DHCP4_CLIENT_HOSTNAME_PROCESS", "DHCP4_PACKET_PACK"];
    assert_eq!(reboot, [&CAME[..], &ON_LINK, &steps, &["DHCP4_PACKET_NAK_0002"], &sent].concat());

    let release = ids(&mut world, &client.release(leased, SERVER), Via::unicast(leased));
    assert_eq!(release, [&CAME[..], &["DHCP4_RELEASE", "DHCP4_RELEASE_EXPIRED"]].concat());
}

/// A message is shown as Kea shows it, field by field and option by option.
#[test]
fn messages_are_shown_option_by_option() {
    let mut world = World::new(Config::usual().build());
    let discover = Client::new(1).discover().option(OptionCode::HOST_NAME, b"host");
    let agent = [1, 2, 0xab, 0xcd];
    let lines = told(&mut world, &relayed(discover, SERVER, &agent), Via::relay(SERVER));
    let client = "[hwtype=1 02:00:00:00:00:01], cid=[no info], tid=0x100";
    let query = "local_address=192.0.2.254:67, remote_address=192.0.2.254:67,
msg_type=DHCPDISCOVER (1), trans_id=0x100, secs=0, flags=0x0, giaddr=192.0.2.254,
options:
  type=012, len=004: \"host\" (string)
  type=053, len=001: 1 (uint8)
  type=055, len=004: 1(uint8) 3(uint8) 6(uint8) 15(uint8)
  type=082, len=004:,
options:
    type=001, len=002: ab:cd";
    assert_eq!(text(&lines, "DHCP4_QUERY_DATA"), format!("{client}, packet details: {query}"));
    let reply = "local_address=192.0.2.254:67, remote_address=192.0.2.254:67,
msg_type=DHCPOFFER (2), trans_id=0x100, secs=0, flags=0x0, yiaddr=192.0.2.100, giaddr=192.0.2.254,
options:
  type=001, len=004: 255.255.255.0 (ipv4-address)
  type=003, len=004: 192.0.2.1
  type=006, len=008: 192.0.2.2 192.0.2.3
  type=012, len=004: \"host\" (string)
  type=015, len=011: \"example.org\" (string)
  type=051, len=004: 4000 (uint32)
  type=053, len=001: 2 (uint8)
  type=054, len=004: 192.0.2.254 (ipv4-address)
  type=082, len=004:,
options:
    type=001, len=002: ab:cd";
    let said = format!("{client}: responding with packet DHCPOFFER (type 2), packet details: {reply}");
    assert_eq!(text(&lines, "DHCP4_RESPONSE_DATA"), said);
}

/// Options that name a vendor stand for each vendor, however they came.
#[test]
fn options_of_several_vendors_are_shown_one_by_one() {
    let mut world = World::new(Config::usual().build());
    let one = [0, 0, 0, 1, 3, 5, 1, 7];
    let both = [&one[..], &[0, 0, 0, 2, 3, 6, 1, 8]].concat();
    let shown = "
  type=125, len=008: 1 (uint32) 3 (uint8),
options:
    type=005, len=001: 07
  type=125, len=008: 2 (uint32) 3 (uint8),
options:
    type=006, len=001: 08";
    let discover = Client::new(1).discover();
    let together = discover.clone().option(OptionCode::VIVSO, &both);
    let apart = discover.option(OptionCode::VIVSO, &one).option(OptionCode::VIVSO, &both[8..]);
    for message in [together, apart] {
        let told = text(&told(&mut world, &message, Via::BROADCAST), "DHCP4_QUERY_DATA");
        assert!(told.contains(shown), "{told}");
    }
}

/// That an option does not fit into its message is told, and it is not shown.
#[test]
fn options_that_are_passed_over_are_told() {
    let mut world = World::new(Config::usual().build());
    let mut bytes = Client::new(1).discover().bytes();
    // In place of the END option and what may be behind it.
    bytes.truncate(bytes.iter().rposition(|&byte| byte == 255).unwrap());
    bytes.extend([60, 200, b'x']);
    let lines = logged(|| world.send_bytes(&bytes, Via::BROADCAST)).1;
    assert!(text(&lines, "DHCP4_PACKET_OPTIONS_SKIPPED").ends_with("what is left of the message"));
    assert!(!text(&lines, "DHCP4_QUERY_DATA").contains("type=060"));
}

/// Whatever a client sends, its text cannot look like a line of the log, and is not without end.
#[test]
fn what_clients_send_is_escaped_and_bounded() {
    let mut world = World::new(Config::usual().build());
    let forged = b"x\n2026-11-24 10:00:00.000 INFO  [kea-dhcp4.leases/1.1] DHCP4_LEASE_ALLOC \x1b[31m\xff";
    let message = Client::new(1).discover().option(OptionCode::HOST_NAME, forged);
    let lines = told(&mut world, &message.option(OptionCode(60), forged), Via::BROADCAST);
    for line in &lines {
        assert!(!line.text.contains(['\u{1b}', '\r']), "{line:?}");
        assert!(!line.text.lines().any(|line| line.starts_with("2026")), "{line:?}");
    }
    // Pointers to one long name, again and again: a few bytes that stand for many (RFC 3397 §2).
    let mut names = [&[63][..], &[b'a'; 63], &[63], &[b'b'; 63], &[63], &[b'c'; 63], &[0]].concat();
    names.extend([0xc0, 0].repeat(250));
    let message = names
        .chunks(255)
        .fold(Client::new(2).discover(), |message, piece| message.option(OptionCode(119), piece));
    let lines = told(&mut world, &message, Via::BROADCAST);
    let told = text(&lines, "DHCP4_QUERY_DATA");
    assert!(told.contains("type=119"), "{told}");
    assert!(told.ends_with(" and more") && told.len() < 33_000, "{} bytes", told.len());
}

/// How a client's name is understood, and what is wrong with one that is passed over.
#[test]
fn names_are_told() {
    let mut world = World::new(Config::usual().build());
    let mut ddns = |code: OptionCode, value: &[u8]| {
        let message = Client::new(1).discover().option(code, value);
        let lines = told(&mut world, &message, Via::BROADCAST).into_iter();
        let about = ["_HOSTNAME", "_FQDN", "_NAME_"];
        let lines = lines.filter(|line| about.iter().any(|word| line.id.contains(word)));
        let client = "[hwtype=1 02:00:00:00:00:01], cid=[no info], tid=0x100: ";
        lines.map(|line| (line.id, line.text.replacen(client, "", 1))).skip(1).collect::<Vec<_>>()
    };
    let (name, fqdn) = (OptionCode::HOST_NAME, OptionCode::FQDN);
    let ids = |lines: Vec<(&'static str, String)>| lines.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids(ddns(name, b" ")), ["DHCP4_CLIENT_HOSTNAME_DATA", "DHCP4_EMPTY_HOSTNAME"]);
    assert_eq!(ids(ddns(name, b"a..b")), ["DHCP4_CLIENT_HOSTNAME_DATA", "DHCP4_CLIENT_HOSTNAME_MALFORMED"]);
    assert_eq!(ids(ddns(name, b"_")), ["DHCP4_CLIENT_HOSTNAME_DATA", "DHCP4_CLIENT_HOSTNAME_SCRUBBED_EMPTY"]);
    assert_eq!(
        ids(ddns(name, b".")),
        ["DHCP4_CLIENT_HOSTNAME_DATA", "DHCP4_RESPONSE_HOSTNAME_GENERATE", "DHCP4_RESPONSE_HOSTNAME_DATA"]
    );
    assert_eq!(
        ddns(fqdn, b"\x05\0\0\x01A\x01b\0"),
        [
            (
                "DHCP4_CLIENT_FQDN_DATA",
                "Client sent FQDN option: type=81 (CLIENT_FQDN), flags: (N=0, E=1, O=0, S=1), \
                 domain-name='a.b.' (full)"
                    .to_owned()
            ),
            (
                "DHCP4_RESPONSE_FQDN_DATA",
                "including FQDN option in the server's response: type=81 (CLIENT_FQDN), \
                 flags: (N=1, E=1, O=1, S=0), domain-name='a.b.' (full)"
                    .to_owned()
            )
        ]
    );
    assert_eq!(ids(ddns(fqdn, b"\x01\0\0a..b")), ["DHCP4_CLIENT_FQDN_DATA", "DHCP4_CLIENT_NAME_PROC_FAIL"]);
    assert_eq!(
        ids(ddns(name, b"a._.b")),
        ["DHCP4_CLIENT_HOSTNAME_DATA", "DHCP4_SANITIZED_HOSTNAME_MALFORMED"]
    );
    assert_eq!(
        ids(ddns(fqdn, b"\x04\0\0\x01_\0")),
        ["DHCP4_CLIENT_FQDN_DATA", "DHCP4_CLIENT_FQDN_SCRUBBED_EMPTY"]
    );
}

/// By what a subnet is selected, or why none is.
#[test]
fn the_selection_of_a_subnet_is_told() {
    let config = Config::new()
        .subnet(Subnet::new(1, "192.0.2.0/24"))
        .subnet(Subnet::new(2, "198.51.100.0/24").relay("10.0.0.1"))
        .subnet(Subnet::new(3, "203.0.113.0/24").interface("eth0"));
    let mut world = World::new(config.build());
    let discover = Client::new(1).discover();
    let mut selection = |message: &Message, via| {
        let ids = ids(&mut world, message, via).into_iter();
        let about = |id: &&str| id.starts_with("DHCPSRV_") || id.starts_with("DHCP4_SUBNET");
        ids.filter(about).filter(|id| !id.contains("_NO_R")).collect::<Vec<_>>()
    };
    let selected = ["DHCP4_SUBNET_SELECTED", "DHCP4_SUBNET_DATA"];
    let by = |how| [&[how][..], &selected].concat();
    assert_eq!(selection(&discover, Via::BROADCAST), by("DHCPSRV_CFGMGR_SUBNET4_IFACE"));
    let mut from =
        |relay: [u8; 4]| selection(&relayed(discover.clone(), relay.into(), &[]), Via::relay(relay.into()));
    assert_eq!(from([10, 0, 0, 1]), by("DHCPSRV_CFGMGR_SUBNET4_RELAY"));
    let no_relay = "DHCPSRV_SUBNET4_SELECT_BY_RELAY_ADDRESS_NO_MATCH";
    assert_eq!(from([192, 0, 2, 1]), [&[no_relay][..], &by("DHCPSRV_CFGMGR_SUBNET4_ADDR")].concat());
    assert_eq!(
        from([10, 0, 0, 2]),
        [no_relay, "DHCPSRV_SUBNET4_SELECT_BY_ADDRESS_NO_MATCH", "DHCP4_SUBNET_SELECTION_FAILED"]
    );
}

/// Which claim to an address is tried, whoever has it.
#[test]
fn the_claims_to_an_address_are_told() {
    let mut world = World::new(Config::usual().build());
    let (client, other) = (Client::new(1), Client::new(2));
    let leased = world.lease(&client).unwrap();
    let mut claims = |message: &Message| {
        let ids = ids(&mut world, message, Via::BROADCAST).into_iter();
        ids.filter(|id| id.starts_with("ALLOC_ENGINE")).collect::<Vec<_>>()
    };
    let wants = |message: Message, address| message.address(OptionCode::REQUESTED_ADDRESS, address);
    let server = |message: Message| message.address(OptionCode::SERVER_IDENTIFIER, SERVER);
    assert_eq!(claims(&client.discover()), ["ALLOC_ENGINE_V4_OFFER_EXISTING_LEASE"]);
    assert_eq!(
        claims(&wants(other.discover(), leased)),
        ["ALLOC_ENGINE_V4_OFFER_REQUESTED_LEASE", "ALLOC_ENGINE_V4_OFFER_NEW_LEASE"]
    );
    assert_eq!(claims(&wants(server(other.request()), leased)), ["ALLOC_ENGINE_V4_REQUEST_IN_USE"]);
    let nowhere = [192, 0, 2, 7].into();
    assert_eq!(claims(&wants(server(other.request()), nowhere)), ["ALLOC_ENGINE_V4_REQUEST_OUT_OF_POOL"]);
    assert_eq!(claims(&server(other.request())), ["ALLOC_ENGINE_V4_REQUEST_PICK_ADDRESS"]);
    assert_eq!(
        claims(&wants(server(client.request()), [192, 0, 2, 150].into())),
        ["ALLOC_ENGINE_V4_REQUEST_ALLOC_REQUESTED", "ALLOC_ENGINE_V4_REQUEST_REMOVE_LEASE"]
    );
}

/// A lease that has ended is shown when somebody else gets its address.
#[test]
fn a_lease_that_is_taken_over_is_shown() {
    let subnet = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.100");
    let mut world = World::new(Config::new().subnet(subnet).build());
    world.lease(&Client::new(1).with_id(&[1, 7])).unwrap();
    world.pass(5000);
    let lines = told(&mut world, &Client::new(2).discover(), Via::BROADCAST);
    let shown = text(&lines, "ALLOC_ENGINE_V4_REUSE_EXPIRED_LEASE_DATA");
    assert!(
        shown.ends_with(
            "Address:       192.0.2.100
Valid life:    4000
Cltt:          1000000
Hardware addr: 02:00:00:00:00:01
Client id:     01:07
Subnet ID:     1
Pool ID:       0
State:         default"
        ),
        "{shown}"
    );
}

/// A lease that is answered from is told twice: with its lifetime, and with what is left of it.
#[test]
fn a_reused_lease_is_told_with_its_whole_lifetime() {
    let subnet = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.199");
    let subnet = subnet.with(|params| params.cache_threshold = Some(0.25));
    let mut world = World::new(Config::new().subnet(subnet).build());
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.pass(1000);
    let lines = told(&mut world, &client.renew(leased), Via::unicast(leased));
    let client = "[hwtype=1 02:00:00:00:00:01], cid=[no info], tid=0x100";
    let alloc = format!("{client}: lease 192.0.2.100 has been allocated for 4000 seconds");
    assert_eq!(text(&lines, "DHCP4_LEASE_ALLOC"), alloc);
    let reuse = format!("{client}: lease 192.0.2.100 has been reused for 3000 seconds");
    assert_eq!(text(&lines, "DHCP4_LEASE_REUSE"), reuse);
}

/// A module that wants a lease left as it is.
#[derive(Debug)]
struct Skips;

impl Lease4Select for Skips {
    fn lease4_select(&self, _: Asked4<'_>, _: &mut LeaseDraft4<'_>) -> Verdict {
        Verdict::Skip
    }
}

/// That a module kept a lease from being made, or extended, is told.
#[test]
fn what_a_module_prevents_is_told() {
    let mut world = World::new(Config::usual().build());
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    let skips: std::sync::Arc<dyn Lease4Select> = std::sync::Arc::new(Skips);
    world.hook(Hooks4 { lease4_select: vec![skips], ..Hooks4::default() });
    let renewal = ids(&mut world, &client.renew(leased), Via::unicast(leased));
    assert!(renewal.contains(&"DHCPSRV_HOOK_LEASE4_RENEW_SKIP"), "{renewal:?}");
    let request = ids(&mut world, &Client::new(2).request(), Via::BROADCAST);
    assert!(request.contains(&"DHCPSRV_HOOK_LEASE4_SELECT_SKIP"), "{request:?}");
}
