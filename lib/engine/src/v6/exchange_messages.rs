//! What the log tells of what clients ask for, and of their names. Kea's identifiers, arguments, levels and loggers.

kotare_messages::messages! {
    Debug(50) "ddns" DHCP6_DDNS_RECEIVE_FQDN(client, option) = "{client}: it calls itself, by option 39, {option}";
    Debug(50) "ddns" DHCP6_CLIENT_FQDN_SCRUBBED_EMPTY(client, name) = "{client}: nothing, or an empty label, is left of the name '{name}' without what does not belong into names";
    Debug(50) "ddns" DHCP6_DDNS_GENERATE_FQDN(client) = "{client}: sent no name and gets one that is made up";
    Debug(50) "ddns" DHCP6_DDNS_RESPONSE_FQDN_DATA(client, option) = "{client}: it is called, by option 39 of the reply, {option}";
    Debug(55) "ddns" DHCP6_DDNS_FQDN_GENERATED(client, name) = "{client}: its name is made up, {name}";
    Error "ddns" DHCP6_DDNS_GENERATED_FQDN_UPDATE_FAIL(client, address, reason) = "{client}: failed to update the lease using address {address}, after generating FQDN for a client, reason: {reason}";

    Debug(50) "options" DHCP6_RAPID_COMMIT(client) = "{client}: offers to leave out two messages, and may";
    Debug(15) "packets" DHCP6_PACKET_REJECT_CLASS(client, details) = "{client}: refused, it is of the class 'REJECT': {details}";
    Debug(50) "leases" DHCP6_PROCESS_IA_NA_SOLICIT(client, iaid, hint) = "{client}: looking for an address to offer for iaid={iaid} and hint={hint}";
    Debug(50) "leases" DHCP6_PROCESS_IA_NA_REQUEST(client, iaid, hint) = "{client}: looking for an address to give for iaid={iaid} and hint={hint}";
    Debug(50) "leases" DHCP6_PROCESS_IA_PD_SOLICIT(client, iaid, hint) = "{client}: looking for a prefix to offer for iaid={iaid} and hint={hint}";
    Debug(50) "leases" DHCP6_PROCESS_IA_PD_REQUEST(client, iaid, hint) = "{client}: looking for a prefix to give for iaid={iaid} and hint={hint}";
    Debug(50) "leases" DHCP6_PROCESS_IA_NA_EXTEND(client, iaid) = "{client}: extending what it has of addresses for iaid={iaid}";
    Debug(50) "leases" DHCP6_PROCESS_IA_PD_EXTEND(client, iaid) = "{client}: extending what it has of prefixes for iaid={iaid}";
    Debug(50) "leases" DHCP6_PROCESS_IA_NA_RELEASE(client, iaid) = "{client}: releasing what it names of addresses of iaid={iaid}";
    Debug(50) "leases" DHCP6_DECLINE_PROCESS_IA(client, iaid) = "{client}: declining what it names of addresses of iaid={iaid}";
    Debug(15) "hooks" DHCP6_HOOK_DDNS_UPDATE(name, new_name, forward, new_forward, reverse, new_reverse) = "a module made of the name '{name}' '{new_name}', of whether it is updated {new_forward} ({forward} before), of whether that of its address is {new_reverse} ({reverse} before)";
    Debug(40) "hooks" DHCP6_HOOK_SUBNET6_SELECT_PARK(client) = "{client}: waits for a module that selects its subnet";
    Debug(40) "hooks" DHCP6_HOOK_LEASES6_COMMITTED_PARK(client) = "{client}: waits for a module that wants to know of its leases";
}
