//! Where reservations are kept besides the configuration: databases, in the order of `hosts-databases`.

use std::sync::Arc;

use kotare_modules::databases::Keeps;
use kotare_process::DatabaseAt;
use kotare_store::{AnyHostStore, HostPlace, HostSources, StoreError};
use kotare_store_sql::{HostRecord, Reach, SqlHosts};
use tokio::sync::watch;

use crate::awaited::{Absent, Awaited};
use crate::messages::{DHCPSRV_HOST_MGR_DB_OPEN_CONNECTION_WITH_RETRY_FAILED, KOTARE_HOST_ROW_LEFT_OUT};
use crate::stores::{Opening, Patience};

/// A database of reservations. The next configuration takes it over if it names it, too.
#[derive(Debug)]
pub(crate) struct HostStore<R: HostRecord> {
    at: DatabaseAt,
    hosts: Hosts<R>,
}

/// What is there of it.
#[derive(Debug)]
enum Hosts<R: HostRecord> {
    There(Arc<SqlHosts<R>>),
    /// It was not there when the server started; this is what will take its place.
    Awaited(Awaited<HostStore<R>>),
}

/// The databases of reservations of a configuration.
pub(crate) type HostStores<R> = Vec<Arc<HostStore<R>>>;

impl<R: HostRecord> HostStore<R> {
    /// Connects to a database, or begins to wait for it.
    async fn open(
        at: DatabaseAt,
        connections: usize,
        patience: Patience<'_>,
    ) -> Result<Arc<Self>, StoreError> {
        let manager = Keeps::Hosts.in_a(at.access.engine);
        manager.opens(&at.given);
        let place = at.clone();
        let open = move || -> Opening<'static, SqlHosts<R>> {
            let at = place.clone();
            Box::pin(async move {
                let name = at.access.to_string();
                let tell = move |row| KOTARE_HOST_ROW_LEFT_OUT(&name, row);
                let opened = SqlHosts::open(at.access.clone(), at.retry, connections, tell).await;
                if opened.is_ok() && at.access.readonly {
                    manager.opened_readonly();
                }
                opened.map_err(|error| error.into_store(format!("open the hosts database ({})", at.access)))
            })
        };
        let error = match open().await {
            Ok(hosts) => return Ok(Arc::new(Self { at, hosts: Hosts::There(Arc::new(hosts)) })),
            Err(error) => error,
        };
        let Some(clock) = patience.waits(&at, &error) else { return Err(error) };
        DHCPSRV_HOST_MGR_DB_OPEN_CONNECTION_WITH_RETRY_FAILED(&at.given, &error.source);
        let named = at.clone();
        let make = move |hosts| Self { at: named, hosts: Hosts::There(Arc::new(hosts)) };
        let hosts = Hosts::Awaited(Awaited::begin(at.retry, clock.clone(), &error, open, make));
        Ok(Arc::new(Self { at, hosts }))
    }

    /// What takes its place when it comes, if it was not there when the server started.
    pub(crate) fn awaited(&self) -> Option<&Awaited<Self>> {
        match &self.hosts {
            Hosts::There(_) => None,
            Hosts::Awaited(awaited) => Some(awaited),
        }
    }

    /// What it is, as `type` has it.
    pub(crate) fn kind(&self) -> &'static str {
        self.at.access.engine.name()
    }

    /// Where it is and what is done when it is lost.
    pub(crate) fn at(&self) -> &DatabaseAt {
        &self.at
    }

    /// Keeps so many connections from now on.
    pub(crate) fn resize(&self, connections: usize) {
        if let Hosts::There(hosts) = &self.hosts {
            hosts.resize(connections);
        }
    }

    /// How it can be reached.
    pub(crate) fn reach(&self) -> watch::Receiver<Reach> {
        match &self.hosts {
            Hosts::There(hosts) => hosts.reach(),
            Hosts::Awaited(awaited) => awaited.reach(),
        }
    }

    fn source(&self) -> Arc<dyn AnyHostStore<R>> {
        match &self.hosts {
            Hosts::There(hosts) => hosts.clone(),
            Hosts::Awaited(awaited) => Arc::new(Absent::<R>::new(awaited.reach())),
        }
    }
}

/// Opens the databases of a configuration, but for those that are open.
pub(crate) fn open<'a, R: HostRecord>(
    wanted: Vec<DatabaseAt>,
    running: &'a [Arc<HostStore<R>>],
    connections: usize,
    patience: Patience<'a>,
) -> Opening<'a, HostStores<R>> {
    Box::pin(async move {
        let mut opened: HostStores<R> = Vec::with_capacity(wanted.len());
        for at in wanted {
            let there = running.iter().find(|store| store.at == at);
            opened.push(match there {
                Some(store) => store.awaited().and_then(Awaited::come).unwrap_or_else(|| store.clone()),
                None => HostStore::open(at, connections, patience).await?,
            });
        }
        Ok(opened)
    })
}

/// As the engine asks them.
pub(crate) fn sources<R: HostRecord>(stores: &[Arc<HostStore<R>>]) -> HostSources<R> {
    HostSources::new(stores.iter().map(|store| HostPlace { kind: store.kind(), hosts: store.source() }))
}
