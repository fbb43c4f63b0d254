//! How answers are shown: as they came, or what they list as a table or as CSV.

use kotare_command_line::shell::Output;
use kotare_config::json::format::{self, Shape};
use serde_json::Value;

use crate::table::Table;

/// What is shown of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// For standard output.
    pub(crate) text: String,
    /// What the server says of commands that it did not carry out.
    pub(crate) refusals: Vec<String>,
}

/// Shows an answer, or the answers of several daemons one after another.
///
/// # Errors
/// If it is not JSON.
pub(crate) fn show(answer: &str, output: Output) -> Result<Shown, String> {
    let answer: Value =
        serde_json::from_str(answer).map_err(|error| format!("the server's answer is not JSON: {error}"))?;
    if output == Output::Json {
        return Ok(Shown { text: format::text(&answer, Shape::Indented), refusals: Vec::new() });
    }
    let answers = match &answer {
        Value::Array(answers) => answers.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut shown = Shown::default();
    for answer in answers {
        let text = answer["text"].as_str().unwrap_or_default();
        match (answer["result"].as_i64(), answer.get("arguments")) {
            (Some(0), Some(arguments)) => {
                let table = Table::of(arguments);
                if !shown.text.is_empty() {
                    shown.text.push('\n');
                }
                shown.text.push_str(&if output == Output::Csv { table.to_csv() } else { table.to_text() });
            }
            (Some(0), None) => {
                // Said, not listed: a sentence is no row for who reads CSV.
                if output == Output::Table && !text.is_empty() {
                    shown.text.push_str(text);
                    shown.text.push('\n');
                }
            }
            // Nothing was found, which is an empty list.
            (Some(3), _) => {}
            (Some(code), _) => shown.refusals.push(format!("The server answers with result {code}: {text}")),
            (None, _) => {
                let answer = format::text(answer, Shape::Line);
                shown.refusals.push(format!("The server's answer has no result: {answer}"));
            }
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was refused is no row, and what was not found is none.
    #[test]
    fn refusals_are_no_rows() {
        let shown =
            show(r#"[{"result": 1, "text": "no"}, {"result": 3, "text": "0 found"}]"#, Output::Csv).unwrap();
        assert_eq!(shown.text, "");
        assert_eq!(shown.refusals, ["The server answers with result 1: no"]);
        assert!(show("<html>", Output::Table).is_err());
        assert_eq!(show("{}", Output::Table).unwrap().refusals.len(), 1);
    }

    /// Each daemon behind a control agent has its own table; a success without a list is its sentence.
    #[test]
    fn several_answers_are_several_tables() {
        let answer = r#"[{"result": 0, "arguments": ["a"]}, {"result": 0, "arguments": ["b"]}, {"result": 0, "text": "Done."}]"#;
        let shown = show(answer, Output::Csv).unwrap();
        assert_eq!((&*shown.text, shown.refusals.len()), ("name\na\n\nname\nb\n", 0));
        assert!(show(answer, Output::Table).unwrap().text.ends_with("Done.\n"));
    }

    /// JSON that a person reads is indented.
    #[test]
    fn json_is_indented() {
        let shown = show(r#"{"result":0,"text":"x"}"#, Output::Json).unwrap();
        assert_eq!(shown.text.trim_end(), "{\n  \"result\": 0,\n  \"text\": \"x\"\n}");
    }
}
