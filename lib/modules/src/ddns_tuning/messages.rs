//! Log messages of `ddns_tuning`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING4_CALCULATED_HOSTNAME(name, calculated, client) = "in place of '{name}', '{calculated}' is the name of {client}";
    Error "ddns-tuning-hooks" DDNS_TUNING4_PROCESS_ERROR(client, reason) = "An error occurred processing query {client}: {reason}";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING4_SKIPPING_DDNS(client) = "nothing is updated in the DNS of {client}, which is in the class SKIP_DDNS";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING6_CALCULATED_HOSTNAME(name, calculated, client) = "in place of '{name}', '{calculated}' is the name of {client}";
    Error "ddns-tuning-hooks" DDNS_TUNING6_PROCESS_ERROR(client, reason) = "An error occurred processing query {client}: {reason}";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING6_SKIPPING_DDNS(client) = "nothing is updated in the DNS of {client}, which is in the class SKIP_DDNS";
    Info "ddns-tuning-hooks" DDNS_TUNING_GLOBAL_EXPR_SET(expression) = "Global hostname expression set to: {expression}";
    Error "ddns-tuning-hooks" DDNS_TUNING_LOAD_ERROR(reason) = "loading DDNS Tuning hooks library failed: {reason}";
    Info "ddns-tuning-hooks" DDNS_TUNING_LOAD_OK() = "DDNS Tuning hooks library loaded successfully.";
    Debug(40) "ddns-tuning-hooks" DDNS_TUNING_SUBNET_EXPRESSION_PARSE(expression, subnet) = "the expression [{expression}] makes the names in the subnet {subnet}";
    Error "ddns-tuning-hooks" DDNS_TUNING_SUBNET_EXPRESSION_PARSE_ERROR(subnet, reason) = "An error occurred while parsing the hostname expression for subnet {subnet}, {reason}";
    Info "ddns-tuning-hooks" DDNS_TUNING_UNLOAD() = "DDNS Tuning hooks library has been unloaded";
}
