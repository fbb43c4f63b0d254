//! The task: knows the names of reservations, leases and other files, and has them told.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use kotare_local_names::{Fixed, Held, MOST, hosts_file, read_hosts, unbound_file};
use kotare_model::{LeaseState, SubnetId, Timestamp};
use kotare_store::PageFilter;
use tokio::sync::Notify;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::{MissedTickBehavior, interval};

use super::changes::Changes;
use super::file::{self, Other};
use super::messages::*;
use super::settings::Settings;
use super::sockets::Sockets;
use super::told::{Known, Told as Everything};
use super::{ServedBy, Told};
use crate::ServerLink;

/// Files are written once in that time at most.
const TICK: Duration = Duration::from_secs(1);
/// After so many ticks all leases are looked through, in case others change them beside this server.
const SYNC: u64 = 300;
/// After so many, if they could not be read.
const AGAIN: u64 = 60;
/// So many leases are looked at together.
const PAGE: usize = 1024;
/// What files begin with.
const ABOUT: &str =
    "Names of clients, written by a DHCP server whenever they change: edit its configuration instead.";

/// A lease with a name, and since when its client has it.
type Since = (Timestamp, (IpAddr, Held));

/// What the task works with.
pub(super) struct Keeper<L: Told> {
    pub(super) settings: Settings,
    pub(super) server: ServerLink<L, L::Engine>,
    pub(super) changes: Arc<Changes<L>>,
    pub(super) told: Arc<Everything>,
    pub(super) reconfigured: Arc<Notify>,
}

/// What it knows of what it has done.
struct Progress {
    others: Vec<(Other, Vec<Fixed>)>,
    reserved: Vec<Fixed>,
    suffixes: Vec<(SubnetId, Box<str>)>,
    /// Whether there is another configuration to look at.
    is_reconfigured: bool,
    /// How many ticks until all leases are looked through.
    sync_in: u64,
    has_begun: bool,
    /// The state of the table that files have.
    written: Option<u64>,
}

