//! Log messages of `bootp`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "bootp-hooks" BOOTP_BOOTP_QUERY(client) = "recognized a BOOTP query: {client}";
    Info "bootp-hooks" BOOTP_LOAD() = "Bootp hooks library has been loaded";
    Debug(40) "bootp-hooks" BOOTP_PACKET_PACK(client) = "{client}: preparing on-wire format of the packet to be sent";
    Info "bootp-hooks" BOOTP_UNLOAD() = "Bootp hooks library has been unloaded";
}
