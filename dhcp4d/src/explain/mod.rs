//! `subnet4-explain`: what would become of a client's message, and why.
//!
//! The message goes its whole way through the engine, which leaves nothing behind ([`v4::Server::rehearse`]) and tells how
//! it decides. Nothing is decided here; it is only put into words.
//!
//! - `arguments`, `options`: the message that is asked about;
//! - `told`: what DHCPv4 is called in explanations, which are made by [`kotare_server::explain`];
//! - `message`, `subnet`, `address`, `reply`: what the steps say of each;
//! - `outcome`: what would come of it, in a sentence.

mod address;
mod arguments;
mod message;
mod options;
mod outcome;
mod reply;
mod subnet;
mod told;

use std::sync::Arc;

use kotare_control::{Argument, ArgumentType, Request, Response};
use kotare_engine::v4::{self, Received};
use kotare_messages::silently;
use kotare_model::Lease4;
use kotare_server::explain::{self, Parts};
use kotare_server::{Daemon, Store};
use serde_json::Map;

use self::arguments::Asked;
use self::told::Told;
use crate::Dhcp4;
use crate::family::Network4;

/// Room for the longest reply.
const MAX_REPLY: usize = 64 * 1024;
/// What chooses an address where chance does. Another message would be given another one.
const SEED: u64 = 0;

const TEXT: &ArgumentType = &ArgumentType::String;
const LIST: &ArgumentType = &ArgumentType::List;

/// The arguments of the command.
pub(crate) const ARGUMENTS: &[Argument] = &[
    Argument::own("hw-address", TEXT, "The client's hardware address, such as 02:00:00:00:00:01."),
    Argument::own("htype", &ArgumentType::Integer, "Its type; 1 (Ethernet) unless given."),
    Argument::own("client-id", TEXT, "The client identifier (option 61): digits, or text in quotes."),
    Argument::own(
        "message-type",
        TEXT,
        "What it sends: discover (unless given), request, decline, release or inform.",
    ),
    Argument::own("requested-address", TEXT, "The address that it asks for (option 50)."),
    Argument::own("server-identifier", TEXT, "The server that it takes an offer of (option 54)."),
    Argument::own(
        "requested-options",
        LIST,
        "The codes or names of the options that it asks for (option 55).",
    ),
    Argument::own(
        "options",
        LIST,
        "What else it sends: maps of code or name, space, and data (with csv-format) or hex.",
    ),
    Argument::own("address", TEXT, "The address that it has (ciaddr)."),
    Argument::own("relay", TEXT, "The relay that passes the message on (giaddr)."),
    Argument::own("link", TEXT, "The link selection of the relay (option 82, sub-option 5)."),
    Argument::own("circuit-id", TEXT, "The circuit ID of the relay (option 82, sub-option 1)."),
    Argument::own("remote-id", TEXT, "The remote ID of the relay (option 82, sub-option 2)."),
    Argument::own("subnet", TEXT, "The subnet selection option (118)."),
    Argument::own(
        "interface",
        TEXT,
        "The interface that it comes in on; needed if several are served and no relay is named.",
    ),
    Argument::own("local", TEXT, "The address that it is sent to."),
    Argument::own("remote", TEXT, "The address that it is sent from."),
    Argument::own("classes", LIST, "Classes that it is assumed to be of."),
    Argument::own(
        "packet",
        TEXT,
        "The message itself in hexadecimal digits, or the IP packet or Ethernet frame with it.",
    ),
];

/// `subnet4-explain`.
pub(crate) async fn subnet4<N: Network4, S: Store<Lease4>>(
    daemon: Arc<Daemon<Dhcp4<N, S>>>,
    request: Request,
) -> Response {
    let generation = daemon.generation();
    let (config, listening) = (generation.config(), daemon.listening());
    let none = Map::new();
    let arguments = match explain::arguments(&request, &none) {
        Ok(arguments) => arguments,
        Err(answer) => return answer,
    };
    let asked = match Asked::of(arguments, config, &listening) {
        Ok(asked) => asked,
        Err(reason) => return Response::error(reason),
    };
    let (interface, mtu) = listening.link(asked.arrival.ifindex);
    let received = Received {
        datagram: &asked.datagram,
        arrival: asked.arrival,
        interface,
        mtu,
        listening: listening.addresses(),
    };
    let mut reply = vec![0; MAX_REPLY];
    let (engine, leases) = (generation.engine(), generation.leases());
    let rehearsal = engine.rehearse(leases, &received, &asked.classes, daemon.now(), SEED, &mut reply);
    // The log is about clients that are there.
    let rehearsed = silently(rehearsal).await;
    let len = match &rehearsed.outcome {
        Ok(v4::Outcome::Reply(reply)) => reply.len,
        _ => 0,
    };
    let told =
        Told { config, written: generation.written().root(), rehearsed: &rehearsed, reply: &reply[..len] };
    let parts = Parts {
        message: message::of(&told, &received),
        given: ("address", address::of(&told)),
        reply: reply::of(&told),
        changes: address::changes(&told),
    };
    explain::answer(&told, daemon.is_enabled(), asked.remarks, parts)
}
