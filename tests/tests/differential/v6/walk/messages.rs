//! Any message of any client, at random.

use std::net::Ipv6Addr;

use kotare_model::Chance;
use kotare_wire::v6::{MessageType, OptionCode};

use crate::v6::link::SERVER_ID;
use crate::v6::query::{Options, Query, mac};

/// What the messages of a walk are like.
pub(super) struct Manner {
    /// Whether some come through relay agents.
    pub(super) relays: bool,
    /// The kinds of messages; all if there are none.
    pub(super) kinds: &'static [MessageType],
    /// The names that clients send.
    pub(super) names: &'static [&'static [u8]],
    /// The options that clients ask for.
    pub(super) wishes: &'static [u16],
    /// What more a message has.
    pub(super) more: fn(&mut Chance, Query) -> (String, Query),
    /// What more a relay agent says of the client of that number.
    pub(super) of_relay: fn(&mut Chance, Options) -> (String, Options),
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            relays: false,
            kinds: &[],
            names: &[b"\x06myhost\x07example\x03com\0", b"\x06myhost", b"", b"\x06MyHost\0"],
            wishes: &[23, 24, 31, 21, 22, 39, 82, 83, 67, 17, 59, 7, 27, 32, 65000],
            more: |_, query| (String::new(), query),
            of_relay: |_, options| (String::new(), options),
        }
    }
}

