//! Which keywords of a subnet, a shared network or a class stand in which columns.

use super::Protocol;
use super::field::Form::{Address, Bytes, List, Map, Number, Real, Relay, Text, Truth, Word};
use super::field::{Field, field};

/// `ddns-replace-client-name`, by number.
const REPLACE: &[&str] = &["never", "always", "when-present", "when-not-present"];

/// What subnets and shared networks of either protocol have.
const NETWORK: &[Field] = &[
    field("client-classes", "client_classes", List),
    field("interface", "interface", Text),
    field("rebind-timer", "rebind_timer", Number),
    field("relay", "relay", Relay),
    field("renew-timer", "renew_timer", Number),
    field("evaluate-additional-classes", "evaluate_additional_classes", List),
    field("user-context", "user_context", Map),
    field("valid-lifetime", "valid_lifetime", Number),
    field("calculate-tee-times", "calculate_tee_times", Truth),
    field("t1-percent", "t1_percent", Real),
    field("t2-percent", "t2_percent", Real),
    field("min-valid-lifetime", "min_valid_lifetime", Number),
    field("max-valid-lifetime", "max_valid_lifetime", Number),
    field("ddns-send-updates", "ddns_send_updates", Truth),
    field("ddns-override-no-update", "ddns_override_no_update", Truth),
    field("ddns-override-client-update", "ddns_override_client_update", Truth),
    field("ddns-replace-client-name", "ddns_replace_client_name", Word(REPLACE)),
    field("ddns-generated-prefix", "ddns_generated_prefix", Text),
    field("ddns-qualifying-suffix", "ddns_qualifying_suffix", Text),
    field("reservations-global", "reservations_global", Truth),
    field("reservations-in-subnet", "reservations_in_subnet", Truth),
    field("reservations-out-of-pool", "reservations_out_of_pool", Truth),
    field("cache-threshold", "cache_threshold", Real),
    field("cache-max-age", "cache_max_age", Number),
    field("allocator", "allocator", Text),
    field("ddns-ttl-percent", "ddns_ttl_percent", Real),
    field("ddns-ttl", "ddns_ttl", Number),
    field("ddns-ttl-min", "ddns_ttl_min", Number),
    field("ddns-ttl-max", "ddns_ttl_max", Number),
];

const NETWORK4: &[Field] = &[
    field("match-client-id", "match_client_id", Truth),
    field("authoritative", "authoritative", Truth),
    field("boot-file-name", "boot_file_name", Text),
    field("next-server", "next_server", Address),
    field("server-hostname", "server_hostname", Text),
    field("offer-lifetime", "offer_lifetime", Number),
];

const NETWORK6: &[Field] = &[
    field("preferred-lifetime", "preferred_lifetime", Number),
    field("min-preferred-lifetime", "min_preferred_lifetime", Number),
    field("max-preferred-lifetime", "max_preferred_lifetime", Number),
    field("rapid-commit", "rapid_commit", Truth),
    field("interface-id", "interface_id", Bytes),
    field("pd-allocator", "pd_allocator", Text),
];

const SUBNET: &[Field] = &[
    field("id", "subnet_id", Number),
    field("subnet", "subnet_prefix", Text),
    field("shared-network-name", "shared_network_name", Text),
];

const SUBNET4: &[Field] = &[
    field("4o6-interface", "4o6_interface", Text).in_postgres("interface_4o6"),
    field("4o6-interface-id", "4o6_interface_id", Text).in_postgres("interface_id_4o6"),
    field("4o6-subnet", "4o6_subnet", Text).in_postgres("subnet_4o6"),
];

const NAME: Field = field("name", "name", Text);

const CLASS: &[Field] = &[
    NAME,
    field("test", "test", Text),
    field("only-in-additional-list", "only_in_additional_list", Truth),
    field("valid-lifetime", "valid_lifetime", Number),
    field("min-valid-lifetime", "min_valid_lifetime", Number),
    field("max-valid-lifetime", "max_valid_lifetime", Number),
    field("user-context", "user_context", Map),
];

const CLASS4: &[Field] = &[
    field("next-server", "next_server", Address),
    field("server-hostname", "server_hostname", Text),
    field("boot-file-name", "boot_file_name", Text),
    field("offer-lifetime", "offer_lifetime", Number),
];

const CLASS6: &[Field] = &[
    field("preferred-lifetime", "preferred_lifetime", Number),
    field("min-preferred-lifetime", "min_preferred_lifetime", Number),
    field("max-preferred-lifetime", "max_preferred_lifetime", Number),
];

/// What pools of any kind have beside their addresses.
const POOL: &[Field] = &[
    field("client-classes", "client_classes", List),
    field("evaluate-additional-classes", "evaluate_additional_classes", List),
    field("user-context", "user_context", Map),
];

fn of(parts: &[&[Field]]) -> Vec<Field> {
    parts.iter().copied().flatten().copied().collect()
}

pub(super) fn subnet(protocol: Protocol) -> Vec<Field> {
    match protocol {
        Protocol::V4 => of(&[SUBNET, NETWORK, NETWORK4, SUBNET4]),
        Protocol::V6 => of(&[SUBNET, NETWORK, NETWORK6]),
    }
}

pub(super) fn network(protocol: Protocol) -> Vec<Field> {
    of(&[&[NAME], NETWORK, if protocol == Protocol::V4 { NETWORK4 } else { NETWORK6 }])
}

pub(super) fn class(protocol: Protocol) -> Vec<Field> {
    of(&[CLASS, if protocol == Protocol::V4 { CLASS4 } else { CLASS6 }])
}

pub(super) fn pool() -> Vec<Field> {
    of(&[POOL])
}
