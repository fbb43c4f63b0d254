//! Where packets come from and go to: the kernel's sockets, or a link that a test simulates.

use std::fmt::{Debug, Display};
use std::io;
use std::time::Duration;

use kotare_net::{AsyncInterfaceWatcher, HeldPrefix, Interface, InterfaceWatcher, Ready, Tally, Waker};

/// The network as a server sees it: interfaces that come and go, and sockets on them.
pub trait Network: Debug + Send + Sync + 'static {
    /// What one socket serves.
    type Spec: Clone + Debug + Eq + Send + Sync + 'static;
    /// An address of the family.
    type Address: Copy + Debug + Display + Eq + Send + Sync;
    /// A socket of one worker. Clones are the same socket, which closes when the last is dropped.
    type Socket: Clone + Debug + Send + Sync + 'static;
    /// The sockets of one worker.
    type Port: Port<Spec = Self::Spec, Socket = Self::Socket>;
    /// Hears of interfaces that change.
    type Changes: Changes;

    /// The interfaces there are now.
    ///
    /// # Errors
    /// When the system does not tell.
    fn interfaces(&self) -> io::Result<Vec<Interface>>;

    /// Begins to listen to changes of the interfaces. Called within a tokio runtime.
    ///
    /// # Errors
    /// When they cannot be listened to.
    fn changes(&self) -> io::Result<Self::Changes>;

    /// The IPv6 prefixes that this machine has, by which those delegated to it are known. A network without may leave it
    /// out.
    ///
    /// # Errors
    /// When the system does not tell.
    fn held_prefixes(&self) -> io::Result<Vec<HeldPrefix>> {
        Ok(Vec::new())
    }

    /// Begins to listen to changes of these, if they change. Called within a tokio runtime.
    ///
    /// # Errors
    /// When they cannot be listened to.
    fn prefix_changes(&self) -> io::Result<Option<Self::Changes>> {
        Ok(None)
    }

    /// A port without sockets.
    ///
    /// # Errors
    /// When the system is out of what a port takes.
    fn port(&self) -> io::Result<Self::Port>;

    /// Opens the sockets that serve `spec`, one for each of `workers`. Messages of one client always reach the same of
    /// them.
    ///
    /// # Errors
    /// When they cannot be opened; none stays open then.
    fn open(
        &self,
        spec: &Self::Spec,
        workers: usize,
    ) -> Result<Vec<Self::Socket>, <Self::Port as Port>::Error>;

    /// Opens more sockets for what `sockets` serve, until there is one for each of `workers`, and lets messages reach all
    /// of them. Those there are lose nothing that came to them.
    ///
    /// # Errors
    /// When they cannot be opened; those there are go on.
    fn extend(
        &self,
        sockets: &mut Vec<Self::Socket>,
        workers: usize,
    ) -> Result<(), <Self::Port as Port>::Error>;

    /// What a socket serves.
    fn spec(socket: &Self::Socket) -> &Self::Spec;

    /// Whether the interface that a socket was opened on is gone, so that it will never receive again: another interface
    /// of the same name and index needs another socket.
    fn is_orphaned(socket: &Self::Socket) -> bool;

    /// Where what a spec asks for is.
    fn locate(spec: &Self::Spec) -> Where<'_, Self::Address>;

    /// The UDP port that is served.
    fn server_port(&self) -> u16;
}

/// Where a socket is: an address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Where<'a, A> {
    /// Index of the interface.
    pub ifindex: u32,
    /// Name of the interface.
    pub interface: &'a str,
    /// The interface's address that serves.
    pub address: A,
}

/// The sockets of one worker: wait, receive, send.
pub trait Port: Debug + Send + 'static {
    /// What one socket serves.
    type Spec;
    /// A socket.
    type Socket;
    /// How a datagram came.
    type Arrival: Copy + Debug + Send;
    /// How a datagram leaves.
    type Departure: Copy + Debug + Send;
    /// What went wrong with a socket, and where.
    type Error: Display;

    /// What wakes the thread in [`Port::wait`].
    fn waker(&self) -> Waker;

    /// Waits until there are packets, the waker is rung, or `timeout` has passed.
    ///
    /// # Errors
    /// When the system cannot wait.
    fn wait(&mut self, timeout: Option<Duration>) -> io::Result<Ready>;

    /// Receives up to [`kotare_net::BATCH`] datagrams and gives each to `take`, with when the system received it, since
    /// 1970-01-01T00:00:00Z, where it tells ([`Port::stamp`]); true if there may be more at once.
    ///
    /// # Errors
    /// What the system says of one socket. The others go on.
    fn receive(
        &mut self,
        take: impl FnMut(Self::Arrival, &[u8], Option<Duration>),
    ) -> Result<bool, Self::Error>;

    /// Has the system tell of each datagram when it came, or no longer.
    fn stamp(&mut self, tells: bool);

    /// Sends replies. For each that cannot be sent, `unsent` is called with its place among `replies`.
    fn send<'a>(
        &mut self,
        replies: impl IntoIterator<Item = (Self::Departure, &'a [u8])>,
        unsent: impl FnMut(usize, io::Error),
    );

    /// What became of the packets so far, those included that the system dropped. A port that loses none may leave it out.
    fn tally(&mut self) -> Tally {
        Tally::default()
    }

    /// Whether messages pile up in a socket: a good part of the room that the system has for them is taken. Asks the
    /// system. A port that loses none may leave it out.
    fn is_crowded(&self) -> bool {
        false
    }

    /// Serves a socket, too.
    ///
    /// # Errors
    /// When it cannot be served; it is closed then.
    fn add(&mut self, socket: Self::Socket) -> Result<(), Self::Error>;

    /// Closes the sockets for which `keep` is false.
    fn retain(&mut self, keep: impl FnMut(&Self::Spec) -> bool);

    /// The sockets, for another port to receive from: this one goes on sending through them and receives no more.
    fn hand_over(&mut self) -> Vec<Self::Socket>;
}

/// Hears of interfaces that come, change and go.
pub trait Changes: Send + Sync {
    /// Returns once something changed. Cancel safe.
    ///
    /// # Errors
    /// When the changes can no longer be heard.
    fn changed(&self) -> impl Future<Output = io::Result<()>> + Send;
}

/// Hears of interfaces that change, from the kernel.
#[derive(Debug)]
pub struct InterfaceChanges(AsyncInterfaceWatcher);

impl InterfaceChanges {
    /// Begins to listen. Called within a tokio runtime.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn listen() -> io::Result<Self> {
        InterfaceWatcher::new().and_then(InterfaceWatcher::into_async).map(Self)
    }

    /// Begins to listen to the prefixes of this machine instead. Called within a tokio runtime.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn of_prefixes() -> io::Result<Self> {
        InterfaceWatcher::of_prefixes().and_then(InterfaceWatcher::into_async).map(Self)
    }
}

impl Changes for InterfaceChanges {
    async fn changed(&self) -> io::Result<()> {
        self.0.changed().await
    }
}
