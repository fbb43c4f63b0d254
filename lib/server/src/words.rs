//! What a server says of itself: the log messages that every family has under a name of its own.

use std::fmt::Display;

/// Makes the struct of the words: a function for each, and a method of the same name that takes anything that displays.
macro_rules! words {
    (@argument $arg:ident) => { &dyn Display };
    ($($(#[$doc:meta])* $word:ident($($arg:ident),*);)*) => {
        /// The log messages that have the family in their name: `DHCP4_…` or `DHCP6_…`.
        ///
        /// Each family fills it from the rows of its own message table, so that an identifier is written out where it
        /// is declared and tools find it.
        #[derive(Clone, Copy, Debug)]
        pub struct Words {
            $($(#[$doc])* pub $word: fn($(words!(@argument $arg)),*),)*
        }

        impl Words {
            $($(#[$doc])* pub fn $word(&self, $($arg: impl Display),*) {
                (self.$word)($(&$arg),*);
            })*
        }
    };
}

words! {
    /// `…_ALREADY_RUNNING`: there is such a server already.
    already_running(program, reason);
    /// `…_BUFFER_RECEIVE_FAIL`, of DHCPv6 `…_PACKET_RECEIVE_FAIL`: packets cannot be received.
    buffer_receive_fail(reason);
    /// `…_CB_ON_DEMAND_FETCH_UPDATES_FAIL`: what is in databases is not served from, though a command asked for it.
    cb_on_demand_fetch_updates_fail(reason);
    /// `…_CB_PERIODIC_FETCH_UPDATES_FAIL`: the same, though it was time.
    cb_periodic_fetch_updates_fail(reason);
    /// `…_CB_REPAIR_MODE_ENABLED`: `-R` was given.
    cb_repair_mode_enabled();
    /// `…_CONFIG_HOSTS_DATABASE_DEPRECATED`: the list `hosts-databases` has taken its place.
    config_hosts_database_deprecated();
    /// `…_CONFIG_LOAD_FAIL`: a configuration cannot be used.
    config_load_fail(file, reason);
    /// `DHCPSRV_CFGMGR_CONFIG…_MERGED`: what is in databases is laid over what is written.
    config_merged();
    /// `…_CONFIG_START`: a configuration is about to be used.
    config_start(source);
    /// `…_CONFIG_SYNTAX_WARNING`: a configuration can be used and should be changed.
    config_syntax_warning(warning);
    /// `…_CONFIG_UNSUPPORTED_OBJECT`: something beside the server's own map.
    config_unsupported_object(key);
    /// `…_DB_RECONNECT_LOST_CONNECTION`: the connection to a database is lost.
    db_reconnect_lost_connection(manager, timer);
    /// `…_DB_RECONNECT_SUCCEEDED`: it is there again.
    db_reconnect_succeeded(manager, timer);
    /// `…_DYNAMIC_RECONFIGURATION`: the configuration file is read anew.
    dynamic_reconfiguration(file);
    /// `…_DYNAMIC_RECONFIGURATION_FAIL`: it was refused.
    dynamic_reconfiguration_fail(file);
    /// `…_DYNAMIC_RECONFIGURATION_SUCCESS`: it is served from.
    dynamic_reconfiguration_success(file);
    /// `…_FATAL_DB_RECONNECT_DISABLED`: the connection to a database is lost, and is not to be made again.
    fatal_db_reconnect_disabled(tries, wait, manager, timer);
    /// `…_FATAL_DB_RECONNECT_FAILED`: it could not be made again, and the server ends.
    fatal_db_reconnect_failed(tries, manager, timer);
    /// `…_FATAL_OPEN_SOCKETS_FAILED`: a service socket that is required cannot be opened.
    fatal_open_sockets_failed(attempts);
    /// `…_INIT_FAIL`: the server cannot start.
    init_fail(reason);
    /// `…_MULTI_THREADING_INFO`: how many threads serve.
    multi_threading_info(enabled, threads, queue);
    /// `…_OPEN_SOCKET`: service sockets are opened.
    open_socket(port);
    /// `…_OPEN_SOCKETS_FAILED`: the same, of a configuration that is not served from then.
    open_sockets_failed(attempts);
    /// `…_PARSER_COMMIT_FAIL`: something that a configuration asks for cannot be had.
    parser_commit_fail(reason);
    /// `…_PARSER_FAIL`: a parameter cannot be what it is.
    parser_fail(parameter, reason);
    /// `…_RECLAIM_EXPIRED_LEASES_FAIL`: expired leases cannot be reclaimed.
    reclaim_expired_leases_fail(reason);
    /// `ALLOC_ENGINE_…_LEASES_RECLAMATION_SLOW`: expired leases were left so many times.
    reclamation_slow(reclamations);
    /// `…_RESERVATIONS_LOOKUP_FIRST_ENABLED`: several threads look up reservations first, whatever is configured.
    reservations_lookup_first_enabled();
    /// `…_ROOT_USER_SECURITY_WARNING`: the process is root's.
    root_user_security_warning();
    /// `…_SECURITY_CHECKS_DISABLED`: `-X` was given.
    security_checks_disabled();
    /// `…_SERVER_FAILED`: a part of the server failed.
    server_failed(reason);
    /// `…_SHUTDOWN`: the server has stopped.
    shutdown();
    /// `…_SHUTDOWN_REQUEST`: the server is asked to stop.
    shutdown_request();
    /// `…_START_INFO`: with which arguments it was started.
    start_info(pid, server_port, client_port, verbose);
    /// `…_STARTED`: it serves.
    started(version);
    /// `…_STARTING`: it starts.
    starting(version, kind);
}
