//! How a new configuration takes effect: everything that can fail, then a swap.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kotare_config::json::{Diagnostics, Value};
use kotare_config::{Candidate, Configuration, Document, Exchanged, exchanged};
use kotare_control::aside;
use kotare_modules::{Edit, Edited};

use crate::Daemon;
use crate::commands::count_anew;
use crate::config_backend::{Backend, Laid};
use crate::crew::Crew;
use crate::daemon::{flush, limit, thread_count};
use crate::family::{Family, Flow};
use crate::generation::Generation;
use crate::prepare::{Before, Coming, Next, Redacted, Unprepared};
use crate::reading;
use crate::stores::connections;
use crate::trial::Former;

/// What is ready to be published, with what only a server that runs needs. Each part gives itself up when dropped.
struct Ready<F: Flow> {
    next: Next<F>,
    /// The workers that will serve, if there shall be more or fewer than now.
    crew: Option<Crew<F>>,
    control: Option<kotare_process::Prepared>,
}

/// What comes of another text for the configuration in effect.
pub(crate) enum Come<F: Flow> {
    /// A configuration that has to be prepared.
    Read(Candidate<F::Config>, Coming),
    /// The one in effect with other reservations, or with subnets that say something else of the same addresses.
    Sharing(Generation<F>),
}

impl<F: Family> Come<F> {
    /// What comes of `root`, which was made of what is written of the `running` configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of(
        running: &Generation<F>,
        root: Value,
        backend: Option<Arc<Backend>>,
    ) -> Result<Self, Diagnostics> {
        let Some(exchanged) = exchanged(&running.written, &*running.config, &root) else {
            return Ok(Self::Read(Document::of(root, F::FILE).judge()?, Coming::Edited));
        };
        let Exchanged { root, config, subnets } = exchanged;
        let shared = Arc::new(config);
        match F::exchanging(&running.engine, shared.clone(), &subnets) {
            Some(engine) => Ok(Self::Sharing(running.sharing(root, shared, engine, backend))),
            None => {
                let (diagnostics, without_effect) = (Diagnostics::new(), Vec::new());
                let (written, config) = (running.written.changed(root), Arc::unwrap_or_clone(shared));
                let candidate = Candidate { written, config, diagnostics, without_effect };
                Ok(Self::Read(candidate, Coming::Exchanged(Arc::new(subnets))))
            }
        }
    }
}

impl<F: Family> Daemon<F> {
    /// Reads the configuration file anew. With a `trial`, what was served before comes again after it, unless it is
    /// confirmed. Without one nothing is on trial any more: the file says what is to be served.
    pub(crate) async fn reload(self: &Arc<Self>, trial: Option<Duration>) -> Result<(), String> {
        let file = &self.surroundings.args.config;
        F::WORDS.dynamic_reconfiguration(file.display());
        self.notifier.reloading();
        let path = file.clone();
        // Its loggers count when all of it does: until then, the log that tells of it is the one in use.
        let done = match aside(move || reading::read::<F>(&path, |_| {})).await {
            Ok(candidate) => self.exchange(candidate, trial, true).await,
            Err(refused) => {
                let reason = Unprepared::Written(refused);
                reading::tell::<F>(&reason);
                self.reload_failed.store(true, Ordering::Relaxed);
                Err(reason)
            }
        };
        self.notifier.ready();
        match done {
            Ok(()) => {
                self.tell_threads();
                F::WORDS.dynamic_reconfiguration_success(file.display());
                Ok(())
            }
            Err(reason) => {
                let reason = reading::tell_refused::<F>(file, &reason);
                F::WORDS.dynamic_reconfiguration_fail(file.display());
                Err(reason)
            }
        }
    }

    /// Serves from `candidate`, or says why not and goes on as before.
    ///
    /// # Errors
    /// When something that the configuration asks for cannot be had, or another one has to be confirmed before; nothing
    /// has changed then.
    pub async fn reconfigure(self: &Arc<Self>, candidate: Candidate<F::Config>) -> Result<(), Unprepared> {
        self.reconfigure_on_trial(candidate, None).await
    }

