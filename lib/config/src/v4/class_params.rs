//! What a class gives its clients besides options.

use std::net::Ipv4Addr;

use kotare_model::Lifetime;

use super::{LifetimeRange, Options4};
use crate::common;

/// The client classes of a configuration.
pub type Classes = common::Classes<Options4, ClassParams4>;
/// A class.
pub type Class4 = common::Class<Options4, ClassParams4>;

/// Parameters of a class, which go before those of a subnet. Each is that of the first class of a client which has it
/// (manual, "Setting Fixed Fields in Classification", "Class Priority").
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassParams4 {
    /// `valid-lifetime` with `min-valid-lifetime` and `max-valid-lifetime`.
    pub valid_lifetime: Option<LifetimeRange>,
    /// `offer-lifetime`; with 0, an offered address is not kept.
    pub offer_lifetime: Option<Lifetime>,
    /// `next-server`, unless it is 0.0.0.0.
    pub next_server: Option<Ipv4Addr>,
    /// `server-hostname`; empty if the class has none.
    pub server_hostname: Box<str>,
    /// `boot-file-name`; empty if the class has none.
    pub boot_file_name: Box<str>,
}
