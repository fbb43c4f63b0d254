//! What a server says of itself when it is asked: the arguments of an answer to `ha-heartbeat`.

use std::collections::BTreeSet;

use kotare_model::Timestamp;
use serde_json::{Map, Value, json};

use super::{http_date, read_http_date};
use crate::{Partner, State};

/// More scopes than any relationship has are not remembered.
const MANY_SCOPES: usize = 1000;

/// An argument of ours: the server goes back to work by itself after the service ended. Kea does not look for it.
const HEALS: &str = "heals";

/// The same: it takes many leases of DHCPv4 in one command.
const TAKES_MANY: &str = "bulk-apply";

/// The same: it takes and sends leases as rows of a lease file.
const ROWS: &str = "rows";

/// The same: it tells a partner that fetches its leases of those that it gives meanwhile.
const TELLS: &str = "tells-while-synchronised";

/// The same: what stands for the terms of its configuration.
const TERMS: &str = "terms";

/// More characters than what stands for terms ever has.
const LONGEST: usize = 128;

/// What a server of ours says beside how it is, and Kea does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// Whether it takes many leases of DHCPv4 in one command (`lease4-bulk-apply`).
    pub takes_many: bool,
    /// Whether it takes leases as rows of a lease file (argument `rows` of `lease4-bulk-apply` and `lease6-bulk-apply`), and
    /// sends pages of them.
    pub takes_rows: bool,
    /// Whether it tells a partner that fetches its leases of those that it gives meanwhile (`ha-sync-follow`).
    pub tells: bool,
    /// What stands for its terms ([`crate::Relationship::terms`]): other terms have another.
    pub terms: Option<String>,
}

impl Beyond {
    /// Adds it to the arguments of an answer.
    pub fn add_to(self, arguments: &mut Map<String, Value>) {
        if self.takes_many {
            arguments.insert(TAKES_MANY.into(), true.into());
        }
        if self.takes_rows {
            arguments.insert(ROWS.into(), true.into());
        }
        if self.tells {
            arguments.insert(TELLS.into(), true.into());
        }
        arguments.extend(self.terms.map(|terms| (TERMS.to_owned(), terms.into())));
    }

    /// Reads it in the arguments of a partner's answer.
    #[must_use]
    pub fn read(arguments: Option<&Value>) -> Self {
        let argument = |name: &str| arguments.and_then(|arguments| arguments.get(name));
        let terms = argument(TERMS).and_then(Value::as_str).filter(|terms| terms.len() <= LONGEST);
        let says = |name: &str| argument(name) == Some(&Value::Bool(true));
        Self {
            takes_many: says(TAKES_MANY),
            takes_rows: says(ROWS),
            tells: says(TELLS),
            terms: terms.map(str::to_owned),
        }
    }
}

/// How a server says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Its state.
    pub partner: Partner,
    /// What its clock says.
    pub clock: Timestamp,
    /// The scopes that it serves; earlier versions did not say.
    pub scopes: Option<BTreeSet<String>>,
    /// Of how many leases it told nobody; earlier versions did not say.
    pub unsent: Option<u64>,
    /// Whether it is ready to leave `terminated` when its partner is.
    pub heals: bool,
}

impl Heartbeat {
    /// The arguments of a server's answer.
    #[must_use]
    pub fn arguments(
        state: State,
        clock: Timestamp,
        scopes: &BTreeSet<String>,
        unsent: u64,
        heals: bool,
    ) -> Value {
        let mut arguments = Map::new();
        arguments.insert("date-time".into(), http_date(clock).into());
        if heals {
            arguments.insert(HEALS.into(), true.into());
        }
        arguments.insert("scopes".into(), json!(scopes));
        arguments.insert("state".into(), state.name().into());
        arguments.insert("unsent-update-count".into(), i64::try_from(unsent).unwrap_or(i64::MAX).into());
        Value::Object(arguments)
    }

