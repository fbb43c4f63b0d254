//! What options mean: definitions, and values between text and bytes.
//!
//! A [`Definition`] is a row: code, name, space, type. The rows Kea ships are tables in this crate; a
//! configuration adds its own, and a [`Definitions`] value answers for both. With a definition, the text of
//! an `option-data` entry becomes the bytes of the wire ([`Definitions::encode`]), sub-options are put inside
//! the option that carries them ([`nest`]), and bytes become text again for logs and for `option[x].text`
//! in client-class expressions ([`Definitions::to_text`]).
//!
//! All of it happens when a configuration is read, or for a log line: nothing here is on the path of a packet
//! that is merely answered. Nothing here knows about messages, JSON or where an option is sent.

mod data_type;
mod definition;
mod definitions;
mod domain_name;
mod encode;
mod error;
mod fit;
mod hex;
mod layout;
mod nest;
mod resolvers;
mod routes;
mod special;
mod split;
mod sub_options;
mod tables;
mod to_text;
mod to_text6;
mod universe;
mod value;

pub use data_type::DataType;
pub use definition::{Definition, DefinitionText, is_space_name};
pub use definitions::{Definitions, vendor_space_id};
pub use encode::{Encoded, OptionText};
pub use error::{OptionError, Parameter};
pub use nest::nest;
pub use sub_options::{Inside, find_sub_option};
pub use universe::Universe;

/// The space of the options of a DHCPv4 message.
pub const DHCP4_SPACE: &str = "dhcp4";
/// The space of the options of a DHCPv6 message. Each protocol refuses the space of the other by name.
pub const DHCP6_SPACE: &str = "dhcp6";
/// The space of the sub-options of the relay agent information option (82, RFC 3046).
pub const AGENT_SPACE: &str = "dhcp-agent-options-space";
/// The space of the sub-options of vendor specific information (43, RFC 2132 §8.4) unless redefined.
pub const VENDOR_ENCAPSULATED_SPACE: &str = "vendor-encapsulated-options-space";
