//! Log messages of `limits`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_ADDRESS_LIMIT_BY_CLIENT_CLASS(limit, class) = "clients of the class {class} may have {limit} addresses";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_ADDRESS_LIMIT_BY_SUBNET(limit, subnet) = "of the subnet {subnet} there may be leases of {limit} addresses";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_PREFIX_LIMIT_BY_CLIENT_CLASS(limit, class) = "clients of the class {class} may have {limit} prefixes";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_PREFIX_LIMIT_BY_SUBNET(limit, subnet) = "of the subnet {subnet} there may be leases of {limit} prefixes";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_RATE_LIMIT_BY_CLIENT_CLASS(limit, class) = "{limit} are answered of clients of the class {class}";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_RATE_LIMIT_BY_SUBNET(limit, subnet) = "{limit} are answered of clients in the subnet {subnet}";
    Debug(40) "limits-hooks" LIMITS_LEASE_LIMIT_EXCEEDED(limit) = "a lease is not given, as that would exceed {limit}";
    Debug(40) "limits-hooks" LIMITS_LEASE_WITHIN_LIMITS(address) = "a lease of {address} is within limits";
    Debug(55) "limits-hooks" LIMITS_PACKET_WIIH_SUBNET_ID_RATE_NO_SUBNET() = "a packet is not limited by its subnet, as none was selected";
    Debug(40) "limits-hooks" LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_DROPPED(classes, limit, class) = "a packet of a client of {classes} is dropped: it is one more than {limit} of the class {class}";
    Debug(55) "limits-hooks" LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_HONORED(classes) = "a packet of a client of {classes} is within limits";
    Debug(40) "limits-hooks" LIMITS_PACKET_WITH_SUBNET_ID_RATE_LIMIT_DROPPED(subnet, limit) = "a packet of the subnet {subnet} is dropped: it is one more than {limit}";
    Debug(55) "limits-hooks" LIMITS_PACKET_WITH_SUBNET_ID_RATE_LIMIT_HONORED(subnet, limit) = "a packet of the subnet {subnet} is within the limit of {limit}";
    Error "limits-hooks" KOTARE_LIMITS_COUNT_FAILED(group, reason) = "a lease is not given, because it is unknown how many there are of {group}: {reason}";
    Error "limits-hooks" KOTARE_LIMITS_LOAD_ERROR(reason) = "limits cannot be kept: {reason}";
    Error "limits-hooks" KOTARE_LIMITS_RECOUNT_FAILED(reason) = "the leases that count for limits could not be counted: {reason}; those that are given or extended from now on are";
}
