//! One row of a lease file of DHCPv6: the first twelve columns since 1.0, `hwaddr` since schema 2.0, `state` since 3.0,
//! `user_context` since 3.1, type and source of the hardware address since 4.0, `pool_id` since 5.0.

use std::net::Ipv6Addr;

use kotare_model::{
    Duid, HwAddr, HwAddrSource, Lease6, LeaseType, Lifetime, SubnetId, write_address, write_number,
};

use crate::kept6::Own6;
use crate::messages::DHCPSRV_MEMFILE_READ_HWADDR_FAIL;
use crate::row::{Fields, RowError, Scratch, end, escape, hex_with_colons, unescape};
use crate::schema::Format;
use crate::view::View;

/// The lease file of DHCPv6.
pub(crate) const FORMAT: Format = Format {
    family: "DHCPv6",
    universe: "6",
    columns: &[
        "address",
        "duid",
        "valid_lifetime",
        "expire",
        "subnet_id",
        "pref_lifetime",
        "lease_type",
        "iaid",
        "prefix_len",
        "fqdn_fwd",
        "fqdn_rev",
        "hostname",
        "hwaddr",
        "state",
        "user_context",
        "hwtype",
        "hwaddr_source",
        "pool_id",
    ],
    header: b"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,\
        hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n",
    versions: &[(12, "1.0"), (13, "2.0"), (14, "3.0"), (15, "3.1"), (17, "4.0"), (18, "5.0")],
    defaults: &[(13, b"0"), (17, b"0")],
};

/// Appends the row of `lease`, with its newline.
pub(crate) fn render(lease: &View<'_, Lease6>, out: &mut Vec<u8>) {
    let own = &lease.own;
    write_address(lease.address.into(), out);
    out.push(b',');
    hex_with_colons(lease.client_id, out);
    out.push(b',');
    write_number(u64::from(lease.valid_lifetime.0), out);
    out.push(b',');
    end(lease, out);
    for number in [
        lease.subnet_id.0,
        own.preferred_lifetime.0,
        own.lease_type as u32,
        own.iaid,
        own.prefix_len.into(),
        lease.fqdn_fwd.into(),
        lease.fqdn_rev.into(),
    ] {
        out.push(b',');
        write_number(u64::from(number), out);
    }
    out.push(b',');
    escape(lease.hostname, out);
    out.push(b',');
    hex_with_colons(lease.hwaddr, out);
    out.push(b',');
    write_number(u64::from(lease.state as u8), out);
    out.push(b',');
    escape(lease.user_context.unwrap_or_default(), out);
    for number in [own.hwtype.into(), own.source as u32, lease.pool_id] {
        out.push(b',');
        write_number(u64::from(number), out);
    }
    out.push(b'\n');
}

/// The lease of a row without its newline, in a file whose header has the first `columns` of the format.
pub(crate) fn parse<'a>(
    line: &'a [u8],
    columns: usize,
    room: &'a mut Scratch,
) -> Result<View<'a, Lease6>, RowError<'a>> {
    let fields = Fields::of(line, &FORMAT, columns)?;
    let Scratch { hwaddr, client_id, hostname, user_context, json, .. } = room;
    let (valid_lifetime, cltt) = fields.time(2, 3)?;
    let lease_type = LeaseType::from_number(fields.number32(6)?)
        .ok_or_else(|| fields.bad(6, "0 (IA_NA), 1 (IA_TA) or 2 (IA_PD)"))?;
    let (hwtype, source, hwaddr) = hardware(&fields, hwaddr);
    let lease = View {
        address: address(fields.text(0)).ok_or_else(|| fields.bad(0, "an IPv6 address"))?,
        hwaddr,
        client_id: duid(&fields, client_id)?,
        valid_lifetime,
        cltt,
        subnet_id: SubnetId(fields.number32(4)?),
        fqdn_fwd: fields.flag(9)?,
        fqdn_rev: fields.flag(10)?,
        hostname: unescape(fields.text(11), hostname),
        state: fields.state(13)?,
        user_context: fields.context(14, user_context, json)?,
        pool_id: fields.number32(17)?,
        own: Own6 {
            iaid: fields.number32(7)?,
            preferred_lifetime: Lifetime(fields.number32(5)?),
            hwtype,
            source,
            // As in Kea, what is no prefix has all bits, whatever is written.
            prefix_len: match lease_type {
                LeaseType::Pd => u8::try_from(fields.number32(8)?)
                    .map_err(|_| fields.bad(8, "a prefix length up to 128"))?,
                LeaseType::Na | LeaseType::Ta => 128,
            },
            lease_type,
        },
    };
    lease.check().map_err(RowError::Unfit)?;
    Ok(lease)
}

