//! The way to another daemon, judged: paths, secrets and certificates.

use std::path::{Path, PathBuf};

use kotare_config::json::Diagnostics;
use kotare_config::process::{HttpWay, Way as Written, WrittenPath};
use kotare_control::client::{HttpPeer, Tls};
use kotare_daemon::PathKind;
use kotare_daemon::args::KEA_VERSION;

use crate::judge::Judge;
use crate::judged_http::http_credentials;

/// The way to a daemon.
#[derive(Debug)]
pub enum Way {
    /// Its UNIX control socket.
    Unix(PathBuf),
    /// Its HTTP control socket.
    Http(Box<HttpPeer>),
}

impl Judge<'_> {
    /// The way to a daemon for a program that calls itself `agent`; none if it cannot be gone, which the diagnostics hear.
    pub fn way(&mut self, written: &Written, agent: &str) -> Option<Way> {
        Some(match written {
            Written::Unix(name) => Way::Unix(self.path(PathKind::ControlSocket, name)?),
            Written::Http(way) => Way::Http(peer(way, agent, self.diagnostics)?.into()),
        })
    }
}

fn peer(way: &HttpWay, agent: &str, diagnostics: &mut Diagnostics) -> Option<HttpPeer> {
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
    let agent = format!("{agent}/{KEA_VERSION}");
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
