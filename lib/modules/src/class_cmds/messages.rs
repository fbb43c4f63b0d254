//! Log messages of the module: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Info "class-cmds-hooks" CLASS_CMDS_DEINIT_OK() = "unloading Class Commands hooks library successful";
    Error "class-cmds-hooks" CLASS_CMDS_INIT_FAILED(reason) = "loading Class Commands hooks library failed: {reason}";
    Info "class-cmds-hooks" CLASS_CMDS_INIT_OK() = "loading Class Commands hooks library successful";

    Info "class-cmds-hooks" CLASS_CMDS_CLASS_ADD(class) = "class added: {class}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_ADD_FAILED(reason) = "failed to add a new class: {reason}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_DEL(name) = "class deleted: {name}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_DEL_EMPTY(name) = "class not deleted (not found): {name}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_DEL_FAILED(reason) = "failed to delete a class: {reason}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_GET(name) = "successfully retrieved a class: {name}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_GET_EMPTY(name) = "specified class was not found: {name}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_GET_FAILED(reason) = "failed to retrieve a class: {reason}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_LIST() = "successfully retrieved classes names";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_LIST_EMPTY() = "no class was found";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_UPDATE(class) = "class updated: {class}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_UPDATE_EMPTY(name) = "class not updated (not found): {name}";
    Info "class-cmds-hooks" CLASS_CMDS_CLASS_UPDATE_FAILED(reason) = "failed to update a class: {reason}";
}
