//! Leases that clients give back: RELEASE and DECLINE (RFC 9915 §18.3.7, §18.3.8).

use std::net::Ipv6Addr;

use kotare_model::{Duid, Lease6, LeaseState, LeaseType, Lifetime, Timestamp};
use kotare_store::{By6, Change, LeaseStore, Put};
use kotare_wire::v6::StatusCode;

use super::assign::Changes;
use super::associations::{Asked, Room, Wish};
use super::contents::{Made, Overall};
use super::exchange::{Answers, Exchange};
use super::exchange_messages::{DHCP6_DECLINE_PROCESS_IA, DHCP6_PROCESS_IA_NA_RELEASE};
use super::{
    Answer, Dropped, Given, GivenBack, Located, NotTheirs, Outcome, Place, Query6, Reply, ReplyKind,
    Returned, Status,
};
use crate::hooks::v6::{Point6, Sending6};
use crate::hooks::{Cause, Verdict};

impl Returned {
    /// What a client is told that gives an address, or a prefix, back.
    pub(super) fn status(&self, kind: LeaseType) -> Status {
        let is_prefix = kind == LeaseType::Pd;
        match self {
            Self::Kept | Self::Removed => Status::RELEASED,
            Self::NotReleased => Status::NOT_RELEASED,
            Self::NotToRelease(NotTheirs::NoLease) if is_prefix => Status::PREFIX_NOT_ASSIGNED,
            Self::NotToRelease(NotTheirs::NoLease) => Status::ADDRESS_NOT_ASSIGNED,
            Self::NotToRelease(NotTheirs::OfClient(_)) => Status::NOT_YOURS_TO_RELEASE,
            Self::Declined(_) => Status::DECLINED,
            Self::NotToDecline(NotTheirs::NoLease) => Status::DECLINES_UNKNOWN,
            Self::NotToDecline(NotTheirs::OfClient(_)) => Status::NOT_YOURS_TO_DECLINE,
            Self::NotToRelease(NotTheirs::OfAssociation(_))
            | Self::NotToDecline(NotTheirs::OfAssociation(_)) => Status::WRONG_IAID,
        }
    }
}

/// Whose lease something is, if it is not that of this association.
fn stranger(lease: &Lease6, query: &Query6, asked: &Asked<'_>) -> Option<NotTheirs> {
    if query.duid() != Some(&lease.duid) {
        return Some(NotTheirs::OfClient(Box::new(lease.duid.clone())));
    }
    (lease.iaid != asked.iaid).then_some(NotTheirs::OfAssociation(lease.iaid))
}

