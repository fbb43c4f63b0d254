//! Who a client is.

use std::fmt;

use kotare_model::{Duid, HwAddr6};

/// The identity of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Option 1. Only who asks for configuration alone (INFORMATION-REQUEST) may have none.
    pub duid: Option<Duid>,
    /// Its hardware address, if one was found (`mac-sources`). It names the client in reservations and is noted in its
    /// leases; whose a lease is it does not say.
    pub hwaddr: Option<HwAddr6>,
}

/// How log messages name a client: its DUID and, of a message, its transaction. As in Kea, no hardware address: where that
/// is found depends on what is configured.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// The DUID.
    pub duid: Option<&'a Duid>,
    /// The transaction of a message.
    pub transaction: Option<u32>,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.duid {
            Some(duid) => write!(f, "duid=[{duid}], [no hwaddr info]")?,
            None => f.write_str("duid=[no info], [no hwaddr info]")?,
        }
        match self.transaction {
            Some(transaction) => write!(f, ", tid=0x{transaction:x}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log messages name clients as Kea's do.
    #[test]
    fn labels_read_like_keas() {
        let duid = Duid::new(&[0, 3, 0, 1, 0xab]).unwrap();
        let label = Label { duid: Some(&duid), transaction: Some(0x1a) };
        assert_eq!(label.to_string(), "duid=[00:03:00:01:ab], [no hwaddr info], tid=0x1a");
        let label = Label { duid: None, transaction: None };
        assert_eq!(label.to_string(), "duid=[no info], [no hwaddr info]");
    }
}
