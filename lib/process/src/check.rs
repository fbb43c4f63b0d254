//! What a program does instead of serving: it prints something, or checks a configuration.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use kotare_config::json::{Diagnostics, Topic};
use kotare_config::review::{Grade, review};
use kotare_config::schema::File;
use kotare_config::{Candidate, Configuration, Input};
use kotare_daemon::args::Lint;
use kotare_daemon::logging;

/// Reads a configuration of the form `form` from `file`, lets `judge` look at it, and says everything that is wrong with
/// it; the exit code.
pub fn check<C: Configuration>(
    file: &Path,
    form: &File,
    judge: impl FnOnce(&mut Candidate<C>) -> Result<(), Diagnostics>,
) -> ExitCode {
    check_and_lint(file, form, None, |mut candidate| judge(&mut candidate).map(|()| candidate))
}

/// The same, of what `judge` makes of it, and says with `lint` what is valid and perhaps not meant.
pub fn check_and_lint<C: Configuration>(
    file: &Path,
    form: &File,
    lint: Option<Lint>,
    judge: impl FnOnce(Candidate<C>) -> Result<Candidate<C>, Diagnostics>,
) -> ExitCode {
    let candidate = match kotare_config::read::<C>(Input::File(file), form).and_then(judge) {
        Ok(candidate) => candidate,
        Err(refused) => {
            for error in refused.errors() {
                let what = match error.topic {
                    Topic::Form => "Syntax check failed with",
                    _ => "Error encountered",
                };
                logging::to_stderr(&format!("{what}: {error}"));
            }
            let more = refused.error_count() - refused.errors().count();
            if more > 0 {
                logging::to_stderr(&format!("and {more} more errors"));
            }
            return ExitCode::FAILURE;
        }
    };
    for warning in candidate.diagnostics.warnings() {
        logging::to_stderr(&warning.to_string());
    }
    if !candidate.without_effect.is_empty() {
        let keywords: Vec<_> = candidate.without_effect.iter().map(ToString::to_string).collect();
        logging::to_stderr(&format!("warning: without effect in this version: {}", keywords.join(", ")));
    }
    print(&format!("{}: the configuration is valid", file.display()));
    let Some(lint) = lint else { return ExitCode::SUCCESS };
    let findings = review(&candidate.config, &candidate.written);
    findings.iter().for_each(|finding| logging::to_stderr(&finding.to_string()));
    print(&format!("{}: {findings}", file.display()));
    match lint {
        Lint::Deny if findings.count(Grade::Warning) > 0 => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Writes to standard output; whoever closed it does not want to know.
pub fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
