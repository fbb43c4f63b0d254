//! The log messages of `kea-lfc`, with Kea's identifiers.

kotare_messages::messages! {
    Info "DhcpLFC" LFC_START() = "cleanup of lease files begins";
    Fatal "DhcpLFC" LFC_RUNNING() = "another cleanup of these files is under way";
    Fatal "DhcpLFC" LFC_FAIL_PID_CREATE(reason) = "the pid file cannot be used: {reason}";
    Info "DhcpLFC" LFC_PROCESSING(previous, copy) = "reading previous file {previous} and copy {copy}";
    Info "DhcpLFC" LFC_READ_STATS(leases, attempts, errors) =
        "read {leases} leases from {attempts} rows, {errors} of them bad";
    Info "DhcpLFC" LFC_WRITE_STATS(leases, attempts, errors) =
        "wrote {leases} leases of {attempts}, {errors} failed";
    Fatal "DhcpLFC" LFC_FAIL_PROCESS(reason) = "the files are left as they were: {reason}";
    Info "DhcpLFC" LFC_ROTATING() = "putting the result in place of what it was made from";
    Fatal "DhcpLFC" LFC_FAIL_ROTATE(reason) = "the next cleanup has to finish this one: {reason}";
    Fatal "DhcpLFC" LFC_FAIL_PID_DEL(reason) = "the pid file stays: {reason}";
    Info "DhcpLFC" LFC_TERMINATE() = "cleanup of lease files ends";
}
