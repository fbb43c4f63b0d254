//! What is configured: globally in `parameters`, and for a subnet in the map `ping-check` of its `user-context`, which
//! inherits what it does not say.

use std::sync::Arc;

use std::collections::HashMap;
use std::time::Duration;

use kotare_config::Level;
use kotare_config::json::Diagnostics;
use kotare_config::schema::{self, Param, Table, Type, param};
use kotare_config::v4::Subnet4;
use kotare_model::{Lifetime, SubnetId};

/// `parameters`.
pub(super) static PARAMETERS: Table = Table { name: "parameters", groups: &[PARAMS], ..Table::EMPTY };

/// `ping-check` of a subnet's `user-context`.
static SUBNET: Table = Table { name: "ping-check", groups: &[PARAMS], ..Table::EMPTY };

const PARAMS: &[Param] = &[
    param("enable-ping-check", Type::Bool).or_bool(true),
    param("min-ping-requests", Type::Int(1, U32)).or_int(1),
    param("reply-timeout", Type::Int(1, U32)).or_int(100),
    param("ping-cltt-secs", Type::Int(0, U32)).or_int(60),
    // One task asks, whatever the number: it does little more than hand packets to the kernel. Kea takes the number in
    // a subnet, too, where it means nothing.
    param("ping-channel-threads", Type::Int(0, U32)).or_int(0),
];

const U32: i64 = u32::MAX as i64;

/// How addresses of a subnet are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// `enable-ping-check`.
    pub(super) enabled: bool,
    /// `min-ping-requests`: how many requests remain unanswered before an address is free.
    pub(super) requests: u32,
    /// `reply-timeout`: how long each is waited for.
    pub(super) timeout: Duration,
    /// `ping-cltt-secs`: how long after it was last given a lease is offered to its client again without asking.
    pub(super) rest: Lifetime,
}

/// The settings of every subnet.
#[derive(Debug)]
pub(super) struct Scopes {
    global: Settings,
    /// Only subnets that have settings of their own.
    subnets: HashMap<SubnetId, Settings>,
}

impl Scopes {
    /// Those of a configuration. What is wrong in a subnet goes to `diagnostics`.
    pub(super) fn read(global: Level<'_>, subnets: &[Arc<Subnet4>], diagnostics: &mut Diagnostics) -> Self {
        let own = |subnet: &Arc<Subnet4>| {
            let written = subnet.user_context.as_ref()?.get(SUBNET.name)?;
            let map = schema::checked_map(written.clone(), &SUBNET, diagnostics);
            Some((subnet.id, Settings::of(global.inner(&SUBNET, &map))))
        };
        Self { global: Settings::of(global), subnets: subnets.iter().filter_map(own).collect() }
    }

    /// Those of a subnet.
    pub(super) fn of(&self, subnet: SubnetId) -> Settings {
        self.subnets.get(&subnet).copied().unwrap_or(self.global)
    }
}

impl Settings {
    fn of(level: Level<'_>) -> Self {
        Self {
            enabled: level.bool("enable-ping-check"),
            requests: level.count("min-ping-requests"),
            timeout: level.millis("reply-timeout"),
            rest: Lifetime(level.count("ping-cltt-secs")),
        }
    }
}

#[cfg(test)]
mod tests {
    use kotare_config::v4::{Config4, FILE};
    use kotare_config::{Input, read};
    use serde_json::{Value as Json, json};

    use super::*;

    /// The scopes of a configuration with these global parameters and one of the subnets 1, 2, … for each context.
    fn scopes(parameters: &Json, contexts: &[Json]) -> Result<Scopes, Vec<String>> {
        let subnet = |(index, context): (usize, &Json)| json!({"id": index + 1, "subnet": format!("10.{index}.0.0/16"), "user-context": context});
        let subnets: Vec<Json> = contexts.iter().enumerate().map(subnet).collect();
        let library = json!({"library": "libdhcp_ping_check.so", "parameters": parameters});
        let written = json!({"Dhcp4": {"hooks-libraries": [library], "subnet4": subnets}});
        let file = FILE.with_libraries(crate::SCHEMAS);
        let candidate = read::<Config4>(Input::Command("config-set", &written), &file)
            .map_err(|refused| refused.error_lines())?;
        let mut diagnostics = Diagnostics::new();
        let global = candidate.config.process.libraries[0].level(&PARAMETERS);
        let scopes = Scopes::read(global, &candidate.config.subnets, &mut diagnostics);
        if diagnostics.has_errors() { Err(diagnostics.error_lines()) } else { Ok(scopes) }
    }

    const DEFAULTS: Settings =
        Settings { enabled: true, requests: 1, timeout: Duration::from_millis(100), rest: Lifetime(60) };

    /// A subnet's own settings come before the global ones, one by one, and those before Kea's defaults.
    #[test]
    fn a_subnet_inherits_what_it_does_not_say() {
        let global = json!({"enable-ping-check": false, "reply-timeout": 300, "ping-channel-threads": 4});
        let contexts = [
            json!({"ping-check": {"enable-ping-check": true, "min-ping-requests": 2}}),
            json!({"site": "x"}),
        ];
        let scopes = scopes(&global, &contexts).unwrap();
        let global = Settings { enabled: false, timeout: Duration::from_millis(300), ..DEFAULTS };
        assert_eq!(scopes.of(SubnetId(1)), Settings { enabled: true, requests: 2, ..global });
        assert_eq!(scopes.of(SubnetId(2)), global);
        let scopes = self::scopes(&json!({}), &[json!({"ping-check": {"ping-cltt-secs": 0}})]).unwrap();
        assert_eq!(scopes.of(SubnetId(1)), Settings { rest: Lifetime(0), ..DEFAULTS });
        assert_eq!(scopes.of(SubnetId(9)), DEFAULTS);
    }

    /// What is wrong is told, in the parameters and in a subnet.
    #[test]
    fn wrong_settings_are_refused() {
        let refused = scopes(&json!({"min-ping-requests": 0, "reply-timeouts": 1}), &[]).unwrap_err();
        assert!(refused[0].contains("min-ping-requests"), "{refused:?}");
        assert!(refused[1].contains("unknown keyword \"reply-timeouts\""), "{refused:?}");
        let refused = scopes(&json!({}), &[json!({"ping-check": {"ping-cltt-secs": "long"}})]).unwrap_err();
        assert!(refused[0].contains("ping-cltt-secs"), "{refused:?}");
    }
}
