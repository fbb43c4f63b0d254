//! Whom to explain: the arguments, as the message that such a client would send.

use std::net::{Ipv6Addr, SocketAddrV6};

use kotare_config::v6::{Config6, Prefix6};
use kotare_control::shortened;
use kotare_expr::ClassId;
use kotare_model::{Arrival6, Duid};
use kotare_options::Universe;
use kotare_server::Listening;
use kotare_server::explain::dump::v6 as dump;
use kotare_server::explain::{Arguments, codes};
use kotare_wire::NoRoom;
use kotare_wire::v6::{Index, Message, MessageType, OptionCode, Writer};
use serde_json::{Map, Value as Json};

use super::options::Options;
use super::relays::{self, Relay};

/// What is asked for where nothing is said: what clients commonly ask for.
const WISHES: [u16; 5] = [23, 24, 31, 39, 82];
/// The longest message that is made of arguments.
const MAX_MESSAGE: usize = 64 * 1024;
/// How many associations there may be of a kind, and how much is wished in each.
const MAX_ASSOCIATIONS: usize = 100;
/// The transaction of a message that nobody sent.
const TRANSACTION: u32 = 0;
/// Clients and servers (RFC 9915 §7.2), and the group of servers on a link (§7.1).
const CLIENT_PORT: u16 = 546;
const SERVER_PORT: u16 = 547;
const ALL_RELAY_AGENTS_AND_SERVERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
/// Where a message comes from when nothing tells.
const SOMEBODY: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);

/// A message as it would come.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) datagram: Vec<u8>,
    pub(super) arrival: Arrival6,
    /// The classes that it is assumed to be of.
    pub(super) classes: Vec<ClassId>,
    /// What was made up because nothing is said of it.
    pub(super) remarks: Vec<String>,
}

/// The arguments that say what is in the message.
const OF_MESSAGE: &[&str] = &[
    "message-type",
    "duid",
    "hw-address",
    "ia-na",
    "ia-pd",
    "server-identifier",
    "requested-options",
    "options",
    "relays",
    "link",
    "interface-id",
    "remote-id",
    "subscriber-id",
];
/// Those that say where it comes from, and what is assumed.
const OF_WAY: &[&str] = &["packet", "interface", "local", "remote", "classes"];

impl Asked {
    /// Reads the arguments of the command; `own` is the DUID of this server.
    pub(super) fn of(
        arguments: &Map<String, Json>,
        config: &Config6,
        own: &Duid,
        listening: &Listening<Ipv6Addr>,
    ) -> Result<Self, String> {
        let read = Arguments(arguments);
        read.check_keys(&[OF_MESSAGE, OF_WAY])?;
        let classes = read.classes(|name| config.classes.id(name))?;
        // What is wrong is told before what is missing.
        read.text("interface")?;
        address(read, "local")?;
        address(read, "remote")?;
        let mut remarks = Vec::new();
        let mac = read.bytes("hw-address", 20)?;
        let (datagram, seen) = match read.text("packet")? {
            Some(text) => {
                if let Some(other) = arguments.keys().find(|key| OF_MESSAGE.contains(&key.as_str())) {
                    return Err(format!("'{other}' does not go with 'packet', which says it"));
                }
                let packet = dump::packet(text)?;
                (packet.datagram, packet.addresses)
            }
            None => (message(read, config, own, mac.as_deref(), &mut remarks)?, None),
        };
        let arrival = arrival(read, &datagram, seen, mac.as_deref(), listening)?;
        Ok(Self { datagram, arrival, classes, remarks })
    }
}

/// An address, if it is given.
pub(super) fn address(read: Arguments<'_>, key: &str) -> Result<Option<Ipv6Addr>, String> {
    read.address(key, "an IPv6 address, such as 2001:db8::1")
}

fn message_type(read: Arguments<'_>) -> Result<MessageType, String> {
    Ok(match read.text("message-type")? {
        None => MessageType::SOLICIT,
        Some(text) => match &*text.to_ascii_lowercase() {
            "solicit" => MessageType::SOLICIT,
            "request" => MessageType::REQUEST,
            "confirm" => MessageType::CONFIRM,
            "renew" => MessageType::RENEW,
            "rebind" => MessageType::REBIND,
            "release" => MessageType::RELEASE,
            "decline" => MessageType::DECLINE,
            "information-request" => MessageType::INFORMATION_REQUEST,
            _ => {
                return Err(format!(
                    "bad 'message-type' entry: '{}' is none of solicit, request, confirm, renew, rebind, release, decline and information-request",
                    shortened(text)
                ));
            }
        },
    })
}

