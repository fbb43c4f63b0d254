//! From the bytes of an option to text for people, in Kea's notation.
//!
//! Operators compare `option[x].text` with literals and search logs for these texts, so their form is Kea's
//! to the letter, differences between options included.

use std::{borrow::Cow, fmt::Write};

use crate::special::dhcp6;
use crate::{
    DataType, Definition, Definitions, Universe, domain_name, fit::without_nul, resolvers, routes, special,
    sub_options::Inside, to_text6,
};
use kotare_model::Hex;

/// How deep sub-options are shown.
const MAX_DEPTH: usize = 4;

impl Definitions {
    /// An option with its code, length and value, for example `type=003, len=004: 192.0.2.1`. Bytes that do
    /// not fit the definition are shown in hexadecimal. Control characters are escaped: what a client sends
    /// cannot forge lines of a log.
    pub fn to_text(&self, space: &str, code: u16, data: &[u8]) -> String {
        self.describe(space, code, data, 0)
    }

    /// An option of a message as it is listed among the others: as [`to_text`](Self::to_text) has it, indented.
    pub fn to_text_in_message(&self, code: impl Into<u16>, data: &[u8]) -> String {
        self.describe(self.universe().space(), code.into(), data, 1)
    }

    /// What `option[code].text` is in an expression: a string is its own characters, everything else reads
    /// as in [`to_text`](Self::to_text).
    pub fn text_value<'a>(&self, space: &str, code: u16, data: &'a [u8]) -> Cow<'a, [u8]> {
        match self.by_code(space, code) {
            Some(definition) if definition.data_type == DataType::String => Cow::Borrowed(without_nul(data)),
            _ => Cow::Owned(self.to_text(space, code, data).into_bytes()),
        }
    }

    /// An option as [`to_text`](Self::to_text) has it, by this definition, which may be that of a client class.
    pub fn text_as(&self, definition: &Definition, data: &[u8]) -> String {
        self.describe_as(Some(definition), &definition.space, definition.code, data, 0)
    }

    fn describe(&self, space: &str, code: u16, data: &[u8], depth: usize) -> String {
        self.describe_as(self.by_code(space, code), space, code, data, depth)
    }

    fn describe_as(
        &self,
        definition: Option<&Definition>,
        space: &str,
        code: u16,
        data: &[u8],
        depth: usize,
    ) -> String {
        let universe = self.universe();
        let special = match universe {
            _ if space != universe.space() => None,
            Universe::V4 => self.special_text4(code, data, depth),
            Universe::V6 => self.special_text6(code, data, depth),
        };
        let text = special.or_else(|| self.defined_text(definition?, data, depth)).unwrap_or_else(|| {
            let mut text = header(universe, code, data.len());
            text.push_str(": ");
            push_bytes(&mut text, data);
            text
        });
        format!("{}{text}", "  ".repeat(depth))
    }

    /// An option as its definition describes it; `None` when its bytes do not fit.
    fn defined_text(&self, definition: &Definition, data: &[u8], depth: usize) -> Option<String> {
        let joined;
        let data = match definition.data_type {
            DataType::Binary | DataType::Internal => return None,
            DataType::Empty if definition.encapsulates.is_empty() => &[],
            DataType::String => Some(without_nul(data)).filter(|data| !data.is_empty())?,
            DataType::Fqdn if definition.array && definition.universe == Universe::V4 => {
                joined = domain_name::decompress(data).ok()?;
                &joined
            }
            _ => data,
        };
        if definition.array && definition.data_type == DataType::Tuple {
            return tuples(definition, data);
        }
        let mut text = header(definition.universe, definition.code, data.len());
        text.push(':');
        if definition.data_type == DataType::Empty && definition.encapsulates.is_empty() {
            text.push_str(" ''");
            return Some(text);
        }
        let mut readable = true;
        let rest = definition.fields_of(data, &mut |data_type, field| {
            text.push(' ');
            readable &= push_field(&mut text, definition, data_type, field).is_some();
        });
        let rest = rest.ok().filter(|_| readable)?;
        if !definition.encapsulates.is_empty() {
            let inside = Inside::of(definition.universe, &definition.space, definition.code, rest);
            self.push_sub_options(&mut text, &definition.encapsulates, inside, depth);
        }
        Some(text)
    }

    pub(crate) fn push_sub_options(&self, text: &mut String, space: &str, options: Inside<'_>, depth: usize) {
        if depth == MAX_DEPTH {
            return;
        }
        let mut options: Vec<_> = options.collect();
        if options.is_empty() {
            return;
        }
        options.sort_by_key(|(code, _)| *code);
        text.push_str(",\noptions:");
        for (code, data) in options {
            text.push('\n');
            text.push_str(&self.describe(space, code, data, depth + 1));
        }
    }

    /// The options of DHCPv4 with a notation of their own; `None` when this is none or its bytes do not fit.
    fn special_text4(&self, code: u16, data: &[u8], depth: usize) -> Option<String> {
        let mut text = String::new();
        let header = |code, len| header(Universe::V4, code, len);
        match code {
            special::SERVICE_SCOPE => {
                let (mandatory, scopes) = data.split_first().filter(|(flag, _)| **flag <= 1)?;
                let header = header(code, data.len());
                write!(text, "{header}: mandatory:{mandatory}, scope-list:\"{}\"", printable(scopes)).ok()?;
            }
            special::CLIENT_FQDN => push_client_fqdn(&mut text, data)?,
            special::CLASSLESS_STATIC_ROUTE => {
                write!(text, "type={code}(CLASSLESS_STATIC_ROUTE), len={}", data.len()).ok()?;
                for (at, route) in routes::from_wire(data).ok()?.iter().enumerate() {
                    let routes::Route { destination, width, router } = route;
                    write!(text, ", Route {} (subnet {destination}/{width}, router IP {router})", at + 1)
                        .ok()?;
                }
            }
            special::VENDOR_CLASS => push_vendor_class(&mut text, data)?,
            special::VENDOR_OPTIONS => {
                let (enterprise, rest) = data.split_first_chunk::<4>()?;
                let (length, options) = rest.split_first()?;
                let enterprise = u32::from_be_bytes(*enterprise);
                let header = header(code, data.len());
                write!(text, "{header}: {enterprise} (uint32) {length} (uint8)").ok()?;
                let space = format!("vendor-{enterprise}");
                let inside = Inside::of(Universe::V4, &space, 0, options);
                self.push_sub_options(&mut text, &space, inside, depth);
            }
            special::RESOLVERS => push_resolvers(&mut text, data)?,
            _ => return None,
        }
        Some(text)
    }

    /// The options of DHCPv6 with a notation of their own, likewise.
    fn special_text6(&self, code: u16, data: &[u8], depth: usize) -> Option<String> {
        match code {
            dhcp6::IA_NA | dhcp6::IA_PD | dhcp6::IAADDR | dhcp6::IAPREFIX => {
                to_text6::association(self, code, data, depth)
            }
            dhcp6::VENDOR_OPTS => to_text6::vendor_options(self, data, depth),
            dhcp6::VENDOR_CLASS => to_text6::vendor_class(data),
            dhcp6::STATUS_CODE => to_text6::status(data),
            dhcp6::CLIENT_FQDN => to_text6::client_fqdn(data),
            dhcp6::PD_EXCLUDE => to_text6::excluded_prefix(data),
            dhcp6::V6_DNR => to_text6::resolver(data),
            _ => None,
        }
    }
}

