//! `v4-dnr` (162, RFC 9463 §5) and `v6-dnr` (144, §4): encrypted DNS resolvers, by name or with addresses and service
//! parameters. One option of DHCPv4 has several, each after its length; of DHCPv6, one option has one, with lengths of two
//! bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Why;
use crate::{Universe, domain_name, split::split, to_text::printable};

/// One resolver as it stands on the wire.
#[derive(Debug)]
pub(crate) struct Resolver<'a> {
    /// How many bytes it has; in DHCPv4 they are preceded by that number.
    pub(crate) length: usize,
    pub(crate) priority: u16,
    /// Authentication domain name in wire format.
    pub(crate) name: &'a [u8],
    /// Addresses; empty when the name is all there is.
    pub(crate) addresses: Vec<IpAddr>,
    /// How many bytes they take.
    pub(crate) addresses_len: usize,
    /// Keys and values of the service parameters.
    pub(crate) parameters: Vec<(u16, &'a [u8])>,
}

/// The service parameters a resolver may have (RFC 9463 §3.1.8), in the order the wire wants.
const PARAMETERS: [(&str, u16); 3] = [("alpn", ALPN), ("port", PORT), ("dohpath", DOH_PATH)];
const ALPN: u16 = 1;
const PORT: u16 = 3;
const DOH_PATH: u16 = 7;

/// The registered protocols of TLS (IANA, "TLS ALPN Protocol IDs").
const PROTOCOLS: &str = "http/0.9 http/1.0 http/1.1 spdy/1 spdy/2 spdy/3 stun.turn stun.nat-discovery h2 h2c \
    webrtc c-webrtc ftp imap pop3 managesieve coap xmpp-client xmpp-server acme-tls/1 mqtt dot ntske/1 sunrpc \
    h3 smb irc nntp nnsp doq sip/2 tds/8.0 dicom";

/// The name of a service parameter.
pub(crate) fn parameter_name(key: u16) -> &'static str {
    PARAMETERS.iter().find(|(_, known)| *known == key).map_or("?", |(name, _)| name)
}

/// The value of a service parameter as it is written.
pub(crate) fn parameter_text(key: u16, value: &[u8]) -> String {
    match (key, value) {
        (PORT, &[high, low]) => u16::from_be_bytes([high, low]).to_string(),
        (ALPN, mut rest) => {
            let mut ids = Vec::new();
            while let Some((&length, tail)) = rest.split_first() {
                let (id, tail) = tail.split_at(usize::from(length).min(tail.len()));
                ids.push(printable(id));
                rest = tail;
            }
            ids.join(",")
        }
        _ => printable(value),
    }
}

/// Encodes resolvers written as `priority, name[, address address…[, key=value key=value…]]`; in DHCPv4 there may be
/// several, with `|` between one and the next.
pub(crate) fn from_text(universe: Universe, text: &str) -> Result<Vec<u8>, Why> {
    if universe == Universe::V6 {
        return instance(universe, text);
    }
    let mut wire = Vec::new();
    for resolver in split(text, '|', true) {
        let instance = instance(universe, &resolver)?;
        let length = u16::try_from(instance.len()).map_err(|_| "a resolver takes more than 65535 bytes")?;
        wire.extend(length.to_be_bytes());
        wire.extend(instance);
    }
    if wire.is_empty() { Err("no resolver is given".into()) } else { Ok(wire) }
}

fn instance(universe: Universe, text: &str) -> Result<Vec<u8>, Why> {
    let fields = split(text, ',', true);
    let fields: Vec<&str> = fields.iter().map(|field| field.trim()).collect();
    if !(2..=4).contains(&fields.len()) {
        return Err(format!(
            "resolver '{}' is not priority, name, addresses, service parameters",
            text.trim()
        )
        .into());
    }
    let priority: u16 =
        fields[0].parse().map_err(|_| format!("service priority '{}' is not 0 to 65535", fields[0]))?;
    let name = domain_name::to_wire(&fields[1].to_ascii_lowercase())
        .map_err(|why| format!("'{}' is not a domain name: it has {why}", fields[1]))?;
    let mut wire = Vec::new();
    wire.extend(priority.to_be_bytes());
    push_len(universe, name.len(), &mut wire).ok_or("the name of a resolver is too long")?;
    wire.extend(name);
    if let Some(addresses) = fields.get(2) {
        push_addresses(universe, addresses, &mut wire)?;
    }
    if let Some(parameters) = fields.get(3) {
        push_parameters(parameters, &mut wire)?;
    }
    Ok(wire)
}

fn push_addresses(universe: Universe, text: &str, wire: &mut Vec<u8>) -> Result<(), Why> {
    let mut addresses = Vec::new();
    for address in text.split_whitespace() {
        match universe {
            Universe::V4 => addresses.extend(
                address
                    .parse::<Ipv4Addr>()
                    .map_err(|_| format!("resolver address '{address}' is not an IPv4 address"))?
                    .octets(),
            ),
            Universe::V6 => addresses.extend(
                address
                    .parse::<Ipv6Addr>()
                    .map_err(|_| format!("resolver address '{address}' is not an IPv6 address"))?
                    .octets(),
            ),
        }
    }
    if addresses.is_empty() {
        return Err("a resolver needs at least one address".into());
    }
    push_len(universe, addresses.len(), wire)
        .ok_or("more resolver addresses than their length field can say")?;
    wire.extend(addresses);
    Ok(())
}

