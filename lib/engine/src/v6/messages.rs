//! Log messages of the DHCPv6 flow: Kea's identifiers, arguments, severities and loggers.
//!
//! What debug levels tell is logged where the decision is taken, so that it stands in its order. A row that is off costs a
//! load and a branch; what its arguments say is put into words only when it is on. As with DHCPv4, what Kea 3 says at INFO
//! for every packet is at the debug level that it had in Kea 2.

kotare_messages::messages! {
    // The message.
    Debug(40) "packets" DHCP6_BUFFER_RECEIVED(source, source_port, destination, destination_port, interface) = "received buffer from {source}:{source_port} to {destination}:{destination_port} over interface {interface}";
    Debug(50) "options" DHCP6_BUFFER_UNPACK(source, destination, interface) = "parsing buffer received from {source} to {destination} over interface {interface}";
    Debug(15) "bad-packets" DHCP6_PACKET_DROP_PARSE_FAIL(client, source, destination, interface, reason, duid) = "{client}: dropped a packet from {source} to {destination} on {interface} that is not DHCPv6: {reason} ({duid})";
    Debug(15) "bad-packets" DHCP6_PACKET_DROP_SERVERID_MISMATCH(client, named, own) = "{client}: dropped, it is for the server {named}, and this one is {own}";
    Debug(15) "bad-packets" DHCP6_PACKET_DROP_UNICAST(client, kind) = "{client}: dropped, a {kind} must be sent to all servers";
    Debug(40) "bad-packets" DHCP6_UNKNOWN_MSG_RECEIVED(client, type_number, interface) = "{client}: dropped, servers do not handle messages of type {type_number}; it came in on {interface}";
    Debug(40) "bad-packets" DHCP6_REQUIRED_OPTIONS_CHECK_FAIL(client, kind, source, reason) = "{client}: dropped a {kind} from {source}: {reason}";

    // The subnet it is from.
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET6_SELECT_BY_INTERFACE_NO_MATCH(interface) = "no subnet names the interface {interface}";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET6_SELECT_BY_INTERFACE_ID_NO_MATCH(id) = "no subnet names the interface-id {id}";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET6_SELECT_BY_ADDRESS_NO_MATCH(address) = "no subnet holds the address {address}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6_IFACE(subnet, interface) = "selected subnet {subnet}, which names the interface {interface}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6_IFACE_ID(subnet) = "selected subnet {subnet}, which names the interface-id";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6_RELAY(subnet, relay) = "selected subnet {subnet}, which names the relay {relay}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6(subnet, address) = "selected subnet {subnet}, which holds the address {address}";
}