/// The message that such a client sends, in what its relay agents make of it.
fn message(
    read: Arguments<'_>,
    config: &Config6,
    own: &Duid,
    mac: Option<&[u8]>,
    remarks: &mut Vec<String>,
) -> Result<Vec<u8>, String> {
    let kind = message_type(read)?;
    let mut options = Options::read(read.get("options"), config)?;
    let mut duid = read.bytes("duid", Duid::MAX)?;
    if let (None, Some(mac)) = (&duid, mac)
        && !options.has(OptionCode::CLIENTID)
    {
        // DUID-LL of an Ethernet address (RFC 9915 §11.4).
        duid = Some([&[0, 3, 0, 1], mac].concat());
        remarks
            .push("nothing is said of its DUID, so it is made of its hardware address (DUID-LL)".to_owned());
    }
    options.set(OptionCode::CLIENTID, duid)?;
    options.set(OptionCode::SERVERID, read.bytes("server-identifier", Duid::MAX)?)?;
    let names_server = matches!(
        kind,
        MessageType::REQUEST | MessageType::RENEW | MessageType::RELEASE | MessageType::DECLINE
    );
    if names_server && !options.has(OptionCode::SERVERID) {
        remarks.push(
            "nothing is said of the server that it means (server-identifier), so it means this one"
                .to_owned(),
        );
        options.push(OptionCode::SERVERID, own.as_bytes().to_vec());
    }
    let wishes = codes(read.get("requested-options"), &config.definitions, Universe::V6)?;
    let in_bytes = |codes: &[u16]| codes.iter().flat_map(|code| code.to_be_bytes()).collect::<Vec<_>>();
    options.set(OptionCode::ORO, wishes.map(|codes| in_bytes(&codes)))?;
    let asks = !matches!(kind, MessageType::CONFIRM | MessageType::RELEASE | MessageType::DECLINE);
    if asks && !options.has(OptionCode::ORO) {
        remarks.push(format!(
            "nothing is said of the options that it asks for (requested-options), so it asks for {WISHES:?}"
        ));
        options.push(OptionCode::ORO, in_bytes(&WISHES));
    }
    let given = options.has(OptionCode::IA_NA) || options.has(OptionCode::IA_PD);
    associations(read, &mut options)?;
    let none = !given && read.get("ia-na").is_none() && read.get("ia-pd").is_none();
    if none && kind != MessageType::INFORMATION_REQUEST {
        remarks.push("nothing is said of what it wants (ia-na, ia-pd), so it wants an address".to_owned());
        options.push(OptionCode::IA_NA, association(1, &[]));
    }
    let relays = relays::read(read, config, mac)?;
    if !options.has(OptionCode::CLIENTID) && kind != MessageType::INFORMATION_REQUEST {
        return Err("no client: one of 'duid', 'hw-address' and 'packet' is needed".to_owned());
    }
    let mut buffer = vec![0; MAX_MESSAGE];
    let peer = client_address(mac);
    let len = write(&relays, peer, kind, &options, &mut buffer)
        .map_err(|error| format!("the options do not fit into a message: {error}"))?;
    buffer.truncate(len);
    Ok(buffer)
}

/// The associations that are wished for, with what is wished in each.
fn associations(read: Arguments<'_>, options: &mut Options) -> Result<(), String> {
    for (key, code, wish) in
        [("ia-na", OptionCode::IA_NA, "addresses"), ("ia-pd", OptionCode::IA_PD, "prefixes")]
    {
        for (at, one) in read.maps(key, MAX_ASSOCIATIONS)?.into_iter().enumerate() {
            let bad = |why: String| format!("bad '{key}' entry [{at}]: {why}");
            one.check_keys(&[&["iaid", wish]]).map_err(bad)?;
            let number = at as u32 + 1;
            let iaid = one.number("iaid", u32::MAX).map_err(bad)?.unwrap_or(number);
            let mut inside = Vec::new();
            for text in texts(one.get(wish), wish).map_err(bad)? {
                let wished = match code {
                    OptionCode::IA_NA => ia_address(text),
                    _ => ia_prefix(text),
                };
                let wished = wished.ok_or_else(|| {
                    let such =
                        if code == OptionCode::IA_NA { "2001:db8::1" } else { "2001:db8::/56 or ::/56" };
                    bad(format!("'{}' in '{wish}' is nothing like {such}", shortened(text)))
                })?;
                inside.extend(wished);
            }
            options.push(code, association(iaid, &inside));
        }
    }
    Ok(())
}

