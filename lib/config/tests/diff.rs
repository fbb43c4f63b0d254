//! What differs between two configurations.

use kotare_config::diff::{Change, ChangeKind, Step, diff, lean};
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Candidate, Input, read};
use kotare_model::Chance;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn candidate(dhcp4: &Json) -> Candidate<Config4> {
    let arguments = json!({ "Dhcp4": dhcp4 });
    let read = read::<Config4>(Input::Command("config-set", &arguments), &FILE);
    read.unwrap_or_else(|refused| panic!("{dhcp4}: {refused}"))
}

fn shown(candidate: &Candidate<Config4>) -> Json {
    candidate.written.shown(&candidate.config.definitions)
}

fn changes(old: &Candidate<Config4>, new: &Candidate<Config4>) -> Vec<Change> {
    diff((&old.written, &old.config.definitions), (&new.written, &new.config.definitions))
}

/// Each change in a line: kind, path, values.
fn lines(old: &Json, new: &Json) -> Vec<String> {
    let line = |change: &Change| {
        let json = change.to_json();
        format!("{} {} {} {}", change.kind.as_str(), change, json["old"], json["new"])
    };
    changes(&candidate(old), &candidate(new)).iter().map(line).collect()
}

/// Things are found by what they are called, wherever they stand.
#[test]
fn changes_have_names() {
    let old = json!({
        "valid-lifetime": 4000,
        "client-classes": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
        "option-data": [{"name": "domain-name-servers", "data": "192.0.2.1"}, {"name": "routers", "data": "192.0.2.9"}],
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10-192.0.2.20"}],
                "reservations": [{"hw-address": "01:02:03:04:05:06", "ip-address": "192.0.2.7"}]},
            {"id": 2, "subnet": "198.51.100.0/24"},
        ],
    });
    let new = json!({
        "valid-lifetime": 5000,
        "client-classes": [{"name": "c"}, {"name": "a", "test": "option[60].exists"}, {"name": "d"}],
        "option-data": [{"name": "routers", "data": "192.0.2.9"}, {"code": 6, "data": "192.0.2.2"}],
        "subnet4": [
            {"id": 3, "subnet": "203.0.113.0/24"},
            {"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.20", "client-classes": ["a"]}],
                "reservations": [{"hw-address": "1:2:3:4:5:6", "ip-address": "192.0.2.8"}], "valid-lifetime": 60},
        ],
    });
    assert_eq!(
        lines(&old, &new),
        [
            r#"added Dhcp4/client-classes[name=a]/test null "option[60].exists""#,
            r#"removed Dhcp4/client-classes[name=b] {"name":"b"} null"#,
            r#"added Dhcp4/client-classes[name=d] null {"name":"d"}"#,
            r#"reordered Dhcp4/client-classes ["name=a","name=b","name=c"] ["name=c","name=a","name=d"]"#,
            r#"changed Dhcp4/option-data[code=6]/data "192.0.2.1" "192.0.2.2""#,
            r#"added Dhcp4/subnet4[id=1]/pools[pool=192.0.2.10-192.0.2.20]/client-classes null ["a"]"#,
            r#"changed Dhcp4/subnet4[id=1]/reservations[hw-address=01:02:03:04:05:06]/ip-address "192.0.2.7" "192.0.2.8""#,
            "added Dhcp4/subnet4[id=1]/valid-lifetime null 60",
            r#"removed Dhcp4/subnet4[id=2] {"id":2,"subnet":"198.51.100.0/24"} null"#,
            r#"added Dhcp4/subnet4[id=3] null {"id":3,"subnet":"203.0.113.0/24"}"#,
            "changed Dhcp4/valid-lifetime 4000 5000",
        ]
    );
}

