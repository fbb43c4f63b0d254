//! A configuration in which few reservations are exchanged is what it would be if all of it were read.

use std::collections::BTreeMap;

use kotare_config::common::{Hosts, Reservation};
use kotare_config::json::{Diagnostics, from_json};
use kotare_config::v4::{self, Config4};
use kotare_config::v6::{self, Config6};
use kotare_config::{Input, read};
use kotare_model::SubnetId;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// What is written: reservations by subnet and client.
type Written = BTreeMap<(u32, u8), Json>;

/// A reservation for a client of a subnet.
#[derive(Clone, Debug)]
struct Wish {
    subnet: u32,
    client: u8,
    /// None takes it out.
    reserved: Option<(Option<u8>, Option<&'static str>, Option<&'static str>)>,
}

fn wish() -> impl Strategy<Value = Wish> {
    let name = prop_oneof![Just(None), Just(Some("one")), Just(Some("other"))];
    // One class is configured, the other one is only named.
    let class = prop_oneof![4 => Just(None), 2 => Just(Some("gold")), 1 => Just(Some("odd"))];
    let reserved = (proptest::option::of(1..6_u8), name, class);
    let reserved = prop_oneof![1 => Just(None), 3 => reserved.prop_map(Some)];
    let wish = (0..3_u32, 1..5_u8, reserved);
    wish.prop_map(|(subnet, client, reserved)| Wish { subnet, client, reserved })
}

/// All reservations, and how many classes there are.
fn told<H: Reservation>(hosts: &Hosts<H>, classes: usize) -> (Vec<String>, usize, usize) {
    let parts: Vec<_> = hosts.parts().collect();
    let mut all: Vec<_> = parts.iter().flat_map(|part| part.iter()).map(|host| format!("{host:?}")).collect();
    all.sort();
    // Each is found where it is looked for.
    for host in parts.iter().flat_map(|part| part.iter()) {
        assert_eq!(format!("{:?}", hosts.get(host.id(), host.subnet()).unwrap()), format!("{host:?}"));
        for address in host.addresses() {
            let found = hosts.of_address(host.subnet(), address);
            assert!(found.iter().any(|found| found.id() == host.id()));
        }
    }
    (all, hosts.len(), classes)
}

macro_rules! exchanged {
    ($test:ident, $config:ident, $family:ident, $map:literal, $subnets:literal, $write:expr) => {
        fn $family(written: &Written, unique: bool) -> Result<$config, Diagnostics> {
            let of = |subnet: u32| -> Vec<_> {
                written.iter().filter(|((own, _), _)| *own == subnet).map(|(_, it)| it.clone()).collect()
            };
            let subnet = |id: u32| {
                let prefix = match $map {
                    "Dhcp4" => format!("10.0.{id}.0/24"),
                    _ => format!("2001:db8:{id}::/64"),
                };
                json!({"id": id, "subnet": prefix, "reservations": of(id)})
            };
            let whole = json!({ $map: {
                "ip-reservations-unique": unique,
                "client-classes": [{"name": "gold"}],
                "reservations": of(0),
                $subnets: [subnet(1), subnet(2)],
            }});
            let candidate = read::<$config>(Input::Command("test", &whole), &$family::FILE)?;
            Ok(candidate.config)
        }

        proptest! {
            /// Whatever is exchanged, step by step.
            #[test]
            fn $test(wishes in proptest::collection::vec(wish(), 1..24), unique: bool) {
                let mut written = Written::new();
                let mut config = $family(&written, unique).expect("a configuration");
                let mut shared = 0;
                for wish in wishes {
                    let Wish { subnet, client, reserved } = wish;
                    let keep = |config: &$config, json: &Json| {
                        let value = from_json("test", json, &mut Diagnostics::new()).expect("a value");
                        config.keep(SubnetId(subnet), &value).expect("it names a client")
                    };
                    let mut next = written.clone();
                    let former = next.remove(&(subnet, client));
                    let put = reserved.map(|(address, name, class)| {
                        $write(subnet, client, address, name, class)
                    });
                    if let Some(put) = &put {
                        next.insert((subnet, client), put.clone());
                    }
                    let taken: Vec<_> = former.iter().map(|it| keep(&config, it)).collect();
                    let put = put.map(|it| keep(&config, &it));
                    let exchanged = config.exchanged(&taken, put.as_ref());
                    let is_exchanged = exchanged.is_some();
                    match $family(&next, unique) {
                        // What is reserved already is for the whole to say.
                        Err(_) => prop_assert!(!is_exchanged),
                        Ok(whole) => {
                            let exchanged = exchanged.unwrap_or_else(|| whole.clone());
                            prop_assert_eq!(
                                told(&exchanged.hosts, exchanged.classes.count()),
                                told(&whole.hosts, whole.classes.count())
                            );
                            shared += usize::from(is_exchanged);
                            (config, written) = (exchanged, next);
                        }
                    }
                }
                // Nearly all can be told.
                prop_assume!(shared > 0);
            }
        }
    };
}

fn with_class(mut reservation: Json, name: Option<&str>, class: Option<&str>) -> Json {
    if let Some(name) = name {
        reservation["hostname"] = name.into();
    }
    if let Some(class) = class {
        reservation["client-classes"] = json!([class]);
    }
    reservation
}

fn write4(subnet: u32, client: u8, address: Option<u8>, name: Option<&str>, class: Option<&str>) -> Json {
    let mut reservation = json!({"hw-address": format!("02:00:00:00:00:{client:02x}")});
    if let Some(address) = address {
        reservation["ip-address"] = format!("10.0.{subnet}.{address}").into();
    }
    with_class(reservation, name, class)
}

fn write6(subnet: u32, client: u8, address: Option<u8>, name: Option<&str>, class: Option<&str>) -> Json {
    let mut reservation = json!({"duid": format!("00:03:00:01:02:00:00:00:00:{client:02x}")});
    if let Some(address) = address {
        reservation["ip-addresses"] = json!([format!("2001:db8:{subnet}::{address}")]);
        reservation["prefixes"] = json!([format!("2001:db8:f0{address:02x}::/48")]);
        reservation["option-data"] = json!([{"name": "dns-servers", "data": "2001:db8::53"}]);
    }
    with_class(reservation, name, class)
}

exchanged!(reservations_of_dhcpv4_are_exchanged, Config4, v4, "Dhcp4", "subnet4", write4);
exchanged!(reservations_of_dhcpv6_are_exchanged, Config6, v6, "Dhcp6", "subnet6", write6);
