//! Log messages of the DHCPv6 server as a whole, with Kea's identifiers where Kea has the message.

kotare_messages::messages! {
    Fatal "dhcp6" DHCP6_ALREADY_RUNNING(program, reason) = "{program} already running? {reason}";
    Error "packets" DHCP6_PACKET_RECEIVE_FAIL(reason) = "error on attempt to receive packet: {reason}";
    Warn "dhcp6" DHCP6_CB_REPAIR_MODE_ENABLED() = "Server is running in config back end repair mode.";
    Info "dhcpsrv" DHCPSRV_CFGMGR_NEW_SUBNET6(subnet) = "a new subnet has been added to configuration: {subnet}";
    Info "dhcpsrv" DHCPSRV_CFGMGR_USE_UNICAST(address, interface) = "listening on unicast address {address}, on interface {interface}";
    Info "dhcp6" DHCP6_CONFIG_COMPLETE(summary) = "DHCPv6 server has completed configuration: {summary}";
    Warn "dhcp6" DHCP6_CONFIG_HOSTS_DATABASE_DEPRECATED() = "the \"host-database\" keyword will be deprecated";
    Error "dhcp6" DHCP6_CONFIG_LOAD_FAIL(file, reason) = "configuration error using file: {file}, reason: {reason}";
    Debug(10) "dhcp6" DHCP6_CONFIG_START(source) = "reading the configuration {source}";
    Warn "dhcp6" DHCP6_CONFIG_SYNTAX_WARNING(warning) = "configuration syntax warning: {warning}";
    Error "dhcp6" DHCP6_CONFIG_UNSUPPORTED_OBJECT(key) = "DHCPv6 server configuration includes an unsupported object: {key}";
    Debug(40) "packets" DHCP6_DHCP4O6_PACKET_RECEIVED(type_number, destination, port, interface) = "received DHCPv4o6 packet from DHCPv4 server (type {type_number}) for {destination} port {port} on interface {interface}";
    Debug(50) "packets" DHCP6_DHCP4O6_RECEIVE_FAIL(reason) = "failed to receive DHCPv4o6: {reason}";
    Debug(50) "packets" DHCP6_DHCP4O6_RECEIVING() = "receiving DHCPv4o6 packet from DHCPv4 server";
    Debug(55) "packets" DHCP6_DHCP4O6_RESPONSE_DATA(client, kind, type_number, details) = "{client}: responding with packet {kind} (type {type_number}), packet details: {details}";
    Error "packets" DHCP6_DHCP4O6_SEND_FAIL(client, reason) = "{client}: failed to send DHCPv4o6 packet: {reason}";
    Info "dhcp6" DHCP6_DYNAMIC_RECONFIGURATION(file) = "initiate server reconfiguration using file: {file}, after receiving SIGHUP signal or config-reload command";
    Error "dhcp6" DHCP6_DYNAMIC_RECONFIGURATION_FAIL(file) = "dynamic server reconfiguration failed with file: {file}";
    Info "dhcp6" DHCP6_DYNAMIC_RECONFIGURATION_SUCCESS(file) = "dynamic server reconfiguration succeeded with file: {file}";
    Fatal "dhcp6" DHCP6_FATAL_OPEN_SOCKETS_FAILED(attempts) = "maximum number of open service sockets attempts: {attempts}, has been exhausted without success";
    Error "dhcp6" DHCP6_INIT_FAIL(reason) = "failed to initialize Kea server: {reason}";
    Info "dhcp6" DHCP6_MULTI_THREADING_INFO(enabled, threads, queue) = "enabled: {enabled}, number of threads: {threads}, queue size: {queue}";
    Debug(0) "dhcp6" DHCP6_OPEN_SOCKET(port) = "opening service sockets on port {port}";
    Error "dhcp6" DHCP6_OPEN_SOCKETS_FAILED(attempts) = "maximum number of open service sockets attempts: {attempts}, has been exhausted without success";
    Debug(15) "bad-packets" DHCP6_PACKET_DROP_DHCP_DISABLED(client) = "{client}: dropped, the DHCP service is disabled";
    Error "dhcp6" DHCP6_PARSER_COMMIT_FAIL(reason) = "parser failed to commit changes: {reason}";
    Error "dhcp6" DHCP6_PARSER_FAIL(parameter, reason) = "failed to create or run parser for configuration element {parameter}: {reason}";
    Error "dhcp6" DHCP6_RECLAIM_EXPIRED_LEASES_FAIL(reason) = "failed to reclaim expired leases: {reason}";
    Warn "dhcp6" DHCP6_RESERVATIONS_LOOKUP_FIRST_ENABLED() = "Multi-threading is enabled and host reservations lookup is always performed first.";
    Warn "dhcp6" DHCP6_ROOT_USER_SECURITY_WARNING() = "kea-dhcp6 running as root user!";
    Warn "dhcp6" DHCP6_SECURITY_CHECKS_DISABLED() = "Invoked with command line option -X, Security checks are disabled!!";
    // Beyond Kea.
    Error "dhcp6" KOTARE_PREFIXES_NOT_FOLLOWED(seconds, reason) = "subnets do not follow their prefixes, which is tried again in {seconds} seconds at most: {reason}";
    Error "dhcp6" KOTARE_PREFIXES_NOT_READ(reason) = "the prefixes of this machine, which subnets follow, cannot be read: {reason}";
    Info "dhcp6" KOTARE_ROUTES_BEGIN(count) = "routes to {count} delegated prefixes are kept from now on, as leases say";
    Debug(40) "dhcp6" KOTARE_ROUTES_CHECKED(count) = "the routes to {count} delegated prefixes are as leases say";
    Info "dhcp6" KOTARE_ROUTES_END() = "the routes to delegated prefixes are withdrawn, as they are configured otherwise";
    Error "dhcp6" KOTARE_ROUTES_FAILED(count) = "{count} more routes cannot be changed for the same or another reason";
    Error "dhcp6" KOTARE_ROUTES_LEFT(reason) = "routes to delegated prefixes that were configured before are left and have to be withdrawn by hand: {reason}";
    Error "dhcp6" KOTARE_ROUTES_NOT_BEGUN(reason) = "no routes to delegated prefixes are kept until the server is configured anew: {reason}";
    Error "dhcp6" KOTARE_ROUTES_NOT_CHECKED(seconds, reason) = "the routes to delegated prefixes could not be brought in line with leases, which is tried again in {seconds} seconds: {reason}";
    Error "dhcp6" KOTARE_ROUTE_FAILED(prefix, seconds, reason) = "the route to {prefix} could not be changed, which is tried again in {seconds} seconds: {reason}";
    Debug(40) "dhcp6" KOTARE_ROUTE_SET(prefix, via, interface) = "the route to {prefix} leads to {via} on {interface}";
    Debug(40) "dhcp6" KOTARE_ROUTE_WITHDRAWN(prefix) = "there is no route to {prefix} any more";
    Info "dhcp6" KOTARE_SUBNET_FOLLOWS(id, prefix, interface, subnet) = "the subnet with id {id} follows the prefix {prefix} on {interface} and is {subnet} now";
    Warn "dhcp6" KOTARE_SUBNET_NOT_SERVED(id, reason) = "the subnet with id {id} follows a prefix and is not served: {reason}";
    Fatal "dhcp6" DHCP6_SERVER_FAILED(reason) = "server failed: {reason}";
    Info "dhcp6" DHCP6_SHUTDOWN() = "server shutdown";
    Debug(40) "dhcp6" DHCP6_SHUTDOWN_REQUEST() = "the server is asked to stop";
    Debug(0) "dhcp6" DHCP6_START_INFO(pid, server_port, client_port, verbose) = "pid: {pid}, server port: {server_port}, client port: {client_port}, verbose: {verbose}";
    Info "dhcp6" DHCP6_STARTED(version) = "Kea DHCPv6 server version {version} started";
    Info "dhcp6" DHCP6_STARTING(version, kind) = "Kea DHCPv6 server version {version} ({kind}) starting";
    Info "dhcp6" DHCP6_USING_SERVERID(duid, file) = "server is using server-id {duid} and stores in the file {file}";
}
