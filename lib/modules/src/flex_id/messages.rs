//! Log messages of `flex_id`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "flex-id-hooks" FLEX_ID_CID_AS_RFC4361_DUID_ENABLED() = "the client identifiers that are made have an RFC 4361 DUID in them";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_EVALUATED(value, size) = "the expression is \"{value}\" for this message ({size} bytes)";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_EVALUATED_NP(value, size) = "the expression is 0x{value} for this message ({size} bytes)";
    Debug(40) "flex-id-hooks" FLEX_ID_EXPRESSION_HEX(value) = "in hexadecimal, the expression is \"{value}\"";
    Error "flex-id-hooks" FLEX_ID_EXPRESSION_PARSE_FAILED(expression, reason) = "The identifier-expression is [{expression}], but fails to parse with error: {reason}";
    Error "flex-id-hooks" FLEX_ID_LOAD_ERROR(reason) = "An error occurred loading the library {reason}";
    Debug(40) "flex-id-hooks" FLEX_ID_NO_IDENTIFIER_EXPRESSION() = "identifier-expression is empty or not written: nothing is identified by it";
    Debug(40) "flex-id-hooks" FLEX_ID_RESTORE_CLIENT_ID(id) = "the response has the client identifier '{id}' that the client sent";
    Info "flex-id-hooks" FLEX_ID_UNLOAD() = "Flex-id library has been unloaded.";
    Debug(40) "flex-id-hooks" FLEX_ID_USED_AS_CLIENT_ID(id) = "the flexible identifier \"{id}\" is the client identifier";
    Error "flex-id-hooks" KOTARE_FLEX_ID_NOT_EVALUATED(client, reason) = "{client}: the flexible identifier cannot be found out: {reason}";
}
