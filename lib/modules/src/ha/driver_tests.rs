//! Two servers that are driven beside each other, in time that does not pass by itself.

use std::collections::{BTreeMap, HashSet};
use std::future::pending;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use kotare_ha::{
    Answer, Asker, Machine, Mode, Peer, Refusal, Relationship, Role, Route, State, Stretch, SubnetFilter,
};
use kotare_model::{LeaseState, Timestamp};
use kotare_store::ring;
use parking_lot::Mutex;
use serde_json::{Map, Value as Json, json};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::driver::{Alone, Around, Driver, Merged, Page, Way};
use super::hub::{COMMANDS, Hub};
use super::measure::Measure;
use super::outbox::{Addressee, Parcel};
use super::peer::{Failure, Step, Unanswered};
use super::terms::Terms;
use super::update::{Tellable, Update};

mod fetching;

/// Who listens at the other end, and whether the link is up.
#[derive(Default)]
struct Wire {
    partner: OnceLock<Weak<Node>>,
    commands: OnceLock<Commands>,
    is_cut: Mutex<bool>,
    /// Whether the partner knows what Kea knows, and no more.
    is_to_kea: AtomicBool,
    /// Whether pages of leases are asked for and never come.
    hangs: AtomicBool,
    /// Whether nothing is answered any more.
    hangs_up: AtomicBool,
    heard: Mutex<Vec<String>>,
}

/// Who answers commands there.
type Commands =
    Box<dyn Fn(String, Option<Json>) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// What Kea answers to a heartbeat.
const KEAS: [&str; 4] = ["date-time", "scopes", "state", "unsent-update-count"];

type Node = Driver<Arc<Wire>, Server>;

impl Way for Arc<Wire> {
    fn label(&self) -> &str {
        "partner"
    }

    async fn ask(&self, command: &Json, measure: Option<Measure>) -> Result<Option<Json>, Failure> {
        let patience = measure.unwrap_or(Measure::BRIEF).patience;
        if timeout(patience, sleep(Duration::from_millis(5))).await.is_err() {
            return Err(Failure::Unanswered(Unanswered { step: Step::Wait, reason: "late".into() }));
        }
        if self.hangs_up.load(Relaxed) {
            return pending().await;
        }
        let partner = self.partner.get().and_then(Weak::upgrade).filter(|_| !*self.is_cut.lock());
        let Some(partner) = partner else {
            return Err(Failure::Unanswered(Unanswered { step: Step::Connect, reason: "cut".into() }));
        };
        let name = command["command"].as_str().unwrap().to_owned();
        let rows = command["arguments"].get("rows").and_then(Json::as_str);
        // What is asked of DHCPv6 is the same here.
        let name = name.replace("lease6", "lease4");
        self.heard.lock().push(name.clone() + if rows.is_some() { " of rows" } else { "" });
        Ok(match &*name {
            name if COMMANDS.contains(&name) => {
                let answer =
                    self.commands.get().unwrap()(name.to_owned(), command.get("arguments").cloned()).await;
                if answer.code != 0 {
                    return Err(Failure::Refused(Refusal { code: answer.code, reason: answer.text }));
                }
                let mut arguments = answer.arguments;
                if let Some(Json::Object(said)) = arguments.as_mut().filter(|_| self.is_to_kea.load(Relaxed))
                {
                    said.retain(|key, _| KEAS.contains(&key.as_str()));
                }
                arguments
            }
            "dhcp-disable" | "dhcp-enable" => None,
            "lease4-get-page" if self.hangs.load(Relaxed) => pending().await,
            "lease4-get-page" => {
                let limit = command["arguments"]["limit"].as_u64().unwrap() as usize;
                let from = command["arguments"]["from"].as_str().unwrap();
                let from = Some(from).filter(|from| *from != "start");
                Some(json!({"leases": partner.around.after(from, limit)}))
            }
            "lease4-update" => {
                let lease = &command["arguments"];
                let refused = Refusal { code: 4, reason: "conflict".into() };
                if ["192.0.2.66", "192.0.2.67"].iter().any(|at| lease["ip-address"] == *at) {
                    return Err(Failure::Refused(refused));
                }
                let (at, expire) = (lease["ip-address"].as_str().unwrap(), lease["expire"].as_i64().unwrap());
                partner.around.leases.lock().insert(at.to_owned(), expire - 600);
                None
            }
            "lease4-bulk-apply" if let Some(rows) = rows => {
                let mut failed = Vec::new();
                if rows.contains("192.0.2.67,") {
                    let reason = "malformed".into();
                    return Err(Failure::Refused(Refusal { code: 1, reason }));
                }
                for row in rows.lines() {
                    let [at, cltt, gone] = row.splitn(3, ',').collect::<Vec<_>>()[..] else {
                        panic!("{row}")
                    };
                    let mut leases = partner.around.leases.lock();
                    match (at, gone) {
                        ("192.0.2.66", _) => {
                            failed.push(json!({"ip-address": at, "result": 4, "error-message": "conflict"}));
                        }
                        (_, "true") => _ = leases.remove(at),
                        _ => _ = leases.insert(at.to_owned(), cltt.parse().unwrap()),
                    }
                }
                Some(json!({"failed-leases": failed}))
            }
            "lease4-bulk-apply" => {
                let list = |name: &str| command["arguments"][name].as_array().unwrap().clone();
                if list("leases").iter().any(|lease| lease["ip-address"] == "192.0.2.67") {
                    let reason = "malformed".into();
                    return Err(Failure::Refused(Refusal { code: 1, reason }));
                }
                let mut failed = Vec::new();
                for lease in list("deleted-leases") {
                    partner.around.leases.lock().remove(lease["ip-address"].as_str().unwrap());
                }
                for lease in list("leases") {
                    let at = lease["ip-address"].as_str().unwrap().to_owned();
                    if at == "192.0.2.66" {
                        failed.push(json!({"ip-address": at, "result": 4, "error-message": "conflict"}));
                    } else {
                        let cltt = lease["expire"].as_i64().unwrap() - 600;
                        partner.around.leases.lock().insert(at, cltt);
                    }
                }
                Some(json!({"failed-leases": failed}))
            }
            "lease4-del" => {
                partner.around.leases.lock().remove(command["arguments"]["ip-address"].as_str().unwrap());
                None
            }
            other => panic!("{other}"),
        })
    }
}

