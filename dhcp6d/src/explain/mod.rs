//! `subnet6-explain`: what would become of a client's message, and why.
//!
//! The message goes its whole way through the engine, which leaves nothing behind ([`v6::Server::rehearse`]) and tells how
//! it decides. Nothing is decided here; it is only put into words.
//!
//! - `arguments`, `relays`, `options`: the message that is asked about;
//! - `told`: what DHCPv6 is called in explanations, which are made by [`kotare_server::explain`];
//! - `message`, `subnet`, `leases`, `reply`: what the steps say of each;
//! - `outcome`: what would come of it, in a sentence.

mod arguments;
mod leases;
mod message;
mod options;
mod outcome;
mod relays;
mod reply;
mod subnet;
mod told;

use std::sync::Arc;

use kotare_control::{Argument, ArgumentType, Request, Response};
use kotare_engine::v6::{self, Received};
use kotare_messages::silently;
use kotare_model::Lease6;
use kotare_server::explain::{self, Parts};
use kotare_server::{Daemon, Store};
use serde_json::Map;

use self::arguments::Asked;
use self::told::Told;
use crate::Dhcp6;
use crate::family::Network6;

/// Room for the longest reply.
const MAX_REPLY: usize = 64 * 1024;
/// What chooses an address or prefix where chance does. Another message would be given another one.
const SEED: u64 = 0;

const TEXT: &ArgumentType = &ArgumentType::String;
const LIST: &ArgumentType = &ArgumentType::List;

/// The arguments of the command.
pub(crate) const ARGUMENTS: &[Argument] = &[
    Argument::own("duid", TEXT, "The client's DUID (option 1), such as 00:03:00:01:02:00:00:00:00:01."),
    Argument::own(
        "hw-address",
        TEXT,
        "Its hardware address: its DUID is made of it unless given, and a relay agent tells it (option 79).",
    ),
    Argument::own(
        "message-type",
        TEXT,
        "What it sends: solicit (unless given), request, confirm, renew, rebind, release, decline or information-request.",
    ),
    Argument::own("ia-na", LIST, "What it wants addresses for: maps of iaid and a list of addresses."),
    Argument::own(
        "ia-pd",
        LIST,
        "What it wants prefixes for: maps of iaid and a list of prefixes, such as ::/56.",
    ),
    Argument::own("server-identifier", TEXT, "The DUID of the server that it means (option 2)."),
    Argument::own(
        "requested-options",
        LIST,
        "The codes or names of the options that it asks for (option 6).",
    ),
    Argument::own(
        "options",
        LIST,
        "What else it sends: maps of code or name, space, and data (with csv-format) or hex.",
    ),
    Argument::own(
        "relays",
        LIST,
        "The relay agents, that nearest to the server first: maps of link, peer, interface-id, remote-id, subscriber-id and options.",
    ),
    Argument::own("link", TEXT, "The link address of its only relay agent."),
    Argument::own("interface-id", TEXT, "The interface-id of its only relay agent (option 18)."),
    Argument::own(
        "remote-id",
        TEXT,
        "The value of option 37 of its only relay agent: an enterprise number of four bytes and an identifier.",
    ),
    Argument::own("subscriber-id", TEXT, "The subscriber-id of its only relay agent (option 38)."),
    Argument::own(
        "interface",
        TEXT,
        "The interface that it comes in on; needed if several are served and no relay agent is named.",
    ),
    Argument::own("local", TEXT, "The address that it is sent to."),
    Argument::own("remote", TEXT, "The address that it is sent from."),
    Argument::own("classes", LIST, "Classes that it is assumed to be of."),
    Argument::own(
        "packet",
        TEXT,
        "The message itself in hexadecimal digits, or the IPv6 packet or Ethernet frame with it.",
    ),
];

/// `subnet6-explain`.
pub(crate) async fn subnet6<N: Network6, S: Store<Lease6>>(
    daemon: Arc<Daemon<Dhcp6<N, S>>>,
    request: Request,
) -> Response {
    let generation = daemon.generation();
    let (config, listening) = (generation.config(), daemon.listening());
    let (engine, leases) = (generation.engine(), generation.leases());
    let none = Map::new();
    let arguments = match explain::arguments(&request, &none) {
        Ok(arguments) => arguments,
        Err(answer) => return answer,
    };
    let asked = match Asked::of(arguments, config, engine.duid(), &listening) {
        Ok(asked) => asked,
        Err(reason) => return Response::error(reason),
    };
    let (interface, _) = listening.link(asked.arrival.ifindex);
    let received = Received { datagram: &asked.datagram, arrival: asked.arrival, interface };
    let mut reply = vec![0; MAX_REPLY];
    let rehearsal = engine.rehearse(leases, &received, &asked.classes, daemon.now(), SEED, &mut reply);
    // The log is about clients that are there.
    let rehearsed = silently(rehearsal).await;
    let len = match &rehearsed.outcome {
        Ok(v6::Outcome::Reply(reply)) => reply.len,
        _ => 0,
    };
    let told =
        Told { config, written: generation.written().root(), rehearsed: &rehearsed, reply: &reply[..len] };
    let parts = Parts {
        message: message::of(&told, &received),
        given: ("associations", leases::of(&told).into()),
        reply: reply::of(&told),
        changes: leases::changes(&told),
    };
    explain::answer(&told, daemon.is_enabled(), asked.remarks, parts)
}
