//! What becomes of a command: the answer, or why there is none.

use serde_json::{Map, Value};

use super::result;

/// That a partner did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The result code; [`result::ERROR`] where the answer has none.
    pub code: i64,
    /// Why.
    pub reason: String,
}

impl Refusal {
    fn new(reason: impl Into<String>) -> Self {
        Self { code: result::ERROR, reason: reason.into() }
    }

    /// Whether a lease contradicts the partner's configuration, so that sending it again is of no use.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        self.code == result::CONFLICT
    }
}

/// Reads the body of an answer: its arguments, if it has any.
///
/// # Errors
/// What the partner said that went wrong, or what is wrong with the answer. A list of leases of which some were refused is
/// an error, and one of a conflict if all of them were refused for that.
pub fn read_answer(body: &Value) -> Result<Option<&Value>, Refusal> {
    let answer = match body {
        Value::Array(answers) => {
            answers.first().ok_or_else(|| Refusal::new("list of responses must not be empty"))?
        }
        // HTTP errors of some servers, and answers of servers that are asked for one service only.
        Value::Object(_) => body,
        _ => return Err(Refusal::new("body of the response must be a list")),
    };
    let answer = answer.as_object().ok_or_else(|| Refusal::new("a response must be a map"))?;
    let arguments = answer.get("arguments");
    let Some(code) = answer.get("result").and_then(Value::as_i64) else {
        let text = answer.get("text").and_then(Value::as_str).filter(|text| !text.is_empty());
        return Err(Refusal::new(text.unwrap_or("no result in the response")));
    };
    match code {
        result::SUCCESS => Ok(arguments),
        result::EMPTY => match refused_leases(arguments) {
            Some(refusal) => Err(refusal),
            None => Ok(arguments),
        },
        code => Err(Refusal { code, reason: with_code(answer.get("text"), code) }),
    }
}

fn with_code(text: Option<&Value>, code: i64) -> String {
    match text.and_then(Value::as_str).filter(|text| !text.is_empty()) {
        Some(text) => format!("{} (error code {code})", text.chars().take(1000).collect::<String>()),
        None => format!("error code {code}"),
    }
}

/// Why leases of a list were refused: an error goes before a conflict.
fn refused_leases(arguments: Option<&Value>) -> Option<Refusal> {
    let leases = arguments?.get("failed-leases")?.as_array()?;
    let with = |wanted: i64| {
        let code =
            move |lease: &Map<String, Value>| lease.get("result").and_then(Value::as_i64) == Some(wanted);
        let lease = leases.iter().filter_map(Value::as_object).find(|lease| code(lease))?;
        Some(Refusal { code: wanted, reason: with_code(lease.get("error-message"), wanted) })
    };
    with(result::ERROR).or_else(|| with(result::CONFLICT))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(body: Value) -> (i64, String) {
        let refusal = read_answer(&body).unwrap_err();
        (refusal.code, refusal.reason)
    }

    /// Answers of control agents and listeners are lists of one, those of others may be that one.
    #[test]
    fn answers_are_read() {
        let answer = json!({"result": 0, "arguments": {"state": "ready"}});
        assert_eq!(read_answer(&json!([answer])), Ok(answer.get("arguments")));
        assert_eq!(read_answer(&answer), Ok(answer.get("arguments")));
        assert_eq!(read_answer(&json!([{"result": 0}])), Ok(None));
        assert_eq!(read_answer(&json!([{"result": 3, "text": "0 leases"}])), Ok(None));
    }

    /// What went wrong is said with its code.
    #[test]
    fn refusals_are_read() {
        assert_eq!(refused(json!([{"result": 1, "text": "no"}])), (1, "no (error code 1)".into()));
        assert_eq!(refused(json!([{"result": 4}])), (4, "error code 4".into()));
        assert_eq!(refused(json!([{"result": 1001, "text": "x"}])).0, 1001);
        assert_eq!(refused(json!({"text": "Unauthorized"})), (1, "Unauthorized".into()));
        assert_eq!(refused(json!({"text": ""})), (1, "no result in the response".into()));
        assert_eq!(refused(json!([])).1, "list of responses must not be empty");
        assert_eq!(refused(json!("<html>")).1, "body of the response must be a list");
        assert_eq!(refused(json!([1])).1, "a response must be a map");
    }

    /// Of the leases of a list an error counts before a conflict.
    #[test]
    fn refused_leases_are_read() {
        let body = |codes: &[i64]| {
            let leases: Vec<_> =
                codes.iter().map(|code| json!({"result": code, "error-message": "m"})).collect();
            json!([{"result": 3, "arguments": {"failed-leases": leases}}])
        };
        assert_eq!(refused(body(&[4, 4])), (4, "m (error code 4)".into()));
        assert_eq!(refused(body(&[4, 1])), (1, "m (error code 1)".into()));
        assert!(read_answer(&body(&[3])).is_ok());
    }
}