    /// The same, if there is a `trial` for as long as that.
    pub(crate) async fn reconfigure_on_trial(
        self: &Arc<Self>,
        candidate: Candidate<F::Config>,
        trial: Option<Duration>,
    ) -> Result<(), Unprepared> {
        self.exchange(candidate, trial, false).await
    }

    /// `ends_trial`: also without being on trial itself, `candidate` may take the place of one that is.
    async fn exchange(
        self: &Arc<Self>,
        candidate: Candidate<F::Config>,
        trial: Option<Duration>,
        ends_trial: bool,
    ) -> Result<(), Unprepared> {
        // A signal and a command may ask at the same time.
        let _turn = self.reconfiguring.lock().await;
        if trial.is_none() && !ends_trial {
            self.on_trial().map_err(Unprepared::OnTrial)?;
        }
        // What is on trial is nothing to go back to.
        let former = match (trial, self.trials.former()) {
            (Some(_), None) => Some(Arc::new(Former::of(&self.generation()))),
            (_, former) => former,
        };
        let done = self.take_turn(candidate, Coming::Whole, Laid::Anew).await;
        self.reload_failed.store(done.is_err(), Ordering::Relaxed);
        match (&done, trial, former) {
            (Err(reason), ..) => reading::tell::<F>(reason),
            (Ok(()), Some(within), Some(former)) => self.begin_trial(former, within),
            (Ok(()), ..) => _ = self.trials.end(),
        }
        done
    }

    /// Serves from what `edit` makes of what is written of the configuration in effect.
    pub(crate) async fn edit(&self, edit: Edit<F::Config>) -> Result<(), String> {
        // Held from before it is read until the other one is in effect: an edit never undoes another.
        let _turn = self.reconfiguring.lock().await;
        self.on_trial()?;
        let running = self.generation();
        let edited = aside(move || {
            let Edited { written, meaning } = edit(&running.written, &running.config)?;
            if let Some(config) = meaning {
                return Ok(Come::Sharing(running.reserving(written, config)));
            }
            let come = Come::of(&running, written, running.backend.clone());
            come.map_err(|refused| refused.error_lines().join("\n"))
        });
        let done = self.serve(edited.await?, Laid::AsBefore).await;
        done.map_err(|reason| reason.lines().join("\n"))
    }

    /// Serves from what came of another text.
    pub(crate) async fn serve(&self, come: Come<F>, laid: Laid) -> Result<(), Unprepared> {
        match come {
            Come::Sharing(next) => {
                self.replace(next).await;
                Ok(())
            }
            Come::Read(candidate, coming) => self.take_turn(candidate, coming, laid).await,
        }
    }

    /// Serves from what shares all but reservations, or what subnets say, with what is served from now.
    async fn replace(&self, next: Generation<F>) {
        F::WORDS.config_start(Redacted(&next.written, next.config.definitions()));
        let old = self.shared.generation.publish(Arc::new(next));
        if let Some(sockets) = self.sockets.lock().await.as_ref() {
            sockets.crew().nudge();
        }
        // Modules stay, but what some of them go by is what is reserved.
        self.begin_beside(None);
        self.former.lock().push(old);
        self.reconfigured.send_replace(());
        self.sweep().await;
    }

    /// Serves from what is written of the configuration in effect, put anew where the server is ([`Family::situate`]).
    ///
    /// # Errors
    /// Why it cannot be served from; nothing has changed then.
    pub async fn situate(&self) -> Result<(), String> {
        let _turn = self.reconfiguring.lock().await;
        let running = self.generation();
        let judged =
            aside(move || Document::of(running.written.root().clone(), F::FILE).judge::<F::Config>());
        let candidate = judged.await.map_err(|refused| refused.error_lines().join("\n"))?;
        self.take_turn(candidate, Coming::Edited, Laid::AsBefore)
            .await
            .map_err(|reason| reason.lines().join("\n"))
    }