/// Texts in a list.
fn texts<'a>(list: Option<&'a Json>, key: &str) -> Result<Vec<&'a str>, String> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let wrong = || format!("'{key}' entry must be a list of at most {MAX_ASSOCIATIONS} strings");
    let list = list.as_array().filter(|list| list.len() <= MAX_ASSOCIATIONS).ok_or_else(wrong)?;
    list.iter().map(|text| text.as_str().ok_or_else(wrong)).collect()
}

/// An association without times; what is inside is no longer than an option can say.
fn association(iaid: u32, inside: &[u8]) -> Vec<u8> {
    [&iaid.to_be_bytes()[..], &[0; 8], inside].concat()
}

/// An IAADDR option that asks for an address (RFC 9915 §21.6).
fn ia_address(text: &str) -> Option<Vec<u8>> {
    let address: Ipv6Addr = text.parse().ok()?;
    Some([&[0, 5, 0, 24][..], &address.octets(), &[0; 8]].concat())
}

/// An IAPREFIX option that asks for a prefix, or for any of a length (RFC 9915 §21.22).
fn ia_prefix(text: &str) -> Option<Vec<u8>> {
    let (prefix, length) = text.split_once('/')?;
    let prefix = Prefix6::new(prefix.parse().ok()?, length.parse().ok()?)?;
    Some(
        [&[0, 26, 0, 25, 0, 0, 0, 0, 0, 0, 0, 0, prefix.prefix_len()][..], &prefix.network().octets()]
            .concat(),
    )
}

/// Writes the message; of the relay agents the first one is nearest to the server.
fn write(
    relays: &[Relay],
    client: Ipv6Addr,
    kind: MessageType,
    options: &Options,
    buffer: &mut [u8],
) -> Result<usize, NoRoom> {
    let mut writer = Writer::new(buffer);
    let mut open = Vec::new();
    for (at, relay) in relays.iter().enumerate() {
        let further = relays.len() - 1 - at;
        let next = relays.get(at + 1).map(|next| next.link).filter(|link| !link.is_unspecified());
        let peer = if further == 0 { client } else { next.unwrap_or(SOMEBODY) };
        // There are few.
        writer.relay_header(
            MessageType::RELAY_FORW,
            further as u8,
            relay.link,
            relay.peer.unwrap_or(peer),
        )?;
        relay.options.iter().try_for_each(|(code, value)| writer.option(code, value))?;
        open.push(writer.open(OptionCode::RELAY_MSG)?);
    }
    writer.header(kind, TRANSACTION)?;
    options.iter().try_for_each(|(code, value)| writer.option(code, value))?;
    open.into_iter().rev().for_each(|open| writer.close(open));
    Ok(writer.len())
}

/// The link-local address that a host with this hardware address gives itself (RFC 4291, appendix A).
fn client_address(mac: Option<&[u8]>) -> Ipv6Addr {
    match mac {
        Some(&[a, b, c, d, e, f]) => {
            Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f])
        }
        _ => SOMEBODY,
    }
}

/// How it comes: as a client, or its relay agent, sends such a message, where nothing else is said.
fn arrival(
    read: Arguments<'_>,
    datagram: &[u8],
    seen: Option<dump::Addresses>,
    mac: Option<&[u8]>,
    listening: &Listening<Ipv6Addr>,
) -> Result<Arrival6, String> {
    let mut index = Index::new();
    // What is no message comes from a client.
    let relay = Message::parse(datagram, &mut index).ok().and_then(|message| message.relay(0));
    let (ifindex, own) = read.link(relay.is_some(), listening, Ipv6Addr::UNSPECIFIED)?;
    let destination = address(read, "local")?.or(seen.map(|seen| seen.destination));
    let destination = destination.unwrap_or(ALL_RELAY_AGENTS_AND_SERVERS);
    let (usual, port) = match relay.map(|relay| relay.link_address()) {
        Some(link) if link.is_unspecified() => (SOMEBODY, SERVER_PORT),
        Some(link) => (link, SERVER_PORT),
        None => (client_address(mac), CLIENT_PORT),
    };
    let source = match (address(read, "remote")?, seen) {
        (Some(remote), _) => SocketAddrV6::new(remote, port, 0, ifindex),
        (None, Some(seen)) => SocketAddrV6::new(*seen.source.ip(), seen.source.port(), 0, ifindex),
        (None, None) => SocketAddrV6::new(usual, port, 0, ifindex),
    };
    let local = Some(destination).filter(|it| listening.addresses().contains(it)).unwrap_or(own);
    Ok(Arrival6 { ifindex, local, destination, source })
}