/// The server around: leases by address, each with when its client was heard.
struct Server {
    begun: Instant,
    leases: Mutex<BTreeMap<String, i64>>,
    serves: Mutex<bool>,
    terms: Mutex<Arc<Terms>>,
}

impl Server {
    fn new(known: BTreeMap<String, i64>) -> Self {
        let (leases, serves, terms) = (Mutex::new(known), Mutex::new(true), Mutex::default());
        Self { begun: Instant::now(), leases, serves, terms }
    }

    fn after(&self, from: Option<&str>, limit: usize) -> Vec<Json> {
        let leases = self.leases.lock();
        let later = leases.iter().filter(|(at, _)| from.is_none_or(|from| at.as_str() > from));
        later.take(limit).map(|(at, cltt)| shown(at, *cltt)).collect()
    }
}

/// A lease as commands show it.
fn shown(at: &str, cltt: i64) -> Json {
    json!({"ip-address": at, "cltt": cltt, "valid-lft": 600})
}

/// A lease that is told of: its address, and when its client was heard.
#[derive(Debug)]
struct Known(String, i64);

fn known(at: &str, cltt: i64) -> Arc<dyn Tellable> {
    Arc::new(Known(at.to_owned(), cltt))
}

impl Tellable for Known {
    fn place(&self) -> IpAddr {
        self.0.parse().unwrap()
    }

    fn condition(&self) -> LeaseState {
        LeaseState::Assigned
    }

    fn told(&self) -> Map<String, Json> {
        shown(&self.0, self.1).as_object().unwrap().clone()
    }

    fn append_row(&self, is_gone: bool, rows: &mut Vec<u8>) {
        rows.extend(format!("{},{},{is_gone}\n", self.0, self.1).into_bytes());
    }
}

