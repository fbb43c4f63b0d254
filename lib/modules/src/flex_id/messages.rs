//! Log messages of `flex_id`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "flex-id-hooks" FLEX_ID_CID_AS_RFC4361_DUID_ENABLED() = "cid-as-rfc4361-duid is true.";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_EVALUATED(value, size) = "Expression evaluated for packet to \"{value}\" (size: {size})";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_EVALUATED_NP(value, size) = "Expression evaluated for packet to 0x{value} (size: {size})";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_HEX(value) = "evaluated expression in hexadecimal form \"{value}\"";
    Error "flex-id-hooks" FLEX_ID_EXPRESSION_PARSE_FAILED(expression, reason) = "The identifier-expression is [{expression}], but fails to parse with error: {reason}";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_APPLIED_ON_NA(iaid) = "the ignore-iaid has changed IAID ({iaid}) to 0 for the IA_NA option.";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_APPLIED_ON_PD(iaid) = "the ignore-iaid has changed IAID ({iaid}) to 0 for the IA_PD option.";
    Warn "flex-id-hooks" FLEX_ID_IGNORE_IAID_ENABLED() = "the ignore-iaid is set. It only has an effect on clients with at most one IA_NA and one IA_PD.";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_NOT_APPLIED_ON_NA() = "the ignore-iaid was not applied on the packet because it contains more than one IA_NA.";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_NOT_APPLIED_ON_PD() = "the ignore-iaid was not applied on the packet because it contains more than one IA_PD.";
    Error "flex-id-hooks" FLEX_ID_LOAD_ERROR(reason) = "An error occurred loading the library {reason}";
    Debug(40) "flex-id-hooks" FLEX_ID_NO_IDENTIFIER_EXPRESSION() = "identifier-expression is either not specified or empty";
    Debug(40) "flex-id-hooks" FLEX_ID_RESTORE_CLIENT_ID(id) = "restoring original client identifier '{id}' in the response";
    Debug(40) "flex-id-hooks" FLEX_ID_RESTORE_DUID(duid) = "restoring original DUID \"{duid}\" in the response";
    Info "flex-id-hooks" FLEX_ID_UNLOAD() = "Flex-id library has been unloaded.";
    Debug(40) "flex-id-hooks" FLEX_ID_USED_AS_CLIENT_ID(id) = "using flexible identifier \"{id}\" as client identifier";
    Debug(40) "flex-id-hooks" FLEX_ID_USED_AS_DUID(duid) = "using flexible identifier \"{duid}\" as DUID";
    Error "flex-id-hooks" KOTARE_FLEX_ID_NOT_EVALUATED(client, reason) = "{client}: the flexible identifier cannot be found out: {reason}";
}
