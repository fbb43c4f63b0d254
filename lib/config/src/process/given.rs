//! What was given for a database, as log lines tell it.

use std::collections::BTreeMap;
use std::fmt;

use crate::Level;
use crate::schema::tables::CONNECTION;

/// What stands in the place of a password.
const HIDDEN: &str = "*****";

/// The parameters that were given for a database. They display as Kea's log tells them, by name and without the password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(BTreeMap<&'static str, Box<str>>);

impl Given {
    /// Those of a map whose table has a `type` and the parameters of a connection. What is empty counts as not given.
    pub(super) fn of(level: Level<'_>) -> Self {
        let keywords = CONNECTION.iter().map(|param| param.keyword);
        let told = |keyword| {
            let value = level.own(keyword)?;
            let text = value.as_str().map(str::to_owned);
            let text = text.or_else(|| value.as_bool().map(|it| it.to_string()));
            let text = text.or_else(|| value.as_int().map(|it| it.to_string()))?;
            let shown = if keyword == "password" { HIDDEN } else { &*text };
            (!text.is_empty()).then(|| (keyword, shown.into()))
        };
        let given = keywords.filter_map(told).collect::<BTreeMap<_, _>>();
        Self(given).with("type", level.text("type"))
    }

    /// The same and one more, which the server gives.
    #[must_use]
    pub fn with(mut self, keyword: &'static str, value: &str) -> Self {
        self.0.insert(keyword, value.into());
        self
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (keyword, value)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{keyword}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::v4::{Config4, FILE};
    use crate::{Input, read};

    /// All that was given is told by name, whatever it is, but for the password and what is no parameter.
    #[test]
    fn what_was_given_is_told_by_name() {
        let database = json!({
            "type": "mysql", "user": "kea", "password": "secret", "name": "leases of all", "host": "", "port": 3306,
            "max-reconnect-tries": 5, "readonly": false, "on-fail": "serve-retry-exit", "comment": "the old one",
        });
        let written = json!({"Dhcp4": {"lease-database": database}});
        let candidate =
            read::<Config4>(Input::Command("config-test", &written), &FILE).expect("a configuration");
        let given = &candidate.config.process.lease_database.database().expect("a database").given;
        let told = "max-reconnect-tries=5 name=leases of all on-fail=serve-retry-exit password=***** port=3306 \
                    readonly=false type=mysql";
        assert_eq!(given.to_string(), format!("{told} user=kea"));
        assert_eq!(given.clone().with("universe", "4").to_string(), format!("{told} universe=4 user=kea"));
    }
}
