//! `delegated-prefix-routes`.

use crate::Level;
use crate::process::WrittenPath;
use crate::schema::tables::PREFIX_ROUTES;
use crate::v6::{KernelRoutes, PrefixRoutes, RouteScript};

/// What is written; `None` for no routes, also without the script that checks ask for.
pub(super) fn resolve(global: Level<'_>) -> Option<PrefixRoutes> {
    let level = global.section(&PREFIX_ROUTES);
    level.map()?;
    if level.text("mode").eq_ignore_ascii_case("script") {
        let path = WrittenPath::of(level.own("script")?)?;
        return Some(PrefixRoutes::Script(RouteScript { path, timeout: level.seconds("script-timeout") }));
    }
    Some(PrefixRoutes::Kernel(KernelRoutes {
        table: level.count("table"),
        protocol: level.count("protocol"),
        metric: level.count("metric"),
    }))
}