impl Around for Server {
    fn clock(&self) -> Timestamp {
        Timestamp(1_700_000_000 + self.begun.elapsed().as_secs() as i64)
    }

    fn publish(&self, machine: &Machine<Update>) {
        *self.serves.lock() = machine.is_serving();
    }

    async fn merge(&self, page: Page) -> Result<Merged, String> {
        let Page::Listed(page) = page else { return Err("rows come without being asked for".into()) };
        let mut merged = Merged::default();
        for lease in page {
            let (at, cltt) = (lease["ip-address"].as_str().unwrap(), lease["cltt"].as_i64().unwrap());
            merged.addresses.push(at.parse().unwrap());
            let known = self.leases.lock().get(at).copied();
            match known {
                Some(known) if known > cltt => merged.newer.push(self::known(at, known)),
                Some(known) if known == cltt => {}
                _ => {
                    self.leases.lock().insert(at.to_owned(), cltt);
                    merged.applied += 1;
                }
            }
        }
        Ok(merged)
    }

    async fn alone(
        &self,
        stretch: Stretch,
        theirs: &Arc<HashSet<IpAddr>>,
        _limit: u32,
    ) -> Result<Alone, String> {
        let leases = self.leases.lock();
        let by_address: BTreeMap<IpAddr, i64> =
            leases.iter().map(|(at, cltt)| (at.parse().unwrap(), *cltt)).collect();
        let mut later = by_address
            .into_iter()
            .filter(|(at, _)| stretch.after.is_none_or(|after| *at > after))
            .filter(|(at, _)| stretch.until.is_none_or(|until| *at <= until));
        // One at a time.
        let Some((at, cltt)) = later.next() else { return Ok(Alone::default()) };
        let reached = later.next().map(|_| at);
        let alone = Some(at).filter(|at| !theirs.contains(at));
        Ok(Alone { leases: alone.map(|at| known(&at.to_string(), cltt)).into_iter().collect(), reached })
    }

    async fn page(&self, after: Option<IpAddr>, limit: u32) -> Result<Vec<Json>, String> {
        Ok(self.after(after.map(|after| after.to_string()).as_deref(), limit as usize))
    }

    fn filter(&self, _relationship: &Relationship) -> SubnetFilter {
        SubnetFilter::default()
    }

    async fn terms(&self) -> Arc<Terms> {
        self.terms.lock().clone()
    }
}

struct Pair {
    nodes: [Arc<Node>; 2],
    wires: [Arc<Wire>; 2],
    /// The tasks that drive them.
    tasks: Vec<AbortHandle>,
}

impl Pair {
    /// Puts leases at a server: the last number of an address, and when its client was heard.
    fn give(&self, own: usize, cltts: &[(u8, i64)]) {
        let named = cltts.iter().map(|(at, cltt)| (format!("192.0.2.{at}"), *cltt));
        self.nodes[own].around.leases.lock().extend(named);
    }

    /// A pair of which the second server begins with no leases, and the first with these.
    fn new(leases: &[&str]) -> Self {
        Self::of("dhcp4", leases)
    }

    /// The same of a service.
    fn of(service: &'static str, leases: &[&str]) -> Self {
        Self::with(service, leases, |_| {})
    }

    /// The same with something else in their relationship.
    fn with(service: &'static str, leases: &[&str], change: fn(&mut Relationship)) -> Self {
        let wires: [Arc<Wire>; 2] = Default::default();
        let nodes = [0, 1].map(|own| {
            let mut relationship = Relationship::new(["a", "b"][own], Mode::LoadBalancing);
            relationship.peers = vec![
                Peer::new("a", "http://192.0.2.1:8005/", Role::Primary),
                Peer::new("b", "http://192.0.2.2:8005/", Role::Secondary),
            ];
            relationship.sync_page_limit = 2;
            change(&mut relationship);
            let asker = Asker { service, name: ["a", "b"][own].into(), relationship: 0 };
            let known =
                leases.iter().filter(|_| own == 0).map(|at| ((*at).to_owned(), 1_699_999_999)).collect();
            let around = Server::new(known);
            Driver::new(
                relationship,
                asker,
                BTreeMap::from([(["b", "a"][own].to_owned(), Arc::clone(&wires[own]))]),
                around,
            )
        });
        let tasks = [0, 1].map(|own| {
            let partner = Arc::downgrade(&nodes[1 - own]);
            wires[own].partner.set(Weak::clone(&partner)).unwrap();
            let commands: Commands = Box::new(move |name, arguments| {
                let hub = Hub::new(partner.upgrade().into_iter().collect());
                Box::pin(async move { hub.answer(&name, arguments.as_ref()).await })
            });
            assert!(wires[own].commands.set(commands).is_ok());
            tokio::spawn(Arc::clone(&nodes[own]).run()).abort_handle()
        });
        Self { nodes, wires, tasks: tasks.into() }
    }