/// What holds anyway is no difference, nor is the order where it means nothing, nor how something is spelled.
#[test]
fn what_means_the_same_does_not_differ() {
    let old = json!({
        "renew-timer": 900,
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "client-classes": ["a", "b"],
                "reservations": [{"hw-address": "01:02:03:04:05:06"}, {"client-id": "'x'"}]},
            {"id": 2, "subnet": "198.51.100.0/24"},
        ],
    });
    let new = json!({
        "valid-lifetime": 7200, "renew-timer": 900, "loggers": [], "multi-threading": {"packet-queue-size": 64},
        "subnet4": [
            {"id": 2, "subnet": "198.51.100.0/24", "renew-timer": 900, "min-valid-lifetime": 7200, "relay": {"ip-addresses": []}},
            {"id": 1, "subnet": "192.0.2.0/24", "client-classes": ["b", "a"], "option-data": [],
                "reservations": [{"client-id": "78", "hostname": ""}, {"hw-address": "1:2:3:4:5:6"}]},
        ],
    });
    assert_eq!(lines(&old, &new), [""; 0]);
}

/// Secrets are not told, nor what is longer than anybody reads.
#[test]
fn what_is_shown_is_bounded_and_harmless() {
    let client = |password: &str| {
        json!({"control-sockets": [{"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8000,
            "authentication": {"clients": [{"user": "a", "password": password}]}}]})
    };
    let path = "Dhcp4/control-sockets[socket-type=http, socket-address=127.0.0.1, socket-port=8000]/authentication/\
                clients[user=a]/password";
    assert_eq!(lines(&client("one"), &client("two")), [format!(r#"changed {path} "*****" "*****""#)]);
    let hosts: Vec<_> =
        (0..1000).map(|at| json!({"client-id": format!("{at:04x}"), "hostname": format!("h{at}")})).collect();
    let subnet = json!({"subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "reservations": hosts}]});
    assert_eq!(
        lines(&json!({}), &subnet),
        [
            r#"added Dhcp4/subnet4[id=1] null "(a map with id, reservations (1000), subnet, too long to show)""#
        ]
    );
}

/// What a change means is told where it is not plain.
#[test]
fn changes_have_effects() {
    let effect = |old: Json, new: Json| -> String {
        let told = changes(&candidate(&old), &candidate(&new));
        told[0].to_json()["effect"].as_str().unwrap_or_default().to_owned()
    };
    let subnet = json!({"subnet4": [{"id": 1, "subnet": "192.0.2.0/24"}]});
    assert!(effect(subnet.clone(), json!({})).contains("leases stay"));
    assert!(effect(json!({}), subnet).contains("served from then on"));
    assert!(effect(json!({}), json!({"dhcp-ddns": {"enable-updates": true}})).contains("told to the DNS"));
    assert!(effect(json!({}), json!({"valid-lifetime": 60})).contains("given or renewed"));
    assert_eq!(effect(json!({}), json!({"server-hostname": "a"})), "");
}

/// Ten thousand subnets and a hundred thousand reservations are compared in one walk.
#[test]
fn many_things_are_compared() {
    let config = |from: u32| {
        let subnets = (1..=10_000u32).rev().map(|id| {
            let prefix = std::net::Ipv4Addr::from(0x0a00_0000 + (id << 8));
            let hosts =
                (0..10).map(|host| json!({"hw-address": format!("{:012x}", u64::from(id * 16 + host))}));
            json!({"id": id, "subnet": format!("{prefix}/24"), "reservations": hosts.collect::<Vec<_>>(),
                "renew-timer": if id >= from { 900 } else { 901 }})
        });
        candidate(&json!({"subnet4": subnets.collect::<Vec<_>>()}))
    };
    let found = changes(&config(1), &config(5001));
    assert_eq!(found.len(), 5000);
    assert_eq!(found[0].to_string(), "Dhcp4/subnet4[id=1]/renew-timer");
    assert_eq!(found[4999].to_string(), "Dhcp4/subnet4[id=5000]/renew-timer");
}

/// Writes good configurations as chance has it, of few things, so that two of them have much in common.
struct Writer(Chance);

impl Writer {
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len())].clone()
    }

    /// Some of these, in any order.
    fn some(&mut self, of: &[Json]) -> Vec<Json> {
        let mut left: Vec<_> = of.iter().filter(|_| self.0.below(2) == 0).cloned().collect();
        let mut items = Vec::new();
        while !left.is_empty() {
            items.push(left.swap_remove(self.0.below(left.len())));
        }
        items
    }

    /// A map of some of these.
    fn with(&mut self, mut map: Json, more: &[(&str, Vec<Json>)]) -> Json {
        for (keyword, values) in more {
            if self.0.below(2) == 0 {
                map[*keyword] = self.one(values);
            }
        }
        map
    }

    fn options(&mut self) -> Json {
        let data = [json!("192.0.2.1"), json!("192.0.2.2")];
        let options = [
            json!({"code": 3, "data": self.one(&data)}),
            json!({"name": "domain-name-servers", "data": self.one(&data), "always-send": true}),
            json!({"code": 6, "data": self.one(&data), "client-classes": ["a"]}),
            json!({"code": 222, "csv-format": false, "data": "0a"}),
        ];
        self.some(&options).into()
    }

    fn network(&mut self, map: Json) -> Json {
        let options = self.options();
        let network = self.with(
            map,
            &[
                ("valid-lifetime", vec![json!(4000), json!(7200)]),
                ("min-valid-lifetime", vec![json!(60), json!(4000)]),
                ("max-valid-lifetime", vec![json!(7200), json!(9000)]),
                ("match-client-id", vec![json!(true), json!(false)]),
                ("boot-file-name", vec![json!(""), json!("x")]),
                ("option-data", vec![json!([]), options]),
                ("user-context", vec![json!({"a": 1}), json!({"a": 2, "b": [1]})]),
            ],
        );
        match network.get("name").is_some() && self.0.below(2) == 0 {
            true => self.with(network, &[("relay", vec![json!({"ip-addresses": ["10.0.0.1"]})])]),
            false => network,
        }
    }

    fn subnet(&mut self, id: u32) -> Json {
        let pools = [
            json!({"pool": format!("10.{id}.0.0/28")}),
            self.one(&[
                json!({"pool": format!("10.{id}.0.20-10.{id}.0.30")}),
                json!({"pool": format!("10.{id}.0.20-10.{id}.0.30"), "client-classes": ["a", "b"]}),
            ]),
            json!({"pool": format!("10.{id}.0.40-10.{id}.0.50")}),
        ];
        let hosts = [
            json!({"hw-address": "01:02:03:04:05:06", "hostname": self.one(&["x", "y"])}),
            json!({"client-id": "01020304"}),
            json!({"flex-id": "'a]b'", "ip-address": format!("10.{id}.0.99")}),
        ];
        let (pools, hosts) = (self.some(&pools), self.some(&hosts));
        let subnet =
            json!({"id": id, "subnet": format!("10.{id}.0.0/16"), "pools": pools, "reservations": hosts});
        let subnet = self.network(subnet);
        let relays = [json!([]), json!(["10.0.0.1", "10.0.0.2"]), json!(["10.0.0.2", "10.0.0.1"])];
        let relays = self.one(&relays);
        self.with(subnet, &[("relay", vec![json!({"ip-addresses": relays})])])
    }

    fn config(&mut self) -> Json {
        let subnets: Vec<_> = (1..6).map(|id| self.subnet(id)).collect();
        let classes = ["a", "b", "c"]
            .map(|name| self.with(json!({"name": name}), &[("next-server", vec![json!("10.0.0.9")])]));
        let mut config = json!({"subnet4": self.some(&subnets[..3]), "client-classes": self.some(&classes)});
        if self.0.below(2) == 0 {
            let subnets = self.some(&subnets[3..]);
            config["shared-networks"] = json!([self.network(json!({"name": "n", "subnet4": subnets}))]);
        }
        config["loggers"] = self
            .some(&[
                json!({"name": "kea-dhcp4", "severity": "INFO"}),
                json!({"name": "kea-dhcp4.leases", "severity": "DEBUG"}),
            ])
            .into();
        let config = self.network(config);
        let libraries =
            ["x", "y"].map(|name| json!({"library": name, "parameters": {"p": self.one(&[1, 2])}}));
        let libraries = self.some(&libraries);
        self.with(config, &[("hooks-libraries", vec![libraries.into()])])
    }
}

/// Makes of a lean configuration another one: what somebody does who has the changes alone.
fn apply(changes: &[Change], old: &Json) -> Json {
    let mut json = old.clone();
    let of = |kind: ChangeKind| changes.iter().filter(move |change| change.kind == kind);
    // What is removed last of several with one name has the highest number.
    let order = of(ChangeKind::Changed).chain(of(ChangeKind::Removed).rev());
    for change in order.chain(of(ChangeKind::Added)).chain(of(ChangeKind::Reordered)) {
        let (last, way) = change.path.split_last().expect("a path");
        let place = way.iter().fold(&mut json, |place, step| match step {
            Step::Keyword(keyword) => {
                if place.is_null() {
                    *place = json!({});
                }
                &mut place[keyword]
            }
            step => {
                let at = position(place, step).unwrap_or_else(|| panic!("{change}: nothing there"));
                &mut place[at]
            }
        });
        match (last, &change.new) {
            (Step::Keyword(keyword), Some(names)) if change.kind == ChangeKind::Reordered => {
                let names: Vec<_> =
                    names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
                let items = place[keyword].as_array_mut().unwrap();
                let place_of = |item: &Json| {
                    let key =
                        ["name", "pool", "library"].into_iter().find(|key| item.get(key).is_some()).unwrap();
                    let name = format!("{key}={}", item[key].as_str().unwrap());
                    names.iter().position(|other| *other == name).unwrap()
                };
                items.sort_by_key(place_of);
            }
            (Step::Keyword(keyword), Some(new)) => place[keyword] = new.clone(),
            (Step::Keyword(keyword), None) => _ = place.as_object_mut().unwrap().remove(keyword),
            (step, None) => {
                let at = position(place, step).unwrap_or_else(|| panic!("{change}: nothing there"));
                place.as_array_mut().unwrap().remove(at);
            }
            (_, Some(new)) => match place {
                Json::Array(items) => items.push(new.clone()),
                nothing => *nothing = json!([new]),
            },
        }
    }
    json
}

fn position(list: &Json, step: &Step) -> Option<usize> {
    let Step::Item(name) = step else { panic!("all lists have names") };
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let is = |item: &Json| {
        let keys = ["space", "code", "client-classes"];
        let has_more = keys.iter().any(|key| {
            item.get("code").is_some()
                && item.get(key).is_some()
                && !name.values.iter().any(|(k, _)| k == key)
        });
        !has_more
            && name.values.iter().all(|(key, value)| item.get(key).is_some_and(|own| text(own) == *value))
    };
    let found = list.as_array()?.iter().enumerate().filter(|(_, item)| is(item));
    found.map(|(at, _)| at).nth(name.number)
}

/// Without maps and lists in which nothing is left, and in order where it means nothing.
fn tidied(json: &Json) -> Json {
    let is_empty = |json: &Json| *json == json!({}) || *json == json!([]);
    match json {
        Json::Object(map) => {
            let kept = map.iter().map(|(key, value)| {
                let mut value = tidied(value);
                if let (false, Json::Array(items)) =
                    (["client-classes", "pools", "hooks-libraries"].contains(&&**key), &mut value)
                {
                    items.sort_by_cached_key(ToString::to_string);
                }
                (key.clone(), value)
            });
            let mut kept: serde_json::Map<_, _> = kept.filter(|(_, value)| !is_empty(value)).collect();
            kept.sort_keys();
            Json::Object(kept)
        }
        Json::Array(items) => items.iter().map(tidied).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 100, ..ProptestConfig::default() })]

    /// Whoever applies what differs gets the other configuration; none differs from itself, from what is shown of it, or
    /// from the other once that is applied.
    #[test]
    fn differences_lead_from_one_to_the_other(seed in any::<u64>()) {
        let mut writer = Writer(Chance::new(seed));
        let [a, b] = [writer.config(), writer.config()];
        let [a, b] = [candidate(&a), candidate(&b)];
        prop_assert!(changes(&a, &a).is_empty());
        let again = candidate(&shown(&a)["Dhcp4"]);
        let differing: Vec<_> = changes(&a, &again).iter().map(ToString::to_string).collect();
        prop_assert!(differing.is_empty(), "{differing:?}");
        let [lean_a, lean_b] = [&a, &b].map(|it| lean(&shown(it), &FILE));
        let found = changes(&a, &b);
        prop_assert_eq!(tidied(&apply(&found, &lean_a)), tidied(&lean_b));
    }
}
