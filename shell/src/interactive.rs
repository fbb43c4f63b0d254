//! Commands one after another, typed at a terminal.

use std::path::PathBuf;
use std::process::ExitCode;

use kotare_command_line::shell::Args;
use kotare_control::Request;
use kotare_daemon::Environment;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::catalogue::Catalogue;
use crate::completion::{self, Typing};
use crate::connection::Connection;
use crate::{output, print, request, tell};

const PROMPT: &str = "kea> ";

/// Words that are not sent.
const OWN: [&str; 3] = ["exit", completion::HELP, "quit"];

const HELP: &str = "\
COMMAND [ARGUMENTS]  sends a command; its arguments are the members of a JSON map, or the map:
                       stat-lease4-get \"subnet-id\": 1
                       lease4-get { \"ip-address\": \"192.0.2.1\" }
                     A map may go on over several lines.
list-commands        shows the server's commands
help COMMAND         shows what a command does and the arguments that it takes
help                 shows this
exit, quit, ^D       end
The tabulator completes the names of commands and of their arguments.";

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
    let mut editor: Editor<Typing<'_>, FileHistory> = Editor::with_config(configuration).map_err(terminal)?;
    let history = history(&Environment::of_process());
    if let Some(file) = &history {
        // There is none the first time.
        let _ = editor.load_history(file);
    }
    let catalogue = Catalogue::new();
    let names = names(connection, runtime, args).unwrap_or_else(|error| {
        tell(&format!("The server does not say which commands it has: {error}"));
        catalogue.names().map(str::to_owned).collect()
    });
    editor.set_helper(Some(Typing { names: typed_first(names), catalogue: &catalogue }));
    let end = loop {
        match editor.readline(PROMPT) {
            Ok(line) => match split(&line) {
                ("", "") => {}
                ("exit" | "quit", _) => break Ok(ExitCode::SUCCESS),
                (completion::HELP, command) => help(&catalogue, command.trim()),
                _ => send(&line, connection, runtime, args).unwrap_or_else(|error| tell(&error)),
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

/// Shows what can be typed, or what a command does and takes.
fn help(catalogue: &Catalogue, command: &str) {
    if command.is_empty() {
        print(HELP);
        return;
    }
    match catalogue.help(command) {
        Ok(text) => _ = print(&text),
        Err(error) => tell(&error),
    }
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
pub(crate) fn split(line: &str) -> (&str, &str) {
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
    Ok(listed(&answer))
}

fn listed(answer: &Value) -> Vec<String> {
    let answers = match answer {
        Value::Array(answers) => answers.as_slice(),
        one => std::slice::from_ref(one),
    };
    let listed = answers.iter().filter_map(|answer| answer.get("arguments")?.as_array()).flatten();
    listed.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What can be typed first: these commands, and the shell's own words.
fn typed_first(mut names: Vec<String>) -> Vec<String> {
    names.extend(OWN.map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

/// Where the history of this user is kept.
fn history(environment: &Environment) -> Option<PathBuf> {
    let home = environment.var("HOME").filter(|home| !home.is_empty())?;
    Some(PathBuf::from(home).join(".kea_shell_history"))
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

    /// Commands of every daemon that answered are known, and the shell's own.
    #[test]
    fn commands_are_those_of_every_daemon() {
        let answers = json!([
            {"result": 0, "arguments": ["config-get", "config-set"]},
            {"result": 0, "arguments": ["config-get", "shutdown"]},
            {"result": 1, "text": "no"},
        ]);
        assert_eq!(listed(&answers), ["config-get", "config-set", "config-get", "shutdown"]);
        let names = typed_first(listed(&answers));
        assert_eq!(names, ["config-get", "config-set", "exit", "help", "quit", "shutdown"]);
    }

    /// Without a home nothing is kept.
    #[test]
    fn the_history_is_kept_at_home() {
        assert_eq!(history(&Environment::from_iter([("HOME", "/h")])), Some("/h/.kea_shell_history".into()));
        assert_eq!(history(&Environment::from_iter([("HOME", "")])), None);
    }
}
