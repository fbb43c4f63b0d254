//! What scenarios that hold for both protocols have to know of each.

use std::fmt::{Debug, Display};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use kotare_config::{Configuration, Process};
use kotare_control::Facts;
use kotare_engine::expire::Reclaimable;
use kotare_engine::{Leased, Sane};
use kotare_modules::Library;
use kotare_net::InterfaceAddress4;
use kotare_server::{Family, Store};
use kotare_store_memfile::Kept;
use kotare_testkit::Asked;
use serde_json::Value;

use crate::link::Simulated;

/// DHCPv4 or DHCPv6: its messages on a [`Link`](crate::link::Link), a client that gets one address of a server in four
/// messages, and a configuration for that.
pub(crate) trait Protocol: Copy + Debug + Default + Send + Sync + 'static {
    /// What a server keeps of a client.
    type Lease: Asked + Kept<Address = Self::Address> + Leased<Config = Self::Config> + Reclaimable + Sane;
    type Config: Configuration + AsRef<Process> + Debug + Send + Sync + 'static;
    /// A server on a link, with its leases in `S`.
    type On<S: Store<Self::Lease>>: Family<Lease = Self::Lease, Config = Self::Config, Network = Simulated<Self>, Store = S>;
    type Address: Copy + Debug + Display + Eq + FromStr + Into<IpAddr> + Send + Sync + 'static;
    /// What a socket serves, where a message came from and where one goes to.
    type Spec: Clone + Debug + Eq + Send + Sync + 'static;
    type Arrival: Copy + Debug + Send + 'static;
    type Departure: Copy + Debug + Send + 'static;
    type Client;
    type Message: Clone + Sync;
    type Reply: Reply<Address = Self::Address>;

    /// The port of a server.
    const PORT: u16;
    /// Where a server is unless a test says otherwise, and a second one.
    const SERVERS: [Self::Address; 2];
    /// What a service is called in a command.
    const SERVICE: &'static str;
    /// The map of a configuration.
    const MAP: &'static str;
    /// Its list of subnets, and a subnet that it does not have.
    const SUBNETS: &'static str;
    const ELSEWHERE: &'static str;
    /// What statistics of messages begin with, and those of the messages that a client begins with and is offered
    /// something and given it by, and of the addresses that are leased, in the subnet and in its pool.
    const PKT: &'static str;
    const ASKED: &'static str;
    const OFFERED: &'static str;
    const GIVEN: &'static str;
    const LEASED: &'static str;
    const LEASED_OF_POOL: &'static str;
    /// How a message is counted that names another server.
    const FOR_ANOTHER: &'static str;

    /// The addresses of the interface of a server at the usual address, as they are listed.
    const ADDRESSES: &'static [&'static str];
    /// How it begins what `interface-add` says to all of an interface beside one of its addresses.
    const ALL_BESIDE_ONE: &'static str;
    /// Whether `status-get` tells of tables of what relay agents said.
    const EXTENDED_INFO_TABLES: Option<bool>;
    /// What commands about leases begin with.
    const LEASE: &'static str;
    /// A type of leases; an address in the subnet that is in no pool, and one that is in the pool.
    const TYPE: &'static str;
    const FREE: &'static str;
    const IN_POOL: &'static str;
    /// The command that explains a message, where one that is sent to all goes to and where it comes from, and the
    /// command that shows all leases.
    const EXPLAIN: &'static str;
    const LOCAL: &'static str;
    const REMOTE: &'static str;
    const LEASES: &'static str;

    /// By what a reservation names a client of the test, as [`Protocol::sender`] says it.
    const IDENTIFIER: &'static str;
    /// What a lease file begins with, and one of the other protocol.
    const HEADER: &'static str;
    const OTHER_HEADER: &'static str;
    /// What a lease may keep of what relay agents said: in a form of before, the same in today's, and what is no form but
    /// for `{ "a": 1 }`.
    const RELAY_INFOS: [&'static str; 3];

    /// What a scenario says of DHCPv4, said of this protocol, and what is said of this protocol, said of DHCPv4
    /// ([`retold`](crate::retold)).
    fn retell(told: Value) -> Value;
    fn tell_back(told: Value) -> Value;

    /// What commands show of every reservation of DHCPv4 that those of others do not have.
    fn host() -> Value;

    /// A row of a lease file, with its newline.
    fn row(address: Self::Address, client: u8, row: &Row<'_>) -> String;
    fn user_context(lease: &Self::Lease) -> Option<&str>;

    /// The addresses of an interface whose server has this one.
    fn addresses(server: Self::Address) -> (Vec<InterfaceAddress4>, Vec<Ipv6Addr>);

    /// What makes the server's interface another one than that of the other server.
    fn number(server: Self::Address) -> u8;

    fn interface(spec: &Self::Spec) -> (u32, &str);

    fn local(spec: &Self::Spec) -> Self::Address;

    /// Whether what clients send to all servers comes to a socket.
    fn hears_all(spec: &Self::Spec) -> bool;

    /// How a message that was sent to all comes to a socket.
    fn arrival(spec: &Self::Spec) -> Self::Arrival;

    /// The interface that a reply leaves through.
    fn leaves(departure: &Self::Departure) -> u32;

    /// What a server at an address has sent.
    fn read(server: Self::Address, bytes: &[u8]) -> Self::Reply;

    /// Whose a message is, its transaction and its bytes.
    fn sender(message: &Self::Message) -> &[u8];
    fn transaction(message: &Self::Message) -> u32;
    fn bytes(message: &Self::Message) -> Vec<u8>;

    /// The commands that a library has for its servers; none if it is not for them.
    fn commands(library: &Library) -> Option<Vec<Facts>>;

    /// The client of a number.
    fn client(number: u32) -> Self::Client;

    /// Its next exchange has another transaction.
    fn go_on(client: &mut Self::Client);

    /// It looks for servers.
    fn look(client: &Self::Client) -> Self::Message;

    /// It looks for servers that offer it this address.
    fn wish(client: &Self::Client, address: Self::Address) -> Self::Message;

    /// It asks for what it was offered.
    fn choose(client: &Self::Client, offer: &Self::Reply) -> Self::Message;

    /// It asks for more time for what it was given.
    fn renew(client: &Self::Client, given: &Self::Reply) -> Self::Message;

    /// Whose a lease is, as [`Protocol::sender`] says it.
    fn holder(lease: &Self::Lease) -> &[u8];

    /// A configuration with one pool, so many worker threads, and a resolver that ends with `number`.
    fn config(threads: usize, number: u8) -> Value;

    /// A configuration of one of several servers on a link, with ten addresses and leases of ten minutes.
    fn small(server: usize) -> Value;

    /// What a class may say that classes of the other protocol may not, and options for its clients; it has no name.
    fn class() -> Value;

    /// Of which server's ten addresses one is, counted from 1.
    fn ten(address: Self::Address) -> u8;
}

/// What a row of a lease file says of a lease of an address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// When it ends.
    pub(crate) end: u64,
    pub(crate) subnet: u32,
    /// Whether its name is in the DNS.
    pub(crate) forward: u8,
    pub(crate) name: &'a str,
    pub(crate) context: &'a str,
}

impl Default for Row<'_> {
    fn default() -> Self {
        Self { end: 1_700_004_000, subnet: 1, forward: 0, name: "", context: "" }
    }
}

/// What a scenario looks at in a reply.
pub(crate) trait Reply: Clone + Debug + Send + 'static {
    type Address;

    /// All of it.
    fn bytes(&self) -> &[u8];
    /// The server's address.
    fn server(&self) -> Self::Address;
    fn transaction(&self) -> u32;
    /// Who it is for, as [`Protocol::sender`] says it.
    fn client(&self) -> &[u8];
    fn says(&self) -> Says;
    /// The address that is offered or given.
    fn given(&self) -> Option<Self::Address>;
    /// The last byte of the resolver.
    fn number(&self) -> Option<u8>;
    /// The same with another address.
    fn of(&self, address: Self::Address) -> Self;
}

/// What a reply says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// It may be had.
    Offer,
    /// It is the client's.
    Yours,
    /// It is not.
    No,
}
