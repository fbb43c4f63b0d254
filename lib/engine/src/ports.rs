//! UDP ports that are not the usual ones.

/// UDP ports that were given on the command line, for tests (`-p`, `-P`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// The source port of replies, the protocol's unless set (`-p`).
    pub server: Option<u16>,
    /// The destination port of every reply, whoever it goes to (`-P`).
    pub client: Option<u16>,
}
