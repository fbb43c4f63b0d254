//! What is configured: limits in the `user-context` of classes and subnets.

use std::fmt;
use std::time::Duration;

use kotare_config::json::{Diagnostics, Value};

/// What the map of limits is called.
const LIMITS: &str = "limits";

/// The limits of a class or a subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    /// `address-limit`
    pub(super) addresses: Option<u32>,
    /// `prefix-limit`
    pub(super) prefixes: Option<u32>,
    /// `rate-limit`
    pub(super) rate: Option<Rate>,
}

/// So many packets are answered in a unit of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) packets: u32,
    pub(super) unit: Duration,
    text: Box<str>,
}

impl Limits {
    /// Those in a `user-context`; what is wrong goes to the diagnostics.
    pub(super) fn read(context: Option<&Value>, diagnostics: &mut Diagnostics) -> Self {
        let Some(limits) = context.and_then(|context| context.get(LIMITS)) else { return Self::default() };
        let mut number = |keyword| {
            let value = limits.get(keyword)?;
            let wrong = match value.as_int() {
                Some(number) => match u32::try_from(number) {
                    Ok(number) => return Some(number),
                    Err(_) if number < 0 => {
                        format!("expected positive limit configured, got negative limit {number}")
                    }
                    Err(_) => format!("expected limit in range [0, {}], got limit {number}", u32::MAX),
                },
                None => format!("\"{keyword}\" is a number of leases"),
            };
            diagnostics.error(value.source(), wrong);
            None
        };
        let (addresses, prefixes) = (number("address-limit"), number("prefix-limit"));
        let rate = limits.get("rate-limit").and_then(|value| {
            let read = value.as_str().ok_or("\"rate-limit\" is a text".to_owned()).and_then(Rate::read);
            read.map_err(|reason| diagnostics.error(value.source(), reason)).ok()
        });
        Self { addresses, prefixes, rate }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Rate {
    /// That of a text such as `4 packets per minute`.
    fn read(text: &str) -> Result<Self, String> {
        let parts = text.split_once(" packets per ").or_else(|| text.split_once(" packet per "));
        let (packets, unit) = parts.ok_or_else(|| {
            format!("expected rate limit of format <n> packet[s] per <time-unit>, got: {text}")
        })?;
        let packets = packets
            .trim()
            .parse()
            .map_err(|_| format!("expected a number of packets in range [0, {}], got: {text}", u32::MAX))?;
        let days = |days: u64| days * 24 * 3600;
        let seconds = match unit {
            "second" => 1,
            "minute" => 60,
            "hour" => 3600,
            "day" => days(1),
            "week" => days(7),
            "month" => days(30),
            "year" => days(365),
            _ => return Err(format!("invalid time period {unit}")),
        };
        Ok(Self { packets, unit: Duration::from_secs(seconds), text: text.into() })
    }
}

impl fmt::Display for Rate {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use kotare_config::json::parse;

    use super::*;

    fn read(limits: &str) -> Result<Limits, String> {
        let mut diagnostics = Diagnostics::new();
        let text = format!("{{\"limits\": {limits}}}");
        let context = parse("test", text.as_bytes(), &mut diagnostics).expect("JSON");
        let limits = Limits::read(Some(&context), &mut diagnostics);
        if diagnostics.has_errors() { Err(diagnostics.error_lines().join("\n")) } else { Ok(limits) }
    }

    /// All units, in both numbers.
    #[test]
    fn rates_are_read() {
        let units = ["second", "minute", "hour", "day", "week", "month", "year"];
        for (unit, seconds) in units.into_iter().zip([1, 60, 3600, 86_400, 604_800, 2_592_000, 31_536_000]) {
            for (text, packets) in [(format!("1 packet per {unit}"), 1), (format!("0 packets per {unit}"), 0)]
            {
                let limits = read(&format!("{{\"rate-limit\": \"{text}\"}}")).unwrap();
                let rate = limits.rate.expect("a rate");
                assert_eq!((rate.packets, rate.unit.as_secs(), rate.to_string()), (packets, seconds, text));
            }
        }
        let limits = read(r#"{"address-limit": 4294967295, "prefix-limit": 0}"#).unwrap();
        assert_eq!((limits.addresses, limits.prefixes, limits.rate), (Some(u32::MAX), Some(0), None));
    }

    /// What is wrong is told in Kea's words.
    #[test]
    fn errors_are_told() {
        for (limits, error) in [
            (r#"{"address-limit": -1}"#, "expected positive limit configured, got negative limit -1"),
            (
                r#"{"prefix-limit": 4294967296}"#,
                "expected limit in range [0, 4294967295], got limit 4294967296",
            ),
            (r#"{"address-limit": "4"}"#, "\"address-limit\" is a number of leases"),
            (r#"{"rate-limit": 4}"#, "\"rate-limit\" is a text"),
            (r#"{"rate-limit": "4 per day"}"#, "of format <n> packet[s] per <time-unit>, got: 4 per day"),
            (r#"{"rate-limit": "4 packets per eon"}"#, "invalid time period eon"),
            (r#"{"rate-limit": "-4 packets per day"}"#, "got: -4 packets per day"),
        ] {
            let told = read(limits).expect_err("an error");
            assert!(told.contains(error), "{limits}: {told}");
        }
    }
}