impl<S: LeaseStore<Lease6>> Exchange<'_, S> {
    /// RFC 9915 §18.3.7: what the client has no more. Such a reply has no configured options.
    pub(super) async fn release(&mut self, located: &Located, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let selected = located.selected;
        let asked = Asked::of(self.message);
        let (mut answers, mut changes) = (Answers::new(), Changes::of(self.server));
        let mut overall = StatusCode::SUCCESS;
        for asked in &asked {
            // Of prefixes Kea tells nothing.
            if asked.kind == LeaseType::Na {
                DHCP6_PROCESS_IA_NA_RELEASE(&*self.query, asked.iaid);
            }
            let (mut answer, mut status) = (Answer::empty(asked), None);
            for Wish { place, .. } in asked.wishes() {
                let what = self.release_one(asked, place, &mut changes).await?;
                worst(&mut status, what.status(asked.kind));
                answer.given_back.push(GivenBack { place, what });
            }
            let none = if asked.kind == LeaseType::Pd {
                Status::RELEASES_NO_PREFIX
            } else {
                Status::RELEASES_NO_ADDRESS
            };
            let status = status.unwrap_or(none);
            if !status.is_success() {
                overall = status.code;
            }
            answers.push(Answer { status: Some(status), ..answer });
        }
        self.committed(&changes).await?;
        let status = Some(Overall::Status(Status::summary(overall)));
        // All are given back, also where the reply has no room to say so of each.
        let told = Room::of(self.message, reply.len()).fitting(&answers);
        let made = Made { answers: told, status, bare: true, ..Made::default() };
        let (len, departure, left_out) = self.write(ReplyKind::Reply, made, selected, located, reply)?;
        self.tell(changes.committed(), Sending6 { kind: ReplyKind::Reply, departure }, &reply[..len]);
        let given = Given::Associations { answers, selected };
        Ok(Outcome::Reply(Reply { len, departure, kind: ReplyKind::Reply, given, left_out }))
    }

    /// RFC 9915 §18.3.8: addresses that the client found in use.
    pub(super) async fn decline(&mut self, located: &Located, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let selected = located.selected;
        let asked = Asked::of(self.message);
        let (mut answers, mut changes) = (Answers::new(), Changes::of(self.server));
        for asked in asked.iter().filter(|asked| asked.kind == LeaseType::Na) {
            DHCP6_DECLINE_PROCESS_IA(&*self.query, asked.iaid);
            let (mut answer, mut status) = (Answer::empty(asked), None);
            for Wish { place, .. } in asked.wishes() {
                let declined = self.decline_one(asked, place.address, &mut changes).await;
                let Some(what) = declined.map_err(|dropped| dropped.declining(place.address))? else {
                    continue;
                };
                worst(&mut status, what.status(asked.kind));
                answer.given_back.push(GivenBack { place, what });
            }
            let status = status.or(Some(Status::DECLINES_NO_ADDRESS));
            answers.push(Answer { status, ..answer });
        }
        self.committed(&changes).await?;
        let told = Room::of(self.message, reply.len()).fitting(&answers);
        let made = Made { answers: told, bare: true, ..Made::default() };
        let (len, departure, left_out) = self.write(ReplyKind::Reply, made, selected, located, reply)?;
        self.tell(changes.committed(), Sending6 { kind: ReplyKind::Reply, departure }, &reply[..len]);
        let given = Given::Associations { answers, selected };
        Ok(Outcome::Reply(Reply { len, departure, kind: ReplyKind::Reply, given, left_out }))
    }

    /// Ends the lease of something for its client. It is kept, so that the client may get it again, when
    /// `hold-reclaimed-time` and `flush-reclaimed-timer-wait-time` are set.
    async fn release_one(
        &self,
        asked: &Asked<'_>,
        place: Place,
        changes: &mut Changes,
    ) -> Result<Returned, Dropped> {
        let (server, query) = (self.server, &*self.query);
        loop {
            let found = self.leases.get(By6::Address(place.address)).await?;
            let ours =
                |lease: &&Lease6| lease.lease_type == asked.kind && lease.state == LeaseState::Assigned;
            let Some(lease) = found.first().filter(ours) else {
                return Ok(Returned::NotToRelease(NotTheirs::NoLease));
            };
            if let Some(stranger) = stranger(lease, query, asked) {
                return Ok(Returned::NotToRelease(stranger));
            }
            let mut modules = server.hooks.lease6_release.iter();
            if modules.any(|module| module.lease6_release(self.asked(), lease) != Verdict::Continue) {
                return Ok(Returned::NotReleased);
            }
            let keeps = server.config.process.expired_leases.keeps();
            let kept = (keeps && lease.valid_lifetime != Lifetime::INFINITE).then(|| Lease6 {
                preferred_lifetime: Lifetime(0),
                valid_lifetime: Lifetime(0),
                state: LeaseState::Released,
                ..lease.clone()
            });
            let change = Change { address: lease.address, from: Some(lease), to: kept.as_ref() };
            if self.leases.put(change, Cause::Query(query), self.now).await? == Put::Done {
                let what = if kept.is_some() { Returned::Kept } else { Returned::Removed };
                match kept {
                    Some(kept) => changes.written(kept),
                    None => changes.removed(lease),
                }
                return Ok(what);
            }
        }
    }

    /// Puts an address in probation that its client found in use by somebody else; nothing comes of it if a module says
    /// so.
    async fn decline_one(
        &self,
        asked: &Asked<'_>,
        address: Ipv6Addr,
        changes: &mut Changes,
    ) -> Result<Option<Returned>, Dropped> {
        let (server, query, now) = (self.server, &*self.query, self.now);
        loop {
            let found = self.leases.get(By6::Address(address)).await?;
            let ours = |lease: &&Lease6| {
                lease.lease_type == LeaseType::Na
                    && lease.state == LeaseState::Assigned
                    && !lease.expired(now)
            };
            let Some(lease) = found.first().filter(ours) else {
                return Ok(Some(Returned::NotToDecline(NotTheirs::NoLease)));
            };
            if let Some(stranger) = stranger(lease, query, asked) {
                return Ok(Some(Returned::NotToDecline(stranger)));
            }
            for module in &server.hooks.lease6_decline {
                match module.lease6_decline(self.asked(), lease) {
                    Verdict::Continue => {}
                    Verdict::Skip => return Ok(None),
                    Verdict::Drop(counts) => {
                        return Err(Dropped::ByModule { point: Point6::Lease6Decline, counts });
                    }
                }
            }
            let probation = server.config.decline_probation;
            let to = declined(lease, probation, now);
            let change = Change { address, from: Some(lease), to: Some(&to) };
            if self.leases.put(change, Cause::Query(query), now).await? == Put::Done {
                changes.written(to);
                return Ok(Some(Returned::Declined(probation)));
            }
        }
    }
}

impl Dropped {
    /// The same of a message that gives up this address, for what becomes of it then.
    fn declining(self, address: Ipv6Addr) -> Self {
        match self {
            Self::Store(error) => Self::NotDeclined(address, error),
            other => other,
        }
    }
}

/// Of several things that are told of an association, what went wrong counts.
fn worst(status: &mut Option<Status>, other: Status) {
    if status.is_none_or(|status| status.is_success()) {
        *status = Some(other);
    }
}

/// The lease of an address in probation: nobody's.
fn declined(lease: &Lease6, probation: Lifetime, now: Timestamp) -> Lease6 {
    Lease6 {
        duid: Duid::empty(),
        hwaddr: None,
        preferred_lifetime: Lifetime(0),
        valid_lifetime: probation,
        cltt: now,
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: "".into(),
        state: LeaseState::Declined,
        user_context: None,
        ..lease.clone()
    }
}
