//! Log messages of `legal_log`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Error "legal-log-hooks" LEGAL_LOG_COMMAND_WRITE_ERROR(reason) = "Could not write command entry to the legal store: {reason}";
    Info "legal-log-hooks" LEGAL_LOG_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(parameters, reason) = "Failed to connect to database: {parameters} with error: {reason}";
    Error "legal-log-hooks" LEGAL_LOG_LEASE4_RENDER_ERROR(address, hwaddr, reason) = "custom request/response-parser-format failed for lease {address} hwaddr {hwaddr} ({reason}); falling back to default format";
    Error "legal-log-hooks" LEGAL_LOG_LEASE4_WRITE_ERROR(reason) = "Could not write to the legal store: {reason}";
    Error "legal-log-hooks" LEGAL_LOG_LEASE6_RENDER_ERROR(address, duid, reason) = "custom request/response-parser-format failed for lease {address} duid {duid} ({reason}); falling back to default format";
    Error "legal-log-hooks" LEGAL_LOG_LEASE6_WRITE_ERROR(reason) = "Could not write to the legal store: {reason}";
    Error "legal-log-hooks" LEGAL_LOG_LOAD_ERROR(reason) = "LEGAL LOGGING DISABLED! An error occurred loading the library: {reason}";
    Warn "dhcpsrv" LEGAL_LOG_PATH_SECURITY_WARNING(reason) = "Forensic log path specified is NOT SECURE: {reason}";
    Info "legal-log-hooks" LEGAL_LOG_STORE_CLOSED(file) = "Legal store closed: {file}";
    Info "legal-log-hooks" LEGAL_LOG_STORE_OPEN(parameters) = "opening Legal Log file: {parameters}";
    Info "legal-log-hooks" LEGAL_LOG_STORE_OPENED(file) = "Legal store opened: {file}";
    Info "legal-log-syslog" LEGAL_LOG_SYSLOG(line) = "{line}";
    Info "legal-log-hooks" LEGAL_LOG_SYSLOG_STORE_OPEN(parameters) = "opening Legal Syslog: {parameters}";
    Error "legal-log-hooks" KOTARE_LEGAL_LOG_LOSES_LINES(most) = "{most} lines of the legal log wait to be written: what comes now is LOST until some are";
    Error "legal-log-hooks" KOTARE_LEGAL_LOG_LOST_LINES(count, file) = "{count} lines of the legal log were LOST: they are not in {file}, though what they tell of was done";
    Error "legal-log-hooks" KOTARE_LEGAL_LOG_WAITS(store, reason) = "nothing can be written to {store}, lines of the legal log wait: {reason}";
    Error "legal-log-hooks" KOTARE_LEGAL_LOG_SCRIPT_FAILED(script, reason) = "the script {script} was not run as a legal log was rotated: {reason}";
}