    /// Waits until a command of a server is heard by its partner.
    async fn until_heard(&self, own: usize, command: &str) {
        while !self.wires[own].heard.lock().iter().any(|heard| heard == command) {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// What was heard of these commands of a server.
    fn heard(&self, own: usize, commands: &[&str]) -> Vec<String> {
        let heard = self.wires[own].heard.lock();
        heard.iter().filter(|name| commands.contains(&name.as_str())).cloned().collect()
    }

    fn states(&self) -> [State; 2] {
        [0, 1].map(|own| self.nodes[own].machine.lock().state())
    }

    fn cut(&self, is_cut: bool) {
        self.wires.iter().for_each(|wire| *wire.is_cut.lock() = is_cut);
    }

    /// The first server gives a lease while it queues updates.
    fn queue(&self, address: &str) {
        let cltt = self.nodes[0].around.clock().0;
        self.nodes[0].around.leases.lock().insert(address.into(), cltt);
        self.tell_later(known(address, cltt), false);
    }

    /// And takes one back.
    fn unqueue(&self, address: &str) {
        let cltt = self.nodes[0].around.leases.lock().remove(address).unwrap();
        self.tell_later(known(address, cltt), true);
    }

    fn tell_later(&self, lease: Arc<dyn Tellable>, is_deleted: bool) {
        assert!(self.nodes[0].tell(|machine, _| machine.queue([Update { is_deleted, lease }])));
    }

    fn leases(&self, own: usize) -> Vec<String> {
        self.nodes[own].around.leases.lock().keys().cloned().collect()
    }
}

const NORMAL: [State; 2] = [State::LoadBalancing; 2];

/// A pair begins: the one without leases fetches them page by page, and both serve then.
#[tokio::test(start_paused = true)]
async fn a_pair_is_driven_to_its_normal_state() {
    let known = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];
    let pair = Pair::new(&known);
    assert_eq!(pair.states(), [State::Waiting; 2]);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(pair.states(), NORMAL);
    assert_eq!(pair.leases(1), known);
    assert!(pair.nodes.iter().all(|node| *node.around.serves.lock()));
    let asked = pair.wires[1].heard.lock().iter().filter(|name| *name == "lease4-get-page").count();
    assert_eq!(asked, 3);
}

/// A server that begins while its partner works tells it of the leases that it alone has, and of what is newer here; what
/// the partner refuses keeps nobody.
#[tokio::test(start_paused = true)]
async fn what_the_partner_lacks_is_told() {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    let now = pair.nodes[0].around.clock().0;
    pair.give(0, &[(1, now), (3, now - 5), (4, now), (5, now)]);
    pair.give(1, &[(1, now), (2, now), (3, now), (4, now - 5), (6, now), (7, now), (66, now), (8, now)]);
    // The second one begins anew, and its partner goes on.
    pair.nodes[1].tell(|machine, now| machine.reset(now));
    sleep(Duration::from_secs(30)).await;
    assert_eq!(pair.states(), NORMAL);
    let all = |own: usize| pair.nodes[own].around.leases.lock().clone();
    let mut both = all(1);
    assert_eq!(both.len(), 9);
    both.remove("192.0.2.66");
    assert_eq!(all(0), both);
    let heard = pair.wires[1].heard.lock();
    assert_eq!(heard.iter().filter(|name| *name == "lease4-bulk-apply of rows").count(), 6, "{heard:?}");
}

/// A partner of Kea's that lists leases in the order of their text, as its database does, is told of what it lacks when all
/// that it has is known, and of nothing that comes later in its order.
#[tokio::test(start_paused = true)]
async fn a_partner_of_another_order_keeps_what_it_has() {
    let pair = Pair::of("dhcp6", &[]);
    pair.wires[1].is_to_kea.store(true, Relaxed);
    sleep(Duration::from_secs(60)).await;
    let now = pair.nodes[0].around.clock().0;
    pair.give(0, &[(10, now), (11, now), (12, now), (2, now), (3, now), (9, now)]);
    pair.give(1, &[(2, now - 5), (3, now - 5), (4, now), (9, now - 5), (12, now + 5)]);
    pair.nodes[1].tell(|machine, now| machine.reset(now));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(pair.states(), NORMAL);
    let all = |own: usize| pair.nodes[own].around.leases.lock().clone();
    assert_eq!(all(0), all(1));
    let cltts: Vec<_> = all(0).into_values().map(|cltt| cltt - now).collect();
    assert_eq!(cltts, [0, 0, 5, 0, 0, 0, 0]);
    // Of one that is newer here, and at the end of the one that the partner lacks.
    let told = pair.heard(1, &["lease4-bulk-apply", "lease4-get-page", "ha-sync-complete-notify"]);
    let page = "lease4-get-page";
    let wanted =
        [page, page, "lease4-bulk-apply", page, page, "lease4-bulk-apply", "ha-sync-complete-notify"];
    assert_eq!(told[told.len() - wanted.len()..], wanted);
}

/// What was queued while the link was down is sent when it is up.
#[tokio::test(start_paused = true)]
async fn what_was_queued_is_sent() {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    pair.cut(true);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(pair.states(), [State::CommunicationRecovery; 2]);
    pair.queue("192.0.2.7");
    pair.queue("192.0.2.8");
    pair.cut(false);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(pair.states(), NORMAL);
    assert_eq!(pair.leases(1), ["192.0.2.7", "192.0.2.8"]);
    assert!(pair.nodes[0].machine.lock().backlog().is_empty());
}

/// Of an address the last word counts that was queued, although a command gives all that it gives after all that it removes.
#[tokio::test(start_paused = true)]
async fn the_last_word_counts() {
    let pair = Pair::of("dhcp6", &[]);
    pair.wires[0].is_to_kea.store(true, Relaxed);
    sleep(Duration::from_secs(60)).await;
    pair.cut(true);
    sleep(Duration::from_secs(30)).await;
    pair.queue("192.0.2.7");
    pair.queue("192.0.2.8");
    pair.unqueue("192.0.2.7");
    pair.unqueue("192.0.2.8");
    pair.queue("192.0.2.8");
    pair.cut(false);
    sleep(Duration::from_secs(30)).await;
    assert_eq!((pair.states(), pair.leases(1)), (NORMAL, vec!["192.0.2.8".to_owned()]));
    assert_eq!(pair.heard(0, &["lease4-bulk-apply"]).len(), 1);
}

/// When the partner does not take what was queued, both fetch each other's leases.
#[tokio::test(start_paused = true)]
async fn what_is_refused_is_fetched() {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    pair.cut(true);
    sleep(Duration::from_secs(30)).await;
    pair.queue("192.0.2.66");
    pair.cut(false);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(pair.states(), NORMAL);
    assert_eq!(pair.leases(1), ["192.0.2.66"]);
    assert!(pair.wires[0].heard.lock().iter().any(|name| name == "ha-reset"));
}

/// An operator takes a server out of service and back, by commands.
#[tokio::test(start_paused = true)]
async fn maintenance_by_commands() {
    let pair = Pair::new(&["192.0.2.1"]);
    sleep(Duration::from_secs(60)).await;
    let hub = Hub::new(vec![Arc::clone(&pair.nodes[0])]);
    let started = hub.answer("ha-maintenance-start", None).await;
    assert_eq!(
        (started.code, pair.states()),
        (0, [State::PartnerInMaintenance, State::InMaintenance]),
        "{started:?}"
    );
    assert_eq!(hub.answer("ha-maintenance-start", None).await.code, 1);
    sleep(Duration::from_secs(1)).await;
    assert!(!*pair.nodes[1].around.serves.lock());
    let cancelled = hub.answer("ha-maintenance-cancel", None).await;
    assert_eq!(cancelled.text, "Server maintenance successfully canceled.");
    sleep(Duration::from_secs(30)).await;
    assert_eq!(pair.states(), NORMAL);
    assert_eq!(hub.report()[0]["ha-servers"]["remote"]["last-state"], "load-balancing");
}

/// `ha-sync` fetches leases at any time; what is wrong with commands is said in Kea's words.
#[tokio::test(start_paused = true)]
async fn commands_are_answered() {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    pair.nodes[0].around.leases.lock().insert("192.0.2.9".into(), 1);
    let hub = Hub::new(vec![Arc::clone(&pair.nodes[1])]);
    let hub = &hub;
    let sync = |arguments: Json| async move { hub.answer("ha-sync", Some(&arguments)).await.text };
    assert_eq!(
        sync(json!({"server-name": "a", "max-period": 9})).await,
        "Lease database synchronization complete."
    );
    assert_eq!(pair.leases(1), ["192.0.2.9"]);
    assert_eq!(
        sync(json!({"server-name": "b"})).await,
        "'b' points to local server but should point to a partner"
    );
    assert_eq!(sync(json!({"server-name": "c"})).await, "c matches no configured 'server-name'");
    assert_eq!(sync(json!({})).await, "'server-name' is mandatory for the 'ha-sync' command");
    let zero = sync(json!({"server-name": "a", "max-period": 0})).await;
    assert_eq!(zero, "'max-period' must be a positive integer in the 'ha-sync' command");
    let notify = hub.answer("ha-maintenance-notify", Some(&json!({"cancel": 1}))).await;
    assert_eq!(notify.text, "'cancel' must be a boolean in the 'ha-maintenance-notify' command");
    let scopes = hub.answer("ha-scopes", Some(&json!({"scopes": ["a", "b"], "server-name": "a"}))).await;
    assert_eq!(scopes.text, "New HA scopes configured.");
    let said = hub.answer("ha-heartbeat", None).await.arguments.unwrap();
    assert_eq!((&said["state"], &said["scopes"]), (&json!("load-balancing"), &json!(["a", "b"])));
    assert_eq!(hub.answer("ha-continue", None).await.text, "HA state machine is not paused.");
    let complete =
        |arguments: Json| async move { hub.answer("ha-sync-complete-notify", Some(&arguments)).await };
    assert_eq!(
        complete(json!({"origin-id": 2000, "origin": 1})).await.arguments,
        Some(json!({"origin-ids": [2000]}))
    );
    assert_eq!(complete(json!({"origin": 2000})).await.arguments, Some(json!({"origin-ids": [2000]})));
    assert_eq!(complete(json!({"origin": "x"})).await.code, 1);
    // Kea 2.2 says no number, neither here nor in the order that this ends.
    let said = hub.answer("ha-sync-complete-notify", None).await;
    assert_eq!(said.arguments, Some(json!({"origin-ids": [2001, 2000]})));
}

/// A backup that has fetched all leases is not the partner: nobody is silent for it, and what the partner does goes on.
#[tokio::test(start_paused = true)]
async fn a_backup_does_not_end_what_the_partner_began() {
    let pair = Pair::with("dhcp4", &[], |it| {
        it.peers.push(Peer::new("c", "http://192.0.2.3:8005/", Role::Backup));
    });
    pair.cut(true);
    sleep(Duration::from_secs(120)).await;
    let node = &pair.nodes[0];
    assert_eq!(pair.states()[0], State::PartnerDown);
    let hub = Hub::new(vec![Arc::clone(node)]);
    let notify = |asker: &'static str| {
        let (arguments, hub) = (json!({"origin-id": 2000, "server-name": asker}), &hub);
        async move { hub.answer("ha-sync-complete-notify", Some(&arguments)).await }
    };
    let is_followed = || node.tell(|machine, _| machine.route(Role::Secondary)) == Route::Follow;
    assert_eq!(
        hub.answer("ha-sync-follow", Some(&json!({"begins": true, "server-name": "b"}))).await.code,
        0
    );
    let answer = notify("c").await;
    assert_eq!(answer.text, "Server successfully notified about the synchronization completion.");
    assert_eq!(answer.arguments, Some(json!({"origin-ids": [2000]})));
    assert!(*node.around.serves.lock() && is_followed());
    assert_eq!(notify("b").await.code, 0);
    assert!(!*node.around.serves.lock() && !is_followed());
}

