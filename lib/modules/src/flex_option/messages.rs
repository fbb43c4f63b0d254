//! Log messages of `flex_option`: Kea's identifiers, arguments, severities, logger and formats, which tools match.

kotare_messages::messages! {
    Warn "flex-option-hooks" FLEX_OPTION_CONFIG_USELESS_CLASS(code, class) = "For the option code {code} the client class {class} is required before classification for a query destination";
    Warn "flex-option-hooks" FLEX_OPTION_CONFIG_USELESS_MEMBER(code, expression) = "For the option code {code} the member expression {expression} is evaluated before classification for a query destination";
    Warn "flex-option-hooks" FLEX_OPTION_CONFIG_SUB_USELESS_CLASS(code, container, class) = "For the sub-option code {code} in option code {container} the client class {class} is required before classification for a query destination";
    Warn "flex-option-hooks" FLEX_OPTION_CONFIG_SUB_USELESS_MEMBER(code, container, expression) = "For the sub-option code {code} in option code {container} the member expression {expression} is evaluated before classification for a query destination";
    Error "flex-option-hooks" FLEX_OPTION_PROCESS_ERROR(client, reason) = "An error occurred processing query {client}: {reason}";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_ADD(code, value) = "Added the option code {code} with value {value}";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_SUPERSEDE(code, value) = "Supersedes the option code {code} with value {value}";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_REMOVE(code) = "Removed option code {code}";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_CLIENT_CLASS(code, class) = "Skip processing of the option code {code} for class '{class}'";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_SUB_ADD(code, container, value) = "Added the sub-option code {code} in option code {container} with value {value}";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_SUB_SUPERSEDE(code, container, value) = "Supersedes the sub-option code {code} in option code {container} with value {value}";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_SUB_REMOVE(code, container) = "Removed sub-option code {code} in option code {container}";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_SUB_CLIENT_CLASS(code, container, class) = "Skip processing of the sub-option code {code} in option code {container} for class '{class}'";
    Debug(40) "flex-option-hooks" FLEX_OPTION_PROCESS_VENDOR_ID_MISMATCH(code, vendor, wanted) = "Skip processing of vendor option code {code} with vendor id {vendor} not matching wanted {wanted}";
    Error "flex-option-hooks" FLEX_OPTION_LOAD_ERROR(reason) = "loading Flex Option hooks library failed: {reason}";
    Info "flex-option-hooks" FLEX_OPTION_UNLOAD() = "Flex Option hooks library has been unloaded";
}
