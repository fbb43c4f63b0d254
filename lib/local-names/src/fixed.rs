//! Names that operators gave.

use std::net::IpAddr;

use kotare_ddns::Name;

use crate::Owner;

/// A name that an operator gave: no client takes it from whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The name.
    pub name: Name,
    /// Its addresses; none, if it is that of a client which gets any address.
    pub addresses: Vec<IpAddr>,
    /// Who may have it besides, with whatever address a lease gives; nothing, if it is for no client of this server.
    pub owner: Option<Owner>,
}
