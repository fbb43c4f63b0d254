//! What is of DHCPv6 where configurations of both protocols are resolved alike.

use kotare_options::Universe;

use crate::Level;
use crate::common::resolve::Protocol;
use crate::common::resolve::classes::lifetimes;
use crate::schema::Table;
use crate::schema::tables::{CLIENT_CLASS6, OPTION_DATA6, OPTION_DEF6};
use crate::v6::{ClassParams6, Codes6, Host6};

/// DHCPv6.
pub(crate) enum Dhcp6 {}

impl Protocol for Dhcp6 {
    const UNIVERSE: Universe = Universe::V6;
    // The value of an option, without the number of the enterprise.
    const VENDOR_OPTION: (u16, usize) = (17, 65_535 - 4);
    const OPTION_HEADER_LEN: usize = 4;
    const CLIENT_CLASS: &'static Table = &CLIENT_CLASS6;
    const OPTION_DATA: &'static Table = &OPTION_DATA6;
    const OPTION_DEF: &'static Table = &OPTION_DEF6;

    type Codes = Codes6;
    type ClassParams = ClassParams6;
    type Host = Host6;

    fn class_params(class: Level<'_>) -> ClassParams6 {
        ClassParams6 {
            valid_lifetime: lifetimes(class, ["min-valid-lifetime", "valid-lifetime", "max-valid-lifetime"]),
            preferred_lifetime: lifetimes(
                class,
                ["min-preferred-lifetime", "preferred-lifetime", "max-preferred-lifetime"],
            ),
        }
    }
}
