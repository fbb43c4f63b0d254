//! Scenarios that are told of DHCPv4 and retold of DHCPv6.
//!
//! Commands of the libraries are the same for both protocols but for a digit in their names and the form of what they are
//! about. Such a scenario is written in the words of DHCPv4. A server of either protocol is asked in its own, and what it
//! answers is told in those of DHCPv4 again. A text that speaks of the other protocol's things fails the test.

use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_server::Store;
use serde_json::{Map, Value, json};

use crate::protocol::Protocol;
use crate::protocol4::V4;
use crate::server::ServerOf;

/// What has the number of its protocol behind it: commands, keywords, and what texts call them.
const NUMBERED: [&str; 9] =
    ["lease", "subnet", "network", "sflq-pool", "sflqPool", "extended-info", "hcp", "pkt", "v"];

/// The same with a capital letter, which stands alone.
const TYPES: [&str; 2] = ["V4", "V6"];

/// What has another name in DHCPv6, the longer before what is a part of it. Of options, one whose value looks the same.
const NAMES: [(&str, &str); 8] = [
    ("total-addresses", "total-nas"),
    ("assigned-addresses", "assigned-nas"),
    ("domain-name-servers", "dns-servers"),
    ("domain-name", "new-posix-timezone"),
    ("time-servers", "sntp-servers"),
    ("routers", "nis-servers"),
    ("circuit-id", "flex-id"),
    ("get-by-client-id", "get-by-duid"),
];

/// The codes of those options.
const CODES: [(u64, u64); 4] = [(6, 23), (15, 41), (4, 31), (3, 27)];

/// Where the addresses of DHCPv4 are in DHCPv6: `192.0.2.1` is `3fff:c000::201`.
const PLACE: u16 = 0x3fff;

/// Lengths of prefixes up to this one end in the first half of such an address.
const HALF: u8 = 16;

impl<P: Protocol, S: Store<P::Lease>> ServerOf<P, S> {
    /// What a command answers, both told of DHCPv4.
    pub(crate) fn retold(&self, command: &str, arguments: Option<Value>) -> Value {
        let arguments = arguments.map(|told| match P::MAP == V4::MAP {
            true => told,
            false => P::retell(associated(command, told)),
        });
        let answer = self.answer(&text::<P>(command), arguments);
        let said = answer["text"].as_str().unwrap_or_default();
        assert_eq!(text::<P>(said), said, "{command}: this is about the other protocol");
        P::tell_back(answer)
    }

    /// What a command returns, told of DHCPv4.
    pub(crate) fn told(&self, command: &str, arguments: Value) -> Value {
        self.retold(command, Some(arguments))["arguments"].take()
    }

    /// Result code and text of an answer, told of DHCPv4.
    pub(crate) fn said(&self, command: &str, arguments: Value) -> (i64, String) {
        let answer = self.retold(command, Some(arguments));
        let (result, text) = outcome(&answer);
        (result, text.to_owned())
    }

    /// The value of a statistic, which is named as in DHCPv4.
    pub(crate) fn told_statistic(&self, name: &str) -> i64 {
        self.statistic(&text::<P>(name))
    }
}

/// Result code and text of an answer.
pub(crate) fn outcome(answer: &Value) -> (i64, &str) {
    (answer["result"].as_i64().unwrap_or(-1), answer["text"].as_str().unwrap_or_default())
}

/// What is said of DHCPv4, said of this protocol.
pub(crate) fn text<P: Protocol>(told: &str) -> String {
    P::retell(told.into()).as_str().expect("a text stays one").to_owned()
}

/// An address of this protocol as one of DHCPv4.
pub(crate) fn told_address<P: Protocol>(address: impl ToString) -> String {
    P::tell_back(address.to_string().into()).as_str().expect("a text stays one").to_owned()
}

/// The address of this protocol that one of DHCPv4 stands for.
pub(crate) fn address<P: Protocol>(told: &str) -> P::Address {
    text::<P>(told).parse().unwrap_or_else(|_| panic!("{told} is an address"))
}