/// Code and length, as each option begins.
pub(crate) fn header(universe: Universe, code: u16, length: usize) -> String {
    match universe {
        Universe::V4 => format!("type={code:03}, len={length:03}"),
        Universe::V6 => format!("type={code:05}, len={length:05}"),
    }
}

/// An option that is a list of tuples.
fn tuples(definition: &Definition, data: &[u8]) -> Option<String> {
    let mut text = format!("type={}, len={}", definition.code, data.len());
    let mut at = 0;
    let rest = definition.fields_of(data, &mut |_, tuple| {
        push_tuple(&mut text, "data", at, &tuple[definition.tuple_length_bytes()..]);
        at += 1;
    });
    rest.ok().map(|_| text)
}

/// Bytes in hexadecimal, and as characters when they all are.
fn push_bytes(text: &mut String, data: &[u8]) {
    let _ = write!(text, "{}", Hex(data));
    push_characters(text, data);
}

fn push_characters(text: &mut String, data: &[u8]) {
    if data.is_empty() {
        text.push_str("''");
    } else if data.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        let _ = write!(text, " '{}'", printable(data));
    }
}

/// One field; `None` when its bytes are no value of its type.
fn push_field(text: &mut String, definition: &Definition, data_type: DataType, field: &[u8]) -> Option<()> {
    let unsigned = || field.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
    match data_type {
        DataType::Binary => {
            let _ = write!(text, "{:X}", Hex(field));
            push_characters(text, field);
        }
        DataType::Boolean => text.push_str(match field {
            [0] => "false",
            [1] => "true",
            _ => return None,
        }),
        // Of the elements of an array only the first type is signed: the wider ones are shown as they lie
        // on the wire.
        DataType::Int8 => write!(text, "{}", i8::from_be_bytes(field.try_into().ok()?)).ok()?,
        DataType::Int16 if !is_list(definition) => {
            write!(text, "{}", i16::from_be_bytes(field.try_into().ok()?)).ok()?;
        }
        DataType::Int32 if !is_list(definition) => {
            write!(text, "{}", i32::from_be_bytes(field.try_into().ok()?)).ok()?;
        }
        DataType::Int16 | DataType::Int32 | DataType::Uint8 | DataType::Uint16 | DataType::Uint32 => {
            write!(text, "{}", unsigned()).ok()?;
        }
        DataType::Ipv4Address => {
            write!(text, "{}", std::net::Ipv4Addr::from(<[u8; 4]>::try_from(field).ok()?)).ok()?;
        }
        DataType::Ipv6Address => {
            write!(text, "{}", std::net::Ipv6Addr::from(<[u8; 16]>::try_from(field).ok()?)).ok()?;
        }
        DataType::Fqdn => write!(text, "\"{}\"", domain_name::to_text(field)).ok()?,
        DataType::Tuple => {
            let value = field.get(definition.tuple_length_bytes()..)?;
            write!(text, "\"{}\"", printable(value)).ok()?;
        }
        DataType::String => write!(text, "\"{}\"", printable(without_nul(field))).ok()?,
        DataType::Psid => {
            let &[length @ 0..=16, high, low] = field else { return None };
            let value = u32::from(u16::from_be_bytes([high, low])) >> (16 - u32::from(length));
            write!(text, "len={length},psid={value}").ok()?;
        }
        // Kea shows the type of a prefix and nothing else.
        DataType::Ipv6Prefix | DataType::Empty | DataType::Internal | DataType::Record => {}
    }
    // Lists of addresses are shown without types, lists of integers with the type close by.
    match data_type {
        DataType::Ipv4Address | DataType::Ipv6Address if is_list(definition) => {}
        DataType::Int16 if is_list(definition) => text.push_str("(uint16)"),
        DataType::Int32 if is_list(definition) => text.push_str("(uint32)"),
        DataType::Int8 | DataType::Uint8 | DataType::Uint16 | DataType::Uint32 if is_list(definition) => {
            write!(text, "({data_type})").ok()?;
        }
        _ => write!(text, " ({data_type})").ok()?,
    }
    Some(())
}

