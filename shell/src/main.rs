//! `kea-shell`: sends a command to a server, over HTTP, HTTPS or its UNIX control socket, and shows the answer.
//!
//! The command is an argument, its own arguments come from standard input. Where that is a terminal and no command is
//! given, commands are asked for one after another.

mod catalogue;
mod completion;
mod connection;
mod credentials;
mod explain;
mod http;
mod interactive;
mod output;
mod request;
mod table;

use std::io::{IsTerminal, Write, stdin};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use kotare_command_line::shell::{Args, Output, Task};
use kotare_daemon::args::{KEA_VERSION, full_version};
use tokio::runtime::Runtime;

use catalogue::Catalogue;
use connection::Connection;

/// What is asked for where no command is given.
const DEFAULT_COMMAND: &str = "list-commands";

fn main() -> ExitCode {
    let args = Args::parse();
    if args.help {
        return help(&args);
    }
    if args.version {
        return print(KEA_VERSION);
    }
    if args.extended {
        return print(&full_version());
    }
    run(args).unwrap_or_else(|error| {
        tell(&format!("Failed to run: {error}"));
        ExitCode::FAILURE
    })
}

/// Shows how the program is used, or what a command does and takes.
fn help(args: &Args) -> ExitCode {
    let Some(command) = &args.command else {
        let mut usage = Args::command();
        usage.build();
        let own = args.task.as_ref().map(|Task::Explain(_)| "explain");
        let usage = own.and_then(|own| usage.find_subcommand(own)).unwrap_or(&usage);
        return print(usage.clone().render_long_help().to_string().trim_end());
    };
    match Catalogue::new().help(command) {
        Ok(text) => print(&text),
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

/// Sends what is asked for. On an error: why there is no answer.
fn run(args: Args) -> Result<ExitCode, String> {
    let connection = Connection::new(&args)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot prepare for waiting: {error}"))?;
    let code = if let Some(Task::Explain(explain)) = &args.task {
        explain::run(&connection, &runtime, explain, &args.service)
    } else if args.command.is_none() && stdin().is_terminal() {
        interactive::run(&connection, &runtime, &args)
    } else {
        single(&connection, &runtime, &args)
    };
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    code
}

/// One command, its arguments from standard input.
fn single(connection: &Connection, runtime: &Runtime, args: &Args) -> Result<ExitCode, String> {
    let command = args.command.as_deref().unwrap_or(DEFAULT_COMMAND);
    let text = request::read(stdin().lock())?;
    let request = request::of(command, &text, &args.service)?;
    let answer = runtime.block_on(connection.send(request))?;
    match args.output {
        // As it came: scripts compare it.
        Output::Json => Ok(print(&answer)),
        output => {
            let shown = output::show(&answer, output)?;
            print(shown.text.trim_end_matches('\n'));
            Ok(conclude(&shown.refusals))
        }
    }
}

/// Tells what was refused, if anything was.
fn conclude(refusals: &[String]) -> ExitCode {
    for refusal in refusals {
        tell(refusal);
    }
    if refusals.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Shows `text` on standard output, unless it is empty.
fn print(text: &str) -> ExitCode {
    let mut output = std::io::stdout().lock();
    if text.is_empty() || writeln!(output, "{text}").and_then(|()| output.flush()).is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Shows `text` on standard error.
fn tell(text: &str) {
    kotare_daemon::logging::to_stderr(text);
}
