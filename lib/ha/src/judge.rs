//! What is wrong with a relationship, in Kea's words where it has some.

use std::net::IpAddr;

use crate::{Mode, Peer, Relationship, Role};

impl Relationship {
    /// Finds what is wrong, all of it.
    ///
    /// Files are not looked at, and whether two servers listen at one place neither.
    #[must_use]
    pub fn judge(&self) -> Vec<String> {
        let mut wrong = self.misnamed();
        wrong.extend(self.peers.iter().filter_map(|peer| self.address(peer).err()));
        wrong.extend(self.peers.iter().flat_map(|peer| self.login(peer)));
        wrong.extend(self.roles());
        wrong.extend(self.states());
        if self.sync_page_limit == 0 {
            wrong.push("'sync-page-limit' must be greater than 0".into());
        }
        wrong
    }

    fn misnamed(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.this_server.is_empty() {
            wrong.push("'this-server-name' value must not be empty".into());
        } else if self.own().is_none() {
            wrong.push(format!("no peer configuration specified for the '{}'", self.this_server));
        }
        for (at, peer) in self.peers.iter().enumerate() {
            if peer.name.is_empty() {
                wrong.push("peer name must not be empty".into());
            } else if self.peers[..at].iter().any(|other| other.name == peer.name) {
                wrong.push(format!("peer with name '{}' already specified", peer.name));
            }
        }
        wrong
    }

    /// A peer is reached at an address, never a name, with TLS or without.
    fn address(&self, peer: &Peer) -> Result<(), String> {
        let (url, name) = (&peer.url, &peer.name);
        let place = Place::of(url).map_err(|why| format!("invalid URL: {why} for server {name}"))?;
        if place.host.parse::<IpAddr>().is_err() {
            return Err(format!(
                "bad url '{url}': Failed to convert string to address '{}': Invalid argument for server {name}",
                place.host
            ));
        }
        let files = self.tls_of(peer);
        if files.iter().all(Option::is_none) {
            if place.is_secure {
                return Err(format!(
                    "bad url '{url}': https scheme is not supported for server {name} where TLS is disabled"
                ));
            }
            return Ok(());
        }
        for (file, parameter) in files.iter().zip(["trust-anchor", "cert-file", "key-file"]) {
            if file.is_none() {
                return Err(format!(
                    "bad TLS config for server {name}: {parameter} parameter is missing or empty: all or none of TLS \
                     parameters must be set"
                ));
            }
        }
        Ok(())
    }

    fn login(&self, peer: &Peer) -> Option<String> {
        let (user, _) = peer.login.as_ref()?;
        user.contains(':').then(|| format!("user '{user}' must not contain a ':' in peer '{}'", peer.name))
    }

    fn roles(&self) -> Vec<String> {
        let count = |role| self.peers.iter().filter(|peer| peer.role == role).count();
        let (primary, secondary, standby) =
            (count(Role::Primary), count(Role::Secondary), count(Role::Standby));
        let (mode, partner) = match self.mode {
            Mode::LoadBalancing => ("load balancing", Some(Role::Secondary)),
            Mode::HotStandby => ("hot standby", Some(Role::Standby)),
            Mode::PassiveBackup => ("passive backup", None),
        };
        let mut wrong = Vec::new();
        for (role, count) in
            [(Role::Primary, primary), (Role::Secondary, secondary), (Role::Standby, standby)]
        {
            if count > 1 {
                wrong.push(format!("multiple {role} servers specified"));
            }
            let is_needed = role == Role::Primary || Some(role) == partner;
            if is_needed && count == 0 {
                wrong.push(format!("{role} server required in the {mode} configuration"));
            } else if !is_needed && count > 0 {
                wrong.push(format!("{role} servers not allowed in the {mode} configuration"));
            }
        }
        if self.mode != Mode::PassiveBackup && self.waits_for_backups {
            wrong.push(format!("'wait-backup-ack' must be set to false in the {mode} configuration"));
        }
        if self.mode != Mode::LoadBalancing && self.delayed_updates_limit > 0 {
            wrong.push(format!("'delayed-updates-limit' must be set to 0 in the {mode} configuration"));
        }
        wrong
    }

    fn states(&self) -> Vec<String> {
        let doubled = |at: usize| self.pauses[..at].iter().any(|(state, _)| *state == self.pauses[at].0);
        (0..self.pauses.len())
            .filter(|at| doubled(*at))
            .map(|at| format!("duplicated configuration for the '{}' state", self.pauses[at].0))
            .collect()
    }
}

/// Where a URL leads: `http://192.0.2.1:8005/`, `https://[2001:db8::1]:8005/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whether it is `https`.
    pub is_secure: bool,
    /// The host, without the brackets of an IPv6 address.
    pub host: String,
    /// The port; that of the scheme if none is given.
    pub port: u16,
}

