//! What a configuration asks of files, judged: paths, secrets and certificates.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kotare_config::agent::{ConfigAgent, Daemon, HttpWay, Way as Written};
use kotare_config::json::Diagnostics;
use kotare_config::process::WrittenPath;
use kotare_control::client::{HttpPeer, Tls};
use kotare_control::http::ListenerConfig;
use kotare_daemon::args::KEA_VERSION;
use kotare_daemon::logging::LoggingConfig;
use kotare_daemon::{PathKind, Paths};
use kotare_modules::ModulesAgent;
use kotare_process::{Judge, http_credentials, http_listeners};

use crate::catalogue::Catalogue;
use crate::forward::{Target, Way};

/// What clients are told to log in to where nothing is written.
const REALM: &str = "kea-control-agent";

/// What a configuration needs to be used.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) logging: LoggingConfig,
    pub(crate) listeners: Vec<ListenerConfig>,
    pub(crate) targets: BTreeMap<&'static str, Arc<Target>>,
    pub(crate) modules: ModulesAgent,
}

impl Judged {
    /// Judges a configuration. What is wrong goes to `diagnostics`; with errors the result serves nobody.
    pub(crate) fn of(config: &ConfigAgent, paths: &Paths, diagnostics: &mut Diagnostics) -> Self {
        let logging = Judge { paths, diagnostics }.logging(&config.loggers);
        // As Kea's agent, this one may listen without asking who comes: a warning says so.
        let listeners = http_listeners(config.http.as_slice(), REALM, false, diagnostics);
        let target = |daemon: &Daemon| {
            let way = match &daemon.way {
                Written::Unix(name) => {
                    Way::Unix(Judge { paths, diagnostics }.path(PathKind::ControlSocket, name)?)
                }
                Written::Http(way) => Way::Http(peer(way, diagnostics)?.into()),
            };
            Some((daemon.service, Arc::new(Target::new(daemon.service, way, daemon.patience))))
        };
        let targets = config.daemons.iter().filter_map(target).collect();
        let modules = ModulesAgent::read(config, Catalogue::new().declared(), diagnostics);
        Self { logging, listeners, targets, modules }
    }
}

fn peer(way: &HttpWay, diagnostics: &mut Diagnostics) -> Option<HttpPeer> {
    let tls = match &way.trust_anchor {
        None => None,
        Some(anchor) => {
            let own = way.own.as_ref().map(|(certificate, key)| (path(certificate), path(key)));
            match Tls::read(path(anchor), own) {
                Ok(tls) => Some(tls),
                Err(reason) => {
                    diagnostics.error(&anchor.source, reason);
                    return None;
                }
            }
        }
    };
    let agent = format!("Kea-ctrl-agent/{KEA_VERSION}");
    let peer = HttpPeer::new(&way.at.ip().to_string(), way.at.port(), tls, &agent).ok()?;
    match &way.user {
        None => Some(peer),
        Some((user, directory)) => {
            let (user, password) = http_credentials(user, directory, false, diagnostics)?;
            peer.with_user(&user, &password).ok()
        }
    }
}

fn path(written: &WrittenPath) -> &Path {
    Path::new(&*written.path)
}
