//! The log messages of the memfile backend, with Kea's identifiers. Those about starting `kea-lfc` are the server's,
//! which starts it.

kotare_messages::messages! {
    Info "dhcpsrv" DHCPSRV_MEMFILE_DB(parameters) = "opening memory file lease database: {parameters}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_NO_STORAGE() = "running in non-persistent mode, leases will be lost after restart";
    Error "dhcpsrv" DHCPSRV_MEMFILE_FAILED_TO_OPEN(reason) = "Could not open lease file: {reason}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_LEASE_FILE_LOAD(file) = "loading leases from file {file}";
    Debug(55) "dhcpsrv" DHCPSRV_MEMFILE_LEASE_LOAD(lease) = "read lease {lease}";
    Error "dhcpsrv" DHCPSRV_MEMFILE_LEASE_LOAD_ROW_ERROR(row, error) = "discarding row {row}, error: {error}";
    Warn "dhcpsrv" KOTARE_LEASE_FILE_TORN(file, bytes, kept) =
        "{file} ended in the middle of a row, whose change was never confirmed: its {bytes} bytes are now in {kept}";
    Warn "dhcpsrv" KOTARE_LEASE_FILE_WRITTEN_ANEW(file, what, leases) =
        "{file} was {what} by another program while in use: all {leases} leases were written anew to it";
    Warn "dhcpsrv" KOTARE_LEASE_FILE_IGNORED(file, reason) =
        "{file} is left out, what it was made from is read instead: {reason}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_NEEDS_UPGRADING(file, version) = "version of lease file: {file} schema is earlier than version {version}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_NEEDS_DOWNGRADING(file, version) = "version of lease file: {file} schema is later than version {version}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_CONVERTING_LEASE_FILES(major, minor) = "running LFC now to convert lease files to the current schema: {major}.{minor}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_ADD_ADDR4(address) = "adding the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_UPDATE_ADDR4(address) = "updating the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_DELETE_ADDR4(address) = "deleting the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_ADDR4(address) = "looking for the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_CLIENTID(client_id) = "looking for leases of client identifier {client_id}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_HWADDR4(hwaddr) = "looking for leases of hardware address {hwaddr}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_HOSTNAME4(hostname) = "looking for leases of host name {hostname}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_EXPIRED4(limit) = "looking for up to {limit} expired leases";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_PAGE4(limit, address) = "listing up to {limit} leases above {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_ADD_ADDR6(address) = "adding the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_UPDATE_ADDR6(address) = "updating the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_DELETE_ADDR6(address) = "deleting the lease of {address}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_ADDR6(address, kind) = "looking for the lease of {address}, of type {kind}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET6_DUID(duid) = "looking for leases of DUID {duid}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_IAID_DUID(iaid, duid, kind) =
        "looking for leases of IAID {iaid} and DUID {duid}, of type {kind}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_IAID_SUBID_DUID(iaid, subnets, duid, kind) =
        "looking for leases of IAID {iaid} in subnets {subnets} and DUID {duid}, of type {kind}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_HWADDR6(hwaddr) = "looking for leases of hardware address {hwaddr}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_HOSTNAME6(hostname) = "looking for leases of host name {hostname}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_EXPIRED6(limit) = "looking for up to {limit} expired leases";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_GET_PAGE6(limit, address) = "listing up to {limit} leases above {address}";
    Warn "dhcpsrv" DHCPSRV_MEMFILE_READ_HWADDR_FAIL(error) = "failed to read hardware address from lease file: {error}";
    Debug(50) "dhcpsrv" DHCPSRV_MEMFILE_DELETE_EXPIRED_RECLAIMED_START(count) = "deleting {count} reclaimed leases";
}
