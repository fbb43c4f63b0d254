//! The message that updates of leases come of: whose it is, and what the log calls it. Both are asked for when something went
//! wrong, so they are not put into words before.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use kotare_engine::v4::{self, Query4};
use kotare_engine::v6::{self, Query6};
use kotare_ha::ClientKey;
use kotare_model::Duid;

/// A message, shown as the log calls it.
pub(super) trait Origin: Display + Send + Sync {
    /// Whose it is.
    fn client(&self) -> Option<ClientKey>;
}

/// One of DHCPv4.
struct Origin4 {
    client: v4::Client,
    transaction: u32,
}

/// One of DHCPv6.
struct Origin6 {
    duid: Option<Duid>,
    transaction: u32,
}

/// What is kept of a message of DHCPv4.
pub(super) fn of4(query: &Query4) -> Arc<dyn Origin> {
    Arc::new(Origin4 { client: query.client.clone(), transaction: query.transaction })
}

/// What is kept of a message of DHCPv6.
pub(super) fn of6(query: &Query6) -> Arc<dyn Origin> {
    Arc::new(Origin6 { duid: query.duid().cloned(), transaction: query.transaction })
}

impl Origin for Origin4 {
    fn client(&self) -> Option<ClientKey> {
        Some(ClientKey::v4(&self.client.hwaddr, self.client.id.as_ref()))
    }
}

impl Origin for Origin6 {
    fn client(&self) -> Option<ClientKey> {
        self.duid.as_ref().map(ClientKey::v6)
    }
}

impl Display for Origin4 {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let v4::Client { hwaddr, id } = &self.client;
        v4::Label { hwaddr, id: id.as_ref(), transaction: Some(self.transaction) }.fmt(f)
    }
}

impl Display for Origin6 {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        v6::Label { duid: self.duid.as_ref(), transaction: Some(self.transaction) }.fmt(f)
    }
}

/// What a server does of itself, by its name.
impl Origin for String {
    fn client(&self) -> Option<ClientKey> {
        None
    }
}
