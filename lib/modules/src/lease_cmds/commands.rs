//! The table of the lease commands.

use kotare_control::{Access, Argument, ArgumentType, Command};

use super::scene::command;
use super::{LeaseCmds, change, dump, find, info, list, queues, wipe};

/// All of them.
pub(super) const COMMANDS: &[Command<LeaseCmds>] = &[
    Command {
        name: "extended-info4-upgrade",
        access: Access::Write,
        exclusive: false,
        since: "2.3.8",
        help: "Brings what relays said, as leases keep it, into today's form.",
        args: &[],
        run: |module, request| command(module, request, info::upgrade),
    },
    Command {
        name: "lease4-add",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Adds a lease that is not there.",
        args: LEASE,
        run: |module, request| command(module, request, change::add),
    },
    Command {
        name: "lease4-del",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Removes a lease, named by its address, or by its client and subnet.",
        args: NAMED,
        run: |module, request| command(module, request, change::delete),
    },
    Command {
        name: "lease4-get",
        access: Access::Read,
        exclusive: false,
        since: "1.3.0",
        help: "Returns a lease, named by its address, or by its client and subnet.",
        args: NAMED,
        run: |module, request| command(module, request, find::get),
    },
    Command {
        name: "lease4-get-all",
        access: Access::Read,
        exclusive: false,
        since: "1.4.0",
        help: "Returns all leases, or all of some subnets.",
        args: &[Argument::own("subnets", &ArgumentType::List, "The ids of the subnets.")],
        run: |module, request| command(module, request, list::all),
    },
    Command {
        name: "lease4-get-by-client-id",
        access: Access::Read,
        exclusive: false,
        since: "1.7.1",
        help: "Returns all leases with a client identifier.",
        args: &[Argument::own("client-id", &ArgumentType::String, "The identifier, in hexadecimal digits.")
            .required()],
        run: |module, request| command(module, request, list::by_client_id),
    },
    Command {
        name: "lease4-get-by-hostname",
        access: Access::Read,
        exclusive: false,
        since: "1.7.1",
        help: "Returns all leases with a host name.",
        args: &[Argument::own("hostname", &ArgumentType::String, "The name, in any case.").required()],
        run: |module, request| command(module, request, list::by_hostname),
    },
    Command {
        name: "lease4-get-by-hw-address",
        access: Access::Read,
        exclusive: false,
        since: "1.7.1",
        help: "Returns all leases with a hardware address.",
        args: &[Argument::own(
            "hw-address",
            &ArgumentType::String,
            "The address, in pairs of digits with colons.",
        )
        .required()],
        run: |module, request| command(module, request, list::by_hw_address),
    },
    Command {
        name: "lease4-get-by-state",
        access: Access::Read,
        exclusive: false,
        since: "3.1.5",
        help: "Returns all leases in a state, everywhere or in a subnet.",
        args: &[
            Argument::own("state", &ArgumentType::Any, "The state, by name or by number.").required(),
            Argument::own("subnet-id", &ArgumentType::Integer, "The id of the subnet."),
        ],
        run: |module, request| command(module, request, list::by_state),
    },
    Command {
        name: "lease4-get-page",
        access: Access::Read,
        exclusive: false,
        since: "1.5.0",
        help: "Returns leases page by page, in the order of their addresses.",
        args: &[
            Argument::own("from", &ArgumentType::String, "The last address of the page before, or `start`.")
                .required(),
            Argument::own("limit", &ArgumentType::Integer, "The most leases that are returned.").required(),
        ],
        run: |module, request| command(module, request, list::page),
    },
    Command {
        name: "lease4-resend-ddns",
        access: Access::Write,
        exclusive: false,
        since: "1.7.6",
        help: "Asks for the DNS entries of a lease to be updated; DNS is not updated in this version.",
        args: &[Argument::own("ip-address", &ArgumentType::String, "The address of the lease.").required()],
        run: |module, request| command(module, request, change::resend_ddns),
    },
    Command {
        name: "lease4-update",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Replaces a lease.",
        args: UPDATE,
        run: |module, request| command(module, request, change::update),
    },
    Command {
        name: "lease4-wipe",
        access: Access::Write,
        exclusive: false,
        since: "1.3.0",
        help: "Removes all leases of a subnet, or of all that are configured.",
        args: &[Argument::own("subnet-id", &ArgumentType::Integer, "The id of the subnet; 0 for all.")],
        run: |module, request| command(module, request, wipe::wipe),
    },
    Command {
        name: "lease4-write",
        access: Access::Write,
        exclusive: false,
        since: "2.3.1",
        help: "Writes all leases to a lease file.",
        args: &[Argument::own(
            "filename",
            &ArgumentType::String,
            "The file, in the directory of lease files.",
        )
        .required()],
        run: |module, request| command(module, request, dump::write),
    },
    Command {
        name: "sflq-pool4-del",
        access: Access::Write,
        exclusive: false,
        since: "3.1.9",
        help: "Removes a queue of free leases that servers share.",
        args: &[START, END, FORCE],
        run: |module, request| command(module, request, queues::delete),
    },
    Command {
        name: "sflq-pool4-get-all",
        access: Access::Read,
        exclusive: false,
        since: "3.1.9",
        help: "Returns all queues of free leases that servers share.",
        args: &[],
        run: |module, request| command(module, request, queues::all),
    },
    Command {
        name: "sflq-pool4-get-by-range",
        access: Access::Read,
        exclusive: false,
        since: "3.1.9",
        help: "Returns the queues of free leases of pools that have addresses of a range.",
        args: &[START, END],
        run: |module, request| command(module, request, queues::in_range),
    },
    Command {
        name: "sflq-pool4-get-by-subnet",
        access: Access::Read,
        exclusive: false,
        since: "3.1.9",
        help: "Returns the queues of free leases of a subnet.",
        args: &[Argument::own("subnet-id", &ArgumentType::Integer, "The id of the subnet.").required()],
        run: |module, request| command(module, request, queues::of_subnet),
    },
    Command {
        name: "sflq-pool4-rebuild",
        access: Access::Write,
        exclusive: false,
        since: "3.1.9",
        help: "Makes a queue of free leases anew from the leases.",
        args: &[START, END],
        run: |module, request| command(module, request, queues::rebuild),
    },
];