/// Any message of any client.
pub(super) fn any(noise: &mut Chance, manner: &Manner) -> (String, Query) {
    let client = noise.below(9) as u16;
    let kind = match noise.below(60) {
        0..14 => MessageType::SOLICIT,
        14..30 => MessageType::REQUEST,
        30..38 => MessageType::RENEW,
        38..44 => MessageType::REBIND,
        44..47 => MessageType::CONFIRM,
        47..55 => MessageType::RELEASE,
        55 if noise.below(6) == 0 => MessageType::DECLINE,
        _ => MessageType::INFORMATION_REQUEST,
    };
    let kind = if manner.kinds.is_empty() || manner.kinds.contains(&kind) {
        kind
    } else {
        manner.kinds[noise.below(manner.kinds.len())]
    };
    let mut what = format!("client {client}: {kind}");
    let mut query = match noise.below(70) {
        0 => {
            what += ", anonymous";
            Query::anonymous(kind, client)
        }
        _ => Query::new(kind, client),
    };
    let names_server = match kind {
        MessageType::REQUEST | MessageType::RENEW | MessageType::RELEASE | MessageType::DECLINE => {
            noise.below(60) != 0
        }
        MessageType::INFORMATION_REQUEST => noise.below(3) == 0,
        _ => noise.below(60) == 0,
    };
    if names_server {
        let mut id = SERVER_ID.to_vec();
        if noise.below(30) == 0 {
            what += ", of another server";
            id.push(b'x');
        } else if [MessageType::SOLICIT, MessageType::CONFIRM, MessageType::REBIND].contains(&kind) {
            what += ", naming a server";
        }
        query = query.option(OptionCode::SERVERID, &id);
    } else if [MessageType::REQUEST, MessageType::RENEW, MessageType::RELEASE, MessageType::DECLINE]
        .contains(&kind)
    {
        what += ", naming no server";
    }
    // One place is all there is in what is given back: see the scripts for more.
    let most = if [MessageType::RELEASE, MessageType::DECLINE].contains(&kind) { 1 } else { 2 };
    let associations = noise.below(20);
    let associations: &[OptionCode] = match associations {
        0..9 => &[OptionCode::IA_NA],
        9..13 => &[OptionCode::IA_PD],
        13..16 => &[OptionCode::IA_NA, OptionCode::IA_PD],
        16 => &[OptionCode::IA_PD, OptionCode::IA_NA],
        // Where little is left Kea offers two associations of a message the same thing; ours does not.
        17 | 18 if kind == MessageType::SOLICIT => &[OptionCode::IA_PD, OptionCode::IA_NA],
        17 => &[OptionCode::IA_NA, OptionCode::IA_NA],
        18 => &[OptionCode::IA_PD, OptionCode::IA_PD, OptionCode::IA_NA],
        _ => &[],
    };
    if kind != MessageType::INFORMATION_REQUEST || noise.below(10) == 0 {
        for (nth, code) in associations.iter().enumerate() {
            let (said, within) = any_places(noise, *code, kind, most);
            let iaid = 1 + nth as u32 + 10 * u32::from(noise.below(8) == 0);
            what += &format!(", {} {iaid} [{said}]", if *code == OptionCode::IA_NA { "NA" } else { "PD" });
            query = query.association(*code, iaid, within);
        }
        if noise.below(40) == 0 {
            what += ", TA";
            query = query.association(OptionCode::IA_TA, 1, Options::default());
        }
    }
    if noise.below(4) == 0 && (kind == MessageType::SOLICIT || noise.below(10) == 0) {
        what += ", rapid";
        query = query.option(OptionCode::RAPID_COMMIT, &[]);
    }
    if noise.below(3) == 0 {
        let wishes = any_wishes(noise, manner.wishes);
        what += &format!(", wishes {wishes:?}");
        query = query.wishes(&wishes);
    }
    if noise.below(3) == 0 {
        query = query.option(OptionCode::ELAPSED_TIME, &[0, 100]);
    }
    if noise.below(6) == 0 {
        let flags = [0, 1, 2, 4][noise.below(4)];
        let name = manner.names[noise.below(manner.names.len())];
        what += &format!(", name {flags} {}", name.escape_ascii());
        query = query.option(OptionCode::CLIENT_FQDN, &[&[flags], name].concat());
    }
    if noise.below(10) == 0 {
        let enterprise: u32 = [4491, 25623][noise.below(2)];
        what += &format!(", vendor {enterprise}");
        query = query
            .option(OptionCode::VENDOR_CLASS, &[&enterprise.to_be_bytes()[..], b"\0\x06docsis"].concat());
        if noise.below(2) == 0 {
            what += " with options";
            query = query.option(
                OptionCode::VENDOR_OPTS,
                &[&enterprise.to_be_bytes()[..], b"\0\x01\0\x04\0\x20\0\x21"].concat(),
            );
        }
    }
    if noise.below(60) == 0 {
        what += ", user class";
        query = query.option(OptionCode::USER_CLASS, b"\0\x03abc");
    }
    let (said, mut query) = (manner.more)(noise, query);
    what += &said;
    if manner.relays && noise.below(3) == 0 {
        let (said, relayed) = any_relays(noise, query, client, manner);
        what += &said;
        query = relayed;
    }
    (what, query)
}

fn any_relays(noise: &mut Chance, mut query: Query, client: u16, manner: &Manner) -> (String, Query) {
    let mut what = String::new();
    let levels = if noise.below(3) == 0 { 2 } else { 1 };
    for _ in 0..levels {
        let link: Ipv6Addr = [
            "2001:db8:1::9",
            "2001:db8:2::1",
            "2001:db8:3::1",
            "2001:db8:4::1",
            "2001:db8:5::1",
            "2001:db8:6::1",
            "::",
            "fe80::1",
            "2001:db8:ffff::1",
        ][noise.below(9)]
        .parse()
        .expect("an address");
        what += &format!(", relayed by {link}");
        let mut options = Options::default();
        // Kea 2.2 takes a client behind a relay agent that names no address for one on the link, whatever its interface-id.
        let names_a_link = !link.is_unspecified() && link.segments()[0] != 0xfe80;
        if noise.below(3) == 0 && names_a_link {
            let port: &[u8] = [&b"port3"[..], b"port4", b""][noise.below(3)];
            what += &format!(" {}", port.escape_ascii());
            options = options.option(OptionCode::INTERFACE_ID, port);
        }
        if noise.below(4) == 0 {
            what += " remote-id";
            options = options.option(OptionCode::REMOTE_ID, b"\0\0\0\x09remote");
        }
        if noise.below(4) == 0 {
            what += " subscriber-id";
            options = options.option(OptionCode::SUBSCRIBER_ID, b"subscriber");
        }
        if noise.below(4) == 0 {
            what += " 79";
            options =
                options.option(OptionCode::CLIENT_LINKLAYER_ADDR, &[&[0, 1][..], &mac(client)].concat());
        }
        let (said, options) = (manner.of_relay)(noise, options);
        what += &said;
        query = query.relayed(link, options);
    }
    (what, query)
}

