//! Log messages of `ddns_tuning`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING4_CALCULATED_HOSTNAME(name, calculated, client) = "Replacing host name: {name}, with calculated host name: {calculated}, for query: {client}";
    Error "ddns-tuning-hooks" DDNS_TUNING4_PROCESS_ERROR(client, reason) = "An error occurred processing query {client}: {reason}";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING4_SKIPPING_DDNS(client) = "Client is a member matches SKIP_DDNS class, skipping DDNS updates, query: {client}";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING6_CALCULATED_HOSTNAME(name, calculated, client) = "Replacing host name: {name}, with calculated host name: {calculated}, for query: {client}";
    Error "ddns-tuning-hooks" DDNS_TUNING6_PROCESS_ERROR(client, reason) = "An error occurred processing query {client}: {reason}";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING6_SKIPPING_DDNS(client) = "Client is a member matches SKIP_DDNS class, skipping DDNS updates, query: {client}";
    Info "ddns-tuning-hooks" DDNS_TUNING_GLOBAL_EXPR_SET(expression) = "Global hostname expression set to: {expression}";
    Error "ddns-tuning-hooks" DDNS_TUNING_LOAD_ERROR(reason) = "loading DDNS Tuning hooks library failed: {reason}";
    Info "ddns-tuning-hooks" DDNS_TUNING_LOAD_OK() = "DDNS Tuning hooks library loaded successfully.";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING_SUBNET_EXPRESSION_PARSE(expression, subnet) = "Parsing subnet expression ({expression}) for for subnet {subnet}";
    Error "ddns-tuning-hooks" DDNS_TUNING_SUBNET_EXPRESSION_PARSE_ERROR(subnet, reason) = "An error occurred while parsing the hostname expression for subnet {subnet}, {reason}";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING_SUBNET_EXPR_CACHED(subnet) = "Using subnet expression stored in a cache for subnet {subnet}";
    Info "ddns-tuning-hooks" DDNS_TUNING_UNLOAD() = "DDNS Tuning hooks library has been unloaded";
}
