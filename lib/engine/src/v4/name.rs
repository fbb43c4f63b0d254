//! The client's name: options 12 (RFC 2132 §3.14) and 81 (RFC 4702).
//!
//! Without DNS updates the server only keeps the name in the lease and gives it back: lower case, and made up from
//! the address if the client sent an empty one. A client that sends both options is served by option 81.

use std::fmt::{self, Write};
use std::net::Ipv4Addr;

use kotare_model::HostName;
use kotare_options::Definitions;
use kotare_wire::NoRoom;
use kotare_wire::v4::{Message, OptionCode, OptionValue, Writer};

use super::Query4;
use super::messages::*;
use super::text::{Escaped, OptionText};

/// The flags of option 81 (RFC 4702 §2.1).
const FLAG_S: u8 = 0x01;
const FLAG_O: u8 = 0x02;
const FLAG_E: u8 = 0x04;
const FLAG_N: u8 = 0x08;

/// The most characters of a name, trailing dot included (RFC 1035 §3.1).
const NAME_MAX: usize = 254;
/// The most characters of a label.
const LABEL_MAX: usize = 63;
/// The most bytes of option 81: flags, codes, name.
const FQDN_MAX: usize = 3 + NAME_MAX + 1;
const TOO_LONG: NoName = NoName::Malformed("the name is longer than 253 characters");

/// A client's name as it goes into its lease and its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientName {
    /// In the lease: lower case; empty when the client has none, or while it is still to be made up.
    pub(crate) text: HostName,
    reply: Reply,
}

/// Reads the value of an option into a name, which is not to be used if that fails.
type Reader = fn(&mut ClientName, &[u8]) -> Result<(), NoName>;

/// Why a client has no name, though it sent an option for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoName {
    /// There are no characters in it.
    Empty,
    /// It is no name: this is why.
    Malformed(&'static str),
    /// Nothing, or an empty label, is left of it without what is not for names.
    Scrubbed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Nothing,
    HostName,
    Fqdn { flags: u8, rcodes: [u8; 2] },
}

impl ClientName {
    /// No name.
    pub(crate) const NONE: Self = Self { text: HostName::EMPTY, reply: Reply::Nothing };

    /// The name in a message. One that is malformed is none. `query` and `definitions` are for the log.
    pub(crate) fn of(message: Message<'_>, query: &Query4, definitions: &Definitions) -> Self {
        let is_full = message.has(OptionCode::FQDN);
        let (code, read): (_, Reader) = match is_full {
            true => (OptionCode::FQDN, Self::read_fqdn),
            false => (OptionCode::HOST_NAME, Self::read_host_name),
        };
        match is_full {
            true => DHCP4_CLIENT_FQDN_PROCESS(query),
            false => DHCP4_CLIENT_HOSTNAME_PROCESS(query),
        }
        // Read where it stays: a name is large.
        let mut name = Self::NONE;
        let Some(value) = message.option(code) else { return name };
        match is_full {
            true => DHCP4_CLIENT_FQDN_DATA(query, OptionText(code, value, definitions)),
            false => DHCP4_CLIENT_HOSTNAME_DATA(query, Escaped(value)),
        }
        let read = match value.as_slice() {
            Some(bytes) => read(&mut name, bytes),
            // A name over 255 bytes with what stands before it.
            None => value.contiguous(&mut [0; 512]).map_err(|_| TOO_LONG).and_then(|it| read(&mut name, it)),
        };
        if let Err(why) = read {
            match (why, is_full) {
                (NoName::Empty, false) => DHCP4_EMPTY_HOSTNAME(query),
                (NoName::Malformed(why), false) => DHCP4_CLIENT_HOSTNAME_MALFORMED(query, why),
                (NoName::Scrubbed, false) => DHCP4_CLIENT_HOSTNAME_SCRUBBED_EMPTY(query, Escaped(value)),
                (NoName::Scrubbed, true) => DHCP4_CLIENT_FQDN_SCRUBBED_EMPTY(query, Escaped(value)),
                (NoName::Empty, true) => DHCP4_CLIENT_NAME_PROC_FAIL(query, "there is no name in option 81"),
                (NoName::Malformed(why), true) => DHCP4_CLIENT_NAME_PROC_FAIL(query, why),
            }
            name = Self::NONE;
        }
        name
    }

