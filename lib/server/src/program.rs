//! The program: from its arguments to a check of the configuration or to serving.

use std::io::Write;
use std::process::ExitCode;

use kotare_config::Input;
use kotare_config::v4::{self, Config4};
use kotare_daemon::args::{self, Invocation, KEA_VERSION, Program, ServerArgs};
use kotare_daemon::logging::{self, Logging};
use kotare_daemon::{Clock, Environment, Notifier, Paths, PidFile, restrict_umask, running_as_root};
use kotare_engine::v4::Ports;

use crate::messages::{
    DHCP4_ALREADY_RUNNING, DHCP4_CONFIG_LOAD_FAIL, DHCP4_INIT_FAIL, DHCP4_ROOT_USER_SECURITY_WARNING,
    DHCP4_SECURITY_CHECKS_DISABLED, DHCP4_START_INFO, DHCP4_STARTING,
};
use crate::prepare::Surroundings;
use crate::{daemon, messages};

/// What this program is called.
pub(crate) const PROGRAM: Program =
    Program { name: "kea-dhcp4", title: "DHCPv4 server", version: env!("CARGO_PKG_VERSION") };

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
        Ok(Invocation::Check { args, full }) => check(environment, args, full),
        Ok(Invocation::Serve(args)) => serve(environment, args),
    }
}

fn surroundings(environment: Environment, args: &ServerArgs) -> Surroundings {
    let clock = Clock::system();
    let tables = [
        messages::MESSAGES,
        kotare_control::messages::MESSAGES,
        kotare_engine::messages::MESSAGES,
        kotare_store_memfile::messages::MESSAGES,
    ];
    let logging = Logging::new(PROGRAM.name, &tables, args.verbose, clock.clone(), &environment);
    Surroundings {
        paths: Paths::new(&environment, !args.relaxed),
        logging,
        clock,
        environment,
        ports: Ports { server: args.server_port, client: args.client_port },
    }
}

/// `-t` and `-T`: judges the configuration and says everything that is wrong with it.
fn check(environment: Environment, args: ServerArgs, full: bool) -> ExitCode {
    let surroundings = surroundings(environment, &args);
    let candidate = match kotare_config::read::<Config4>(Input::File(&args.config), &v4::FILE) {
        Ok(candidate) => candidate,
        Err(refused) => {
            for line in refused.error_lines() {
                logging::to_stderr(&format!("Error encountered: {line}"));
            }
            return ExitCode::FAILURE;
        }
    };
    let mut warnings: Vec<_> = candidate.diagnostics.warnings().map(ToString::to_string).collect();
    if full {
        match surroundings.places(&candidate.config) {
            Ok(places) => warnings.extend(places.warnings),
            Err(error) => {
                logging::to_stderr(&format!("Error encountered: {error}"));
                return ExitCode::FAILURE;
            }
        }
    }
    for warning in warnings {
        logging::to_stderr(&warning);
    }
    if !candidate.without_effect.is_empty() {
        let keywords: Vec<_> = candidate.without_effect.iter().map(ToString::to_string).collect();
        logging::to_stderr(&format!("warning: without effect in this version: {}", keywords.join(", ")));
    }
    print(&format!("{}: the configuration is valid", args.config.display()));
    ExitCode::SUCCESS
}

fn serve(environment: Environment, args: ServerArgs) -> ExitCode {
    let surroundings = surroundings(environment, &args);
    surroundings.logging.install();
    let logging = surroundings.logging.clone();
    restrict_umask();
    DHCP4_STARTING(KEA_VERSION, format_args!("Kotare {}", PROGRAM.version));
    DHCP4_START_INFO(
        std::process::id(),
        args.server_port.unwrap_or(67),
        args.client_port.map_or("default".to_owned(), |port| port.to_string()),
        args.verbose,
    );
    if running_as_root() {
        DHCP4_ROOT_USER_SECURITY_WARNING();
    }
    if args.relaxed {
        DHCP4_SECURITY_CHECKS_DISABLED();
    }
    match run(surroundings, args) {
        Ok(code) => ExitCode::from(code),
        Err(reason) => {
            if !logging.has_console() {
                DHCP4_INIT_FAIL(&reason);
            }
            logging.use_stderr();
            DHCP4_INIT_FAIL(&reason);
            logging.flush();
            ExitCode::FAILURE
        }
    }
}

fn run(surroundings: Surroundings, args: ServerArgs) -> Result<u8, String> {
    let paths = &surroundings.paths;
    paths.make_if_missing(&paths.pid_files).map_err(|error| error.to_string())?;
    let pid_file = PidFile::create(&paths.pid_files, &args.config, PROGRAM.name);
    let _pid_file = pid_file.map_err(|error| {
        if error.is_running() {
            DHCP4_ALREADY_RUNNING(PROGRAM.name, &error);
        }
        error.to_string()
    })?;
    let candidate = kotare_config::read(Input::File(&args.config), &v4::FILE).map_err(|refused| {
        let lines = refused.error_lines();
        for line in &lines {
            DHCP4_CONFIG_LOAD_FAIL(args.config.display(), line);
        }
        lines.join("\n")
    })?;
    let notifier = Notifier::new(&surroundings.environment)
        .map_err(|error| format!("cannot use NOTIFY_SOCKET: {error}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the event loop: {error}"))?;
    runtime.block_on(daemon::serve(surroundings, args, notifier, candidate))
}

/// Writes to standard output; whoever closed it does not want to know.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
