//! What clients ask, and how servers answer them.

use std::time::Duration;

use kotare_ha::{ClientKey, Overheard, Route, State};
use kotare_model::HwAddr;

use crate::client::{AGAIN, LIFETIME};
use crate::link::{Ask, Purpose, Reply};
use crate::node::{Exchange, Lease, Node, hash_of};
use crate::world::{Event, World, name};

impl World {
    pub(crate) fn wake_client(&mut self, client: u8, time: Duration) {
        let known = &mut self.clients[usize::from(client)];
        if !std::mem::replace(&mut known.is_awake, true) {
            self.at(time, Event::Client(client));
        }
    }

    /// A client asks all servers, if it wants something.
    pub(crate) fn ask_servers(&mut self, client: u8) {
        let now = self.now;
        let known = &mut self.clients[usize::from(client)];
        known.is_awake = false;
        let renews = known.renews().filter(|renews| *renews > now);
        if let Some(renews) = renews {
            known.tries = None;
            return self.wake_client(client, renews);
        }
        let since = *known.tries.get_or_insert(now);
        for node in 0..self.nodes.len() {
            let delay = Duration::from_micros(1 + self.chance.below(20_000) as u64);
            self.after(delay, Event::Message(node, client, now - since));
        }
        self.wake_client(client, now + AGAIN);
    }

    /// A client's message arrives at a server.
    pub(crate) fn serve(&mut self, node: usize, client: u8, tried: Duration) {
        if !self.nodes[node].is_serving(self.now) {
            return;
        }
        let Some(machine) = &self.nodes[node].machine else { return };
        let belonging = machine.scopes().of_client(hash_of(client)).expect("clients have addresses");
        if !belonging.is_served {
            let hwaddr = HwAddr::new(1, &[2, 0, 0, 0, 0, client]).unwrap();
            let key = Some(ClientKey::v4(&hwaddr, None));
            return self.with(node, |machine, moment| {
                machine.overhear(key, &"client", tried, &Overheard::V4, moment);
            });
        }
        // One exchange with a client at a time.
        if self.nodes[node].exchanges.values().any(|exchange| exchange.lease.client == client) {
            return;
        }
        let pool = u8::from(belonging.server == name(1));
        let Some(lease) = self.nodes[node].give(client, pool, self.now) else { return };
        let number = self.number();
        let mut waits_for = 0;
        for peer in (0..self.nodes.len()).filter(|peer| *peer != node) {
            let role = self.nodes[peer].role();
            let Some(machine) = &mut self.nodes[node].machine else { return };
            match machine.route(role) {
                Route::Await => {
                    waits_for += 1;
                    self.call(node, peer, Ask::Update(vec![lease]), Purpose::Exchange(number));
                }
                Route::Send => self.call(node, peer, Ask::Update(vec![lease]), Purpose::Nothing),
                Route::Follow => {
                    self.nodes[node].following += 1;
                    self.call(node, peer, Ask::Update(vec![lease]), Purpose::Follow);
                }
                Route::Queue => assert!(machine.queue([lease]), "it was routed just now"),
                Route::Skip => {}
            }
        }
        if waits_for == 0 {
            self.acknowledge(lease, self.now);
        } else {
            let exchange = Exchange { lease, given: self.now, waits_for, is_lost: false };
            self.nodes[node].exchanges.insert(number, exchange);
        }
    }

    pub(crate) fn update_returned(&mut self, node: usize, number: u64, reply: Option<Reply>) {
        let Some(exchange) = self.nodes[node].exchanges.get_mut(&number) else { return };
        exchange.waits_for -= 1;
        exchange.is_lost |= !matches!(reply, Some(Reply::Done));
        let exchange = exchange.clone();
        let hwaddr = HwAddr::new(1, &[2, 0, 0, 0, 0, exchange.lease.client]).unwrap();
        let key = ClientKey::v4(&hwaddr, None);
        if exchange.waits_for == 0 {
            self.nodes[node].exchanges.remove(&number);
        }
        self.with(node, |machine, moment| match reply {
            Some(Reply::Done) => machine.accepted(|| Some(key)),
            Some(_) => machine.rejected(Some(key), || {}, moment),
            None => machine.lost(moment),
        });
        if exchange.waits_for == 0 && !exchange.is_lost {
            self.acknowledge(exchange.lease, exchange.given);
        }
    }

    /// A client is told of its lease: nobody else may have the address. It lasts from when it was given, by the whole
    /// second as servers count.
    pub(crate) fn acknowledge(&mut self, lease: Lease, given: Duration) {
        let now = self.now;
        for (other, client) in self.clients.iter().enumerate() {
            if other != usize::from(lease.client) && client.address(now) == Some(lease.address) {
                let (address, client) = (lease.address, lease.client);
                self.violations.push(format!("{now:?}: {address} to {client}, and {other} has it"));
            }
        }
        self.answers += 1;
        let before = self.clients[usize::from(lease.client)].address(now);
        if let Some(before) = before.filter(|before| *before != lease.address) {
            self.moves.push(format!("{now:?}: {} had {before} and gets {}", lease.client, lease.address));
        }
        let client = &mut self.clients[usize::from(lease.client)];
        (client.lease, client.tries) =
            (Some((lease.address, Duration::from_secs(given.as_secs()) + LIFETIME)), None);
    }

    /// The partner of a server is about to die: if they work together, this one has every lease that clients know of.
    pub(crate) fn inherits(&mut self, survivor: usize) {
        let is_normal = |node| matches!(self.state(node), Some(State::LoadBalancing | State::HotStandby));
        if !is_normal(0) || !is_normal(1) {
            return;
        }
        for (number, client) in self.clients.iter().enumerate() {
            let Some((address, until)) = client.lease.filter(|(_, until)| *until > self.now) else {
                continue;
            };
            let lease = self.nodes[survivor].leases.get(&address);
            let lasts = |lease: &Lease| Node::second(lease.cltt) + LIFETIME >= until;
            if !lease.is_some_and(|lease| usize::from(lease.client) == number && lasts(lease)) {
                self.violations
                    .push(format!("{:?}: {address} of {number} is lost, there is {lease:?}", self.now));
            }
        }
    }
}
