//! DHCPv4 on a link.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4};

use kotare_config::v4::Config4;
use kotare_control::Facts;
use kotare_dhcp4d::Dhcp4;
use kotare_model::{Arrival4, Departure4, Lease4};
use kotare_modules::Library;
use kotare_net::{InterfaceAddress4, Spec4};
use kotare_server::Store;
use kotare_testkit::{Client, Message};
use kotare_wire::v4::{Index, Message as View, MessageType, OptionCode};
use serde_json::{Value, json};

use crate::link::Simulated;
use crate::protocol::{Protocol, Reply, Row, Says};
use crate::protocol6::V6;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct V4;

/// A reply that left a server.
#[derive(Clone, Debug)]
pub(crate) struct Reply4 {
    /// The server's address.
    pub(crate) server: Ipv4Addr,
    /// What it is.
    pub(crate) kind: MessageType,
    pub(crate) xid: u32,
    pub(crate) yiaddr: Ipv4Addr,
    /// Option 6.
    pub(crate) dns: Option<Vec<u8>>,
    /// Who it is for.
    pub(crate) chaddr: Vec<u8>,
    /// All of it.
    pub(crate) bytes: Vec<u8>,
}

impl Protocol for V4 {
    type Lease = Lease4;
    type Config = Config4;
    type On<S: Store<Lease4>> = Dhcp4<Simulated<Self>, S>;
    type Address = Ipv4Addr;
    type Spec = Spec4;
    type Arrival = Arrival4;
    type Departure = Departure4;
    type Client = Client;
    type Message = Message;
    type Reply = Reply4;

