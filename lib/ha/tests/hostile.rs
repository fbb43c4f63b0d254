//! A partner that lies: whatever comes is read or refused, and never believed to be more than it is.

use kotare_ha::{Heartbeat, Place, http_date, read_answer, read_http_date};
use kotare_model::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// JSON of a few levels, with the names that answers have among others.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z -]{0,12}".prop_map(Value::from),
        Just(json!("ready")),
        Just(json!("Thu, 07 Nov 2019 08:49:37 GMT")),
    ];
    let name = prop_oneof![
        Just("result"),
        Just("arguments"),
        Just("text"),
        Just("state"),
        Just("date-time"),
        Just("scopes"),
        Just("unsent-update-count"),
        Just("failed-leases"),
        Just("error-message"),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let map = prop::collection::vec((name.clone(), inner.clone()), 0..6).prop_map(|pairs| {
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()
        });
        prop_oneof![prop::collection::vec(inner, 0..6).prop_map(Value::from), map.prop_map(Value::from)]
    })
}

proptest! {
    /// Answers are read or refused with a reason.
    #[test]
    fn answers_are_read_or_refused(body in value()) {
        match read_answer(&body) {
            Ok(arguments) => { let _ = Heartbeat::read(arguments).map_err(|reason| assert!(!reason.is_empty())); }
            Err(refusal) => prop_assert!(!refusal.reason.is_empty()),
        }
    }

    /// Dates that are written are read.
    #[test]
    fn dates_are_read(seconds in 0_i64..253_402_300_799, text in ".{0,40}") {
        prop_assert_eq!(read_http_date(&http_date(Timestamp(seconds))), Some(Timestamp(seconds)));
        let _ = read_http_date(&text);
    }

    /// URLs are read or refused.
    #[test]
    fn urls_are_read_or_refused(rest in ".{0,30}") {
        let _ = Place::of(&rest);
        let _ = Place::of(&format!("http://{rest}"));
    }
}
