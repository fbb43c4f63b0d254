//! The tables of the configuration that both protocols have alike.

use super::super::table::Form::{
    Bool, I8, Json, LongText, Serial64, ShortText, Text, Texts, Time, U8, U16, U32, U64,
};
use super::super::table::{Table, col, foreign, index, unique};

/// Those of either protocol; `#` in names is 4 or 6.
pub(in super::super) const CONFIG: &[Table] = &[
    Table {
        name: "dhcp#_server",
        columns: &[
            col("id", Serial64),
            col("tag", Text(64)),
            col("description", ShortText).null(),
            col("modification_ts", Time).now(),
        ],
        key: "id",
        indexes: &[
            unique("dhcp#_server_tag_UNIQUE", "tag"),
            index("key_dhcp#_server_modification_ts", "modification_ts"),
        ],
        foreign: &[],
        words: &[],
    },
    Table {
        name: "dhcp#_audit_revision",
        columns: &[
            col("id", Serial64),
            col("modification_ts", Time).now(),
            col("log_message", ShortText).null(),
            col("server_id", U64).null(),
        ],
        key: "id",
        indexes: &[index("key_dhcp#_audit_revision_by_modification_ts", "modification_ts")],
        foreign: &[],
        words: &[],
    },
    Table {
        name: "dhcp#_audit",
        columns: &[
            col("id", Serial64),
            col("object_type", Text(256)),
            col("object_id", U64),
            col("modification_type", I8),
            col("revision_id", U64),
        ],
        key: "id",
        indexes: &[
            index("fk_dhcp#_audit_modification_type", "modification_type"),
            index("fk_dhcp#_audit_revision", "revision_id"),
        ],
        foreign: &[
            foreign("fk_dhcp#_audit_modification_type", "modification_type", "modification", "id"),
            foreign("fk_dhcp#_audit_revision", "revision_id", "dhcp#_audit_revision", "id").follows(),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_global_parameter",
        columns: &[
            col("id", Serial64),
            col("name", Text(128)),
            col("value", LongText),
            col("modification_ts", Time).now(),
            col("parameter_type", U8),
        ],
        key: "id",
        indexes: &[
            index("fk_dhcp#_global_parameter_type", "parameter_type"),
            index("key_dhcp#_global_parameter_modification_ts", "modification_ts"),
            index("key_dhcp#_global_parameter_name", "name"),
        ],
        foreign: &[foreign("fk_dhcp#_global_parameter_type", "parameter_type", "parameter_data_type", "id")],
        words: &[],
    },
    Table {
        name: "dhcp#_global_parameter_server",
        columns: &[col("parameter_id", U64), col("server_id", U64), col("modification_ts", Time).now()],
        key: "parameter_id, server_id",
        indexes: &[
            index("fk_dhcp#_global_parameter_server_server_id", "server_id"),
            index("key_dhcp#_global_parameter_server", "modification_ts"),
        ],
        foreign: &[
            foreign(
                "fk_dhcp#_global_parameter_server_parameter_id",
                "parameter_id",
                "dhcp#_global_parameter",
                "id",
            )
            .cascade(),
            foreign("fk_dhcp#_global_parameter_server_server_id", "server_id", "dhcp#_server", "id")
                .cascade(),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_client_class_dependency",
        columns: &[col("class_id", U64), col("dependency_id", U64)],
        key: "class_id, dependency_id",
        indexes: &[index("dhcp#_client_class_dependency_id_idx", "dependency_id")],
        foreign: &[
            foreign("dhcp#_client_class_class_id", "class_id", "dhcp#_client_class", "id").cascade(),
            foreign("dhcp#_client_class_dependency_id", "dependency_id", "dhcp#_client_class", "id"),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_client_class_order",
        columns: &[
            col("class_id", U64),
            col("order_index", U64),
            col("depend_on_known_indirectly", Bool).or("0"),
        ],
        key: "class_id",
        indexes: &[index("key_dhcp#_client_class_order_index", "order_index")],
        foreign: &[
            foreign("fk_dhcp#_client_class_order_class_id", "class_id", "dhcp#_client_class", "id").cascade()
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_client_class_server",
        columns: &[col("class_id", U64), col("server_id", U64), col("modification_ts", Time).null()],
        key: "class_id, server_id",
        indexes: &[index("fk_dhcp#_client_class_server_id", "server_id")],
        foreign: &[
            foreign("fk_dhcp#_client_class_class_id", "class_id", "dhcp#_client_class", "id").cascade(),
            foreign("fk_dhcp#_client_class_server_id", "server_id", "dhcp#_server", "id"),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_shared_network_server",
        columns: &[col("shared_network_id", U64), col("server_id", U64), col("modification_ts", Time).now()],
        key: "shared_network_id, server_id",
        indexes: &[
            index("fk_dhcp#_shared_network_server_server_id", "server_id"),
            index("key_dhcp#_shared_network_server_modification_ts", "modification_ts"),
        ],
        foreign: &[
            foreign("fk_dhcp#_shared_network_server_server_id", "server_id", "dhcp#_server", "id").cascade(),
            foreign(
                "fk_dhcp#_shared_network_server_shared_network_id",
                "shared_network_id",
                "dhcp#_shared_network",
                "id",
            )
            .cascade(),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_subnet_server",
        columns: &[col("subnet_id", U32), col("server_id", U64), col("modification_ts", Time).now()],
        key: "subnet_id, server_id",
        indexes: &[
            index("fk_dhcp#_subnet_server_server_id_idx", "server_id"),
            index("key_dhcp#_subnet_server_modification_ts", "modification_ts"),
        ],
        foreign: &[
            foreign("fk_dhcp#_subnet_server_server_id", "server_id", "dhcp#_server", "id").cascade(),
            foreign("fk_dhcp#_subnet_server_subnet_id", "subnet_id", "dhcp#_subnet", "subnet_id")
                .cascade()
                .follows(),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_option_def",
        columns: &[
            col("id", Serial64),
            col("code", U16),
            col("name", Text(128)),
            col("space", Text(128)),
            col("type", U8),
            col("modification_ts", Time).now(),
            col("is_array", Bool),
            col("encapsulate", Text(128)),
            col("record_types", Texts(512, 0)).null(),
            col("user_context", Json).null(),
            col("class_id", U64).null(),
        ],
        key: "id",
        indexes: &[
            index("fk_dhcp#_option_def_client_class_id", "class_id"),
            index("fk_option_def_data_type#", "type"),
            index("key_dhcp#_option_def_code_space", "code, space"),
            index("key_dhcp#_option_def_modification_ts", "modification_ts"),
        ],
        foreign: &[
            foreign("fk_dhcp#_option_def_client_class_id", "class_id", "dhcp#_client_class", "id")
                .cascade()
                .follows(),
            foreign("fk_option_def_data_type#", "type", "option_def_data_type", "id"),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_option_def_server",
        columns: &[col("option_def_id", U64), col("server_id", U64), col("modification_ts", Time).now()],
        key: "option_def_id, server_id",
        indexes: &[
            index("fk_dhcp#_option_def_server_server_id_idx", "server_id"),
            index("key_dhcp#_option_def_server_modification_ts", "modification_ts"),
        ],
        foreign: &[
            foreign("fk_dhcp#_option_def_server_option_def_id", "option_def_id", "dhcp#_option_def", "id")
                .cascade(),
            foreign("fk_dhcp#_option_def_server_server_id", "server_id", "dhcp#_server", "id").cascade(),
        ],
        words: &[],
    },
    Table {
        name: "dhcp#_options_server",
        columns: &[col("option_id", U64), col("server_id", U64), col("modification_ts", Time).now()],
        key: "option_id, server_id",
        indexes: &[
            index("fk_dhcp#_options_server_server_id", "server_id"),
            index("key_dhcp#_options_server_modification_ts", "modification_ts"),
        ],
        foreign: &[
            foreign("fk_dhcp#_options_server_option_id", "option_id", "dhcp#_options", "option_id").cascade(),
            foreign("fk_dhcp#_options_server_server_id", "server_id", "dhcp#_server", "id").cascade(),
        ],
        words: &[],
    },
];
