//! DHCPv6 as it is measured.

use std::iter;
use std::net::Ipv6Addr;
use std::process::Command;

use kotare_tests::world::{V6, server_duid};
use serde_json::{Value, json};

use super::leases::{Row, mac};
use super::load::{Pool, Steps};
use super::protocol::Protocol;
use super::stage::{Act, SERVER_NAME, common};
use super::start::Start;

/// The first address; client `n` has the one `n` further, and so it is in `kotare-load --renew`.
const FIRST: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1);
/// The same for prefixes, of [`DELEGATED`] bits.
const FIRST_PREFIX: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x8000, 0, 0, 0, 0, 0);
/// The length of a prefix that a client gets.
const DELEGATED: u8 = 56;
/// Eight million of those.
const PREFIXES: u8 = 33;

/// The first address that is reserved for a client.
const RESERVED: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0x8000, 0, 0, 1);

impl Protocol for V6 {
    const SERVER_ADDRESS: &'static str = "2001:db8::1";
    const RELAY: &'static str = "2001:db8::2";
    const OTHER_RELAY: &'static str = "2001:db8::3";
    const FIRST_LEASE: &'static str = "2001:db8:1::1";
    const LENGTH: u8 = 64;
    const LFC: &'static str = "-6";
    const COLUMNS: &'static str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,\
        prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source";

    fn configuration(act: &Act<'_>) -> Value {
        let mut dhcp6 = common::<Self>(act);
        // A relay agent sends to the server's own address.
        dhcp6["interfaces-config"] = json!({"interfaces": [format!("eth0/{}", Self::SERVER_ADDRESS)]});
        dhcp6
    }

    fn with_pool(act: &Act<'_>, steps: &Steps) -> Value {
        let mut dhcp6 = steps.configuration::<Self>(act);
        let pool = match steps.pool {
            Pool::Large { .. } | Pool::Returning { .. } | Pool::Renewals(_) => "2001:db8:1::/64",
            Pool::Offers { .. } => "2001:db8:1::1 - 2001:db8:1::ea60",
        };
        dhcp6["subnet6"] = json!([{
            "id": 1,
            "subnet": "2001:db8:1::/64",
            "relay": {"ip-addresses": [Self::RELAY, Self::OTHER_RELAY]},
            "pools": [{"pool": pool}],
            "pd-pools": [prefixes()],
            "option-data": [{"name": "dns-servers", "data": "2001:db8::53, 2001:db8::54"}],
        }]);
        dhcp6
    }

    fn with_subnets(act: &Act<'_>, start: &Start) -> Value {
        let mut dhcp6 = Self::configuration(act);
        // The client's own subnet has no leases yet, so that no search for a free address is measured.
        let mut subnets = vec![
            json!({
                "id": 1,
                "subnet": "2001:db8:1::/64",
                "pools": [{"pool": "2001:db8:1::/64"}],
                "pd-pools": [prefixes()],
            }),
            json!({
                "id": 2,
                "subnet": "2001:db8:2::/64",
                "relay": {"ip-addresses": [Self::RELAY]},
                "pools": [{"pool": "2001:db8:2::/64"}],
            }),
        ];
        subnets.extend((0..start.subnets).map(|number| {
            let net = format!("2001:db8:{:x}:", 0x1000 + number);
            let mut subnet = json!({
                "id": number + 3,
                "subnet": format!("{net}:/64"),
                "pools": [{"pool": format!("{net}:100 - {net}:1ff")}],
                "option-data": [{"name": "dns-servers", "data": format!("{net}:53")}],
            });
            let reservation = |n: u32| {
                json!({
                    "duid": format!("00:03:00:01:02:01:{:02x}:{:02x}:00:{n:02x}", number >> 8, number & 0xff),
                    "ip-addresses": [format!("{net}:{:x}", n + 0x200)],
                    "hostname": format!("host-{number}-{n}"),
                })
            };
            start.reserve(&mut subnet, reservation);
            subnet
        }));
        dhcp6["subnet6"] = subnets.into();
        dhcp6
    }

    fn rows(row: &Row) -> impl Iterator<Item = String> {
        let &Row { client, lifetime, expire, prefixes } = row;
        let mac = row.mac();
        let duid = format!("00:03:00:01:{mac}");
        let address = Ipv6Addr::from_bits(FIRST.to_bits() + u128::from(client));
        let prefix = FIRST_PREFIX.to_bits() + (u128::from(client) << (128 - DELEGATED));
        let prefix = prefixes.then(|| (Ipv6Addr::from_bits(prefix), 2, DELEGATED));
        iter::once((address, 0, 128)).chain(prefix).map(move |(bits, kind, length)| {
            format!(
                "{bits},{duid},{lifetime},{expire},1,{lifetime},{kind},1,{length},0,0,client-{client},{mac},0,,1,2"
            )
        })
    }

    fn reservation(client: u32) -> Value {
        let address = Ipv6Addr::from_bits(RESERVED.to_bits() + u128::from(client));
        json!({"subnet-id": 1, "duid": format!("00:03:00:01:{}", mac(client)), "ip-addresses": [address]})
    }

    fn renew(command: &mut Command) {
        command.args(["--renew", &FIRST.to_string(), "--server-duid", &server_duid(SERVER_NAME)]);
    }

    fn want(command: &mut Command, prefixes: bool) {
        if prefixes {
            command.args(["--prefixes", &format!("{FIRST_PREFIX}/{DELEGATED}")]);
        }
    }
}

fn prefixes() -> Value {
    json!({"prefix": FIRST_PREFIX, "prefix-len": PREFIXES, "delegated-len": DELEGATED})
}
