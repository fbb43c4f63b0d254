//! Log messages of the engine.

kotare_messages::messages! {
    Info "leases" DHCP4_LEASE_OFFER(client, address) = "{client}: offering {address}";
}
