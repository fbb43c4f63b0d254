//! Passwords, kept out of logs.

use serde_json::Value;

/// `json`, a configuration or the arguments of a command, with every password and secret replaced by `*****`.
///
/// As in Kea these are the keywords that end so (`password`, `secret`); user contexts stay as they are. `config-get`
/// itself shows passwords, because `config-set` must be able to take them back.
pub fn redacted(json: &Value) -> Value {
    match json {
        Value::Array(items) => items.iter().map(redacted).collect(),
        Value::Object(object) => {
            let entries = object.iter().map(|(key, value)| {
                let value = match key.as_str() {
                    _ if is_secret(key) => "*****".into(),
                    "user-context" => value.clone(),
                    _ => redacted(value),
                };
                (key.clone(), value)
            });
            entries.collect()
        }
        other => other.clone(),
    }
}

/// Whether what stands under this keyword is a secret.
pub(crate) fn is_secret(keyword: &str) -> bool {
    keyword.ends_with("password") || keyword.ends_with("secret")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Passwords go wherever they are; what only looks like one stays.
    #[test]
    fn passwords_are_hidden() {
        let shown = redacted(&json!({"lease-database": {"password": "x", "password-file": "f"},
            "hooks-libraries": [{"parameters": {"a": [{"shared-secret": "y"}]}}], "user-context": {"password": "z"}}));
        assert_eq!(
            shown,
            json!({"lease-database": {"password": "*****", "password-file": "f"},
                "hooks-libraries": [{"parameters": {"a": [{"shared-secret": "*****"}]}}],
                "user-context": {"password": "z"}})
        );
    }
}
