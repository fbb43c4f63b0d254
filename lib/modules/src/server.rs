//! The server around modules, as far as they know it.
//!
//! A module is built before the configuration it belongs to takes effect, the first one even before there is a server.
//! So what it keeps is a [`ServerLink`], and what it asks it asks when it needs it: then it gets what is served then.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use kotare_config::Written;
use kotare_config::json::Value;
use kotare_engine::{AnyLeases, Leased, v4, v6};
use kotare_model::{Lease4, Lease6, Timestamp};
use kotare_stats::Statistics;
use parking_lot::Mutex;

/// What comes of something that takes its time.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes another configuration of what is written of the one in effect, and what that means, or says why not.
pub type Edit<C> = Box<dyn FnOnce(&Written, &C) -> Result<Edited<C>, String> + Send>;

/// Another configuration, which an edit made.
#[derive(Debug)]
pub struct Edited<C> {
    /// What is written of it.
    pub written: Value,
    /// What that means, where it is known: where only reservations differ, and nothing is to be said of them. Else it is
    /// read.
    pub meaning: Option<C>,
}

impl<C> From<Value> for Edited<C> {
    /// What is written; it has to be read.
    fn from(written: Value) -> Self {
        Self { written, meaning: None }
    }
}

/// A file that leases were written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenLeases {
    /// The file.
    pub path: PathBuf,
    /// Why it should not be there, where that is not enforced (`-X`).
    pub warning: Option<String>,
}

/// A server with leases `L`, which it gives with an `E`.
pub trait Server<L: Leased, E>: Send + Sync {
    /// What it serves from now. What is asked of one of them fits together; the next configuration may be served already.
    fn serving(&self) -> Arc<dyn Serving<L, E>>;

    /// Its statistics.
    fn statistics(&self) -> &Statistics<L::Stat>;

    /// What time it is.
    fn now(&self) -> Timestamp;

    /// The time since 1970-01-01T00:00:00Z.
    fn since_epoch(&self) -> Duration;

    /// Writes all leases to a lease file of this name, where lease files may be. It takes a while: to be called aside.
    ///
    /// # Errors
    /// Why not, in Kea's words where the name is no good.
    fn write_leases(&self, name: &str) -> Result<WrittenLeases, String>;

    /// Answers no messages until `origin` has the service enabled again; others may have it disabled, too.
    fn disable(&self, origin: u32);

    /// Takes back what `origin` disabled.
    fn enable(&self, origin: u32);

    /// Where a file of this name is among the data of the server, and a warning if it should not be there, where that is not
    /// enforced (`-X`).
    ///
    /// # Errors
    /// Why there may be no such file.
    fn data_file(&self, name: &str) -> Result<(PathBuf, Option<String>), String>;

    /// Serves from another configuration, which `edit` makes of what is written of the one in effect then. No other
    /// configuration takes effect meanwhile. Nothing changes if that fails. What commands have set otherwise goes on as
    /// before (whether the service is enabled, how many samples are kept), and leases are not looked through.
    ///
    /// `edit` runs aside. An error is what it said, or what is wrong with what it made, a line for each.
    fn edit(&self, edit: Edit<L::Config>) -> Doing<'_, Result<(), String>>;
}

/// What a server serves from: one configuration and what was prepared for it.
pub trait Serving<L: Leased, E>: Send + Sync {
    /// The configuration.
    fn config(&self) -> &Arc<L::Config>;

    /// What is written of it.
    fn written(&self) -> &Written;

    /// What packets are answered with.
    fn engine(&self) -> &E;

    /// The leases.
    fn leases(&self) -> &dyn AnyLeases<L>;
}

/// A DHCPv4 server.
pub type Server4 = dyn Server<Lease4, v4::Server>;

/// A DHCPv6 server.
pub type Server6 = dyn Server<Lease6, v6::Server>;

/// What a DHCPv4 server serves from.
pub type Serving4 = dyn Serving<Lease4, v4::Server>;

/// What a DHCPv6 server serves from.
pub type Serving6 = dyn Serving<Lease6, v6::Server>;

/// The way of a module to the server that it is part of.
pub struct ServerLink<L: Leased, E>(Arc<OnceLock<Weak<dyn Server<L, E>>>>);

/// The way to a DHCPv4 server.
pub type ServerLink4 = ServerLink<Lease4, v4::Server>;

/// The way to a DHCPv6 server.
pub type ServerLink6 = ServerLink<Lease6, v6::Server>;

impl<L: Leased, E> ServerLink<L, E> {
    /// A way to a server that is not there yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// From now on this leads to `server`, which it does not keep alive. Only the first one counts.
    pub fn lead_to(&self, server: Weak<dyn Server<L, E>>) {
        let _ = self.0.set(server);
    }

    /// The server; `None` before it has begun to serve, and when it has ended.
    #[must_use]
    pub fn get(&self) -> Option<Arc<dyn Server<L, E>>> {
        self.0.get()?.upgrade()
    }
}

impl<L: Leased, E> dyn Server<L, E> {
    /// [`Server::edit`] with what the edit finds out on its way.
    ///
    /// # Errors
    /// As there.
    pub async fn edit_with<T: Send + 'static, R: From<String> + Send + 'static>(
        &self,
        edit: impl FnOnce(&Written, &L::Config) -> Result<(Edited<L::Config>, T), R> + Send + 'static,
    ) -> Result<T, R> {
        let found = Arc::new(Mutex::new(None));
        let keep = found.clone();
        let edited = self.edit(Box::new(move |written, config| {
            let (edited, found) = match edit(written, config) {
                Ok((edited, value)) => (Ok(edited), Ok(value)),
                Err(refused) => (Err(String::new()), Err(refused)),
            };
            *keep.lock() = Some(found);
            edited
        }));
        let edited = edited.await;
        match (found.lock().take(), edited) {
            (Some(Err(refused)), _) => Err(refused),
            (_, Err(reason)) => Err(reason.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err("the configuration was not edited".to_owned().into()),
        }
    }
}

impl<L: Leased, E> Default for ServerLink<L, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Leased, E> Clone for ServerLink<L, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L: Leased, E> fmt::Debug for ServerLink<L, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerLink").field(&self.0.get().is_some()).finish()
    }
}
