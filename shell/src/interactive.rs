//! Commands one after another, typed at a terminal.

use std::path::PathBuf;
use std::process::ExitCode;

use kotare_control::Request;
use kotare_daemon::Environment;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::args::Args;
use crate::connection::Connection;
use crate::{output, print, request, tell};

const PROMPT: &str = "kea> ";

/// Words that are not sent.
const OWN: [&str; 3] = ["exit", "help", "quit"];

const HELP: &str = "\
COMMAND [ARGUMENTS]  sends a command; its arguments are the members of a JSON map, or the map:
                       stat-lease4-get \"subnet-id\": 1
                       lease4-get { \"ip-address\": \"192.0.2.1\" }
                     A map may go on over several lines.
list-commands        shows the server's commands; the tabulator completes their names
help                 shows this
exit, quit, ^D       end";

/// How many lines are remembered.
const HISTORY: usize = 1000;

/// Asks for commands and shows their answers, until there are no more.
///
/// # Errors
/// If the terminal cannot be read.
pub(crate) fn run(connection: &Connection, runtime: &Runtime, args: &Args) -> Result<ExitCode, String> {
    let terminal = |error: ReadlineError| format!("cannot use the terminal: {error}");
    let configuration = Config::builder()
        .max_history_size(HISTORY)
        .map_err(terminal)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .auto_add_history(true)
        .build();
    let mut editor: Editor<Typing, FileHistory> = Editor::with_config(configuration).map_err(terminal)?;
    let history = history(&Environment::of_process());
    if let Some(file) = &history {
        // There is none the first time.
        let _ = editor.load_history(file);
    }
    let names = names(connection, runtime, args).unwrap_or_else(|error| {
        tell(&format!("Names of commands cannot be completed: {error}"));
        Vec::new()
    });
    editor.set_helper(Some(Typing { names }));
    let end = loop {
        match editor.readline(PROMPT) {
            Ok(line) => match line.trim() {
                "" => {}
                "exit" | "quit" => break Ok(ExitCode::SUCCESS),
                "help" => {
                    print(HELP);
                }
                line => send(line, connection, runtime, args).unwrap_or_else(|error| tell(&error)),
            },
            // ^C gives up the line, not the shell.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break Ok(ExitCode::SUCCESS),
            Err(error) => break Err(terminal(error)),
        }
    };
    if let Some(Err(error)) = history.map(|file| editor.save_history(&file)) {
        tell(&format!("The history is not kept: {error}"));
    }
    end
}

/// Sends what a line says and shows the answer.
fn send(line: &str, connection: &Connection, runtime: &Runtime, args: &Args) -> Result<(), String> {
    let (command, arguments) = split(line);
    let request = request::of(command, arguments, &args.service)?;
    let answer = runtime.block_on(connection.send(request))?;
    let shown = output::show(&answer, args.output)?;
    print(shown.text.trim_end());
    shown.refusals.iter().for_each(|refusal| tell(refusal));
    Ok(())
}

/// The command's name and the rest.
fn split(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    line.split_once([' ', '\t', '\n', '{', '"'])
        .map_or((line, ""), |(command, _)| line.split_at(command.len()))
}

/// The names of the server's commands; of several daemons, those of any.
fn names(connection: &Connection, runtime: &Runtime, args: &Args) -> Result<Vec<String>, String> {
    let request = Request {
        service: (!args.service.is_empty()).then(|| Value::from(args.service.as_slice())),
        ..Request::new("list-commands")
    };
    let answer = runtime.block_on(connection.send(request))?;
    let answer: Value =
        serde_json::from_str(&answer).map_err(|error| format!("the answer is not JSON: {error}"))?;
    Ok(commands(&answer))
}

fn commands(answer: &Value) -> Vec<String> {
    let answers = match answer {
        Value::Array(answers) => answers.as_slice(),
        one => std::slice::from_ref(one),
    };
    let listed = answers.iter().filter_map(|answer| answer.get("arguments")?.as_array()).flatten();
    let mut names: Vec<String> = listed.filter_map(Value::as_str).chain(OWN).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// Where the history of this user is kept.
fn history(environment: &Environment) -> Option<PathBuf> {
    let home = environment.var("HOME").filter(|home| !home.is_empty())?;
    Some(PathBuf::from(home).join(".kea_shell_history"))
}

/// Helps with typing.
struct Typing {
    names: Vec<String>,
}

impl Completer for Typing {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.candidates(line, at))
    }
}

impl Typing {
    /// What the word before `at` may become, if it is the command, and where it begins.
    fn candidates(&self, line: &str, at: usize) -> (usize, Vec<String>) {
        let before = line.get(..at).unwrap_or_default();
        let start = before.len() - before.trim_start().len();
        let word = &before[start..];
        let fits = |name: &&String| !word.contains(char::is_whitespace) && name.starts_with(word);
        let mut names: Vec<String> = self.names.iter().filter(fits).cloned().collect();
        if let [only] = names.as_mut_slice() {
            // Its arguments follow.
            only.push(' ');
        }
        (start, names)
    }
}

impl Validator for Typing {
    /// A map goes on until it is whole.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match is_whole(context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

/// Whether nothing is missing at the end of a line. What is wrong with it is told once it is sent.
fn is_whole(line: &str) -> bool {
    let arguments = split(line).1.trim();
    let whole = serde_json::from_str::<serde_json::Value>(arguments);
    !arguments.starts_with('{') || !whole.is_err_and(|error| error.is_eof())
}

impl Helper for Typing {}
impl Highlighter for Typing {}
impl Hinter for Typing {
    type Hint = String;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The first word is the command, the rest its arguments.
    #[test]
    fn lines_are_commands_with_arguments() {
        assert_eq!(split("config-get"), ("config-get", ""));
        assert_eq!(split(" lease4-get \"a\": 1"), ("lease4-get", " \"a\": 1"));
        assert_eq!(split("lease4-get{\n}"), ("lease4-get", "{\n}"));
    }

    /// Commands of every daemon that answered are completed, and the shell's own; arguments are not.
    #[test]
    fn commands_are_completed() {
        let answers = json!([
            {"result": 0, "arguments": ["config-get", "config-set"]},
            {"result": 0, "arguments": ["config-get", "shutdown"]},
            {"result": 1, "text": "no"},
        ]);
        let typing = Typing { names: commands(&answers) };
        let complete = |line: &str| typing.candidates(line, line.len());
        assert_eq!(complete(" config-"), (1, vec!["config-get".to_owned(), "config-set".to_owned()]));
        assert_eq!(complete("").1, ["config-get", "config-set", "exit", "help", "quit", "shutdown"]);
        assert_eq!(complete("shut").1, ["shutdown "]);
        assert_eq!(complete("config-get \"con").1, [""; 0]);
        assert_eq!(typing.candidates("config-set", 3).1.len(), 2);
    }

    /// Only a map can go on.
    #[test]
    fn a_map_goes_on_until_it_is_whole() {
        assert!(!is_whole("config-set { \"Dhcp4\": {"));
        assert!(is_whole("config-set { \"Dhcp4\": { } }"));
        assert!(is_whole("config-set } {"));
        assert!(is_whole("lease4-get \"a\": ["));
        assert!(is_whole("config-get"));
    }

    /// Without a home nothing is kept.
    #[test]
    fn the_history_is_kept_at_home() {
        assert_eq!(history(&Environment::from_iter([("HOME", "/h")])), Some("/h/.kea_shell_history".into()));
        assert_eq!(history(&Environment::from_iter([("HOME", "")])), None);
    }
}
