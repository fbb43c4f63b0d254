//! `kea-lfc`: cleans up the lease files of a server, one row for each lease.
//!
//! The server moves its lease file to the copy and starts this program, which writes the result beside it at low
//! priority and then puts it in the place of the previous result. It can be stopped at any point: the next one
//! goes on. The algorithm is the memfile backend's; this is its process.

mod args;
mod messages;

use std::io::Write;
use std::process::ExitCode;

use kotare_daemon::logging::{Destination, LoggerConfig, Logging, LoggingConfig, OutputConfig, Threshold};
use kotare_daemon::{Clock, Environment, restrict_umask};
use kotare_pid_file::{PidFile, PidFileError, Wait};
use kotare_store_memfile::{LfcFiles, PROGRAM, cleanup};

use args::{Family, Invocation};
use messages::{
    LFC_FAIL_PID_CREATE, LFC_FAIL_PID_DEL, LFC_FAIL_PROCESS, LFC_FAIL_ROTATE, LFC_PROCESSING, LFC_READ_STATS,
    LFC_ROTATING, LFC_RUNNING, LFC_START, LFC_TERMINATE, LFC_WRITE_STATS,
};

/// The root logger, as Kea calls it.
const ROOT: &str = "DhcpLFC";

/// The least urgent of all.
const NICENESS: i32 = 19;

fn main() -> ExitCode {
    restrict_umask();
    match args::parse(std::env::args_os()) {
        Ok(Invocation::Print(text)) => {
            // Nobody to tell if standard output is closed.
            drop(std::io::stdout().write_all(text.as_bytes()));
            ExitCode::SUCCESS
        }
        Ok(Invocation::Clean { family: Family::V4, files, verbose }) => {
            let logging = log_to(if verbose { "stdout" } else { "syslog" });
            let code = run(&files);
            logging.flush();
            code
        }
        Ok(Invocation::Clean { family: Family::V6, .. }) => {
            kotare_daemon::logging::to_stderr(
                "kea-lfc cleans up lease files of DHCPv4 (-4) only; those of DHCPv6 (-6) are left as they are",
            );
            ExitCode::FAILURE
        }
        Err(text) => {
            kotare_daemon::logging::to_stderr(text.trim_end());
            ExitCode::FAILURE
        }
    }
}

/// Cleans up unless somebody else does. Failure if anything could not be done.
fn run(files: &LfcFiles) -> ExitCode {
    LFC_START();
    match enter(files) {
        Ok(true) => {}
        Ok(false) => {
            LFC_RUNNING();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            LFC_FAIL_PID_CREATE(error);
            return ExitCode::FAILURE;
        }
    }
    // Not being allowed to be modest is no reason to fail.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    let _ = kotare_net::idle_io();
    let mut code = ExitCode::SUCCESS;
    if !files.finish.exists() {
        LFC_PROCESSING(files.previous.display(), files.copy.display());
    }
    match cleanup(files) {
        Ok((cleaned, finish)) => {
            // There is none if an earlier cleanup came that far.
            if let Some(cleaned) = cleaned {
                LFC_READ_STATS(cleaned.read, cleaned.rows, cleaned.errors);
                LFC_WRITE_STATS(cleaned.written, cleaned.written, 0);
            }
            LFC_ROTATING();
            if let Err(error) = finish.rotate() {
                LFC_FAIL_ROTATE(error);
                code = ExitCode::FAILURE;
            }
        }
        Err(error) => {
            LFC_FAIL_PROCESS(error);
            code = ExitCode::FAILURE;
        }
    }
    if let Err(error) = leave(files) {
        LFC_FAIL_PID_DEL(error);
        code = ExitCode::FAILURE;
    }
    LFC_TERMINATE();
    code
}

/// Puts this process's pid into the pid file, unless another cleanup's is there. The server may have written it
/// already.
fn enter(files: &LfcFiles) -> Result<bool, PidFileError> {
    let Some(pid_file) = PidFile::lock(&files.pid, Wait::Yes)? else { return Ok(false) };
    let own = std::process::id();
    match pid_file.holder(PROGRAM)? {
        Some(pid) if pid != own => Ok(false),
        Some(_) => Ok(true),
        None => pid_file.write(own).map(|()| true),
    }
}

fn leave(files: &LfcFiles) -> Result<(), PidFileError> {
    match PidFile::lock(&files.pid, Wait::Yes)? {
        Some(pid_file) => pid_file.remove(),
        None => Ok(()),
    }
}

/// Logs INFO and above to one place.
fn log_to(destination: &str) -> Logging {
    let tables = [messages::MESSAGES, kotare_store_memfile::messages::MESSAGES];
    let logging = Logging::new(ROOT, &tables, false, Clock::system(), &Environment::of_process());
    logging.configure(&LoggingConfig {
        loggers: vec![LoggerConfig {
            name: ROOT.into(),
            severity: Some(Threshold::Info),
            outputs: vec![OutputConfig::new(Destination::parse(destination))],
        }],
    });
    logging.install();
    logging
}
