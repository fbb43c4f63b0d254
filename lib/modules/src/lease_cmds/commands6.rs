//! The table of the lease commands of DHCPv6.

use kotare_control::{Access, Argument, ArgumentType, Command};
use kotare_model::Lease6;

use super::parts::*;
use super::scene::command;
use super::{LeaseCmds, bulk, change, dump, find, list, queues, wipe};

/// All of them.
pub(super) const COMMANDS: &[Command<LeaseCmds<Lease6>>] = &[
    Command {
        name: "lease6-add",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Adds a lease that is not there.",
        args: LEASE,
        run: |module, request| command(module, request, change::add),
    },
    Command {
        name: "lease6-bulk-apply",
        access: Access::Write,
        exclusive: false,
        since: "1.6.0",
        help: "Removes some leases, and adds or replaces others.",
        args: BULK,
        run: |module, request| bulk::reply(module, request),
    },
    Command {
        name: "lease6-del",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Removes a lease, named by its address, or by its client and subnet.",
        args: NAMED,
        run: |module, request| command(module, request, change::delete),
    },
    Command {
        name: "lease6-get",
        access: Access::Read,
        exclusive: false,
        since: "1.3.0",
        help: "Returns a lease, named by its address, or by its client and subnet.",
        args: NAMED,
        run: |module, request| command(module, request, find::get),
    },
    Command {
        name: "lease6-get-all",
        access: Access::Read,
        exclusive: false,
        since: "1.3.0",
        help: "Returns all leases, or all of some subnets.",
        args: SUBNETS,
        run: |module, request| command(module, request, list::all),
    },
    Command {
        name: "lease6-get-by-duid",
        access: Access::Read,
        exclusive: false,
        since: "1.7.1",
        help: "Returns all leases of a client.",
        args: BY_DUID,
        run: |module, request| command(module, request, list::by_duid),
    },
    Command {
        name: "lease6-get-by-hostname",
        access: Access::Read,
        exclusive: false,
        since: "1.7.1",
        help: "Returns all leases with a host name.",
        args: BY_HOSTNAME,
        run: |module, request| command(module, request, list::by_hostname),
    },
    Command {
        name: "lease6-get-by-hw-address",
        access: Access::Read,
        exclusive: false,
        since: "3.1.1",
        help: "Returns all leases with a hardware address.",
        args: BY_HW_ADDRESS,
        run: |module, request| command(module, request, list::by_hw_address),
    },
    Command {
        name: "lease6-get-by-state",
        access: Access::Read,
        exclusive: false,
        since: "3.1.5",
        help: "Returns all leases in a state, everywhere or in a subnet.",
        args: BY_STATE,
        run: |module, request| command(module, request, list::by_state),
    },
    Command {
        name: "lease6-get-page",
        access: Access::Read,
        exclusive: false,
        since: "1.5.0",
        help: "Returns leases page by page, in the order of their addresses.",
        args: PAGE,
        run: |module, request| list::page_reply(module, request),
    },
    Command {
        name: "lease6-resend-ddns",
        access: Access::Write,
        exclusive: false,
        since: "1.7.6",
        help: "Asks for the DNS entries of a lease to be updated.",
        args: OF_ADDRESS,
        run: |module, request| command(module, request, change::resend_ddns),
    },
    Command {
        name: "lease6-update",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Replaces a lease.",
        args: UPDATE,
        run: |module, request| command(module, request, change::update),
    },
    Command {
        name: "lease6-wipe",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Removes all leases of a subnet, or of all that are configured.",
        args: WIPED,
        run: |module, request| command(module, request, wipe::wipe),
    },
    Command {
        name: "lease6-write",
        access: Access::Write,
        exclusive: false,
        since: "2.3.1",
        help: "Writes all leases to a lease file.",
        args: FILE,
        run: |module, request| command(module, request, dump::write),
    },
    Command {
        name: "sflq-pool6-del",
        access: Access::Write,
        exclusive: false,
        since: "3.1.9",
        help: "Removes a queue of free leases that servers share.",
        args: POOL_AND_FORCE,
        run: |module, request| command(module, request, queues::delete),
    },
    Command {
        name: "sflq-pool6-get-all",
        access: Access::Read,
        exclusive: false,
        since: "3.1.9",
        help: "Returns all queues of free leases that servers share.",
        args: &[],
        run: |module, request| command(module, request, queues::all),
    },
    Command {
        name: "sflq-pool6-get-by-range",
        access: Access::Read,
        exclusive: false,
        since: "3.1.9",
        help: "Returns the queues of free leases of pools that have addresses of a range.",
        args: POOL,
        run: |module, request| command(module, request, queues::in_range),
    },
    Command {
        name: "sflq-pool6-get-by-subnet",
        access: Access::Read,
        exclusive: false,
        since: "3.1.9",
        help: "Returns the queues of free leases of a subnet.",
        args: OF_SUBNET,
        run: |module, request| command(module, request, queues::of_subnet),
    },
    Command {
        name: "sflq-pool6-rebuild",
        access: Access::Write,
        exclusive: false,
        since: "3.1.9",
        help: "Makes a queue of free leases anew from the leases.",
        args: POOL,
        run: |module, request| command(module, request, queues::rebuild),
    },
];