impl Place {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(url: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(format!("url {url} lacks http or https scheme"));
        };
        let is_secure = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(format!("invalid scheme {scheme} in {url}")),
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let Some((host, after)) = bracketed.split_once(']') else {
                    return Err(format!("expected ] after IPv6 address in {url}"));
                };
                (host, after.strip_prefix(':').or(after.is_empty().then_some("")))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, Some("")),
            },
        };
        if host.is_empty() {
            return Err(format!("hostname missing in {url}"));
        }
        let port = match port {
            Some("") if authority.ends_with(':') => {
                return Err(format!("expected port number after : in {url}"));
            }
            Some("") if is_secure => 443,
            Some("") => 80,
            Some(digits) => digits.parse().map_err(|_| format!("invalid port number {digits} in {url}"))?,
            None => return Err(format!("unexpected characters after ']' in {url}")),
        };
        Ok(Self { is_secure, host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pause, State, Tls};

    fn pair() -> Relationship {
        let mut pair = Relationship::new("server1", Mode::LoadBalancing);
        pair.peers = vec![
            Peer::new("server1", "http://192.168.56.33:8005/", Role::Primary),
            Peer::new("server2", "http://[2001:db8::66]:8005/", Role::Secondary),
            Peer::new("server3", "http://192.168.56.99:8005/", Role::Backup),
        ];
        pair
    }

    /// What the manual shows is right.
    #[test]
    fn the_manuals_pair_is_right() {
        assert_eq!(pair().judge(), Vec::<String>::new());
        assert_eq!(pair().partner().unwrap().name, "server2");
        let mut standby = pair();
        (standby.mode, standby.delayed_updates_limit) = (Mode::HotStandby, 0);
        standby.peers[1].role = Role::Standby;
        assert_eq!(standby.judge(), Vec::<String>::new());
        let mut passive = standby;
        passive.mode = Mode::PassiveBackup;
        passive.peers[1].role = Role::Backup;
        passive.waits_for_backups = true;
        assert_eq!(passive.judge(), Vec::<String>::new());
        assert!(passive.partner().is_none() && !passive.is_paired());
    }

    /// Each thing that Kea refuses is refused, in its words.
    #[test]
    fn what_is_wrong_is_said() {
        let said = |change: fn(&mut Relationship)| {
            let mut pair = pair();
            change(&mut pair);
            pair.judge().join("; ")
        };
        assert_eq!(said(|it| it.this_server = "x".into()), "no peer configuration specified for the 'x'");
        assert_eq!(
            said(|it| it.peers[1].name = "server1".into()),
            "peer with name 'server1' already specified"
        );
        assert_eq!(
            said(|it| it.peers[1].role = Role::Primary),
            "multiple primary servers specified; secondary server required in the load balancing configuration"
        );
        assert_eq!(
            said(|it| it.peers[2].role = Role::Standby),
            "standby servers not allowed in the load balancing configuration"
        );
        assert_eq!(
            said(|it| it.waits_for_backups = true),
            "'wait-backup-ack' must be set to false in the load balancing configuration"
        );
        assert!(
            said(|it| it.mode = Mode::HotStandby)
                .ends_with("'delayed-updates-limit' must be set to 0 in the hot standby configuration")
        );
        assert_eq!(
            said(|it| it.peers[0].url = "https://192.0.2.1/".into()),
            "bad url 'https://192.0.2.1/': https scheme is not supported for server server1 where TLS is disabled"
        );
        assert!(
            said(|it| it.peers[0].url = "http://host:80/".into()).starts_with("bad url 'http://host:80/': ")
        );
        assert!(said(|it| it.peers[0].url = "ftp://192.0.2.1/".into()).starts_with("invalid URL: "));
        assert_eq!(
            said(|it| it.tls.cert_file = Some("a".into())).split("; ").next().unwrap(),
            "bad TLS config for server server1: trust-anchor parameter is missing or empty: all or none of TLS \
             parameters must be set"
        );
        assert_eq!(
            said(|it| it.pauses = vec![(State::Ready, Pause::Once), (State::Ready, Pause::Never)]),
            "duplicated configuration for the 'ready' state"
        );
    }

    /// A peer's files stand before those of the relationship, and an empty name switches TLS off.
    #[test]
    fn files_of_tls_are_inherited() {
        let mut pair = pair();
        let files = |name: &str| Tls {
            trust_anchor: Some(name.into()),
            cert_file: Some(name.into()),
            key_file: Some(name.into()),
        };
        pair.tls = files("shared");
        pair.peers[1].tls = files("");
        pair.peers[2].tls.key_file = Some("own".into());
        assert_eq!(pair.tls_of(&pair.peers[0]), [Some("shared"); 3]);
        assert_eq!(pair.tls_of(&pair.peers[1]), [None; 3]);
        assert_eq!(pair.tls_of(&pair.peers[2]), [Some("shared"), Some("shared"), Some("own")]);
        assert_eq!(pair.judge(), Vec::<String>::new());
    }

    /// URLs lead where they say.
    #[test]
    fn urls_are_read() {
        let place = Place::of("https://[2001:db8::1]:8005/x").unwrap();
        assert_eq!((place.is_secure, &*place.host, place.port), (true, "2001:db8::1", 8005));
        assert_eq!(Place::of("http://192.0.2.1").unwrap().port, 80);
        for wrong in
            ["", "192.0.2.1", "http://", "http://[::1", "http://[::1]x", "http://a:", "http://a:70000/"]
        {
            assert!(Place::of(wrong).is_err(), "{wrong}");
        }
    }
}
