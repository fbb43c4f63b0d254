//! Log messages of `limits`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_ADDRESS_LIMIT_BY_CLIENT_CLASS(limit, class) = "New lease limit of {limit} addresses for client class {class} has been configured.";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_ADDRESS_LIMIT_BY_SUBNET(limit, subnet) = "New lease limit of {limit} addresses for subnet with ID {subnet} has been configured.";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_PREFIX_LIMIT_BY_CLIENT_CLASS(limit, class) = "New lease limit of {limit} prefixes for client class {class} has been configured.";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_PREFIX_LIMIT_BY_SUBNET(limit, subnet) = "New lease limit of {limit} prefixes for subnet with ID {subnet} has been configured.";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_RATE_LIMIT_BY_CLIENT_CLASS(limit, class) = "New rate limit of {limit} for client class {class} has been configured.";
    Debug(40) "limits-hooks" LIMITS_CONFIGURED_RATE_LIMIT_BY_SUBNET(limit, subnet) = "New rate limit of {limit} for subnet with ID {subnet} has been configured.";
    Debug(40) "limits-hooks" LIMITS_LEASE_LIMIT_EXCEEDED(limit) = "Lease was not allocated due to exceeding {limit}.";
    Debug(40) "limits-hooks" LIMITS_LEASE_WITHIN_LIMITS(address) = "Lease with address {address} is within limits.";
    Debug(55) "limits-hooks" LIMITS_PACKET_WIIH_SUBNET_ID_RATE_NO_SUBNET() = "Packet is not being rate limited due to no subnet specified.";
    Debug(40) "limits-hooks" LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_DROPPED(classes, limit, class) = "Packet assigned to client classes {classes} is being dropped for exceeding the rate limit of {limit} for client class {class}.";
    Debug(55) "limits-hooks" LIMITS_PACKET_WITH_CLIENT_CLASSES_RATE_LIMIT_HONORED(classes) = "Packet assigned to client classes {classes} is being honored.";
    Debug(40) "limits-hooks" LIMITS_PACKET_WITH_SUBNET_ID_RATE_LIMIT_DROPPED(subnet, limit) = "Packet assigned to subnet with ID {subnet} is being dropped for exceeding the rate limit of {limit}.";
    Debug(55) "limits-hooks" LIMITS_PACKET_WITH_SUBNET_ID_RATE_LIMIT_HONORED(subnet, limit) = "Packet under subnet with ID {subnet} and limit {limit} is being honored.";
    Error "limits-hooks" KOTARE_LIMITS_COUNT_FAILED(group, reason) = "a lease is not given, because it is unknown how many there are of {group}: {reason}";
    Error "limits-hooks" KOTARE_LIMITS_LOAD_ERROR(reason) = "limits cannot be kept: {reason}";
    Error "limits-hooks" KOTARE_LIMITS_RECOUNT_FAILED(reason) = "the leases that count for limits could not be counted: {reason}; those that are given or extended from now on are";
}
