//! DHCPv6 on a link.

use std::net::{Ipv6Addr, SocketAddrV6};

use kotare_config::v6::Config6;
use kotare_control::Facts;
use kotare_dhcp6d::Dhcp6;
use kotare_model::{Arrival6, Departure6, Lease6};
use kotare_modules::Library;
use kotare_net::{InterfaceAddress4, Spec6};
use kotare_server::Store;
use kotare_testkit::v6::{Associated, Client, Message};
use kotare_wire::v6::{Association, IaAddress, Index, Message as View, MessageType, OptionCode};
use serde_json::{Value, json};

use crate::link::Simulated;
use crate::protocol::{Protocol, Reply, Row, Says};
use crate::protocol4::V4;
use crate::retold;

/// Where clients send to (RFC 9915 §7.1).
const ALL: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct V6;

/// A reply that left a server.
#[derive(Clone, Debug)]
pub(crate) struct Reply6 {
    /// The server's address.
    pub(crate) server: Ipv6Addr,
    /// What it is.
    pub(crate) kind: MessageType,
    pub(crate) transaction: u32,
    /// The server's DUID.
    pub(crate) server_id: Vec<u8>,
    /// The client's DUID.
    pub(crate) client_id: Vec<u8>,
    /// The first address of the first IA_NA.
    pub(crate) address: Option<Ipv6Addr>,
    /// Option 23.
    pub(crate) dns: Option<Vec<u8>>,
    /// All of it, in what relay agents get.
    pub(crate) bytes: Vec<u8>,
}

impl Protocol for V6 {
    type Lease = Lease6;
    type Config = Config6;
    type On<S: Store<Lease6>> = Dhcp6<Simulated<Self>, S>;
    type Address = Ipv6Addr;
    type Spec = Spec6;
    type Arrival = Arrival6;
    type Departure = Departure6;
    type Client = Client;
    type Message = Message;
    type Reply = Reply6;

