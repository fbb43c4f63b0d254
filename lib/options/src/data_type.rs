//! The types an option, or a field of one, may have.

/// How the bytes of an option or of one of its fields are to be read (manual, "DHCP Data Types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataType {
    /// No bytes of its own; may carry sub-options.
    Empty,
    /// Bytes without further meaning, written in hexadecimal.
    Binary,
    /// One byte, 0 or 1.
    Boolean,
    /// Signed, one byte.
    Int8,
    /// Signed, two bytes.
    Int16,
    /// Signed, four bytes.
    Int32,
    /// Unsigned, one byte.
    Uint8,
    /// Unsigned, two bytes.
    Uint16,
    /// Unsigned, four bytes.
    Uint32,
    /// An IPv4 address.
    Ipv4Address,
    /// An IPv6 address.
    Ipv6Address,
    /// A length in bits, then as many bytes of the prefix as that needs.
    Ipv6Prefix,
    /// Length and left-aligned value of a port set identifier (RFC 7618 §5).
    Psid,
    /// Text, up to the end of the option.
    String,
    /// Text after its length: one byte for DHCPv4, two for DHCPv6.
    Tuple,
    /// A domain name in DNS wire format (RFC 1035 §3.1).
    Fqdn,
    /// A layout only the code of that option knows (`classless-static-route`, `v4-dnr`).
    Internal,
    /// Several fields, each with its type.
    Record,
}

/// Every type with the word for it in configurations.
const NAMES: [(DataType, &str); 18] = [
    (DataType::Empty, "empty"),
    (DataType::Binary, "binary"),
    (DataType::Boolean, "boolean"),
    (DataType::Int8, "int8"),
    (DataType::Int16, "int16"),
    (DataType::Int32, "int32"),
    (DataType::Uint8, "uint8"),
    (DataType::Uint16, "uint16"),
    (DataType::Uint32, "uint32"),
    (DataType::Ipv4Address, "ipv4-address"),
    (DataType::Ipv6Address, "ipv6-address"),
    (DataType::Ipv6Prefix, "ipv6-prefix"),
    (DataType::Psid, "psid"),
    (DataType::String, "string"),
    (DataType::Tuple, "tuple"),
    (DataType::Fqdn, "fqdn"),
    (DataType::Internal, "internal"),
    (DataType::Record, "record"),
];

impl DataType {
    /// The type a configuration calls `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(data_type, _)| *data_type)
    }

    /// The word for this type in configurations.
    pub fn name(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// Bytes a value of this type always takes; `None` when that depends on the value.
    pub(crate) fn fixed_len(self) -> Option<usize> {
        match self {
            Self::Boolean | Self::Int8 | Self::Uint8 => Some(1),
            Self::Int16 | Self::Uint16 => Some(2),
            Self::Psid => Some(3),
            Self::Int32 | Self::Uint32 | Self::Ipv4Address => Some(4),
            Self::Ipv6Address => Some(16),
            _ => None,
        }
    }
}

impl std::fmt::Display for DataType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table is in the order of the enumeration, so a name is found by position and back.
    #[test]
    fn every_type_has_its_name() {
        for (data_type, name) in NAMES {
            assert_eq!(data_type.name(), name);
            assert_eq!(DataType::from_name(name), Some(data_type));
        }
        assert_eq!(DataType::from_name("uint64"), None);
    }
}
