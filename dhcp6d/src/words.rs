//! What a server of DHCPv6 says of itself.

use kotare_engine::messages::ALLOC_ENGINE_V6_LEASES_RECLAMATION_SLOW;
use kotare_server::Words;

use crate::messages::*;

/// The rows of the table that every server has.
pub(crate) const WORDS: Words = Words {
    already_running: |program, reason| DHCP6_ALREADY_RUNNING(program, reason),
    buffer_receive_fail: |reason| DHCP6_PACKET_RECEIVE_FAIL(reason),
    cb_on_demand_fetch_updates_fail: |reason| DHCP6_CB_ON_DEMAND_FETCH_UPDATES_FAIL(reason),
    cb_periodic_fetch_updates_fail: |reason| DHCP6_CB_PERIODIC_FETCH_UPDATES_FAIL(reason),
    cb_repair_mode_enabled: || DHCP6_CB_REPAIR_MODE_ENABLED(),
    config_hosts_database_deprecated: || DHCP6_CONFIG_HOSTS_DATABASE_DEPRECATED(),
    config_load_fail: |file, reason| DHCP6_CONFIG_LOAD_FAIL(file, reason),
    config_merged: || DHCPSRV_CFGMGR_CONFIG6_MERGED(),
    config_start: |source| DHCP6_CONFIG_START(source),
    config_syntax_warning: |warning| DHCP6_CONFIG_SYNTAX_WARNING(warning),
    config_unsupported_object: |key| DHCP6_CONFIG_UNSUPPORTED_OBJECT(key),
    db_reconnect_lost_connection: |manager, timer| DHCP6_DB_RECONNECT_LOST_CONNECTION(manager, timer),
    db_reconnect_succeeded: |manager, timer| DHCP6_DB_RECONNECT_SUCCEEDED(manager, timer),
    dynamic_reconfiguration: |file| DHCP6_DYNAMIC_RECONFIGURATION(file),
    dynamic_reconfiguration_fail: |file| DHCP6_DYNAMIC_RECONFIGURATION_FAIL(file),
    dynamic_reconfiguration_success: |file| DHCP6_DYNAMIC_RECONFIGURATION_SUCCESS(file),
    fatal_db_reconnect_disabled: |tries, wait, manager, timer| {
        DHCP6_FATAL_DB_RECONNECT_DISABLED(tries, wait, manager, timer);
    },
    fatal_db_reconnect_failed: |tries, manager, timer| DHCP6_FATAL_DB_RECONNECT_FAILED(tries, manager, timer),
    fatal_open_sockets_failed: |attempts| DHCP6_FATAL_OPEN_SOCKETS_FAILED(attempts),
    init_fail: |reason| DHCP6_INIT_FAIL(reason),
    multi_threading_info: |enabled, threads, queue| DHCP6_MULTI_THREADING_INFO(enabled, threads, queue),
    open_socket: |port| DHCP6_OPEN_SOCKET(port),
    open_sockets_failed: |attempts| DHCP6_OPEN_SOCKETS_FAILED(attempts),
    parser_commit_fail: |reason| DHCP6_PARSER_COMMIT_FAIL(reason),
    parser_fail: |parameter, reason| DHCP6_PARSER_FAIL(parameter, reason),
    reclaim_expired_leases_fail: |reason| DHCP6_RECLAIM_EXPIRED_LEASES_FAIL(reason),
    reclamation_slow: |reclamations| ALLOC_ENGINE_V6_LEASES_RECLAMATION_SLOW(reclamations),
    reservations_lookup_first_enabled: || DHCP6_RESERVATIONS_LOOKUP_FIRST_ENABLED(),
    root_user_security_warning: || DHCP6_ROOT_USER_SECURITY_WARNING(),
    security_checks_disabled: || DHCP6_SECURITY_CHECKS_DISABLED(),
    server_failed: |reason| DHCP6_SERVER_FAILED(reason),
    shutdown: || DHCP6_SHUTDOWN(),
    shutdown_request: || DHCP6_SHUTDOWN_REQUEST(),
    start_info: |pid, server_port, client_port, verbose| {
        DHCP6_START_INFO(pid, server_port, client_port, verbose);
    },
    started: |version| DHCP6_STARTED(version),
    starting: |version, kind| DHCP6_STARTING(version, kind),
};
