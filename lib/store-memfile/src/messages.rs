//! The log messages of the memfile backend, with Kea's identifiers. Those about starting `kea-lfc` are the server's,
//! which starts it.

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
        "the lease files need a cleanup at once, which writes them in schema {major}.{minor}";
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
}
