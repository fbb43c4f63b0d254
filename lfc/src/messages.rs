//! The log messages of `kea-lfc`, with Kea's identifiers.

kotare_messages::messages! {
    Info "DhcpLFC" LFC_START() = "Starting lease file cleanup";
    Fatal "DhcpLFC" LFC_RUNNING() = "LFC instance already running";
    Fatal "DhcpLFC" LFC_FAIL_PID_CREATE(reason) = ": {reason}";
    Info "DhcpLFC" LFC_PROCESSING(previous, copy) = "Previous file: {previous}, copy file: {copy}";
    Info "DhcpLFC" LFC_READ_STATS(leases, attempts, errors) = "Leases: {leases}, attempts: {attempts}, errors: {errors}.";
    Info "DhcpLFC" LFC_WRITE_STATS(leases, attempts, errors) = "Leases: {leases}, attempts: {attempts}, errors: {errors}.";
    Fatal "DhcpLFC" LFC_FAIL_PROCESS(reason) = ": {reason}";
    Info "DhcpLFC" LFC_ROTATING() = "LFC rotating files";
    Fatal "DhcpLFC" LFC_FAIL_ROTATE(reason) = ": {reason}";
    Fatal "DhcpLFC" LFC_FAIL_PID_DEL(reason) = ": {reason}";
    Info "DhcpLFC" LFC_TERMINATE() = "LFC finished processing";
}
