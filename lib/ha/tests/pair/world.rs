//! The world: servers, clients and the link between them, moved on from event to event.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use kotare_ha::{Action, Machine, Mode, Peer, Relationship, Role, State, SyncPlan};
use kotare_model::Chance;

use crate::client::Client;
use crate::faults::Fault;
use crate::link::{Ask, Call, Link, Purpose, Reply};
use crate::node::{Lease, Node, Sync};

/// Something that happens at a time.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A server wanted to be called.
    Wake(usize),
    /// A client may want something.
    Client(u8),
    /// A client's message arrives at a server, with for how long it has been trying.
    Message(usize, u8, Duration),
    /// A question arrives.
    Arrives(Call),
    /// It was answered, or was not.
    Returns(Call, Option<Reply>),
    Fault(Fault),
    Start(usize),
    Mend(Vec<(usize, usize)>),
    Clock(usize),
}

impl Event {
    /// The server that it happens to.
    fn node(&self) -> Option<usize> {
        match self {
            Self::Wake(node) | Self::Message(node, ..) => Some(*node),
            Self::Arrives(call) => Some(call.to),
            Self::Returns(call, _) => Some(call.from),
            Self::Client(_) | Self::Fault(_) | Self::Start(_) | Self::Mend(_) | Self::Clock(_) => None,
        }
    }
}

/// All there is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) nodes: Vec<Node>,
    pub(crate) clients: Vec<Client>,
    pub(crate) link: Link,
    pub(crate) chance: Chance,
    queue: BinaryHeap<Reverse<(Duration, u64)>>,
    events: std::collections::HashMap<u64, Event>,
    numbers: u64,
    /// What must not be.
    pub(crate) violations: Vec<String>,
    /// Clients that were given another address than they had.
    pub(crate) moves: Vec<String>,
    /// How many times a client was answered.
    pub(crate) answers: u64,
    /// The states that servers were in, in their order.
    pub(crate) history: Vec<(usize, State)>,
    /// Whether partners tell of what they give while their leases are fetched; else they are silent, as Kea's.
    is_of_ours: bool,
}

/// The relationship of the servers of a world, as each of them is told.
pub(crate) fn relationship(own: usize, mode: Mode, backups: usize) -> Relationship {
    let mut relationship = Relationship::new(&name(own), mode);
    let second = if mode == Mode::LoadBalancing { Role::Secondary } else { Role::Standby };
    let roles = [Role::Primary, second].into_iter().chain(std::iter::repeat_n(Role::Backup, backups));
    relationship.peers = roles
        .enumerate()
        .map(|(at, role)| Peer::new(&name(at), &format!("http://192.0.2.{}:8005/", at + 1), role))
        .collect();
    relationship.sync_page_limit = 3;
    relationship.delayed_updates_limit = if mode == Mode::LoadBalancing { 10 } else { 0 };
    assert_eq!(relationship.judge(), Vec::<String>::new());
    relationship
}

/// What a server is called.
pub(crate) fn name(node: usize) -> String {
    format!("server{}", node + 1)
}

impl World {
    /// A pair with so many backups and clients, all started at once.
    pub(crate) fn new(mode: Mode, backups: usize, clients: u8, seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let link = Link {
            chance: Chance::new(chance.number()),
            slowest: Duration::from_millis(200),
            loses: 0,
            cut: Vec::new(),
            deaf: None,
        };
        let mut world = Self {
            now: Duration::ZERO,
            nodes: (0..2 + backups).map(|own| Node::new(relationship(own, mode, backups))).collect(),
            clients: vec![Client::default(); clients.into()],
            link,
            chance,
            queue: BinaryHeap::new(),
            events: Default::default(),
            numbers: 0,
            violations: Vec::new(),
            moves: Vec::new(),
            answers: 0,
            history: Vec::new(),
            is_of_ours: seed.is_multiple_of(2),
        };
        (0..world.nodes.len()).for_each(|node| world.at(Duration::ZERO, Event::Start(node)));
        for client in 0..clients {
            let first = Duration::from_millis(world.chance.below(600_000) as u64);
            world.wake_client(client, first);
        }
        world
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn at(&mut self, time: Duration, event: Event) {
        let number = self.number();
        self.events.insert(number, event);
        self.queue.push(Reverse((time, number)));
    }

    pub(crate) fn after(&mut self, span: Duration, event: Event) {
        self.at(self.now + span, event);
    }

    /// Has a fault happen after a span.
    pub(crate) fn fault(&mut self, span: Duration, fault: Fault) {
        self.after(span, Event::Fault(fault));
    }

    /// The state of a server that is up.
    pub(crate) fn state(&self, node: usize) -> Option<State> {
        self.nodes[node].machine.as_ref().map(Machine::state)
    }

    /// Lets a span pass.
    pub(crate) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(Reverse((time, number))) = self.queue.peek().copied()
            && time <= end
        {
            self.queue.pop();
            self.now = self.now.max(time);
            let event = self.events.remove(&number).expect("an event is queued once");
            let frozen = event.node().map_or(Duration::ZERO, |node| self.nodes[node].frozen);
            if frozen > self.now {
                self.at(frozen, event);
            } else {
                self.happen(event);
            }
        }
        self.now = end;
    }

