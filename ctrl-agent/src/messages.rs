//! Log messages of the control agent, with Kea's identifiers where Kea has the message.

kotare_messages::messages! {
    Info "ctrl-agent" CTRL_AGENT_COMMAND_FORWARDED(command, service, client) = "command {command} successfully forwarded to the service {service} from remote address {client}";
    Debug(10) "ctrl-agent" CTRL_AGENT_COMMAND_FORWARD_BEGIN(command, service) = "begin forwarding command {command} to service {service}";
    Debug(10) "ctrl-agent" CTRL_AGENT_COMMAND_FORWARD_FAILED(command, reason) = "failed forwarding command {command}: {reason}";
    Info "ctrl-agent" CTRL_AGENT_COMMAND_RECEIVED(command, client) = "command {command} received from remote address {client}";
    Error "ctrl-agent" CTRL_AGENT_CONFIG_CHECK_FAIL(reason) = "Control Agent configuration check failed: {reason}";
    Error "ctrl-agent" CTRL_AGENT_CONFIG_FAIL(reason) = "Control Agent configuration failed: {reason}";
    Warn "ctrl-agent" CTRL_AGENT_CONFIG_SYNTAX_WARNING(warning) = "Control Agent configuration syntax warning: {warning}";
    Fatal "ctrl-agent" CTRL_AGENT_FAILED(reason) = "application experienced a fatal error: {reason}";
    Error "ctrl-agent" CTRL_AGENT_HTTPS_SERVICE_REUSE_FAILED(address, port) = "failed to reuse HTTPS service bound to address: {address} port: {port}";
    Info "ctrl-agent" CTRL_AGENT_HTTPS_SERVICE_STARTED(address, port) = "HTTPS service bound to address: {address} port: {port}";
    Info "ctrl-agent" CTRL_AGENT_HTTPS_SERVICE_UPDATED(address, port) = "reused HTTPS service bound to address: {address} port: {port} and updated TLS settings";
    Error "ctrl-agent" CTRL_AGENT_HTTP_SERVICE_REUSE_FAILED(address, port) = "failed to reused HTTP service bound to address: {address} port: {port}";
    Info "ctrl-agent" CTRL_AGENT_HTTP_SERVICE_STARTED(address, port) = "HTTP service bound to address: {address} port: {port}";
    Info "ctrl-agent" CTRL_AGENT_HTTP_SERVICE_UPDATED(address, port) = "reused HTTP service bound to address: {address} port: {port}";
    Debug(0) "ctrl-agent" CTRL_AGENT_RUN_EXIT() = "application is exiting the event loop";
    Warn "ctrl-agent" CTRL_AGENT_SECURITY_CHECKS_DISABLED() = "Invoked with command line option -X, Security checks are disabled!!";
    Info "ctrl-agent" CTRL_AGENT_STARTED(version) = "Kea Control Agent version {version} started";
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
