//! The program: from its arguments to a check of the configuration or to serving.

use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use kotare_control::Request;
use kotare_control::messages::COMMAND_RECEIVED;
use kotare_daemon::args::{self, Invocation, KEA_VERSION, Lint, ServerArgs};
use kotare_daemon::logging::{self, Logging};
use kotare_daemon::{
    Clock, Environment, Notifier, Paths, PidFile, Signal, Signals, restrict_umask, running_as_root, seed,
    survive_file_limits,
};
use kotare_process::print;
use kotare_store::StoreError;
use kotare_store_memfile::Options;
use tokio::sync::Notify;

use crate::family::Family;
use crate::network::Network;
use crate::stores::Open;
use crate::surroundings::Surroundings;
use crate::{Daemon, Unprepared, messages, reading};

/// What a program serves with, besides what its family is.
struct Outside<F: Family> {
    environment: Environment,
    network: fn(&ServerArgs) -> F::Network,
    open: Open<F::Store>,
}

/// Runs the program with the arguments of the process; its exit code. `network` is where packets come from, `open` opens
/// the lease store.
pub fn main<F: Family>(
    network: fn(&ServerArgs) -> F::Network,
    open: fn(Options) -> Result<F::Store, StoreError>,
) -> ExitCode {
    let outside = Outside::<F> { environment: Environment::of_process(), network, open: Arc::new(open) };
    match args::parse(&F::PROGRAM, &outside.environment, std::env::args_os()) {
        Err(error) => {
            logging::to_stderr(&error.0);
            ExitCode::FAILURE
        }
        Ok(Invocation::Print(text)) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Ok(Invocation::Check { args, full, lint }) => check(outside, args, full, lint),
        Ok(Invocation::Serve(args)) => serve(outside, args),
    }
}

fn surroundings<F: Family>(outside: Outside<F>, args: ServerArgs) -> Surroundings<F> {
    let Outside { environment, network, open } = outside;
    let clock = Clock::system();
    let shared = [
        messages::MESSAGES,
        kotare_control::messages::MESSAGES,
        kotare_process::messages::MESSAGES,
        kotare_store_memfile::messages::MESSAGES,
    ];
    let tables: Vec<_> = shared.iter().chain(F::MESSAGES).chain(kotare_modules::MESSAGES).copied().collect();
    let logging = Logging::new(F::PROGRAM.name, &tables, args.verbose, clock.clone(), &environment);
    Surroundings {
        paths: Paths::new(&environment, !args.relaxed),
        network: Arc::new(network(&args)),
        open,
        seed: Box::new(seed),
        logging,
        clock,
        environment,
        args,
    }
}

/// `-t` and `-T`: judges the configuration and says everything that is wrong with it, with `-T` also what databases have of
/// it and whether they can be used; with `--lint` also what is perhaps not meant.
fn check<F: Family>(outside: Outside<F>, args: ServerArgs, full: bool, lint: Option<Lint>) -> ExitCode {
    let surroundings = surroundings(outside, args);
    kotare_process::check_and_lint::<F::Config>(&surroundings.args.config, F::FILE, lint, |candidate| {
        match full {
            true => surroundings.judge_reached(candidate),
            false => surroundings.judge_contents(candidate),
        }
    })
}

fn serve<F: Family>(outside: Outside<F>, args: ServerArgs) -> ExitCode {
    survive_file_limits();
    let surroundings = surroundings(outside, args);
    surroundings.logging.install();
    let logging = surroundings.logging.clone();
    restrict_umask();
    let args = &surroundings.args;
    F::WORDS.starting(KEA_VERSION, format_args!("Kotare {}", F::PROGRAM.version));
    F::WORDS.start_info(
        std::process::id(),
        surroundings.network.server_port(),
        args.client_port.map_or("default".to_owned(), |port| port.to_string()),
        args.verbose,
    );
    if running_as_root() {
        F::WORDS.root_user_security_warning();
    }
    if args.relaxed {
        F::WORDS.security_checks_disabled();
    }
    if args.repairs {
        F::WORDS.cb_repair_mode_enabled();
    }
    let Some(_pid_file) = take_pid_file(&surroundings) else {
        logging.flush();
        return ExitCode::FAILURE;
    };
    let code = run(surroundings).map(ExitCode::from).unwrap_or_else(|reason| {
        if !logging.has_console() {
            F::WORDS.init_fail(&reason);
        }
        logging.use_stderr();
        F::WORDS.init_fail(&reason);
        ExitCode::FAILURE
    });
    logging.flush();
    code
}

