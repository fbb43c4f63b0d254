//! Log messages of the control channel, with Kea's identifiers.

kotare_messages::messages! {
    Info "commands" COMMAND_ACCEPTOR_START(path) = "accepting commands at UNIX socket {path}";
    Debug(10) "commands" COMMAND_DEREGISTERED(command) = "command {command} is no longer available";
    Debug(10) "commands" COMMAND_EXTENDED_REGISTERED(command) = "command {command} is available";
    Warn "commands" COMMAND_PROCESS_ERROR1(reason) = "command refused: {reason}";
    Warn "commands" COMMAND_PROCESS_ERROR2(reason) = "command failed: {reason}";
    Info "commands" COMMAND_RECEIVED(command) = "received command '{command}'";
    Error "commands" COMMAND_SOCKET_ACCEPT_FAIL(socket, reason) = "cannot accept a client at command socket {socket}: {reason}";
    Info "commands" COMMAND_SOCKET_CLOSED_BY_FOREIGN_HOST(socket, discarded) = "client closed command socket {socket}: {discarded}";
    Debug(10) "commands" COMMAND_SOCKET_CONNECTION_CLOSED(socket) = "closed connection of a client to command socket {socket}";
    Debug(10) "commands" COMMAND_SOCKET_CONNECTION_OPENED(socket) = "client connected to command socket {socket}";
    Error "commands" COMMAND_SOCKET_CONNECTION_SHUTDOWN_FAIL(reason) = "cannot end the connection of a command's client: {reason}";
    Info "commands" COMMAND_SOCKET_CONNECTION_TIMEOUT(socket) = "client of command socket {socket} was idle for too long";
    Debug(10) "commands" COMMAND_SOCKET_READ(bytes, socket) = "received {bytes} bytes at command socket {socket}";
    Error "commands" COMMAND_SOCKET_READ_FAIL(reason, socket) = "error {reason} reading from command socket {socket}";
    Debug(10) "commands" COMMAND_SOCKET_WRITE(bytes, left, socket) = "sent {bytes} bytes of the answer, {left} left, at command socket {socket}";
    Error "commands" COMMAND_SOCKET_WRITE_FAIL(socket, reason) = "cannot answer at command socket {socket}: {reason}";
}