/// Whether the option is an array of one type.
fn is_list(definition: &Definition) -> bool {
    definition.array && definition.data_type != DataType::Record
}

/// RFC 4702 §2: flags, result codes, and a name in canonical or ASCII form.
fn push_client_fqdn(text: &mut String, data: &[u8]) -> Option<()> {
    let (&[flags, _, _], name) = data.split_first_chunk::<3>()?;
    let (name, full) = if flags & 0x04 == 0 {
        (printable(name), name.last() == Some(&b'.'))
    } else if name.is_empty() {
        (String::new(), false)
    } else if name.last() == Some(&0) {
        (domain_name::to_text(name), true)
    } else {
        let name = domain_name::to_text(name);
        (name.strip_suffix('.').unwrap_or(&name).to_owned(), false)
    };
    write!(
        text,
        "type={} (CLIENT_FQDN), flags: (N={}, E={}, O={}, S={}), domain-name='{}' ({})",
        special::CLIENT_FQDN,
        flags >> 3 & 1,
        flags >> 2 & 1,
        flags >> 1 & 1,
        flags & 1,
        // Kea keeps names in lower case.
        name.to_ascii_lowercase(),
        if full { "full" } else { "partial" }
    )
    .ok()
}

fn push_vendor_class(text: &mut String, data: &[u8]) -> Option<()> {
    write!(text, "type={}, len={}, ", special::VENDOR_CLASS, data.len()).ok()?;
    let mut rest = data;
    let mut at = 0;
    while !rest.is_empty() {
        let (&[a, b, c, d, length], tail) = rest.split_first_chunk::<5>()?;
        let (value, tail) = tail.split_at_checked(length.into())?;
        let enterprise = u32::from_be_bytes([a, b, c, d]);
        write!(text, "{} enterprise id=0x{enterprise:x}", if at > 0 { "," } else { "" }).ok()?;
        push_tuple(text, "vendor-class-data", at, value);
        (rest, at) = (tail, at + 1);
    }
    (at > 0).then_some(())
}

