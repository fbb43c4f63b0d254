//! Log messages of names that the server tells itself.

kotare_messages::messages! {
    Info "ddns" KOTARE_LOCAL_NAMES_BEGIN(count) = "names of clients are told from now on; there are {count}";
    Info "ddns" KOTARE_LOCAL_NAMES_END() = "names of clients are not told any more as they were";
    Info "ddns" KOTARE_LOCAL_NAMES_LISTENING(address, transport) = "questions about names are answered at {address} over {transport}";
    Error "ddns" KOTARE_LOCAL_NAMES_NOT_LISTENING(address, transport, reason) = "questions about names cannot be answered at {address} over {transport}, which is tried again every second: {reason}";
    Debug(40) "ddns" KOTARE_LOCAL_NAMES_FILE_WRITTEN(file) = "the names of clients have been written to {file}";
    Error "ddns" KOTARE_LOCAL_NAMES_FILE_NOT_WRITTEN(file, reason) = "the names of clients cannot be written to {file}, which is tried again every second: {reason}";
    Debug(40) "ddns" KOTARE_LOCAL_NAMES_FILE_READ(file, count) = "{count} names have been read from {file}";
    Warn "ddns" KOTARE_LOCAL_NAMES_FILE_NOT_READ(file, reason) = "no names can be read from {file}, which is tried again every second: {reason}";
    Debug(40) "ddns" KOTARE_LOCAL_NAMES_NOT_ALLOWED(address, name) = "the client at {address} calls itself '{name}', which is no name that it may have here";
    Error "ddns" KOTARE_LOCAL_NAMES_NOT_READ(reason) = "the names of leases cannot be looked through, which is tried again in a minute: {reason}";
    Error "ddns" KOTARE_LOCAL_NAMES_TOO_MANY(most) = "more than {most} leases have names; those beyond are told to nobody";
}
