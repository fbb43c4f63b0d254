//! No configuration makes the server panic, however wrong: made from the tables, with wrong things put in.

use kotare_config::diff::diff;
use kotare_config::json::{Diagnostics, from_json, parse};
use kotare_config::review::review;
use kotare_config::schema::{Table, Type, config_get, config_hash, redacted, tables, without_effect};
use kotare_config::v4::{Config4, FILE};
use kotare_config::v6::{self, Config6};
use kotare_config::{Configuration, Input, judge, read};
use kotare_model::Chance;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

/// Texts that mean something somewhere, and some that mean nothing anywhere.
const TEXTS: &[&str] = &[
    "",
    "a",
    "*",
    "eth0",
    "eth0/10.0.0.1",
    "/",
    "-",
    "10.0.0.1",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "0.0.0.0/0",
    "10.0.0.0/33",
    "10.0.0.1-10.0.0.9",
    "10.0.0.0 - 10.0.0.255",
    "10.0.0.9-10.0.0.1",
    "::1",
    "2001:db8::/32",
    "01:02:03",
    "'x'",
    "'",
    "0x0",
    "é",
    "dhcp4",
    "routers",
    "domain-name-servers",
    "uint8",
    "record",
    "option[61].exists",
    "unix",
    "https",
    "memfile",
    "stdout",
    "INFO",
    "all",
    "global",
    "iterative",
    "KNOWN",
    "255.255.255.255",
    "\u{0}",
    "2001:db8::/48",
    "2001:db8::1/48",
    "2001:db8::1 - 2001:db8::9",
    "2001:db8::9-2001:db8::1",
    "::/0",
    "ff02::1",
    "fe80::1",
    "eth0/fe80::1",
    "2001:db8::",
    "110",
];

/// Writes configurations as chance has it.
struct Writer(Chance);

impl Writer {
    fn text(&mut self) -> Json {
        TEXTS[self.0.below(TEXTS.len())].into()
    }

    fn map(&mut self, table: &Table, depth: usize) -> Json {
        let mut map = Map::new();
        for param in table.params() {
            if param.required || self.0.below(4) == 0 {
                let value = self.value(param.is, depth);
                map.insert(param.keyword.to_owned(), value);
            }
        }
        for older in table.older {
            if self.0.below(12) == 0 {
                let value = self.anything();
                map.insert(older.keyword.to_owned(), value);
            }
        }
        Json::Object(map)
    }

    fn value(&mut self, is: Type, depth: usize) -> Json {
        if self.0.below(40) == 0 {
            return self.anything();
        }
        let count = self.0.below(3);
        match is {
            Type::Bool => (self.0.below(2) == 0).into(),
            Type::Int(low, high) => {
                let choices = [low, high, 1, 2, 3, 255, 256, high.saturating_add(1)];
                choices[self.0.below(choices.len())].into()
            }
            Type::Real => [0.0, 0.5, 0.9, 1.0, -1.0, 1e300][self.0.below(6)].into(),
            Type::OneOf(words) => words[self.0.below(words.len())].into(),
            Type::Text | Type::Class | Type::Expression => self.text(),
            Type::Texts => (0..count).map(|_| self.text()).collect(),
            Type::SomeOf(words) => (0..count).map(|_| Json::from(words[self.0.below(words.len())])).collect(),
            Type::Map(table) => self.map(table, depth + 1),
            Type::Maps(_) if depth > 5 => json!([]),
            Type::Maps(table) => (0..count).map(|_| self.map(table, depth + 1)).collect(),
            Type::Free | Type::Library | Type::Any => json!({"comment": self.text()}),
        }
    }

