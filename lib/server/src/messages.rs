//! Log messages that servers of all families share, with Kea's identifiers where Kea has the message.

kotare_messages::messages! {
    Info "dhcpsrv" DHCPSRV_CFGMGR_USE_ADDRESS(address, interface) = "listening on address {address} of interface {interface}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_EXECUTE(command) = "executing lease file cleanup using: {command}";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_FAILED(status) = "lease file cleanup ended with {status}; it will go on where it stopped next time";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL(file, copy, reason) = "cannot move {file} to {copy} for cleanup: {reason}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RESCHEDULED() = "the pause before the next lease file cleanup begins anew";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RUNNING() = "a lease file cleanup is already running";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_SETUP(seconds) = "cleaning up the lease file every {seconds} seconds";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_SPAWN_FAIL() = "lease file cleanup cannot be started; KEA_LFC_EXECUTABLE may name another program";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_START() = "starting lease file cleanup";
    Warn "dhcpsrv" DHCPSRV_NO_SOCKETS_OPEN() = "no interface is listened on; name some in \"interfaces-config\" that are up and have an address";
    Warn "dhcpsrv" DHCPSRV_OPEN_SOCKET_FAIL(reason) = "{reason}";
}
