//! Splitting the bytes of an option into the fields its definition names.

use std::fmt;

use kotare_wire::v4::SubOptions;
use kotare_wire::v6;

use crate::{
    DHCP4_SPACE, DHCP6_SPACE, DataType, Definition, Universe, domain_name, fit::without_nul, special::dhcp6,
    sub_options::sub_options_of,
};

/// Why bytes do not have the layout of a definition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Which field, counted from one.
    field: usize,
    data_type: DataType,
    why: &'static str,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "field {} ({}): {}", self.field, self.data_type, self.why)
    }
}

impl Definition {
    /// Shows each field of `data` to `visit` and returns what follows the last: the sub-options.
    pub(crate) fn fields_of<'a>(
        &self,
        data: &'a [u8],
        visit: &mut dyn FnMut(DataType, &'a [u8]),
    ) -> Result<&'a [u8], Misfit> {
        if self.data_type == DataType::Empty {
            return Ok(data);
        }
        let single = [self.data_type];
        let types = if self.data_type == DataType::Record { &*self.fields } else { &single };
        let mut rest = data;
        let mut count = 0;
        let mut take = |data_type, rest: &mut &'a [u8]| {
            count += 1;
            let misfit = |why| Misfit { field: count, data_type, why };
            let length = length_of(data_type, self.tuple_length_bytes(), rest).map_err(misfit)?;
            let (field, tail) =
                rest.split_at_checked(length).ok_or(misfit("the bytes end before it does"))?;
            visit(data_type, field);
            *rest = tail;
            Ok(())
        };
        // Lists of addresses, prefixes and tuples may be empty; of anything else a first value is needed.
        let may_be_empty = self.array
            && matches!(
                self.data_type,
                DataType::Ipv4Address | DataType::Ipv6Address | DataType::Ipv6Prefix | DataType::Tuple
            );
        if !(may_be_empty && rest.is_empty()) {
            for data_type in types {
                take(*data_type, &mut rest)?;
            }
        }
        if let (true, Some(last)) = (self.array, types.last()) {
            while !rest.is_empty() {
                take(*last, &mut rest)?;
            }
        }
        Ok(rest)
    }

    /// The sub-options in `data`, the payload of this option of DHCPv4; `None` when this option carries none, or `data`
    /// does not fit it.
    pub fn sub_options_in<'a>(&self, data: &'a [u8]) -> Option<SubOptions<'a>> {
        if self.encapsulates.is_empty() {
            return None;
        }
        let rest = self.fields_of(data, &mut |_, _| ()).ok()?;
        Some(sub_options_of(&self.space, self.code, rest))
    }

    /// The options in `data`, the payload of this option of DHCPv6; `None` when this option carries none, or `data` does
    /// not fit it.
    pub fn options_in<'a>(&self, data: &'a [u8]) -> Option<v6::Options<'a>> {
        if self.space_inside().is_empty() {
            return None;
        }
        self.fields_of(data, &mut |_, _| ()).ok().map(v6::Options::new)
    }

    /// The space of the options that this one carries; empty when it carries none. What is in an identity association, in
    /// an address or in a prefix of DHCPv6 are options as a message has them (RFC 9915 §21.4 to §21.6, §21.21, §21.22).
    pub fn space_inside(&self) -> &str {
        let holds_options = self.universe == Universe::V6
            && self.space == DHCP6_SPACE
            && matches!(
                self.code,
                dhcp6::IA_NA | dhcp6::IA_TA | dhcp6::IAADDR | dhcp6::IA_PD | dhcp6::IAPREFIX
            );
        if holds_options { DHCP6_SPACE } else { &self.encapsulates }
    }

    /// What a received payload counts as: a string loses the NUL bytes at its end (RFC 2132 §2), and one with
    /// nothing before them counts as absent.
    pub fn received<'a>(&self, data: &'a [u8]) -> Option<&'a [u8]> {
        if self.data_type != DataType::String {
            return Some(data);
        }
        Some(without_nul(data)).filter(|data| !data.is_empty())
    }

    /// Bytes of the length before a tuple: in DHCPv4 one, but two in option 143 (RFC 8572 §8.3); in DHCPv6 two.
    pub(crate) fn tuple_length_bytes(&self) -> usize {
        match self.universe {
            Universe::V4 if self.space == DHCP4_SPACE && self.code == 143 => 2,
            Universe::V4 => 1,
            Universe::V6 => 2,
        }
    }
}

