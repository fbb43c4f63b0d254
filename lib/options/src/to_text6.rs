//! Options of DHCPv6 that have a notation of their own, in Kea's.

use std::fmt::Write;

use kotare_model::Hex;
use kotare_wire::v6::{self, Association, IaAddress, IaPrefix, StatusCode};

use crate::special::dhcp6;
use crate::sub_options::Inside;
use crate::to_text::{header, printable, push_resolver, push_tuple};
use crate::{DHCP6_SPACE, Definitions, Universe, domain_name, fit::without_nul, resolvers};

/// An identity association, or an address or a prefix of one, with the options in it.
pub(crate) fn association(definitions: &Definitions, code: u16, data: &[u8], depth: usize) -> Option<String> {
    let type_and_len = |name| format!("type={code:05}({name}), len={:05}: ", data.len());
    let (mut text, options) = match code {
        dhcp6::IA_NA | dhcp6::IA_PD => {
            let Association { iaid, t1, t2, options } = Association::read(data)?;
            let begin = type_and_len(if code == dhcp6::IA_NA { "IA_NA" } else { "IA_PD" });
            (format!("{begin}iaid={iaid}, t1={t1}, t2={t2}"), options)
        }
        dhcp6::IAADDR => {
            let IaAddress { address, preferred, valid, options } = IaAddress::read(data)?;
            let begin = type_and_len("IAADDR");
            (format!("{begin}address={address}, preferred-lft={preferred}, valid-lft={valid}"), options)
        }
        dhcp6::IAPREFIX => {
            let IaPrefix { preferred, valid, length, prefix, options } = IaPrefix::read(data)?;
            let begin = type_and_len("IAPREFIX");
            (
                format!("{begin}prefix={prefix}/{length}, preferred-lft={preferred}, valid-lft={valid}"),
                options,
            )
        }
        _ => return None,
    };
    definitions.push_sub_options(&mut text, DHCP6_SPACE, Inside::V6(options), depth);
    Some(text)
}

/// Options of a vendor.
pub(crate) fn vendor_options(definitions: &Definitions, data: &[u8], depth: usize) -> Option<String> {
    let (enterprise, options) = v6::vendor_options(data)?;
    let header = header(Universe::V6, dhcp6::VENDOR_OPTS, data.len());
    let mut text = format!("{header}: {enterprise} (uint32)");
    definitions.push_sub_options(&mut text, &format!("vendor-{enterprise}"), Inside::V6(options), depth);
    Some(text)
}

/// Classes that a vendor names.
pub(crate) fn vendor_class(data: &[u8]) -> Option<String> {
    let (enterprise, pieces) = v6::vendor_class(data)?;
    let code = dhcp6::VENDOR_CLASS;
    let mut text = format!("type={code}, len={},  enterprise id=0x{enterprise:x}", data.len());
    for (at, piece) in pieces.enumerate() {
        push_tuple(&mut text, "vendor-class-data", at, piece);
    }
    Some(text)
}

/// How it went.
pub(crate) fn status(data: &[u8]) -> Option<String> {
    let (&code, message) = data.split_first_chunk()?;
    let code = StatusCode(u16::from_be_bytes(code));
    let mut text = header(Universe::V6, dhcp6::STATUS_CODE, data.len());
    write!(text, ": {code}({}) ", code.0).ok()?;
    match without_nul(message) {
        [] => text.push_str("(no status message)"),
        message => write!(text, "\"{}\"", printable(message)).ok()?,
    }
    Some(text)
}

/// RFC 4704 §4: flags and a name.
pub(crate) fn client_fqdn(data: &[u8]) -> Option<String> {
    let (&flags, name) = data.split_first()?;
    let (name, kind) = match name {
        [] => (String::new(), "partial"),
        [.., 0] => (domain_name::to_text(name), "full"),
        _ => {
            let name = domain_name::to_text(name);
            (name.strip_suffix('.').unwrap_or(&name).to_owned(), "partial")
        }
    };
    Some(format!(
        "type={}(CLIENT_FQDN), flags: (N={}, O={}, S={}), domain-name='{}' ({kind})",
        dhcp6::CLIENT_FQDN,
        flags >> 2 & 1,
        flags >> 1 & 1,
        flags & 1,
        // Kea keeps names in lower case.
        name.to_ascii_lowercase(),
    ))
}