fn any_wishes(noise: &mut Chance, all: &[u16]) -> Vec<u16> {
    let count = 1 + noise.below(8);
    (0..count).map(|_| all[noise.below(all.len())]).collect()
}

/// Addresses or prefixes within an association, `most` at most.
fn any_places(noise: &mut Chance, code: OptionCode, kind: MessageType, most: usize) -> (String, Options) {
    let (mut said, mut within): (Vec<String>, _) = (Vec::new(), Options::default());
    let count = match noise.below(10) {
        0..2 => 0,
        2..9 => 1,
        _ => most,
    };
    for _ in 0..count {
        let lifetimes = match noise.below(4) {
            0 => [[100, 200], [0, 50_000], [2000, 3000], [1700, 0]][noise.below(4)],
            _ => [0, 0],
        };
        if code == OptionCode::IA_NA {
            let mut address = any_address(noise);
            if kind == MessageType::DECLINE {
                address = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x106 + noise.below(2) as u16);
            } else if kind == MessageType::RELEASE
                && address.segments()[7] >= 0x106
                && address.segments()[2] == 1
            {
                // Kea 2.2 words it otherwise when an address was declined.
                continue;
            }
            // Ours says once that the client must not use it.
            if said.iter().any(|it| it.contains(&format!("{address} "))) {
                continue;
            }
            // What goes with no address Kea 2.2 does not look at.
            let lifetimes = if address.is_unspecified() { [0, 0] } else { lifetimes };
            said.push(format!("{address} {lifetimes:?}"));
            within = within.address(address, lifetimes);
        } else {
            let (prefix, len) = any_prefix(noise);
            if said.iter().any(|it| it.contains(&format!("{prefix}/"))) {
                continue;
            }
            said.push(format!("{prefix}/{len} {lifetimes:?}"));
            within = within.prefix((prefix, len), lifetimes);
        }
    }
    (said.join(" "), within)
}

/// An address of a pool, nearly always.
fn any_address(noise: &mut Chance) -> Ipv6Addr {
    let host = 0x100 + noise.below(8) as u16;
    let address = |net: u16, host: u16| Ipv6Addr::new(0x2001, 0xdb8, net, 0, 0, 0, 0, host);
    match noise.below(20) {
        0 => address(1, 0x20),
        1 => address(0xfff, 7),
        2 => Ipv6Addr::UNSPECIFIED,
        3..9 => address(2 + noise.below(5) as u16, host),
        _ => address(1, host),
    }
}

/// A prefix of a pool, nearly always.
fn any_prefix(noise: &mut Chance) -> (Ipv6Addr, u8) {
    let nth = noise.below(8) as u16;
    let prefix = |high: u16, low: u16| Ipv6Addr::new(0x2001, 0xdb8, high, low, 0, 0, 0, 0);
    match noise.below(20) {
        0 => (prefix(0xfff, 0), 56),
        1 => (Ipv6Addr::UNSPECIFIED, [0, 56][noise.below(2)]),
        2..9 => (prefix(0x8200 + 0x100 * noise.below(5) as u16, nth << 8), 56),
        9..12 => (prefix(0x8000, nth << 8), 56),
        _ => (prefix(0x8100, nth << 8), 56),
    }
}
