//! What differs between the options of DHCPv4 and of DHCPv6.

use kotare_wire::{v4, v6};

use crate::{DHCP4_SPACE, DHCP6_SPACE};

/// Which protocol an option is of: how its code and its length are written, and the same of what is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Universe {
    /// DHCPv4: one byte each.
    #[default]
    V4,
    /// DHCPv6: two bytes each.
    V6,
}

impl Universe {
    /// The space of the options of a message.
    pub const fn space(self) -> &'static str {
        match self {
            Self::V4 => DHCP4_SPACE,
            Self::V6 => DHCP6_SPACE,
        }
    }

    /// The protocol of that name.
    pub const fn protocol(self) -> &'static str {
        match self {
            Self::V4 => "DHCPv4",
            Self::V6 => "DHCPv6",
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::V4 => Self::V6,
            Self::V6 => Self::V4,
        }
    }

    /// The greatest code.
    pub const fn max_code(self) -> u16 {
        match self {
            Self::V4 => u8::MAX as u16,
            Self::V6 => u16::MAX,
        }
    }

    /// What a code of a message's own space stands for that no option may have.
    pub(crate) fn reserved(self, code: u16) -> Option<&'static str> {
        match (self, code) {
            (Self::V4, 0) => Some("PAD"),
            (Self::V4, 255) => Some("END"),
            (Self::V6, 0) => Some("nothing (RFC 9915)"),
            _ => None,
        }
    }

    /// How many bytes a value of so many takes as a sub-option, its codes and lengths included.
    pub(crate) fn sub_option_len(self, value: usize) -> usize {
        match self {
            Self::V4 => v4::encoded_len(value),
            Self::V6 => v6::OPTION_HEADER_LEN + value,
        }
    }

    /// Appends a sub-option; of DHCPv4, as several when one cannot hold it (RFC 3396). `value` is at most 65535 bytes.
    pub fn push_sub_option(self, out: &mut impl Extend<u8>, code: u16, value: &[u8]) {
        match self {
            Self::V4 => v4::push_sub_option(out, code as u8, value),
            Self::V6 => {
                out.extend(code.to_be_bytes());
                out.extend((value.len() as u16).to_be_bytes());
                out.extend(value.iter().copied());
            }
        }
    }
}
