//! What is of DHCPv4 where configurations of both protocols are resolved alike.

use kotare_options::Universe;
use kotare_wire::v4::Codes;

use crate::Level;
use crate::common::resolve::Protocol;
use crate::common::resolve::classes::lifetimes;
use crate::schema::Table;
use crate::schema::tables::{CLIENT_CLASS, OPTION_DATA, OPTION_DEF};
use crate::v4::{ClassParams4, Host4};

/// DHCPv4.
pub(crate) enum Dhcp4 {}

impl Protocol for Dhcp4 {
    const UNIVERSE: Universe = Universe::V4;
    const VENDOR_OPTION: (u16, usize) = (125, 255);
    const OPTION_HEADER_LEN: usize = 2;
    const CLIENT_CLASS: &'static Table = &CLIENT_CLASS;
    const OPTION_DATA: &'static Table = &OPTION_DATA;
    const OPTION_DEF: &'static Table = &OPTION_DEF;

    type Codes = Codes;
    type ClassParams = ClassParams4;
    type Host = Host4;

    fn class_params(class: Level<'_>) -> ClassParams4 {
        ClassParams4 {
            valid_lifetime: lifetimes(class, ["min-valid-lifetime", "valid-lifetime", "max-valid-lifetime"]),
            offer_lifetime: class.lifetime("offer-lifetime"),
            next_server: Some(class.address("next-server")).filter(|address| !address.is_unspecified()),
            server_hostname: class.text("server-hostname").into(),
            boot_file_name: class.text("boot-file-name").into(),
        }
    }
}
