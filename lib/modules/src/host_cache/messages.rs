//! Log messages of the module: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Info "host-cache-hooks" HOST_CACHE_COMMAND_CLEAR() = "cache-clear command successful";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_FLUSH() = "cache-flush command successful";
    Error "host-cache-hooks" HOST_CACHE_COMMAND_FLUSH_FAILED(parameters, reason) = "cache-flush command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_GET(count) = "cache-get command successful (returned: {count})";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_GET_BY_ID(count) = "cache-get-by-id command successful (returned: {count})";
    Error "host-cache-hooks" HOST_CACHE_COMMAND_GET_BY_ID_FAILED(reason) = "cache-get-by-id command failed (reason: {reason})";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_INSERT(inserted, overwritten) = "cache-insert command successful (inserted: {inserted}, overwritten: {overwritten})";
    Error "host-cache-hooks" HOST_CACHE_COMMAND_INSERT_FAILED(parameters, reason) = "cache-insert command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_LOAD(loaded, overwritten) = "cache-load command successful (loaded: {loaded}, overwritten: {overwritten})";
    Error "host-cache-hooks" HOST_CACHE_COMMAND_LOAD_FAILED(parameters, reason) = "cache-load command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_REMOVE(parameters) = "cache-remove command successful (parameters: {parameters})";
    Error "host-cache-hooks" HOST_CACHE_COMMAND_REMOVE_FAILED(parameters, reason) = "cache-remove command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_SIZE(count) = "cache-clear command successful: {count}";
    Info "host-cache-hooks" HOST_CACHE_COMMAND_WRITE(count) = "cache-write command successful (dumped: {count})";
    Error "host-cache-hooks" HOST_CACHE_COMMAND_WRITE_FAILED(parameters, reason) = "cache-write command failed (parameters: {parameters}, reason: {reason})";
    Error "host-cache-hooks" HOST_CACHE_CONFIGURATION_FAILED(reason) = "failed to configure Host Cache hooks library: {reason}";
    Info "host-cache-hooks" HOST_CACHE_DEINIT_OK() = "unloading Host Cache hooks library successful";
    Info "host-cache-hooks" HOST_CACHE_INIT_OK() = "loading Host Cache hooks library successful";
    Warn "host-cache-hooks" HOST_CACHE_PATH_SECURITY_WARNING(reason) = "Cache file path specified is NOT SECURE: {reason}";
}