    /// Tells which name goes back, after it was completed.
    pub(crate) fn tell(&self, made_up: bool, query: &Query4, definitions: &Definitions) {
        if made_up {
            DHCP4_RESPONSE_HOSTNAME_GENERATE(query, &self.text);
        }
        match self.reply {
            Reply::Nothing => {}
            Reply::HostName => DHCP4_RESPONSE_HOSTNAME_DATA(query, &self.text),
            Reply::Fqdn { .. } => DHCP4_RESPONSE_FQDN_DATA(query, FqdnText(self, definitions)),
        }
    }

    /// The option the name goes back in, if it does.
    pub(crate) fn option(&self) -> Option<OptionCode> {
        match self.reply {
            Reply::Nothing => None,
            Reply::HostName => Some(OptionCode::HOST_NAME),
            Reply::Fqdn { .. } => Some(OptionCode::FQDN),
        }
    }

    /// Makes up a name from the address for a client that sent an empty one; says whether it did.
    pub(crate) fn complete(&mut self, address: Ipv4Addr) -> bool {
        let made_up = self.is_made_up();
        if made_up {
            self.text = self.completed(address);
        }
        made_up
    }

    /// The name for the lease of this address: the client's, or made up if it sent an empty one.
    pub(crate) fn completed(&self, address: Ipv4Addr) -> HostName {
        let mut text = self.text.clone();
        if self.is_made_up() {
            let [a, b, c, d] = address.octets();
            let dot = if self.reply == Reply::HostName { "" } else { "." };
            // Writing to a name cannot fail.
            let _ = write!(text, "myhost-{a}-{b}-{c}-{d}{dot}");
        }
        text
    }

    fn is_made_up(&self) -> bool {
        self.text.is_empty() && self.reply != Reply::Nothing
    }

    /// How many bytes the value of the option has.
    pub(crate) fn len(&self) -> usize {
        match self.reply {
            Reply::Nothing => 0,
            Reply::HostName => self.text.len(),
            // As labels, a name has a length before each, and the dots give theirs up.
            Reply::Fqdn { flags, .. } => 3 + self.text.len() + usize::from(flags & FLAG_E != 0),
        }
    }

    /// Writes the option.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        match self.reply {
            Reply::Nothing => Ok(()),
            Reply::HostName => writer.option(OptionCode::HOST_NAME, self.text.as_bytes()),
            Reply::Fqdn { flags, rcodes } => {
                let mut value = [0; FQDN_MAX];
                writer.option(OptionCode::FQDN, self.fqdn(flags, rcodes, &mut value))
            }
        }
    }

    /// The value of option 81, written into `value`.
    fn fqdn<'v>(&self, flags: u8, rcodes: [u8; 2], value: &'v mut [u8; FQDN_MAX]) -> &'v [u8] {
        let name = self.text.as_bytes();
        value[..3].copy_from_slice(&[flags, rcodes[0], rcodes[1]]);
        let mut len = 3;
        if flags & FLAG_E == 0 {
            value[len..len + name.len()].copy_from_slice(name);
            len += name.len();
        } else {
            // Every label behind its length, the last (empty) one for the trailing dot.
            for label in name.split(|&byte| byte == b'.') {
                value[len] = label.len() as u8;
                value[len + 1..len + 1 + label.len()].copy_from_slice(label);
                len += 1 + label.len();
            }
        }
        &value[..len]
    }

    /// The value of option 12.
    fn read_host_name(&mut self, value: &[u8]) -> Result<(), NoName> {
        let end = value.iter().rposition(|&byte| byte != 0).ok_or(NoName::Empty)? + 1;
        let value = value[..end].trim_ascii();
        if value.is_empty() {
            return Err(NoName::Empty);
        }
        // A name of one label gets no dot, as there are clients that do not understand it.
        let value = match value.strip_suffix(b".") {
            Some(label) if !label.contains(&b'.') => label,
            _ => value,
        };
        self.reply = Reply::HostName;
        clean(value, &mut self.text)
    }

    /// The value of option 81.
    fn read_fqdn(&mut self, value: &[u8]) -> Result<(), NoName> {
        let (&[flags, rcode1, rcode2], name) =
            value.split_first_chunk::<3>().ok_or(NoName::Malformed("option 81 is shorter than its flags"))?;
        // RFC 4702 §2.1: with N set, S must not be.
        if flags & FLAG_S != 0 && flags & FLAG_N != 0 {
            return Err(NoName::Malformed("the flags N and S exclude each other"));
        }
        if flags & FLAG_E != 0 {
            from_labels(name, &mut self.text)?
        } else {
            clean(name, &mut self.text)?
        }
        match self.text.as_bytes() {
            b"." => return Err(NoName::Empty),
            [] | [.., b'.'] => {}
            _ => self.text.push(b'.'),
        }
        // RFC 4702 §4: nobody updates DNS here, which S clear and N set say; O tells when that is not what the client
        // wanted.
        let overridden = if flags & FLAG_S != 0 { FLAG_O } else { 0 };
        let flags = flags & FLAG_E | FLAG_N | overridden;
        self.reply = Reply::Fqdn { flags, rcodes: [rcode1, rcode2] };
        Ok(())
    }
}

