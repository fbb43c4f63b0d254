//! Who a client is, and which leases are its own.

use std::fmt;

use kotare_model::{ClientId, HwAddr, Lease4};

/// The identity of a client.
#[derive(Clone, Debug)]
pub struct Client {
    /// `htype` and `chaddr`; may be empty if `id` is there.
    pub hwaddr: HwAddr,
    /// Option 61.
    pub id: Option<ClientId>,
}

impl Client {
    /// Whether a lease is this client's: the same identifier, or the same hardware address if one of them has no
    /// identifier (RFC 2131 §4.2, §3.1; Kea's manual, "Client Identifier and `match-client-id`").
    pub fn owns(&self, lease: &Lease4, match_client_id: bool) -> bool {
        match (self.id.as_ref().filter(|_| match_client_id), &lease.client_id) {
            (Some(own), Some(leased)) => own == leased,
            _ => !self.hwaddr.is_empty() && self.hwaddr == lease.hwaddr,
        }
    }
}

/// How log messages name a client: hardware address, client identifier and, of a message, its transaction.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// The hardware address.
    pub hwaddr: &'a HwAddr,
    /// The identifier, if it has one.
    pub id: Option<&'a ClientId>,
    /// The transaction of a message.
    pub transaction: Option<u32>,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[hwtype={} {}], cid=[", self.hwaddr.htype(), self.hwaddr)?;
        match self.id {
            Some(id) => write!(f, "{id}]")?,
            None => f.write_str("no info]")?,
        }
        match self.transaction {
            Some(transaction) => write!(f, ", tid=0x{transaction:x}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use kotare_model::{LeaseState, Lifetime, SubnetId, Timestamp};

    use super::*;

    fn lease(hwaddr: &[u8], id: Option<&[u8]>) -> Lease4 {
        Lease4 {
            address: [192, 0, 2, 1].into(),
            hwaddr: HwAddr::new(1, hwaddr).unwrap(),
            client_id: id.map(|id| ClientId::new(id).unwrap()),
            valid_lifetime: Lifetime(10),
            cltt: Timestamp(0),
            subnet_id: SubnetId(1),
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: "".into(),
            state: LeaseState::Assigned,
            user_context: None,
            pool_id: 0,
        }
    }

    fn client(hwaddr: &[u8], id: Option<&[u8]>) -> Client {
        let Lease4 { hwaddr, client_id, .. } = lease(hwaddr, id);
        Client { hwaddr, id: client_id }
    }

    /// The table of identifiers and hardware addresses: the identifier decides when both have one.
    #[test]
    fn the_identifier_decides_when_both_have_one() {
        let owns = |client: Client, lease| client.owns(&lease, true);
        assert!(owns(client(b"a", Some(b"id")), lease(b"b", Some(b"id"))));
        assert!(!owns(client(b"a", Some(b"id")), lease(b"a", Some(b"other"))));
        assert!(owns(client(b"a", None), lease(b"a", Some(b"id"))));
        assert!(owns(client(b"a", Some(b"id")), lease(b"a", None)));
        assert!(!owns(client(b"a", None), lease(b"b", None)));
        // With match-client-id off, the identifier says nothing.
        assert!(client(b"a", Some(b"id")).owns(&lease(b"a", Some(b"other")), false));
        assert!(!client(b"a", Some(b"id")).owns(&lease(b"b", Some(b"id")), false));
    }

    /// A lease that belongs to nobody (declined) is not that of a client without a hardware address.
    #[test]
    fn nobody_owns_an_anonymous_lease() {
        assert!(!client(b"", Some(b"id")).owns(&lease(b"", None), true));
    }

    /// Log messages name clients as Kea's do.
    #[test]
    fn labels_read_like_keas() {
        let client = client(&[8, 0], Some(&[1, 8]));
        let label = Label { hwaddr: &client.hwaddr, id: client.id.as_ref(), transaction: Some(0x1a) };
        assert_eq!(label.to_string(), "[hwtype=1 08:00], cid=[01:08], tid=0x1a");
        let label = Label { hwaddr: &client.hwaddr, id: None, transaction: None };
        assert_eq!(label.to_string(), "[hwtype=1 08:00], cid=[no info]");
    }
}
