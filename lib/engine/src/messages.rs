//! Log messages of the engine: Kea's identifiers, arguments, severities and loggers.
//!
//! Kea 3 logs three lines at INFO for every packet besides what became of the lease. Here these are at the debug
//! level they had in Kea 2, so that an exchange is one line of the log unless more is asked for.

kotare_messages::messages! {
    // Packets.
    Debug(40) "packets" DHCP4_PACKET_SEND(client, kind, type_number, source, source_port, destination, destination_port, interface) = "{client}: trying to send packet {kind} (type {type_number}) from {source}:{source_port} to {destination}:{destination_port} on interface {interface}";
    Debug(40) "dhcp4" DHCP4_PACKET_QUEUE_FULL() = "multi-threading packet queue is full";
    Error "packets" DHCP4_PACKET_SEND_FAIL(client, reason) = "{client}: failed to send DHCPv4 packet: {reason}";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0001(client, source, destination, interface, reason, hwaddr) = "{client}: dropped a packet from {source} to {destination} on {interface} that is not DHCP: {reason} ({hwaddr})";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0002(client, interface) = "{client}, on {interface}: dropped a DHCPINFORM that has no address to answer to";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0003(client, interface) = "{client}, on {interface}: dropped, another server is meant";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0005(client, type_number) = "{client}: dropped, {type_number} in option 53 is no message type";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0006(client, type_number) = "{client}: dropped, servers do not handle messages of type {type_number}";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0007(client, reason) = "{client}: dropped: {reason}";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0009(client) = "{client}: dropped, option 53 (message type) is missing, perhaps a BOOTP message";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0011(client, interface) = "{client}, on {interface}: dropped, a newer message of the client took its place behind the one under way";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0012(client, interface) = "{client}, on {interface}: dropped, a newer message of the client took its place behind the one under way";
    Error "packets" DHCP4_PACKET_PROCESS_STD_EXCEPTION(client, reason) = "{client}: exception occurred during packet processing: {reason}";
    Error "options" DHCP4_PACKET_PACK_FAIL(client, reason) = "{client}: preparing on-wire-format of the packet to be sent failed {reason}";
    Warn "options" KOTARE_OPTIONS_LEFT_OUT(client, kind, bytes, options) = "{client}: the {kind} of {bytes} bytes has no room for the options {options}, which are left out";
    Debug(50) "packets" DHCP4_INFORM_DIRECT_REPLY(client, destination, interface) = "{client}: the DHCPACK to its DHCPINFORM goes to {destination} itself, on {interface}";

    Error "ddns" DHCP4_POST_ALLOCATION_NAME_UPDATE_FAIL(client, name, reason) = "{client}: failed to update hostname {name} in a lease after address allocation: {reason}";
    // What it belongs to.
    Debug(50) "dhcpsrv" DHCPSRV_EVAL_RESULT(client, class, result) = "{client}: Expression '{class}' evaluated to {result}";
    Debug(50) "dhcpsrv" DHCPSRV_TEMPLATE_EVAL_RESULT(client, class, result) = "{client}: Expression '{class}' evaluated to {result}";
    Error "dhcpsrv" DHCPSRV_EVAL_ERROR(client, class, reason) = "{client}: Expression '{class}' evaluated to {reason}";
    Error "dhcpsrv" DHCPSRV_TEMPLATE_EVAL_ERROR(client, class, reason) = "{client}: Expression '{class}' evaluated to {reason}";
    Error "dhcp4" DHCP4_ADDITIONAL_CLASS_EVAL_ERROR(client, class, reason) = "{client}: Expression '{class}' evaluated to {reason}";

    // What is reserved for it.
    Debug(40) "hosts" HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER(kind, subnet, id) = "looking for the {kind} reservation in subnet {subnet} for {id}";
    Debug(45) "hosts" HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_HOST(subnet, id, host) = "in subnet {subnet} there is for {id}: {host}";
    Debug(45) "hosts" HOSTS_CFG_GET_ONE_SUBNET_ID_IDENTIFIER_NULL(subnet, id) = "in subnet {subnet} nothing is reserved for {id}";

    Debug(40) "hosts" HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER(subnet, id) = "looking outside the configuration for the reservation in subnet {subnet} for {id}";
    Debug(45) "hosts" HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER_HOST(subnet, id, source, host) = "in subnet {subnet} there is for {id} in {source}: {host}";
    Debug(45) "hosts" HOSTS_MGR_ALTERNATE_GET4_SUBNET_ID_IDENTIFIER_NULL(subnet, id) = "in subnet {subnet} nothing is reserved for {id} outside the configuration";
    Debug(40) "hosts" HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER(subnet, id) = "looking outside the configuration for the reservation in subnet {subnet} for {id}";
    Debug(45) "hosts" HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER_HOST(subnet, id, source, host) = "in subnet {subnet} there is for {id} in {source}: {host}";
    Debug(45) "hosts" HOSTS_MGR_ALTERNATE_GET6_SUBNET_ID_IDENTIFIER_NULL(subnet, id) = "in subnet {subnet} nothing is reserved for {id} outside the configuration";
    Warn "hosts" KOTARE_HOST_OPTION_LEFT_OUT(id, subnet, reason) = "an option of the reservation of {id} in subnet {subnet} is not sent: {reason}";

    // What modules say of it.
    Debug(15) "hooks" DHCP4_HOOK_BUFFER_RCVD_DROP(source, destination, interface) = "received buffer from {source} to {destination} over interface {interface} was dropped because a module said so";
    Debug(40) "hooks" DHCP4_HOOK_PACKET_RCVD_SKIP(client) = "{client}: packet is dropped, because a module said so";
    Debug(40) "hooks" DHCP4_HOOK_SUBNET4_SELECT_PARK(client) = "{client}: waits for a module that selects its subnet";
    Debug(40) "hooks" DHCP4_HOOK_SUBNET4_SELECT_SKIP(client) = "{client}: is on no subnet, because a module said so";
    Debug(40) "hooks" DHCP4_HOOK_SUBNET4_SELECT_DROP(client) = "{client}: dropped by a module that selects its subnet";
    Debug(15) "packets" DHCP4_HOOK_SUBNET4_SELECT_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that select a subnet (parked-packet-limit); dropped that of {client}";
    Debug(15) "hooks" DHCP4_HOOK_DECLINE_SKIP() = "an address stays as it is, because a module says so: its client declined it";
    Debug(15) "hooks" DHCP4_HOOK_LEASE4_RELEASE_SKIP(client) = "{client}: its lease is not released, because a module says so";
    Debug(40) "hooks" DHCP4_HOOK_LEASE4_OFFER_PARK(client) = "{client}: waits for a module that checks the address to be offered";
    Debug(15) "hooks" DHCP4_HOOK_LEASE4_OFFER_DROP(client) = "{client}: dropped by a module that checks the address to be offered";
    Debug(15) "packets" DHCP4_HOOK_LEASE4_OFFER_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that check addresses to be offered (parked-packet-limit); dropped that of {client}";
    Debug(40) "hooks" DHCP4_HOOK_LEASES4_COMMITTED_PARK(client) = "{client}: waits for a module that wants to know of its lease";
    Debug(15) "hooks" DHCP4_HOOK_LEASES4_COMMITTED_DROP(client) = "{client}: dropped by a module that was told of its lease";
    Debug(15) "packets" DHCP4_HOOK_LEASES4_COMMITTED_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that want to know of leases (parked-packet-limit); dropped that of {client}";
    Debug(40) "hooks" KOTARE_HOOK_LEASE4_SELECT_DROP(client) = "{client}: dropped by a module that was shown its lease";
    // Stored leases that do not fit the configuration.
    Warn "dhcpsrv" DHCPSRV_LEASE_SANITY_FAIL(address, subnet, reason) = "The lease {address} with subnet-id {subnet} failed subnet-id checks ({reason}).";
    Info "dhcpsrv" DHCPSRV_LEASE_SANITY_FAIL_DISCARD(address, subnet, reason) = "The lease {address} with subnet-id {subnet} failed subnet-id checks ({reason}) and was dropped.";
    Info "dhcpsrv" DHCPSRV_LEASE_SANITY_FIXED(address, subnet, right) = "The lease {address} with subnet-id {subnet} failed subnet-id checks, but was corrected to subnet-id {right}.";
    Error "dhcpsrv" DHCPSRV_LEASE4_EXTENDED_INFO_SANITY_FAIL(address, problem) = "extended info for lease {address} failed checks ({problem})";
    Debug(40) "dhcpsrv" DHCPSRV_LEASE4_EXTENDED_INFO_UPGRADED(address) = "what a relay said of the lease of {address} is in today's form now";
    Error "dhcpsrv" DHCPSRV_LEASE6_EXTENDED_INFO_SANITY_FAIL(address, problem) = "extended info for lease {address} failed checks ({problem})";
    Debug(40) "dhcpsrv" DHCPSRV_LEASE6_EXTENDED_INFO_UPGRADED(address) = "what relays said of the lease of {address} is in today's form now";
    Debug(40) "dhcpsrv" DHCPSRV_MEMFILE_BEGIN_BUILD_EXTENDED_INFO_TABLES6(level, tables) = "looking through leases, extended-info-checks are {level}, tables of what relays said {tables}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_BUILD_EXTENDED_INFO_TABLES6(leases, modified, entered) = "building extended info tables saw {leases} leases, extended info sanity checks modified {modified} leases and {entered} leases were entered into tables";
    Debug(40) "dhcpsrv" DHCPSRV_MEMFILE_BEGIN_EXTRACT_EXTENDED_INFO4(level, update) = "looking through leases, extended-info-checks are {level}{update}";
    Info "dhcpsrv" DHCPSRV_MEMFILE_EXTRACT_EXTENDED_INFO4(leases, modified, updated, marked) = "extracting extended info saw {leases} leases, extended info sanity checks modified {modified} / updated {updated} leases and {marked} leases have relay or remote id";

    Info "leases" DHCP4_SERVER_INITIATED_DECLINE(client, address, seconds) = "{client}: Lease for addr {address} has been found to be already in use. The lease will be unavailable for {seconds} seconds.";

    // What a client got.
    Info "leases" DHCP4_LEASE_OFFER(client, address) = "{client}: lease {address} will be offered";
    Info "leases" DHCP4_LEASE_ALLOC(client, address, lifetime) = "{client}: lease {address} has been allocated for {lifetime} seconds";
    Info "leases" DHCP4_LEASE_REUSE(client, address, lifetime) = "{client}: lease {address} has been reused for {lifetime} seconds";
    Info "leases" DHCP4_INIT_REBOOT(client, address) = "{client}: client is in INIT-REBOOT state and requests address {address}";
    Debug(45) "packets" DHCP4_SUBNET_DYNAMICALLY_CHANGED(client, selected, subnet, network) = "{client}: served from subnet {subnet} instead of {selected} in shared network {network}";
    Debug(50) "dhcp4" DHCP4_CLIENTID_IGNORED_FOR_LEASES(client, subnet) = "{client}: its identifier does not count in subnet {subnet}";

    // What it did not get.
    Error "bad-packets" DHCP4_PACKET_NAK_0001(client, source, kind) = "{client}: failed to select a subnet for incoming packet, src {source}, type {kind}";
    Debug(50) "bad-packets" DHCP4_PACKET_NAK_0002(client, address) = "{client}: refused, {address} is not its address here";
    Debug(50) "bad-packets" DHCP4_PACKET_NAK_0003(client, ciaddr, requested) = "{client}: nothing to offer; it sent ciaddr {ciaddr} and requested {requested}";
    Debug(50) "bad-packets" DHCP4_PACKET_NAK_0004(client, ciaddr, requested) = "{client}: refused, no lease can be given; it sent ciaddr {ciaddr} and requested {requested}";
    Debug(50) "bad-packets" DHCP4_NO_LEASE_INIT_REBOOT(client, address) = "{client}: rebooted with {address}, which no lease here knows; not answering";
    Debug(50) "bad-packets" DHCP4_UNKNOWN_ADDRESS_REQUESTED(client, ciaddr, requested) = "{client}: asks for an address of no pool here, ciaddr {ciaddr}, requested {requested}; not answering";
    Error "alloc-engine" ALLOC_ENGINE_V4_ALLOC_ERROR(client, reason) = "{client}: error during attempt to allocate an IPv4 address: {reason}";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_SHARED_NETWORK(client, network, full, without_pools) = "{client}: failed to allocate an IPv4 address in the shared network {network}: {full} subnets have no available addresses, {without_pools} subnets have no matching pools";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET(client, subnet, subnet_id, network) = "{client}: failed to allocate an IPv4 lease in the subnet {subnet}, subnet-id {subnet_id}, shared network {network}";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_NO_POOLS(client) = "{client}: no pools were available for the address allocation";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL(client, attempts) = "{client}: failed to allocate an IPv4 address after {attempts} attempt(s)";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_CLASSES(client, classes) = "{client}: Failed to allocate an IPv4 address for client with classes: {classes}";

    // What a client gave back.
    Info "leases" DHCP4_RELEASE(client, address) = "{client}: address {address} was released properly.";
    Info "leases" DHCP4_RELEASE_EXPIRED(client, address) = "{client}: address {address} expired on release.";
    Info "leases" DHCP4_RELEASE_DELETED(client, address) = "{client}: address {address} was deleted on release.";
    Debug(50) "leases" DHCP4_RELEASE_FAIL_NO_LEASE(client, address) = "{client}: wants to release {address}, of which there is no lease";
    Debug(50) "leases" DHCP4_RELEASE_FAIL_WRONG_CLIENT(client, address) = "{client}: wants to release {address}, which is another client's";
    Debug(50) "leases" DHCP4_RELEASE_FAIL_NOT_ASSIGNED(client, address, state) = "{client}: wants to release {address}, whose lease is {state}";
    Error "leases" DHCP4_RELEASE_EXCEPTION(client, address, reason) = "{client}: while trying to release address {address} an exception occurred: {reason}";
    Info "leases" DHCP4_DECLINE_LEASE(address, client, seconds) = "Received DHCPDECLINE for addr {address} from client {client}. The lease will be unavailable for {seconds} seconds.";
    Warn "dhcp4" DHCP4_DECLINE_LEASE_NOT_FOUND(address, client) = "Received DHCPDECLINE for addr {address} from client {client}, but no such lease found.";
    Warn "dhcp4" DHCP4_DECLINE_LEASE_MISMATCH(address, client, client_hwaddr, lease_hwaddr, client_id, lease_id) = "Received DHCPDECLINE for addr {address} from client {client}, but the data doesn't match: received hwaddr: {client_hwaddr}, lease hwaddr: {lease_hwaddr}, received client-id: {client_id}, lease client-id: {lease_id}";
    Error "leases" DHCP4_DECLINE_FAIL(client, address, reason) = "{client}: error on decline lease for address {address}: {reason}";

    // What is asked for of the DNS.
    Debug(55) "dhcpsrv" DHCPSRV_DDNS_TTL_TOO_SMALL(part, lifetime, seconds, least) = "{part} of the lifetime {lifetime} of a lease is {seconds}, its records say {least}";
    Debug(55) "dhcpsrv" DHCPSRV_DDNS_TTL_TOO_LARGE(part, lifetime, seconds, most) = "{part} of the lifetime {lifetime} of a lease is {seconds}, its records say {most}";

    // Leases that end.
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_START(limit, milliseconds) = "reclaiming expired leases, at most {limit} of them or for {milliseconds} ms";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASE_RECLAIM(client, address) = "{client}: its lease of {address} has expired";
    Debug(40) "alloc-engine" ALLOC_ENGINE_LEASE_RECLAIMED(address) = "the lease of {address} is reclaimed";
    Info "alloc-engine" ALLOC_ENGINE_V4_DECLINED_RECOVERED(address, seconds) = "IPv4 address {address} was recovered after {seconds} seconds of probation-period";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_TIMEOUT(milliseconds) = "stopped reclaiming after {milliseconds} ms";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_COMPLETE(leases, duration) = "reclaimed {leases} leases in {duration}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_NO_MORE_EXPIRED_LEASES() = "no expired leases are left";
    Warn "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_SLOW(reclamations) = "expired leases still exist after {reclamations} reclamations";
    Error "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_FAILED(reason) = "reclamation of expired leases failed: {reason}";
    Error "alloc-engine" ALLOC_ENGINE_V4_LEASE_RECLAMATION_FAILED(address, reason) = "failed to reclaim the lease {address}: {reason}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE(seconds) = "removing reclaimed leases that expired over {seconds} seconds ago";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_COMPLETE(leases) = "removed {leases} reclaimed leases";
    Error "alloc-engine" ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_FAILED(reason) = "deletion of expired-reclaimed leases failed: {reason}";

    // The same of DHCPv6.
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_LEASES_RECLAMATION_START(limit, milliseconds) = "reclaiming expired leases, at most {limit} of them or for {milliseconds} ms";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_LEASE_RECLAIM(client, address, len) = "{client}: its lease of {address}/{len} has expired";
    Info "alloc-engine" ALLOC_ENGINE_V6_DECLINED_RECOVERED(address, seconds) = "IPv6 address {address} was recovered after {seconds} seconds of probation-period";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_LEASES_RECLAMATION_TIMEOUT(milliseconds) = "stopped reclaiming after {milliseconds} ms";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_LEASES_RECLAMATION_COMPLETE(leases, duration) = "reclaimed {leases} leases in {duration}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_NO_MORE_EXPIRED_LEASES() = "no expired leases are left";
    Warn "alloc-engine" ALLOC_ENGINE_V6_LEASES_RECLAMATION_SLOW(reclamations) = "expired leases still exist after {reclamations} reclamations";
    Error "alloc-engine" ALLOC_ENGINE_V6_LEASES_RECLAMATION_FAILED(reason) = "reclamation of expired leases failed: {reason}";
    Error "alloc-engine" ALLOC_ENGINE_V6_LEASE_RECLAMATION_FAILED(address, reason) = "failed to reclaim the lease {address}: {reason}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_RECLAIMED_LEASES_DELETE(seconds) = "removing reclaimed leases that expired over {seconds} seconds ago";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_RECLAIMED_LEASES_DELETE_COMPLETE(leases) = "removed {leases} reclaimed leases";
    Error "alloc-engine" ALLOC_ENGINE_V6_RECLAIMED_LEASES_DELETE_FAILED(reason) = "deletion of expired-reclaimed leases failed: {reason}";
}
