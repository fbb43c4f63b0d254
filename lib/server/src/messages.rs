//! Log messages that servers of all families share, with Kea's identifiers where Kea has the message.

kotare_messages::messages! {
    Info "dhcpsrv" DHCPSRV_CFGMGR_ADD_IFACE(interface) = "listening on interface {interface}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_ALL_IFACES_ACTIVE() = "serving all interfaces";
    Info "dhcpsrv" DHCPSRV_CFGMGR_USE_ALLOCATOR(allocator, kind, subnet) = "using the {allocator} allocator for {kind} leases in subnet {subnet}";
    Info "database" CONFIG_BACKENDS_REGISTERED(types) = "the following config backend types are available: {types}";
    Warn "dhcpsrv" DHCPSRV_CFGMGR_CONFIGURE_SERVERID() = "server configuration includes specification of a server identifier";
    Warn "dhcpsrv" DHCPSRV_DHCP4O6_RECEIVED_BAD_PACKET(reason) = "received bad DHCPv4o6 packet: {reason}";
    Warn "dhcpsrv" DHCPSRV_CFGMGR_RENEW_GTR_REBIND(place, renew, rebind) = "in {place}, the value of renew-timer {renew} is greater than the value of rebind-timer {rebind}, ignoring renew-timer";
    Warn "dhcpsrv" DHCPSRV_CFGMGR_UNICAST_LINK_LOCAL(address, interface) = "specified link local address {address} for unicast traffic on interface {interface}";
    Warn "dhcpsrv" DHCPSRV_CLASS_BAD_NAME(name, better) = "class name '{name}' includes problematic characters: suggest to use '{better}' instead";
    Warn "dhcpsrv" DHCPSRV_CLASS_WITH_ADDITIONAL_AND_LIFETIMES(class) = "class: {class} has 'only-in-additional-list' true while specifying one or more lease life time values. Life time values will be ignored.";
    Warn "dhcpsrv" DHCPSRV_CLIENT_CLASS_DEPRECATED() = "The parameter 'client-class' is deprecated. Use 'client-classes' list parameter instead";
    Info "dctl" DCTL_CONFIG_FETCH() = "Fetching configuration data from config backends.";
    Info "dctl" DCTL_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(database, reason) = "Failed to connect to database: {database} with error: {reason}";
    Info "dctl" DCTL_OPEN_CONFIG_DB(database) = "Opening configuration database: {database}";
    Info "dhcpsrv" DHCPSRV_FORENSIC_BACKENDS_REGISTERED(types) = "the following forensic backend types are available: {types}";
    Info "dhcpsrv" DHCPSRV_LEASE_MGR_BACKENDS_REGISTERED(types) = "the following lease backend types are available: {types}";
    Info "dhcpsrv" DHCPSRV_HOST_MGR_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(database, reason) = "Failed to connect to database: {database} with error: {reason}";
    Info "dhcpsrv" DHCPSRV_LEASE_MGR_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(database, reason) = "Failed to connect to database: {database} with error: {reason}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_EXECUTE(command) = "executing Lease File Cleanup using: {command}";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL(file, copy, reason) = "failed to rename the current lease file {file} to {copy}, reason: {reason}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RESCHEDULED() = "rescheduled Lease File Cleanup";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RUNNING() = "Lease File Cleanup instance already running";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_SETUP(seconds) = "setting up the Lease File Cleanup interval to {seconds} sec";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_SPAWN_FAIL() = "lease file cleanup failed to run because kea-lfc process couldn't be spawned";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_START() = "starting Lease File Cleanup";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_PATH_SECURITY_WARNING(reason) = "Lease file path specified is NOT SECURE: {reason}";
    Warn "dhcpsrv" DHCPSRV_MT_DISABLED_QUEUE_CONTROL() = "disabling dhcp queue control when multi-threading is enabled.";
    Warn "dhcpsrv" DHCPSRV_NO_SOCKETS_OPEN() = "no interface configured to listen to DHCP traffic";
    Warn "dhcpsrv" DHCPSRV_ONLY_IF_REQUIRED_DEPRECATED() = "The parameter 'only-if-required' is deprecated. Use 'only-in-additional-list' instead";
    Warn "dhcpsrv" DHCPSRV_OPEN_SOCKET_FAIL(reason) = "failed to open socket: {reason}";
    Warn "dhcpsrv" DHCPSRV_REQUIRE_CLIENT_CLASSES_DEPRECATED() = "The parameter 'require-client-classes' is deprecated. Use 'evaluate-additional-classes' instead";
    Info "hosts" HOSTS_BACKENDS_REGISTERED(types) = "the following host backend types are available: {types}";

    // Beyond Kea.
    Info "dhcpsrv" KOTARE_CONFIG_CONFIRMED() = "the configuration in effect is confirmed";
    Error "dhcpsrv" KOTARE_CONFIG_NOT_RESTORED(seconds, reason) = "the configuration before cannot be served from, which is tried again in {seconds} seconds: {reason}";
    Info "dhcpsrv" KOTARE_CONFIG_ON_TRIAL(seconds) = "this configuration is on trial: unless it is confirmed within {seconds} seconds, the one before is served from again";
    Warn "dhcpsrv" KOTARE_CONFIG_RESTORED(reason) = "the configuration before is served from again: {reason}";
    Warn "hosts" KOTARE_HOST_ROW_LEFT_OUT(database, row) = "a reservation in {database} is left out: {row}";
    Info "dhcpsrv" KOTARE_LEASES_KEPT_AGAIN(store) = "leases are kept again in {store}";
    Info "dhcpsrv" KOTARE_LEASES_LOOKED_THROUGH(freed) = "a client found nothing free: the database was looked through for what other servers freed, which is {freed} addresses and prefixes";
    Error "dhcpsrv" KOTARE_LEASES_NOT_KEPT(replies, reason) = "{replies} replies were withheld because their leases could not be kept: {reason}";
    Info "dhcpsrv" KOTARE_LISTENING(address, interface) = "listening on address {address}, on interface {interface}";
    Error "dhcpsrv" KOTARE_LFC_FAILED(status) = "lease file cleanup ended with {status}; it will go on where it stopped next time";
    Error "dhcpsrv" KOTARE_OVER6_FAILED(port, reason) = "messages of DHCPv4 over DHCPv6 cannot be exchanged with the other server at port {port} of ::1, which is tried again: {reason}";
    Info "dhcpsrv" KOTARE_OVER6_LISTENING(own, other) = "exchanging messages of DHCPv4 over DHCPv6 at port {own} of ::1 with the server at port {other}";
    Debug(40) "packets" KOTARE_OVER6_NOT_PASSED_ON(reason) = "a message of DHCPv4 over DHCPv6 was not passed on to the other server: {reason}";
    Warn "packets" KOTARE_OVERLOADED(dropped, excess) = "{dropped} messages were dropped because more came than can be answered, {excess} of them from clients that sent more than their share";
    Error "packets" KOTARE_PACKETS_NOT_SENT(count) = "{count} more replies could not be sent for the same or another reason";
}
