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
use kotare_daemon::{Clock, Environment, restrict_umask, survive_file_limits};
use kotare_model::{Lease4, Lease6};
use kotare_pid_file::{PidFile, PidFileError, Wait};
use kotare_store_memfile::{Kept, LfcFiles, PROGRAM, cleanup, is_full};

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
    survive_file_limits();
    restrict_umask();
    match args::parse(std::env::args_os()) {
        Ok(Invocation::Print(text)) => {
            // Nobody to tell if standard output is closed.
            drop(std::io::stdout().write_all(text.as_bytes()));
            ExitCode::SUCCESS
        }
        Ok(Invocation::Clean { family, files, verbose }) => {
            let logging = log_to(if verbose { "stdout" } else { "syslog" });
            let code = match family {
                Family::V4 => run::<Lease4>(&files),
                Family::V6 => run::<Lease6>(&files),
            };
            logging.flush();
            code
        }
        Err(text) => {
            kotare_daemon::logging::to_stderr(text.trim_end());
            ExitCode::FAILURE
        }
    }
}

/// Cleans up unless somebody else does. Failure if anything could not be done.
fn run<L: Kept>(files: &LfcFiles) -> ExitCode {
    LFC_START();
    let entered = match enter(files) {
        Ok(Some(entered)) => entered,
        Ok(None) => {
            LFC_RUNNING();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            LFC_FAIL_PID_CREATE(error);
            return ExitCode::FAILURE;
        }
    };
    // Not being allowed to be modest is no reason to fail.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    let _ = kotare_net::idle_io();
    let mut code = ExitCode::SUCCESS;
    if !files.is_finished().unwrap_or_default() {
        LFC_PROCESSING(files.previous.display(), files.copy.display());
    }
    match cleanup::<L>(files) {
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
    if let Err(error) = leave(files, entered) {
        LFC_FAIL_PID_DEL(error);
        code = ExitCode::FAILURE;
    }
    LFC_TERMINATE();
    code
}

/// What says that this cleanup is at work.
enum Entered {
    /// Its pid in the pid file.
    Pid,
    /// The lock of the pid file, for as long as it takes: on a full disk, where a cleanup is needed most, there may be no
    /// room for a pid.
    Lock(PidFile),
}

/// Puts this process's pid into the pid file, unless another cleanup's is there. The server may have written it
/// already.
fn enter(files: &LfcFiles) -> Result<Option<Entered>, PidFileError> {
    let Some(pid_file) = PidFile::lock(&files.pid, Wait::Yes)? else { return Ok(None) };
    let own = std::process::id();
    match pid_file.holder(PROGRAM)? {
        Some(pid) if pid != own => Ok(None),
        Some(_) => Ok(Some(Entered::Pid)),
        None => match pid_file.write(own) {
            Ok(()) => Ok(Some(Entered::Pid)),
            Err(error) if is_full(&error.source) => Ok(Some(Entered::Lock(pid_file))),
            Err(error) => Err(error),
        },
    }
}

fn leave(files: &LfcFiles, entered: Entered) -> Result<(), PidFileError> {
    match entered {
        Entered::Lock(pid_file) => pid_file.remove(),
        Entered::Pid => match PidFile::lock(&files.pid, Wait::Yes)? {
            Some(pid_file) => pid_file.remove(),
            None => Ok(()),
        },
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
