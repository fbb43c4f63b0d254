//! How a request is written: JSON in one line, its keywords in Kea's order.
//!
//! A server that gives many leases writes each request twice, so what is nearly always there (names of letters, digits and
//! hyphens) is written as it is.

use kotare_model::{write_address, write_number};

use super::{ChangeRequest, ConflictResolution};
use crate::name::{Name, is_plain};

/// How many bytes a request seldom has more than.
pub(super) const USUAL: usize = 352;

/// A datagram of a request.
pub(super) fn datagram(request: &ChangeRequest, lease_expires_on: Option<&str>) -> Vec<u8> {
    let mut datagram = Vec::with_capacity(USUAL);
    datagram.extend([0; 2]);
    write(request, lease_expires_on, &mut datagram);
    // A name has at most 1 KB of text; what comes as a datagram leaves as one.
    let length = u16::try_from(datagram.len() - 2).unwrap_or(u16::MAX);
    datagram.truncate(2 + usize::from(length));
    datagram[..2].copy_from_slice(&length.to_be_bytes());
    datagram
}

/// Writes a request behind what is there.
pub(super) fn write(request: &ChangeRequest, lease_expires_on: Option<&str>, out: &mut Vec<u8>) {
    out.extend(b"{\"change-type\":");
    out.push(b'0' + request.change as u8);
    out.extend(b",\"forward-change\":");
    out.extend(truth(request.forward));
    out.extend(b",\"reverse-change\":");
    out.extend(truth(request.reverse));
    out.extend(b",\"fqdn\":");
    write_name(&request.fqdn, out);
    out.extend(b",\"ip-address\":\"");
    write_address(request.address, out);
    out.extend(b"\",\"dhcid\":\"");
    request.dhcid.write_digits(out);
    out.push(b'"');
    if let Some(time) = lease_expires_on {
        out.extend(b",\"lease-expires-on\":");
        write_text(time, out);
    }
    out.extend(b",\"lease-length\":");
    write_number(request.lease_length.into(), out);
    if lease_expires_on.is_some() {
        let checks = [ConflictResolution::CheckWithDhcid, ConflictResolution::CheckExistsWithDhcid];
        out.extend(b",\"use-conflict-resolution\":");
        out.extend(truth(checks.contains(&request.conflict_resolution)));
    }
    out.extend(b",\"conflict-resolution-mode\":\"");
    out.extend(request.conflict_resolution.as_str().as_bytes());
    out.extend(b"\"}");
}

fn truth(is: bool) -> &'static [u8] {
    if is { b"true" } else { b"false" }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, text);
}

/// With the final dot, as [`Name`] shows itself.
fn write_name(name: &Name, out: &mut Vec<u8>) {
    let before = out.len();
    out.push(b'"');
    let mut rest = name.as_wire();
    while let Some((&length @ 1.., behind)) = rest.split_first()
        && let Some((label, behind)) = behind.split_at_checked(length.into())
    {
        if !label.iter().all(is_plain) {
            out.truncate(before);
            return write_text(&name.to_string(), out);
        }
        out.extend(label);
        out.push(b'.');
        rest = behind;
    }
    if out.len() == before + 1 {
        // The root.
        out.push(b'.');
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a name has in it is written as JSON has it.
    #[test]
    fn names_are_texts() {
        for text in
            ["a.example.", "A-b_9.example.com.", ".", "a\\.b.example.", "a\\007\\\"b.", "\\255.\\\\.", "*.a."]
        {
            let name: Name = text.parse().expect("a name");
            let mut written = Vec::new();
            write_name(&name, &mut written);
            let read: String = serde_json::from_slice(&written).expect("a text");
            assert_eq!(read, name.to_string());
            assert_eq!(read.parse(), Ok(name), "{text}");
        }
    }
}
