//! The program: from its arguments to a check of the configuration or to serving.

use std::process::ExitCode;
use std::sync::Arc;

use kotare_config::ddns::ConfigDdns;
use kotare_config::{Document, Input};
use kotare_daemon::args::{self, Invocation, KEA_VERSION, ServerArgs};
use kotare_daemon::logging::{self, Logging};
use kotare_daemon::{
    Clock, Environment, Notifier, Paths, PidFile, Signal, Signals, restrict_umask, running_as_root,
    survive_file_limits,
};
use kotare_process::print;

use crate::daemon::{Daemon, Surroundings};
use crate::generation::Refused;
use crate::judged::Judged;
use crate::messages::*;
use crate::{FILE, NAME, PROGRAM};

/// Runs the program with the arguments of the process; its exit code.
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    match args::parse(&PROGRAM, &environment, std::env::args_os()) {
        Err(error) => {
            logging::to_stderr(&error.0);
            ExitCode::FAILURE
        }
        Ok(Invocation::Print(text)) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Ok(Invocation::Check { args, .. }) => {
            let paths = Paths::new(&environment, !args.relaxed);
            kotare_process::check::<ConfigDdns>(&args.config, FILE, |candidate| {
                candidate.judge(|config, diagnostics| drop(Judged::of(config, &paths, diagnostics)))
            })
        }
        Ok(Invocation::Serve(args)) => serve(environment, args),
    }
}

fn serve(environment: Environment, args: ServerArgs) -> ExitCode {
    survive_file_limits();
    let clock = Clock::system();
    let tables = [
        MESSAGES,
        kotare_ddns::MESSAGES,
        kotare_control::messages::MESSAGES,
        kotare_process::messages::MESSAGES,
    ];
    let logging = Logging::new(PROGRAM.name, &tables, args.verbose, clock.clone(), &environment);
    logging.install();
    restrict_umask();
    let paths = Paths::new(&environment, !args.relaxed);
    let surroundings =
        Surroundings { clock, environment, paths, logging: logging.clone(), args, seed: kotare_daemon::seed };
    let Some(_pid_file) = take_pid_file(&surroundings) else {
        logging.flush();
        return ExitCode::FAILURE;
    };
    DCTL_STARTING(NAME, std::process::id(), KEA_VERSION, format_args!("Kotare {}", PROGRAM.version));
    if running_as_root() {
        DCTL_ROOT_USER_SECURITY_WARNING(NAME);
    }
    let code = run(surroundings).map(ExitCode::from).unwrap_or_else(|failure| {
        if !logging.has_console() {
            failure.tell();
        }
        logging.use_stderr();
        failure.tell();
        ExitCode::FAILURE
    });
    logging.flush();
    code
}

/// The pid file; `None` if the server must not or cannot run, which has been told then.
fn take_pid_file(surroundings: &Surroundings) -> Option<PidFile> {
    let Surroundings { args, paths, .. } = surroundings;
    let unmade = paths.make_if_missing(&paths.pid_files).err();
    match PidFile::create(&paths.pid_files, &args.config, PROGRAM.name) {
        Ok(file) => return Some(file),
        Err(error) if error.is_running() => {
            logging::to_stderr(&format!("{} already running? {error}", PROGRAM.name));
            DCTL_ALREADY_RUNNING(PROGRAM.name, error);
        }
        Err(error) => {
            let hint = unmade.map(|unmade| format!("; {unmade}")).unwrap_or_default();
            logging::to_stderr(&format!("{}: {error}{hint}", PROGRAM.name));
            DCTL_PID_FILE_ERROR(NAME, format_args!("{error}{hint}"));
        }
    }
    None
}

/// Why the server does not run.
enum Failure {
    /// Its configuration cannot be used.
    Refused(Refused),
    /// The system does not give what every server needs.
    System(String),
}

impl Failure {
    fn tell(&self) {
        match self {
            Self::Refused(reason) => DCTL_CONFIG_FILE_LOAD_FAIL(NAME, reason),
            Self::System(reason) => {
                DHCP_DDNS_FAILED(reason);
                DCTL_PROCESS_FAILED(NAME, reason);
            }
        }
    }
}

/// Serves until told to end; the exit code, or why the server could not start.
fn run(surroundings: Surroundings) -> Result<u8, Failure> {
    let system = |what: &str, error: std::io::Error| Failure::System(format!("cannot {what}: {error}"));
    let document = Document::open(Input::File(&surroundings.args.config), FILE);
    let document = document.map_err(|wrong| Failure::Refused(Refused::Written(wrong)))?;
    // Whether it can be used or not is to be found where its loggers write.
    if let Some(loggers) = document.loggers() {
        kotare_process::log_by(&loggers, &surroundings.paths, &surroundings.logging);
    }
    let candidate =
        document.judge::<ConfigDdns>().map_err(|wrong| Failure::Refused(Refused::Written(wrong)))?;
    let notifier =
        Notifier::new(&surroundings.environment).map_err(|error| system("use NOTIFY_SOCKET", error))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| system("start the event loop", error))?;
    let code = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(|error| system("listen to signals", error))?;
        let relaxed = surroundings.args.relaxed;
        let daemon = Daemon::start(surroundings, notifier, candidate).await.map_err(Failure::Refused)?;
        DHCP_DDNS_STARTED(KEA_VERSION);
        if relaxed {
            DHCP_DDNS_SECURITY_CHECKS_DISABLED();
        }
        let code = follow(&daemon, &mut signals).await;
        daemon.stop().await;
        Ok(code)
    });
    // Nothing that is left is waited for.
    runtime.shutdown_background();
    if code.is_ok() {
        DHCP_DDNS_RUN_EXIT();
        DCTL_SHUTDOWN(NAME, std::process::id(), KEA_VERSION);
    }
    code
}

/// Reacts to signals until the server shall end; the exit code.
async fn follow(daemon: &Arc<Daemon>, signals: &mut Signals) -> u8 {
    loop {
        tokio::select! {
            signal = signals.next() => match signal {
                Signal::Reload => {
                    DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD(signal.number(), daemon.configuration_file().display());
                    if let Err(refused) = daemon.reload().await {
                        DCTL_CFG_FILE_RELOAD_ERROR(refused);
                    }
                }
                Signal::Terminate | Signal::Interrupt => {
                    DCTL_SHUTDOWN_SIGNAL_RECVD(signal.number());
                    return 0;
                }
            },
            code = daemon.ended() => return code,
        }
    }
}