/// Writes a length, if its field has room for it.
fn push_len(universe: Universe, len: usize, wire: &mut Vec<u8>) -> Option<()> {
    match universe {
        Universe::V4 => wire.push(u8::try_from(len).ok()?),
        Universe::V6 => wire.extend(u16::try_from(len).ok()?.to_be_bytes()),
    }
    Some(())
}

/// What follows a length, and what follows that.
fn take_counted(universe: Universe, data: &[u8]) -> Option<(&[u8], &[u8])> {
    match universe {
        Universe::V4 => {
            let (&len, rest) = data.split_first()?;
            rest.split_at_checked(len.into())
        }
        Universe::V6 => {
            let (&len, rest) = data.split_first_chunk()?;
            rest.split_at_checked(u16::from_be_bytes(len).into())
        }
    }
}

fn push_parameters(text: &str, wire: &mut Vec<u8>) -> Result<(), Why> {
    let mut values: Vec<(u16, Vec<u8>)> = Vec::new();
    let mut over_http = false;
    for pair in text.split_whitespace() {
        let (name, value) = pair
            .split_once('=')
            .filter(|(_, value)| !value.is_empty() && !value.contains('='))
            .ok_or_else(|| format!("service parameter '{pair}' is not key=value"))?;
        let Some((_, key)) = PARAMETERS.iter().find(|(known, _)| *known == name) else {
            return Err(format!("service parameter '{name}' is not one of alpn, port, dohpath").into());
        };
        if values.iter().any(|(known, _)| known == key) {
            return Err(format!("service parameter '{name}' is given twice").into());
        }
        let value = match *key {
            ALPN => {
                let mut ids = Vec::new();
                for id in value.split(',').filter(|id| !id.is_empty()) {
                    if !PROTOCOLS.split(' ').any(|known| known == id) {
                        return Err(format!("'{id}' is not a registered ALPN protocol").into());
                    }
                    over_http |= id.starts_with('h');
                    ids.push(id.len() as u8);
                    ids.extend(id.as_bytes());
                }
                ids
            }
            PORT => value
                .parse::<u16>()
                .map_err(|_| format!("service parameter port '{value}' is not 0 to 65535"))?
                .to_be_bytes()
                .to_vec(),
            // RFC 9461 §5: a template with the variable "dns".
            _ if value.contains("{?dns}") => value.as_bytes().to_vec(),
            _ => return Err(format!("service parameter dohpath '{value}' does not contain {{?dns}}").into()),
        };
        values.push((*key, value));
    }
    if over_http && !values.iter().any(|(key, _)| *key == DOH_PATH) {
        return Err("a resolver with an HTTP protocol in alpn needs dohpath".into());
    }
    // RFC 9460 §2.2: keys in increasing order.
    values.sort_by_key(|(key, _)| *key);
    for (key, value) in values {
        let length =
            u16::try_from(value.len()).map_err(|_| "a service parameter is longer than 65535 bytes")?;
        wire.extend(key.to_be_bytes());
        wire.extend(length.to_be_bytes());
        wire.extend(value);
    }
    Ok(())
}

const CUT: &str = "a resolver is cut short";

/// Decodes the payload of the option.
pub(crate) fn from_wire(universe: Universe, data: &[u8]) -> Result<Vec<Resolver<'_>>, &'static str> {
    if universe == Universe::V6 {
        return resolver(universe, data).map(|resolver| vec![resolver]);
    }
    let mut resolvers = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk::<2>().ok_or(CUT)?;
        let length = u16::from_be_bytes(*length);
        let (instance, tail) = tail.split_at_checked(usize::from(length)).ok_or(CUT)?;
        rest = tail;
        resolvers.push(resolver(universe, instance)?);
    }
    Ok(resolvers)
}

fn resolver(universe: Universe, instance: &[u8]) -> Result<Resolver<'_>, &'static str> {
    let length = instance.len();
    let (&priority, instance) = instance.split_first_chunk::<2>().ok_or(CUT)?;
    let (name, instance) = take_counted(universe, instance).ok_or(CUT)?;
    if domain_name::wire_len(name) != Ok(name.len()) {
        return Err("a resolver has no valid domain name");
    }
    let mut resolver = Resolver {
        length,
        priority: u16::from_be_bytes(priority),
        name,
        addresses: Vec::new(),
        addresses_len: 0,
        parameters: Vec::new(),
    };
    if !instance.is_empty() {
        let (addresses, parameters) = take_counted(universe, instance).ok_or(CUT)?;
        resolver.addresses_len = addresses.len();
        resolver.addresses = match universe {
            Universe::V4 => match addresses.as_chunks::<4>() {
                (addresses @ [_, ..], []) => addresses.iter().map(|&address| address.into()).collect(),
                _ => return Err("the addresses of a resolver do not take 4 bytes each"),
            },
            Universe::V6 => match addresses.as_chunks::<16>() {
                (addresses @ [_, ..], []) => addresses.iter().map(|&address| address.into()).collect(),
                _ => return Err("the addresses of a resolver do not take 16 bytes each"),
            },
        };
        resolver.parameters = parameters_from_wire(parameters)?;
    }
    Ok(resolver)
}

