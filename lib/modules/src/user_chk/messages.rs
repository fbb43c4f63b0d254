//! Log messages of `user_chk`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Error "user-chk" USER_CHK_HOOK_LOAD_ERROR(reason) = "DHCP UserCheckHook could not be loaded: {reason}";
    Error "user-chk" KOTARE_USER_CHK_OUTCOME_LOST(count, file, reason) = "{count} outcomes are not in {file}: {reason}";
    Error "user-chk" KOTARE_USER_CHK_REGISTRY_KEPT(reason) = "the registry of users stays as it was: {reason}";
    Debug(40) "user-chk" KOTARE_USER_CHK_REGISTRY_READ(file, count) = "{count} users were read from {file}";
}
