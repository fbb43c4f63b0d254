//! Boot parameters, which networks, classes and reservations of DHCPv4 share.

use std::net::Ipv4Addr;

use crate::json::{Diagnostics, Value};

/// `next-server`, `server-hostname` and `boot-file-name`: what fits into a message (RFC 2131 §2).
pub(super) fn check(map: &Value, diagnostics: &mut Diagnostics) {
    if let Some(value) = map.get("next-server")
        && let Some(text) = value.as_str()
        && !text.is_empty()
        && !text.parse::<Ipv4Addr>().is_ok_and(|address| !address.is_broadcast())
    {
        diagnostics
            .error(value.source(), format!("\"next-server\" is '{text}', not the IPv4 address of a server"));
    }
    for (keyword, most) in [("server-hostname", 63), ("boot-file-name", 127)] {
        if let Some(value) = map.get(keyword)
            && let Some(text) = value.as_str()
            && text.len() > most
        {
            let message = format!("\"{keyword}\" has {} bytes, it may have {most} at most", text.len());
            diagnostics.error(value.source(), message);
        }
    }
}
