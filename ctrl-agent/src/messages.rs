//! Log messages of the control agent, with Kea's identifiers where Kea has the message.

pub(crate) use kotare_process::messages::{DCTL_CONFIG_COMPLETE, DCTL_CONFIG_START, DCTL_PARSER_FAIL};

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
}
