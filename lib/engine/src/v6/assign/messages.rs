//! What the log tells of how leases are found. Kea's identifiers, arguments, levels and loggers.

kotare_messages::messages! {
    Info "alloc-engine" ALLOC_ENGINE_V6_HR_ADDR_GRANTED(address, client) = "reserved address {address} was assigned to client {client}";
    Info "alloc-engine" ALLOC_ENGINE_V6_HR_PREFIX_GRANTED(prefix, len, client) = "reserved prefix {prefix}/{len} was assigned to client {client}";
    Info "alloc-engine" ALLOC_ENGINE_V6_REVOKED_ADDR_LEASE(client, address, duid, other) = "{client}: address {address} was revoked from client {duid} as it is reserved for client {other}";
    Info "alloc-engine" ALLOC_ENGINE_V6_REVOKED_PREFIX_LEASE(client, prefix, len, duid, other) = "{client}: prefix {prefix}/{len} was revoked from client {duid} as it is reserved for client {other}";
    Info "alloc-engine" ALLOC_ENGINE_V6_REVOKED_SHARED_ADDR_LEASE(client, address, duid, count) = "{client}: address {address} was revoked from client {duid} as it is reserved for {count} other clients";
    Info "alloc-engine" ALLOC_ENGINE_V6_REVOKED_SHARED_PREFIX_LEASE(client, prefix, len, duid, count) = "{client}: prefix {prefix}/{len} was revoked from client {duid} as it is reserved for {count} other clients";
    Debug(40) "alloc-engine" ALLOC_ENGINE_IGNORING_UNSUITABLE_GLOBAL_ADDRESS6(client, address, link) = "{client}: {address} is reserved for it globally, but does not belong to {link}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_ALLOC_HR_LEASE_EXISTS(client, kind, address) = "{client}: has the lease of type {kind} of what is reserved for it, {address}";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_ALLOC_UNRESERVED(client) = "{client}: looking for something that nobody has";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_HINT_RESERVED(client, address) = "{client}: {address}, which it asks for, is reserved for somebody else";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_ALLOC_NO_LEASES_HR(client) = "{client}: has no leases, but reservations";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_ALLOC_LEASES_NO_HR(client) = "{client}: has leases, but no reservations";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_ALLOC_LEASES_HR(client) = "{client}: has leases and reservations";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_RENEW_REMOVE_RESERVED(client) = "{client}: looking whether others have reservations of what it has";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_RENEW_HR(client) = "{client}: looking for what is reserved for it, as it extends what it has";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_EXTEND_ALLOC_UNRESERVED(client) = "{client}: looking for something that nobody has, as it has nothing to extend";
    Debug(40) "alloc-engine" ALLOC_ENGINE_V6_CALCULATED_PREFERRED_LIFETIME(client, seconds) = "{client}: preferred for {seconds} seconds, computed from how long it is valid";
    Debug(55) "alloc-engine" ALLOC_ENGINE_V6_EXTEND_LEASE_DATA(client, lease) = "{client}: extending a lease that is: {lease}";
    Debug(55) "alloc-engine" ALLOC_ENGINE_V6_EXTEND_NEW_LEASE_DATA(client, lease) = "{client}: extending it, so that it is: {lease}";
    Debug(55) "leases" DHCP6_LEASE_DATA(client, iaid, lease) = "{client}: what it gets for iaid={iaid}: {lease}";
    Debug(50) "alloc-engine" ALLOC_ENGINE_V6_EXTEND_LEASE(client, kind, address) = "{client}: extending its lease of type {kind} of {address}";
    Debug(55) "alloc-engine" ALLOC_ENGINE_V6_REUSE_EXPIRED_LEASE_DATA(client, lease) = "{client}: taking over a lease that has ended: {lease}";
}