    pub(crate) async fn take_turn(
        &self,
        candidate: Candidate<F::Config>,
        coming: Coming,
        laid: Laid,
    ) -> Result<(), Unprepared> {
        let is_whole = coming.is_whole();
        let ready = self.prepare_beside(candidate, coming, laid).await?;
        let former = self.generation();
        self.publish(ready, is_whole).await;
        let now = self.generation();
        // What was there before has only been seen now.
        if former.stored.awaited.is_some()
            && !Arc::ptr_eq(&former.stored, &now.stored)
            && let Err(error) = count_anew(self).await
        {
            F::WORDS.server_failed(format_args!("the leases of the database that has come: {error}"));
        }
        // Those that were just opened have been looked at. It is done when what changes them goes by the new configuration.
        // Leases of a subnet that a command removed stay.
        if is_whole && Arc::ptr_eq(&former.stored, &now.stored) {
            let correct = self.surroundings.correct_leases(&now.stored, &now.config);
            if let Err(error) = correct.await {
                F::WORDS.server_failed(format_args!("leases that do not fit the configuration: {error}"));
            }
        }
        Ok(())
    }

    /// Everything that can fail. What serves now is not touched.
    async fn prepare_beside(
        &self,
        candidate: Candidate<F::Config>,
        coming: Coming,
        laid: Laid,
    ) -> Result<Ready<F>, Unprepared> {
        let running = self.generation();
        let is_whole = coming.is_whole();
        let before = Before { running: Some(&running), coming, laid };
        let next = self.surroundings.prepare(candidate, before, &self.link, &self.statistics).await?;
        let config = &next.generation.config;
        let sockets = self.sockets.lock().await;
        let count = thread_count(next.generation.process());
        let crew = match sockets.as_ref() {
            Some(sockets) if sockets.crew().size() != count => {
                let network = &*self.surroundings.network;
                let seed = &self.surroundings.seed;
                let crew = Crew::start(count, network, &self.shared, &self.statistics, seed);
                Some(crew.map_err(|error| Unprepared::Threads(count, error))?)
            }
            _ => None,
        };
        if let Some(sockets) = sockets.as_ref() {
            sockets.rehearse(config).map_err(Unprepared::Sockets)?;
        }
        // A command that edits the rest leaves the sockets as they are.
        let control = self.control.get().filter(|_| is_whole);
        let control = control.map(|control| control.prepare(&next.control)).transpose();
        let modules = &next.generation.modules;
        let control = control.map_err(|error| Unprepared::control::<F>(modules, error))?;
        Ok(Ready { next, crew, control })
    }

    /// Lets what is ready take effect. Nothing here can fail, and nothing waits for an exchange.
    async fn publish(&self, ready: Ready<F>, is_whole: bool) {
        let Ready { next, crew, control } = ready;
        let Next { generation, statistics, counted, logging, .. } = next;
        self.surroundings.logging.publish(logging);
        self.statistics.publish(statistics, &counted, self.surroundings.clock.since_epoch());
        generation.stored.set(generation.process());
        generation.hosts.iter().for_each(|store| store.resize(connections(generation.process())));
        if is_whole {
            self.statistics.set_limit_all(limit(generation.process().sampling));
        }
        if generation.waits {
            self.shared.guard();
        }
        let generation = Arc::new(generation);
        let old = self.shared.generation.publish(generation.clone());
        generation.commands.announce(&old.commands);
        if let (Some(sockets), Some(prepared)) = (self.control.get(), control) {
            sockets.publish(prepared);
        }
        if let Some(sockets) = self.sockets.lock().await.as_mut() {
            match crew {
                Some(crew) => sockets.exchange_crew(crew).await,
                None => sockets.crew().nudge(),
            }
        }
        if is_whole {
            let beside = F::beside(generation.modules());
            self.service.reconfigured(beside.has_partners_of_before());
            self.hold_back_in_repair_mode();
        }
        self.begin_beside(Some(&old));
        self.adjust_sockets().await;
        self.part_with(old).await;
        self.reconfigured.send_replace(());
    }

    /// Lets go of a former configuration; it ends with the last exchange that it serves. A lease file that only it has
    /// is written now, while a failure can still be told; exchanges that are under way write what they add.
    async fn part_with(&self, old: Arc<Generation<F>>) {
        let elsewhere = !Arc::ptr_eq(&old.stored, &self.generation().stored);
        if elsewhere && let Err(error) = flush(&old.stored).await {
            F::WORDS.server_failed(format_args!("the former lease file: {error}"));
        }
        self.former.lock().push(old);
    }
}