const START: Argument =
    Argument::own("start-address", &ArgumentType::String, "The lowest address of the pool.").required();
const END: Argument =
    Argument::own("end-address", &ArgumentType::String, "The highest address of the pool.").required();
const FORCE: Argument = Argument::own(
    "force",
    &ArgumentType::Boolean,
    "Whether it goes although other pools have addresses of it.",
);

/// What names a lease.
const NAMED: &[Argument] = &[
    Argument::own("ip-address", &ArgumentType::String, "The address of the lease."),
    Argument::own("subnet-id", &ArgumentType::Integer, "The id of its subnet, where no address is given."),
    Argument::own(
        "identifier-type",
        &ArgumentType::String,
        "What its client is named by: `hw-address` or `client-id`.",
    ),
    Argument::own("identifier", &ArgumentType::String, "The client's identifier, in hexadecimal digits."),
    Argument::own("type", &ArgumentType::String, "`V4`."),
    Argument::own("update-ddns", &ArgumentType::Boolean, "Whether its DNS entries are removed with it."),
];

const ADDRESS: Argument = Argument::own("ip-address", &ArgumentType::String, "The address.").required();
const HW_ADDRESS: Argument = Argument::own(
    "hw-address",
    &ArgumentType::String,
    "The client's hardware address, in pairs of digits with colons.",
)
.required();
const SUBNET_ID: Argument = Argument::own(
    "subnet-id",
    &ArgumentType::Integer,
    "The id of the subnet; without it, the one of the address.",
);
const POOL_ID: Argument = Argument::own(
    "pool-id",
    &ArgumentType::Integer,
    "The id of the pool; without it, the one of the address.",
);
const CLIENT_ID: Argument =
    Argument::own("client-id", &ArgumentType::String, "The client's identifier, in hexadecimal digits.");
const VALID_LFT: Argument = Argument::own(
    "valid-lft",
    &ArgumentType::Integer,
    "The lifetime in seconds; without it, that of the subnet.",
);
const EXPIRE: Argument = Argument::own(
    "expire",
    &ArgumentType::Integer,
    "When it ends, in seconds since 1970; without it, a lifetime from now.",
);
const FQDN_FWD: Argument =
    Argument::own("fqdn-fwd", &ArgumentType::Boolean, "Whether it counts as having an address record.");
const FQDN_REV: Argument =
    Argument::own("fqdn-rev", &ArgumentType::Boolean, "Whether it counts as having a pointer record.");
const HOSTNAME: Argument = Argument::own("hostname", &ArgumentType::String, "The client's name.");
const STATE: Argument = Argument::own("state", &ArgumentType::Integer, "The state, by number.");
const USER_CONTEXT: Argument =
    Argument::own("user-context", &ArgumentType::Map, "Whatever the operator likes.");
const COMMENT: Argument =
    Argument::own("comment", &ArgumentType::Any, "A comment, which becomes part of the user context.");

/// A lease.
const LEASE: &[Argument] = &[
    ADDRESS,
    HW_ADDRESS,
    SUBNET_ID,
    POOL_ID,
    CLIENT_ID,
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
    HW_ADDRESS,
    SUBNET_ID,
    POOL_ID,
    CLIENT_ID,
    VALID_LFT,
    EXPIRE,
    FQDN_FWD,
    FQDN_REV,
    HOSTNAME,
    STATE,
    USER_CONTEXT,
    COMMENT,
    Argument::own("force-create", &ArgumentType::Boolean, "Whether it is added where there is none."),
];
