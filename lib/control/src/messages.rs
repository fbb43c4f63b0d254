//! Log messages of the control channel, with Kea's identifiers.

kotare_messages::messages! {
    Info "commands" COMMAND_ACCEPTOR_START(path) = "Starting to accept connections via unix domain socket bound to {path}";
    Debug(10) "commands" COMMAND_DEREGISTERED(command) = "command {command} is no longer available";
    Debug(10) "commands" COMMAND_EXTENDED_REGISTERED(command) = "command {command} is available";
    Warn "commands" COMMAND_HTTP_SOCKET_SECURITY_WARNING(socket) = "command socket configuration is NOT SECURE: {socket}";
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
    Debug(50) "http" HTTPS_REQUEST_RECEIVE_START(client) = "reading a request of {client} over TLS";
    Debug(40) "http" HTTP_BAD_CLIENT_REQUEST_RECEIVED(client, reason) = "refused a request of {client}: {reason}";
    Info "auth" HTTP_CLIENT_PASSWORD_SECURITY_WARNING(place) = "use of clear text 'password' is NOT SECURE: {place}";
    Info "auth" HTTP_CLIENT_REQUEST_AUTHORIZED(user) = "received HTTP request authorized for '{user}'";
    Info "auth" HTTP_CLIENT_REQUEST_BAD_AUTH_HEADER(reason) = "received HTTP request with malformed authentication header: {reason}";
    Info "auth" HTTP_CLIENT_REQUEST_NOT_AUTHORIZED() = "received HTTP request with not matching authentication header";
    Info "auth" HTTP_CLIENT_REQUEST_NO_AUTH_HEADER() = "received HTTP request without required authentication header";
    Debug(40) "http" HTTP_CLIENT_REQUEST_RECEIVED(client) = "received a whole request of {client}";
    Debug(50) "http" HTTP_CLIENT_REQUEST_TIMEOUT_OCCURRED(client) = "{client} took too long to send its request";
    Info "auth" HTTP_CLIENT_USER_SECURITY_WARNING(place) = "use of clear text 'user' is NOT SECURE: {place}";
    Error "commands" HTTP_COMMAND_MGR_HTTPS_SERVICE_REUSE_FAILED(address, port) = "failed to reused HTTPS service bound to address: {address} port: {port}";
    Info "commands" HTTP_COMMAND_MGR_HTTPS_SERVICE_UPDATED(address, port) = "reused HTTPS service bound to address: {address} port: {port} and updated TLS settings";
    Error "commands" HTTP_COMMAND_MGR_HTTP_SERVICE_REUSE_FAILED(address, port) = "failed to reused HTTP service bound to address: {address} port: {port}";
    Info "commands" HTTP_COMMAND_MGR_HTTP_SERVICE_UPDATED(address, port) = "reused HTTP service bound to address: {address} port: {port}";
    Info "commands" HTTP_COMMAND_MGR_SERVICE_STARTED(protocol, address, port) = "started {protocol} service bound to address: {address} port: {port}";
    Info "commands" HTTP_COMMAND_MGR_SERVICE_STOPPING(protocol, place) = "Server is stopping {protocol} service {place}";
    Info "http" HTTP_CONNECTION_HANDSHAKE_FAILED(client, reason) = "TLS handshake with {client} failed with {reason}";
    Debug(50) "http" HTTP_CONNECTION_HANDSHAKE_START(client, patience) = "beginning TLS with {client}, which has {patience} s for it";
    Debug(40) "http" HTTP_CONNECTION_STOP(client) = "closing the connection of {client}";
    Debug(50) "http" HTTP_IDLE_CONNECTION_TIMEOUT_OCCURRED(client) = "{client} sent nothing for too long and is let go";
    Debug(50) "http" HTTP_REQUEST_RECEIVE_START(client, patience) = "reading a request of {client}, which has {patience} s for it";
    Debug(40) "http" HTTP_SERVER_RESPONSE_SEND(response, client) = "answering {response} to {client}";
    Error "http" KOTARE_HTTP_ACCEPT_FAILED(address, reason) = "cannot accept a connection to {address}: {reason}";
}