    const PORT: u16 = 67;
    const SERVERS: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)];
    const SERVICE: &'static str = "dhcp4";
    const MAP: &'static str = "Dhcp4";
    const SUBNETS: &'static str = "subnet4";
    const ELSEWHERE: &'static str = "198.51.100.0/24";
    const PKT: &'static str = "pkt4";
    const ASKED: &'static str = "pkt4-discover-received";
    const OFFERED: &'static str = "pkt4-offer-sent";
    const GIVEN: &'static str = "pkt4-ack-sent";
    const LEASED: &'static str = "subnet[1].assigned-addresses";
    const LEASED_OF_POOL: &'static str = "subnet[1].pool[0].assigned-addresses";
    const FOR_ANOTHER: &'static str = "not-for-us";
    const ADDRESSES: &'static [&'static str] = &["192.0.2.1", "fe80::1"];
    const ALL_BESIDE_ONE: &'static str = "Updating used interfaces failed: ";
    const EXTENDED_INFO_TABLES: Option<bool> = None;
    const LEASE: &'static str = "lease4";
    const EXPLAIN: &'static str = "subnet4-explain";
    const LOCAL: &'static str = "255.255.255.255";
    const REMOTE: &'static str = "0.0.0.0";
    const TYPE: &'static str = "V4";
    const FREE: &'static str = "192.0.2.77";
    const IN_POOL: &'static str = "192.0.8.0";
    const LEASES: &'static str = "lease4-get-all";

    const IDENTIFIER: &'static str = "hw-address";
    const HEADER: &'static str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,\
        state,user_context,pool_id\n";
    const OTHER_HEADER: &'static str = V6::HEADER;
    const RELAY_INFOS: [&'static str; 3] = [
        r#"{ "ISC": { "relay-agent-info": "0x0201AB" } }"#,
        r#"{ "ISC": { "relay-agent-info": { "remote-id": "AB", "sub-options": "0x0201AB" } } }"#,
        r#"{ "ISC": { "relay-agent-info": { "remote-id": "" } }, "a": 1 }"#,
    ];

    fn retell(told: Value) -> Value {
        told
    }

    fn tell_back(told: Value) -> Value {
        told
    }

    fn host() -> Value {
        json!({"boot-file-name": "", "next-server": "0.0.0.0", "server-hostname": ""})
    }

    fn row(address: Ipv4Addr, client: u8, row: &Row<'_>) -> String {
        let Row { end, subnet, forward, name, context } = row;
        format!(
            "{address},02:00:00:00:00:{client:02x},,4000,{end},{subnet},{forward},0,{name},0,{context},0\n"
        )
    }

    fn user_context(lease: &Lease4) -> Option<&str> {
        lease.user_context.as_deref()
    }

    fn addresses(server: Ipv4Addr) -> (Vec<InterfaceAddress4>, Vec<Ipv6Addr>) {
        let address = InterfaceAddress4 { address: server, prefix_len: 24, broadcast: None };
        (vec![address], vec![Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1)])
    }

    fn number(server: Ipv4Addr) -> u8 {
        server.octets()[3]
    }

    fn interface(spec: &Spec4) -> (u32, &str) {
        (spec.ifindex, &spec.interface)
    }

    fn local(spec: &Spec4) -> Ipv4Addr {
        spec.local
    }

    fn hears_all(_: &Spec4) -> bool {
        true
    }

    fn arrival(spec: &Spec4) -> Arrival4 {
        Arrival4 {
            ifindex: spec.ifindex,
            local: spec.local,
            destination: Ipv4Addr::BROADCAST,
            source: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 68),
            source_mac: None,
            destination_mac: None,
        }
    }

    fn leaves(departure: &Departure4) -> u32 {
        departure.ifindex
    }

    fn read(server: Ipv4Addr, bytes: &[u8]) -> Reply4 {
        let mut index = Index::new();
        let view = View::parse(bytes, &mut index).expect("a server sends messages");
        Reply4 {
            server,
            kind: view.message_type().expect("a reply has a type"),
            xid: view.xid(),
            yiaddr: view.yiaddr(),
            dns: view.option(OptionCode(6)).map(|value| value.bytes().collect()),
            chaddr: view.chaddr().to_vec(),
            bytes: bytes.to_vec(),
        }
    }

    fn sender(message: &Message) -> &[u8] {
        &message.chaddr
    }

    fn transaction(message: &Message) -> u32 {
        message.xid
    }

    fn bytes(message: &Message) -> Vec<u8> {
        message.bytes()
    }

    fn commands(library: &Library) -> Option<Vec<Facts>> {
        library.v4.as_ref().map(|module| (module.commands)())
    }

    fn client(number: u32) -> Client {
        Client::new(number)
    }

    fn go_on(client: &mut Client) {
        client.xid += 1;
    }

    fn look(client: &Client) -> Message {
        client.discover()
    }

    fn wish(client: &Client, address: Ipv4Addr) -> Message {
        client.discover().address(OptionCode::REQUESTED_ADDRESS, address)
    }

    fn choose(client: &Client, offer: &Reply4) -> Message {
        let request = client.request().address(OptionCode::REQUESTED_ADDRESS, offer.yiaddr);
        request.address(OptionCode::SERVER_IDENTIFIER, offer.server)
    }

    fn renew(client: &Client, given: &Reply4) -> Message {
        client.renew(given.yiaddr)
    }

    fn holder(lease: &Lease4) -> &[u8] {
        lease.hwaddr.as_bytes()
    }

    fn config(threads: usize, number: u8) -> Value {
        json!({"Dhcp4": {
            "interfaces-config": {"interfaces": ["eth0"]},
            "lease-database": {"type": "memfile", "persist": false},
            "multi-threading": {"enable-multi-threading": threads > 1, "thread-pool-size": threads},
            "expired-leases-processing": {"reclaim-timer-wait-time": 10, "hold-reclaimed-time": 3600},
            "valid-lifetime": 4000,
            "option-data": [{"name": "domain-name-servers", "data": format!("192.0.2.{number}")}],
            "subnet4": [{"id": 1, "subnet": "192.0.2.0/16", "pools": [{"pool": "192.0.8.0 - 192.0.15.255"}]}]
        }})
    }

    fn small(server: usize) -> Value {
        let pool = format!("192.0.2.{0}0 - 192.0.2.{0}9", server + 1);
        json!({"Dhcp4": {
            "interfaces-config": {"interfaces": ["eth0"]},
            "expired-leases-processing": {"reclaim-timer-wait-time": 10, "hold-reclaimed-time": 60},
            "valid-lifetime": 600,
            "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": pool}]}]
        }})
    }

    fn class() -> Value {
        json!({
            "next-server": "192.0.2.254", "boot-file-name": "/dev/null",
            "option-def": [{"name": "x", "code": 224, "type": "string"}], "option-data": [{"code": 224, "data": "y"}],
        })
    }

    fn ten(address: Ipv4Addr) -> u8 {
        address.octets()[3] / 10
    }
}

impl Reply for Reply4 {
    type Address = Ipv4Addr;

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn server(&self) -> Ipv4Addr {
        self.server
    }

    fn transaction(&self) -> u32 {
        self.xid
    }

    fn client(&self) -> &[u8] {
        &self.chaddr
    }

    fn says(&self) -> Says {
        match self.kind {
            MessageType::OFFER => Says::Offer,
            MessageType::ACK => Says::Yours,
            _ => Says::No,
        }
    }

    fn given(&self) -> Option<Ipv4Addr> {
        Some(self.yiaddr).filter(|address| !address.is_unspecified())
    }

    fn number(&self) -> Option<u8> {
        self.dns.as_ref()?.last().copied()
    }

    fn of(&self, address: Ipv4Addr) -> Self {
        Self { yiaddr: address, ..self.clone() }
    }
}
