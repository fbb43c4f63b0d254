//! Log messages of the module: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Info "ping-check-hooks" PING_CHECK_LOAD_OK() = "Ping Check hooks library loaded successfully.";
    Error "ping-check-hooks" PING_CHECK_LOAD_ERROR(reason) = "loading Ping Check hooks library failed {reason}";
    Info "ping-check-hooks" PING_CHECK_UNLOAD() = "Ping Check hooks library has been unloaded";

    // The task that asks.
    Info "ping-check-hooks" PING_CHECK_MGR_STARTED(threads) = "ping channel operations are running, number of threads {threads}";
    Info "ping-check-hooks" PING_CHECK_MGR_STARTED_SINGLE_THREADED() = "single-threaded ping channel operations are running";
    Debug(40) "ping-check-hooks" PING_CHECK_MGR_STOPPING() = "ping channel operations are stopping";
    Info "ping-check-hooks" PING_CHECK_MGR_STOPPED() = "channel operations have stopped";
    Error "ping-check-hooks" PING_CHECK_MGR_CHANNEL_DOWN() = "Ping Channel has shutdown, ping checking will be skipped";
    Debug(40) "ping-check-hooks" PING_CHECK_CHANNEL_STOP() = "channel is stopping operations.";

    // Its socket.
    Debug(40) "ping-check-hooks" PING_CHECK_CHANNEL_SOCKET_OPENED() = "ICMP socket been opened successfully.";
    Debug(40) "ping-check-hooks" PING_CHECK_CHANNEL_SOCKET_CLOSED() = "ICMP socket has been closed.";
    Debug(50) "ping-check-hooks" PING_CHECK_CHANNEL_ECHO_REQUEST_SENT(address, id, sequence) = "to address {address}, id {id}, sequence {sequence}";
    Debug(50) "ping-check-hooks" PING_CHECK_CHANNEL_ECHO_REPLY_RECEIVED(address, id, sequence) = "from address {address}, id {id}, sequence {sequence}";
    Debug(40) "ping-check-hooks" PING_CHECK_CHANNEL_MALFORMED_PACKET_RECEIVED(reason) = "error occurred unpacking message {reason}, discarding it";
    Error "ping-check-hooks" PING_CHECK_CHANNEL_NETWORK_WRITE_ERROR(address, reason) = "occurred trying to ping {address}, error {reason}";
    Error "ping-check-hooks" PING_CHECK_CHANNEL_SOCKET_WRITE_FAILED(reason) = "socket write completed with an error {reason}";
    Error "ping-check-hooks" PING_CHECK_CHANNEL_SOCKET_READ_FAILED(reason) = "socket read completed with an error {reason}";

    // An address that is asked.
    Debug(40) "ping-check-hooks" PING_CHECK_MGR_START_PING_CHECK(address, client) = "for {address}, initiated by {client}";
    Debug(40) "ping-check-hooks" PING_CHECK_DUPLICATE_CHECK(address, client) = "Ping check already in progress for {address}, initiated by {client}";
    Debug(50) "ping-check-hooks" PING_CHECK_NO_LEASE_OR_LEASE_REUSED() = "Ping check skipped: no lease";
    Debug(50) "ping-check-hooks" PING_CHECK_MGR_REPLY_TIMEOUT_EXPIRED(address, sent, requests, timeout) = "for {address}, ECHO REQUEST {sent} of {requests}, reply-timeout {timeout}";
    Debug(50) "ping-check-hooks" PING_CHECK_MGR_NEXT_ECHO_SCHEDULED(address, next, requests) = "for {address}, scheduling ECHO_REQUEST {next} of {requests}";
    Debug(40) "ping-check-hooks" PING_CHECK_MGR_RECEIVED_ECHO_REPLY(address, id, sequence) = "from {address}, id {id}, sequence {sequence}";
    Debug(50) "ping-check-hooks" PING_CHECK_MGR_RECEIVED_UNEXPECTED_ECHO_REPLY(address, id, sequence) = "from {address}, id {id}, sequence {sequence} received after reply-timeout expired";
    Debug(50) "ping-check-hooks" PING_CHECK_MGR_RECEIVED_UNREACHABLE_MSG(address, id, sequence) = "for {address}, id {id}, sequence {sequence}";
    Debug(50) "ping-check-hooks" PING_CHECK_MGR_RECEIVED_UNEXPECTED_UNREACHABLE_MSG(address, id, sequence) = "for {address}, id {id}, sequence {sequence} received after reply-timeout expired";
    Debug(40) "ping-check-hooks" PING_CHECK_MGR_LEASE_FREE_TO_USE(address, client) = "address {address} is free to use for {client}";
}
