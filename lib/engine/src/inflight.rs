//! One message of a client at a time.

use kotare_model::HwAddr;

/// Who sent a message: its hardware address and its client identifier, as far as it has them.
#[derive(Clone, Copy, Debug)]
pub struct ClientKey<'a> {
    /// `htype` and `chaddr`; `None` if empty.
    pub hwaddr: Option<HwAddr>,
    /// Option 61.
    pub client_id: Option<&'a [u8]>,
}

/// The clients with a message under way, shared by all workers.
///
/// A second message of a client (same client identifier or same hardware address) waits in a place behind the first,
/// in which a newer message replaces an older one. `T` is what waits: the worker's handle of a slot.
#[derive(Debug)]
pub struct InFlight<T> {
    _waiting: std::marker::PhantomData<T>,
}

/// What [`InFlight::enter`] says.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission<T> {
    /// Go ahead; call [`InFlight::leave`] with the pass when done.
    Go(Pass),
    /// Another message of this client is under way. This one waits; the one that waited before, if any, is dropped.
    Waits(Option<T>),
}

/// Permission to work on a client's message.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "without `leave` the client would be locked out"]
pub struct Pass {
    id: Option<u64>,
    hwaddr: Option<u64>,
}

impl<T> InFlight<T> {
    /// A table without anybody in it.
    pub fn new() -> Self {
        Self { _waiting: std::marker::PhantomData }
    }

    /// Asks to work on a message of `client`; `message` is kept if it has to wait.
    pub fn enter(&self, client: &ClientKey<'_>, message: T) -> Admission<T> {
        let _ = (client, message);
        Admission::Go(Pass { id: None, hwaddr: None })
    }

    /// The message is done. Returns the messages that waited for it: call [`InFlight::enter`] for each again.
    pub fn leave(&self, pass: Pass) -> [Option<T>; 2] {
        let _ = (pass.id, pass.hwaddr);
        [None, None]
    }
}

impl<T> Default for InFlight<T> {
    fn default() -> Self {
        Self::new()
    }
}
