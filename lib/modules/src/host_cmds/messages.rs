//! Log messages of the module: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Info "host-cmds-hooks" HOST_CMDS_DEINIT_OK() = "unloading Host Commands hooks library successful";
    Error "host-cmds-hooks" HOST_CMDS_INIT_FAILED(reason) = "loading Host Commands hooks library failed: {reason}";
    Info "host-cmds-hooks" HOST_CMDS_INIT_OK() = "loading Host Commands hooks library successful";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_ADD(parameters) = "reservation-add command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_ADD_FAILED(parameters, reason) = "reservation-add command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_ADD_SUCCESS(parameters) = "reservation-add command success (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_DEL(parameters) = "reservation-del command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_DEL_FAILED(parameters, reason) = "reservation-del command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_DEL_SUCCESS(parameters) = "reservation-del command success (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET(parameters) = "reservation-get command called (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_ALL(parameters) = "reservation-get-all command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_GET_ALL_FAILED(parameters, reason) = "reservation-get-all command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_ALL_SUCCESS(parameters) = "reservation-get-all command success (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_ADDRESS(parameters) = "reservation-get-by-address command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_ADDRESS_FAILED(parameters, reason) = "reservation-get-by-address command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_ADDRESS_SUCCESS(parameters) = "reservation-get-by-address command success (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_HOSTNAME(parameters) = "reservation-get-by-hostname command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_HOSTNAME_FAILED(parameters, reason) = "reservation-get-by-hostname command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_HOSTNAME_SUCCESS(parameters) = "reservation-get-by-hostname command success (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_ID(parameters) = "reservation-get-by-id command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_ID_FAILED(parameters, reason) = "reservation-get-by-id command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_BY_ID_SUCCESS(parameters) = "reservation-get-by-id command success (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_GET_FAILED(parameters, reason) = "reservation-get command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_PAGE(parameters) = "reservation-get-page command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_GET_PAGE_FAILED(parameters, reason) = "reservation-get-page command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_PAGE_SUCCESS(parameters) = "reservation-get-page command success (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_GET_SUCCESS(parameters) = "reservation-get command success (parameters: {parameters})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_UPDATE(parameters) = "reservation-update command called (parameters: {parameters})";
    Error "host-cmds-hooks" HOST_CMDS_RESERV_UPDATE_FAILED(parameters, reason) = "reservation-update command failed (parameters: {parameters}, reason: {reason})";
    Info "host-cmds-hooks" HOST_CMDS_RESERV_UPDATE_SUCCESS(parameters) = "reservation-update command success (parameters: {parameters})";
}
