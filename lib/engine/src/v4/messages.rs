//! What debug levels tell of an exchange: how a message came, what it says option by option, and how each decision was
//! taken. Kea's identifiers, arguments, levels and loggers.
//!
//! They are logged where the decision is taken, so that they stand in its order. A row that is off costs a load and a
//! branch; what its arguments say is put into words only when it is on.

kotare_messages::messages! {
    // The message.
    Debug(40) "packets" DHCP4_BUFFER_RECEIVED(source, source_port, destination, destination_port, interface) = "received buffer from {source}:{source_port} to {destination}:{destination_port} over interface {interface}";
    Debug(50) "options" DHCP4_BUFFER_UNPACK(source, destination, interface) = "parsing buffer received from {source} to {destination} over interface {interface}";
    Debug(50) "options" DHCP4_PACKET_OPTIONS_SKIPPED(client, reason) = "{client}: the rest of the options is passed over: {reason}";
    Debug(40) "dhcp4" DHCP4_QUERY_LABEL(client) = "received query: {client}";
    Debug(40) "packets" DHCP4_PACKET_RECEIVED(client, kind, type_number, source, destination, interface) = "{client}: {kind} (type {type_number}) received from {source} to {destination} on interface {interface}";
    Debug(55) "packets" DHCP4_QUERY_DATA(client, details) = "{client}, packet details: {details}";
    Debug(55) "packets" DHCP4_RECOVERED_STASHED_RELAY_AGENT_INFO(client, lease, option) = "recovered for query {client} relay agent option from lease {lease}: {option}";
    Debug(15) "packets" DHCP4_PACKET_DROP_0010(hwaddr, details) = "dropped, it is of the class 'DROP': {hwaddr}, {details}";
    Debug(15) "packets" DHCP4_PACKET_DROP_0013(hwaddr, details) = "dropped, it is of the class 'DROP' after reservations were looked up: {hwaddr}, {details}";
    Debug(15) "packets" DHCP4_PACKET_NAK_0005(client, details) = "{client}: refused, it is of the class 'REJECT': {details}";
    Debug(50) "options" DHCP4_PACKET_PACK(client) = "{client}: preparing on-wire format of the packet to be sent";
    Debug(55) "packets" DHCP4_RESPONSE_DATA(client, kind, type_number, details) = "{client}: responding with packet {kind} (type {type_number}), packet details: {details}";

    // What it belongs to.
    Debug(40) "dhcp4" DHCP4_CLASS_ASSIGNED(client, class) = "{client}: client packet has been assigned to the following class: {class}";
    Debug(40) "dhcp4" DHCP4_CLASSES_ASSIGNED_AFTER_SUBNET_SELECTION(client, classes) = "{client}: client packet has been assigned to the following classes: {classes}";
    Debug(40) "dhcp4" DHCP4_CLASSES_ASSIGNED(client, kind, classes) = "{client}: client packet has been assigned on {kind} message to the following classes: {classes}";
    Debug(40) "dhcp4" DHCP4_CLASS_UNCONFIGURED(client, class) = "{client}: client packet belongs to an unconfigured class: {class}";
    Debug(40) "dhcp4" DHCP4_ADDITIONAL_CLASS_UNDEFINED(class) = "the class {class}, which is to be evaluated, is not configured";
    Debug(40) "dhcp4" DHCP4_ADDITIONAL_CLASS_NO_TEST(class) = "the class {class}, which is to be evaluated, has no test: every client is of it";
    Debug(50) "dhcp4" DHCP4_ADDITIONAL_CLASS_EVAL_RESULT(client, class, result) = "{client}: Expression '{class}' evaluated to {result}";

    // The subnet it is from.
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET4_SELECT_NO_RAI_OPTIONS() = "neither the relay nor the client names a link to select a subnet by";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET4_SELECT_NO_RELAY_ADDRESS() = "no relay passed the message on: giaddr is empty";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET4_SELECT_NO_USABLE_ADDRESS() = "no subnet is selected: there is no address to select one by";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET4_SELECT_BY_RELAY_ADDRESS_NO_MATCH(relay) = "no subnet names the relay {relay}";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET4_SELECT_BY_INTERFACE_NO_MATCH(interface) = "no subnet names the interface {interface}";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET4_SELECT_BY_ADDRESS_NO_MATCH(address) = "no subnet holds the address {address}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET4_RELAY(subnet, relay) = "selected subnet {subnet}, which names the relay {relay}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET4_IFACE(subnet, interface) = "selected subnet {subnet}, which names the interface {interface}";
    Debug(40) "dhcpsrv" DHCPSRV_CFGMGR_SUBNET4_ADDR(subnet, address) = "selected subnet {subnet}, which holds the address {address}";
    Debug(45) "packets" DHCP4_SUBNET_SELECTED(client, subnet) = "{client}: the subnet with ID {subnet} was selected for client assignments";
    Debug(55) "packets" DHCP4_SUBNET_DATA(client, subnet) = "{client}: the selected subnet details: {subnet}";
    Debug(40) "dhcpsrv" DHCPSRV_SUBNET4O6_SELECT_FAILED() = "no subnet is for a client that came over DHCPv6 by this way";
    Debug(45) "packets" DHCP4_DHCP4O6_SUBNET_SELECTED(client, subnet) = "{client}: the subnet with ID {subnet} was selected for client assignments";
    Debug(55) "packets" DHCP4_DHCP4O6_SUBNET_DATA(client, subnet) = "{client}: the selected subnet details: {subnet}";
    Debug(50) "packets" DHCP4_DHCP4O6_SUBNET_SELECTION_FAILED(client) = "{client}: failed to select subnet for the client";
    Debug(15) "hooks" DHCP4_HOOK_DDNS_UPDATE(name, new_name, forward, new_forward, reverse, new_reverse) = "a module made of the name '{name}' '{new_name}', of whether it is updated {new_forward} ({forward} before), of whether that of its address is {new_reverse} ({reverse} before)";
    Debug(40) "hooks" DHCP4_DHCP4O6_HOOK_SUBNET4_SELECT_SKIP(client) = "{client}: is on no subnet, because a module said so";
    Debug(40) "hooks" DHCP4_DHCP4O6_HOOK_SUBNET4_SELECT_DROP(client) = "{client}: dropped by a module that selects its subnet";
    Debug(15) "packets" DHCP4_HOOK_SUBNET4_SELECT_4O6_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that select a subnet (parked-packet-limit); dropped that of {client}, which came over DHCPv6";
    Debug(50) "packets" DHCP4_SUBNET_SELECTION_FAILED(client) = "{client}: failed to select subnet for the client";

    // What is reserved for it.
    Debug(15) "packets" DHCP4_PACKET_DROP_0014(hwaddr, query) = "{hwaddr}: its global reservation puts it into the class DROP, dropped: {query}";
    Debug(40) "packets" DHCP4_FLEX_ID(client, id) = "{client}: a module names it by {id}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_IGNORING_UNSUITABLE_GLOBAL_ADDRESS(client, address, link) = "{client}: {address} is reserved for it globally, but does not belong to {link}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_DISCOVER_HR(client, address) = "trying to offer the client what is reserved for it: {client}, {address}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_USE_HR(client, address) = "{client}: asks for no address, so it is given {address}, which is reserved for it";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_ADDRESS_RESERVED(client, address) = "{client}: {address}, which it asks for, is reserved for somebody else";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_INVALID(client, reserved, address) = "{client}: asks for {address}, but {reserved} is reserved for it and free";
    Warn "alloc-engine" ALLOC_ENGINE_V4_DISCOVER_ADDRESS_CONFLICT(client, address, lease) = "{client}: conflicting reservation for address {address} with existing lease {lease}";

    // The client's name.
    Debug(50) "ddns" DHCP4_CLIENT_FQDN_PROCESS(client) = "{client}: processing Client FQDN option";
    Debug(55) "ddns" DHCP4_CLIENT_FQDN_DATA(client, option) = "{client}: Client sent FQDN option: {option}";
    Debug(50) "ddns" DHCP4_CLIENT_FQDN_SCRUBBED_EMPTY(client, name) = "{client}: nothing, or an empty label, is left of the FQDN '{name}' without what does not belong into names";
    Debug(50) "ddns" DHCP4_CLIENT_HOSTNAME_PROCESS(client) = "{client}: processing client's Hostname option";
    Debug(55) "ddns" DHCP4_CLIENT_HOSTNAME_DATA(client, name) = "{client}: client sent Hostname option: {name}";
    Debug(50) "ddns" DHCP4_EMPTY_HOSTNAME(client) = "{client}: passing over an empty host name";
    Debug(50) "ddns" DHCP4_CLIENT_HOSTNAME_MALFORMED(client, reason) = "{client}: client hostname option malformed: {reason}";
    Debug(50) "ddns" DHCP4_CLIENT_HOSTNAME_SCRUBBED_EMPTY(client, name) = "{client}: nothing, or an empty label, is left of the host name '{name}' without what does not belong into names";
    Debug(55) "ddns" DHCP4_CLIENT_NAME_PROC_FAIL(client, reason) = "{client}: failed to process the fqdn or hostname sent by a client: {reason}";
    Debug(50) "ddns" DHCP4_SANITIZED_HOSTNAME_MALFORMED(client, reason) = "{client}: what is left of the host name is none: {reason}";
    Debug(55) "ddns" DHCP4_RESERVED_HOSTNAME_ASSIGNED(client, name) = "{client}: has the reserved name {name}";
    Debug(55) "ddns" DHCP4_GENERATE_FQDN(client) = "{client}: sent no name and gets one that is made up";
    Debug(50) "ddns" DHCP4_RESPONSE_HOSTNAME_GENERATE(client, name) = "{client}: server has generated hostname {name} for the client";
    Debug(55) "ddns" DHCP4_RESPONSE_HOSTNAME_DATA(client, name) = "{client}: including Hostname option in the server's response: {name}";
    Debug(55) "ddns" DHCP4_RESPONSE_FQDN_DATA(client, option) = "{client}: including FQDN option in the server's response: {option}";

    // The address.
    Debug(50) "leases" DHCP4_DISCOVER(client, hint) = "{client}: server is processing DHCPDISCOVER with hint={hint}";
    Debug(50) "leases" DHCP4_REQUEST(client, hint) = "{client}: server is processing DHCPREQUEST with hint={hint}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_OFFER_EXISTING_LEASE(client) = "trying to offer the client its lease: {client}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_OFFER_REQUESTED_LEASE(address, client) = "trying to offer {address}, which the client asks for: {client}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_OFFER_NEW_LEASE(client) = "trying to offer the client a free address: {client}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_IN_USE(client, address) = "{client}: {address}, which it asks for, is in use";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_OUT_OF_POOL(client, address) = "{client}: {address}, which it asks for, is in no pool";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_EXTEND_LEASE(client, address) = "{client}: extending its lease of {address}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_ALLOC_REQUESTED(client, address) = "{client}: trying to give it {address}, which it asks for";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_PICK_ADDRESS(client) = "{client}: asks for no address, so any free one will do";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_REQUEST_REMOVE_LEASE(client, address) = "{client}: removing its lease of {address}, in place of which it has another";
    Debug(55) "alloc-engine" ALLOC_ENGINE_V4_REUSE_EXPIRED_LEASE_DATA(client, lease) = "{client}: taking over a lease that has ended: {lease}";
    Debug(40) "dhcpsrv" DHCPSRV_HOOK_LEASE4_SELECT_SKIP() = "no lease is made, because a module said so";
    Debug(40) "dhcpsrv" DHCPSRV_HOOK_LEASE4_RENEW_SKIP() = "a lease is left as it is, because a module said so";
}
