//! Whether what a relay said of a client is kept as it should be (`extended-info-checks`).

use kotare_config::process::ExtendedInfoChecks;
use kotare_wire::v4::RelayAgent;
use serde_json::{Map, Value};

use super::extended_info::{INFO, RELAY_ID, REMOTE_ID, SUB_OPTIONS, identifiers};
use crate::sanity::context::{self, Checked, Judged, hex_bytes};

/// Whether a user context is certainly one that [`ExtendedInfoChecks::Fix`] leaves as it is: it begins as ours and Kea's
/// do.
pub(super) fn is_ours(context: &str) -> bool {
    ["{ \"ISC\": { \"relay-agent-info\": { \"", "{\"ISC\":{\"relay-agent-info\":{\""]
        .iter()
        .any(|ours| context.starts_with(ours))
}

/// Judges a user context.
pub(super) fn checked(text: &str, level: ExtendedInfoChecks) -> Checked {
    context::checked(text, level, INFO, |isc| {
        judge(isc, level).map_err(|(place, problem)| (place.to_owned(), problem))
    })
}

/// Where something is wrong, and what; otherwise whether it was brought into today's form.
fn judge(isc: &mut Map<String, Value>, level: ExtendedInfoChecks) -> Result<Judged, (&'static str, String)> {
    let info = match isc.get_mut(INFO) {
        None => return Ok(Judged::Sound),
        Some(Value::Object(info)) => info,
        Some(before) => {
            let Some(hex) = before.as_str() else {
                return Err((INFO, format!("{INFO} is not a map or a string")));
            };
            let bytes = hex_bytes(hex).map_err(|problem| ("rai", problem))?;
            let mut info = identifiers(RelayAgent::new(&bytes));
            info.insert(SUB_OPTIONS.into(), hex.into());
            *before = Value::Object(info);
            return Ok(Judged::Upgraded);
        }
    };
    if level < ExtendedInfoChecks::Strict {
        return Ok(Judged::Sound);
    }
    for key in [SUB_OPTIONS, REMOTE_ID, RELAY_ID] {
        let Some(value) = info.get(key) else { continue };
        let hex = value.as_str().ok_or_else(|| (key, format!("{key} is not a string")))?;
        let bytes = hex_bytes(hex).map_err(|problem| (key, problem))?;
        if key != SUB_OPTIONS && bytes.is_empty() {
            return Err((key, format!("{key} is empty")));
        }
    }
    if level < ExtendedInfoChecks::Pedantic {
        return Ok(Judged::Sound);
    }
    let known = [SUB_OPTIONS, REMOTE_ID, RELAY_ID, "comment"];
    match info.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err((INFO, format!("spurious '{key}' entry in {INFO}"))),
        None => Ok(Judged::Sound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsound(problem: &str, rest: Option<&str>) -> Checked {
        let problem = Some(problem).filter(|problem| !problem.is_empty()).map(Into::into);
        Checked::Unsound { problem, rest: rest.map(Into::into) }
    }

    /// What every level but none does, as Kea does it.
    #[test]
    fn what_is_of_no_form_goes_and_old_forms_are_upgraded() {
        let fix = |context: &str| {
            assert_eq!(checked(context, ExtendedInfoChecks::None), Checked::Sound);
            checked(context, ExtendedInfoChecks::Fix)
        };
        for sound in [
            r#"{ "a": 1 }"#,
            r#"{ "ISC": { "b": 1 } }"#,
            r#"{ "ISC": { "relay-agent-info": { "what": "ever", "relay-id": 5 } } }"#,
        ] {
            assert_eq!(fix(sound), Checked::Sound);
        }
        assert_eq!(fix("{ }"), unsound("", None));
        assert_eq!(fix(r#"{ "ISC": { } }"#), unsound("", None));
        assert_eq!(fix(r#"{ "ISC": { }, "a": 1 }"#), unsound("", Some(r#"{ "a": 1 }"#)));
        assert_eq!(
            fix(r#"{ "ISC": [ ] }"#),
            unsound("in isc a problem was found: ISC entry is not a map", None)
        );
        let no_form = "in relay-agent-info a problem was found: relay-agent-info is not a map or a string";
        assert_eq!(fix(r#"{ "ISC": { "relay-agent-info": 7 } }"#), unsound(no_form, None));
        assert_eq!(
            fix(r#"{ "ISC": { "relay-agent-info": 7, "b": 1 } }"#),
            unsound(no_form, Some(r#"{ "ISC": { "b": 1 } }"#))
        );
        assert_eq!(
            fix(r#"{ "ISC": { "relay-agent-info": "0xzz" } }"#),
            unsound("in rai a problem was found: '0xzz' is not a valid string of hexadecimal digits", None)
        );
        assert_eq!(
            fix(r#"{"ISC":{"relay-agent-info":"0x0102ABCD02010F0C0107"}}"#),
            Checked::Upgraded(
                r#"{ "ISC": { "relay-agent-info": { "relay-id": "07", "remote-id": "0F", "sub-options": "0x0102ABCD02010F0C0107" } } }"#.into()
            )
        );
    }

    /// The higher levels look at values, and at what else there is.
    #[test]
    fn strict_and_pedantic_look_closer() {
        use ExtendedInfoChecks::{Fix, Pedantic, Strict};
        for (info, level, problem) in [
            (
                r#""sub-options": 1"#,
                Strict,
                "in sub-options a problem was found: sub-options is not a string",
            ),
            (
                r#""sub-options": "0x0g""#,
                Strict,
                "in sub-options a problem was found: '0x0g' is not a valid string of hexadecimal digits",
            ),
            (r#""remote-id": { }"#, Strict, "in remote-id a problem was found: remote-id is not a string"),
            (r#""remote-id": """#, Strict, "in remote-id a problem was found: remote-id is empty"),
            (r#""relay-id": """#, Strict, "in relay-id a problem was found: relay-id is empty"),
            (
                r#""relay-id": "01", "comment": "", "x": 1"#,
                Pedantic,
                "in relay-agent-info a problem was found: spurious 'x' entry in relay-agent-info",
            ),
        ] {
            let context = format!(r#"{{ "ISC": {{ "relay-agent-info": {{ {info} }} }} }}"#);
            assert!(is_ours(&context));
            let lower = if level == Strict { Fix } else { Strict };
            assert_eq!(checked(&context, lower), Checked::Sound, "{info}");
            assert_eq!(checked(&context, level), unsound(problem, None), "{info}");
        }
    }
}