impl<L: Told> Keeper<L> {
    pub(super) async fn run(self) {
        let others = self.settings.others.iter().map(|path| (Other::new(path.clone()), Vec::new())).collect();
        let mut progress = Progress {
            others,
            reserved: Vec::new(),
            suffixes: Vec::new(),
            is_reconfigured: true,
            sync_in: 0,
            has_begun: false,
            written: None,
        };
        let mut sockets = Sockets::new(&self.settings.listen, self.told.clone());
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut may_write, mut may_configure) = (false, true);
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    (may_write, may_configure) = (true, true);
                    progress.sync_in = progress.sync_in.saturating_sub(1);
                    sockets.open().await;
                    self.read_others(&mut progress).await;
                }
                () = self.changes.told() => {}
                () = self.reconfigured.notified() => progress.is_reconfigured = true,
            }
            let Some(server) = self.server.get() else { continue };
            let serving = server.serving();
            // One command after the other may change what is reserved: all of it is read as often as files are written.
            if progress.is_reconfigured && std::mem::take(&mut may_configure) {
                self.configure(serving.config(), &mut progress);
            }
            self.apply(serving.config(), &mut progress);
            // Many reservations may change in a row; in the meantime others are not kept from the processor.
            if progress.sync_in == 0 {
                self.sync(&*server, &mut progress).await;
            }
            self.number(server.since_epoch());
            if may_write && progress.has_begun && self.write(&mut progress).await {
                may_write = false;
            }
        }
    }

    /// Goes by another configuration.
    fn configure(&self, config: &L::Config, progress: &mut Progress) {
        let (reserved, suffixes) = (L::reserved(config, &self.settings.rules), L::suffixes(config));
        if reserved != progress.reserved || suffixes != progress.suffixes {
            progress.sync_in = progress.sync_in.min(u64::from(progress.has_begun));
        }
        (progress.reserved, progress.suffixes, progress.is_reconfigured) = (reserved, suffixes, false);
        let zones = self.settings.zones(&L::prefixes(config));
        let mut known = self.told.known.write();
        let serial = known.zones.serial;
        known.zones = zones;
        known.zones.serial = serial;
        drop(known);
        self.fix(progress);
    }

    /// Takes what operators gave.
    fn fix(&self, progress: &Progress) {
        let others = progress.others.iter().flat_map(|(_, names)| names);
        self.told.known.write().table.fix(progress.reserved.iter().chain(others).cloned().collect());
    }

    /// Reads the files of others that have changed.
    async fn read_others(&self, progress: &mut Progress) {
        let mut any = false;
        for (other, names) in &mut progress.others {
            let path = other.path.clone();
            let mut looked = std::mem::replace(other, Other::new(path));
            let rules = self.settings.rules.clone();
            let read = spawn_blocking(move || {
                let read = looked.changed().map(|text| text.map(|text| read_hosts(&text, &rules)));
                (looked, read)
            });
            // It does not panic.
            let Ok((looked, read)) = read.await else { return };
            *other = looked;
            let path = other.path.display().to_string();
            match read {
                None => continue,
                Some(Ok(read)) => {
                    KOTARE_LOCAL_NAMES_FILE_READ(&path, read.len());
                    self.told.problem(&path, None);
                    *names = read;
                }
                Some(Err(reason)) => {
                    KOTARE_LOCAL_NAMES_FILE_NOT_READ(&path, &reason);
                    self.told.problem(&path, Some(reason));
                    names.clear();
                }
            }
            any = true;
        }
        if any {
            self.fix(progress);
        }
    }

    /// Takes what changed of leases.
    fn apply(&self, config: &L::Config, progress: &mut Progress) {
        let changed = self.changes.take();
        if changed.lost {
            progress.sync_in = 0;
        }
        if changed.leases.is_empty() {
            return;
        }
        let mut known = self.told.known.write();
        for (address, lease) in changed.leases {
            let held = lease.and_then(|lease| self.held(config, &known, &lease)).map(|(_, held)| held);
            known.table.lease(address, held);
        }
    }

    /// The name of a lease and whose it is, if it has one that it may have.
    fn held(&self, config: &L::Config, known: &Known, lease: &L) -> Option<(IpAddr, Held)> {
        let named = lease.named().filter(|named| !named.name.is_empty() && is_held(lease))?;
        let text = named.name.to_str();
        let suffix = lease.names(config).map_or("", |names| &names.qualifying_suffix);
        let (rules, owner) = (&self.settings.rules, lease.owner(config));
        let of_operator =
            || rules.of_operator(&text).filter(|name| known.table.is_given(name, named.address, &owner));
        match rules.of_client(&text, suffix).or_else(of_operator) {
            Some(name) => Some((named.address, Held { name, owner })),
            None => {
                KOTARE_LOCAL_NAMES_NOT_ALLOWED(named.address, &text);
                None
            }
        }
    }

    /// Looks through all leases.
    async fn sync(&self, server: &ServedBy<L>, progress: &mut Progress) {
        let serving = server.serving();
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = match serving.leases().page(after, PAGE, PageFilter::default()).await {
                Ok(page) => page,
                Err(error) => {
                    KOTARE_LOCAL_NAMES_NOT_READ(&error);
                    self.told.problem("leases", Some(error.to_string()));
                    progress.sync_in = AGAIN;
                    return;
                }
            };
            let Some(last) = page.last().map(L::address) else { break };
            after = Some(last);
            self.look_at(&page, serving.config(), server.now(), &mut all);
            if all.len() > MOST {
                break;
            }
            yield_now().await;
        }
        // Who has had a name for longest has it.
        all.sort_by_key(|(since, (address, _))| (*since, *address));
        let mut known = self.told.known.write();
        known.table.all_leases(all.into_iter().map(|(_, lease)| lease));
        let (count, too_many) = (known.table.len(), known.table.leaves_out());
        drop(known);
        self.told.problem("leases", None);
        if self.told.problem("names", too_many.then(|| format!("there are more than {MOST}"))) && too_many {
            KOTARE_LOCAL_NAMES_TOO_MANY(MOST);
        }
        if !std::mem::replace(&mut progress.has_begun, true) {
            KOTARE_LOCAL_NAMES_BEGIN(count);
        }
        // Looking through many takes a while; it is not done all the time, whatever is reserved meanwhile.
        progress.sync_in = SYNC;
    }

    /// Takes the names of these leases, and since when their clients have them.
    fn look_at(&self, page: &[L], config: &L::Config, now: Timestamp, all: &mut Vec<Since>) {
        let known = self.told.known.read();
        let valid = page.iter().filter(|lease| lease.expires() > now);
        all.extend(valid.filter_map(|lease| Some((lease.cltt(), self.held(config, &known, lease)?))));
    }

    /// Gives the zones another version, if they have changed.
    fn number(&self, since_epoch: Duration) {
        let mut known = self.told.known.write();
        let changes = known.table.changes();
        if std::mem::replace(&mut known.numbered, changes) != changes || known.zones.serial == 0 {
            known.zones.serial = known.zones.serial.wrapping_add(1).max(since_epoch.as_secs() as u32);
        }
    }

    /// Writes the files, if something has changed; whether something had.
    async fn write(&self, progress: &mut Progress) -> bool {
        let changes = self.told.known.read().table.changes();
        if progress.written == Some(changes) {
            return false;
        }
        let Settings { hosts_file: hosts, unbound_file: unbound, .. } = &self.settings;
        let mut is_written = true;
        for (path, is_hosts) in [(hosts, true), (unbound, false)] {
            let Some(path) = path.clone() else { continue };
            let (told, rules, ttl) = (self.told.clone(), self.settings.rules.clone(), self.settings.ttl);
            let shown = path.display().to_string();
            let written = spawn_blocking(move || {
                let known = told.known.read();
                let text = match is_hosts {
                    true => hosts_file(&known.table, &rules, ABOUT),
                    false => unbound_file(&known.table, ttl, ABOUT),
                };
                drop(known);
                file::write(&path, &text)
            });
            match written.await {
                Ok(Ok(is_new)) => {
                    self.told.problem(&shown, None);
                    if is_new {
                        KOTARE_LOCAL_NAMES_FILE_WRITTEN(&shown);
                    }
                }
                Ok(Err(error)) => {
                    is_written = false;
                    if self.told.problem(&shown, Some(error.to_string())) {
                        KOTARE_LOCAL_NAMES_FILE_NOT_WRITTEN(&shown, error);
                    }
                }
                // It does not panic.
                Err(_) => {}
            }
        }
        if is_written {
            progress.written = Some(changes);
        }
        true
    }
}

/// Whether a client has the lease.
pub(super) fn is_held<L: Told>(lease: &L) -> bool {
    matches!(lease.state(), LeaseState::Assigned | LeaseState::Registered)
}
