//! Which keywords of which object stand in which columns of which table.

use super::Protocol;
use super::field::Form::{
    Address4, Address6, Bytes, DataType, DataTypes, Hex, List, Map, MapText, Number, Real, Relay, Text,
    Truth, Word,
};
use super::field::{Field, field};
use super::object::{Object, Servers, Shape};

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
    field("next-server", "next_server", Address4),
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

/// The shared network is none of a subnet's keywords: in a configuration the subnet lies in it.
const SUBNET: &[Field] = &[
    field("id", "subnet_id", Number),
    field("subnet", "subnet_prefix", Text),
    field(super::NETWORK_NAME, "shared_network_name", Text),
];

const SUBNET4: &[Field] = &[
    field("4o6-interface", "4o6_interface", Text).in_postgres("interface_4o6"),
    field("4o6-interface-id", "4o6_interface_id", Text).in_postgres("interface_id_4o6"),
    field("4o6-subnet", "4o6_subnet", Text).in_postgres("subnet_4o6"),
];

const NAME: &[Field] = &[field("name", "name", Text)];

/// Classes have an order besides, and what they depend on, in tables of their own.
const CLASS: &[Field] = &[
    field("test", "test", Text),
    field("only-in-additional-list", "only_in_additional_list", Truth),
    field("valid-lifetime", "valid_lifetime", Number),
    field("min-valid-lifetime", "min_valid_lifetime", Number),
    field("max-valid-lifetime", "max_valid_lifetime", Number),
    field("user-context", "user_context", Map),
];

const CLASS4: &[Field] = &[
    field("next-server", "next_server", Address4),
    field("server-hostname", "server_hostname", Text),
    field("boot-file-name", "boot_file_name", Text),
    field("offer-lifetime", "offer_lifetime", Number),
];

const CLASS6: &[Field] = &[
    field("preferred-lifetime", "preferred_lifetime", Number),
    field("min-preferred-lifetime", "min_preferred_lifetime", Number),
    field("max-preferred-lifetime", "max_preferred_lifetime", Number),
];

const RANGE4: &[Field] = &[field("start", "start_address", Address4), field("end", "end_address", Address4)];
const RANGE6: &[Field] = &[field("start", "start_address", Address6), field("end", "end_address", Address6)];

const PREFIX: &[Field] = &[
    field("prefix", "prefix", Text),
    field("prefix-len", "prefix_length", Number),
    field("delegated-len", "delegated_prefix_length", Number),
    field("excluded-prefix", "excluded_prefix", Text),
    field("excluded-prefix-len", "excluded_prefix_length", Number),
];

/// What pools of any kind have beside their addresses.
const POOL: &[Field] = &[
    field("client-classes", "client_classes", List),
    field("evaluate-additional-classes", "evaluate_additional_classes", List),
    field("user-context", "user_context", Map),
];

const OPTION: &[Field] = &[
    field("code", "code", Number),
    field("space", "space", Text),
    field("bytes", "value", Hex),
    field("text", "formatted_value", Text),
    field("always-send", "persistent", Truth),
    field("never-send", "cancelled", Truth),
    field("client-classes", "client_classes", List),
    field("user-context", "user_context", MapText),
];

const DEFINITION: &[Field] = &[
    field("code", "code", Number),
    field("name", "name", Text),
    field("space", "space", Text),
    field("type", "type", DataType),
    field("array", "is_array", Truth),
    field("encapsulate", "encapsulate", Text),
    field("record-types", "record_types", DataTypes),
    field("user-context", "user_context", Map),
];

const GLOBAL: &[Field] =
    &[field("name", "name", Text), field("text", "value", Text), field("type", "parameter_type", Number)];

const SERVER: &[Field] = &[field("server-tag", "tag", Text), field("description", "description", Text)];

impl Protocol {
    fn choose<'a>(self, v4: &'a [Field], v6: &'a [Field]) -> &'a [Field] {
        match self {
            Self::V4 => v4,
            Self::V6 => v6,
        }
    }

    /// Subnets, without what lies in them.
    pub fn subnets(self) -> Object {
        let own = self.choose(SUBNET4, &[]);
        let parts = [SUBNET, NETWORK, self.choose(NETWORK4, NETWORK6), own];
        let servers = Servers { table: "dhcp#_subnet_server", column: "subnet_id" };
        Object::new("dhcp#_subnet", "subnet_id", &parts).for_servers(servers)
    }

    /// Shared networks, without what lies in them.
    pub fn networks(self) -> Object {
        let servers = Servers { table: "dhcp#_shared_network_server", column: "shared_network_id" };
        let parts = [NAME, NETWORK, self.choose(NETWORK4, NETWORK6)];
        Object::new("dhcp#_shared_network", "id", &parts).for_servers(servers)
    }

    /// Client classes, without what lies in them.
    pub fn classes(self) -> Object {
        let servers = Servers { table: "dhcp#_client_class_server", column: "class_id" };
        let parts = [NAME, CLASS, self.choose(CLASS4, CLASS6)];
        Object::new("dhcp#_client_class", "id", &parts).for_servers(servers)
    }

    /// Pools of addresses.
    pub fn pools(self) -> Object {
        let parts = [self.choose(RANGE4, RANGE6), POOL];
        Object::new("dhcp#_pool", "id", &parts).shaped(Shape::Pool(self))
    }

    /// Pools of prefixes, which DHCPv6 has.
    pub fn pd_pools(self) -> Object {
        Object::new("dhcp#_pd_pool", "id", &[PREFIX, POOL]).shaped(Shape::PdPool)
    }

    /// Options, wherever they lie.
    pub fn options(self) -> Object {
        let servers = Servers { table: "dhcp#_options_server", column: "option_id" };
        Object::new("dhcp#_options", "option_id", &[OPTION]).shaped(Shape::Option).for_servers(servers)
    }

    /// Definitions of options, those of classes as well.
    pub fn definitions(self) -> Object {
        let servers = Servers { table: "dhcp#_option_def_server", column: "option_def_id" };
        Object::new("dhcp#_option_def", "id", &[DEFINITION]).for_servers(servers)
    }

    /// Global parameters, each with its `name` and `value`.
    pub fn globals(self) -> Object {
        let servers = Servers { table: "dhcp#_global_parameter_server", column: "parameter_id" };
        Object::new("dhcp#_global_parameter", "id", &[GLOBAL]).shaped(Shape::Global).for_servers(servers)
    }

    /// Servers, by their tags.
    pub fn servers(self) -> Object {
        Object::new("dhcp#_server", "id", &[SERVER])
    }
}
