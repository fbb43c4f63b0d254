//! The program of a daemon that is no DHCP server: from its arguments to a check of its configuration or to serving.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kotare_config::json::Diagnostics;
use kotare_config::schema::{self, File};
use kotare_config::{Candidate, Configuration, Document, Input};
use kotare_control::Request;
use kotare_daemon::args::{self, Invocation, KEA_VERSION, Program, ServerArgs};
use kotare_daemon::logging::{self, Logging, LoggingConfig, Prepared};
use kotare_daemon::{
    Clock, Environment, Notifier, Paths, PidFile, Signal, Signals, restrict_umask, running_as_root,
    survive_file_limits,
};
use kotare_messages::Message;

use crate::messages::*;
use crate::{log_by, print, sent};

/// What a daemon is started with. All of it is given.
#[derive(Debug)]
pub struct Surroundings {
    /// The clock.
    pub clock: Clock,
    /// The environment variables.
    pub environment: Environment,
    /// Where files may be.
    pub paths: Paths,
    /// The log.
    pub logging: Logging,
    /// The command line.
    pub args: ServerArgs,
}

/// A daemon that is no DHCP server.
pub trait Daemon: Sized + Send + Sync + 'static {
    /// What is configured.
    type Config: Configuration + 'static;
    /// Why a configuration cannot be used.
    type Refused: Display + From<Diagnostics>;

    /// The program.
    const PROGRAM: Program;
    /// The form of its configuration files.
    const FILE: &'static File;
    /// What the log calls it.
    const NAME: &'static str;
    /// What it says of itself.
    const WORDS: Words;

    /// Its log messages.
    fn messages() -> Vec<&'static [Message]>;

    /// Judges a configuration that is not going to be used.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check(candidate: &mut Candidate<Self::Config>, paths: &Paths) -> Result<(), Diagnostics>;

    /// Starts with this configuration, and tells `notifier` how it does.
    fn start(
        surroundings: Surroundings,
        notifier: Notifier,
        candidate: Candidate<Self::Config>,
    ) -> impl Future<Output = Result<Arc<Self>, Self::Refused>>;

    /// Reads the configuration file anew.
    fn reload(self: &Arc<Self>) -> impl Future<Output = Result<(), Self::Refused>>;

    /// Waits until something asks the daemon to end; the exit code.
    fn ended(&self) -> impl Future<Output = u8>;

    /// Stops.
    fn stop(&self) -> impl Future<Output = ()>;

    /// What hears how it does.
    fn notifier(&self) -> &Notifier;
}

/// What a daemon says of itself in words of its own.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// It has started, with this version.
    pub started: fn(&dyn Display),
    /// Files may be anywhere.
    pub security_checks_disabled: fn(),
    /// It cannot start, for this reason.
    pub failed: fn(&dyn Display),
    /// It ends.
    pub run_exit: fn(),
}

/// Runs the program with the arguments of the process; its exit code.
pub fn main<D: Daemon>() -> ExitCode {
    let environment = Environment::of_process();
    match args::parse(&D::PROGRAM, &environment, std::env::args_os()) {
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
            crate::check::<D::Config>(&args.config, D::FILE, |candidate| D::check(candidate, &paths))
        }
        Ok(Invocation::Serve(args)) => serve::<D>(environment, args),
    }
}

fn serve<D: Daemon>(environment: Environment, args: ServerArgs) -> ExitCode {
    survive_file_limits();
    let clock = Clock::system();
    let shared = [kotare_control::messages::MESSAGES, MESSAGES];
    let tables = [D::messages(), shared.to_vec()].concat();
    let logging = Logging::new(D::PROGRAM.name, &tables, args.verbose, clock.clone(), &environment);
    logging.install();
    restrict_umask();
    let paths = Paths::new(&environment, !args.relaxed);
    let surroundings = Surroundings { clock, environment, paths, logging: logging.clone(), args };
    let Some(_pid_file) = take_pid_file::<D>(&surroundings) else {
        logging.flush();
        return ExitCode::FAILURE;
    };
    let version = format_args!("Kotare {}", D::PROGRAM.version);
    DCTL_STARTING(D::NAME, std::process::id(), KEA_VERSION, version);
    if running_as_root() {
        DCTL_ROOT_USER_SECURITY_WARNING(D::NAME);
    }
    let code = run::<D>(surroundings).map(ExitCode::from).unwrap_or_else(|failure| {
        if !logging.has_console() {
            failure.tell::<D>();
        }
        logging.use_stderr();
        failure.tell::<D>();
        ExitCode::FAILURE
    });
    logging.flush();
    code
}

/// The pid file; `None` if the daemon must not or cannot run, which has been told then.
fn take_pid_file<D: Daemon>(surroundings: &Surroundings) -> Option<PidFile> {
    let Surroundings { args, paths, .. } = surroundings;
    let program = D::PROGRAM.name;
    let unmade = paths.make_if_missing(&paths.pid_files).err();
    match PidFile::create(&paths.pid_files, &args.config, program) {
        Ok(file) => return Some(file),
        Err(error) if error.is_running() => {
            logging::to_stderr(&format!("{program} already running? {error}"));
            DCTL_ALREADY_RUNNING(program, error);
        }
        Err(error) => {
            let hint = unmade.map(|unmade| format!("; {unmade}")).unwrap_or_default();
            logging::to_stderr(&format!("{program}: {error}{hint}"));
            DCTL_PID_FILE_ERROR(D::NAME, format_args!("{error}{hint}"));
        }
    }
    None
}

