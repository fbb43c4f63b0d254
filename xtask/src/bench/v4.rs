//! DHCPv4 as it is measured.

use std::iter;
use std::net::Ipv4Addr;
use std::process::Command;

use kotare_tests::world::V4;
use serde_json::{Value, json};

use super::leases::{Row, mac};
use super::load::{Pool, Steps};
use super::protocol::Protocol;
use super::stage::{Act, common};
use super::start::Start;

/// The first address; client `n` has the one `n` further, and so it is in `kotare-load --renew`.
const FIRST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// The first address that is reserved for a client.
const RESERVED: Ipv4Addr = Ipv4Addr::new(10, 128, 0, 1);

impl Protocol for V4 {
    const SERVER_ADDRESS: &'static str = "192.0.2.1";
    const RELAY: &'static str = "192.0.2.2";
    const OTHER_RELAY: &'static str = "192.0.2.3";
    const FIRST_LEASE: &'static str = "10.0.0.1";
    const LENGTH: u8 = 24;
    const LFC: &'static str = "-4";
    const COLUMNS: &'static str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context";

    fn configuration(act: &Act<'_>) -> Value {
        let mut dhcp4 = common::<Self>(act);
        dhcp4["interfaces-config"] = json!({"interfaces": ["eth0"], "dhcp-socket-type": "udp"});
        dhcp4
    }

    fn with_pool(act: &Act<'_>, steps: &Steps) -> Value {
        let mut dhcp4 = steps.configuration::<Self>(act);
        dhcp4["interfaces-config"]["dhcp-socket-type"] = steps.socket_type.into();
        let pool = match steps.pool {
            Pool::Large { .. } | Pool::Returning { .. } | Pool::Renewals(_) => "10.0.0.1 - 10.63.255.255",
            Pool::Offers { .. } => "10.0.0.1 - 10.0.234.96",
        };
        dhcp4["subnet4"] = json!([{
            "id": 1,
            "subnet": "10.0.0.0/8",
            "relay": {"ip-addresses": [Self::RELAY, Self::OTHER_RELAY]},
            "pools": [{"pool": pool}],
            "option-data": [
                {"name": "routers", "data": "10.0.0.1"},
                {"name": "domain-name-servers", "data": "10.0.0.2, 10.0.0.3"},
            ],
        }]);
        dhcp4
    }

    fn with_subnets(act: &Act<'_>, start: &Start) -> Value {
        let mut dhcp4 = Self::configuration(act);
        // The client's own subnet has no leases yet, so that no search for a free address is measured.
        let mut subnets = vec![
            json!({"id": 1, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.0.1 - 10.63.255.255"}]}),
            json!({
                "id": 2,
                "subnet": "192.168.0.0/16",
                "relay": {"ip-addresses": [Self::RELAY]},
                "pools": [{"pool": "192.168.1.0/24"}],
            }),
        ];
        subnets.extend((0..start.subnets).map(|number| {
            let [_, a, b, _] = (number << 8).to_be_bytes();
            let mut subnet = json!({
                "id": number + 3,
                "subnet": format!("172.{}.{b}.0/24", u16::from(a) + 16),
                "pools": [{"pool": format!("172.{}.{b}.100 - 172.{0}.{b}.199", u16::from(a) + 16)}],
                "option-data": [{"name": "routers", "data": format!("172.{}.{b}.1", u16::from(a) + 16)}],
            });
            let reservation = |n: u32| {
                json!({
                    "hw-address": format!("02:01:{a:02x}:{b:02x}:00:{n:02x}"),
                    "ip-address": format!("172.{}.{b}.{}", u16::from(a) + 16, n + 200),
                    "hostname": format!("host-{number}-{n}"),
                })
            };
            start.reserve(&mut subnet, reservation);
            subnet
        }));
        dhcp4["subnet4"] = subnets.into();
        dhcp4
    }

    fn rows(row: &Row) -> impl Iterator<Item = String> {
        let Row { client, lifetime, expire, .. } = row;
        let address = Ipv4Addr::from_bits(FIRST.to_bits() + client);
        let mac = row.mac();
        iter::once(format!("{address},{mac},01:{mac},{lifetime},{expire},1,0,0,client-{client},0,"))
    }

    fn reservation(client: u32) -> Value {
        let address = Ipv4Addr::from_bits(RESERVED.to_bits() + client);
        json!({"subnet-id": 1, "hw-address": mac(client), "ip-address": address})
    }

    fn renew(command: &mut Command) {
        command.args(["--renew", &FIRST.to_string()]);
    }

    fn want(_: &mut Command, _: bool) {}
}
