//! Log messages of the module: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Info "subnet-cmds-hooks" SUBNET_CMDS_DEINIT_OK() = "unloading Subnet Commands hooks library successful";
    Error "subnet-cmds-hooks" SUBNET_CMDS_INIT_FAILED(reason) = "loading Subnet Commands hooks library failed: {reason}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_INIT_OK() = "loading Subnet Commands hooks library successful";

    // What was done.
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_ADD(name) = "successfully added shared network {name}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_DEL(name) = "successfully deleted shared network {name}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_GET(name) = "successfully retrieved shared network {name}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_GET_EMPTY(reason) = "specified shared network is not found: {reason}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_LIST(count, protocol) = "successfully retrieved list of {count} {protocol} shared networks";
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_LIST_EMPTY(protocol) = "no {protocol} shared networks listed";
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_SUBNET_ADD(protocol, subnet, id, network) = "{protocol} subnet {subnet} (id {id}) added to shared network {network}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_NETWORK_SUBNET_DEL(protocol, subnet, id, network) = "{protocol} subnet {subnet} (id {id}) removed from shared network {network}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_SUBNET_ADD(subnet, id) = "successfully added subnet {subnet} having id {id}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_SUBNET_DEL(subnet, id) = "successfully deleted subnet {subnet} having id {id}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_SUBNET_GET(subnet, id) = "successfully retrieved subnet {subnet} having id {id}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_SUBNET_GET_EMPTY(reason) = "specified subnet is not found: {reason}";
    Info "subnet-cmds-hooks" SUBNET_CMDS_SUBNET_LIST(count, protocol) = "successfully retrieved list of {count} {protocol} subnets";
    Info "subnet-cmds-hooks" SUBNET_CMDS_SUBNET_LIST_EMPTY(protocol) = "no {protocol} subnets listed";
    Info "subnet-cmds-hooks" SUBNET_CMDS_SUBNET_UPDATE(subnet, id) = "successfully updated subnet {subnet} having id {id}";

    // What was refused of IPv4.
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK4_ADD_FAILED(reason) = "failed to add new IPv4 network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK4_DEL_FAILED(reason) = "failed to delete IPv4 network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK4_GET_FAILED(reason) = "failed to return an IPv4 network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK4_SUBNET_ADD_FAILED(reason) = "failed to add existing IPv4 subnet to a shared network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK4_SUBNET_DEL_FAILED(reason) = "failed to remove a IPv4 subnet from a shared network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET4_ADD_FAILED(reason) = "failed to add new IPv4 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET4_DELTA_ADD_FAILED(reason) = "failed to update IPv4 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET4_DELTA_DEL_FAILED(reason) = "failed to update IPv4 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET4_DEL_FAILED(reason) = "failed to delete IPv4 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET4_GET_FAILED(reason) = "failed to return an IPv4 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET4_UPDATE_FAILED(reason) = "failed to update IPv4 subnet: {reason}";

    // And of IPv6.
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK6_ADD_FAILED(reason) = "failed to add new IPv6 network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK6_DEL_FAILED(reason) = "failed to delete IPv6 network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK6_GET_FAILED(reason) = "failed to return an IPv6 network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK6_SUBNET_ADD_FAILED(reason) = "failed to add existing IPv6 subnet to a shared network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_NETWORK6_SUBNET_DEL_FAILED(reason) = "failed to remove a IPv6 subnet from a shared network: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET6_ADD_FAILED(reason) = "failed to add new IPv6 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET6_DELTA_ADD_FAILED(reason) = "failed to update IPv6 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET6_DELTA_DEL_FAILED(reason) = "failed to update IPv6 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET6_DEL_FAILED(reason) = "failed to delete IPv6 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET6_GET_FAILED(reason) = "failed to return an IPv6 subnet: {reason}";
    Error "subnet-cmds-hooks" SUBNET_CMDS_SUBNET6_UPDATE_FAILED(reason) = "failed to update IPv6 subnet: {reason}";
}
