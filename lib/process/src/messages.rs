//! Log messages of every daemon, and those about its configuration, whatever it serves.

kotare_messages::messages! {
    Warn "dctl" KOTARE_CONFIG_NO_EFFECT(keywords) = "this version keeps these parameters but does not act on them yet: {keywords}";
    Fatal "dctl" DCTL_ALREADY_RUNNING(program, reason) = "{program} already running? {reason}";
    Error "dctl" DCTL_CFG_FILE_RELOAD_ERROR(reason) = "configuration reload failed: {reason}, reverting to current configuration.";
    Info "dctl" DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD(signal, file) = "OS signal {signal} received, reloading configuration from file: {file}";
    Info "dctl" DCTL_CONFIG_COMPLETE(summary) = "server has completed configuration: {summary}";
    Error "dctl" DCTL_CONFIG_DEPRECATED(object) = "server configuration includes a deprecated object: {object}";
    Fatal "dctl" DCTL_CONFIG_FILE_LOAD_FAIL(daemon, reason) = "{daemon} reason: {reason}";
    Debug(10) "dctl" DCTL_CONFIG_START(source) = "parsing new configuration: {source}";
    Error "dctl" DCTL_PARSER_FAIL(reason) = "Parser error: {reason}";
    Fatal "dctl" DCTL_PID_FILE_ERROR(daemon, reason) = "{daemon} could not create a PID file: {reason}";
    Fatal "dctl" DCTL_PROCESS_FAILED(daemon, reason) = "{daemon} application execution failed: {reason}";
    Warn "dctl" DCTL_ROOT_USER_SECURITY_WARNING(daemon) = "{daemon} running as root user!";
    Info "dctl" DCTL_SHUTDOWN(daemon, pid, version) = "{daemon} has shut down, pid: {pid}, version: {version}";
    Debug(0) "dctl" DCTL_SHUTDOWN_SIGNAL_RECVD(signal) = "OS signal {signal} received, starting shutdown";
    Info "dctl" DCTL_STARTING(daemon, pid, version, kind) = "{daemon} starting, pid: {pid}, version: {version} ({kind})";
}