/// Option 81 of a reply.
struct FqdnText<'a>(&'a ClientName, &'a Definitions);

impl fmt::Display for FqdnText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reply::Fqdn { flags, rcodes } = self.0.reply else { return Ok(()) };
        let mut value = [0; FQDN_MAX];
        let value = OptionValue::new(self.0.fqdn(flags, rcodes, &mut value));
        OptionText(OptionCode::FQDN, value, self.1).fmt(f)
    }
}

/// Appends a name as text: lower case, and without characters that are not for names.
fn clean(name: &[u8], text: &mut HostName) -> Result<(), NoName> {
    if name.is_empty() || name == b"." {
        text.extend(name.iter().copied());
        return Ok(());
    }
    if name.len() >= NAME_MAX {
        return Err(TOO_LONG);
    }
    let labels = name.strip_suffix(b".").unwrap_or(name);
    for label in labels.split(|&byte| byte == b'.') {
        push_label(text, label)?;
    }
    if labels.len() < name.len() {
        text.push(b'.');
    }
    Ok(())
}

/// Appends a name in the wire format of RFC 1035 §3.1, without compression; it ends with a dot if it ends with the root.
fn from_labels(mut bytes: &[u8], text: &mut HostName) -> Result<(), NoName> {
    while let Some((&len, rest)) = bytes.split_first() {
        let len = usize::from(len);
        if len == 0 {
            text.push(b'.');
            return if rest.is_empty() { Ok(()) } else { Err(NoName::Malformed("bytes follow the name")) };
        }
        let (label, rest) = rest.split_at_checked(len).ok_or(NoName::Malformed("the name is cut short"))?;
        push_label(text, label)?;
        if text.len() >= NAME_MAX {
            return Err(TOO_LONG);
        }
        bytes = rest;
    }
    Ok(())
}

/// Appends a label, with a dot before it if it is not the first.
fn push_label(text: &mut HostName, label: &[u8]) -> Result<(), NoName> {
    if label.is_empty() || label.len() > LABEL_MAX {
        return Err(NoName::Malformed("a label is empty, or longer than 63 characters"));
    }
    if !text.is_empty() {
        text.push(b'.');
    }
    let before = text.len();
    text.extend(label.iter().filter(|&&byte| is_for_names(byte)).map(u8::to_ascii_lowercase));
    if text.len() > before { Ok(()) } else { Err(NoName::Scrubbed) }
}

