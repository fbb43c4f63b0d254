//! The differences of DHCPv6 that are meant, each with its reason.

use crate::verdict::{ANYTHING, Explained, everywhere, row};

/// An option of a length it cannot have: Kea passes over the whole message unless `lenient-option-parsing` is set.
const LENIENT: &str =
    "RFC 1122 §1.2.2: be liberal in what you accept; only the unsound option is passed over";
/// A prefix longer than an address.
const LENGTH: &str = "RFC 9915 §21.22: no prefix is longer than 128 bits; such an option is none";
/// Several addresses of DHCPv4 in one option.
const ADDRESSES: &str = "Kea writes them as an option of DHCPv4";
/// Leases of reserved addresses outside of pools.
const RESERVED: &str =
    "Kea counts a lease outside of pools when it starts and when it ends, and not when it begins";
/// A name that is made up.
const FIRST: &str =
    "Kea makes no name up when the first association gets no address; ours makes it of the next one's";
/// What is extended by SOLICIT or REQUEST in a shared network.
const ELSEWHERE: &str =
    "Kea does not look for the pool of what a client has from another subnet than the selected one";
/// Reclaimed leases that come back.
const REVIVED: &str =
    "Kea 2.2 does not count all leases that come back, and counts them when they end: -2 are assigned";
/// What the address that is reserved globally brings with it.
const GLOBAL: &str = "Kea makes a name up for who sends an empty one, though the address has a reserved name";
/// What a client is told that declines what was declined before.
const NOT_TO_DECLINE: &str =
    r"T1 0 T2 0 13 STATUS_CODE {NoBinding This address does not belong to you, you can\'t decline it}";
const UNKNOWN_TO_DECLINE: &str =
    "T1 0 T2 0 13 STATUS_CODE {NoBinding Server does not know about such an address.}";
const DECLINED_BEFORE: &str = "To Kea 3 a lease that is declined or expired is none that can be declined; to Kea 2.2 it is somebody else's";
/// Options of several enterprises.
const VENDORS: &str =
    "Kea 2.3.0 and later send the vendor options of all enterprises that are configured, Kea 2.2 of one";
/// What goes with a message that asks only what there would be.
const SOLICITED: &str = "Kea, 3.3.1 too, removes with a SOLICIT leases that the client must not have any more, or has several \
                         of where one is reserved; RFC 9915 §18.3.1: nothing is given or taken before it is asked for";
/// What length of a prefix is asked for.
const HINT: &str = "RFC 8168 §3.2: a prefix of the length asked for, or else of the next best; Kea 2.3 and later look for one";
/// How long DUIDs are.
const DUID: &str = "RFC 9915 §11.1: 128 bytes without the type; Kea 2.2 took 128 with it";