/// How many bytes the value at the start of `data` takes; may be more than there are.
fn length_of(data_type: DataType, tuple_length_bytes: usize, data: &[u8]) -> Result<usize, &'static str> {
    if let Some(length) = data_type.fixed_len() {
        return Ok(length);
    }
    match data_type {
        DataType::Fqdn => domain_name::wire_len(data),
        DataType::Ipv6Prefix => match data.first() {
            Some(bits @ 0..=128) => Ok(1 + usize::from(*bits).div_ceil(8)),
            Some(_) => Err("a prefix longer than 128 bits"),
            None => Err("no prefix length"),
        },
        DataType::Tuple => {
            let length = data.get(..tuple_length_bytes).ok_or("no tuple length")?;
            let value = length.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
            Ok(tuple_length_bytes + value)
        }
        DataType::String | DataType::Binary | DataType::Internal => Ok(data.len()),
        _ => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Definitions;

    fn split(name: &str, data: &[u8]) -> Result<(Vec<Vec<u8>>, usize), Misfit> {
        let definitions = Definitions::v4();
        let definition = definitions.by_name(DHCP4_SPACE, name).unwrap();
        let mut fields = Vec::new();
        let rest = definition.fields_of(data, &mut |_, field| fields.push(field.to_vec()))?;
        Ok((fields, rest.len()))
    }

    /// Arrays, records and records that end in an array are taken apart field by field.
    #[test]
    fn fields_follow_the_definition() {
        assert_eq!(split("routers", &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap().0.len(), 2);
        assert_eq!(split("routers", &[]).unwrap().0.len(), 0);
        assert_eq!(split("status-code", b"\x01no").unwrap().0, [&b"\x01"[..], b"no"]);
        assert_eq!(split("slp-directory-agent", &[1, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap().0.len(), 3);
        assert_eq!(
            split("v4-sztp-redirect", b"\x00\x01a\x00\x00").unwrap().0,
            [&b"\x00\x01a"[..], b"\x00\x00"]
        );
        assert_eq!(split("cablelabs-client-conf", &[1, 4, 1, 2, 3, 4]).unwrap(), (vec![], 6));
    }

    /// Options of DHCPv6 in others: behind the fields, in the space that the definition or the protocol says.
    #[test]
    fn options_are_in_others() {
        let definitions = Definitions::v6();
        let inside = |name: &str, fields: usize| {
            let definition = definitions.by_name(DHCP6_SPACE, name).unwrap();
            let data = [&vec![0; fields][..], &[0, 13, 0, 1, 7]].concat();
            let options: Option<Vec<_>> = definition
                .options_in(&data)
                .map(|options| options.map(|(code, value)| (code.0, value.to_vec())).collect());
            (definition.space_inside().to_owned(), options)
        };
        let status = Some(vec![(13, vec![7])]);
        for (name, fields, space) in [
            ("ia-na", 12, DHCP6_SPACE),
            ("ia-ta", 4, DHCP6_SPACE),
            ("ia-pd", 12, DHCP6_SPACE),
            ("iaaddr", 24, DHCP6_SPACE),
            ("iaprefix", 25, DHCP6_SPACE),
            ("s46-cont-mape", 0, "s46-cont-mape-options"),
        ] {
            assert_eq!(inside(name, fields), (space.to_owned(), status.clone()), "{name}");
        }
        assert_eq!(inside("clientid", 0), (String::new(), None));
        assert_eq!(definitions.by_name(DHCP6_SPACE, "ia-na").unwrap().options_in(&[0; 11]).map(drop), None);
    }

    /// Bytes that stop inside a field are a misfit that names the field.
    #[test]
    fn short_data_is_a_misfit() {
        let misfit = split("slp-directory-agent", &[1, 1, 2]).unwrap_err();
        assert_eq!(misfit.to_string(), "field 2 (ipv4-address): the bytes end before it does");
        assert!(split("routers", &[1, 2, 3, 4, 5]).is_err());
        assert!(split("client-system", &[]).is_err());
        assert!(split("v4-lost", &[5, 1]).is_err());
    }
}
