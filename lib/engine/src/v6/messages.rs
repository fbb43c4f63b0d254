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
    Debug(50) "options" DHCP6_PACKET_OPTIONS_SKIPPED(client, reason) = "{client}: the rest of the options is passed over: {reason}";
    Debug(40) "dhcp6" DHCP6_QUERY_LABEL(client) = "received query: {client}";
    Debug(40) "packets" DHCP6_PACKET_RECEIVED(client, kind, type_number, source, destination, interface) = "{client}: {kind} (type {type_number}) received from {source} to {destination} on interface {interface}";
    Debug(55) "packets" DHCP6_QUERY_DATA(client, details) = "{client}, packet details: {details}";
    Debug(15) "packets" DHCP6_PACKET_DROP_DROP_CLASS(client, details) = "dropped, it is of the class 'DROP': {client} {details}";
    Debug(15) "packets" DHCP6_PACKET_DROP_DROP_CLASS_EARLY(client, details) = "dropped, its global reservation puts it into the class 'DROP': {client} {details}";
    Debug(15) "packets" DHCP6_PACKET_DROP_DROP_CLASS2(client, details) = "dropped, it is of the class 'DROP' after reservations were looked up: {client} {details}";

    // What it belongs to.
    Debug(40) "dhcp6" DHCP6_CLASS_ASSIGNED(client, class) = "{client}: client packet has been assigned to the following class: {class}";
    Debug(40) "dhcp6" DHCP6_CLASSES_ASSIGNED_AFTER_SUBNET_SELECTION(client, classes) = "{client}: client packet has been assigned to the following classes: {classes}";
    Debug(40) "dhcp6" DHCP6_CLASSES_ASSIGNED(client, kind, classes) = "{client}: client packet has been assigned on {kind} message to the following classes: {classes}";
    Debug(40) "dhcp6" DHCP6_CLASS_UNCONFIGURED(client, class) = "{client}: client packet belongs to an unconfigured class: {class}";
    Debug(40) "dhcp6" DHCP6_ADDITIONAL_CLASS_UNDEFINED(class) = "the class {class}, which is to be evaluated, is not configured";
    Debug(40) "dhcp6" DHCP6_ADDITIONAL_CLASS_NO_TEST(class) = "the class {class}, which is to be evaluated, has no test: every client is of it";
    Debug(50) "dhcp6" DHCP6_ADDITIONAL_CLASS_EVAL_RESULT(client, class, result) = "{client}: Expression '{class}' evaluated to {result}";
    Error "dhcp6" DHCP6_ADDITIONAL_CLASS_EVAL_ERROR(client, class, reason) = "{client}: Expression '{class}' evaluated to {reason}";

    // The subnet it is from.
    Debug(45) "packets" DHCP6_SUBNET_SELECTED(client, subnet) = "{client}: the subnet with ID {subnet} was selected for client assignments";
    Debug(55) "packets" DHCP6_SUBNET_DATA(client, subnet) = "{client}: the selected subnet details: {subnet}";
    Debug(50) "packets" DHCP6_SUBNET_SELECTION_FAILED(client) = "{client}: failed to select subnet for the client";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET6_SELECT_BY_INTERFACE_NO_MATCH(interface) = "no subnet names the interface {interface}";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET6_SELECT_BY_INTERFACE_ID_NO_MATCH(id) = "no subnet names the interface-id {id}";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET6_SELECT_BY_ADDRESS_NO_MATCH(address) = "no subnet holds the address {address}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6_IFACE(subnet, interface) = "selected subnet {subnet}, which names the interface {interface}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6_IFACE_ID(subnet) = "selected subnet {subnet}, which names the interface-id";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6_RELAY(subnet, relay) = "selected subnet {subnet}, which names the relay {relay}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET6(subnet, address) = "selected subnet {subnet}, which holds the address {address}";
}
