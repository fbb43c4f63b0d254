//! Domain names as text: whether a text is one, what is taken of a client's, and how one gets a domain.

use std::fmt::{self, Write};
use std::net::IpAddr;

use kotare_config::common::{Names, Sanitizer};
use kotare_model::HostName;

/// The most characters of a name, trailing dot included (RFC 1035 §3.1).
pub(crate) const NAME_MAX: usize = 254;
/// The most characters of a label.
const LABEL_MAX: usize = 63;

pub(crate) const TOO_LONG: &str = "the name is longer than 253 characters";
const BAD_LABEL: &str = "a label is empty, or longer than 63 characters";

/// How many labels a name has; the root, `.`, has none.
///
/// # Errors
/// Why the text is no name.
pub(crate) fn labels(name: &[u8]) -> Result<usize, &'static str> {
    if name == b"." {
        return Ok(0);
    }
    let name = name.strip_suffix(b".").unwrap_or(name);
    if name.len() >= NAME_MAX {
        return Err(TOO_LONG);
    }
    name.split(|&byte| byte == b'.').try_fold(0, |count, label| match label.len() {
        1..=LABEL_MAX => Ok(count + 1),
        _ => Err(BAD_LABEL),
    })
}

/// Appends a name label by label, each without what does not belong into names: the dots stay, whatever is unwanted.
pub(crate) fn append_clean(name: &[u8], sanitizer: Option<&Sanitizer>, text: &mut HostName) {
    let Some(sanitizer) = sanitizer else { return text.extend(name.iter().copied()) };
    for (at, label) in name.split(|&byte| byte == b'.').enumerate() {
        if at > 0 {
            text.push(b'.');
        }
        if !label.is_empty() {
            sanitizer.append(label, text);
        }
    }
}

/// Appends a name in the wire format of RFC 1035 §3.1, without compression; it ends with a dot if it ends with the root.
///
/// # Errors
/// Why it is none.
pub(crate) fn append_labels(mut bytes: &[u8], text: &mut HostName) -> Result<(), &'static str> {
    while let Some((&len, rest)) = bytes.split_first() {
        let len = usize::from(len);
        if len == 0 {
            text.push(b'.');
            return if rest.is_empty() { Ok(()) } else { Err("bytes follow the name") };
        }
        if len > LABEL_MAX {
            return Err(BAD_LABEL);
        }
        let (label, rest) = rest.split_at_checked(len).ok_or("the name is cut short")?;
        if !text.is_empty() {
            text.push(b'.');
        }
        text.extend(label.iter().copied());
        if text.len() >= NAME_MAX {
            return Err(TOO_LONG);
        }
        bytes = rest;
    }
    Ok(())
}

/// Gives a name the domain, unless it is in there or complete (ends with a dot), and a dot at the end or none.
pub(crate) fn qualify(name: &mut HostName, domain: &str, dot: bool) {
    let inside = domain.strip_suffix('.').unwrap_or(domain).as_bytes();
    let is_inside = name.as_bytes().strip_suffix(inside).is_some_and(|host| matches!(host, [] | [.., b'.']));
    if !inside.is_empty() && !name.as_bytes().ends_with(b".") && !is_inside {
        name.push(b'.');
        name.extend(domain.bytes());
    }
    match (name.as_bytes().ends_with(b"."), dot) {
        (false, true) => name.push(b'.'),
        (true, false) => name.truncate(name.len() - 1),
        _ => {}
    }
}

/// The name made up for an address: prefix, address with dashes, domain.
pub(crate) fn generated(address: IpAddr, names: &Names, dot: bool) -> HostName {
    let mut name = HostName::EMPTY;
    // Writing to a name cannot fail.
    let _ = write!(name, "{}-", names.generated_prefix);
    let _ = write!(Dashed(&mut name), "{address}");
    // A label does not end with a dash.
    if name.as_bytes().ends_with(b"-") {
        name.push(b'0');
    }
    qualify(&mut name, &names.qualifying_suffix, dot);
    name
}

/// Writes dashes in place of what separates the parts of an address.
struct Dashed<'a>(&'a mut HostName);

impl Write for Dashed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(text.bytes().map(|byte| if matches!(byte, b'.' | b':') { b'-' } else { byte }));
        Ok(())
    }
}

/// Writes a name in the wire format of RFC 1035 §3.1 into `value`, as far as there is room for it; how long it is. One that
/// ends with a dot ends with the root, another one has no end. No name takes no byte.
pub(crate) fn write_labels(name: &[u8], value: &mut [u8]) -> usize {
    let mut len = 0;
    let mut labels = name.split(|&byte| byte == b'.');
    while !name.is_empty()
        && let Some(label) = labels.next()
        && let Some(to) = value.get_mut(len..=len + label.len())
    {
        to[0] = label.len() as u8;
        to[1..].copy_from_slice(label);
        to[1..].make_ascii_lowercase();
        len += to.len();
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qualified(name: &str, domain: &str, dot: bool) -> String {
        let mut name = HostName::from(name);
        qualify(&mut name, domain, dot);
        name.to_string()
    }

    /// Kea's rules: a domain is added once, and never to a name that is complete.
    #[test]
    fn a_name_gets_its_domain_once() {
        for domain in ["example.com", "example.com."] {
            assert_eq!(qualified("host", domain, true), "host.example.com.");
            assert_eq!(qualified("host", domain, false), "host.example.com");
            assert_eq!(qualified("host.example.com", domain, false), "host.example.com");
            assert_eq!(qualified("example.com", domain, false), "example.com");
            assert_eq!(qualified("host.barexample.com", domain, true), "host.barexample.com.example.com.");
            assert_eq!(qualified("host.", domain, true), "host.");
        }
        for domain in ["", "."] {
            assert_eq!(qualified("host", domain, true), "host.");
            assert_eq!(qualified("host.", domain, false), "host");
        }
    }

    #[test]
    fn names_have_limits() {
        assert_eq!((labels(b"."), labels(b"a"), labels(b"a.b.")), (Ok(0), Ok(1), Ok(2)));
        let long = [&[b'a'; 63][..], b".", &[b'b'; 63], b".", &[b'c'; 63], b".", &[b'd'; 61]].concat();
        assert_eq!(labels(&long), Ok(4));
        assert_eq!(labels(&[&long[..], b"."].concat()), Ok(4));
        for wrong in [&b""[..], b"..", b".a", b"a..b", &[b'a'; 64], &[&long[..], b"d"].concat()] {
            assert!(labels(wrong).is_err(), "{}", wrong.escape_ascii());
        }
    }

    /// The bytes of a name are those it was read from.
    #[test]
    fn labels_are_written_as_they_are_read() {
        for (name, bytes) in
            [(&b""[..], &b""[..]), (b"host", b"\x04host"), (b"host.example.", b"\x04host\x07example\0")]
        {
            let mut value = [0xff; 20];
            let len = write_labels(name, &mut value);
            assert_eq!(&value[..len], bytes, "{}", name.escape_ascii());
            let mut read = HostName::EMPTY;
            append_labels(bytes, &mut read).unwrap();
            assert_eq!(read.as_bytes(), name);
        }
        assert_eq!(write_labels(b"host.example.", &mut [0; 6]), 5);
    }
}