fn parameters_from_wire(data: &[u8]) -> Result<Vec<(u16, &[u8])>, &'static str> {
    const CUT: &str = "the service parameters of a resolver are cut short";
    let mut parameters: Vec<(u16, &[u8])> = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let (&[key_high, key_low, high, low], tail) = rest.split_first_chunk::<4>().ok_or(CUT)?;
        let key = u16::from_be_bytes([key_high, key_low]);
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (value, tail) = tail.split_at_checked(length).ok_or(CUT)?;
        if !PARAMETERS.iter().any(|(_, known)| *known == key) {
            return Err("a service parameter of a resolver is not one of alpn, port, dohpath");
        }
        if parameters.last().is_some_and(|(before, _)| *before >= key) {
            return Err("the service parameters of a resolver are not in increasing order");
        }
        if key == PORT && length != 2 {
            return Err("the port of a resolver does not take 2 bytes");
        }
        parameters.push((key, value));
        rest = tail;
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manual's examples: by name only, and with everything.
    #[test]
    fn resolvers_are_encoded_and_read_back() {
        let only_name = from_text(Universe::V4, "200, Resolver.example.").unwrap();
        assert_eq!(only_name, b"\x00\x15\x00\xc8\x12\x08resolver\x07example\x00");
        let text =
            r"100, dot1.example.org., 10.0.3.4 10.1.5.6, port=8530 alpn=dot\,h2 dohpath=/q{?dns} | 20, a.";
        let wire = from_text(Universe::V4, text).unwrap();
        let resolvers = from_wire(Universe::V4, &wire).unwrap();
        assert_eq!(resolvers.len(), 2);
        assert_eq!(resolvers[0].priority, 100);
        assert_eq!(resolvers[0].addresses, [Ipv4Addr::new(10, 0, 3, 4), Ipv4Addr::new(10, 1, 5, 6)]);
        assert_eq!(
            resolvers[0].parameters,
            [(1, &b"\x03dot\x02h2"[..]), (3, &[0x21, 0x52]), (7, b"/q{?dns}")]
        );
        assert_eq!((resolvers[1].priority, resolvers[1].name), (20, &b"\x01a\x00"[..]));
    }

    /// Of DHCPv6, one resolver is all there is in an option, and lengths take two bytes.
    #[test]
    fn lengths_are_longer_in_dhcpv6() {
        let text = r"20, a., 2001:db8::1 ::2, port=853";
        let wire = from_text(Universe::V6, text).unwrap();
        assert_eq!(wire[..9], [0, 20, 0, 3, 1, b'a', 0, 0, 32]);
        assert_eq!(wire[9 + 32..], [0, 3, 0, 2, 3, 85]);
        let resolvers = from_wire(Universe::V6, &wire).unwrap();
        let addresses: [IpAddr; 2] = ["2001:db8::1".parse().unwrap(), "::2".parse().unwrap()];
        assert_eq!((resolvers.len(), &resolvers[0].addresses[..]), (1, &addresses[..]));
        assert_eq!(resolvers[0].parameters, [(3, &[3, 85][..])]);
        assert!(from_text(Universe::V6, "20, a., 10.0.0.1").is_err());
        for len in (0..wire.len()).filter(|len| ![7, 9 + 32].contains(len)) {
            assert!(from_wire(Universe::V6, &wire[..len]).is_err(), "{len}");
        }
    }

    /// What RFC 9463 does not allow is refused with the reason.
    #[test]
    fn impossible_resolvers_are_refused() {
        for (text, why) in [
            ("", "no resolver"),
            ("10", "is not priority, name"),
            ("x, a.", "priority 'x'"),
            ("10, a..b", "domain name"),
            ("10, a., ::1", "IPv4"),
            ("10, a., 10.0.0.1, alpn", "key=value"),
            ("10, a., 10.0.0.1, ipv4hint=10.0.0.1", "not one of"),
            ("10, a., 10.0.0.1, alpn=quic", "registered"),
            ("10, a., 10.0.0.1, alpn=h2", "needs dohpath"),
            ("10, a., 10.0.0.1, port=1 port=2", "twice"),
            ("10, a., 10.0.0.1, dohpath=/q", "{?dns}"),
        ] {
            let error = from_text(Universe::V4, text).unwrap_err();
            assert!(error.to_string().contains(why), "'{text}': {error}");
        }
        for data in [&[0][..], &[0, 3, 0, 1, 1], &[0, 4, 0, 1, 1, 5], &[0, 6, 0, 1, 1, 0, 3, 1]] {
            assert!(from_wire(Universe::V4, data).is_err(), "{data:?}");
        }
    }
}
