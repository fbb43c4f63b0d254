//! Where routes are kept.

use std::io;
use std::path::PathBuf;

use kotare_config::v6::PrefixRoutes;
use kotare_daemon::{Clock, Environment};

use super::hop::Route;
use super::kernel::Kernel;
use super::plan::Change;
use super::script::Script;

/// What keeps routes.
pub(super) trait Target {
    /// How many changes are made at a time.
    fn batch(&self) -> usize;

    /// Makes changes, each for itself: what came of each, in their order. An error says what to do about it.
    async fn apply(&self, changes: Vec<Change>) -> Vec<(Change, Result<(), String>)>;

    /// Sees to it that these routes are there, and none besides. Which changes failed, and why.
    async fn sync(&self, routes: Vec<Route>) -> Result<Vec<(Change, String)>, String>;
}

/// What keeps them as it is configured.
#[derive(Debug)]
pub(super) enum Router {
    Kernel(Kernel),
    Script(Script),
}

impl Router {
    /// That of a configuration; `path` is the whole path of its script.
    pub(super) fn open(
        settings: &PrefixRoutes,
        path: Option<PathBuf>,
        environment: &Environment,
        clock: &Clock,
    ) -> io::Result<Self> {
        Ok(match settings {
            PrefixRoutes::Kernel(settings) => Self::Kernel(Kernel::open(*settings)?),
            PrefixRoutes::Script(settings) => {
                let path = path.unwrap_or_else(|| PathBuf::from(&*settings.path.path));
                Self::Script(Script::new(path, settings.timeout, environment, clock.clone()))
            }
        })
    }
}

impl Target for Router {
    fn batch(&self) -> usize {
        match self {
            Self::Kernel(target) => target.batch(),
            Self::Script(target) => target.batch(),
        }
    }

    async fn apply(&self, changes: Vec<Change>) -> Vec<(Change, Result<(), String>)> {
        match self {
            Self::Kernel(target) => target.apply(changes).await,
            Self::Script(target) => target.apply(changes).await,
        }
    }

    async fn sync(&self, routes: Vec<Route>) -> Result<Vec<(Change, String)>, String> {
        match self {
            Self::Kernel(target) => target.sync(routes).await,
            Self::Script(target) => target.sync(routes).await,
        }
    }
}
