//! Options of the `dhcp4` and `dhcp6` spaces whose bytes a definition does not describe completely.

use kotare_wire::v4::SubOptions;

use crate::error::Why;
use crate::fit::Fitted;
use crate::{Definition, Universe, domain_name, resolvers, routes};

/// `slp-service-scope`, RFC 2610 §4.
pub(crate) const SERVICE_SCOPE: u16 = 79;
/// `fqdn`, RFC 4702.
pub(crate) const CLIENT_FQDN: u16 = 81;
/// `classless-static-route`, RFC 3442.
pub(crate) const CLASSLESS_STATIC_ROUTE: u16 = 121;
/// `vivco-suboptions`, RFC 3925 §3.
pub(crate) const VENDOR_CLASS: u16 = 124;
/// `vivso-suboptions`, RFC 3925 §4.
pub(crate) const VENDOR_OPTIONS: u16 = 125;
/// `v4-dnr`, RFC 9463 §5.
pub(crate) const RESOLVERS: u16 = 162;

/// Options of DHCPv6.
pub(crate) mod dhcp6 {
    use kotare_wire::v6::OptionCode;

    pub(crate) const IA_NA: u16 = OptionCode::IA_NA.0;
    pub(crate) const IA_TA: u16 = OptionCode::IA_TA.0;
    pub(crate) const IAADDR: u16 = OptionCode::IAADDR.0;
    pub(crate) const STATUS_CODE: u16 = OptionCode::STATUS_CODE.0;
    pub(crate) const VENDOR_CLASS: u16 = OptionCode::VENDOR_CLASS.0;
    pub(crate) const VENDOR_OPTS: u16 = OptionCode::VENDOR_OPTS.0;
    pub(crate) const IA_PD: u16 = OptionCode::IA_PD.0;
    pub(crate) const IAPREFIX: u16 = OptionCode::IAPREFIX.0;
    pub(crate) const CLIENT_FQDN: u16 = OptionCode::CLIENT_FQDN.0;
    pub(crate) const PD_EXCLUDE: u16 = OptionCode::PD_EXCLUDE.0;
    pub(crate) const V6_DNR: u16 = OptionCode::V6_DNR.0;
}

/// Encodes the notation an internal type has of its own; `None` when it has none.
pub(crate) fn from_text(definition: &Definition, data: &str) -> Option<Result<Vec<u8>, Why>> {
    match code_of(definition)? {
        (Universe::V4, CLASSLESS_STATIC_ROUTE) => {
            Some(routes::from_text(data.split(',').filter(|route| !route.is_empty())))
        }
        (universe @ Universe::V4, RESOLVERS) | (universe @ Universe::V6, dhcp6::V6_DNR) => {
            Some(resolvers::from_text(universe, data))
        }
        _ => None,
    }
}

/// Checks bytes of a special option and completes them; `None` when the option is none.
pub(crate) fn fit(definition: &Definition, data: &[u8]) -> Option<Result<Fitted, Why>> {
    let checked = match code_of(definition)? {
        (Universe::V4, SERVICE_SCOPE) => match data.first() {
            Some(0 | 1) => Ok(()),
            _ => Err("the first byte must be 0 or 1".into()),
        },
        (Universe::V4, CLIENT_FQDN) => return Some(client_fqdn(data)),
        (Universe::V4, CLASSLESS_STATIC_ROUTE) => routes::from_wire(data).map(drop).map_err(Why::from),
        (Universe::V4, VENDOR_CLASS) => vendor_class(data),
        (Universe::V4, VENDOR_OPTIONS) => return Some(vendor_options(data)),
        (universe @ Universe::V4, RESOLVERS) | (universe @ Universe::V6, dhcp6::V6_DNR) => {
            resolvers::from_wire(universe, data).map(drop).map_err(Why::from)
        }
        (Universe::V6, dhcp6::VENDOR_CLASS) => vendor_class6(data),
        (Universe::V6, dhcp6::CLIENT_FQDN) => client_fqdn6(data),
        (Universe::V6, dhcp6::PD_EXCLUDE) => return Some(excluded_prefix(data)),
        _ => return None,
    };
    Some(checked.map(|()| Fitted::whole(data.to_vec())))
}

/// The code of an option of the spaces where codes are known to this module.
fn code_of(definition: &Definition) -> Option<(Universe, u16)> {
    let Definition { universe, code, .. } = *definition;
    (definition.space == universe.space()).then_some((universe, code))
}

