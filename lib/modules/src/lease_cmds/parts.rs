//! Arguments of lease commands of either family.

use kotare_control::{Argument, ArgumentType};

const START: Argument =
    Argument::own("start-address", &ArgumentType::String, "The lowest address of the pool.").required();
const END: Argument =
    Argument::own("end-address", &ArgumentType::String, "The highest address of the pool.").required();
const FORCE: Argument = Argument::own(
    "force",
    &ArgumentType::Boolean,
    "Whether it goes although other pools have addresses of it.",
);

pub(super) const ADDRESS: Argument =
    Argument::own("ip-address", &ArgumentType::String, "The address.").required();
pub(super) const SUBNET_ID: Argument = Argument::own(
    "subnet-id",
    &ArgumentType::Integer,
    "The id of the subnet; without it, the one of the address.",
);
pub(super) const POOL_ID: Argument = Argument::own(
    "pool-id",
    &ArgumentType::Integer,
    "The id of the pool; without it, the one of the address.",
);
pub(super) const VALID_LFT: Argument = Argument::own(
    "valid-lft",
    &ArgumentType::Integer,
    "The lifetime in seconds; without it, that of the subnet.",
);
pub(super) const EXPIRE: Argument = Argument::own(
    "expire",
    &ArgumentType::Integer,
    "When it ends, in seconds since 1970; without it, a lifetime from now.",
);
pub(super) const FQDN_FWD: Argument =
    Argument::own("fqdn-fwd", &ArgumentType::Boolean, "Whether it counts as having an address record.");
pub(super) const FQDN_REV: Argument =
    Argument::own("fqdn-rev", &ArgumentType::Boolean, "Whether it counts as having a pointer record.");
pub(super) const HOSTNAME: Argument = Argument::own("hostname", &ArgumentType::String, "The client's name.");
pub(super) const STATE: Argument = Argument::own("state", &ArgumentType::Integer, "The state, by number.");
pub(super) const USER_CONTEXT: Argument =
    Argument::own("user-context", &ArgumentType::Map, "Whatever the operator likes.");
pub(super) const COMMENT: Argument =
    Argument::own("comment", &ArgumentType::Any, "A comment, which becomes part of the user context.");
pub(super) const FORCE_CREATE: Argument =
    Argument::own("force-create", &ArgumentType::Boolean, "Whether it is added where there is none.");

pub(super) const SUBNETS: &[Argument] =
    &[Argument::own("subnets", &ArgumentType::List, "The ids of the subnets.")];
pub(super) const BY_HOSTNAME: &[Argument] =
    &[Argument::own("hostname", &ArgumentType::String, "The name, in any case.").required()];
pub(super) const BY_HW_ADDRESS: &[Argument] =
    &[Argument::own("hw-address", &ArgumentType::String, "The address, in pairs of digits with colons.")
        .required()];
pub(super) const BY_STATE: &[Argument] = &[
    Argument::own("state", &ArgumentType::Any, "The state, by name or by number.").required(),
    Argument::own("subnet-id", &ArgumentType::Integer, "The id of the subnet."),
];
pub(super) const PAGE: &[Argument] = &[
    Argument::own("from", &ArgumentType::String, "The last address of the page before, or `start`.")
        .required(),
    Argument::own("limit", &ArgumentType::Integer, "The most leases that are returned.").required(),
    Argument::own("rows", &ArgumentType::Boolean, "Whether they are returned as rows of a lease file."),
];
pub(super) const ROWS: Argument = Argument::own(
    "rows",
    &ArgumentType::String,
    "In place of both lists, a lease file; rows with `-` before them are of leases that go.",
);
pub(super) const OF_ADDRESS: &[Argument] =
    &[Argument::own("ip-address", &ArgumentType::String, "The address of the lease.").required()];
pub(super) const WIPED: &[Argument] =
    &[Argument::own("subnet-id", &ArgumentType::Integer, "The id of the subnet; 0 for all.")];
pub(super) const FILE: &[Argument] =
    &[Argument::own("filename", &ArgumentType::String, "The file, in the directory of lease files.")
        .required()];
pub(super) const OF_SUBNET: &[Argument] =
    &[Argument::own("subnet-id", &ArgumentType::Integer, "The id of the subnet.").required()];
pub(super) const POOL: &[Argument] = &[START, END];
pub(super) const POOL_AND_FORCE: &[Argument] = &[START, END, FORCE];