/// All of them.
pub(crate) const EXPLAINED: &[Explained] = &[
    everywhere("reserved classes", "SOLICIT lease *", ["gone", "nothing"], SOLICITED).parting(),
    row(
        "several",
        "the same twice",
        "3 IA_NA 00000001 again 1",
        [ANYTHING, "nothing"],
        "an association is one thing, whether it is named once or twice",
    ),
    row("prefix lengths", "56 alone", "25 IA_PD 00000001", [ANYTHING; 2], HINT),
    row("prefix lengths", "60 alone", "25 IA_PD 00000001", [ANYTHING; 2], HINT),
    row("prefix lengths", "64 alone", "25 IA_PD 00000001", [ANYTHING; 2], HINT),
    row("prefix lengths", "128 alone", "25 IA_PD 00000001", [ANYTHING; 2], HINT),
    row("prefix lengths", "60 where 64 are", "25 IA_PD 00000001", [ANYTHING; 2], HINT),
    row("identifiers", "a DUID of 129 bytes", "answer", ["silence", "ADVERTISE"], DUID),
    row("identifiers", "a DUID of 130 bytes", "answer", ["silence", "ADVERTISE"], DUID),
    row(
        "identifiers",
        "a DUID of zeros",
        "answer",
        ["ADVERTISE", "silence"],
        "three zeros stand for nobody in lease files",
    ),
    row(
        "relays",
        "with a wish to hear it again",
        "relay 1 options",
        [ANYTHING; 2],
        "RFC 4994 §4: relay agents hear again what they ask to hear",
    ),
    row(
        "relays",
        "33 relays",
        "answer",
        [ANYTHING, "silence"],
        "RFC 8415 §7.6 and later: a message passes 8 relay agents; 32 are more than any network has",
    ),
    row("relays", "with option 37 of 3 bytes", "answer", ["silence", "relayed REPLY"], LENIENT),
    row("relays", "with option 79 of 40 bytes", "answer", ["silence", "relayed REPLY"], LENIENT),
    row("relays", "with option 135 of 1 bytes", "answer", ["silence", "relayed REPLY"], LENIENT),
    row("every custom type", "1023", "1023", ["nothing", "c0000207c0000208c0000209"], ADDRESSES),
    row("every custom type", "1023, information", "1023", ["nothing", "c0000207c0000208c0000209"], ADDRESSES),
    row("lengths", ANYTHING, "answer", ["silence", "ADVERTISE"], LENIENT),
    row("lengths", ANYTHING, "answer", ["silence", "REPLY"], LENIENT),
    row(
        "lengths",
        "option 39 of 3 bytes",
        "39 CLIENT_FQDN",
        ["0600", "nothing"],
        "Kea 3 makes no name of one of which cleaning leaves nothing",
    ),
    row("within associations", "RELEASE: a prefix of length 129", "25 IA_PD 00000001", [ANYTHING; 2], LENGTH),
    row("within associations", "RELEASE: a prefix of length 255", "25 IA_PD 00000001", [ANYTHING; 2], LENGTH),
    row("within associations", ANYTHING, "answer", ["silence", ANYTHING], LENIENT),
    row("walk with reservations", "at the end", "statistic cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("walk with reservations", "at the end", "statistic subnet[1].assigned-nas", [ANYTHING; 2], RESERVED),
    row(
        "walk with reservations",
        "at the end",
        "statistic subnet[1].cumulative-assigned-nas",
        [ANYTHING; 2],
        RESERVED,
    ),
    row("out of pools", "at the end", "statistic cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("out of pools", "at the end", "statistic cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("out of pools", "at the end", "statistic subnet[1].assigned-nas", [ANYTHING; 2], RESERVED),
    row("out of pools", "at the end", "statistic subnet[1].assigned-pds", [ANYTHING; 2], RESERVED),
    row("out of pools", "at the end", "statistic subnet[1].cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("out of pools", "at the end", "statistic subnet[1].cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("with several", "at the end", "statistic cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("with several", "at the end", "statistic cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("with several", "at the end", "statistic subnet[1].assigned-nas", [ANYTHING; 2], RESERVED),
    row("with several", "at the end", "statistic subnet[1].assigned-pds", [ANYTHING; 2], RESERVED),
    row("with several", "at the end", "statistic subnet[1].cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("with several", "at the end", "statistic subnet[1].cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("global", "at the end", "statistic cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("global", "at the end", "statistic cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("global", "at the end", "statistic subnet[1].assigned-nas", [ANYTHING; 2], RESERVED),
    row("global", "at the end", "statistic subnet[1].assigned-pds", [ANYTHING; 2], RESERVED),
    row("global", "at the end", "statistic subnet[1].cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("global", "at the end", "statistic subnet[1].cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("not unique", "at the end", "statistic cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("not unique", "at the end", "statistic subnet[1].assigned-pds", [ANYTHING; 2], RESERVED),
    row("not unique", "at the end", "statistic subnet[1].cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("both", "at the end", "statistic cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("both", "at the end", "statistic cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("both", "at the end", "statistic subnet[1].assigned-nas", [ANYTHING; 2], RESERVED),
    row("both", "at the end", "statistic subnet[1].assigned-pds", [ANYTHING; 2], RESERVED),
    row("both", "at the end", "statistic subnet[1].cumulative-assigned-nas", [ANYTHING; 2], RESERVED),
    row("both", "at the end", "statistic subnet[1].cumulative-assigned-pds", [ANYTHING; 2], RESERVED),
    row("held", "at the end", "statistic cumulative-assigned-nas", [ANYTHING; 2], REVIVED),
    row("held", "at the end", "statistic cumulative-assigned-pds", [ANYTHING; 2], REVIVED),
    row("held", "at the end", "statistic subnet[1].assigned-nas", [ANYTHING; 2], REVIVED),
    row("held", "at the end", "statistic subnet[1].assigned-pds", [ANYTHING; 2], REVIVED),
    row("held", "at the end", "statistic subnet[1].cumulative-assigned-nas", [ANYTHING; 2], REVIVED),
    row("held", "at the end", "statistic subnet[1].cumulative-assigned-pds", [ANYTHING; 2], REVIVED),
    row(
        "asked for",
        ANYTHING,
        "17 VENDOR_OPTS",
        ["of 4491", ANYTHING],
        "Kea 3 looks for what devices ask for where the option is configured, too",
    ),
    row(
        "always there",
        "of nowhere",
        "17 VENDOR_OPTS",
        ["of 25623 700 {776f7264}", "of 25623"],
        "Kea 2.2 goes on sending to all what it put into the option for one client; Kea 3 does not",
    ),
    everywhere("not unique", "39 CLIENT_FQDN", ["04", "041*"], FIRST),
    everywhere("not unique", "39 CLIENT_FQDN", ["06", "061*"], FIRST),
    everywhere("not unique", "3 IA_NA *", [NOT_TO_DECLINE, UNKNOWN_TO_DECLINE], DECLINED_BEFORE),
    row("both", ANYTHING, "39 CLIENT_FQDN", [ANYTHING; 2], GLOBAL),
    row("options", ANYTHING, "17 VENDOR_OPTS again 1", ["nothing", ANYTHING], VENDORS),
    row("guarded networks", ANYTHING, "23 NAME_SERVERS", ["nothing", ANYTHING], ELSEWHERE),
    row("guarded networks", ANYTHING, "59 BOOTFILE_URL", ["nothing", ANYTHING], ELSEWHERE),
    row(
        "guarded networks",
        "372: client 5: SOLICIT, NA 1 [2001:db8:3::104 [0, 0]], rapid, name 2 , relayed by 2001:db8:2::1, relayed by 2001:db8:4::1 remote-id",
        "39 CLIENT_FQDN",
        ["04", ANYTHING],
        "Kea makes no name up in answer to a SOLICIT, not even with rapid commit",
    ),
];

/// Words that a later Kea has for the same.
pub(crate) struct Reworded {
    /// What the name of the field begins with.
    pub(crate) field: &'static str,
    /// What Kea 2.2 says.
    pub(crate) before: &'static str,
    /// What Kea 3 says.
    pub(crate) since: &'static str,
}

/// All of them.
pub(crate) const REWORDED: &[Reworded] = &[
    Reworded {
        field: "3 IA_NA",
        before: r"Sorry, no known leases for this duid/iaid, can\'t release.",
        since: r"Sorry, this address isn\'t assigned, can\'t release.",
    },
    Reworded {
        field: "25 IA_PD",
        before: r"Sorry, no known leases for this duid/iaid, can\'t release.",
        since: r"Sorry, this prefix isn\'t assigned, can\'t release.",
    },
];
