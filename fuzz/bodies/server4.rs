//! Any datagrams, one after the other, to a server with few addresses and leases that end.
//!
//! Before each datagram stand a byte that says how it comes and what happens before, and its length in two bytes.

use std::net::Ipv4Addr;

use kotare_engine::v4::ReplyKind;
use kotare_model::{Lease4, LeaseState, Lifetime};
use kotare_testkit::{Answer, Config, SERVER, Subnet, Via, World, logged, option};
use kotare_wire::v4::{Index, Message, MessageType, Op, OptionCode};

/// Panics when an answer is none to its message, an address is not the server's to give or another's, the statistics
/// have lost count, or a client has its way with the log.
pub(crate) fn check(input: &[u8]) {
    let ((), lines) = logged(|| serve(input));
    for line in &lines {
        let mut told = line.text.split('\n');
        assert!(!told.clone().any(|line| line.contains(char::is_control)), "{line:?}");
        assert!(
            told.clone().skip(1).all(|line| BEGINNINGS.iter().any(|begins| line.starts_with(begins))),
            "{line:?}"
        );
        assert!(told.by_ref().map(str::len).sum::<usize>() < 40_000, "{line:?}");
    }
}

/// What lines begin with that show a message or a lease.
const BEGINNINGS: &[&str] = &[
    "msg_type=",
    "options:",
    "message contains no options",
    "  type=",
    "    type=",
    "      type=",
    " and more",
    "Valid life: ",
    "Cltt: ",
    "Hardware addr: ",
    "Client id: ",
    "Subnet ID: ",
    "Pool ID: ",
    "State: ",
    "User context: ",
];

fn serve(input: &[u8]) {
    let mut world = World::new(config());
    let mut rest = input;
    while let Some((&[how, high, low], tail)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes([high, low])).min(tail.len());
        let (datagram, tail) = tail.split_at(len);
        rest = tail;
        pass_time(&mut world, how >> 2);
        let before = world.store.all();
        if let Some(answer) = world.send_bytes(datagram, via(how, datagram)) {
            let mut index = Index::new();
            let query = Message::parse(datagram, &mut index).expect("only messages are answered");
            answers(&query, &answer);
            if !answer.yiaddr().is_unspecified() {
                gives(&world, &query, &answer, &before);
            }
        }
    }
    let leases = world.store.all();
    for lease in &leases {
        let subnet = world.server.config().subnets.iter().find(|subnet| subnet.id == lease.subnet_id);
        assert!(subnet.is_some_and(|subnet| subnet.pool_of(lease.address).is_some()), "{lease:?}");
    }
    let count =
        |states: &[LeaseState]| leases.iter().filter(|lease| states.contains(&lease.state)).count() as i64;
    let assigned = count(&[LeaseState::Assigned, LeaseState::Declined]);
    assert_eq!(world.stat("assigned-addresses"), assigned);
    assert_eq!(world.stat("declined-addresses"), count(&[LeaseState::Declined]));
}

/// The networks of the corpus. The server takes requests to its servers for its own.
fn config() -> kotare_config::v4::Config4 {
    let near = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.104").network("lan");
    let sibling = Subnet::new(2, "198.51.100.0/24").pool("198.51.100.7", "198.51.100.8").network("lan");
    let far = Subnet::new(3, "203.0.113.0/24").pool("203.0.113.100", "203.0.113.103").with(|params| {
        params.store_extended_info = true;
        params.offer_lifetime = Some(Lifetime(60));
    });
    let config = Config::new().subnet(near).subnet(sibling).subnet(far).option(option(6, &[192, 0, 2, 2]));
    let config = config.option(option(108, &[0, 0, 4, 0])).with(|config| {
        config.compatibility.ignore_server_identifier = true;
        config.stash_agent_options = true;
    });
    config.build()
}

/// Nothing happens, or up to four hours pass, and perhaps what has ended is reclaimed.
fn pass_time(world: &mut World, span: u8) {
    world.pass(i64::from(span).pow(2) * 4);
    if span % 2 == 1 {
        world.reclaim();
        world.remove_reclaimed();
    }
}

fn via(how: u8, datagram: &[u8]) -> Via {
    let field = |at| datagram.get(at..at + 4).and_then(|field| <[u8; 4]>::try_from(field).ok());
    let (ciaddr, giaddr) = (field(12).unwrap_or_default().into(), field(24).unwrap_or_default().into());
    match how & 3 {
        0 => Via::BROADCAST,
        1 => Via::unicast(ciaddr),
        2 => Via::broadcast(ciaddr),
        _ => Via::relay(giaddr),
    }
}

/// RFC 2131 §4.3.1, table 3; RFC 3046 §2.2; RFC 6842.
fn answers(query: &Message<'_>, answer: &Answer) {
    let reply = answer.view();
    let asked = query.message_type();
    let (kind, right) = match answer.kind {
        ReplyKind::Offer => (MessageType::OFFER, asked == Some(MessageType::DISCOVER)),
        ReplyKind::Ack => {
            (MessageType::ACK, matches!(asked, Some(MessageType::REQUEST | MessageType::INFORM)))
        }
        ReplyKind::Nak => (MessageType::NAK, asked == Some(MessageType::REQUEST)),
        // There is no module that answers queries.
        other @ (ReplyKind::LeaseUnassigned | ReplyKind::LeaseUnknown | ReplyKind::LeaseActive) => {
            (other.message_type(), false)
        }
    };
    assert!(right, "{:?} to {asked:?}", answer.kind);
    assert!(!reply.cut_short());
    assert_eq!((reply.op(), reply.message_type()), (Op::REPLY, Some(kind)));
    assert_eq!((reply.xid(), reply.htype(), reply.chaddr()), (query.xid(), query.htype(), query.chaddr()));
    assert_eq!(reply.option(OptionCode::SERVER_IDENTIFIER).and_then(|id| id.ipv4()), Some(SERVER));
    let same = |code| assert_eq!(reply.option(code), query.option(code), "{code}");
    same(OptionCode::CLIENT_IDENTIFIER);
    if asked != Some(MessageType::INFORM) {
        assert_eq!(reply.giaddr(), query.giaddr());
        if query.option(OptionCode::RELAY_AGENT_INFORMATION).is_some_and(|agent| !agent.is_empty()) {
            same(OptionCode::RELAY_AGENT_INFORMATION);
        }
    }
}

/// An address is of a pool and nobody else's, and one acknowledged is leased.
fn gives(world: &World, query: &Message<'_>, answer: &Answer, before: &[Lease4]) {
    let given: Ipv4Addr = answer.yiaddr();
    let subnets = &world.server.config().subnets;
    assert!(subnets.iter().any(|subnet| subnet.pool_of(given).is_some()), "{given} is of no pool");
    let id: Option<Vec<u8>> = query.option(OptionCode::CLIENT_IDENTIFIER).map(|id| id.bytes().collect());
    let id = id.filter(|id| !id.is_empty());
    let mine = |lease: &Lease4| match (&id, &lease.client_id) {
        (Some(own), Some(leased)) => own == leased.as_bytes(),
        _ => query.chaddr() == lease.hwaddr.as_bytes(),
    };
    let other = before.iter().find(|lease| lease.address == given && lease.held(world.now) && !mine(lease));
    assert!(other.is_none(), "{given} is another's: {other:?}");
    if answer.kind == ReplyKind::Ack {
        let lease = world.store.lease(given).expect("what is acknowledged is leased");
        assert!(
            mine(&lease) && lease.state == LeaseState::Assigned && !lease.expired(world.now),
            "{lease:?}"
        );
    }
}