const BULK: &[Argument] = &[
    Argument::own("deleted-leases", &ArgumentType::List, "The leases that go, named as for `lease6-del`."),
    Argument::own("leases", &ArgumentType::List, "The leases that come, as for `lease6-update`."),
    ROWS,
];

const BY_DUID: &[Argument] =
    &[Argument::own("duid", &ArgumentType::String, "The client's DUID, in hexadecimal digits.").required()];

/// What names a lease.
const NAMED: &[Argument] = &[
    Argument::own("ip-address", &ArgumentType::String, "The address of the lease, or its prefix."),
    Argument::own("type", &ArgumentType::String, "`IA_NA` for an address, `IA_PD` for a prefix."),
    Argument::own("subnet-id", &ArgumentType::Integer, "The id of its subnet, where no address is given."),
    Argument::own("identifier-type", &ArgumentType::String, "What its client is named by: `duid`."),
    Argument::own("identifier", &ArgumentType::String, "The client's DUID, in hexadecimal digits."),
    Argument::own("iaid", &ArgumentType::Integer, "The client's identity association; without it, 0."),
    Argument::own("update-ddns", &ArgumentType::Boolean, "Whether its DNS entries are removed with it."),
];

const DUID: Argument =
    Argument::own("duid", &ArgumentType::String, "The client's DUID, in hexadecimal digits.").required();
const IAID: Argument =
    Argument::own("iaid", &ArgumentType::Integer, "The client's identity association.").required();
const TYPE: Argument =
    Argument::own("type", &ArgumentType::String, "`IA_NA` for an address, `IA_PD` for a prefix.");
const PREFIX_LEN: Argument =
    Argument::own("prefix-len", &ArgumentType::Integer, "The length of a prefix, which is needed then.");
const PREFERRED_LFT: Argument = Argument::own(
    "preferred-lft",
    &ArgumentType::Integer,
    "The preferred lifetime in seconds; without it, the valid lifetime of the subnet.",
);
const HW_ADDRESS: Argument = Argument::own(
    "hw-address",
    &ArgumentType::String,
    "The client's hardware address, in pairs of digits with colons.",
);

/// A lease.
const LEASE: &[Argument] = &[
    ADDRESS,
    DUID,
    IAID,
    TYPE,
    PREFIX_LEN,
    SUBNET_ID,
    POOL_ID,
    HW_ADDRESS,
    PREFERRED_LFT,
    VALID_LFT,
    EXPIRE,
    FQDN_FWD,
    FQDN_REV,
    HOSTNAME,
    STATE,
    USER_CONTEXT,
    COMMENT,
];

/// A lease, and what is done where there is none.
const UPDATE: &[Argument] = &[
    ADDRESS,
    DUID,
    IAID,
    TYPE,
    PREFIX_LEN,
    SUBNET_ID,
    POOL_ID,
    HW_ADDRESS,
    PREFERRED_LFT,
    VALID_LFT,
    EXPIRE,
    FQDN_FWD,
    FQDN_REV,
    HOSTNAME,
    STATE,
    USER_CONTEXT,
    COMMENT,
    FORCE_CREATE,
];
