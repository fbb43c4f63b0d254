//! One row of a lease file of DHCPv4: the first nine columns since 1.0, `state` since schema 2.0, `user_context` since
//! 2.1, `pool_id` since 3.0.

use std::net::Ipv4Addr;

use kotare_model::{ClientId, HwAddr, SubnetId, write_address, write_number};

use crate::row::{Fields, RowError, Scratch, end, escape, hex_with_colons, name, unescape};
use crate::schema::Format;
use crate::view::View;

/// The lease file of DHCPv4.
pub(crate) const FORMAT: Format = Format {
    family: "DHCPv4",
    universe: "4",
    columns: &[
        "address",
        "hwaddr",
        "client_id",
        "valid_lifetime",
        "expire",
        "subnet_id",
        "fqdn_fwd",
        "fqdn_rev",
        "hostname",
        "state",
        "user_context",
        "pool_id",
    ],
    header: b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,\
        hostname,state,user_context,pool_id\n",
    versions: &[(9, "1.0"), (10, "2.0"), (11, "2.1"), (12, "3.0")],
    defaults: &[(9, b"0"), (11, b"0")],
};

/// Appends the row of `lease`, with its newline.
pub(crate) fn render(lease: &View<'_>, out: &mut Vec<u8>) {
    write_address(lease.address.into(), out);
    out.push(b',');
    hex_with_colons(lease.hwaddr, out);
    out.push(b',');
    hex_with_colons(lease.client_id, out);
    out.push(b',');
    write_number(u64::from(lease.valid_lifetime.0), out);
    out.push(b',');
    end(lease, out);
    out.push(b',');
    write_number(u64::from(lease.subnet_id.0), out);
    out.extend_from_slice(if lease.fqdn_fwd { b",1" } else { b",0" });
    out.extend_from_slice(if lease.fqdn_rev { b",1," } else { b",0," });
    escape(lease.hostname, out);
    out.push(b',');
    write_number(u64::from(lease.state as u8), out);
    out.push(b',');
    escape(lease.user_context.unwrap_or_default(), out);
    out.push(b',');
    write_number(u64::from(lease.pool_id), out);
    out.push(b'\n');
}

/// The lease of a row without its newline, in a file whose header has the first `columns` of the format.
pub(crate) fn parse<'a>(
    line: &'a [u8],
    columns: usize,
    room: &'a mut Scratch,
) -> Result<View<'a>, RowError<'a>> {
    let fields = Fields::of(line, &FORMAT, columns)?;
    let Scratch { hwaddr, client_id, hostname, lower, user_context, json } = room;
    let (valid_lifetime, cltt) = fields.time(3, 4)?;
    let lease = View {
        address: address(fields.text(0)).ok_or_else(|| fields.bad(0, "an IPv4 address"))?,
        hwaddr: fields.hex(1, HwAddr::MAX, "up to 20 bytes in hexadecimal", hwaddr)?,
        client_id: fields.hex(2, ClientId::MAX, "up to 255 bytes in hexadecimal", client_id)?,
        valid_lifetime,
        cltt,
        subnet_id: SubnetId(fields.number32(5)?),
        fqdn_fwd: fields.flag(6)?,
        fqdn_rev: fields.flag(7)?,
        hostname: name(unescape(fields.text(8), hostname), lower),
        state: fields.state(9)?,
        user_context: fields.context(10, user_context, json)?,
        pool_id: fields.number32(11)?,
        own: (),
    };
    lease.check().map_err(RowError::Unfit)?;
    Ok(lease)
}

/// The address a row begins with, if it does.
pub(crate) fn address_of(line: &[u8]) -> Option<Ipv4Addr> {
    // "255.255.255.255" is 15 long.
    let end = line.iter().take(16).position(|&byte| byte == b',')?;
    address(&line[..end])
}

fn address(text: &[u8]) -> Option<Ipv4Addr> {
    let mut bits: u32 = 0;
    let mut octets = 0;
    for part in text.split(|&byte| byte == b'.') {
        let octet = match part {
            [a @ b'0'..=b'9'] => u32::from(a - b'0'),
            [a @ b'1'..=b'9', b @ b'0'..=b'9'] => u32::from(a - b'0') * 10 + u32::from(b - b'0'),
            [a @ b'1'..=b'2', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
                u32::from(a - b'0') * 100 + u32::from(b - b'0') * 10 + u32::from(c - b'0')
            }
            _ => return None,
        };
        octets += 1;
        if octet > 255 || octets > 4 {
            return None;
        }
        bits = bits << 8 | octet;
    }
    (octets == 4).then(|| Ipv4Addr::from_bits(bits))
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
