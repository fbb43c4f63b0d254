//! Clients of DHCPv4 over DHCPv6 (RFC 7341): which of them a subnet is for.

use std::net::Ipv6Addr;

use crate::Level;

/// What `4o6-subnet`, `4o6-interface-id` and `4o6-interface` say: any of them is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over6 {
    /// `4o6-subnet`: address and length of a prefix.
    prefix: Option<(Ipv6Addr, u32)>,
    /// `4o6-interface-id`; empty if it is not written.
    interface_id: Box<[u8]>,
    /// `4o6-interface`; empty if it is not written.
    interface: Box<str>,
}

impl Over6 {
    /// What a subnet says; `None` if it is not for such clients.
    pub(super) fn of(subnet: Level<'_>) -> Option<Self> {
        let over6 = Self {
            prefix: prefix(subnet.text("4o6-subnet")),
            interface_id: subnet.text("4o6-interface-id").as_bytes().into(),
            interface: subnet.text("4o6-interface").into(),
        };
        let is_written =
            over6.prefix.is_some() || !over6.interface_id.is_empty() || !over6.interface.is_empty();
        is_written.then_some(over6)
    }

    /// Whether it is for a client whose message came from `remote`, through a relay that calls the link
    /// `interface_id`, to the interface `interface`. What is empty is not known.
    pub fn serves(&self, remote: Ipv6Addr, interface_id: &[u8], interface: &str) -> bool {
        self.prefix.is_some_and(|(prefix, len)| {
            let mask = u128::MAX.checked_shl(128 - len).unwrap_or(0);
            (u128::from(prefix) ^ u128::from(remote)) & mask == 0
        }) || !interface_id.is_empty() && *self.interface_id == *interface_id
            || !interface.is_empty() && *self.interface == *interface
    }
}

/// A prefix; `::/…` is none, as in Kea.
fn prefix(text: &str) -> Option<(Ipv6Addr, u32)> {
    let (address, len) = text.split_once('/')?;
    let address = address.parse().ok().filter(|address: &Ipv6Addr| !address.is_unspecified())?;
    Some((address, len.parse().ok().filter(|len| *len <= 128)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of the three is enough, and what is not known matches nothing.
    #[test]
    fn one_is_enough() {
        let over6 = |prefix_text: &str, id: &str, interface: &str| Over6 {
            prefix: prefix(prefix_text),
            interface_id: id.as_bytes().into(),
            interface: interface.into(),
        };
        let (inside, outside) = ("2001:db8:1::9".parse().unwrap(), "2001:db8:2::9".parse().unwrap());
        let by_prefix = over6("2001:db8:1::/48", "", "");
        assert!(by_prefix.serves(inside, b"", "") && !by_prefix.serves(outside, b"", ""));
        assert!(over6("2001:db8::/0", "", "").serves(outside, b"", ""));
        assert!(!over6("::/0", "", "").serves(outside, b"", ""));
        let by_names = over6("", "vlan", "eth0");
        assert!(by_names.serves(inside, b"vlan", "") && by_names.serves(inside, b"x", "eth0"));
        assert!(!by_names.serves(inside, b"", "") && !by_names.serves(inside, b"vlan2", "eth1"));
    }
}