    const PORT: u16 = 547;
    const SERVERS: [Ipv6Addr; 2] =
        [Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1), Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 2)];
    const SERVICE: &'static str = "dhcp6";
    const MAP: &'static str = "Dhcp6";
    const SUBNETS: &'static str = "subnet6";
    const ELSEWHERE: &'static str = "3fff:db8:1::/64";
    const PKT: &'static str = "pkt6";
    const ASKED: &'static str = "pkt6-solicit-received";
    const OFFERED: &'static str = "pkt6-advertise-sent";
    const GIVEN: &'static str = "pkt6-reply-sent";
    const LEASED: &'static str = "subnet[1].assigned-nas";
    const LEASED_OF_POOL: &'static str = "subnet[1].pool[0].assigned-nas";
    const FOR_ANOTHER: &'static str = "not-for-us";
    const ADDRESSES: &'static [&'static str] = &["fe80::1"];
    const ALL_BESIDE_ONE: &'static str = "Interface configuration successfully updated.";
    const EXTENDED_INFO_TABLES: Option<bool> = Some(false);
    const LEASE: &'static str = "lease6";
    const EXPLAIN: &'static str = "subnet6-explain";
    const LOCAL: &'static str = "ff02::1:2";
    const REMOTE: &'static str = "fe80::c1";
    const TYPE: &'static str = "IA_PD";
    const FREE: &'static str = "2001:db8::77";
    const IN_POOL: &'static str = "2001:db8:8::";
    const LEASES: &'static str = "lease6-get-all";

    const IDENTIFIER: &'static str = "duid";
    const HEADER: &'static str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,\
        fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";
    const OTHER_HEADER: &'static str = V4::HEADER;
    const RELAY_INFOS: [&'static str; 3] = [
        r#"{ "ISC": { "relays": [ { "hop": 0, "link": "2001:db8::1", "options": "0x003500020003", "peer": "fe80::1" } ] } }"#,
        r#"{ "ISC": { "relay-info": [ { "hop": 0, "link": "2001:db8::1", "options": "0x003500020003", "peer": "fe80::1", "relay-id": "0003" } ] } }"#,
        r#"{ "ISC": { "relay-info": [ { "relay-id": "" } ] }, "a": 1 }"#,
    ];

    fn retell(told: Value) -> Value {
        retold::of_dhcpv6(told)
    }

    fn tell_back(told: Value) -> Value {
        retold::of_dhcpv4(told)
    }

    fn host() -> Value {
        json!({})
    }

    fn row(address: Ipv6Addr, client: u8, row: &Row<'_>) -> String {
        let Row { end, subnet, forward, name, context } = row;
        format!(
            "{address},00:01:02:{client:02x},4000,{end},{subnet},3000,0,1,128,{forward},0,{name},,0,{context},0,0,0\n"
        )
    }

    fn user_context(lease: &Lease6) -> Option<&str> {
        lease.user_context.as_deref()
    }

    fn addresses(server: Ipv6Addr) -> (Vec<InterfaceAddress4>, Vec<Ipv6Addr>) {
        (Vec::new(), vec![server])
    }

    fn number(server: Ipv6Addr) -> u8 {
        server.octets()[15]
    }

    fn interface(spec: &Spec6) -> (u32, &str) {
        (spec.ifindex, &spec.interface)
    }

    fn local(spec: &Spec6) -> Ipv6Addr {
        spec.local
    }

    fn hears_all(spec: &Spec6) -> bool {
        spec.group == Some(ALL)
    }

    fn arrival(spec: &Spec6) -> Arrival6 {
        let source = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0xc1);
        Arrival6 {
            ifindex: spec.ifindex,
            local: spec.local,
            destination: ALL,
            source: SocketAddrV6::new(source, 546, 0, spec.ifindex),
        }
    }

    fn leaves(departure: &Departure6) -> u32 {
        departure.ifindex
    }

    fn read(server: Ipv6Addr, bytes: &[u8]) -> Reply6 {
        let mut index = Index::new();
        let view = View::parse(bytes, &mut index).expect("a server sends messages");
        let association = view.option(OptionCode::IA_NA).and_then(Association::read);
        let address = association.and_then(|it| it.options.find_code(OptionCode::IAADDR));
        let option = |code| view.option(code).map(<[u8]>::to_vec);
        Reply6 {
            server,
            kind: view.message_type(),
            transaction: view.transaction_id(),
            server_id: option(OptionCode::SERVERID).expect("a reply says whose it is"),
            client_id: option(OptionCode::CLIENTID).expect("a reply says whom it is for"),
            address: address.and_then(IaAddress::read).map(|it| it.address),
            dns: option(OptionCode::NAME_SERVERS),
            bytes: bytes.to_vec(),
        }
    }

    fn sender(message: &Message) -> &[u8] {
        let duid = message.options.iter().find(|(code, _)| *code == OptionCode::CLIENTID.0);
        duid.map_or(&[], |(_, duid)| duid)
    }

    fn transaction(message: &Message) -> u32 {
        message.transaction
    }

    fn bytes(message: &Message) -> Vec<u8> {
        message.bytes()
    }

    fn commands(library: &Library) -> Option<Vec<Facts>> {
        library.v6.as_ref().map(|module| (module.commands)())
    }

    fn client(number: u32) -> Client {
        Client { transaction: number << 8, ..Client::new(number) }
    }

    fn go_on(client: &mut Client) {
        client.transaction += 1;
    }

    fn look(client: &Client) -> Message {
        client.solicit()
    }

    fn wish(client: &Client, address: Ipv6Addr) -> Message {
        client.message(MessageType::SOLICIT, None).ia(1, Associated::Addresses(&[address]))
    }

    fn choose(client: &Client, offer: &Reply6) -> Message {
        client.request(&offer.server_id, offer.address.as_slice())
    }

    fn renew(client: &Client, given: &Reply6) -> Message {
        client.renew(&given.server_id, given.address.as_slice())
    }

    fn holder(lease: &Lease6) -> &[u8] {
        lease.duid.as_bytes()
    }

    fn config(threads: usize, number: u8) -> Value {
        json!({"Dhcp6": {
            "interfaces-config": {"interfaces": ["eth0"]},
            "lease-database": {"type": "memfile", "persist": false},
            "multi-threading": {"enable-multi-threading": threads > 1, "thread-pool-size": threads},
            "expired-leases-processing": {"reclaim-timer-wait-time": 10, "hold-reclaimed-time": 3600},
            "preferred-lifetime": 3000,
            "valid-lifetime": 4000,
            "option-data": [{"name": "dns-servers", "data": format!("2001:db8::{number:x}")}],
            "subnet6": [{
                "id": 1,
                "subnet": "2001:db8::/32",
                "interface": "eth0",
                "pools": [{"pool": "2001:db8:8::/64"}],
                "pd-pools": [{"prefix": "2001:db8:9000::", "prefix-len": 40, "delegated-len": 56}]
            }]
        }})
    }

    fn small(server: usize) -> Value {
        let pool = format!("2001:db8::{0}0 - 2001:db8::{0}9", server + 1);
        json!({"Dhcp6": {
            "interfaces-config": {"interfaces": ["eth0"]},
            "expired-leases-processing": {"reclaim-timer-wait-time": 10, "hold-reclaimed-time": 60},
            "preferred-lifetime": 500,
            "valid-lifetime": 600,
            "subnet6": [{"id": 1, "subnet": "2001:db8::/64", "interface": "eth0", "pools": [{"pool": pool}]}]
        }})
    }

    fn class() -> Value {
        json!({
            "preferred-lifetime": 5,
            "option-data": [{"name": "domain-search", "data": "example.org"}],
        })
    }

    fn ten(address: Ipv6Addr) -> u8 {
        address.octets()[15] >> 4
    }
}

impl Reply for Reply6 {
    type Address = Ipv6Addr;

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn server(&self) -> Ipv6Addr {
        self.server
    }

    fn transaction(&self) -> u32 {
        self.transaction
    }

    fn client(&self) -> &[u8] {
        &self.client_id
    }

    fn says(&self) -> Says {
        match (self.address, self.kind) {
            (Some(_), MessageType::ADVERTISE) => Says::Offer,
            (Some(_), MessageType::REPLY) => Says::Yours,
            _ => Says::No,
        }
    }

    fn given(&self) -> Option<Ipv6Addr> {
        self.address
    }

    fn number(&self) -> Option<u8> {
        self.dns.as_ref()?.last().copied()
    }

    fn of(&self, address: Ipv6Addr) -> Self {
        Self { address: Some(address), ..self.clone() }
    }
}