/// The pid file; `None` if the server must not or cannot run, which has been told then, as Kea does: on standard error,
/// whatever becomes of the log, and there.
fn take_pid_file<F: Family>(surroundings: &Surroundings<F>) -> Option<PidFile> {
    let Surroundings { args, paths, .. } = surroundings;
    let program = F::PROGRAM.name;
    // Without the directory there is no file, either; what makes it is told with that.
    let unmade = paths.make_if_missing(&paths.pid_files).err();
    match PidFile::create(&paths.pid_files, &args.config, program) {
        Ok(file) => return Some(file),
        Err(error) if error.is_running() => {
            logging::to_stderr(&format!("{program} already running? {error}"));
            F::WORDS.already_running(program, error);
        }
        Err(error) => {
            let hint = unmade.map(|unmade| format!("; {unmade}")).unwrap_or_default();
            logging::to_stderr(&format!("{program}: Fatal error during start up: {error}{hint}"));
            F::WORDS.server_failed(format_args!("{error}{hint}"));
        }
    }
    None
}

/// Serves until told to end; the exit code, or why the server could not start.
fn run<F: Family>(surroundings: Surroundings<F>) -> Result<u8, String> {
    let file = surroundings.args.config.clone();
    let refused = |reason: Unprepared| {
        match &reason {
            Unprepared::Sockets(_) => F::WORDS.fatal_open_sockets_failed(0),
            other => reading::tell::<F>(other),
        }
        reading::tell_refused::<F>(&file, &reason)
    };
    let candidate = reading::read::<F>(&file, |loggers| {
        kotare_process::log_by(loggers, &surroundings.paths, &surroundings.logging);
    })
    .map_err(|wrong| refused(Unprepared::Written(wrong)))?;
    let notifier = Notifier::new(&surroundings.environment)
        .map_err(|error| format!("cannot use NOTIFY_SOCKET: {error}"))?;
    // Packets have threads of their own; here two are enough for one to answer while the other is at something.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the event loop: {error}"))?;
    let code = runtime.block_on(async {
        let signals = Signals::listen().map_err(|error| format!("cannot listen to signals: {error}"))?;
        let reload = Notify::new();
        let mut told_to_end = pin!(told_to_end::<F>(signals, &reload));
        // A start may wait for a database, and reading anew may take long: neither keeps a server from ending.
        let daemon = tokio::select! {
            () = &mut told_to_end => return Ok(0),
            started = Daemon::start(surroundings, notifier, candidate) => started.map_err(refused)?,
        };
        F::WORDS.started(KEA_VERSION);
        let code = tokio::select! {
            () = told_to_end => 0,
            code = daemon.ended() => code,
            code = reload_when_told(&daemon, &reload) => code,
        };
        daemon.stop().await;
        Ok(code)
    });
    // What is being read or rendered for somebody who does not get it any more is not waited for.
    runtime.shutdown_background();
    code
}

/// Follows signals until one says that the server shall end. Of those that say that it shall read its configuration anew
/// `reload` hears.
async fn told_to_end<F: Family>(mut signals: Signals, reload: &Notify) {
    while signals.next().await == Signal::Reload {
        reload.notify_one();
    }
    COMMAND_RECEIVED("shutdown");
    F::WORDS.shutdown_request();
}

/// Has a server read its configuration anew whenever `reload` hears that it shall, and never ends.
async fn reload_when_told<F: Family>(daemon: &Daemon<F>, reload: &Notify) -> u8 {
    loop {
        reload.notified().await;
        // As a command, so that it takes its turn with others. The outcome is in the log.
        drop(daemon.execute(Request::new("config-reload")).await);
    }
}