/// RFC 6603 §4.2: a prefix length, and the bits that the delegated prefix does not have.
pub(crate) fn excluded_prefix(data: &[u8]) -> Option<String> {
    let (length, bits @ [_, ..]) = data.split_first()? else { return None };
    let header = header(Universe::V6, dhcp6::PD_EXCLUDE, data.len());
    let mut text = format!("{header}: excluded-prefix-len={length}, subnet-id=0x");
    for &byte in bits {
        let digits = Hex::digits(byte);
        text.extend(digits.map(|digit| char::from(digit).to_ascii_uppercase()));
    }
    Some(text)
}

/// An encrypted DNS resolver.
pub(crate) fn resolver(data: &[u8]) -> Option<String> {
    let resolvers = resolvers::from_wire(Universe::V6, data).ok()?;
    let mut text = format!("type={}(V6_DNR), len={}, ", dhcp6::V6_DNR, data.len());
    push_resolver(&mut text, resolvers.first()?)?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One option of each shape, in the words Kea has for it.
    #[test]
    fn options_read_as_in_kea() {
        let definitions = Definitions::v6();
        let address = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let lifetimes = [0, 0, 0, 100, 0, 0, 0, 200];
        let in_association =
            [&[0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 20, 0, 5, 0, 24][..], &address, &lifetimes].concat();
        let prefix = [&lifetimes[..], &[56], &address].concat();
        let dnr = [&[0, 1, 0, 3, 1, b'a', 0, 0, 16][..], &address, b"\0\x01\0\x04\x03dot"].concat();
        let cases: &[(u16, &[u8], &str)] = &[
            (1, &[0, 3, 0, 1], "type=00001, len=00004: 00:03:00:01"),
            (
                3,
                &in_association,
                "type=00003(IA_NA), len=00040: iaid=9, t1=10, t2=20,\noptions:\n  type=00005(IAADDR), \
                 len=00024: address=2001:db8::1, preferred-lft=100, valid-lft=200",
            ),
            (25, &in_association[..12], "type=00025(IA_PD), len=00012: iaid=9, t1=10, t2=20"),
            (
                26,
                &prefix,
                "type=00026(IAPREFIX), len=00025: prefix=2001:db8::1/56, preferred-lft=100, valid-lft=200",
            ),
            (6, &[0, 23, 0, 24], "type=00006, len=00004: 23(uint16) 24(uint16)"),
            (23, &address, "type=00023, len=00016: 2001:db8::1"),
            (24, b"\x01a\0\x01b\0", "type=00024, len=00006: \"a.\" (fqdn) \"b.\" (fqdn)"),
            (13, &[0, 2], "type=00013, len=00002: NoAddrsAvail(2) (no status message)"),
            (13, b"\0\x03no", "type=00013, len=00004: NoBinding(3) \"no\""),
            (14, &[], "type=00014, len=00000: ''"),
            (
                16,
                b"\0\0\x11\x8b\0\x02hi\0\0",
                "type=16, len=10,  enterprise id=0x118b, data-len0=2, vendor-class-data0='hi', data-len1=0, \
                 vendor-class-data1=''",
            ),
            (
                17,
                b"\0\0\x11\x8b\0\x21\0\x01x",
                "type=00017, len=00009: 4491 (uint32),\noptions:\n  type=00033, len=00001: \"x\" (string)",
            ),
            (
                39,
                b"\x01\x01A\x01b\0",
                "type=39(CLIENT_FQDN), flags: (N=0, O=0, S=1), domain-name='a.b.' (full)",
            ),
            (39, b"\x04\x01a", "type=39(CLIENT_FQDN), flags: (N=1, O=0, S=0), domain-name='a' (partial)"),
            (60, b"\0\x02hi\0\0", "type=60, len=6, data-len0=2, data0='hi', data-len1=0, data1=''"),
            (67, &[60, 0xa0], "type=00067, len=00002: excluded-prefix-len=60, subnet-id=0xA0"),
            (
                144,
                &dnr,
                "type=144(V6_DNR), len=33, service_priority=1, adn_length=3, adn='a.', addr_length=16, \
                 address(es): 2001:db8::1, svc_params='alpn=dot'",
            ),
            (999, &[1], "type=00999, len=00001: 01"),
            // Bytes that are not what the definition says.
            (3, &[1], "type=00003, len=00001: 01"),
            (67, &[1], "type=00067, len=00001: 01"),
        ];
        for (code, data, text) in cases {
            assert_eq!(definitions.to_text(DHCP6_SPACE, *code, data), *text);
        }
    }
}