/// One tuple of a list.
pub(crate) fn push_tuple(text: &mut String, name: &str, at: usize, value: &[u8]) {
    let _ = write!(text, ", data-len{at}={}, {name}{at}='{}'", value.len(), printable(value));
}

fn push_resolvers(text: &mut String, data: &[u8]) -> Option<()> {
    write!(text, "type={}(V4_DNR), len={}", special::RESOLVERS, data.len()).ok()?;
    for (at, resolver) in resolvers::from_wire(Universe::V4, data).ok()?.iter().enumerate() {
        write!(text, ", DNR Instance {}(Instance len={}, ", at + 1, resolver.length).ok()?;
        push_resolver(text, resolver)?;
        text.push(')');
    }
    Some(())
}

/// What is said of one resolver.
pub(crate) fn push_resolver(text: &mut String, resolver: &resolvers::Resolver<'_>) -> Option<()> {
    write!(
        text,
        "service_priority={}, adn_length={}, adn='{}'",
        resolver.priority,
        resolver.name.len(),
        domain_name::to_text(resolver.name)
    )
    .ok()?;
    if !resolver.addresses.is_empty() {
        write!(text, ", addr_length={}, address(es):", resolver.addresses_len).ok()?;
        for address in &resolver.addresses {
            write!(text, " {address}").ok()?;
        }
    }
    if !resolver.parameters.is_empty() {
        let parameters: Vec<_> = resolver
            .parameters
            .iter()
            .map(|(key, value)| {
                format!("{}={}", resolvers::parameter_name(*key), resolvers::parameter_text(*key, value))
            })
            .collect();
        write!(text, ", svc_params='{}'", parameters.join(" ")).ok()?;
    }
    Some(())
}