    /// Puts anything in place of something in `json`, or takes it away.
    fn damage(&mut self, json: &mut Json) {
        let is_here = self.0.below(4) == 0;
        match json {
            Json::Object(map) if !map.is_empty() && !is_here => {
                let at = self.0.below(map.len());
                if self.0.below(8) == 0 {
                    let keyword = map.keys().nth(at).cloned();
                    keyword.map(|keyword| map.remove(&keyword));
                } else if let Some((_, value)) = map.iter_mut().nth(at) {
                    self.damage(value);
                }
            }
            Json::Array(items) if !items.is_empty() && !is_here => {
                let at = self.0.below(items.len());
                if self.0.below(8) == 0 {
                    let again = items[at].clone();
                    items.push(again);
                } else {
                    self.damage(&mut items[at]);
                }
            }
            other => *other = self.anything(),
        }
    }

    fn anything(&mut self) -> Json {
        let text = self.text();
        [
            json!(null),
            json!(true),
            json!(-1),
            json!(0.5),
            json!([]),
            json!([text]),
            json!({}),
            json!([[{}]]),
            text,
        ][self.0.below(9)]
        .clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is written is judged; what is accepted can be resolved and shown, and shown again, is reviewed, and does
    /// not differ from itself.
    #[test]
    fn any_configuration_is_survived(seed in any::<u64>()) {
        let written = Writer(Chance::new(seed)).map(&tables::TOP, 0);
        let mut diagnostics = Diagnostics::new();
        let root = from_json("config-set", &written, &mut diagnostics).expect("values");
        let (root, config) = judge::<Config4>(root, &FILE, &mut diagnostics);
        without_effect(&root, &FILE);
        let definitions = config.map(|config| config.definitions().clone()).unwrap_or_default();
        let shown = config_get(&root, &FILE, &definitions);
        config_hash(&redacted(&shown));
        if let Ok(candidate) = read::<Config4>(Input::Command("config-set", &written), &FILE) {
            let this = (&candidate.written, &candidate.config.definitions);
            prop_assert!(diff(this, this).is_empty());
            for finding in review(&candidate.config, &candidate.written).iter() {
                prop_assert!(!finding.told.path.is_empty(), "no path: {}", finding);
            }
        }
        for one in diagnostics.errors() {
            prop_assert!(!one.path.is_empty(), "no path: {}", one);
        }
    }

    /// The same of DHCPv6: what is wrong has a place, and nothing makes the checks panic.
    #[test]
    fn any_configuration_of_dhcpv6_is_survived(seed in any::<u64>()) {
        let written = Writer(Chance::new(seed)).map(&tables::TOP6, 0);
        survived6(&written)?;
    }

    /// A good configuration of DHCPv6 in which anything stands in place of something is refused with a place, or is still
    /// good.
    #[test]
    fn damage_to_a_configuration_of_dhcpv6_is_survived(seed in any::<u64>(), count in 1_usize..4) {
        let mut diagnostics = Diagnostics::new();
        let good = parse("c", include_bytes!("data/everything6.conf"), &mut diagnostics).expect("values");
        let mut written = good.to_json();
        let mut writer = Writer(Chance::new(seed));
        for _ in 0..count {
            writer.damage(&mut written["Dhcp6"]);
        }
        survived6(&written)?;
    }
}

/// Judges `written` as the server does, and shows it.
fn survived6(written: &Json) -> Result<(), TestCaseError> {
    let mut diagnostics = Diagnostics::new();
    let root = from_json("config-set", written, &mut diagnostics).expect("values");
    let (root, config) = judge::<Config6>(root, &v6::FILE, &mut diagnostics);
    without_effect(&root, &v6::FILE);
    let definitions = config.map(|config| config.definitions().clone()).unwrap_or_default();
    config_hash(&redacted(&config_get(&root, &v6::FILE, &definitions)));
    if let Ok(candidate) = read::<Config6>(Input::Command("config-set", written), &v6::FILE) {
        let this = (&candidate.written, &candidate.config.definitions);
        prop_assert!(diff(this, this).is_empty());
    }
    for one in diagnostics.errors() {
        prop_assert!(!one.path.is_empty(), "no path: {}", one);
    }
    Ok(())
}