/// `ha-diff` lists what only one has and what is otherwise, over all pages, and neither what is the same nor what is over.
#[tokio::test(start_paused = true)]
async fn differences_are_listed() {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    let now = pair.nodes[0].around.clock().0;
    pair.give(0, &[(1, now), (2, now), (3, now - 5), (5, now), (6, now - 700)]);
    pair.give(1, &[(1, now), (3, now), (4, now), (5, now), (7, now - 700), (8, now)]);
    let hub = Hub::new(vec![Arc::clone(&pair.nodes[0])]);
    let diff = |arguments: Option<Json>| {
        let hub = &hub;
        async move { hub.answer("ha-diff", arguments.as_ref()).await }
    };
    let all = diff(None).await;
    assert_eq!((all.code, &*all.text), (0, "4 of 6 leases differ from those of b."));
    let told = all.arguments.unwrap();
    let lease =
        |at: u8, cltt: i64| json!({"ip-address": format!("192.0.2.{at}"), "cltt": cltt, "valid-lft": 600});
    let wanted = json!([
        {"ip-address": "192.0.2.2", "here": lease(2, now)},
        {"ip-address": "192.0.2.3", "here": lease(3, now - 5), "there": lease(3, now)},
        {"ip-address": "192.0.2.4", "there": lease(4, now)},
        {"ip-address": "192.0.2.8", "there": lease(8, now)},
    ]);
    assert_eq!(told["leases"], wanted);
    let few = diff(Some(json!({"server-name": "b", "limit": 1}))).await.arguments.unwrap();
    assert_eq!((&few["count"], few["leases"].as_array().unwrap().len()), (&json!(4), 1));
    assert_eq!(diff(Some(json!({"limit": -1}))).await.code, 1);
    assert_eq!(diff(Some(json!({"server-name": "a"}))).await.code, 1);
    pair.cut(true);
    let cut = diff(None).await;
    assert!(cut.code == 1 && cut.text.starts_with("leases of b cannot be compared: "), "{}", cut.text);
}

