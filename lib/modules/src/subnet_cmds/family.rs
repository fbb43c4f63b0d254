//! What the commands of each family are, and what the log says when one is refused.

use kotare_control::Command;
use kotare_model::{Lease4, Lease6};

use super::messages::*;
use super::{COMMANDS4, COMMANDS6, SubnetCmds};
use crate::networked::Networked;

/// A family whose subnets are changed. There are two of them.
pub(super) trait Changed: Networked {
    /// The commands of its servers.
    const COMMANDS: &[Command<SubnetCmds<Self>>];
    /// What the log says of those that are refused.
    const FAILED: Failed;
}

/// What the log says when something is refused, with the reason.
pub(super) struct Failed {
    pub(super) subnet_get: fn(&str),
    pub(super) subnet_add: fn(&str),
    pub(super) subnet_update: fn(&str),
    pub(super) subnet_delta_add: fn(&str),
    pub(super) subnet_delta_del: fn(&str),
    pub(super) subnet_del: fn(&str),
    pub(super) network_get: fn(&str),
    pub(super) network_add: fn(&str),
    pub(super) network_del: fn(&str),
    pub(super) network_subnet_add: fn(&str),
    pub(super) network_subnet_del: fn(&str),
}

impl Changed for Lease4 {
    const COMMANDS: &[Command<SubnetCmds<Self>>] = COMMANDS4;
    const FAILED: Failed = Failed {
        subnet_get: |reason| SUBNET_CMDS_SUBNET4_GET_FAILED(reason),
        subnet_add: |reason| SUBNET_CMDS_SUBNET4_ADD_FAILED(reason),
        subnet_update: |reason| SUBNET_CMDS_SUBNET4_UPDATE_FAILED(reason),
        subnet_delta_add: |reason| SUBNET_CMDS_SUBNET4_DELTA_ADD_FAILED(reason),
        subnet_delta_del: |reason| SUBNET_CMDS_SUBNET4_DELTA_DEL_FAILED(reason),
        subnet_del: |reason| SUBNET_CMDS_SUBNET4_DEL_FAILED(reason),
        network_get: |reason| SUBNET_CMDS_NETWORK4_GET_FAILED(reason),
        network_add: |reason| SUBNET_CMDS_NETWORK4_ADD_FAILED(reason),
        network_del: |reason| SUBNET_CMDS_NETWORK4_DEL_FAILED(reason),
        network_subnet_add: |reason| SUBNET_CMDS_NETWORK4_SUBNET_ADD_FAILED(reason),
        network_subnet_del: |reason| SUBNET_CMDS_NETWORK4_SUBNET_DEL_FAILED(reason),
    };
}

impl Changed for Lease6 {
    const COMMANDS: &[Command<SubnetCmds<Self>>] = COMMANDS6;
    const FAILED: Failed = Failed {
        subnet_get: |reason| SUBNET_CMDS_SUBNET6_GET_FAILED(reason),
        subnet_add: |reason| SUBNET_CMDS_SUBNET6_ADD_FAILED(reason),
        subnet_update: |reason| SUBNET_CMDS_SUBNET6_UPDATE_FAILED(reason),
        subnet_delta_add: |reason| SUBNET_CMDS_SUBNET6_DELTA_ADD_FAILED(reason),
        subnet_delta_del: |reason| SUBNET_CMDS_SUBNET6_DELTA_DEL_FAILED(reason),
        subnet_del: |reason| SUBNET_CMDS_SUBNET6_DEL_FAILED(reason),
        network_get: |reason| SUBNET_CMDS_NETWORK6_GET_FAILED(reason),
        network_add: |reason| SUBNET_CMDS_NETWORK6_ADD_FAILED(reason),
        network_del: |reason| SUBNET_CMDS_NETWORK6_DEL_FAILED(reason),
        network_subnet_add: |reason| SUBNET_CMDS_NETWORK6_SUBNET_ADD_FAILED(reason),
        network_subnet_del: |reason| SUBNET_CMDS_NETWORK6_SUBNET_DEL_FAILED(reason),
    };
}
