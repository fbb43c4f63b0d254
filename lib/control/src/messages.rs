//! Log messages of the control channel, with Kea's identifiers.

kotare_messages::messages! {
    Info "commands" COMMAND_ACCEPTOR_START(path) = "Starting to accept connections via unix domain socket bound to {path}";
    Debug(10) "commands" COMMAND_DEREGISTERED(command) = "command {command} is no longer available";
    Debug(10) "commands" COMMAND_EXTENDED_REGISTERED(command) = "command {command} is available";
    Warn "commands" COMMAND_PROCESS_ERROR1(reason) = "Error while processing command: {reason}";
    Warn "commands" COMMAND_PROCESS_ERROR2(reason) = "Error while processing command: {reason}";
    Info "commands" COMMAND_RECEIVED(command) = "Received command '{command}'";
    Error "commands" COMMAND_SOCKET_ACCEPT_FAIL(socket, reason) = "Failed to accept incoming connection on command socket {socket}: {reason}";
    Info "commands" COMMAND_SOCKET_CLOSED_BY_FOREIGN_HOST(socket, discarded) = "Closed command socket {socket} by foreign host, {discarded}";
    Debug(10) "commands" COMMAND_SOCKET_CONNECTION_CLOSED(socket) = "closed connection of a client to command socket {socket}";
    Debug(10) "commands" COMMAND_SOCKET_CONNECTION_OPENED(socket) = "client connected to command socket {socket}";
    Error "commands" COMMAND_SOCKET_CONNECTION_SHUTDOWN_FAIL(reason) = "Encountered error {reason} while trying to gracefully shutdown socket";
    Info "commands" COMMAND_SOCKET_CONNECTION_TIMEOUT(socket) = "Timeout occurred for connection over socket {socket}";
    Debug(10) "commands" COMMAND_SOCKET_READ(bytes, socket) = "received {bytes} bytes at command socket {socket}";
    Error "commands" COMMAND_SOCKET_READ_FAIL(reason, socket) = "Encountered error {reason} while reading from command socket {socket}";
    Debug(10) "commands" COMMAND_SOCKET_WRITE(bytes, left, socket) = "sent {bytes} bytes of the answer, {left} left, at command socket {socket}";
    Warn "commands" COMMAND_UNIX_SOCKET_PATH_SECURITY_WARNING(reason) = "unix socket path is NOT SECURE: {reason}";
    Warn "commands" COMMAND_UNIX_SOCKET_PERMISSIONS_SECURITY_WARNING(reason) = "unix socket permissions are NOT SECURE: {reason}";
    Error "commands" COMMAND_SOCKET_WRITE_FAIL(socket, reason) = "Error while writing to command socket {socket} : {reason}";
}
