//! Log messages of keys that are agreed on: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    // The library.
    Info "gss-tsig-hooks" GSS_TSIG_LOAD_OK() = "GSS-TSIG hooks library loaded successfully.";
    Info "gss-tsig-hooks" GSS_TSIG_UNLOAD_OK() = "GSS-TSIG hooks library unloaded successfully.";
    Error "gss-tsig-hooks" GSS_TSIG_LOAD_FAILED(reason) = "GSS-TSIG hooks library failed to load: {reason}.";
    Debug(40) "gss-tsig-hooks" GSS_TSIG_MANAGER_STARTED() = "hooks library GSS-TSIG key periodic manager started.";
    Debug(40) "gss-tsig-hooks" GSS_TSIG_MANAGER_STOPPED() = "hooks library GSS-TSIG key periodic manager stopped.";

    // Keys.
    Debug(40) "gss-tsig-hooks" GSS_TSIG_NEW_KEY(key) = "new GSS-TSIG key '{key}' was created.";
    Warn "gss-tsig-hooks" GSS_TSIG_NEW_KEY_SETUP_FAILED(key, reason) = "new GSS-TSIG key '{key}' setup failed: {reason}.";
    Debug(40) "gss-tsig-hooks" GSS_TSIG_NEW_KEY_SETUP_SUCCEED(key) = "new GSS-TSIG key '{key}' setup succeeded.";
    Debug(40) "gss-tsig-hooks" GSS_TSIG_OLD_KEY_REMOVED(count) = "{count} old GSS-TSIG keys were removed";
    Debug(40) "gss-tsig-hooks" START_REKEY_TIMER(server, seconds) = "started timer handling rekey for server {server} in {seconds} seconds.";
    Debug(40) "gss-tsig-hooks" START_RETRY_TIMER(server, seconds) = "started timer handling retry for server {server} in {seconds} seconds.";
    Error "gss-tsig-hooks" KEY_PROCESSING_FAILED(server, reason) = "The GSS-TKEY processing for server {server} failed because of an error: {reason}";
    Error "gss-tsig-hooks" BAD_CLIENT_CREDENTIALS(reason) = "bad client credentials: {reason}";
    Debug(40) "gss-tsig-hooks" KEY_LOOKUP_FOUND(key) = "hooks library lookup for a key: return GSS-TSIG key '{key}'.";
    Debug(40) "gss-tsig-hooks" KEY_LOOKUP_NONE() = "hooks library lookup for a key: found no usable key.";

    // Signatures.
    Debug(40) "gss-tsig-hooks" GSS_TSIG_VERIFIED() = "GSS-TSIG verify succeeded.";
    Info "gss-tsig-hooks" GSS_TSIG_VERIFY_FAILED(reason) = "GSS-TSIG verify failed: {reason}.";
    Info "gss-tsig-hooks" GSS_TSIG_IGNORED_BAD_DIRECTION() = "ignored bad direction verify failure.";

    // Exchanges.
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_SEND_MESSAGE(size) = "GSS-TKEY exchange sends a message of size: {size}.";
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_RECEIVE_MESSAGE(size) = "GSS-TKEY exchange receives a message of size: {size}.";
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_ANSWER_CLASS(class) = "GSS-TKEY exchange received a response with answer class: {class}.";
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_RDATA_COUNT(count) = "GSS-TKEY exchange received a response with rdata count: {count}.";
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_RESPONSE_TTL(seconds) = "GSS-TKEY exchange received a response with TTL of: {seconds} seconds.";
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_VALID(seconds) = "GSS-TKEY exchange retrieved a TKEY valid for: {seconds} seconds.";
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_OUT_TOKEN_NOT_EMPTY() = "GSS-TKEY exchange output token is not empty.";
    Debug(40) "gss-tsig-hooks" TKEY_EXCHANGE_VERIFIED() = "GSS-TKEY exchange verified.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAILED_TO_VERIFY() = "GSS-TKEY exchange failed because the response failed to verify.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_EMPTY_IN_TOKEN() = "GSS-TKEY exchange failed because input token is empty.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_EMPTY_OUT_TOKEN() = "GSS-TKEY exchange failed because output token is empty.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_IO_ERROR(reason) = "GSS-TKEY exchange failed because of the IO error: {reason}.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_IO_TIMEOUT() = "GSS-TKEY exchange failed because of IO timeout.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_NOT_SIGNED() = "GSS-TKEY exchange failed because the response is not signed.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_NO_RDATA() = "GSS-TKEY exchange failed because the response contains no rdata.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_NO_RESPONSE_ANSWER() = "GSS-TKEY exchange failed because the response contains no answer.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_RESPONSE_ERROR(reason) = "GSS-TKEY exchange failed because the response contains an error: {reason}.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_TKEY_ERROR(reason) = "GSS-TKEY exchange failed because the response contains TKEY error: {reason}.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_TO_INIT(reason) = "GSS-TKEY exchange failed to initialize because of the error: {reason}.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_WRONG_RESPONSE_ANSWER_COUNT(count) = "GSS-TKEY exchange failed because the response contains invalid number of RRs: {count}.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_WRONG_RESPONSE_ANSWER_TYPE(kind) = "GSS-TKEY exchange failed because the response contains wrong answer type: {kind}.";
    Error "gss-tsig-hooks" TKEY_EXCHANGE_FAIL_WRONG_RESPONSE_OPCODE(code) = "GSS-TKEY exchange failed because the response contains invalid opcode: {code}.";

    // What Kea does not do.
    Warn "gss-tsig-hooks" KOTARE_GSS_TSIG_KEY_FORGOTTEN(server, key) = "server {server} did not sign its answer with key '{key}' any more, as one that was started anew; another key is agreed on";
    Error "gss-tsig-hooks" KOTARE_GSS_TSIG_SIGN_FAILED(reason) = "a message could not be signed: {reason}";
}
