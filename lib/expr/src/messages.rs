//! Log messages about the evaluation of expressions (manual, "Debugging Expressions"): Kea's identifiers, arguments,
//! levels, logger and formats.
//!
//! Kea's words are those of a machine with a stack, and the order of the lines is the order in which it works. Ours
//! follows the tree in the same order, so an operator reads the same lines.

kotare_messages::messages! {
    Debug(55) "eval" EVAL_DEBUG_AND(client, right, left, result) = "{client}: Popping {right} and {left} pushing {result}";
    Debug(55) "eval" EVAL_DEBUG_BRANCH(label) = "Branching to {label}";
    Debug(55) "eval" EVAL_DEBUG_CONCAT(client, right, left, result) = "{client}: Popping {right} and {left} pushing {result}";
    Debug(55) "eval" EVAL_DEBUG_EQUAL(client, right, left, result) = "{client}: Popping {right} and {left} pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_HEXSTRING(client, value) = "{client}: Pushing hex string {value}";
    Debug(55) "eval" EVAL_DEBUG_IFELSE_FALSE(client, condition, other, result) = "{client}: Popping {condition} (false) and {other}, leaving {result}";
    Debug(55) "eval" EVAL_DEBUG_IFELSE_TRUE(client, condition, other, result) = "{client}: Popping {condition} (true) and {other}, leaving {result}";
    Debug(55) "eval" EVAL_DEBUG_INT16TOTEXT(client, value) = "{client}: Pushing Int16 {value}";
    Debug(55) "eval" EVAL_DEBUG_INT32TOTEXT(client, value) = "{client}: Pushing Int32 {value}";
    Debug(55) "eval" EVAL_DEBUG_INT8TOTEXT(client, value) = "{client}: Pushing Int8 {value}";
    Debug(55) "eval" EVAL_DEBUG_IPADDRESS(client, value) = "{client}: Pushing IPAddress {value}";
    Debug(55) "eval" EVAL_DEBUG_IPADDRESSTOTEXT(client, value) = "{client}: Pushing IPAddress {value}";
    Debug(55) "eval" EVAL_DEBUG_LCASE(client, value, result) = "{client}: Popping string {value} and pushing converted value to lower case {result}";
    Debug(55) "eval" EVAL_DEBUG_MATCH(pattern, value, result) = "Matching '{pattern}' on {value}, result {result}";
    Debug(55) "eval" EVAL_DEBUG_MEMBER(client, class, result) = "{client}: Checking membership of '{class}', pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_NOT(client, value, result) = "{client}: Popping {value} pushing {result}";
    Debug(55) "eval" EVAL_DEBUG_OPTION(client, option, value) = "{client}: Pushing {option} with value {value}";
    Debug(55) "eval" EVAL_DEBUG_OR(client, right, left, result) = "{client}: Popping {right} and {left} pushing {result}";
    Debug(55) "eval" EVAL_DEBUG_PKT(client, field, value) = "{client}: Pushing PKT meta data {field} with value {value}";
    Debug(55) "eval" EVAL_DEBUG_PKT4(client, field, value) = "{client}: Pushing PKT4 field {field} with value {value}";
    Debug(55) "eval" EVAL_DEBUG_PKT6(client, field, value) = "{client}: Pushing PKT6 field {field} with value {value}";
    Debug(55) "eval" EVAL_DEBUG_POP_AND_BRANCH_FALSE(label) = "Value is false: branching to {label}";
    Debug(55) "eval" EVAL_DEBUG_POP_OR_BRANCH_FALSE(label) = "Value is false: keeping it and branching to {label}";
    Debug(55) "eval" EVAL_DEBUG_POP_OR_BRANCH_TRUE(label) = "Value is true: keeping it and branching to {label}";
    Debug(55) "eval" EVAL_DEBUG_RELAY6(client, field, nest, value) = "{client}: Pushing PKT6 relay field {field} nest {nest} with value {value}";
    Debug(55) "eval" EVAL_DEBUG_RELAY6_RANGE(client, field, nest, value) = "{client}: Pushing PKT6 relay field {field} nest {nest} with value {value}";
    Debug(55) "eval" EVAL_DEBUG_SPLIT(client, field, delimiters, text, result) = "{client}: Popping field {field}, delimiters {delimiters}, string {text}, pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_SPLIT_DELIM_EMPTY(client, field, delimiters, text, result) = "{client}: Popping field {field}, delimiters {delimiters}, string {text}, pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_SPLIT_EMPTY(client, field, delimiters, text, result) = "{client}: Popping field {field}, delimiters {delimiters}, string {text}, pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_SPLIT_FIELD_OUT_OF_RANGE(client, field, delimiters, text, result) = "{client}: Popping field {field}, delimiters {delimiters}, string {text}, pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_STRING(client, value) = "{client}: Pushing text string {value}";
    Debug(55) "eval" EVAL_DEBUG_SUBSTRING(client, length, start, text, result) = "{client}: Popping length {length}, start {start}, string {text} pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_SUBSTRING_EMPTY(client, length, start, text, result) = "{client}: Popping length {length}, start {start}, string {text} pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_SUBSTRING_RANGE(client, length, start, text, result) = "{client}: Popping length {length}, start {start}, string {text} pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_TOHEXSTRING(client, value, separator, result) = "{client}: Popping binary value {value} and separator {separator}, pushing result {result}";
    Debug(55) "eval" EVAL_DEBUG_UCASE(client, value, result) = "{client}: Popping string {value} and pushing converted value to upper case {result}";
    Debug(55) "eval" EVAL_DEBUG_UINT16TOTEXT(client, value) = "{client}: Pushing UInt16 {value}";
    Debug(55) "eval" EVAL_DEBUG_UINT32TOTEXT(client, value) = "{client}: Pushing UInt32 {value}";
    Debug(55) "eval" EVAL_DEBUG_UINT8TOTEXT(client, value) = "{client}: Pushing UInt8 {value}";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_CLASS_DATA(client, index, count, result) = "{client}: Data {index} (out of {count} received) in vendor class found, pushing result '{result}'";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_CLASS_DATA_NOT_FOUND(client, index, enterprise, count, result) = "{client}: Requested data index {index}, but option with enterprise-id {enterprise} has only {count} data tuple(s), pushing result '{result}'";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_CLASS_ENTERPRISE_ID(client, enterprise, result) = "{client}: Pushing enterprise-id {enterprise} as result 0x{result}";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_CLASS_ENTERPRISE_ID_MISMATCH(client, wanted, enterprise, result) = "{client}: Was looking for {wanted}, option had {enterprise}, pushing result '{result}'";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_CLASS_EXISTS(client, enterprise, result) = "{client}: Option with enterprise-id {enterprise} found, pushing result '{result}'";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_CLASS_NO_OPTION(client, code, result) = "{client}: Option with code {code} missing, pushing result '{result}'";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_ENTERPRISE_ID(client, enterprise, result) = "{client}: Pushing enterprise-id {enterprise} as result 0x{result}";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_ENTERPRISE_ID_MISMATCH(client, wanted, enterprise, result) = "{client}: Was looking for {wanted}, option had {enterprise}, pushing result '{result}'";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_EXISTS(client, enterprise, result) = "{client}: Option with enterprise-id {enterprise} found, pushing result '{result}'";
    Debug(55) "eval" EVAL_DEBUG_VENDOR_NO_OPTION(client, code, result) = "{client}: Option with code {code} missing, pushing result '{result}'";
}
