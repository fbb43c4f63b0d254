//! The log messages of the memfile backend, with Kea's identifiers. Those about starting `kea-lfc` are for the
//! server, which starts it.

kotare_messages::messages! {
    Info "dhcpsrv" DHCPSRV_MEMFILE_DB(parameters) = "opening the memfile lease database: {parameters}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_NO_STORAGE() = "leases are kept in memory only and are lost at restart";
    Error "dhcpsrv" DHCPSRV_MEMFILE_FAILED_TO_OPEN(reason) = "the lease file cannot be used: {reason}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LEASE_FILE_LOAD(file) = "reading leases from {file}";
    Debug(55) "dhcpsrv" DHCPSRV_MEMFILE_LEASE_LOAD(lease) = "read lease {lease}";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LEASE_LOAD_ROW_ERROR(row, error) = "row {row} is left out: {error}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_LEASE_FILE_TORN(file, bytes, kept) =
        "{file} ended in the middle of a row, whose change was never confirmed: its {bytes} bytes are now in {kept}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_NEEDS_UPGRADING(file, version) =
        "{file} has an older schema than {version}; missing columns have their defaults";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_NEEDS_DOWNGRADING(file, version) =
        "{file} has a newer schema than {version}; columns this version does not know are dropped";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_CONVERTING_LEASE_FILES(major, minor) =
        "cleaning up at once to write the lease files in schema {major}.{minor}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_ADD_ADDR4(address) = "adding the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_UPDATE_ADDR4(address) = "updating the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_DELETE_ADDR4(address) = "deleting the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_ADDR4(address) = "looking for the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_CLIENTID(client_id) = "looking for leases of client identifier {client_id}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_HWADDR4(hwaddr) = "looking for leases of hardware address {hwaddr}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_HOSTNAME4(hostname) = "looking for leases of host name {hostname}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_EXPIRED4(limit) = "looking for up to {limit} expired leases";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_PAGE4(limit, address) = "listing up to {limit} leases above {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_DELETE_EXPIRED_RECLAIMED_START(count) = "deleting {count} reclaimed leases";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_SETUP(seconds) = "cleaning up lease files every {seconds} s";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_START() = "starting the cleanup of lease files";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_EXECUTE(command) = "cleaning up lease files with {command}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RUNNING() = "a cleanup of lease files is already under way";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LFC_RESCHEDULED() = "the time to the next cleanup of lease files starts anew";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_SPAWN_FAIL() =
        "kea-lfc could not be started; the next cleanup tries again, until then the lease file grows";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_FAIL_PID_CREATE(reason) = "the cleanup's pid file cannot be used: {reason}";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_LEASE_FILE_RENAME_FAIL(file, copy, reason) =
        "no cleanup, as {file} cannot be moved to {copy}: {reason}";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LFC_LEASE_FILE_REOPEN_FAIL(file, reason) =
        "no cleanup, as a new {file} cannot be made: {reason}; leases still go to the old one";
}