/// Flags, two result codes, name (RFC 4702 §2).
fn client_fqdn(data: &[u8]) -> Result<Fitted, Why> {
    const SERVER_UPDATES: u8 = 0x01;
    const CANONICAL: u8 = 0x04;
    const NO_UPDATES: u8 = 0x08;
    let (&[flags, _, _], name) =
        data.split_first_chunk::<3>().ok_or("it needs flags and two result codes")?;
    if flags & NO_UPDATES != 0 && flags & SERVER_UPDATES != 0 {
        return Err("the flags N and S exclude each other (RFC 4702 §2.1)".into());
    }
    if name.is_empty() {
        return Ok(Fitted::whole(data.to_vec()));
    }
    if flags & CANONICAL == 0 {
        domain_name::to_wire(&String::from_utf8_lossy(name))
            .map_err(|why| format!("its domain name has {why}"))?;
        return Ok(Fitted::whole(data.to_vec()));
    }
    // A partial name lacks the root label.
    let partial = name.last() != Some(&0);
    let mut whole = name.to_vec();
    whole.extend(partial.then_some(0));
    let len = domain_name::wire_len(&whole).map_err(|why| format!("it has {why}"))?;
    Ok(Fitted::cut(data.to_vec(), data.len().min(data.len() - name.len() + len)))
}

/// Enterprise number and data, again and again with the same number; the number alone will do.
fn vendor_class(data: &[u8]) -> Result<(), Why> {
    if data.len() == 4 {
        return Ok(());
    }
    let mut enterprise = None;
    let mut rest = data;
    while enterprise.is_none() || !rest.is_empty() {
        let (&[a, b, c, d, length], tail) = rest
            .split_first_chunk::<5>()
            .ok_or("an enterprise number and the length of its data are needed")?;
        let number = u32::from_be_bytes([a, b, c, d]);
        if *enterprise.get_or_insert(number) != number {
            return Err("it has two different enterprise numbers".into());
        }
        let (_, tail) =
            tail.split_at_checked(usize::from(length)).ok_or("the data of an enterprise is cut short")?;
        rest = tail;
    }
    Ok(())
}

/// Enterprise number, length of its sub-options, sub-options. The number alone is a container still empty; what follows
/// the sub-options, of another enterprise perhaps, does not count.
fn vendor_options(data: &[u8]) -> Result<Fitted, Why> {
    let (number, rest) = data.split_first_chunk::<4>().ok_or("an enterprise number of 4 bytes is needed")?;
    let Some((&length, rest)) = rest.split_first() else {
        return Ok(Fitted::whole([&number[..], &[0]].concat()));
    };
    let sub_options = rest
        .get(..usize::from(length))
        .ok_or_else(|| format!("{length} bytes of sub-options are announced, {} follow", rest.len()))?;
    let mut parsed = SubOptions::new(sub_options);
    parsed.by_ref().for_each(drop);
    if !parsed.rest().is_empty() {
        return Err("its sub-options are cut short".into());
    }
    Ok(Fitted::cut(data.to_vec(), number.len() + 1 + sub_options.len()))
}

/// Enterprise number, then pieces of bytes, each after its length (RFC 9915 §21.16).
fn vendor_class6(data: &[u8]) -> Result<(), Why> {
    let (_, mut rest) = data.split_first_chunk::<4>().ok_or("an enterprise number of 4 bytes is needed")?;
    while let Some((&len, tail)) = rest.split_first_chunk() {
        (_, rest) = tail
            .split_at_checked(u16::from_be_bytes(len).into())
            .ok_or("the data of the enterprise is cut short")?;
    }
    if rest.is_empty() { Ok(()) } else { Err("the data of the enterprise is cut short".into()) }
}

/// Flags, name (RFC 4704 §4).
fn client_fqdn6(data: &[u8]) -> Result<(), Why> {
    const SERVER_UPDATES: u8 = 0x01;
    const NO_UPDATES: u8 = 0x04;
    let (&flags, name) = data.split_first().ok_or("it needs flags")?;
    if flags & NO_UPDATES != 0 && flags & SERVER_UPDATES != 0 {
        return Err("the flags N and S exclude each other (RFC 4704 §4.1)".into());
    }
    if name.is_empty() {
        return Ok(());
    }
    // A partial name lacks the root label.
    let partial = name.last() != Some(&0);
    let mut whole = name.to_vec();
    whole.extend(partial.then_some(0));
    domain_name::wire_len(&whole).map(drop).map_err(|why| format!("it has {why}").into())
}

/// Prefix length, then the bits of the prefix that the delegated one does not have (RFC 6603 §4.2).
fn excluded_prefix(data: &[u8]) -> Result<Fitted, Why> {
    let [length @ 1..=128, .., _] = *data else {
        return Err("it needs a prefix length of 1 to 128 bits and at least one byte of the prefix".into());
    };
    let mut bytes = data.to_vec();
    if let (Some(last), used @ 1..) = (bytes.last_mut(), length % 8) {
        *last &= u8::MAX << (8 - used);
    }
    Ok(Fitted::whole(bytes))
}
