//! Option 43 as a container of sub-options, for when the configuration says nothing else (RFC 2132 §8.4).

use super::{Table, option};
use crate::{DHCP4_SPACE, DataType::Empty, VENDOR_ENCAPSULATED_SPACE};

/// Asked after every other definition.
pub(super) const OPTIONS: Table = Table {
    space: DHCP4_SPACE,
    rows: &[option(43, "vendor-encapsulated-options", Empty).encapsulating(VENDOR_ENCAPSULATED_SPACE)],
};
