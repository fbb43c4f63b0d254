//! The task that keeps routes, for as long as the server runs.

use kotare_config::v6::PrefixRoutes;
use kotare_daemon::PathKind;
use kotare_model::Lease6;
use kotare_server::{Changes as _, Daemon, Store, next};

use super::keeper::Keeper;
use super::target::Router;
use crate::messages::KOTARE_ROUTES_NOT_BEGUN;
use crate::{Dhcp6, Network6};

/// Keeps the routes that the configuration in effect asks for. When the server stops, they stay: clients keep their
/// prefixes, too.
pub(crate) async fn run<N: Network6, S: Store<Lease6>>(daemon: &Daemon<Dhcp6<N, S>>) {
    let mut reconfigured = daemon.reconfigured();
    let mut keeping: Option<(PrefixRoutes, Keeper<Router>)> = None;
    // Without hearing of interfaces, all is looked through every few minutes.
    let mut interfaces = None;
    loop {
        let generation = daemon.generation();
        let (settings, changes) = (&generation.config().prefix_routes, generation.modules().routes());
        let goes_on = |(before, keeper): &(_, Keeper<_>)| {
            settings.as_ref() == Some(before)
                && changes.is_some_and(|changes| std::sync::Arc::ptr_eq(changes, keeper.changes()))
        };
        if let Some((_, former)) = keeping.take_if(|keeping| !goes_on(keeping)) {
            former.end().await;
        }
        if let (None, Some(settings), Some(changes)) = (&keeping, settings, changes) {
            let surroundings = daemon.surroundings();
            match open(settings, daemon) {
                Ok(router) => {
                    let keeper = Keeper::new(router, changes.clone(), surroundings.clock.clone());
                    keeping = Some((settings.clone(), keeper));
                    interfaces = surroundings.network.changes().ok();
                }
                Err(reason) => KOTARE_ROUTES_NOT_BEGUN(reason),
            }
        }
        let Some((_, keeper)) = &mut keeping else {
            drop(generation);
            next(&mut reconfigured).await;
            continue;
        };
        keeper.work(generation.leases()).await;
        // A configuration that is not in effect any more must not stay for this.
        drop(generation);
        let changed = async {
            match &interfaces {
                Some(interfaces) if interfaces.changed().await.is_ok() => {}
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = keeper.due() => {}
            () = next(&mut reconfigured) => {}
            () = changed => keeper.interfaces_changed(),
        }
    }
}

fn open<N: Network6, S: Store<Lease6>>(
    settings: &PrefixRoutes,
    daemon: &Daemon<Dhcp6<N, S>>,
) -> Result<Router, String> {
    let surroundings = daemon.surroundings();
    let path = match settings {
        PrefixRoutes::Kernel(_) => None,
        PrefixRoutes::Script(script) => {
            let judged = surroundings.paths.file(PathKind::HookScript, &script.path.path);
            Some(judged.map_err(|error| error.to_string())?.path.into())
        }
    };
    let router = Router::open(settings, path, &surroundings.environment, &surroundings.clock);
    router.map_err(|error| error.to_string())
}
