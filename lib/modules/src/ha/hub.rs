//! All relationships of a server, and the commands about them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kotare_ha::{
    Answer, Beyond, Machine, Notified, Partner, Refusal, Relationship, Role, SyncPlan, of_command, result,
};
use serde_json::{Map, Value as Json, json};
use tokio::time::timeout;

use super::driver::{Around, Driver, Way};
use super::messages::*;
use super::peer::Failure;
use super::update::Update;

/// The commands that [`Hub::answer`] answers.
pub const COMMANDS: [&str; 12] = [
    "ha-continue",
    "ha-diff",
    "ha-heartbeat",
    "ha-maintenance-cancel",
    "ha-maintenance-notify",
    "ha-maintenance-start",
    "ha-reset",
    "ha-scopes",
    "ha-sync",
    "ha-sync-complete-notify",
    "ha-sync-follow",
    "ha-terms-get",
];

/// Whose `dhcp-disable` is over if nobody says so: that of the first relationship, and that which versions up to 2.4 send
/// as `ha-partner`, without a number there or in what they tell when they are done.
const DEFAULT_ORIGINS: [i64; 2] = [2001, 2000];

/// For so long what is on its way to a partner that has fetched all leases may take.
const ON_ITS_WAY: Duration = Duration::from_secs(5);

/// The relationships of a server: one, or those of a hub.
pub struct Hub<W, A> {
    drivers: Vec<Arc<Driver<W, A>>>,
    relationships: Vec<Relationship>,
}

type Arguments<'a> = Option<&'a Json>;

impl<W: Way, A: Around> Driver<W, A> {
    /// An entry of `high-availability`. While something fails at another server that is in `failures`, and what is configured
    /// otherwise there in `differences`, which Kea has not.
    fn report(&self) -> Json {
        let mut report = self.tell(|machine, now| machine.report(now));
        let failures = self.failures.shown();
        if !failures.is_empty() {
            report["failures"] = failures.into();
        }
        let differences = self.terms.shown();
        if !differences.is_empty() {
            report["differences"] = differences.into();
        }
        report
    }
}

impl<W: Way, A: Around> Driver<W, A> {
    /// `ha-sync-complete-notify` of the server of this name: nothing is given any more, and what was is on its way or there.
    ///
    /// A backup that was ordered to fetch leases (`ha-sync`) says so, too. That is nothing to the partner, who may be fetching
    /// them just now, and tells nothing of whether it is about to be back. Who says no name, or that of this server to name the
    /// relationship, may be the partner.
    async fn conclude_following(&self, asker: Option<&str>) -> Answer {
        let asker = asker.filter(|asker| *asker != self.relationship.this_server);
        let asker = asker.and_then(|asker| self.relationship.peer(asker));
        if asker.is_some_and(|asker| asker.role == Role::Backup) {
            return Answer::sync_completed();
        }
        let answer = self.tell(Machine::sync_complete);
        let emptied = async {
            if let Some(outbox) = self.outbox() {
                outbox.emptied().await;
            }
        };
        let is_told = timeout(ON_ITS_WAY, emptied).await.is_ok();
        match self.tell(|machine, _| machine.ends_following()) && is_told {
            true => answer,
            false => {
                Answer::error("leases were given that could not be told, so all have to be fetched again")
            }
        }
    }

    /// `ha-heartbeat`: how the server is, and what only ours say.
    async fn describe(&self) -> Answer {
        let terms = self.around.terms().await;
        let mut answer = self.tell(|machine, now| machine.describe(now));
        if let Some(Json::Object(arguments)) = &mut answer.arguments {
            let takes_many = self.asker.service == "dhcp4";
            Beyond { takes_many, takes_rows: true, tells: true, terms: Some(terms.hash.clone()) }
                .add_to(arguments);
        }
        answer
    }
}

impl<W: Way, A: Around> Hub<W, A> {
    /// That of a server that is driven in these relationships; there is at least one.
    #[must_use]
    pub fn new(drivers: Vec<Arc<Driver<W, A>>>) -> Self {
        let relationships = drivers.iter().map(|driver| (*driver.relationship).clone()).collect();
        Self { drivers, relationships }
    }

    /// The servers, one for each relationship.
    #[must_use]
    pub fn drivers(&self) -> &[Arc<Driver<W, A>>] {
        &self.drivers
    }

