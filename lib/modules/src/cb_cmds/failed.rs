//! Which message of the log says that a command failed.

use std::fmt::Display;

use super::messages::*;

/// Logs that a command failed.
pub(super) fn tell(command: &str, reason: &dyn Display) {
    if let Some((_, told)) = FAILED.iter().find(|(name, _)| *name == command) {
        told(reason);
    }
}

/// Logs the reason.
type Told = fn(&dyn Display);

/// What is logged when a command fails.
pub(super) const FAILED: [(&str, Told); 74] = [
    ("remote-class4-del", |reason| CB_CMDS_CLASS4_DEL_HANDLER_FAILED(reason)),
    ("remote-class4-get-all", |reason| CB_CMDS_CLASS4_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-class4-get", |reason| CB_CMDS_CLASS4_GET_HANDLER_FAILED(reason)),
    ("remote-class4-set", |reason| CB_CMDS_CLASS4_SET_HANDLER_FAILED(reason)),
    ("remote-class6-del", |reason| CB_CMDS_CLASS6_DEL_HANDLER_FAILED(reason)),
    ("remote-class6-get-all", |reason| CB_CMDS_CLASS6_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-class6-get", |reason| CB_CMDS_CLASS6_GET_HANDLER_FAILED(reason)),
    ("remote-class6-set", |reason| CB_CMDS_CLASS6_SET_HANDLER_FAILED(reason)),
    ("remote-global-parameter4-del", |reason| CB_CMDS_GLOBAL_PARAMETER4_DEL_HANDLER_FAILED(reason)),
    ("remote-global-parameter4-get-all", |reason| CB_CMDS_GLOBAL_PARAMETER4_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-global-parameter4-get", |reason| CB_CMDS_GLOBAL_PARAMETER4_GET_HANDLER_FAILED(reason)),
    ("remote-global-parameter4-set", |reason| CB_CMDS_GLOBAL_PARAMETER4_SET_HANDLER_FAILED(reason)),
    ("remote-global-parameter6-del", |reason| CB_CMDS_GLOBAL_PARAMETER6_DEL_HANDLER_FAILED(reason)),
    ("remote-global-parameter6-get-all", |reason| CB_CMDS_GLOBAL_PARAMETER6_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-global-parameter6-get", |reason| CB_CMDS_GLOBAL_PARAMETER6_GET_HANDLER_FAILED(reason)),
    ("remote-global-parameter6-set", |reason| CB_CMDS_GLOBAL_PARAMETER6_SET_HANDLER_FAILED(reason)),
    ("remote-network4-del", |reason| CB_CMDS_NETWORK4_DEL_HANDLER_FAILED(reason)),
    ("remote-network4-get", |reason| CB_CMDS_NETWORK4_GET_HANDLER_FAILED(reason)),
    ("remote-network4-list", |reason| CB_CMDS_NETWORK4_LIST_HANDLER_FAILED(reason)),
    ("remote-network4-set", |reason| CB_CMDS_NETWORK4_SET_HANDLER_FAILED(reason)),
    ("remote-network6-del", |reason| CB_CMDS_NETWORK6_DEL_HANDLER_FAILED(reason)),
    ("remote-network6-get", |reason| CB_CMDS_NETWORK6_GET_HANDLER_FAILED(reason)),
    ("remote-network6-list", |reason| CB_CMDS_NETWORK6_LIST_HANDLER_FAILED(reason)),
    ("remote-network6-set", |reason| CB_CMDS_NETWORK6_SET_HANDLER_FAILED(reason)),
    ("remote-option4-global-del", |reason| CB_CMDS_OPTION4_GLOBAL_DEL_HANDLER_FAILED(reason)),
    ("remote-option4-global-get-all", |reason| CB_CMDS_OPTION4_GLOBAL_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-option4-global-get", |reason| CB_CMDS_OPTION4_GLOBAL_GET_HANDLER_FAILED(reason)),
    ("remote-option4-global-set", |reason| CB_CMDS_OPTION4_GLOBAL_SET_HANDLER_FAILED(reason)),
    ("remote-option4-network-del", |reason| CB_CMDS_OPTION4_NETWORK_DEL_HANDLER_FAILED(reason)),
    ("remote-option4-network-set", |reason| CB_CMDS_OPTION4_NETWORK_SET_HANDLER_FAILED(reason)),
    ("remote-option4-pool-del", |reason| CB_CMDS_OPTION4_POOL_DEL_HANDLER_FAILED(reason)),
    ("remote-option4-pool-set", |reason| CB_CMDS_OPTION4_POOL_SET_HANDLER_FAILED(reason)),
    ("remote-option4-subnet-del", |reason| CB_CMDS_OPTION4_SUBNET_DEL_HANDLER_FAILED(reason)),
    ("remote-option4-subnet-set", |reason| CB_CMDS_OPTION4_SUBNET_SET_HANDLER_FAILED(reason)),
    ("remote-option6-global-del", |reason| CB_CMDS_OPTION6_GLOBAL_DEL_HANDLER_FAILED(reason)),
    ("remote-option6-global-get-all", |reason| CB_CMDS_OPTION6_GLOBAL_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-option6-global-get", |reason| CB_CMDS_OPTION6_GLOBAL_GET_HANDLER_FAILED(reason)),
    ("remote-option6-global-set", |reason| CB_CMDS_OPTION6_GLOBAL_SET_HANDLER_FAILED(reason)),
    ("remote-option6-network-del", |reason| CB_CMDS_OPTION6_NETWORK_DEL_HANDLER_FAILED(reason)),
    ("remote-option6-network-set", |reason| CB_CMDS_OPTION6_NETWORK_SET_HANDLER_FAILED(reason)),
    ("remote-option6-pd-pool-del", |reason| CB_CMDS_OPTION6_PD_POOL_DEL_HANDLER_FAILED(reason)),
    ("remote-option6-pd-pool-set", |reason| CB_CMDS_OPTION6_PD_POOL_SET_HANDLER_FAILED(reason)),
    ("remote-option6-pool-del", |reason| CB_CMDS_OPTION6_POOL_DEL_HANDLER_FAILED(reason)),
    ("remote-option6-pool-set", |reason| CB_CMDS_OPTION6_POOL_SET_HANDLER_FAILED(reason)),
    ("remote-option6-subnet-del", |reason| CB_CMDS_OPTION6_SUBNET_DEL_HANDLER_FAILED(reason)),
    ("remote-option6-subnet-set", |reason| CB_CMDS_OPTION6_SUBNET_SET_HANDLER_FAILED(reason)),
    ("remote-option-def4-del", |reason| CB_CMDS_OPTION_DEF4_DEL_HANDLER_FAILED(reason)),
    ("remote-option-def4-get-all", |reason| CB_CMDS_OPTION_DEF4_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-option-def4-get", |reason| CB_CMDS_OPTION_DEF4_GET_HANDLER_FAILED(reason)),
    ("remote-option-def4-set", |reason| CB_CMDS_OPTION_DEF4_SET_HANDLER_FAILED(reason)),
    ("remote-option-def6-del", |reason| CB_CMDS_OPTION_DEF6_DEL_HANDLER_FAILED(reason)),
    ("remote-option-def6-get-all", |reason| CB_CMDS_OPTION_DEF6_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-option-def6-get", |reason| CB_CMDS_OPTION_DEF6_GET_HANDLER_FAILED(reason)),
    ("remote-option-def6-set", |reason| CB_CMDS_OPTION_DEF6_SET_HANDLER_FAILED(reason)),
    ("remote-server4-del", |reason| CB_CMDS_SERVER4_DEL_HANDLER_FAILED(reason)),
    ("remote-server4-get-all", |reason| CB_CMDS_SERVER4_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-server4-get", |reason| CB_CMDS_SERVER4_GET_HANDLER_FAILED(reason)),
    ("remote-server4-set", |reason| CB_CMDS_SERVER4_SET_HANDLER_FAILED(reason)),
    ("remote-server6-del", |reason| CB_CMDS_SERVER6_DEL_HANDLER_FAILED(reason)),
    ("remote-server6-get-all", |reason| CB_CMDS_SERVER6_GET_ALL_HANDLER_FAILED(reason)),
    ("remote-server6-get", |reason| CB_CMDS_SERVER6_GET_HANDLER_FAILED(reason)),
    ("remote-server6-set", |reason| CB_CMDS_SERVER6_SET_HANDLER_FAILED(reason)),
    ("remote-subnet4-del-by-id", |reason| CB_CMDS_SUBNET4_DEL_BY_ID_HANDLER_FAILED(reason)),
    ("remote-subnet4-del-by-prefix", |reason| CB_CMDS_SUBNET4_DEL_BY_PREFIX_HANDLER_FAILED(reason)),
    ("remote-subnet4-get-by-id", |reason| CB_CMDS_SUBNET4_GET_BY_ID_HANDLER_FAILED(reason)),
    ("remote-subnet4-get-by-prefix", |reason| CB_CMDS_SUBNET4_GET_BY_PREFIX_HANDLER_FAILED(reason)),
    ("remote-subnet4-list", |reason| CB_CMDS_SUBNET4_LIST_HANDLER_FAILED(reason)),
    ("remote-subnet4-set", |reason| CB_CMDS_SUBNET4_SET_HANDLER_FAILED(reason)),
    ("remote-subnet6-del-by-id", |reason| CB_CMDS_SUBNET6_DEL_BY_ID_HANDLER_FAILED(reason)),
    ("remote-subnet6-del-by-prefix", |reason| CB_CMDS_SUBNET6_DEL_BY_PREFIX_HANDLER_FAILED(reason)),
    ("remote-subnet6-get-by-id", |reason| CB_CMDS_SUBNET6_GET_BY_ID_HANDLER_FAILED(reason)),
    ("remote-subnet6-get-by-prefix", |reason| CB_CMDS_SUBNET6_GET_BY_PREFIX_HANDLER_FAILED(reason)),
    ("remote-subnet6-list", |reason| CB_CMDS_SUBNET6_LIST_HANDLER_FAILED(reason)),
    ("remote-subnet6-set", |reason| CB_CMDS_SUBNET6_SET_HANDLER_FAILED(reason)),
];
