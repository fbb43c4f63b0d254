//! A configuration on trial: it is served for a while, then the one before again, unless somebody confirms it.
//!
//! Whoever shuts themselves out with a new configuration need only wait. All that begins or ends a trial does so while
//! it holds the turn to reconfigure, so that a confirmation comes before the end or after it, never in between. After a
//! restart nothing is on trial: the configuration file decides.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kotare_config::Document;
use kotare_config::json::Value;
use kotare_control::aside;
use kotare_daemon::Moment;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};

use crate::Daemon;
use crate::config_backend::{Backend, Laid};
use crate::family::{Family, Flow};
use crate::generation::Generation;
use crate::messages::{
    KOTARE_CONFIG_CONFIRMED, KOTARE_CONFIG_NOT_RESTORED, KOTARE_CONFIG_ON_TRIAL, KOTARE_CONFIG_RESTORED,
};
use crate::prepare::{Coming, Unprepared};
use crate::reading;
use crate::timer::Timer;

/// How long a trial may take: what nobody confirms for a day is forgotten.
pub(crate) const LONGEST: Duration = Duration::from_secs(86_400);
/// After what time the former configuration is tried again, if it cannot be had.
const RETRY: Duration = Duration::from_secs(10);

/// Whether the configuration in effect is on trial.
#[derive(Debug, Default)]
pub(crate) struct Trials(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    trial: Option<Trial>,
    /// How many there were, so that a timer knows whether the trial is still the one that it was set for.
    count: u64,
}

/// The configuration before the one that is on trial.
#[derive(Debug)]
pub(crate) struct Former {
    /// What was written of it, with what databases had laid over that.
    written: Value,
    backend: Option<Arc<Backend>>,
}

#[derive(Debug)]
struct Trial {
    number: u64,
    within: Duration,
    end: Moment,
    former: Arc<Former>,
    /// Why that could not be served from when it was time.
    failure: Option<String>,
    _timer: Timer,
}

/// How a trial ended with the configuration before.
enum End {
    /// Its time was over.
    Time(u64),
    /// Somebody did not want to wait for that.
    Cancelled,
}

impl Trials {
    /// What to go back to, if something is on trial.
    pub(crate) fn former(&self) -> Option<Arc<Former>> {
        self.0.lock().trial.as_ref().map(|trial| trial.former.clone())
    }

    /// Ends the trial: what is in effect stays. Whether there was one.
    pub(crate) fn end(&self) -> bool {
        self.0.lock().trial.take().is_some()
    }

    /// `unconfirmed-config` of `status-get`.
    pub(crate) fn status(&self, now: Moment) -> Option<Json> {
        let state = self.0.lock();
        let trial = state.trial.as_ref()?;
        let mut status = json!({"confirm-within": trial.within.as_secs(), "seconds-left": trial.left(now)});
        if let Some(failure) = &trial.failure {
            status["error"] = failure.as_str().into();
        }
        Some(status)
    }
}

impl Former {
    pub(crate) fn of<F: Flow>(generation: &Generation<F>) -> Self {
        Self { written: generation.written.root().clone(), backend: generation.backend.clone() }
    }
}

impl Trial {
    /// The seconds that are left, those that have begun among them.
    fn left(&self, now: Moment) -> u64 {
        self.end.since(now).as_nanos().div_ceil(1_000_000_000) as u64
    }
}

impl<F: Family> Daemon<F> {
    /// Why nothing may be changed or written to the file: the configuration is on trial.
    pub(crate) fn on_trial(&self) -> Result<(), String> {
        let now = self.surroundings.clock.moment();
        match &self.trials.0.lock().trial {
            None => Ok(()),
            Some(trial) => Err(format!(
                "the configuration in effect is on trial for {} more seconds; send config-confirm or \
                 config-cancel first",
                trial.left(now)
            )),
        }
    }

    /// Goes back to `former`, the configuration before the one in effect, unless it is confirmed `within` that time. What
    /// was set before for that means nothing any more.
    pub(crate) fn begin_trial(self: &Arc<Self>, former: Arc<Former>, within: Duration) {
        let end = self.surroundings.clock.moment() + within;
        let mut state = self.trials.0.lock();
        state.count += 1;
        let number = state.count;
        let daemon = self.clone();
        let task = tokio::spawn(async move { daemon.end_in_time(number, end).await });
        let timer = Timer::new(&task);
        state.trial = Some(Trial { number, within, end, former, failure: None, _timer: timer });
        drop(state);
        KOTARE_CONFIG_ON_TRIAL(within.as_secs());
    }

    /// `config-confirm`: whether there was something to confirm.
    pub(crate) async fn confirm(&self) -> bool {
        let _turn = self.reconfiguring.lock().await;
        let was_on_trial = self.trials.end();
        if was_on_trial {
            KOTARE_CONFIG_CONFIRMED();
        }
        was_on_trial
    }

    /// `config-cancel`: goes back at once; whether there was something to cancel.
    pub(crate) async fn cancel(&self) -> Result<bool, Unprepared> {
        self.go_back(End::Cancelled).await
    }

    async fn end_in_time(self: Arc<Self>, number: u64, end: Moment) {
        let clock = &self.surroundings.clock;
        clock.sleep_until(end).await;
        while let Err(reason) = self.go_back(End::Time(number)).await {
            let reason = reason.lines().join("; ");
            KOTARE_CONFIG_NOT_RESTORED(RETRY.as_secs(), &reason);
            if let Some(trial) = self.trials.0.lock().trial.as_mut().filter(|trial| trial.number == number) {
                trial.failure = Some(reason);
            }
            clock.sleep(RETRY).await;
        }
    }

    /// Serves from the configuration before the one on trial. Whether there was one, that of the timer's if it is the
    /// time.
    async fn go_back(&self, why: End) -> Result<bool, Unprepared> {
        let _turn = self.reconfiguring.lock().await;
        let (former, reason) = match (&self.trials.0.lock().trial, why) {
            (Some(trial), End::Time(number)) if trial.number == number => {
                let reason = format!("it was not confirmed within {} seconds", trial.within.as_secs());
                (trial.former.clone(), reason)
            }
            (Some(trial), End::Cancelled) => (trial.former.clone(), "config-cancel".to_owned()),
            _ => return Ok(false),
        };
        let backend = former.backend.clone();
        let judged = aside(move || Document::of(former.written.clone(), F::FILE).judge::<F::Config>()).await;
        let done = match judged {
            Ok(candidate) => self.take_turn(candidate, Coming::Whole, Laid::Over(backend)).await,
            Err(refused) => Err(Unprepared::Written(refused)),
        };
        self.reload_failed.store(done.is_err(), Ordering::Relaxed);
        if let Err(reason) = &done {
            reading::tell::<F>(reason);
        }
        done?;
        KOTARE_CONFIG_RESTORED(reason);
        self.trials.end();
        Ok(true)
    }
}