    pub(crate) fn happen(&mut self, event: Event) {
        match event {
            Event::Wake(node) => self.with(node, |machine, moment| machine.tick(moment)),
            Event::Client(client) => self.ask_servers(client),
            Event::Message(node, client, tried) => self.serve(node, client, tried),
            Event::Arrives(call) => self.arrive(call),
            Event::Returns(call, reply) => {
                if self.nodes[call.from].life == call.life && self.nodes[call.from].machine.is_some() {
                    self.returned(&call, reply);
                }
            }
            Event::Start(node) => {
                if self.nodes[node].machine.is_none() {
                    self.nodes[node].start(self.now);
                    self.settle(node);
                }
            }
            Event::Mend(cut) => {
                for pair in cut {
                    if let Some(at) = self.link.cut.iter().position(|other| *other == pair) {
                        self.link.cut.swap_remove(at);
                    }
                }
            }
            Event::Clock(node) => self.nodes[node].ahead = 0,
            Event::Fault(fault) => self.go_wrong(fault),
        }
    }

    pub(crate) fn go_wrong(&mut self, fault: Fault) {
        let span = Duration::from_secs;
        match fault {
            Fault::Crash { node, keeps_disk, seconds } => {
                self.inherits(1 - node);
                self.nodes[node].crash(keeps_disk);
                self.after(span(seconds), Event::Start(node));
            }
            Fault::Cut { from, to, seconds } => self.cut(vec![(from, to)], span(seconds)),
            Fault::Partition { seconds } => self.cut(vec![(0, 1), (1, 0)], span(seconds)),
            Fault::Freeze { node, seconds } => self.nodes[node].frozen = self.now + span(seconds),
            Fault::Skew { node, ahead, seconds } => {
                self.nodes[node].ahead = ahead;
                self.after(span(seconds), Event::Clock(node));
            }
            Fault::Reset { node } => self.with(node, |machine, moment| {
                machine.reset(moment);
            }),
        }
    }

    pub(crate) fn cut(&mut self, pairs: Vec<(usize, usize)>, span: Duration) {
        self.link.cut.extend(&pairs);
        self.after(span, Event::Mend(pairs));
    }

    /// Tells a server something, if it is up, and does what it wants then.
    pub(crate) fn with(&mut self, node: usize, tell: impl FnOnce(&mut Machine<Lease>, kotare_ha::Moment)) {
        let moment = self.nodes[node].moment(self.now);
        if let Some(machine) = &mut self.nodes[node].machine {
            tell(machine, moment);
            self.settle(node);
        }
    }

    /// Does what a server wants.
    pub(crate) fn settle(&mut self, node: usize) {
        let Some(machine) = &mut self.nodes[node].machine else { return };
        let (actions, deadline, state) = (machine.actions(), machine.deadline(), machine.state());
        if self.history.iter().rev().find(|(other, _)| *other == node).is_none_or(|(_, last)| *last != state)
        {
            self.history.push((node, state));
        }
        if let Some(deadline) = deadline {
            self.at(deadline.max(self.now), Event::Wake(node));
        }
        for action in actions {
            match action {
                Action::SendHeartbeat(ticket) => {
                    self.call(node, 1 - node, Ask::Heartbeat, Purpose::Beat(ticket))
                }
                Action::SendReset(ticket) => self.call(node, 1 - node, Ask::Reset, Purpose::Reset(ticket)),
                Action::SendBacklog(ticket) => self.send_backlog(node, ticket),
                Action::Synchronize { ticket, reached, tells } => {
                    let plan = SyncPlan::new(&self.nodes[node].relationship, reached, tells);
                    let plan = if self.is_of_ours { plan.following() } else { plan };
                    self.nodes[node].sync = Some(Sync { ticket, plan, page: Vec::new() });
                    self.synchronize(node);
                }
                Action::Publish => {}
            }
        }
    }
}
