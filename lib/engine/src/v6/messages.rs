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

    Warn "dhcp6" DHCP6_ADD_DEPRECATED_UNICAST(client) = "{client}: adding deprecated unicast option";

    // What it belongs to.
    Debug(40) "dhcp6" DHCP6_CLASS_ASSIGNED(client, class) = "{client}: client packet has been assigned to the following class: {class}";
    Debug(40) "dhcp6" DHCP6_CLASSES_ASSIGNED_AFTER_SUBNET_SELECTION(client, classes) = "{client}: client packet has been assigned to the following classes: {classes}";
    Debug(40) "dhcp6" DHCP6_CLASSES_ASSIGNED(client, kind, classes) = "{client}: client packet has been assigned on {kind} message to the following classes: {classes}";
    Debug(40) "dhcp6" DHCP6_CLASS_UNCONFIGURED(client, class) = "{client}: client packet belongs to an unconfigured class: {class}";
    Debug(40) "dhcp6" DHCP6_ADDITIONAL_CLASS_UNDEFINED(class) = "the class {class}, which is to be evaluated, is not configured";
    Debug(40) "dhcp6" DHCP6_ADDITIONAL_CLASS_NO_TEST(class) = "the class {class}, which is to be evaluated, has no test: every client is of it";
    Debug(50) "dhcp6" DHCP6_ADDITIONAL_CLASS_EVAL_RESULT(client, class, result) = "{client}: Expression '{class}' evaluated to {result}";
    Error "dhcp6" DHCP6_ADDITIONAL_CLASS_EVAL_ERROR(client, class, reason) = "{client}: Expression '{class}' evaluated to {reason}";

    Debug(40) "packets" DHCP6_FLEX_ID(client, id) = "{client}: a module names it by {id}";

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

    // What a client got.
    Info "leases" DHCP6_LEASE_ADVERT(client, address, iaid) = "{client}: lease for address {address} and iaid={iaid} will be advertised";
    Info "leases" DHCP6_LEASE_ALLOC(client, address, iaid, lifetime) = "{client}: lease for address {address} and iaid={iaid} has been allocated for {lifetime} seconds";
    Info "leases" DHCP6_LEASE_RENEW(client, address, iaid) = "{client}: lease for address {address} and iaid={iaid} has been allocated";
    Info "leases" DHCP6_LEASE_REUSE(client, address, iaid, lifetime) = "{client}: lease for address {address} and iaid={iaid} has been reused for {lifetime} seconds";
    Info "leases" DHCP6_PD_LEASE_ADVERT(client, prefix, len, iaid) = "{client}: lease for prefix {prefix}/{len} and iaid={iaid} will be advertised";
    Info "leases" DHCP6_PD_LEASE_ALLOC(client, prefix, len, iaid, lifetime) = "{client}: lease for prefix {prefix}/{len} and iaid={iaid} has been allocated for {lifetime} seconds";
    Info "leases" DHCP6_PD_LEASE_RENEW(client, prefix, len, iaid) = "{client}: lease for prefix {prefix}/{len} and iaid={iaid} has been allocated";
    Info "leases" DHCP6_PD_LEASE_REUSE(client, prefix, len, iaid, lifetime) = "{client}: lease for prefix {prefix}/{len} and iaid={iaid} has been reused for {lifetime} seconds";
    Debug(45) "packets" DHCP6_SUBNET_DYNAMICALLY_CHANGED(client, selected, subnet, network) = "{client}: served from subnet {subnet} instead of {selected} in shared network {network}";
    Info "packets" DHCP6_ADDR_REG_INFORM_CLIENT_CHANGE(address, client, former) = "received an ADDR-REG-INFORM for {address} from client '{client}' but the address was registered by another client '{former}'";

    // What it did not get.
    Debug(50) "leases" DHCP6_LEASE_ADVERT_FAIL(client, iaid) = "{client}: nothing to advertise for the addresses of iaid={iaid}";
    Debug(50) "leases" DHCP6_LEASE_ALLOC_FAIL(client, iaid) = "{client}: no address is granted for iaid={iaid}";
    Debug(50) "leases" DHCP6_PD_LEASE_ADVERT_FAIL(client, iaid) = "{client}: nothing to advertise for the prefixes of iaid={iaid}";
    Debug(50) "leases" DHCP6_PD_LEASE_ALLOC_FAIL(client, iaid) = "{client}: no prefix is granted for iaid={iaid}";
    Debug(40) "packets" DHCP6_ADDR6_REGISTER_DISABLED_DROP(client) = "{client}: dropped, clients must not register addresses";
    Info "packets" DHCP6_ADDR_REG_INFORM_FAIL(address, reason) = "error on ADDR-REG-INFORM from client {address}, {reason}";
    Warn "alloc-engine" ALLOC_ENGINE_V6_ALLOC_FAIL_SHARED_NETWORK(client, network, full, without_pools) = "{client}: failed to allocate a lease in the shared network {network}: {full} subnets have no available leases, {without_pools} subnets have no matching pools";
    Warn "alloc-engine" ALLOC_ENGINE_V6_ALLOC_FAIL_SUBNET(client, subnet, subnet_id, network) = "{client}: failed to allocate an IPv6 lease in the subnet {subnet}, subnet-id {subnet_id}, shared network {network}";
    Warn "alloc-engine" ALLOC_ENGINE_V6_ALLOC_FAIL_NO_POOLS(client) = "{client}: no pools were available for the lease allocation";
    Warn "alloc-engine" ALLOC_ENGINE_V6_ALLOC_FAIL(client, attempts) = "{client}: failed to allocate an IPv6 lease after {attempts} attempt(s)";
    Warn "alloc-engine" ALLOC_ENGINE_V6_ALLOC_FAIL_CLASSES(client, classes) = "{client}: Failed to allocate an IPv6 address for client with classes: {classes}";

    // What it could not get, give back or register because leases cannot be looked up or kept.
    Error "alloc-engine" ALLOC_ENGINE_V6_ALLOC_ERROR(client, reason) = "{client}: error during attempt to allocate an IPv6 address: {reason}";
    Error "alloc-engine" ALLOC_ENGINE_V6_EXTEND_ERROR(client, reason) = "{client}: allocation engine experienced error with attempting to extend lease lifetime: {reason}";
    Error "leases" DHCP6_DECLINE_FAIL(client, address, reason) = "{client}: error on decline lease for address {address}: {reason}";
    Error "dhcp6" DHCP6_REGISTERED_LEASE_UPDATE_FAIL(address, reason) = "error in registered lease update for {address}: {reason}";

    // What it gave back.
    Info "leases" DHCP6_RELEASE_NA(client, address, iaid) = "{client}: binding for address {address} and iaid={iaid} was released properly";
    Info "leases" DHCP6_RELEASE_NA_EXPIRED(client, address, iaid) = "{client}: binding for address {address} and iaid={iaid} expired on release";
    Info "leases" DHCP6_RELEASE_NA_DELETED(client, address, iaid) = "{client}: binding for address {address} and iaid={iaid} was deleted on release";
    Error "leases" DHCP6_RELEASE_NA_FAIL(client, address, iaid) = "{client}: failed to remove address lease for address {address} and iaid={iaid}";
    Debug(40) "packets" DHCP6_RELEASE_NA_FAIL_NOT_ASSIGNED(client, address) = "{client}: wants to release {address}, which is not assigned";
    Info "leases" DHCP6_RELEASE_NA_FAIL_WRONG_DUID(client, address, duid) = "{client}: client tried to release address {address}, but it belongs to another client using duid={duid}";
    Warn "leases" DHCP6_RELEASE_NA_FAIL_WRONG_IAID(client, address, own, iaid) = "{client}: client tried to release address {address}, but it used wrong IAID (expected {own}, but got {iaid})";
    Info "leases" DHCP6_RELEASE_PD(client, prefix, len, iaid) = "{client}: prefix {prefix}/{len} for iaid={iaid} was released properly";
    Info "leases" DHCP6_RELEASE_PD_EXPIRED(client, prefix, len, iaid) = "{client}: prefix {prefix}/{len} for iaid={iaid} expired on release";
    Info "leases" DHCP6_RELEASE_PD_DELETED(client, prefix, len, iaid) = "{client}: prefix {prefix}/{len} for iaid={iaid} was deleted on release";
    Error "leases" DHCP6_RELEASE_PD_FAIL(client, prefix, len, iaid) = "{client}: failed to release prefix {prefix}/{len} for iaid={iaid}";
    Debug(40) "packets" DHCP6_RELEASE_PD_FAIL_NOT_ASSIGNED(client, prefix, len) = "{client}: wants to release {prefix}/{len}, which is not assigned";
    Info "leases" DHCP6_RELEASE_PD_FAIL_WRONG_DUID(client, prefix, len, duid) = "{client}: client tried to release prefix {prefix}/{len}, but it belongs to another client (duid={duid})";
    Warn "leases" DHCP6_RELEASE_PD_FAIL_WRONG_IAID(client, prefix, len, own, iaid) = "{client}: client tried to release prefix {prefix}/{len}, but it used wrong IAID (expected {own}, but got {iaid})";
    Info "leases" DHCP6_DECLINE_LEASE(client, address, seconds) = "Client {client} sent DECLINE for address {address} and the server marked it as declined. The lease will be recovered in {seconds} seconds.";
    Info "leases" DHCP6_DECLINE_FAIL_NO_LEASE(client, address) = "Client {client} sent DECLINE for address {address}, but there's no lease for it";
    Info "leases" DHCP6_DECLINE_FAIL_DUID_MISMATCH(client, address, duid) = "Client {client} sent DECLINE for address {address}, but it belongs to client with DUID {duid}";
    Info "leases" DHCP6_DECLINE_FAIL_IAID_MISMATCH(client, address, iaid, own) = "Client {client} sent DECLINE for address {address}, but used a wrong IAID ({iaid}), instead of expected {own}";

    // The reply, and what is dropped while it is made.
    Debug(50) "options" DHCP6_ADD_STATUS_CODE_FOR_IA(client, iaid, status) = "{client}: it is told of iaid={iaid}: {status}";
    Debug(50) "options" DHCP6_ADD_GLOBAL_STATUS_CODE(client, status) = "{client}: it is told of the whole: {status}";
    Debug(40) "packets" DHCP6_PACKET_SEND(client, kind, type_number, source, source_port, destination, destination_port, interface) = "{client}: trying to send packet {kind} (type {type_number}) from [{source}]:{source_port} to [{destination}]:{destination_port} on interface {interface}";
    Error "packets" DHCP6_PACKET_SEND_FAIL(client, reason) = "{client}: failed to send DHCPv6 packet: {reason}";
    Debug(55) "packets" DHCP6_RESPONSE_DATA(client, kind, type_number, details) = "{client}: responding with packet {kind} (type {type_number}), packet details: {details}";
    Error "options" DHCP6_PACK_FAIL(client, reason) = "{client}: failed to assemble response correctly: {reason}";
    Error "packets" DHCP6_PACKET_PROCESS_STD_EXCEPTION(client, reason) = "{client}: exception occurred during packet processing: {reason}";
    Debug(40) "bad-packets" DHCP6_PACKET_PROCESS_FAIL(client, kind, source, reason) = "{client}: processing of {kind} message received from {source} failed: {reason}";
    Debug(15) "bad-packets" DHCP6_PACKET_DROP_DUPLICATE(client, interface) = "{client}, on {interface}: dropped, a newer message of the client took its place behind the one under way";
    Debug(40) "dhcp6" DHCP6_PACKET_QUEUE_FULL() = "multi-threading packet queue is full";

    // What modules say of it.
    Debug(15) "hooks" DHCP6_HOOK_BUFFER_RCVD_DROP(source, destination, interface) = "received buffer from {source} to {destination} over interface {interface} was dropped because a module said so";
    Debug(40) "hooks" DHCP6_HOOK_PACKET_RCVD_SKIP(client) = "{client}: packet is dropped, because a module said so";
    Debug(40) "hooks" DHCP6_HOOK_SUBNET6_SELECT_SKIP(client) = "{client}: is on no subnet, because a module said so";
    Debug(40) "hooks" DHCP6_HOOK_SUBNET6_SELECT_DROP(client) = "{client}: dropped by a module that selects its subnet";
    Debug(15) "packets" DHCP4_HOOK_SUBNET6_SELECT_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that select a subnet (parked-packet-limit); dropped that of {client}";
    Debug(40) "hooks" KOTARE_HOOK_LEASE6_SELECT_DROP(client) = "{client}: dropped by a module that was shown its lease";
    Debug(15) "hooks" DHCP6_HOOK_DECLINE_DROP(client, interface, address) = "{client}, on {interface}: dropped by a module that was shown the declined address {address}";
    Debug(40) "hooks" DHCP6_HOOK_ADDR6_REGISTER_DROP(client, address) = "{client}: dropped by a module that was shown the address {address} to register";
    Debug(15) "hooks" DHCP6_HOOK_LEASES6_COMMITTED_DROP(client) = "{client}: dropped by a module that was told of its leases";
    Debug(15) "packets" DHCP6_HOOK_LEASES6_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that want to know of leases (parked-packet-limit); dropped that of {client}";
}
