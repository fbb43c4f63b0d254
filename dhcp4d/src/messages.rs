//! Log messages of the DHCPv4 server as a whole, with Kea's identifiers where Kea has the message.

kotare_messages::messages! {
    Fatal "dhcp4" DHCP4_ALREADY_RUNNING(program, reason) = "{program} already running? {reason}";
    Error "packets" DHCP4_BUFFER_RECEIVE_FAIL(reason) = "error on attempt to receive packet: {reason}";
    Warn "dhcp4" DHCP4_CB_REPAIR_MODE_ENABLED() = "Server is running in config back end repair mode.";
    Info "dhcpsrv" DHCPSRV_CFGMGR_NEW_SUBNET4(subnet) = "a new subnet has been added to configuration: {subnet}";
    Info "dhcpsrv" DHCPSRV_CFGMGR_SOCKET_TYPE_DEFAULT(kind) = "\"dhcp-socket-type\" not specified , using default socket type {kind}";
    Info "dhcpsrv" DHCPSRV_CFGMGR_SOCKET_TYPE_SELECT(kind) = "using socket type {kind}";
    Info "dhcpsrv" DHCPSRV_CFGMGR_USE_ADDRESS(address, interface) = "listening on address {address}, on interface {interface}";
    Info "dhcp4" DHCP4_CONFIG_COMPLETE(summary) = "DHCPv4 server has completed configuration: {summary}";
    Warn "dhcp4" DHCP4_CONFIG_HOSTS_DATABASE_DEPRECATED() = "the \"host-database\" keyword will be deprecated";
    Error "dhcp4" DHCP4_CONFIG_LOAD_FAIL(file, reason) = "configuration error using file: {file}, reason: {reason}";
    Debug(10) "dhcp4" DHCP4_CONFIG_START(source) = "reading the configuration {source}";
    Warn "dhcp4" DHCP4_CONFIG_SYNTAX_WARNING(warning) = "configuration syntax warning: {warning}";
    Error "dhcp4" DHCP4_CONFIG_UNSUPPORTED_OBJECT(key) = "DHCPv4 server configuration includes an unsupported object: {key}";
    Debug(50) "packets" DHCP4_DHCP4O6_BAD_PACKET(client, reason) = "{client}: received malformed DHCPv4o6 packet: {reason}";
    Debug(40) "packets" DHCP4_DHCP4O6_PACKET_RECEIVED(type_number, source, interface) = "received DHCPv4o6 packet from the DHCPv6 server (type {type_number}) of {source} on interface {interface}";
    Debug(40) "packets" DHCP4_DHCP4O6_PACKET_SEND(sender, kind, type_number, destination, port, interface, client, within, within_number) = "{sender}: trying to send packet {kind} (type {type_number}) to {destination} port {port} on interface {interface} encapsulating {client}: {within} (type {within_number})";
    Error "packets" DHCP4_DHCP4O6_PACKET_SEND_FAIL(client, reason) = "{client}: failed to send DHCPv4o6 packet: {reason}";
    Debug(50) "packets" DHCP4_DHCP4O6_RECEIVE_FAIL(reason) = "failed to receive DHCPv4o6: {reason}";
    Debug(50) "packets" DHCP4_DHCP4O6_RECEIVING() = "receiving DHCPv4o6 packet from DHCPv6 server";
    Debug(55) "packets" DHCP4_DHCP4O6_RESPONSE_DATA(sender, kind, type_number, details) = "{sender}: responding with packet {kind} (type {type_number}), packet details: {details}";
    Info "dhcp4" DHCP4_DYNAMIC_RECONFIGURATION(file) = "initiate server reconfiguration using file: {file}, after receiving SIGHUP signal or config-reload command";
    Error "dhcp4" DHCP4_DYNAMIC_RECONFIGURATION_FAIL(file) = "dynamic server reconfiguration failed with file: {file}";
    Info "dhcp4" DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS(file) = "dynamic server reconfiguration succeeded with file: {file}";
    Fatal "dhcp4" DHCP4_FATAL_OPEN_SOCKETS_FAILED(attempts) = "maximum number of open service sockets attempts: {attempts}, has been exhausted without success";
    Error "dhcp4" DHCP4_INIT_FAIL(reason) = "failed to initialize Kea server: {reason}";
    Info "dhcp4" DHCP4_MULTI_THREADING_INFO(enabled, threads, queue) = "enabled: {enabled}, number of threads: {threads}, queue size: {queue}";
    Debug(0) "dhcp4" DHCP4_OPEN_SOCKET(port) = "opening service sockets on port {port}";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0008(client) = "{client}: dropped, the DHCP service is disabled";
    Error "dhcp4" DHCP4_OPEN_SOCKETS_FAILED(attempts) = "maximum number of open service sockets attempts: {attempts}, has been exhausted without success";
    Error "dhcp4" DHCP4_PARSER_COMMIT_FAIL(reason) = "parser failed to commit changes: {reason}";
    Error "dhcp4" DHCP4_PARSER_FAIL(parameter, reason) = "failed to create or run parser for configuration element {parameter}: {reason}";
    Error "dhcp4" DHCP4_RECLAIM_EXPIRED_LEASES_FAIL(reason) = "failed to reclaim expired leases: {reason}";
    Warn "dhcp4" DHCP4_RESERVATIONS_LOOKUP_FIRST_ENABLED() = "Multi-threading is enabled and host reservations lookup is always performed first.";
    Warn "dhcp4" DHCP4_ROOT_USER_SECURITY_WARNING() = "kea-dhcp4 running as root user!";
    Warn "dhcp4" DHCP4_SECURITY_CHECKS_DISABLED() = "Invoked with command line option -X, Security checks are disabled!!";
    Fatal "dhcp4" DHCP4_SERVER_FAILED(reason) = "server failed: {reason}";
    Info "dhcp4" DHCP4_SHUTDOWN() = "server shutdown";
    Debug(40) "dhcp4" DHCP4_SHUTDOWN_REQUEST() = "the server is asked to stop";
    Debug(0) "dhcp4" DHCP4_START_INFO(pid, server_port, client_port, verbose) = "pid: {pid}, server port: {server_port}, client port: {client_port}, verbose: {verbose}";
    Info "dhcp4" DHCP4_STARTED(version) = "Kea DHCPv4 server version {version} started";
    Info "dhcp4" DHCP4_STARTING(version, kind) = "Kea DHCPv4 server version {version} ({kind}) starting";
}
