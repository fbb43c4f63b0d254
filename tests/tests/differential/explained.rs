//! The differences that are meant, each with its reason.

use crate::verdict::{ANYTHING, Explained, everywhere, row};

/// An option of a length it cannot have: Kea passes over the whole message unless `lenient-option-parsing` is set.
const LENIENT: &str =
    "RFC 1122 §1.2.2: be liberal in what you accept; only the unsound option is passed over";
/// Options in `file` and `sname`, which Kea does not look at.
const OVERLOAD: &str = "RFC 2132 §9.3: the fields hold options when option 52 says so";
/// What relays say, which Kea takes apart and puts together again.
const VERBATIM: &str = "RFC 3046 §2.2: the server echoes the entire contents of the option";
/// Released leases are expired and stay with their client for the time of `hold-reclaimed-time`.
const AFFINITY: &str =
    "Kea 3 keeps a released lease for its client, for `hold-reclaimed-time` (lease affinity)";
/// A refusal through a relay.
const NAK_FLAG: &str =
    "Kea 3.3.0 and later set the broadcast flag of a DHCPNAK for the relay (RFC 2131 §4.3.2)";

/// How leases in probation are counted.
const DECLINED: &str =
    "Kea 3 counts addresses in probation among those that are assigned, as the statistics do";

/// A command that is none.
const WORDING: &str = "Kea 3 words it so";

