//! Scopes: which servers' clients a server answers, and which class tells whose client one is.

use std::collections::BTreeSet;

use crate::{Mode, Relationship, Role, Served};

/// Whose clients there are, and whose of them are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes {
    mode: Mode,
    /// The servers that clients are shared out to, the primary first, each with whether it is answered for.
    sharers: Vec<(String, bool)>,
    /// All servers of which something may be answered, by name.
    names: BTreeSet<String>,
    served: BTreeSet<String>,
    own: Option<String>,
}

/// For whom a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belonging<'a> {
    /// The server whose client it is.
    pub server: &'a str,
    /// Whether this server answers it.
    pub is_served: bool,
}

impl Belonging<'_> {
    /// The class of such clients: `HA_` and the server's name.
    #[must_use]
    pub fn class(&self) -> String {
        class(self.server)
    }
}

/// The class of clients of a server.
#[must_use]
pub fn class(server: &str) -> String {
    format!("HA_{server}")
}

impl Scopes {
    /// Those of a relationship; nobody is answered.
    #[must_use]
    pub fn new(relationship: &Relationship) -> Self {
        let own = relationship.own().filter(|own| matches!(own.role, Role::Primary | Role::Secondary));
        Self {
            mode: relationship.mode,
            sharers: relationship.sharers().into_iter().map(|peer| (peer.name.clone(), false)).collect(),
            names: relationship.peers.iter().map(|peer| peer.name.clone()).collect(),
            served: BTreeSet::new(),
            own: own.map(|own| own.name.clone()),
        }
    }

    /// Answers these from now on, and nobody else.
    pub(crate) fn serve(&mut self, served: Served) {
        let names = match served {
            Served::Nobody => BTreeSet::new(),
            Served::Own => self.own.iter().cloned().collect(),
            Served::All => self.sharers.iter().map(|(name, _)| name.clone()).collect(),
        };
        self.set(names);
    }

    /// Answers for the servers of these names from now on: `ha-scopes`.
    ///
    /// # Errors
    /// Kea's sentence about a name that is nobody's; nothing changes.
    pub(crate) fn serve_named(&mut self, names: &[String]) -> Result<(), String> {
        if let Some(unknown) = names.iter().find(|name| !self.names.contains(*name)) {
            return Err(format!(
                "invalid server name specified '{unknown}' while enabling/disabling HA scopes"
            ));
        }
        self.set(names.iter().cloned().collect());
        Ok(())
    }

    fn set(&mut self, served: BTreeSet<String>) {
        for (name, is_served) in &mut self.sharers {
            *is_served = served.contains(name);
        }
        self.served = served;
    }

    /// The servers that are answered for, by name.
    #[must_use]
    pub const fn served(&self) -> &BTreeSet<String> {
        &self.served
    }

    /// For whom a client of this hash ([`crate::hash4`], [`crate::hash6`]) is; `None` if it cannot be told, and nobody
    /// answers it.
    #[must_use]
    pub fn of_client(&self, hash: Option<u8>) -> Option<Belonging<'_>> {
        let at = match self.mode {
            Mode::LoadBalancing => usize::from(hash?).checked_rem(self.sharers.len())?,
            Mode::HotStandby | Mode::PassiveBackup => 0,
        };
        self.sharers.get(at).map(|(server, is_served)| Belonging { server, is_served: *is_served })
    }

    /// For whom a message is that is not shared out ([`shares4`], [`shares6`]): every server answers it.
    #[must_use]
    pub fn of_anybody(&self) -> Option<Belonging<'_>> {
        self.sharers.first().map(|(server, _)| Belonging { server, is_served: true })
    }
}

/// Whether messages of this type (RFC 2132 §9.6) are shared out: DISCOVER, REQUEST, DECLINE, RELEASE, INFORM.
#[must_use]
pub const fn shares4(message_type: u8) -> bool {
    matches!(message_type, 1 | 3 | 4 | 7 | 8)
}

/// Whether messages of this type (RFC 9915 §7.3) are shared out: Solicit, Request, Confirm, Renew, Rebind, Release,
/// Decline.
#[must_use]
pub const fn shares6(message_type: u8) -> bool {
    matches!(message_type, 1 | 3 | 4 | 5 | 6 | 8 | 9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Peer;

    fn scopes(own: &str, mode: Mode, other: Role) -> Scopes {
        let mut relationship = Relationship::new(own, mode);
        let peer = |name, role| Peer::new(name, "http://192.0.2.1:8005/", role);
        // The order of the configuration does not matter.
        relationship.peers =
            vec![peer("server3", Role::Backup), peer("server2", other), peer("server1", Role::Primary)];
        Scopes::new(&relationship)
    }

    fn served(scopes: &Scopes) -> Vec<&str> {
        scopes.served().iter().map(String::as_str).collect()
    }

    /// Clients are shared out by their hash, and each is in the class of its server.
    #[test]
    fn a_pair_shares_clients() {
        let mut scopes = scopes("server2", Mode::LoadBalancing, Role::Secondary);
        assert_eq!(scopes.of_client(Some(4)), Some(Belonging { server: "server1", is_served: false }));
        scopes.serve(Served::Own);
        assert_eq!(served(&scopes), ["server2"]);
        assert!(!scopes.of_client(Some(4)).unwrap().is_served);
        let own = scopes.of_client(Some(7)).unwrap();
        assert_eq!((own.is_served, own.class()), (true, "HA_server2".to_owned()));
        scopes.serve(Served::All);
        assert!(scopes.of_client(Some(4)).unwrap().is_served && scopes.of_client(Some(7)).unwrap().is_served);
        assert_eq!(scopes.of_client(None), None);
        scopes.serve(Served::Nobody);
        assert!(scopes.of_anybody().unwrap().is_served);
    }

    /// All clients of a standby pair are the primary's.
    #[test]
    fn a_standby_has_no_clients_of_its_own() {
        let mut scopes = scopes("server2", Mode::HotStandby, Role::Standby);
        scopes.serve(Served::Own);
        assert_eq!(served(&scopes), [""; 0]);
        assert!(!scopes.of_client(None).unwrap().is_served);
        scopes.serve(Served::All);
        assert_eq!(served(&scopes), ["server1"]);
        assert_eq!(scopes.of_client(Some(1)).unwrap().class(), "HA_server1");
    }

    /// `ha-scopes` takes names of servers, backups among them, or changes nothing.
    #[test]
    fn scopes_are_set_by_name() {
        let mut scopes = scopes("server3", Mode::LoadBalancing, Role::Secondary);
        scopes.serve_named(&["server2".into(), "server3".into()]).unwrap();
        assert_eq!(served(&scopes), ["server2", "server3"]);
        let refused = scopes.serve_named(&["server1".into(), "HA_server1".into()]);
        assert_eq!(
            refused.unwrap_err(),
            "invalid server name specified 'HA_server1' while enabling/disabling HA scopes"
        );
        assert_eq!(served(&scopes), ["server2", "server3"]);
        scopes.serve_named(&[]).unwrap();
        assert_eq!(served(&scopes), [""; 0]);
    }

    /// What asks for no lease is answered by every server.
    #[test]
    fn some_messages_are_for_anybody() {
        assert!(shares4(1) && !shares4(2) && !shares4(10) && shares4(8));
        assert!(shares6(1) && !shares6(11) && !shares6(12) && shares6(9) && !shares6(20));
    }
}