/// What Kea's default `hostname-char-set`, `[^A-Za-z0-9.-]`, leaves in a name; its default `hostname-char-replacement`
/// removes the rest.
fn is_for_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use kotare_wire::v4::Index;

    use super::*;

    fn read(read: Reader, value: &[u8]) -> Option<ClientName> {
        let mut name = ClientName::NONE;
        read(&mut name, value).ok().map(|()| name)
    }

    fn host_name(value: &[u8]) -> Option<String> {
        read(ClientName::read_host_name, value).map(|name| name.text.to_string())
    }

    fn fqdn(flags: u8, name: &[u8]) -> Option<ClientName> {
        read(ClientName::read_fqdn, &[&[flags, 0, 0], name].concat())
    }

    /// Option 12: lower case, no dot behind a single label; what is not a name is passed over.
    #[test]
    fn host_names_are_lowered_and_checked() {
        assert_eq!(host_name(b"MyHost"), Some("myhost".into()));
        assert_eq!(host_name(b" MyHost. "), Some("myhost".into()));
        assert_eq!(host_name(b"a.Example.org."), Some("a.example.org.".into()));
        assert_eq!(host_name(b"."), Some("".into()));
        // What is not for names is removed, as Kea does by default.
        assert_eq!(host_name(b"my_host a\xff"), Some("myhosta".into()));
        let too_long = [b'a'; 64];
        for bad in [&b""[..], b"  ", b"a..b", b"a._.b", b"\xff\xfe", b"\0\0", &too_long] {
            assert_eq!(host_name(bad), None, "{bad:?}");
        }
    }

    /// Option 81 (RFC 4702 §2.1): both encodings, partial and full names; N and S together are refused.
    #[test]
    fn full_names_are_read_in_both_encodings() {
        let text = |flags, name: &[u8]| fqdn(flags, name).map(|name| name.text.to_string());
        assert_eq!(text(FLAG_E, b"\x04Host\x03org\0"), Some("host.org.".into()));
        assert_eq!(text(FLAG_E, b"\x04Host"), Some("host.".into()));
        assert_eq!(text(0, b"Host.Org"), Some("host.org.".into()));
        // The root is no client's name.
        assert_eq!((text(FLAG_E, b"\0"), text(0, b".")), (None, None));
        assert_eq!(text(FLAG_E, b""), Some("".into()));
        assert_eq!(text(FLAG_E, b"\x06my_hos\x01-"), Some("myhos.-.".into()));
        assert_eq!(text(FLAG_E, b"\x01_\x01a\0"), None);
        assert_eq!(text(FLAG_E, b"\x05abc"), None);
        assert_eq!(text(FLAG_E, b"\x01a\0\x01b"), None);
        assert_eq!(text(FLAG_S | FLAG_N, b"host"), None);
    }

    /// RFC 4702 §4: a server that updates nothing says so, and says when the client wanted otherwise.
    #[test]
    fn the_reply_says_that_nobody_updates_dns() {
        let reply = |flags| match fqdn(flags, b"").unwrap().reply {
            Reply::Fqdn { flags, .. } => flags,
            other => panic!("{other:?}"),
        };
        assert_eq!(reply(0), FLAG_N);
        assert_eq!(reply(FLAG_S), FLAG_N | FLAG_O);
        assert_eq!(reply(FLAG_S | FLAG_E), FLAG_N | FLAG_O | FLAG_E);
        assert_eq!(reply(FLAG_N), FLAG_N);
    }

    /// An empty name is made up from the address, with a dot in option 81 and without in option 12.
    #[test]
    fn an_empty_name_is_made_up() {
        let complete = |mut name: ClientName| {
            name.complete([192, 0, 2, 7].into());
            name.text.to_string()
        };
        assert_eq!(complete(fqdn(FLAG_E, b"").unwrap()), "myhost-192-0-2-7.");
        assert_eq!(complete(read(ClientName::read_host_name, b".").unwrap()), "myhost-192-0-2-7");
        assert_eq!(complete(ClientName::NONE), "");
    }

    /// The longest name there is goes out as it came in.
    #[test]
    fn the_longest_name_fits() {
        let label = [&[63][..], &[b'a'; 63]].concat();
        let wire = [&label[..], &label, &label, &[61], &[b'b'; 61], &[0]].concat();
        let name = fqdn(FLAG_E, &wire).unwrap();
        let mut buffer = [0; 1024];
        let mut writer = Writer::new(&mut buffer).unwrap();
        name.write(&mut writer).unwrap();
        let len = writer.finish();
        let mut index = Index::new();
        let message = Message::parse(&buffer[..len], &mut index).unwrap();
        // Over 255 bytes with flags and codes, so it is split (RFC 3396).
        let value: Vec<u8> = message.option(OptionCode::FQDN).unwrap().bytes().collect();
        assert_eq!((&value[3..], value.len()), (&wire[..], name.len()));
    }
}
