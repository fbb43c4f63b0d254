//! What clients are called: by whom reservations know them, and as whom they are introduced to servers.

use kotare_model::{Hex, HostIdType, HwAddr};

use super::parameters::Calling;

/// Who a client is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// By whom reservations know it.
    pub(super) id: Box<[u8]>,
    /// User-Name.
    pub(super) user: String,
}

/// The type of a client identifier that has a DUID in it (RFC 4361 §6.1), and what stands before that.
const TYPE_DUID: u8 = 255;
const BEFORE_DUID: usize = 5;

impl Calling {
    /// A hardware address as servers know it.
    pub(super) fn hwaddr(&self, hwaddr: &HwAddr) -> String {
        let text = Hex(hwaddr.as_bytes()).to_string();
        if self.canonical { text.replace(':', "-") } else { text }
    }

    fn shown(&self, bytes: &[u8]) -> String {
        let text = std::str::from_utf8(bytes).ok().filter(|_| self.printable);
        let text = text.filter(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        text.map_or_else(|| Hex(bytes).to_string(), str::to_owned)
    }

    /// A client identifier of DHCPv4 as servers know it.
    pub(super) fn client_id(&self, id: &[u8]) -> String {
        match (duid_of(id).filter(|_| self.extract_duid), id) {
            (Some(duid), _) => self.shown(duid),
            (None, [0, rest @ ..]) if self.pop0 && !rest.is_empty() => self.shown(rest),
            _ => self.shown(id),
        }
    }

    /// A DUID as servers know it.
    pub(super) fn duid(&self, duid: &[u8]) -> String {
        match duid {
            [0, 0, rest @ ..] if self.pop0 => self.shown(rest),
            _ => self.shown(duid),
        }
    }

    /// Who a client of DHCPv4 is that has this client identifier; `flex-id` is what has taken its place.
    pub(super) fn of_client_id(&self, id: Option<&[u8]>) -> Result<Identity, &'static str> {
        let id = id.ok_or("no client-id option")?;
        let (id, user) = match self.kind {
            HostIdType::Duid => {
                let duid = duid_of(id).ok_or("no DUID in client-id option")?;
                (duid, self.shown(duid))
            }
            HostIdType::FlexId => {
                let flex_id = of_flex_id(id).ok_or("no flex-id in client-id option")?;
                (flex_id, self.shown(flex_id))
            }
            _ => (id, self.client_id(id)),
        };
        Ok(Identity { id: id.into(), user })
    }

    /// Who a client of DHCPv6 is that has this DUID.
    pub(super) fn of_duid(&self, duid: Option<&[u8]>) -> Result<Identity, &'static str> {
        let duid = duid.ok_or("no client-id option")?;
        match self.kind {
            HostIdType::FlexId => {
                let flex_id = duid.strip_prefix(&[0, 0]).filter(|id| !id.is_empty());
                let flex_id = flex_id.ok_or("no flex-id in client-id option")?;
                Ok(Identity { id: flex_id.into(), user: self.shown(flex_id) })
            }
            _ => Ok(Identity { id: duid.into(), user: self.duid(duid) }),
        }
    }

    /// Who a client is that has this hardware address.
    pub(super) fn of_hwaddr(&self, hwaddr: Option<&HwAddr>) -> Result<Identity, &'static str> {
        let hwaddr = hwaddr.ok_or("no hardware address")?;
        match hwaddr.as_bytes() {
            [] => Err("empty hardware address"),
            id => Ok(Identity { id: id.into(), user: self.hwaddr(hwaddr) }),
        }
    }

    /// Who a client is on this circuit of a relay agent.
    pub(super) fn of_circuit(&self, circuit: Option<Vec<u8>>) -> Result<Identity, &'static str> {
        match circuit.ok_or("no circuit-id option")? {
            id if id.is_empty() => Err("empty circuit-id option"),
            id => Ok(Identity { user: self.shown(&id), id: id.into() }),
        }
    }
}

fn duid_of(client_id: &[u8]) -> Option<&[u8]> {
    let duid = client_id.get(BEFORE_DUID..).filter(|duid| !duid.is_empty());
    duid.filter(|_| client_id.first() == Some(&TYPE_DUID))
}

fn of_flex_id(client_id: &[u8]) -> Option<&[u8]> {
    client_id.strip_prefix(&[0]).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Calling = Calling {
        kind: HostIdType::ClientId,
        canonical: false,
        pop0: false,
        printable: false,
        extract_duid: true,
    };

    /// Identifiers are shown as they are configured to be.
    #[test]
    fn identifiers_have_a_text() {
        let user = |calling: Calling, id: &[u8]| calling.of_client_id(Some(id)).map(|identity| identity.user);
        let rfc4361 = [255, 1, 2, 3, 4, b'm', b'e'];
        assert_eq!(user(PLAIN, b"\x01ab").unwrap(), "01:61:62");
        assert_eq!(user(PLAIN, &rfc4361).unwrap(), "6d:65");
        assert_eq!(user(Calling { printable: true, ..PLAIN }, b"me").unwrap(), "me");
        let pop0 = Calling { pop0: true, printable: true, ..PLAIN };
        assert_eq!(user(pop0, b"\0me").unwrap(), "me");
        assert_eq!(user(Calling { printable: true, ..PLAIN }, b"\0me").unwrap(), "00:6d:65");
        let flex_id = Calling { kind: HostIdType::FlexId, printable: true, ..PLAIN };
        let identity = flex_id.of_client_id(Some(b"\0me")).unwrap();
        assert_eq!((&*identity.id, &*identity.user), (&b"me"[..], "me"));
        assert_eq!(user(flex_id, b"me"), Err("no flex-id in client-id option"));
        let duid = Calling { kind: HostIdType::Duid, ..PLAIN };
        assert_eq!(&*duid.of_client_id(Some(&rfc4361)).unwrap().id, b"me");
        assert_eq!(user(duid, b"me"), Err("no DUID in client-id option"));
        assert_eq!(PLAIN.of_client_id(None), Err("no client-id option"));
        let mac = HwAddr::new(1, &[0xab, 1, 2, 3, 4, 5]).unwrap();
        let canonical = Calling { kind: HostIdType::HwAddress, canonical: true, ..PLAIN };
        assert_eq!(canonical.of_hwaddr(Some(&mac)).unwrap().user, "ab-01-02-03-04-05");
        assert_eq!(canonical.of_hwaddr(None), Err("no hardware address"));
        assert_eq!(PLAIN.of_duid(Some(&[0, 0, 7])).unwrap().user, "00:00:07");
        assert_eq!(Calling { pop0: true, ..PLAIN }.of_duid(Some(&[0, 0, 7])).unwrap().user, "07");
        assert_eq!(flex_id.of_duid(Some(b"\0\0me")).unwrap().user, "me");
        assert_eq!(PLAIN.of_circuit(Some(vec![])), Err("empty circuit-id option"));
    }
}