    /// The list `high-availability` of `status-get`.
    #[must_use]
    pub fn report(&self) -> Json {
        self.drivers.iter().map(|driver| driver.report()).collect()
    }

    /// Runs one of [`COMMANDS`]. `ha-sync-complete-notify` answers with the origins whose `dhcp-disable` is over as its
    /// argument `origin-ids`, which is for whoever ends that, not for the partner.
    pub async fn answer(&self, command: &str, arguments: Arguments<'_>) -> Answer {
        let answer = match command {
            "ha-maintenance-start" => Ok(self.start_maintenance().await),
            "ha-maintenance-cancel" => Ok(self.cancel_maintenance().await),
            _ => self.answer_for_one(command, arguments).await,
        };
        answer.unwrap_or_else(Answer::error)
    }

    async fn answer_for_one(&self, command: &str, arguments: Arguments<'_>) -> Result<Answer, String> {
        let driver = || {
            let at = of_command(&self.relationships, command, arguments)?;
            self.drivers.get(at).ok_or_else(|| "there is no relationship".to_owned())
        };
        Ok(match command {
            "ha-heartbeat" => driver()?.describe().await,
            "ha-continue" => driver()?.tell(Machine::go_on),
            "ha-reset" => driver()?.tell(Machine::reset),
            "ha-scopes" => {
                let scopes = Machine::<Update>::read_scopes(arguments)?;
                driver()?.tell(|machine, _| machine.serve_scopes(&scopes))
            }
            "ha-maintenance-notify" => {
                let (cancel, state) = notification(map(command, arguments)?)?;
                driver()?.tell(|machine, now| machine.notified(cancel, state, now))
            }
            "ha-sync-complete-notify" => {
                let origins = origins(arguments)?;
                let asker = arguments.and_then(|arguments| arguments.get("server-name"));
                let answer = driver()?.conclude_following(asker.and_then(Json::as_str)).await;
                Answer { arguments: Some(json!({"origin-ids": origins})), ..answer }
            }
            "ha-sync-follow" => {
                let begins = arguments.and_then(|arguments| arguments.get("begins"));
                let begins = begins.and_then(Json::as_bool);
                let begins = begins.ok_or("'begins' must be a boolean in the 'ha-sync-follow' command")?;
                driver()?.tell(|machine, _| machine.follow(begins))
            }
            "ha-terms-get" => {
                let terms = driver()?.around.terms().await;
                Answer {
                    arguments: Some(terms.json.clone()),
                    ..Answer::done("The terms of the configuration.")
                }
            }
            "ha-diff" => driver()?.differences(arguments).await?,
            "ha-sync" => {
                let (server, seconds) = synchronisation(arguments)?;
                self.synchronize(driver()?, server, seconds).await
            }
            _ => return Err(format!("'{command}' command not supported.")),
        })
    }

    /// `ha-sync`: fetches the leases of one server of the relationship.
    async fn synchronize(&self, driver: &Driver<W, A>, server: &str, seconds: Option<u64>) -> Answer {
        if server == driver.relationship.this_server {
            return Answer::error(format!("'{server}' points to local server but should point to a partner"));
        }
        let Some(way) = driver.ways.get(server) else {
            return Answer::error(format!("no configuration specified for server {server}"));
        };
        let plan = SyncPlan::ordered(&driver.relationship, seconds);
        match driver.synchronize(way, plan, None).await.0 {
            Ok(()) => Answer::done("Lease database synchronization complete."),
            Err(reason) => Answer::error(reason),
        }
    }

    /// `ha-maintenance-start`, in each relationship until one cannot.
    async fn start_maintenance(&self) -> Answer {
        let mut answer = Answer::done("");
        for driver in &self.drivers {
            answer = match driver.tell(Machine::start_maintenance) {
                Ok(state) => {
                    let said = notify(driver, false, state).await;
                    driver.tell(|machine, now| machine.maintenance_answered(Notified::by(&said), now))
                }
                Err(refused) => refused,
            };
            if answer.code != result::SUCCESS {
                break;
            }
        }
        answer
    }

