//! Who a server is to its partners: users and passwords, which may be in files.

use kotare_config::Level;
use kotare_config::json::Diagnostics;
use kotare_config::process::{Secret, WrittenPath};
use kotare_ha::Relationship;

/// A relationship whose files with users and passwords were not read yet.
pub struct Locked {
    relationship: Relationship,
    /// Of each peer.
    logins: Vec<Login>,
}

/// `basic-auth-user` and `basic-auth-password` of a peer, or the files that they are in.
pub(super) struct Login {
    user: Option<Secret>,
    password: Option<Secret>,
}

impl Login {
    /// What is written for the peer of this name. What is wrong goes to `diagnostics`.
    pub(super) fn read(peer: Level<'_>, name: &str, diagnostics: &mut Diagnostics) -> Self {
        let mut secret = |clear: &'static str, file: &'static str| match (peer.own(clear), peer.own(file)) {
            (Some(_), Some(value)) => {
                let message =
                    format!("only one of {clear} and {file} parameter can be configured in peer '{name}'");
                diagnostics.error(value.source(), message);
                None
            }
            (Some(value), None) => Some(Secret::Clear(value.as_str()?.into(), value.source().clone())),
            (None, Some(value)) => Some(Secret::File(WrittenPath {
                path: value.as_str()?.into(),
                source: value.source().clone(),
            })),
            (None, None) => None,
        };
        Self {
            user: secret("basic-auth-user", "basic-auth-user-file"),
            password: secret("basic-auth-password", "basic-auth-password-file"),
        }
    }
}

impl Locked {
    pub(super) const fn new(relationship: Relationship, logins: Vec<Login>) -> Self {
        Self { relationship, logins }
    }

    /// What is known without the files: nobody has a login yet.
    #[must_use]
    pub const fn relationship(&self) -> &Relationship {
        &self.relationship
    }

    /// Reads the files by `first_line`, which is given their paths. `None` if that cannot be, or what they say cannot be
    /// used; why goes to `diagnostics`.
    pub fn unlock(
        self,
        first_line: impl Fn(&str) -> Result<String, String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Relationship> {
        let Self { mut relationship, logins } = self;
        let mut is_well = true;
        for (peer, login) in relationship.peers.iter_mut().zip(logins) {
            let name = &peer.name;
            let mut said = |secret: Option<Secret>, what: &str| match secret {
                None => Some(String::new()),
                Some(Secret::Clear(text, _)) => Some(text.into()),
                Some(Secret::File(file)) => match first_line(&file.path) {
                    Ok(line) => Some(line),
                    Err(reason) => {
                        let message = format!("bad {what} file in peer '{name}': {reason}");
                        diagnostics.error(&file.source, message);
                        None
                    }
                },
            };
            let place = match &login.user {
                Some(Secret::Clear(_, source)) => Some(source.clone()),
                Some(Secret::File(file)) => Some(file.source.clone()),
                None => None,
            };
            let (user, password) = (said(login.user, "user"), said(login.password, "password"));
            let Some((user, password)) = user.zip(password) else {
                is_well = false;
                continue;
            };
            if user.contains(':')
                && let Some(place) = &place
            {
                let message = format!("user '{user}' must not contain a ':' in peer '{name}'");
                diagnostics.error(place, message);
                is_well = false;
            }
            // Without a user nobody is asked who it is.
            peer.login = (!user.is_empty()).then_some((user, password));
        }
        is_well.then_some(relationship)
    }
}

#[cfg(test)]
mod tests {
    use kotare_config::json::Source;
    use kotare_ha::{Mode, Peer, Role};

    use super::*;

    fn locked(user: &str, password: Option<&str>) -> Locked {
        let source = Source::new("test.conf".into(), 3, 7);
        let file = |path: &str| Secret::File(WrittenPath { path: path.into(), source: source.clone() });
        let mut relationship = Relationship::new("a", Mode::PassiveBackup);
        relationship.peers = vec![Peer::new("a", "http://192.0.2.1/", Role::Primary)];
        Locked::new(relationship, vec![Login { user: Some(file(user)), password: password.map(file) }])
    }

    fn unlocked(locked: Locked) -> Result<Option<(String, String)>, String> {
        let mut diagnostics = Diagnostics::new();
        let read = |path: &str| match path {
            "/missing" => Err("no such file".to_owned()),
            "/empty" => Ok(String::new()),
            path => Ok(path.trim_start_matches('/').to_owned()),
        };
        let relationship = locked.unlock(read, &mut diagnostics);
        relationship.map(|it| it.peers[0].login.clone()).ok_or_else(|| diagnostics.error_lines().join("\n"))
    }

    /// A password is of use with a user only, and may be empty.
    #[test]
    fn logins_are_read_from_files() {
        assert_eq!(unlocked(locked("/foo", Some("/bar"))), Ok(Some(("foo".into(), "bar".into()))));
        assert_eq!(unlocked(locked("/foo", None)), Ok(Some(("foo".into(), String::new()))));
        assert_eq!(unlocked(locked("/empty", Some("/bar"))), Ok(None));
    }

    /// What cannot be used is told.
    #[test]
    fn files_that_are_of_no_use_are_told() {
        let missing = unlocked(locked("/foo", Some("/missing"))).unwrap_err();
        assert!(missing.contains("bad password file in peer 'a': no such file"), "{missing}");
        let colon = unlocked(locked("/a:b", None)).unwrap_err();
        assert!(colon.contains("user 'a:b' must not contain a ':' in peer 'a'"), "{colon}");
    }
}
