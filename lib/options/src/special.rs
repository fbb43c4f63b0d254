//! Options of the `dhcp4` space whose bytes a definition does not describe completely.

use kotare_wire::v4::SubOptions;

use crate::error::Why;
use crate::fit::Fitted;
use crate::{DHCP4_SPACE, Definition, domain_name, resolvers, routes};

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

/// Encodes the notation an internal type has of its own; `None` when it has none.
pub(crate) fn from_text(definition: &Definition, data: &str) -> Option<Result<Vec<u8>, Why>> {
    match code_of(definition)? {
        CLASSLESS_STATIC_ROUTE => Some(routes::from_text(data.split(',').filter(|route| !route.is_empty()))),
        RESOLVERS => Some(resolvers::from_text(data)),
        _ => None,
    }
}

/// Checks bytes of a special option and completes them; `None` when the option is none.
pub(crate) fn fit(definition: &Definition, data: &[u8]) -> Option<Result<Fitted, Why>> {
    let checked = match code_of(definition)? {
        SERVICE_SCOPE => match data.first() {
            Some(0 | 1) => Ok(()),
            _ => Err("the first byte must be 0 or 1".into()),
        },
        CLIENT_FQDN => return Some(client_fqdn(data)),
        CLASSLESS_STATIC_ROUTE => routes::from_wire(data).map(drop).map_err(Why::from),
        VENDOR_CLASS => vendor_class(data),
        VENDOR_OPTIONS => return Some(vendor_options(data)),
        RESOLVERS => resolvers::from_wire(data).map(drop).map_err(Why::from),
        _ => return None,
    };
    Some(checked.map(|()| Fitted::whole(data.to_vec())))
}

/// The code of an option of the space where codes are known to this module.
fn code_of(definition: &Definition) -> Option<u16> {
    (definition.space == DHCP4_SPACE).then_some(definition.code)
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
