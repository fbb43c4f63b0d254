//! Fetching the leases of the partner, step by step.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use kotare_ha::{Refusal, SyncPlan, SyncStep, Ticket, result};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::alone::Lacks;
use super::driver::{Around, Driver, Merged, Page, Way, took};
use super::measure::Measure;
use super::messages::*;
use super::outbox::Outbox;
use super::peer::Failure;

impl<W: Way, A: Around> Driver<W, A> {
    /// Does what the machine has begun.
    pub(super) async fn synchronize_for(&self, ticket: Ticket, reached: Option<IpAddr>, tells: bool) {
        let plan = SyncPlan::new(&self.relationship, reached, tells);
        let plan = if self.partner_tells.load(Ordering::Relaxed) { plan.following() } else { plan };
        let (outcome, reached) = match self.partner() {
            Some(way) => self.synchronize(way, plan, Some(ticket)).await,
            None => (Err(String::new()), None),
        };
        self.tell(|machine, now| machine.synchronized(ticket, outcome.map_err(|_| reached), now));
    }

    /// Follows a plan to its end, or for as long as the machine waits for it, if it has a ticket. What came of it, and how far
    /// it came.
    pub(super) async fn synchronize(
        &self,
        way: &W,
        mut plan: SyncPlan,
        ticket: Option<Ticket>,
    ) -> (Result<(), String>, Option<IpAddr>) {
        let Some(fetching) = self.fetching(way) else { return (Err(String::new()), None) };
        let _turn = fetching.turn.lock().await;
        let is_wanted =
            || !fetching.has_ended() && ticket.is_none_or(|ticket| self.machine.lock().waits_for(ticket));
        let (name, label) = (&self.relationship.this_server, way.label());
        let begun = Instant::now();
        let mut newer = Vec::new();
        let mut told = 0;
        if self.asker.service == "dhcp6" && !self.takes_rows(way) {
            plan = plan.in_any_order();
        }
        HA_SYNC_START(name, label);
        while let Some(step) = plan.step() {
            if !is_wanted() && plan.outcome().is_ok() {
                plan.give_up("the server goes on otherwise".into());
                continue;
            }
            match step {
                SyncStep::Page { from } => match self.page(way, from).await {
                    Ok(merged) => {
                        plan.page(&merged.addresses);
                        newer = merged.newer;
                    }
                    Err(reason) => plan.failed(reason),
                },
                SyncStep::Tell { stretch } if plan.is_quiet() => {
                    let is_any_newer = !newer.is_empty();
                    match self.lacks(stretch, plan.theirs(), is_any_newer).await {
                        Ok(Lacks::Some) => plan.hush(stretch.and_then(|stretch| stretch.after)),
                        Ok(Lacks::None { reached }) => plan.told(reached),
                        Err(reason) => plan.failed(reason),
                    }
                }
                SyncStep::Follow { begins } => {
                    let answer = way.ask(&self.asker.follow(begins), None).await;
                    if let Err(Failure::Refused(Refusal { code: result::UNSUPPORTED, .. })) = answer {
                        plan.unsupported();
                        continue;
                    }
                    if matches!(answer, Err(Failure::Refused(_))) && plan.afresh() {
                        continue;
                    }
                    self.failures.note(label, "ha-sync-follow", answer.as_ref().err(), |why| {
                        KOTARE_HA_SYNC_FOLLOW_FAILED(name, label, why);
                    });
                    conclude(&mut plan, answer);
                }
                SyncStep::Tell { stretch } => {
                    let newer = std::mem::take(&mut newer);
                    match self.tell_alone(way, stretch, plan.theirs(), newer).await {
                        Ok((many, reached)) => {
                            told += many;
                            plan.told(reached);
                        }
                        Err(reason) => plan.failed(reason),
                    }
                }
                SyncStep::Disable { seconds } => {
                    fetching.silences(seconds);
                    let answer = way.ask(&self.asker.disable(seconds), None).await;
                    self.failures.note(
                        label,
                        "dhcp-disable",
                        answer.as_ref().err(),
                        |failure| match failure {
                            Failure::Unanswered(why) => {
                                HA_DHCP_DISABLE_COMMUNICATIONS_FAILED(name, label, why)
                            }
                            Failure::Refused(why) => HA_DHCP_DISABLE_FAILED(name, label, &why.reason),
                        },
                    );
                    conclude(&mut plan, answer);
                }
                SyncStep::Enable => {
                    let answer = way.ask(&self.asker.enable(), None).await;
                    if answer.is_ok() {
                        fetching.speaks();
                    }
                    self.failures.note(
                        label,
                        "dhcp-enable",
                        answer.as_ref().err(),
                        |failure| match failure {
                            Failure::Unanswered(why) => {
                                HA_DHCP_ENABLE_COMMUNICATIONS_FAILED(name, label, why)
                            }
                            Failure::Refused(why) => HA_DHCP_ENABLE_FAILED(name, label, &why.reason),
                        },
                    );
                    conclude(&mut plan, answer);
                }
                SyncStep::Notify => {
                    let answer = way.ask(&self.asker.sync_complete(), None).await;
                    if let Err(Failure::Refused(Refusal { code: result::UNSUPPORTED, .. })) = answer {
                        plan.unsupported();
                        continue;
                    }
                    if answer.is_ok() {
                        fetching.speaks();
                    }
                    self.failures.note(label, "ha-sync-complete-notify", answer.as_ref().err(), |failure| {
                        match failure {
                            Failure::Unanswered(why) => {
                                HA_SYNC_COMPLETE_NOTIFY_COMMUNICATIONS_FAILED(name, label, why);
                            }
                            Failure::Refused(why) => HA_SYNC_COMPLETE_NOTIFY_FAILED(name, label, &why.reason),
                        }
                    });
                    conclude(&mut plan, answer);
                }
            }
        }
        let outcome = plan.outcome().map_err(str::to_owned);
        if told > 0 {
            KOTARE_HA_LEASES_TOLD(name, told, label);
        }
        match &outcome {
            Ok(()) => {
                self.failures.note(label, "synchronisation", None, |_| {});
                HA_SYNC_SUCCESSFUL(name, label, took(begun));
            }
            Err(reason) if is_wanted() => {
                let failure = Failure::Refused(Refusal { code: result::ERROR, reason: reason.clone() });
                let tell = |why: &Failure| HA_SYNC_FAILED(name, label, why);
                self.failures.note(label, "synchronisation", Some(&failure), tell);
            }
            Err(reason) => HA_SYNC_FAILED(name, label, reason),
        }
        (outcome, plan.reached())
    }