/// Characters as they are, but control characters and bytes that are no characters escaped.
pub(crate) fn printable(data: &[u8]) -> String {
    let mut text = String::with_capacity(data.len());
    for chunk in data.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                text.extend(character.escape_default());
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AGENT_SPACE, DHCP4_SPACE, DefinitionText};

    /// One option of each shape, in the words Kea has for it.
    #[test]
    fn options_read_as_in_kea() {
        let definitions = Definitions::v4();
        let cases: &[(u16, &[u8], &str)] = &[
            (1, &[255, 255, 255, 0], "type=001, len=004: 255.255.255.0 (ipv4-address)"),
            (3, &[192, 0, 2, 1, 192, 0, 2, 2], "type=003, len=008: 192.0.2.1 192.0.2.2"),
            (2, &[255, 255, 241, 240], "type=002, len=004: -3600 (int32)"),
            (12, b"hello\0", "type=012, len=005: \"hello\" (string)"),
            (19, &[1], "type=019, len=001: true (boolean)"),
            (55, &[1, 3], "type=055, len=002: 1(uint8) 3(uint8)"),
            (60, b"a\nb", "type=060, len=003: \"a\\nb\" (string)"),
            (61, &[1, 2, 0xab], "type=061, len=003: 01:02:ab"),
            (61, b"", "type=061, len=000: ''"),
            (61, b"ab", "type=061, len=002: 61:62 'ab'"),
            (79, b"\x01x", "type=079, len=002: mandatory:1, scope-list:\"x\""),
            (
                81,
                b"\x05\0\0\x01A\x01b\0",
                "type=81 (CLIENT_FQDN), flags: (N=0, E=1, O=0, S=1), domain-name='a.b.' (full)",
            ),
            (
                81,
                b"\0\0\0ab",
                "type=81 (CLIENT_FQDN), flags: (N=0, E=0, O=0, S=0), domain-name='ab' (partial)",
            ),
            (94, &[1, 3, 16], "type=094, len=003: 1 (uint8) 3 (uint8) 16 (uint8)"),
            (97, &[0, 0xab], "type=097, len=002: 0 (uint8) AB (binary)"),
            (119, b"\x01a\0\x01b\xc0\x00", "type=119, len=008: \"a.\" (fqdn) \"b.a.\" (fqdn)"),
            (
                121,
                &[8, 10, 10, 0, 0, 1],
                "type=121(CLASSLESS_STATIC_ROUTE), len=6, Route 1 (subnet 10.0.0.0/8, router IP 10.0.0.1)",
            ),
            (
                124,
                b"\0\0\x11\x8b\x02hi\0\0\x11\x8b\0",
                "type=124, len=12,  enterprise id=0x118b, data-len0=2, vendor-class-data0='hi', \
                 enterprise id=0x118b, data-len1=0, vendor-class-data1=''",
            ),
            (
                125,
                b"\0\0\x11\x8b\x06\x02\x04\x0a\0\0\x01",
                "type=125, len=011: 4491 (uint32) 6 (uint8),\noptions:\n  type=002, len=004: 10.0.0.1",
            ),
            (143, b"\0\x02hi", "type=143, len=4, data-len0=2, data0='hi'"),
            (159, &[4, 4, 0x30, 0], "type=159, len=004: 4 (uint8) len=4,psid=3 (psid)"),
            (
                162,
                b"\x00\x13\x00\x01\x03\x01a\x00\x04\x0a\x00\x00\x01\x00\x01\x00\x04\x03dot",
                "type=162(V4_DNR), len=21, DNR Instance 1(Instance len=19, service_priority=1, adn_length=3, \
                 adn='a.', addr_length=4, address(es): 10.0.0.1, svc_params='alpn=dot')",
            ),
            (
                82,
                b"\x02\x01x\x01\x01\x07",
                "type=082, len=006:,\noptions:\n  type=001, len=001: 07\n  type=002, len=001: 78 'x'",
            ),
            (43, b"\x01\x01\x07\xff", "type=043, len=004:,\noptions:\n  type=001, len=001: 07"),
            (230, &[1, 2], "type=230, len=002: 01:02"),
            // Bytes that are not what the definition says.
            (1, &[1, 2], "type=001, len=002: 01:02"),
            (19, &[7], "type=019, len=001: 07"),
            (125, &[1], "type=125, len=001: 01"),
        ];
        for (code, data, text) in cases {
            assert_eq!(definitions.to_text(DHCP4_SPACE, *code, data), *text);
        }
        assert_eq!(&*definitions.text_value(DHCP4_SPACE, 12, b"h\xff\0"), b"h\xff");
        assert_eq!(&*definitions.text_value(AGENT_SPACE, 19, &[0, 5]), b"type=019, len=002: 5 (uint16)");
    }

    /// Sub-options that contain sub-options are shown to a bounded depth.
    #[test]
    fn nesting_ends() {
        let mut definitions = Definitions::v4();
        for (name, space, encapsulate) in [("a", "x", "y"), ("b", "y", "x")] {
            let definition = Definition::from_text(&DefinitionText {
                universe: Universe::V4,
                name,
                code: 1,
                data_type: "empty",
                space,
                array: false,
                record_types: "",
                encapsulate,
            });
            definitions.add(definition.unwrap()).unwrap();
        }
        let data = (0..100).rev().fold(Vec::new(), |inner, _| [&[1, inner.len() as u8], &inner[..]].concat());
        assert_eq!(definitions.to_text("x", 1, &data).lines().count(), 9);
    }
}