/// The DUID. Versions of Kea before 2.3 wrote the empty one as `00`.
fn duid<'a, 'r>(fields: &Fields<'a>, out: &'r mut Vec<u8>) -> Result<&'r [u8], RowError<'a>> {
    const WANTED: &str = "3 to 130 bytes in hexadecimal";
    match fields.hex(1, Duid::MAX, WANTED, out)? {
        [0] => Ok(Duid::EMPTY),
        duid if duid.len() < Duid::MIN => Err(fields.bad(1, WANTED)),
        duid => Ok(duid),
    }
}

/// Type, source and bytes of a hardware address.
type Hardware<'r> = (u16, HwAddrSource, &'r [u8]);

/// The hardware address. As in Kea the lease counts without what cannot be read.
fn hardware<'r>(fields: &Fields<'_>, out: &'r mut Vec<u8>) -> Hardware<'r> {
    const NONE: Hardware<'_> = (0, HwAddrSource::Unknown, b"");
    if fields.text(12).is_empty() {
        return NONE;
    }
    read_hardware(fields, out).unwrap_or_else(|error| {
        DHCPSRV_MEMFILE_READ_HWADDR_FAIL(error);
        NONE
    })
}

/// Where a file was too old to say more than its bytes: Ethernet, from nobody knows where.
fn read_hardware<'a, 'r>(fields: &Fields<'a>, out: &'r mut Vec<u8>) -> Result<Hardware<'r>, RowError<'a>> {
    let number = |column: usize, default| {
        if fields.text(column).is_empty() { Ok(default) } else { fields.number32(column) }
    };
    let hwtype = number(15, HwAddr::ETHERNET.into())?;
    let hwtype = u16::try_from(hwtype).map_err(|_| fields.bad(15, "a hardware type"))?;
    let source = HwAddrSource::from_number(number(16, 0)?);
    let source = source.ok_or_else(|| fields.bad(16, "a source of hardware addresses"))?;
    Ok((hwtype, source, fields.hex(12, HwAddr::MAX, "up to 20 bytes in hexadecimal", out)?))
}

/// The address a row begins with, if it does.
pub(crate) fn address_of(line: &[u8]) -> Option<Ipv6Addr> {
    // As long as an address can be, with one of IPv4 at its end.
    let end = line.iter().take(46).position(|&byte| byte == b',')?;
    address(&line[..end])
}

fn address(text: &[u8]) -> Option<Ipv6Addr> {
    usual_address(text).or_else(|| std::str::from_utf8(text).ok()?.parse().ok())
}

/// An address as nearly all are written: groups of digits and perhaps one gap (RFC 5952 §4), no part of IPv4. Every row is
/// looked at by every thread that loads, so this is much of what loading takes. `None` is no judgement.
fn usual_address(text: &[u8]) -> Option<Ipv6Addr> {
    let mut groups = [0u16; 8];
    let (mut count, mut gap) = (0, None);
    let mut rest = text;
    loop {
        if let Some(behind) = rest.strip_prefix(b"::") {
            // A second one is none.
            if gap.replace(count).is_some() {
                return None;
            }
            rest = behind;
            if rest.is_empty() {
                break;
            }
        } else if count > 0 {
            rest = rest.strip_prefix(b":")?;
        }
        let mut group = 0;
        let mut digits = 0;
        while let Some((&byte, behind)) = rest.split_first()
            && let Some(digit) = char::from(byte).to_digit(16)
        {
            group = group << 4 | digit;
            digits += 1;
            rest = behind;
        }
        if !(1..=4).contains(&digits) {
            return None;
        }
        *groups.get_mut(count)? = group as u16;
        count += 1;
        if rest.is_empty() {
            break;
        }
    }
    match gap {
        None if count == 8 => {}
        // A gap is of one group at least.
        Some(gap) if count < 8 => groups[gap..].rotate_right(8 - count),
        _ => return None,
    }
    Some(groups.into())
}

#[cfg(test)]
#[path = "row6_tests.rs"]
mod tests;