    /// Fetches and keeps a page; what became of it.
    async fn page(&self, way: &W, from: Option<IpAddr>) -> Result<Merged, String> {
        let name = &self.relationship.this_server;
        let (from, limit) = (from.map(|address| address.to_string()), self.relationship.sync_page_limit);
        let in_rows = self.outbox().is_some_and(Outbox::takes_rows);
        let command = match in_rows {
            true => self.asker.page_of_rows(from.as_deref(), limit),
            false => self.asker.page(from.as_deref(), limit),
        };
        let page = self.ask_for_leases(way, &command).await?;
        HA_LEASES_SYNC_LEASE_PAGE_RECEIVED(name, page.len(), way.label());
        let merged = self.around.merge(page).await?;
        HA_LEASES_SYNC_APPLIED_LEASES(name, merged.applied);
        Ok(merged)
    }

    /// Fetches a page of another server's leases.
    pub(super) async fn fetch(&self, way: &W, from: Option<IpAddr>) -> Result<Vec<Json>, String> {
        let (from, limit) = (from.map(|address| address.to_string()), self.relationship.sync_page_limit);
        match self.ask_for_leases(way, &self.asker.page(from.as_deref(), limit)).await? {
            Page::Listed(leases) => Ok(leases),
            Page::Rows(..) => Err(NO_LEASES.into()),
        }
    }

    /// Asks another server for a page of its leases.
    async fn ask_for_leases(&self, way: &W, command: &Json) -> Result<Page, String> {
        let (name, label) = (&self.relationship.this_server, way.label());
        let limit = self.relationship.sync_page_limit;
        let page = Measure::of_leases(limit, self.relationship.page_timeout());
        let answer = way.ask(command, Some(page)).await;
        let tell = |failure: &Failure| match failure {
            Failure::Unanswered(why) => HA_LEASES_SYNC_COMMUNICATIONS_FAILED(name, label, why),
            Failure::Refused(why) => HA_LEASES_SYNC_FAILED(name, label, &why.reason),
        };
        self.failures.note(label, "page", answer.as_ref().err(), tell);
        let page = match answer.map_err(|failure| failure.to_string())? {
            Some(Json::Object(mut arguments)) => match (arguments.remove("leases"), arguments.remove("rows"))
            {
                (Some(Json::Array(leases)), _) => Page::Listed(leases),
                (None, Some(Json::String(rows))) => {
                    // One line is the header, and those that are none are not looked for.
                    let lines = rows.bytes().filter(|byte| *byte == b'\n').count();
                    Page::Rows(rows, lines.saturating_sub(1))
                }
                _ => return Err(NO_LEASES.into()),
            },
            // That there are none is said without.
            _ => Page::Listed(Vec::new()),
        };
        if page.len() > limit as usize {
            return Err(format!("the partner sent {} leases where fewer were asked for", page.len()));
        }
        Ok(page)
    }
}

/// As Kea says it.
const NO_LEASES: &str = "server response does not contain leases argument or this argument is not a list";

/// Takes down what came of a step that is not a page.
fn conclude(plan: &mut SyncPlan, answer: Result<Option<Json>, Failure>) {
    match answer {
        Ok(_) => plan.done(),
        Err(failure) => plan.failed(failure.to_string()),
    }
}