    /// `ha-maintenance-cancel`, in every relationship.
    async fn cancel_maintenance(&self) -> Answer {
        let mut answer = Answer::done("");
        for driver in &self.drivers {
            answer = match driver.tell(|machine, _| machine.cancel_maintenance()) {
                Ok(state) => {
                    let said = notify(driver, true, state).await;
                    let state = said.map(|arguments| Partner::named(arguments?.get("state")?.as_str()?));
                    driver.tell(|machine, now| machine.cancel_answered(state, now))
                }
                Err(refused) => refused,
            };
        }
        answer
    }
}

/// Sends `ha-maintenance-notify`.
async fn notify<W: Way, A: Around>(
    driver: &Driver<W, A>,
    cancel: bool,
    state: Partner,
) -> Result<Option<Json>, Refusal> {
    let (name, label) = (&driver.relationship.this_server, driver.label());
    let answer = driver.ask(&driver.asker.maintenance(cancel, state), None).await;
    match (&answer, cancel) {
        (Ok(_), _) => {}
        (Err(Failure::Unanswered(why)), false) => {
            HA_MAINTENANCE_NOTIFY_COMMUNICATIONS_FAILED(name, label, why)
        }
        (Err(Failure::Refused(why)), false) => HA_MAINTENANCE_NOTIFY_FAILED(name, label, &why.reason),
        (Err(Failure::Unanswered(why)), true) => {
            HA_MAINTENANCE_NOTIFY_CANCEL_COMMUNICATIONS_FAILED(name, label, why);
        }
        (Err(Failure::Refused(why)), true) => HA_MAINTENANCE_NOTIFY_CANCEL_FAILED(name, label, &why.reason),
    }
    answer.map_err(Refusal::from)
}

/// Arguments that have to be there.
fn map<'a>(command: &str, arguments: Arguments<'a>) -> Result<&'a Map<String, Json>, String> {
    let arguments =
        arguments.ok_or_else(|| format!("invalid command '{command}': no arguments specified"))?;
    arguments.as_object().ok_or_else(|| format!("arguments in the '{command}' command are not a map"))
}

/// `cancel` and `state` of `ha-maintenance-notify`.
fn notification(arguments: &Map<String, Json>) -> Result<(bool, &str), String> {
    let cancel =
        arguments.get("cancel").ok_or("'cancel' is mandatory for the 'ha-maintenance-notify' command")?;
    let cancel =
        cancel.as_bool().ok_or("'cancel' must be a boolean in the 'ha-maintenance-notify' command")?;
    let state = match arguments.get("state") {
        None => Partner::Unavailable.name(),
        Some(state) => {
            state.as_str().ok_or("'state' must be a string in the 'ha-maintenance-notify' command")?
        }
    };
    Ok((cancel, state))
}

/// `origin-id` of `ha-sync-complete-notify`, which versions up to 2.5.7 call `origin`.
fn origins(arguments: Arguments<'_>) -> Result<Vec<i64>, String> {
    let given = ["origin-id", "origin"].into_iter().find_map(|name| Some((name, arguments?.get(name)?)));
    match given {
        None => Ok(DEFAULT_ORIGINS.to_vec()),
        Some((name, origin)) => origin
            .as_i64()
            .map(|origin| vec![origin])
            .ok_or_else(|| format!("'{name}' must be an integer in the 'ha-sync-complete-notify' command")),
    }
}

/// `server-name` and `max-period` of `ha-sync`.
fn synchronisation(arguments: Arguments<'_>) -> Result<(&str, Option<u64>), String> {
    let arguments = arguments.ok_or("arguments not found in the 'ha-sync' command")?;
    let arguments = arguments.as_object().ok_or("arguments in the 'ha-sync' command are not a map")?;
    let server =
        arguments.get("server-name").ok_or("'server-name' is mandatory for the 'ha-sync' command")?;
    let server = server.as_str().ok_or("'server-name' must be a string in the 'ha-sync' command")?;
    let seconds = match arguments.get("max-period") {
        None => None,
        Some(seconds) => Some(
            seconds
                .as_u64()
                .filter(|seconds| *seconds > 0)
                .ok_or("'max-period' must be a positive integer in the 'ha-sync' command")?,
        ),
    };
    Ok((server, seconds))
}

impl<W, A> fmt::Debug for Hub<W, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("relationships", &self.relationships).finish_non_exhaustive()
    }
}
