//! A configuration in which databases changed few subnets is what it would be if all of it were read.

use std::cell::Cell;
use std::collections::BTreeMap;

use kotare_config::json::Diagnostics;
use kotare_config::overlay::{Overlay, Row, Rows};
use kotare_config::v4::{self, Config4, Subnet4};
use kotare_config::v6::{self, Config6, Subnet6};
use kotare_config::{Candidate, Configuration, Document, Input, exchanged, read};
use kotare_expr::ClassSet;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

/// The rows of subnets, by number.
type State = BTreeMap<u8, Map<String, Json>>;

/// What a row of a subnet says from now on.
#[derive(Clone, Debug)]
struct Wish {
    id: u8,
    /// Nearly always that of the number.
    prefix: Option<u8>,
    network: Option<&'static str>,
    /// Keywords of both protocols.
    says: Vec<(&'static str, Json)>,
    option: Option<(&'static str, bool)>,
    relay: Option<u8>,
    pool: Option<(u8, Option<&'static str>)>,
}

fn says() -> impl Strategy<Value = (&'static str, Json)> {
    prop_oneof![
        (1..4_i64).prop_map(|n| ("valid-lifetime", json!(n * 1000))),
        (1..4_i64).prop_map(|n| ("renew-timer", json!(n * 100))),
        // Earlier than the renewal: there is something to say of it.
        Just(("rebind-timer", json!(150))),
        prop_oneof![Just("eth0"), Just("eth1")].prop_map(|name| ("interface", json!(name))),
        prop_oneof![3 => Just("gold"), 1 => Just("odd")].prop_map(|name| ("client-classes", json!([name]))),
        Just(("evaluate-additional-classes", json!(["silver"]))),
        (1..3_i64).prop_map(|n| ("user-context", json!({"floor": n}))),
        Just(("allocator", json!("random"))),
        // Wrong: no such allocator.
        Just(("allocator", json!("odd"))),
        Just(("hostname-char-set", json!("[^a-z]"))),
        Just(("ddns-send-updates", json!(false))),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let prefix = prop_oneof![9 => Just(None), 1 => (1..6_u8).prop_map(Some)];
    let network = prop_oneof![2 => Just(None), 2 => Just(Some("n1")), 1 => Just(Some("n2"))];
    let class = prop_oneof![Just(None), Just(Some("gold")), Just(Some("odd"))];
    let option =
        proptest::option::of((prop_oneof![Just("192.0.2.1"), Just("2001:db8::1"), Just("x")], any::<bool>()));
    (
        1..5_u8,
        prefix,
        network,
        proptest::collection::vec(says(), 0..4),
        option,
        proptest::option::of(1..3_u8),
        proptest::option::of((1..4_u8, class)),
    )
        .prop_map(|(id, prefix, network, says, option, relay, pool)| Wish {
            id,
            prefix,
            network,
            says,
            option,
            relay,
            pool,
        })
}

/// A change: a row comes or says something else, mostly where it is; sometimes another one goes.
fn change() -> impl Strategy<Value = (Wish, bool, u8)> {
    (wish(), proptest::bool::weighted(0.6), 0..4_u8)
}

fn rows(state: &State) -> Rows<'_> {
    let rows = state.iter().map(|(id, map)| Row { table: "subnets", number: i64::from(*id), map });
    Rows { subnets: rows.collect(), ..Rows::default() }
}

/// In any order of lists.
fn sorted(json: Json) -> Json {
    match json {
        Json::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(sorted).collect();
            items.sort_by_key(Json::to_string);
            items.into()
        }
        Json::Object(map) => {
            let mut map: Map<_, _> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            map.retain(|_, value| *value != json!([]));
            map.sort_keys();
            map.into()
        }
        other => other,
    }
}

macro_rules! exchanged {
    ($test:ident, $config:ident, $subnet:ident, $written:ident, $family:ident, $map:literal, $list:literal, $prefix:expr, $address:expr, $len:literal, $option:literal) => {
        mod $written {
            use super::*;

            pub(super) fn written() -> Candidate<$config> {
                let subnet = |id: u8| json!({"id": id, "subnet": $prefix(id)});
                let reserved = json!([{"hw-address": "02:00:00:00:00:01", "client-classes": ["silver"]}]);
                let whole = json!({ $map: {
                    "client-classes": [{"name": "gold"}, {"name": "silver"}],
                    "reservations": reserved,
                    "valid-lifetime": 4000,
                    "shared-networks": [
                        {"name": "n1", "renew-timer": 50, "client-classes": ["silver"], $list: [subnet(1)]},
                        {"name": "n2", "option-data": [{"name": $option, "data": $address(9)}]},
                    ],
                    $list: [subnet(2), {"id": 8, "subnet": $prefix(8), "reservations": reserved}],
                }});
                read(Input::Command("test", &whole), &$family::FILE).expect("a configuration")
            }

            pub(super) fn row(wish: &Wish) -> Map<String, Json> {
                let prefix = wish.prefix.unwrap_or(wish.id);
                let mut map = json!({"id": wish.id, "subnet": $prefix(prefix)});
                if let Some(network) = wish.network {
                    map["shared-network-name"] = network.into();
                }
                for (keyword, value) in &wish.says {
                    map[*keyword] = value.clone();
                }
                if let Some((data, always)) = wish.option {
                    map["option-data"] = json!([{"name": $option, "data": data, "always-send": always}]);
                }
                if let Some(relay) = wish.relay {
                    map["relay"] = json!({"ip-addresses": [$address(relay)]});
                }
                if let Some((pool, class)) = wish.pool {
                    let mut pool = json!({"pool": format!("{}/{}", $address(prefix), $len), "pool-id": pool});
                    if let Some(class) = class {
                        pool["client-classes"] = json!([class]);
                    }
                    map["pools"] = json!([pool]);
                }
                map.as_object().expect("a map").clone()
            }

            /// One change: how many subnets came, went and moved.
            pub(super) fn counted(before: &$config, now: &$config) -> [usize; 4] {
                let is_in = |config: &$config, subnet: &$subnet| config.subnet(subnet.id).is_some();
                let came = now.subnets.iter().filter(|subnet| !is_in(before, subnet)).count();
                let went = before.subnets.iter().filter(|subnet| !is_in(now, subnet)).count();
                let moved = before.subnets.iter().filter(|subnet| {
                    now.subnet(subnet.id).is_some_and(|now| now.network != subnet.network)
                });
                [1, came, went, moved.count()]
            }

            /// What a configuration is, as far as subnets go into it.
            pub(super) fn told(config: &$config) -> Vec<String> {
                let mut told = vec![
                    format!("{:?}", config.subnets),
                    format!("{:?}", config.networks),
                    format!("{:?}", config.params),
                    config.classes.count().to_string(),
                    config.hosts.len().to_string(),
                ];
                let all = |_| true;
                for number in 1..10 {
                    let address = $address(number).parse().expect("an address");
                    told.push(format!("{:?}", config.lookup.containing(address, all)));
                    told.push(format!("{:?}", config.lookup.relayed_by(address, all)));
                }
                for interface in ["eth0", "eth1"] {
                    told.push(format!("{:?}", config.lookup.on_interface(interface, all)));
                }
                told.push(format!("{:?}", config.subnets.iter().map(|it| it.fits(&ClassSet::EMPTY)).collect::<Vec<_>>()));
                told
            }
        }

        /// Whatever changes, step by step.
        #[test]
        fn $test() {
            // Of all sorts, and how many came, went and moved.
            let exchanges = Cell::new([0; 4]);
            proptest!(ProptestConfig::with_cases(150), |(changes in proptest::collection::vec(change(), 1..16))| {
let mut candidate = $written::written();
                let base = candidate.written.root().clone();
                let mut state = State::new();
                for (wish, keeps, other) in changes {
                    let mut next = state.clone();
                    let former = state.get(&wish.id);
                    let mut row = $written::row(&wish);
                    if let Some(former) = former.filter(|_| keeps) {
                        row.insert("subnet".to_owned(), former["subnet"].clone());
                        row.remove("shared-network-name");
                        row.extend(former.get_key_value("shared-network-name").map(|(k, v)| (k.clone(), v.clone())));
                        if wish.pool.is_some() && former["subnet"] != $prefix(wish.id) {
                            row.remove("pools");
                        }
                    }
                    next.insert(wish.id, row);
                    if other == 0 {
                        next.remove(&(wish.id % 4 + 1));
                    }
                    let definitions = candidate.config.definitions().clone();
                    let (before, now) = (rows(&state), rows(&next));
                    let overlay = Overlay {
                        file: &$family::FILE,
                        definitions: &definitions,
                        base: &base,
                        former: &before,
                        now: &now,
                        origin: "the database",
                    };
                    let Ok(root) = overlay.over(candidate.written.root()) else { continue };
                    let exchanged = exchanged(&candidate.written, &candidate.config, &root);
                    let whole: Result<Candidate<$config>, Diagnostics> =
                        Document::of(root, &$family::FILE).judge();
                    match (exchanged, whole) {
                        (Some(exchanged), Ok(whole)) => {
                            prop_assert_eq!($written::told(&exchanged.config), $written::told(&whole.config));
                            let written = exchanged.root.to_json();
                            prop_assert_eq!(sorted(written), sorted(whole.written.to_json()));
                            prop_assert_eq!(
                                candidate.diagnostics.warning_count(),
                                whole.diagnostics.warning_count()
                            );
                            prop_assert_eq!(candidate.without_effect.len(), whole.without_effect.len());
                            let others = candidate.config.subnets.iter().filter(|it| {
                                exchanged.subnets.iter().all(|id| *id != it.id)
                            });
                            for other in others {
                                let now = exchanged.config.subnet(other.id).expect("it stays");
                                prop_assert!(now.gives_as(other));
                            }
                            let counted = $written::counted(&candidate.config, &exchanged.config);
                            let sum = exchanges.get().into_iter().zip(counted).map(|(all, one)| all + one);
                            exchanges.set(sum.collect::<Vec<_>>().try_into().expect("four"));
                            // The next step begins at what was exchanged, as in a server.
                            candidate = Candidate {
                                written: candidate.written.changed(exchanged.root),
                                config: exchanged.config,
                                ..whole
                            };
                            drop((before, now));
                            state = next;
                        }
                        (Some(_), Err(wrong)) => prop_assert!(false, "{wrong}"),
                        (None, Ok(whole)) => {
                            candidate = whole;
                            drop((before, now));
                            state = next;
                        }
                        (None, Err(_)) => {}
                    }
                }
            });
            // Not for nothing.
            assert!(exchanges.get().iter().all(|count| *count > 10), "{exchanges:?}");
        }
    };
}

exchanged!(
    subnets_of_dhcpv4_are_exchanged,
    Config4,
    Subnet4,
    written4,
    v4,
    "Dhcp4",
    "subnet4",
    |id: u8| format!("10.0.{id}.0/24"),
    |id: u8| format!("10.0.{id}.4"),
    30,
    "domain-name-servers"
);
exchanged!(
    subnets_of_dhcpv6_are_exchanged,
    Config6,
    Subnet6,
    written6,
    v6,
    "Dhcp6",
    "subnet6",
    |id: u8| format!("2001:db8:{id}::/64"),
    |id: u8| format!("2001:db8:{id}::4"),
    126,
    "dns-servers"
);