/// All of them.
pub(crate) const EXPLAINED: &[Explained] = &[
    everywhere(
        "discover",
        "to mac",
        [ANYTHING, "ffffffffffff"],
        "Kea 2.3.0 and later broadcast on the link, too, what goes to 255.255.255.255 (RFC 2131 §4.1)",
    ),
    everywhere("relayed", "flags of a refusal", ["0000", "8000"], NAK_FLAG),
    // Leases that were given back.
    row("release", "reboot after release", "answer", ["silence", "Some(ACK)"], AFFINITY),
    row("authoritative release", "reboot after release", "answer", ["Some(NAK)", "Some(ACK)"], AFFINITY),
    // Kea 3 reclaims a lease that was released when another client takes its address; before there was affinity, there was
    // nothing left to reclaim.
    row("full", "at the end", "statistic reclaimed-leases", ["0", "1"], AFFINITY),
    row("full", "at the end", "statistic subnet[1].reclaimed-leases", ["0", "1"], AFFINITY),
    // Relays.
    row(
        "relayed",
        "reboot by a relay nobody knows",
        "answer",
        ["Some(NAK)", "silence"],
        "Kea 2.3.8 and later leave a client that reboots on an unknown network to servers that know it",
    ),
    row(
        "agent options",
        "a sub-option that says too much",
        "option 82 RELAY_AGENT_INFORMATION",
        [ANYTHING; 2],
        VERBATIM,
    ),
    row("agent options", "half a sub-option", "option 82 RELAY_AGENT_INFORMATION", [ANYTHING; 2], VERBATIM),
    row("agent options", "the same twice", "option 82 RELAY_AGENT_INFORMATION", [ANYTHING; 2], VERBATIM),
    row(
        "agent options",
        "longer than one option",
        "option 82 RELAY_AGENT_INFORMATION",
        [ANYTHING; 2],
        VERBATIM,
    ),
    row("link selection", "option 118 of two bytes", "answer", ["silence", "Some(OFFER)"], LENIENT),
    // Messages that are not what they should be.
    row("other types", "two types", "answer", ["silence", "Some(OFFER)"], LENIENT),
    row(
        "other types",
        "a reply",
        "answer",
        ["Some(OFFER)", "silence"],
        "RFC 2131 §2: a server is sent BOOTREQUEST",
    ),
    row(
        "other types",
        "op 0",
        "answer",
        ["Some(OFFER)", "silence"],
        "RFC 2131 §2: a server is sent BOOTREQUEST",
    ),
    row(
        "shape",
        "hlen 17",
        "answer",
        ["Some(OFFER)", "silence"],
        "RFC 2131 §2: chaddr has room for 16 bytes",
    ),
    row("values", ANYTHING, "answer", ["silence", "Some(OFFER)"], LENIENT),
    row("wishes", "an empty list", "answer", ["silence", "Some(OFFER)"], LENIENT),
    row(
        "long values",
        "a client identifier of 255 bytes",
        "answer",
        ["silence", "Some(OFFER)"],
        "RFC 2132 §9.14 has no limit; Kea 3 takes 255 bytes, Kea 2.2 took 128",
    ),
    row(
        "vendors",
        "class of cable",
        "option 125 VIVSO",
        ["nothing", ANYTHING],
        "Kea 3 takes the vendor from option 124 (RFC 3925 §3), too",
    ),
    row("names", "S and N", "answer", ["silence", "Some(OFFER)"], LENIENT),
    row("names", "broken", "answer", ["silence", "Some(OFFER)"], LENIENT),
    row("names", "one byte", "answer", ["silence", "Some(OFFER)"], LENIENT),
    row(
        "a label with a dot",
        ANYTHING,
        "option 12 HOST_NAME",
        [ANYTHING, "6c6170746f70"],
        "Kea 3.1.1 and later add no domain to a name that ends with a dot",
    ),
    row(
        "dots that are unwanted",
        ANYTHING,
        "option 12 HOST_NAME",
        [ANYTHING; 2],
        "Kea 3.3 counts the labels of what is left of a name to see whether it needs a domain",
    ),
    row("limits", "three bytes", "answer", ["silence", "Some(OFFER)"], LENIENT),
    row("limits", "no bytes", "answer", ["silence", "Some(OFFER)"], LENIENT),
    row("limits", "five bytes", "option 51 LEASE_TIME", ["00000909", "00000fa0"], LENIENT),
    row("overload", "options in file", "option 61 CLIENT_IDENTIFIER", ["nothing", "01616263"], OVERLOAD),
    row("overload", "options in sname", "option 61 CLIENT_IDENTIFIER", ["nothing", "01616264"], OVERLOAD),
    row("overload", "options in both", "option 61 CLIENT_IDENTIFIER", ["nothing", "0161626566"], OVERLOAD),
    row("overload", "a type in file", "answer", ["silence", "Some(OFFER)"], OVERLOAD),
    // Commands.
    row("commands", ANYTHING, "libreload", ["there", "missing"], "Kea 2.6.0 and later do not have it"),
    row("bad commands", "[]", "text", [ANYTHING; 2], WORDING),
    row("bad commands", "{}", "text", [ANYTHING; 2], WORDING),
    row("bad commands", "{\"command\": 5}", "text", [ANYTHING; 2], WORDING),
    row("bad commands", "{\"arguments\": {}}", "text", [ANYTHING; 2], WORDING),
    row("bad commands", "{\"command\": \"version-get\", \"surprise\": 5}", "text", [ANYTHING; 2], WORDING),
    row(
        "bad commands",
        "{\"command\": \"version-get\", \"arguments\": 5}",
        "text",
        ["\"2.2.0\"", "\"3.3.1\""],
        "the version of Kea that clients may assume",
    ),
    row(
        "bad commands",
        "{\"command\": \"version-get\", \"arguments\": 5}",
        "arguments",
        [ANYTHING; 2],
        "what the programs are made of is not the same",
    ),
    row(
        "bad commands",
        "{\"command\": \"dhcp-enable\", \"arguments\": {\"origin\": 5}}",
        "result",
        ["1", "0"],
        "Kea 2.5.8 and later take a number for an origin",
    ),
    row(
        "bad commands",
        "{\"command\": \"dhcp-enable\", \"arguments\": {\"origin\": 5}}",
        "text",
        [ANYTHING; 2],
        "Kea 2.5.8 and later take a number for an origin",
    ),
    row(
        "bad commands",
        "{\"command\": \"statistic-sample-age-set\", \"arguments\": {\"name\": \"pkt4-received\", \"duration\": \"x\"}}",
        "text",
        [ANYTHING; 2],
        "Kea tells an exception here, not an answer of its own",
    ),
    row(
        "bad commands",
        "{\"command\": \"config-write\", \"arguments\": {\"filename\": \"/no/such/folder/file\"}}",
        "text",
        [ANYTHING; 2],
        "Kea 2.7.9 and later write only beside the configuration file",
    ),
    // Leases.
    row("lease commands", ANYTHING, "result", ["1", "4"], "Kea 3 tells a conflict from an error"),
    row(
        "lease commands",
        r#"{"command": "lease4-add", "arguments": {"ip-address": "192.0.2.203", "hw-address": "01:01", "state": 9}}"#,
        "text",
        [ANYTHING; 2],
        "Kea 3 has more states",
    ),
    row(
        "lease commands",
        r#"{"command": "lease4-get", "arguments": {"identifier-type": "flex-id", "identifier": "01:02:03", "subnet-id": 1}}"#,
        "text",
        [ANYTHING; 2],
        WORDING,
    ),
    row(
        "lease commands",
        r#"{"command": "lease4-get", "arguments": {"identifier-type": "hw-address", "identifier": "x", "subnet-id": 1}}"#,
        "text",
        [ANYTHING; 2],
        WORDING,
    ),
    row("lease commands", r#"{"command": "stat-lease4-get"}"#, "arguments", [ANYTHING; 2], DECLINED),
    row(
        "lease commands",
        r#"{"command": "stat-lease4-get", "arguments": {"subnet-range": {"first-subnet-id": 1, "last-subnet-id": 5}}}"#,
        "arguments",
        [ANYTHING; 2],
        DECLINED,
    ),
];