/// Why the daemon does not run.
enum Failure {
    /// Its configuration cannot be used.
    Refused(String),
    /// The system does not give what every daemon needs.
    System(String),
}

impl Failure {
    fn refused<R: Display>(reason: R) -> Self {
        Self::Refused(reason.to_string())
    }

    fn tell<D: Daemon>(&self) {
        match self {
            Self::Refused(reason) => DCTL_CONFIG_FILE_LOAD_FAIL(D::NAME, reason),
            Self::System(reason) => {
                (D::WORDS.failed)(reason);
                DCTL_PROCESS_FAILED(D::NAME, reason);
            }
        }
    }
}

/// Serves until told to end; the exit code, or why the daemon could not start.
fn run<D: Daemon>(surroundings: Surroundings) -> Result<u8, Failure> {
    let system = |what: &str, error: std::io::Error| Failure::System(format!("cannot {what}: {error}"));
    let wrong = |wrong: Diagnostics| Failure::refused(D::Refused::from(wrong));
    let document = Document::open(Input::File(&surroundings.args.config), D::FILE).map_err(wrong)?;
    // Whether it can be used or not is to be found where its loggers write.
    if let Some(loggers) = document.loggers() {
        log_by(&loggers, &surroundings.paths, &surroundings.logging);
    }
    let candidate = document.judge::<D::Config>().map_err(wrong)?;
    let notifier =
        Notifier::new(&surroundings.environment).map_err(|error| system("use NOTIFY_SOCKET", error))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| system("start the event loop", error))?;
    let code = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(|error| system("listen to signals", error))?;
        let (relaxed, file) = (surroundings.args.relaxed, surroundings.args.config.clone());
        let daemon = D::start(surroundings, notifier, candidate).await.map_err(Failure::refused)?;
        tokio::spawn(stay_alive(Arc::downgrade(&daemon)));
        (D::WORDS.started)(&KEA_VERSION);
        if relaxed {
            (D::WORDS.security_checks_disabled)();
        }
        let code = follow(&daemon, &file, &mut signals).await;
        daemon.stop().await;
        Ok(code)
    });
    // Nothing that is left is waited for.
    runtime.shutdown_background();
    if code.is_ok() {
        (D::WORDS.run_exit)();
        DCTL_SHUTDOWN(D::NAME, std::process::id(), KEA_VERSION);
    }
    code
}

/// Reacts to signals until the daemon shall end; the exit code.
async fn follow<D: Daemon>(daemon: &Arc<D>, file: &Path, signals: &mut Signals) -> u8 {
    loop {
        tokio::select! {
            signal = signals.next() => match signal {
                Signal::Reload => {
                    DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD(signal.number(), file.display());
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

/// Tells the service manager, if it wants to know, that the event loop turns, as long as there is the daemon.
async fn stay_alive<D: Daemon>(daemon: Weak<D>) {
    let interval = daemon.upgrade().and_then(|daemon| daemon.notifier().watchdog_interval());
    let Some(interval) = interval else { return };
    while let Some(daemon) = daemon.upgrade() {
        daemon.notifier().alive();
        drop(daemon);
        tokio::time::sleep(interval.min(Duration::from_secs(1))).await;
    }
}

impl Surroundings {
    /// The outputs of the log, opened.
    ///
    /// # Errors
    /// Why one cannot be.
    pub fn prepare_logging(&self, config: &LoggingConfig) -> Result<Prepared, String> {
        for folder in config.files().filter_map(Path::parent) {
            self.paths.make_if_missing(folder).map_err(|error| error.to_string())?;
        }
        let prepared = self.logging.prepare(config);
        match prepared.problems().first() {
            Some(problem) => Err(problem.clone()),
            None => Ok(prepared),
        }
    }
}

/// A configuration as the log shows it, without its secrets.
pub fn shown<C: Configuration>(candidate: &Candidate<C>) -> serde_json::Value {
    schema::redacted(&candidate.written.shown(candidate.config.definitions()))
}

/// The configuration in the arguments of a command.
///
/// # Errors
/// Why there is none that can be read.
pub fn candidate<D: Daemon>(command: &str, request: Request) -> Result<Candidate<D::Config>, String> {
    let root = D::FILE.global.name;
    let (arguments, others) = sent(request, root)?;
    for other in &others {
        DCTL_CONFIG_DEPRECATED(format_args!(
            "'{other}', defining anything in global level besides '{root}' is no longer supported."
        ));
    }
    if let Some((first, more)) = others.split_first() {
        let more: String = more.iter().map(|other| format!(" (and '{other}')")).collect();
        return Err(format!("'arguments' parameter contains unsupported '{first}' parameter{more}"));
    }
    kotare_config::read(Input::Command(command, &arguments), D::FILE)
        .map_err(|refused| refused.error_lines().join("; "))
}
