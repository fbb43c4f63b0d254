//! Log messages of the module.

kotare_messages::messages! {
    Error "cb-cmds-hooks" KOTARE_CB_CMDS_COMMAND_FAILED(command, reason) = "{command} failed: {reason}";
    Info "cb-cmds-hooks" KOTARE_CB_CMDS_DEINIT_OK() = "unloading Configuration Backend Commands hooks library successful";
    Error "cb-cmds-hooks" KOTARE_CB_CMDS_INIT_FAILED(reason) = "loading Configuration Backend Commands hooks library failed: {reason}";
    Info "cb-cmds-hooks" KOTARE_CB_CMDS_INIT_OK() = "loading Configuration Backend Commands hooks library successful";
}
