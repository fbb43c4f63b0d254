//! What a relationship is configured to be: the servers in it, and the limits of their patience.

use std::time::Duration;

use crate::{Mode, Pause, Role, State};

/// How long what has no limit may take.
const UNLIMITED: Duration = Duration::from_secs(3600);

/// A relationship: an entry of `high-availability`. Defaults are Kea's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relationship {
    /// `this-server-name`: which of the peers this server is.
    pub this_server: String,
    /// `mode`.
    pub mode: Mode,
    /// `send-lease-updates`.
    pub sends_updates: bool,
    /// `sync-leases`.
    pub syncs_leases: bool,
    /// `sync-timeout`: how long a page may take, and for how long the partner is silent for it ([`Self::page_timeout`]).
    pub sync_timeout: Duration,
    /// `sync-page-limit`: how many leases are in a page, at most.
    pub sync_page_limit: u32,
    /// `delayed-updates-limit`: how many updates are queued, at most; none means that none ever are.
    pub delayed_updates_limit: u32,
    /// `heartbeat-delay`: the pause between heartbeats; none means that there are none.
    pub heartbeat_delay: Duration,
    /// `max-response-delay`: for how long the partner may not be heard.
    pub max_response_delay: Duration,
    /// `max-ack-delay`: for how long a client may not have been answered.
    pub max_ack_delay: Duration,
    /// `max-unacked-clients`: how many clients may not have been answered; 0 means that nobody looks.
    pub max_unacked_clients: u32,
    /// `max-rejected-lease-updates`: for how many clients the partner may refuse leases; 0 for any number.
    pub max_rejected_updates: u32,
    /// `wait-backup-ack`.
    pub waits_for_backups: bool,
    /// `multi-threading`.
    pub threading: Threading,
    /// What TLS needs, for peers that do not say.
    pub tls: Tls,
    /// `require-client-certs`.
    pub requires_client_certs: bool,
    /// `restrict-commands`.
    pub restricts_commands: bool,
    /// `peers`, this server among them.
    pub peers: Vec<Peer>,
    /// `state-machine`: where the server pauses.
    pub pauses: Vec<(State, Pause)>,
}

/// A server of a relationship: an entry of `peers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// `name`.
    pub name: String,
    /// `url`: where it is asked.
    pub url: String,
    /// `role`.
    pub role: Role,
    /// `auto-failover`: whether it serves the partner's clients when the partner is down.
    pub fails_over: bool,
    /// What TLS needs, where it is not that of the relationship. An empty name stands for none.
    pub tls: Tls,
    /// `basic-auth-user` and `basic-auth-password`.
    pub login: Option<(String, String)>,
}

/// The files of TLS: `trust-anchor`, `cert-file`, `key-file`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// `trust-anchor`.
    pub trust_anchor: Option<String>,
    /// `cert-file`.
    pub cert_file: Option<String>,
    /// `key-file`.
    pub key_file: Option<String>,
}

/// `multi-threading`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threading {
    /// `enable-multi-threading`.
    pub enabled: bool,
    /// `http-dedicated-listener`.
    pub listens: bool,
    /// `http-listener-threads`.
    pub listener_threads: u32,
    /// `http-client-threads`.
    pub client_threads: u32,
}

impl Default for Threading {
    fn default() -> Self {
        Self { enabled: true, listens: true, listener_threads: 0, client_threads: 0 }
    }
}

impl Relationship {
    /// One of this mode with everything else as it is by default, and nobody in it.
    #[must_use]
    pub fn new(this_server: &str, mode: Mode) -> Self {
        Self {
            this_server: this_server.trim().to_owned(),
            mode,
            sends_updates: true,
            syncs_leases: true,
            sync_timeout: Duration::from_secs(60),
            sync_page_limit: 10_000,
            delayed_updates_limit: if mode == Mode::LoadBalancing { 100 } else { 0 },
            heartbeat_delay: Duration::from_secs(10),
            max_response_delay: Duration::from_secs(60),
            max_ack_delay: Duration::from_secs(10),
            max_unacked_clients: 10,
            max_rejected_updates: 10,
            waits_for_backups: false,
            threading: Threading::default(),
            tls: Tls::default(),
            requires_client_certs: true,
            restricts_commands: true,
            peers: Vec::new(),
            pauses: Vec::new(),
        }
    }

    /// How long a page may take, and for how long the partner is silent for it. That there is no limit, which 0 says, is an
    /// hour: who waits for a server that is gone does not wait for ever, and nobody is silent without end.
    #[must_use]
    pub fn page_timeout(&self) -> Duration {
        match self.sync_timeout {
            Duration::ZERO => UNLIMITED,
            some => some,
        }
    }

    /// The peer of this name.
    #[must_use]
    pub fn peer(&self, name: &str) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.name == name)
    }

    /// This server among the peers; a relationship that was judged has it.
    #[must_use]
    pub fn own(&self) -> Option<&Peer> {
        self.peer(&self.this_server)
    }

    /// What this server is; a backup if it is nothing.
    #[must_use]
    pub fn role(&self) -> Role {
        self.own().map_or(Role::Backup, |own| own.role)
    }

    /// All servers but this one.
    pub fn others(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter().filter(|peer| peer.name != self.this_server)
    }

    /// The other active server, if there is one.
    #[must_use]
    pub fn partner(&self) -> Option<&Peer> {
        self.others().find(|peer| peer.role != Role::Backup)
    }

    /// The servers that clients are shared out to, the primary first.
    #[must_use]
    pub fn sharers(&self) -> Vec<&Peer> {
        let with = |role| self.peers.iter().filter(move |peer| peer.role == role);
        with(Role::Primary).chain(with(Role::Secondary)).collect()
    }

    /// Whether this server asks a partner how it is.
    #[must_use]
    pub fn is_paired(&self) -> bool {
        self.mode != Mode::PassiveBackup && self.role() != Role::Backup
    }

    /// Whether the server pauses in a state.
    #[must_use]
    pub fn pause(&self, state: State) -> Pause {
        self.pauses.iter().find(|(other, _)| *other == state).map_or(Pause::Never, |(_, pause)| *pause)
    }

    /// The files of TLS for a peer, each its own or else that of the relationship.
    #[must_use]
    pub fn tls_of<'a>(&'a self, peer: &'a Peer) -> [Option<&'a str>; 3] {
        let either = |own: &'a Option<String>, shared: &'a Option<String>| {
            own.as_deref().or(shared.as_deref()).filter(|name| !name.is_empty())
        };
        [
            either(&peer.tls.trust_anchor, &self.tls.trust_anchor),
            either(&peer.tls.cert_file, &self.tls.cert_file),
            either(&peer.tls.key_file, &self.tls.key_file),
        ]
    }
}

impl Peer {
    /// One of this name, address and role with everything else as it is by default.
    #[must_use]
    pub fn new(name: &str, url: &str, role: Role) -> Self {
        Self {
            name: name.trim().to_owned(),
            url: url.to_owned(),
            role,
            fails_over: true,
            tls: Tls::default(),
            login: None,
        }
    }

    /// What log lines call it: its name and where it is.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} ({})", self.name, self.url)
    }
}
