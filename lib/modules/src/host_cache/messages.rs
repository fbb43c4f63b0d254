//! Log messages of the module: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Debug(45) "host-cache-hooks" HOST_CACHE_ADD(host) = "remembered: {host}";
    Debug(45) "host-cache-hooks" HOST_CACHE_ADD_DUPLICATE(host) = "not remembered, as there is something of that client or address: {host}";
    Debug(45) "host-cache-hooks" HOST_CACHE_DEL_SUBNET_ID_ADDRESS4(subnet, address, host) = "forgotten in subnet {subnet} of {address}: {host}";
    Debug(45) "host-cache-hooks" HOST_CACHE_DEL_SUBNET_ID_ADDRESS6(subnet, address, host) = "forgotten in subnet {subnet} of {address}: {host}";
    Debug(45) "host-cache-hooks" HOST_CACHE_DEL_SUBNET_ID_IDENTIFIER4(subnet, id, host) = "forgotten in subnet {subnet} of {id}: {host}";
    Debug(45) "host-cache-hooks" HOST_CACHE_DEL_SUBNET_ID_IDENTIFIER6(subnet, id, host) = "forgotten in subnet {subnet} of {id}: {host}";
    Debug(40) "host-cache-hooks" HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS4(subnet, address) = "looking for what is remembered in subnet {subnet} of {address}";
    Debug(45) "host-cache-hooks" HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS4_HOST(subnet, address, host) = "remembered in subnet {subnet} of {address}: {host}";
    Debug(40) "host-cache-hooks" HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS6(subnet, address) = "looking for what is remembered in subnet {subnet} of {address}";
    Debug(45) "host-cache-hooks" HOST_CACHE_GET_ONE_SUBNET_ID_ADDRESS6_HOST(subnet, address, host) = "remembered in subnet {subnet} of {address}: {host}";
    Debug(40) "host-cache-hooks" HOST_CACHE_GET_ONE_SUBNET_ID_IDENTIFIER(protocol, subnet, id) = "looking for what is remembered of {protocol} in subnet {subnet} of {id}";
    Debug(45) "host-cache-hooks" HOST_CACHE_GET_ONE_SUBNET_ID_IDENTIFIER_HOST(subnet, id, host) = "remembered in subnet {subnet} of {id}: {host}";
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
