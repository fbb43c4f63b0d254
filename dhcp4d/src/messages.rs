//! Log messages of the DHCPv4 server as a whole, with Kea's identifiers where Kea has the message.

kotare_messages::messages! {
    Fatal "dhcp4" DHCP4_ALREADY_RUNNING(program, reason) = "{program} already running? {reason}";
    Error "packets" DHCP4_BUFFER_RECEIVE_FAIL(reason) = "{reason}";
    Info "dhcp4" DHCP4_CONFIG_COMPLETE(summary) = "configuration is in effect: {summary}";
    Error "dhcp4" DHCP4_CONFIG_LOAD_FAIL(file, reason) = "configuration {file} cannot be used: {reason}";
    Warn "dhcp4" DHCP4_CONFIG_NO_EFFECT(keywords) = "this version keeps these parameters but does not act on them yet: {keywords}";
    Debug(10) "dhcp4" DHCP4_CONFIG_START(source) = "reading the configuration {source}";
    Warn "dhcp4" DHCP4_CONFIG_SYNTAX_WARNING(warning) = "{warning}";
    Error "dhcp4" DHCP4_CONFIG_UNSUPPORTED_OBJECT(key) = "unsupported entry '{key}' beside Dhcp4";
    Info "dhcp4" DHCP4_DYNAMIC_RECONFIGURATION(file) = "reading {file} anew, after SIGHUP or config-reload";
    Error "dhcp4" DHCP4_DYNAMIC_RECONFIGURATION_FAIL(file) = "{file} was refused; the running configuration goes on";
    Info "dhcp4" DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS(file) = "now serving from {file}";
    Fatal "dhcp4" DHCP4_INIT_FAIL(reason) = "the server cannot start: {reason}";
    Error "dhcp4" DHCP4_LEASES_NOT_KEPT(replies, reason) = "{replies} replies were withheld because their leases could not be kept: {reason}";
    Info "dhcp4" DHCP4_LEASES_KEPT_AGAIN(store) = "leases are kept again in {store}";
    Info "dhcp4" DHCP4_MULTI_THREADING_INFO(enabled, threads, queue) = "enabled: {enabled}, number of threads: {threads}, queue size: {queue}";
    Debug(0) "dhcp4" DHCP4_OPEN_SOCKET(port) = "opening service sockets on port {port}";
    Debug(15) "packets" DHCP4_PACKET_DROP_0008(client) = "{client}: dropped, the DHCP service is disabled";
    Error "dhcp4" DHCP4_RECLAIM_EXPIRED_LEASES_FAIL(reason) = "expired leases could not be reclaimed: {reason}";
    Warn "dhcp4" DHCP4_ROOT_USER_SECURITY_WARNING() = "kea-dhcp4 is running as root";
    Warn "dhcp4" DHCP4_SECURITY_CHECKS_DISABLED() = "paths are not checked: -X was given";
    Error "dhcp4" DHCP4_SERVER_FAILED(reason) = "server failed: {reason}";
    Info "dhcp4" DHCP4_SHUTDOWN() = "the server has stopped";
    Debug(0) "dhcp4" DHCP4_SHUTDOWN_REQUEST() = "the server is asked to stop";
    Debug(0) "dhcp4" DHCP4_START_INFO(pid, server_port, client_port, verbose) = "pid: {pid}, server port: {server_port}, client port: {client_port}, verbose: {verbose}";
    Info "dhcp4" DHCP4_STARTED(version) = "server version {version} is serving";
    Info "dhcp4" DHCP4_STARTING(version, kind) = "server version {version} ({kind}) is starting";
}
