//! What the log says of files and sockets that are not safe, in Kea's words.

use kotare_config::json::{Diagnostic, Topic};
use kotare_config::schema::WithoutEffect;
use kotare_control::messages::{
    COMMAND_HTTP_SOCKET_SECURITY_WARNING, COMMAND_UNIX_SOCKET_PATH_SECURITY_WARNING,
    COMMAND_UNIX_SOCKET_PERMISSIONS_SECURITY_WARNING, HTTP_CLIENT_PASSWORD_SECURITY_WARNING,
    HTTP_CLIENT_USER_SECURITY_WARNING,
};
use kotare_daemon::logging::messages::DCTL_LOG_PATH_SECURITY_WARNING;

use crate::messages::KOTARE_CONFIG_NO_EFFECT;

/// Logs a warning about a file or a socket. What is about something else, and false then, has words of the daemon's own.
pub fn warn_of(one: &Diagnostic) -> bool {
    match &one.topic {
        Topic::LogFilePath => DCTL_LOG_PATH_SECURITY_WARNING(&one.message),
        Topic::SocketPath => COMMAND_UNIX_SOCKET_PATH_SECURITY_WARNING(&one.message),
        Topic::UnsecuredSocket(socket) => COMMAND_HTTP_SOCKET_SECURITY_WARNING(socket),
        Topic::ClearUser => HTTP_CLIENT_USER_SECURITY_WARNING(&one.source),
        Topic::ClearPassword => HTTP_CLIENT_PASSWORD_SECURITY_WARNING(&one.source),
        Topic::SocketPermissions => COMMAND_UNIX_SOCKET_PERMISSIONS_SECURITY_WARNING(&one.message),
        _ => return false,
    }
    true
}

/// Logs which parameters have no effect, if there are any.
pub fn tell_without_effect<'a>(parameters: impl IntoIterator<Item = &'a WithoutEffect>) {
    let keywords: Vec<_> = parameters.into_iter().map(ToString::to_string).collect();
    if !keywords.is_empty() {
        KOTARE_CONFIG_NO_EFFECT(keywords.join(", "));
    }
}
