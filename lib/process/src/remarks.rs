//! What the log says of files and sockets that are not safe, in Kea's words.

use kotare_config::json::{Diagnostic, Topic};
use kotare_control::messages::{
    COMMAND_HTTP_SOCKET_SECURITY_WARNING, COMMAND_UNIX_SOCKET_PATH_SECURITY_WARNING,
    COMMAND_UNIX_SOCKET_PERMISSIONS_SECURITY_WARNING, HTTP_CLIENT_PASSWORD_SECURITY_WARNING,
    HTTP_CLIENT_USER_SECURITY_WARNING,
};
use kotare_daemon::logging::messages::DCTL_LOG_PATH_SECURITY_WARNING;

/// Logs a warning about a file or a socket. What is about something else has words of the daemon's own.
pub fn warn_of(one: &Diagnostic) {
    match &one.topic {
        Topic::LogFilePath => DCTL_LOG_PATH_SECURITY_WARNING(&one.message),
        Topic::SocketPath => COMMAND_UNIX_SOCKET_PATH_SECURITY_WARNING(&one.message),
        Topic::UnsecuredSocket(socket) => COMMAND_HTTP_SOCKET_SECURITY_WARNING(socket),
        Topic::ClearUser => HTTP_CLIENT_USER_SECURITY_WARNING(&one.source),
        Topic::ClearPassword => HTTP_CLIENT_PASSWORD_SECURITY_WARNING(&one.source),
        Topic::SocketPermissions => COMMAND_UNIX_SOCKET_PERMISSIONS_SECURITY_WARNING(&one.message),
        _ => {}
    }
}