/// Updates that come while others are on their way go together, and what becomes of each is told to who waits for it. Those
/// that are refused together go one by one; of an address the second one goes after the first.
#[tokio::test(start_paused = true)]
async fn updates_go_together() {
    go_together(false, "lease4-bulk-apply").await;
    go_together(true, "lease4-bulk-apply of rows").await;
}

async fn go_together(takes_rows: bool, together: &str) {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    pair.nodes[0].outbox().unwrap().learn(true, takes_rows);
    pair.wires[0].heard.lock().clear();
    let update =
        |at: u8, is_deleted: bool| Update { is_deleted, lease: known(&format!("192.0.2.{at}"), 1000) };
    let post = |updates: &[(u8, bool)]| {
        let (told, outcome) = oneshot::channel();
        let updates = updates.iter().map(|(at, is_deleted)| update(*at, *is_deleted)).collect();
        let origin = Arc::new("a message".to_owned());
        let parcel = Parcel { updates, origin, to: Addressee::Partner, told };
        pair.nodes[0].post(&Handle::current(), "b", parcel);
        async move { outcome.await.unwrap() }
    };
    let updates_heard = || {
        let heard = std::mem::take(&mut *pair.wires[0].heard.lock());
        heard.into_iter().filter(|name| name.starts_with("lease4-")).collect::<Vec<_>>()
    };
    let one = post(&[(1, false)]);
    assert!(one.await);
    assert_eq!(updates_heard(), [if takes_rows { together } else { "lease4-update" }]);
    let posted =
        [post(&[(2, false)]), post(&[(1, true), (66, false)]), post(&[(3, false)]), post(&[(2, true)])];
    let mut told = Vec::new();
    for outcome in posted {
        told.push(outcome.await);
    }
    assert_eq!(told, [true, false, true, true]);
    assert_eq!(pair.leases(1), ["192.0.2.3"]);
    let mut heard = updates_heard();
    heard.sort();
    assert_eq!(heard, [together, if takes_rows { together } else { "lease4-del" }]);
    // A lease that the partner cannot read.
    let posted = [post(&[(4, false)]), post(&[(67, false)]), post(&[(5, false)])];
    let mut told = Vec::new();
    for outcome in posted {
        told.push(outcome.await);
    }
    assert_eq!(told, [true, false, true]);
    assert_eq!(pair.leases(1), ["192.0.2.3", "192.0.2.4", "192.0.2.5"]);
    // A partner that is gone: everybody hears of it.
    pair.cut(true);
    let posted = [post(&[(6, false)]), post(&[(7, false)]), post(&[(8, false)])];
    for outcome in posted {
        assert!(!outcome.await);
    }
}

