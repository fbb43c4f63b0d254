//! Log messages of `rbac`: Kea's identifiers, arguments, severities, logger and formats, which tools match.

kotare_messages::messages! {
    Debug(40) "rbac-hooks" RBAC_CONFIGURED_ACLS(count) = "RBAC hooks library has configured {count} named ACLs.";
    Debug(40) "rbac-hooks" RBAC_CONFIGURED_COMMANDS(count) = "RBAC hooks library has configured {count} extra commands.";
    Debug(40) "rbac-hooks" RBAC_CONFIGURED_ROLES(count) = "hooks library has configured {count} roles.";
    Info "rbac-hooks" RBAC_HTTP_AUTH_REJECT(configuration, role, command) = "Role configuration '{configuration}' for role '{role}' has rejected command '{command}'.";
    Info "rbac-hooks" RBAC_HTTP_AUTH_RESPONSE(response) = "RBAC hooks library has returned response: {response}.";
    Error "rbac-hooks" RBAC_LOAD_FAILED(reason) = "RBAC hooks library failed to load: {reason}.";
    Info "rbac-hooks" RBAC_LOAD_OK() = "RBAC hooks library loaded successfully.";
    Info "rbac-hooks" RBAC_READ_API_FILES(folder, commands, accesses, hooks) = "RBAC hooks library read API files from '{folder}' getting {commands} commands, {accesses} access types and {hooks} hooks.";
    Debug(40) "rbac-hooks" RBAC_TRACE_HTTP_AUTH_ACCEPT(configuration, role, command) = "Role configuration '{configuration}' for role '{role}' has accepted command '{command}'.";
    Debug(40) "rbac-hooks" RBAC_TRACE_HTTP_AUTH_COMMAND(command) = "Command '{command}' in http_auth callout.";
    Debug(40) "rbac-hooks" RBAC_TRACE_HTTP_AUTH_NO_TLS_REJECT() = "Non TLS request has been rejected.";
    Debug(40) "rbac-hooks" RBAC_TRACE_HTTP_AUTH_ROLE(role) = "Assigned role '{role}' in http_auth callout.";
    Debug(40) "rbac-hooks" RBAC_TRACE_HTTP_RESPONSE_CONTEXT(command, configuration) = "Retrieved command '{command}' and role config '{configuration}' in http_response callout.";
    Debug(40) "rbac-hooks" RBAC_TRACE_HTTP_RESPONSE_MODIFIED() = "The response has been modified by a response filter in http_response callout.";
    Info "rbac-hooks" RBAC_UNLOAD_OK() = "RBAC hooks library unloaded successfully.";
}