    /// Reads the arguments of a partner's answer.
    ///
    /// # Errors
    /// Kea's sentence about what is wrong with them.
    pub fn read(arguments: Option<&Value>) -> Result<Self, String> {
        let arguments =
            arguments.and_then(Value::as_object).ok_or("returned arguments in the response must be a map")?;
        let text = |name: &str, called: &str| {
            arguments.get(name).and_then(Value::as_str).ok_or_else(|| {
                format!("{called} not returned in response to a ha-heartbeat command or it is not a string")
            })
        };
        let state = text("state", "server state")?;
        let partner = Partner::named(state)
            .ok_or_else(|| format!("unsupported HA partner state returned {}", short(state)))?;
        let date = text("date-time", "date-time")?;
        let clock =
            read_http_date(date).ok_or_else(|| format!("unsupported time format: {}", short(date)))?;
        let unsent = match arguments.get("unsent-update-count") {
            None => None,
            Some(count) => {
                let count = count
                    .as_i64()
                    .ok_or("unsent-update-count returned in the ha-heartbeat response is not an integer")?;
                // Kea counts in 64 bits without sign, and writes them with one.
                Some(count.cast_unsigned())
            }
        };
        Ok(Self {
            partner,
            clock,
            scopes: arguments.get("scopes").and_then(scopes),
            unsent,
            heals: arguments.get(HEALS) == Some(&Value::Bool(true)),
        })
    }
}

/// The names of scopes, if that is what it is.
fn scopes(value: &Value) -> Option<BTreeSet<String>> {
    let list = value.as_array().filter(|list| list.len() <= MANY_SCOPES)?;
    let names: Option<BTreeSet<_>> = list.iter().map(|scope| scope.as_str().map(str::to_owned)).collect();
    names.map(|mut names| {
        names.remove("");
        names
    })
}

/// The beginning of what somebody else wrote, for a log line.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one says, the other reads; the manual's answer, too, and one of an earlier version.
    #[test]
    fn heartbeats_are_read() {
        let scopes = BTreeSet::from(["server1".to_owned()]);
        let said = Heartbeat::arguments(State::PartnerDown, Timestamp(1_573_116_577), &scopes, 123, true);
        let read = Heartbeat::read(Some(&said)).unwrap();
        assert_eq!(read.partner, Partner::In(State::PartnerDown));
        assert_eq!((read.clock.0, read.unsent, read.heals), (1_573_116_577, Some(123), true));
        assert_eq!(read.scopes, Some(scopes));
        let manual = json!({"state": "partner-down", "date-time": "Thu, 07 Nov 2019 08:49:37 GMT",
            "scopes": ["server1"], "unsent-update-count": 123});
        assert_eq!(Heartbeat::read(Some(&manual)).unwrap(), Heartbeat { heals: false, ..read });
        let early = json!({"state": "ready", "date-time": "Thu, 07 Nov 2019 08:49:37 GMT", "scopes": 1});
        let early = Heartbeat::read(Some(&early)).unwrap();
        assert_eq!((early.scopes, early.unsent), (None, None));
    }

    /// What only ours say is read where it is said.
    #[test]
    fn what_is_beyond_kea_is_read() {
        let beyond = Beyond { takes_many: true, takes_rows: true, tells: true, terms: Some("A1".into()) };
        let mut arguments = Map::new();
        beyond.clone().add_to(&mut arguments);
        assert_eq!(Beyond::read(Some(&Value::Object(arguments))), beyond);
        let wrong = json!({"bulk-apply": 1, "terms": "A".repeat(LONGEST + 1)});
        assert_eq!(Beyond::read(Some(&wrong)), Beyond::default());
        assert_eq!(Beyond::read(None), Beyond::default());
    }

    /// What is no heartbeat is refused with what is wrong.
    #[test]
    fn what_is_no_heartbeat_is_refused() {
        let date = "Thu, 07 Nov 2019 08:49:37 GMT";
        for (wrong, said) in [
            (json!([]), "must be a map"),
            (json!({}), "server state not returned"),
            (json!({"state": 1}), "server state not returned"),
            (json!({"state": "asleep", "date-time": date}), "unsupported HA partner state returned asleep"),
            (json!({"state": "ready"}), "date-time not returned"),
            (json!({"state": "ready", "date-time": "now"}), "unsupported time format: now"),
            (json!({"state": "ready", "date-time": date, "unsent-update-count": "1"}), "is not an integer"),
        ] {
            let error = Heartbeat::read(Some(&wrong)).unwrap_err();
            assert!(error.contains(said), "{wrong}: {error}");
        }
        assert!(Heartbeat::read(None).is_err());
    }
}
