//! What a class gives its clients besides options.

use super::{LifetimeRange, Options6};
use crate::common;

/// The client classes of a configuration.
pub type Classes = common::Classes<Options6, ClassParams6>;
/// A class.
pub type Class6 = common::Class<Options6, ClassParams6>;

/// Parameters of a class, which go before those of a subnet. Each is that of the first class of a client which has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassParams6 {
    /// `valid-lifetime` with `min-valid-lifetime` and `max-valid-lifetime`.
    pub valid_lifetime: Option<LifetimeRange>,
    /// `preferred-lifetime` with `min-preferred-lifetime` and `max-preferred-lifetime`.
    pub preferred_lifetime: Option<LifetimeRange>,
}