/// The configuration of a server of 192.0.0.0/16, which is on the link, with a pool from 192.0.8.0 to 192.0.15.255, and
/// these libraries.
pub(crate) fn configuration<P: Protocol>(libraries: &[&str]) -> Value {
    let mut config = P::config(1, 1);
    let mut subnets = V4::config(1, 1)[V4::MAP][V4::SUBNETS].take();
    subnets[0]["interface"] = "eth0".into();
    config[P::MAP][P::SUBNETS] = P::retell(subnets);
    let libraries = libraries.iter().map(|name| json!({"library": format!("/any/where/libdhcp_{name}.so")}));
    config[P::MAP]["hooks-libraries"] = libraries.collect();
    config
}

/// A lease of DHCPv6 is of a DUID and an association. Here the DUID is that of the client identifier, or made of the hardware
/// address.
fn associated(command: &str, mut arguments: Value) -> Value {
    if command.starts_with("lease4-")
        && let Some(map) = arguments.as_object_mut()
    {
        if map.get("identifier-type") == Some(&json!("client-id")) {
            map["identifier-type"] = "duid".into();
        }
        if let Some(id) = map.shift_remove("client-id") {
            map.insert("duid".into(), id);
        }
        if map.contains_key("ip-address")
            && let Some(address) = map.get("hw-address").and_then(Value::as_str)
        {
            let duid = format!("00:01:{address}");
            map.entry("duid").or_insert(duid.into());
            map.entry("iaid").or_insert(json!(0));
        }
    }
    arguments
}

/// What is said of DHCPv4, said of DHCPv6.
pub(crate) fn of_dhcpv6(told: Value) -> Value {
    match told {
        Value::String(text) => text_of_dhcpv6(&text).into(),
        Value::Array(items) => items.into_iter().map(of_dhcpv6).collect(),
        Value::Object(map) => {
            let mut retold = Map::new();
            for (key, value) in map {
                let (key, value) = match (&*key, value) {
                    ("code", Value::Number(code)) => (key, other_code(&code.into(), |it| it)),
                    ("relay", relay @ Value::String(_)) => ("link".into(), of_dhcpv6(relay)),
                    ("reservation", host) => (key, reservation(of_dhcpv6(host))),
                    ("reservations", Value::Array(hosts)) => {
                        (key, hosts.into_iter().map(|host| reservation(of_dhcpv6(host))).collect())
                    }
                    (_, value) => (text_of_dhcpv6(&key), of_dhcpv6(value)),
                };
                retold.insert(key, value);
            }
            retold.into()
        }
        other => other,
    }
}

/// What is said of DHCPv6, said of DHCPv4.
pub(crate) fn of_dhcpv4(told: Value) -> Value {
    match told {
        Value::String(text) => text_of_dhcpv4(&text).into(),
        Value::Array(items) => items.into_iter().map(of_dhcpv4).collect(),
        Value::Object(mut map) => {
            // A reservation.
            if map.contains_key("hostname")
                && let Some(addresses) = map.shift_remove("ip-addresses")
            {
                map.extend(addresses.get(0).map(|first| ("ip-address".to_owned(), first.clone())));
                map.retain(|key, value| key != "prefixes" || *value != json!([]));
            }
            let retold = map.into_iter().map(|(key, value)| match value {
                Value::Number(code) if key == "code" => (key, other_code(&code.into(), |(a, b)| (b, a))),
                value => (text_of_dhcpv4(&key), of_dhcpv4(value)),
            });
            retold.collect()
        }
        other => other,
    }
}

/// A reservation of DHCPv6 has a list of addresses.
fn reservation(mut host: Value) -> Value {
    if let Some(map) = host.as_object_mut()
        && let Some(address) = map.shift_remove("ip-address")
    {
        map.insert("ip-addresses".into(), json!([address]));
    }
    host
}

fn other_code(code: &Value, pair: impl Fn((u64, u64)) -> (u64, u64)) -> Value {
    let found = CODES.into_iter().map(pair).find(|(from, _)| Some(*from) == code.as_u64());
    found.map_or_else(|| code.clone(), |(_, to)| to.into())
}

