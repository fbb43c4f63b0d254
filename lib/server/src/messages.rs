//! Log messages that servers of all families share, with Kea's identifiers where Kea has the message.

kotare_messages::messages! {
    Info "dhcpsrv" DHCPSRV_CFGMGR_USE_ADDRESS(address, interface) = "listening on address {address}, on interface {interface}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_EXECUTE(command) = "executing Lease File Cleanup using: {command}";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL(file, copy, reason) = "failed to rename the current lease file {file} to {copy}, reason: {reason}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RESCHEDULED() = "rescheduled Lease File Cleanup";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RUNNING() = "Lease File Cleanup instance already running";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_SETUP(seconds) = "setting up the Lease File Cleanup interval to {seconds} sec";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_SPAWN_FAIL() = "lease file cleanup failed to run because kea-lfc process couldn't be spawned";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_START() = "starting Lease File Cleanup";
    Warn "dhcpsrv" DHCPSRV_NO_SOCKETS_OPEN() = "no interface configured to listen to DHCP traffic";
    Warn "dhcpsrv" DHCPSRV_OPEN_SOCKET_FAIL(reason) = "failed to open socket: {reason}";

    // Beyond Kea.
    Warn "dhcpsrv" KOTARE_CONFIG_NO_EFFECT(keywords) = "this version keeps these parameters but does not act on them yet: {keywords}";
    Info "dhcpsrv" KOTARE_LEASES_KEPT_AGAIN(store) = "leases are kept again in {store}";
    Error "dhcpsrv" KOTARE_LEASES_NOT_KEPT(replies, reason) = "{replies} replies were withheld because their leases could not be kept: {reason}";
    Error "dhcpsrv" KOTARE_LFC_FAILED(status) = "lease file cleanup ended with {status}; it will go on where it stopped next time";
}