/// The worker of exchanges that wait, which is rung by who lets them go on; how often it was.
#[derive(Default)]
struct Worker(AtomicUsize);

impl Wake for Worker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// An exchange of it.
struct Exchange(Waker);

impl Wake for Exchange {
    fn wake(self: Arc<Self>) {
        ring(&self.0);
    }
}

/// However many leases the partner has taken together, a worker is rung once for all of its clients.
#[tokio::test(start_paused = true)]
async fn a_worker_is_rung_once() {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    pair.nodes[0].outbox().unwrap().learn(true, true);
    let worker = Arc::<Worker>::default();
    let exchange = Waker::from(Arc::new(Exchange(worker.clone().into())));
    let mut context = Context::from_waker(&exchange);
    let mut outcomes: Vec<_> = (1..=9)
        .map(|at| {
            let (told, outcome) = oneshot::channel();
            let lease = known(&format!("192.0.2.{at}"), 1000);
            let updates = [Update { is_deleted: false, lease }].into_iter().collect();
            let origin = Arc::new("a message".to_owned());
            let parcel = Parcel { updates, origin, to: Addressee::Partner, told };
            pair.nodes[0].post(&Handle::current(), "b", parcel);
            outcome
        })
        .collect();
    for outcome in &mut outcomes {
        assert!(Pin::new(outcome).poll(&mut context).is_pending());
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!((worker.0.load(Relaxed), pair.leases(1).len()), (1, 9));
    for outcome in &mut outcomes {
        assert_eq!(Pin::new(outcome).poll(&mut context), Poll::Ready(Ok(true)));
    }
}

/// What is configured otherwise at the partner is found with a heartbeat, shown, and asked for once until either changes.
#[tokio::test(start_paused = true)]
async fn terms_are_compared() {
    let pair = Pair::new(&[]);
    sleep(Duration::from_secs(60)).await;
    let asked = || pair.wires[0].heard.lock().iter().filter(|name| *name == "ha-terms-get").count();
    let hub = Hub::new(vec![Arc::clone(&pair.nodes[0])]);
    let shown = || hub.report()[0].get("differences").cloned();
    assert_eq!((asked(), shown()), (0, None));
    let set = |own: usize, lifetime: u32| {
        let served = json!({"subnet4": {"1": {"valid-lifetime": lifetime}}});
        let terms = Terms::new(&pair.nodes[own].relationship, served.as_object().unwrap().clone());
        *pair.nodes[own].around.terms.lock() = Arc::new(terms);
    };
    set(0, 3600);
    set(1, 7200);
    sleep(Duration::from_secs(60)).await;
    let differs = json!([{"what": "subnet4 > 1 > valid-lifetime", "here": 3600, "there": 7200}]);
    assert_eq!((asked(), shown()), (1, Some(differs)));
    set(1, 3600);
    sleep(Duration::from_secs(60)).await;
    assert_eq!((asked(), shown()), (1, None), "that they are alike is known without a question");
}
