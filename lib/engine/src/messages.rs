//! Log messages of the engine: Kea's identifiers, arguments, severities and loggers.
//!
//! Kea 3 logs three lines at INFO for every packet besides what became of the lease. Here these are at the debug
//! level they had in Kea 2, so that an exchange is one line of the log unless more is asked for.

kotare_messages::messages! {
    // Packets.
    Debug(40) "packets" DHCP4_PACKET_RECEIVED(client, kind, type_number, source, destination, interface) = "{client}: {kind} (type {type_number}) came from {source} to {destination} on {interface}";
    Debug(40) "packets" DHCP4_PACKET_SEND(client, kind, type_number, source, source_port, destination, destination_port, interface) = "{client}: sending {kind} (type {type_number}) from {source}:{source_port} to {destination}:{destination_port} on {interface}";
    Error "packets" DHCP4_PACKET_SEND_FAIL(client, reason) = "{client}: the reply could not be sent: {reason}";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0001(client, source, destination, interface, reason, hwaddr) = "{client}: dropped a packet from {source} to {destination} on {interface} that is not DHCP: {reason} ({hwaddr})";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0002(client, interface) = "{client}, on {interface}: dropped a DHCPINFORM that has no address to answer to";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0003(client, interface) = "{client}, on {interface}: dropped, another server is meant";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0005(client, type_number) = "{client}: dropped, {type_number} in option 53 is no message type";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0006(client, type_number) = "{client}: dropped, servers do not handle messages of type {type_number}";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0007(client, reason) = "{client}: dropped: {reason}";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0009(client) = "{client}: dropped, option 53 (message type) is missing, perhaps a BOOTP message";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0011(client, interface) = "{client}, on {interface}: dropped, a newer message of the client took its place behind the one under way";
    Debug(15) "bad-packets" DHCP4_PACKET_DROP_0012(client, interface) = "{client}, on {interface}: dropped, a newer message of the client took its place behind the one under way";
    Error "packets" DHCP4_PACKET_PROCESS_STD_EXCEPTION(client, reason) = "{client}: dropped because of a failure: {reason}";
    Error "options" DHCP4_PACKET_PACK_FAIL(client, reason) = "{client}: no reply could be written: {reason}";
    Debug(50) "packets" DHCP4_INFORM_DIRECT_REPLY(client, destination, interface) = "{client}: the DHCPACK to its DHCPINFORM goes to {destination} itself, on {interface}";

    // What modules say of it.
    Debug(15) "hooks" DHCP4_HOOK_BUFFER_RCVD_DROP(source, destination, interface) = "received buffer from {source} to {destination} over interface {interface} was dropped because a module said so";
    Debug(40) "hooks" DHCP4_HOOK_PACKET_RCVD_SKIP(client) = "{client}: packet is dropped, because a module said so";
    Debug(40) "hooks" DHCP4_HOOK_SUBNET4_SELECT_PARK(client) = "{client}: waits for a module that selects its subnet";
    Debug(40) "hooks" DHCP4_HOOK_SUBNET4_SELECT_SKIP(client) = "{client}: is on no subnet, because a module said so";
    Debug(40) "hooks" DHCP4_HOOK_SUBNET4_SELECT_DROP(client) = "{client}: dropped by a module that selects its subnet";
    Debug(15) "packets" DHCP4_HOOK_SUBNET4_SELECT_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that select a subnet (parked-packet-limit); dropped that of {client}";
    Debug(40) "hooks" DHCP4_HOOK_LEASE4_OFFER_PARK(client) = "{client}: waits for a module that checks the address to be offered";
    Debug(15) "hooks" DHCP4_HOOK_LEASE4_OFFER_DROP(client) = "{client}: dropped by a module that checks the address to be offered";
    Debug(15) "packets" DHCP4_HOOK_LEASE4_OFFER_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that check addresses to be offered (parked-packet-limit); dropped that of {client}";
    Debug(40) "hooks" DHCP4_HOOK_LEASES4_COMMITTED_PARK(client) = "{client}: waits for a module that wants to know of its lease";
    Debug(15) "hooks" DHCP4_HOOK_LEASES4_COMMITTED_DROP(client) = "{client}: dropped by a module that was told of its lease";
    Debug(15) "packets" DHCP4_HOOK_LEASES4_COMMITTED_PARKING_LOT_FULL(limit, client) = "{limit} messages wait for modules that want to know of leases (parked-packet-limit); dropped that of {client}";
    Debug(40) "hooks" DHCP4_HOOK_LEASE4_SELECT_DROP(client) = "{client}: dropped by a module that was shown its lease";
    Info "leases" DHCP4_SERVER_INITIATED_DECLINE(client, address, seconds) = "{client}: Lease for addr {address} has been found to be already in use. The lease will be unavailable for {seconds} seconds.";

    // What a client got.
    Info "leases" DHCP4_LEASE_OFFER(client, address) = "{client}: offering {address}";
    Info "leases" DHCP4_LEASE_ALLOC(client, address, lifetime) = "{client}: {address} is leased for {lifetime} seconds";
    Info "leases" DHCP4_LEASE_REUSE(client, address, lifetime) = "{client}: its lease of {address} stands for {lifetime} seconds more";
    Info "leases" DHCP4_INIT_REBOOT(client, address) = "{client}: rebooted and asks to keep {address}";
    Debug(45) "packets" DHCP4_SUBNET_SELECTED(client, subnet) = "{client}: is on subnet {subnet}";
    Debug(45) "packets" DHCP4_SUBNET_DYNAMICALLY_CHANGED(client, selected, subnet, network) = "{client}: served from subnet {subnet} instead of {selected} in shared network {network}";
    Debug(50) "packets" DHCP4_SUBNET_SELECTION_FAILED(client) = "{client}: is on no subnet known here";
    Debug(50) "dhcp4" DHCP4_CLIENTID_IGNORED_FOR_LEASES(client, subnet) = "{client}: its identifier does not count in subnet {subnet}";

    // What it did not get.
    Error "bad-packets" DHCP4_PACKET_NAK_0001(client, source, kind) = "{client}: {kind} from {source} is refused: no subnet is configured for where the client is";
    Debug(50) "bad-packets" DHCP4_PACKET_NAK_0002(client, address) = "{client}: refused, {address} is not its address here";
    Debug(50) "bad-packets" DHCP4_PACKET_NAK_0003(client, ciaddr, requested) = "{client}: nothing to offer; it sent ciaddr {ciaddr} and requested {requested}";
    Debug(50) "bad-packets" DHCP4_PACKET_NAK_0004(client, ciaddr, requested) = "{client}: refused, no lease can be given; it sent ciaddr {ciaddr} and requested {requested}";
    Debug(50) "bad-packets" DHCP4_NO_LEASE_INIT_REBOOT(client, address) = "{client}: rebooted with {address}, which no lease here knows; not answering";
    Debug(50) "bad-packets" DHCP4_UNKNOWN_ADDRESS_REQUESTED(client, ciaddr, requested) = "{client}: asks for an address of no pool here, ciaddr {ciaddr}, requested {requested}; not answering";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_SHARED_NETWORK(client, network, full, without_pools) = "{client}: no address in shared network {network}: {full} subnets are full, {without_pools} have no pools";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET(client, subnet, subnet_id, network) = "{client}: no address in subnet {subnet}, id {subnet_id}, shared network {network}";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_NO_POOLS(client) = "{client}: no pools to take an address from";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL(client, attempts) = "{client}: none of {attempts} addresses is free";
    Warn "alloc-engine" ALLOC_ENGINE_V4_ALLOC_FAIL_CLASSES(client, classes) = "{client}: no address for a client of the classes {classes}";

    // What a client gave back.
    Info "leases" DHCP4_RELEASE(client, address) = "{client}: released {address}";
    Info "leases" DHCP4_RELEASE_EXPIRED(client, address) = "{client}: the released lease of {address} is kept for it";
    Info "leases" DHCP4_RELEASE_DELETED(client, address) = "{client}: the released lease of {address} is removed";
    Debug(50) "leases" DHCP4_RELEASE_FAIL_NO_LEASE(client, address) = "{client}: wants to release {address}, of which there is no lease";
    Debug(50) "leases" DHCP4_RELEASE_FAIL_WRONG_CLIENT(client, address) = "{client}: wants to release {address}, which is another client's";
    Debug(50) "leases" DHCP4_RELEASE_FAIL_NOT_ASSIGNED(client, address, state) = "{client}: wants to release {address}, whose lease is {state}";
    Error "leases" DHCP4_RELEASE_EXCEPTION(client, address, reason) = "{client}: the release of {address} failed: {reason}";
    Info "leases" DHCP4_DECLINE_LEASE(address, client, seconds) = "{address} was declined by {client} and will not be given for {seconds} seconds";
    Warn "dhcp4" DHCP4_DECLINE_LEASE_NOT_FOUND(address, client) = "{address} was declined by {client}, but there is no lease of it";
    Warn "dhcp4" DHCP4_DECLINE_LEASE_MISMATCH(address, client, client_hwaddr, lease_hwaddr, client_id, lease_id) = "{address} was declined by {client}, but it is not its own: hardware address {client_hwaddr}, in the lease {lease_hwaddr}; client identifier {client_id}, in the lease {lease_id}";
    Error "leases" DHCP4_DECLINE_FAIL(client, address, reason) = "{client}: the decline of {address} failed: {reason}";

    // Leases that end.
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_START(limit, milliseconds) = "reclaiming expired leases, at most {limit} of them or for {milliseconds} ms";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASE_RECLAIM(client, address) = "{client}: its lease of {address} has expired";
    Debug(40) "alloc-engine" ALLOC_ENGINE_LEASE_RECLAIMED(address) = "the lease of {address} is reclaimed";
    Info "alloc-engine" ALLOC_ENGINE_V4_DECLINED_RECOVERED(address, seconds) = "{address} may be given again after a probation of {seconds} seconds";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_TIMEOUT(milliseconds) = "stopped reclaiming after {milliseconds} ms";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_COMPLETE(leases, duration) = "reclaimed {leases} leases in {duration}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_NO_MORE_EXPIRED_LEASES() = "no expired leases are left";
    Warn "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_SLOW(reclamations) = "expired leases are left after {reclamations} reclamations in a row; allow more by `max-reclaim-leases` or `max-reclaim-time`";
    Error "alloc-engine" ALLOC_ENGINE_V4_LEASES_RECLAMATION_FAILED(reason) = "reclaiming expired leases failed: {reason}";
    Error "alloc-engine" ALLOC_ENGINE_V4_LEASE_RECLAMATION_FAILED(address, reason) = "the lease of {address} could not be reclaimed: {reason}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE(seconds) = "removing reclaimed leases that expired over {seconds} seconds ago";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_COMPLETE(leases) = "removed {leases} reclaimed leases";
    Error "alloc-engine" ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_FAILED(reason) = "removing reclaimed leases failed: {reason}";
}
