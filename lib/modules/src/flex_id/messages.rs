//! Log messages of `flex_id`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "flex-id-hooks" FLEX_ID_CID_AS_RFC4361_DUID_ENABLED() = "the client identifiers that are made have an RFC 4361 DUID in them";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_EVALUATED(value, size) = "the expression is \"{value}\" for this message ({size} bytes)";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_EVALUATED_NP(value, size) = "the expression is 0x{value} for this message ({size} bytes)";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_HEX(value) = "in hexadecimal, the expression is \"{value}\"";
    Error "flex-id-hooks" FLEX_ID_EXPRESSION_PARSE_FAILED(expression, reason) = "The identifier-expression is [{expression}], but fails to parse with error: {reason}";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_APPLIED_ON_NA(iaid) = "the IA_NA option has the IAID 0 in place of {iaid}";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_APPLIED_ON_PD(iaid) = "the IA_PD option has the IAID 0 in place of {iaid}";
    Warn "flex-id-hooks" FLEX_ID_IGNORE_IAID_ENABLED() = "the ignore-iaid is set. It only has an effect on clients with at most one IA_NA and one IA_PD.";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_NOT_APPLIED_ON_NA() = "the message has several IA_NA options, which keep their IAIDs";
    Debug(40) "flex-id-hooks" FLEX_ID_IGNORE_IAID_NOT_APPLIED_ON_PD() = "the message has several IA_PD options, which keep their IAIDs";
    Error "flex-id-hooks" FLEX_ID_LOAD_ERROR(reason) = "An error occurred loading the library {reason}";
    Debug(40) "flex-id-hooks" FLEX_ID_NO_IDENTIFIER_EXPRESSION() = "identifier-expression is empty or not written: nothing is identified by it";
    Debug(40) "flex-id-hooks" FLEX_ID_RESTORE_CLIENT_ID(id) = "the response has the client identifier '{id}' that the client sent";
    Debug(40) "flex-id-hooks" FLEX_ID_RESTORE_DUID(duid) = "the response has the DUID \"{duid}\" that the client sent";
    Info "flex-id-hooks" FLEX_ID_UNLOAD() = "Flex-id library has been unloaded.";
    Debug(40) "flex-id-hooks" FLEX_ID_USED_AS_CLIENT_ID(id) = "the flexible identifier \"{id}\" is the client identifier";
    Debug(40) "flex-id-hooks" FLEX_ID_USED_AS_DUID(duid) = "the flexible identifier \"{duid}\" is the DUID";
    Error "flex-id-hooks" KOTARE_FLEX_ID_NOT_EVALUATED(client, reason) = "{client}: the flexible identifier cannot be found out: {reason}";
}