fn text_of_dhcpv6(told: &str) -> String {
    let is_of_one = |c: char| c.is_ascii_digit() || c == '.';
    let told = with_places(told, is_of_one, |text| {
        text.parse::<Ipv4Addr>().ok().map(|address| {
            let [a, b, c, d] = address.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let to: fn(u8) -> u8 = |len| if len <= HALF { len + 16 } else { len + 96 };
            (Ipv6Addr::new(PLACE, high, 0, 0, 0, 0, 0, low).to_string(), to)
        })
    });
    let told =
        NUMBERED.iter().fold(told, |told, word| told.replace(&format!("{word}4"), &format!("{word}6")));
    NAMES.iter().fold(told.replace(TYPES[0], TYPES[1]), |told, (from, to)| told.replace(from, to))
}

fn text_of_dhcpv4(told: &str) -> String {
    let is_of_one = |c: char| c.is_ascii_hexdigit() || c == ':';
    let told = with_places(told, is_of_one, |text| {
        let segments = text.parse::<Ipv6Addr>().ok()?.segments();
        let address = Ipv4Addr::from(u32::from(segments[1]) << 16 | u32::from(segments[7]));
        let to: fn(u8) -> u8 = |len| if len <= 2 * HALF { len.saturating_sub(16) } else { len - 96 };
        (segments[0] == PLACE).then(|| (address.to_string(), to))
    });
    let told =
        NUMBERED.iter().fold(told, |told, word| told.replace(&format!("{word}6"), &format!("{word}4")));
    NAMES.iter().fold(told.replace(TYPES[1], TYPES[0]), |told, (to, from)| told.replace(from, to))
}

/// A text in which every address that `other` knows another one for is that, and so is the length of a prefix behind it.
fn with_places<L: Fn(u8) -> u8>(
    mut told: &str,
    is_of_one: impl Fn(char) -> bool,
    other: impl Fn(&str) -> Option<(String, L)>,
) -> String {
    let mut retold = String::new();
    while let Some(start) = told.find(&is_of_one) {
        let (before, rest) = told.split_at(start);
        let (found, after) = rest.split_at(rest.find(|c| !is_of_one(c)).unwrap_or(rest.len()));
        retold += before;
        told = after;
        // A sentence may end with one, or go on behind a colon.
        let trimmed = found.trim_end_matches('.');
        let known = [found, trimmed, found.strip_suffix(':').unwrap_or(found)];
        let Some((known, (address, length))) = known.iter().find_map(|text| Some((text, other(text)?)))
        else {
            retold += found;
            continue;
        };
        retold += &address;
        retold += &found[known.len()..];
        let digits = after
            .strip_prefix('/')
            .map_or("", |rest| &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())]);
        if let Ok(len) = digits.parse() {
            retold += &format!("/{}", length(len));
            told = &after[1 + digits.len()..];
        }
    }
    retold + told
}

/// What is retold comes back as it was.
#[test]
fn what_is_retold_can_be_told_back() {
    for (told, retold) in [
        ("subnet4-list", "subnet6-list"),
        ("IPv4 subnet 10.0.0.0/8 (id 5) deleted", "IPv6 subnet 3fff:a00::/24 (id 5) deleted"),
        ("10.2.1.0/24", "3fff:a02::100/120"),
        ("10.2.2.10 - 10.2.2.20", "3fff:a02::20a - 3fff:a02::214"),
        ("for the address 10.0.0.9: no", "for the address 3fff:a00::9: no"),
        ("subnet[2].total-addresses", "subnet[2].total-nas"),
        ("must be V4 addresses", "must be V6 addresses"),
        ("address '10'", "address '10'"),
    ] {
        assert_eq!((text_of_dhcpv6(told), text_of_dhcpv4(retold)), (retold.into(), told.into()));
    }
    let told = json!({"option-data": [{"name": "routers", "code": 3}], "reservations": [{"hostname": "a",
        "ip-address": "10.0.0.9"}]});
    let retold = json!({"option-data": [{"name": "nis-servers", "code": 27}], "reservations": [{"hostname": "a",
        "ip-addresses": ["3fff:a00::9"]}]});
    assert_eq!((of_dhcpv6(told.clone()), of_dhcpv4(retold.clone())), (retold, told));
}
