//! The relay agents that a would-be client's message passes.

use std::net::Ipv6Addr;

use kotare_config::v6::Config6;
use kotare_server::explain::Arguments;
use kotare_wire::v6::OptionCode;

use super::arguments::address;
use super::options::Options;

/// How many relay agents a message may pass (RFC 9915 §7.6, HOP_COUNT_LIMIT).
const MAX_RELAYS: usize = 8;
/// The longest identifier that a relay agent adds.
const MAX_ID: usize = 1000;

/// The arguments that tell of the only relay agent, without a list.
const SHORT: [&str; 4] = ["link", "interface-id", "remote-id", "subscriber-id"];

/// A relay agent.
#[derive(Debug)]
pub(super) struct Relay {
    /// The address of the link that it has the message from.
    pub(super) link: Ipv6Addr,
    /// Whom it has it from, if that is said.
    pub(super) peer: Option<Ipv6Addr>,
    /// What it adds.
    pub(super) options: Options,
}

/// The relay agents, the one nearest to the server first, as expressions count them (`relay6[0]`). The one nearest to the
/// client tells the client's hardware address (RFC 6939).
pub(super) fn read(read: Arguments<'_>, config: &Config6, mac: Option<&[u8]>) -> Result<Vec<Relay>, String> {
    let maps = read.maps("relays", MAX_RELAYS)?;
    let mut relays: Vec<_> = maps
        .iter()
        .enumerate()
        .map(|(at, relay)| one(*relay, config).map_err(|why| format!("bad 'relays' entry [{at}]: {why}")))
        .collect::<Result<_, _>>()?;
    if let Some(key) = SHORT.iter().find(|key| read.get(key).is_some()) {
        if !relays.is_empty() {
            return Err(format!("'{key}' does not go with 'relays', where it is said for each relay agent"));
        }
        let link = address(read, "link")?.unwrap_or(Ipv6Addr::UNSPECIFIED);
        relays.push(Relay { link, peer: None, options: identified(read, Options::default())? });
    }
    if let (Some(last), Some(mac)) = (relays.last_mut(), mac)
        && !last.options.has(OptionCode::CLIENT_LINKLAYER_ADDR)
    {
        last.options.push(OptionCode::CLIENT_LINKLAYER_ADDR, [&[0, 1], mac].concat());
    }
    Ok(relays)
}

/// One of the list.
fn one(relay: Arguments<'_>, config: &Config6) -> Result<Relay, String> {
    relay.check_keys(&[&SHORT, &["peer", "options"]])?;
    let link = address(relay, "link")?.unwrap_or(Ipv6Addr::UNSPECIFIED);
    let options = identified(relay, Options::read(relay.get("options"), config)?)?;
    Ok(Relay { link, peer: address(relay, "peer")?, options })
}

/// What identifies the link and the client there.
fn identified(relay: Arguments<'_>, mut options: Options) -> Result<Options, String> {
    options.set(OptionCode::INTERFACE_ID, relay.bytes("interface-id", MAX_ID)?)?;
    options.set(OptionCode::REMOTE_ID, relay.bytes("remote-id", MAX_ID)?)?;
    options.set(OptionCode::SUBSCRIBER_ID, relay.bytes("subscriber-id", MAX_ID)?)?;
    Ok(options)
}
