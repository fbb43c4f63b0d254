//! Identity associations and what is in them.

use std::net::Ipv6Addr;

use super::Options;

/// An identity association: IA_NA (option 3, RFC 9915 §21.4) or IA_PD (option 25, §21.21). The same fields in both.
///
/// ```text
///   +---------------+---------------+---------------+-- ... --+
///   |   IAID (4)    |    T1 (4)     |    T2 (4)     | options |
///   +---------------+---------------+---------------+-- ... --+
/// ```
#[derive(Clone, Debug)]
pub struct Association<'a> {
    /// Tells this client's associations of one kind apart.
    pub iaid: u32,
    /// When the client shall ask its server again, in seconds; 0 leaves it to the client.
    pub t1: u32,
    /// When the client shall ask any server, in seconds; 0 leaves it to the client.
    pub t2: u32,
    /// What is in it.
    pub options: Options<'a>,
}

impl<'a> Association<'a> {
    /// The size of the fields before the options.
    pub const LEN: usize = 12;

    /// Reads the value of an option; `None` when it is too short.
    pub fn read(value: &'a [u8]) -> Option<Self> {
        let (iaid, rest) = number(value)?;
        let (t1, rest) = number(rest)?;
        let (t2, rest) = number(rest)?;
        Some(Self { iaid, t1, t2, options: Options::new(rest) })
    }
}

/// An address of an association (option 5, RFC 9915 §21.6).
///
/// ```text
///   +-- ... --+---------------+---------------+-- ... --+
///   | address | preferred (4) |   valid (4)   | options |
///   +-- ... --+---------------+---------------+-- ... --+
/// ```
#[derive(Clone, Debug)]
pub struct IaAddress<'a> {
    /// The address.
    pub address: Ipv6Addr,
    /// For how many seconds it is preferred.
    pub preferred: u32,
    /// For how many seconds it is valid.
    pub valid: u32,
    /// What is said of it.
    pub options: Options<'a>,
}

impl<'a> IaAddress<'a> {
    /// The size of the fields before the options.
    pub const LEN: usize = 24;

    /// Reads the value of an option; `None` when it is too short.
    pub fn read(value: &'a [u8]) -> Option<Self> {
        let (&octets, rest) = value.split_first_chunk::<16>()?;
        let (preferred, rest) = number(rest)?;
        let (valid, rest) = number(rest)?;
        Some(Self { address: octets.into(), preferred, valid, options: Options::new(rest) })
    }
}

/// A prefix of an association (option 26, RFC 9915 §21.22).
///
/// ```text
///   +---------------+---------------+------------+-- ... --+-- ... --+
///   | preferred (4) |   valid (4)   | length (1) | prefix  | options |
///   +---------------+---------------+------------+-- ... --+-- ... --+
/// ```
#[derive(Clone, Debug)]
pub struct IaPrefix<'a> {
    /// For how many seconds it is preferred.
    pub preferred: u32,
    /// For how many seconds it is valid.
    pub valid: u32,
    /// How many bits of `prefix` count; may be more than there are.
    pub length: u8,
    /// The prefix. Bits behind `length` may be set.
    pub prefix: Ipv6Addr,
    /// What is said of it.
    pub options: Options<'a>,
}

impl<'a> IaPrefix<'a> {
    /// The size of the fields before the options.
    pub const LEN: usize = 25;

    /// Reads the value of an option; `None` when it is too short.
    pub fn read(value: &'a [u8]) -> Option<Self> {
        let (preferred, rest) = number(value)?;
        let (valid, rest) = number(rest)?;
        let (&length, rest) = rest.split_first()?;
        let (&octets, rest) = rest.split_first_chunk::<16>()?;
        Some(Self { preferred, valid, length, prefix: octets.into(), options: Options::new(rest) })
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (&octets, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(octets), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each field is where the RFC draws it, and a value that ends before the options is none.
    #[test]
    fn fields_are_where_the_rfc_draws_them() {
        let mut value = vec![0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        let association = Association::read(&value).unwrap();
        assert_eq!((association.iaid, association.t1, association.t2), (1, 2, 3));
        assert!(Association::read(&value[..11]).is_none());

        value = [[0x20; 16].as_slice(), &[0, 0, 0, 4, 0, 0, 0, 5, 9]].concat();
        let address = IaAddress::read(&value).unwrap();
        assert_eq!((address.preferred, address.valid, address.options.rest()), (4, 5, &[9][..]));
        assert_eq!(address.address, Ipv6Addr::from([0x20; 16]));
        assert!(IaAddress::read(&value[..23]).is_none());

        value = [[0, 0, 0, 4, 0, 0, 0, 5, 129].as_slice(), &[0x20; 16]].concat();
        let prefix = IaPrefix::read(&value).unwrap();
        assert_eq!((prefix.preferred, prefix.valid, prefix.length), (4, 5, 129));
        assert_eq!(prefix.prefix, Ipv6Addr::from([0x20; 16]));
        assert!(IaPrefix::read(&value[..24]).is_none());
    }
}
