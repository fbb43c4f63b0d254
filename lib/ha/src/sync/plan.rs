//! The steps of a synchronisation: silence the partner, fetch page after page, let it speak again.
//!
//! A partner of ours is not silenced but tells of the leases that it gives while its others are fetched; only for a page of
//! which it lacks leases, so that it does not give their addresses meanwhile.
//!
//! A partner that works does not fetch ours in return. It is told, page by page, of the leases that it lacks: those that
//! were on their way to it when this server died, or that it lost. Kea leaves these to this server alone.
//!
//! Kea lists leases of DHCPv6 that are in a database in the order of their text, as the language of the database has it. What
//! such a page lacks may come with another one: what a partner lacks whose order is not known is told after the last page.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::Relationship;

/// No server has more leases: who sends more sends without end.
const MANY: u64 = 1 << 26;
/// The same of such whose order is not known: all their addresses are remembered.
const MANY_TO_REMEMBER: u64 = 1 << 24;

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncStep {
    /// Have the partner give no leases (`dhcp-disable`) for so many seconds; `None` for as long as it takes.
    Disable {
        /// `max-period`.
        seconds: Option<u64>,
    },
    /// Have the partner tell of the leases that it gives from now on (`ha-sync-follow`).
    Follow {
        /// Whether it does not do so yet.
        begins: bool,
    },
    /// Fetch the leases after an address (`lease4-get-page`, `lease6-get-page`), or the first ones.
    Page {
        /// The last address that is known.
        from: Option<IpAddr>,
    },
    /// Tell the partner of the leases here that count instead of some of the last page, and of those that it lacks
    /// ([`SyncPlan::theirs`]) of a stretch; then see [`SyncPlan::told`].
    Tell {
        /// Of which it is known what the partner has; `None` if of none yet.
        stretch: Option<Stretch>,
    },
    /// Tell the partner that all is here (`ha-sync-complete-notify`), which lets it give leases again.
    Notify,
    /// Let the partner give leases again (`dhcp-enable`).
    Enable,
}

/// Leases by their addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The last address before it.
    pub after: Option<IpAddr>,
    /// The last one in it; `None` if there is no end.
    pub until: Option<IpAddr>,
}

/// A synchronisation on its way.
#[derive(Clone, Debug)]
pub struct SyncPlan {
    seconds: Option<u64>,
    page_limit: u32,
    tells: bool,
    /// Whether leases come by address. If not, none comes twice.
    is_by_address: bool,
    /// The addresses of the last page, or of all.
    theirs: Arc<HashSet<IpAddr>>,
    /// Up to where the leases are here.
    fetched: Option<IpAddr>,
    /// Up to where both have what the other has.
    reached: Option<IpAddr>,
    /// What is to be told of the last page: what comes after an address, if after any.
    untold: Option<Option<IpAddr>>,
    is_last: bool,
    received: u64,
    is_silent: bool,
    /// Whether the partner tells of what it gives meanwhile, instead of being silent.
    follows: bool,
    /// Whether it has begun to.
    is_followed: bool,
    /// Whether all is fetched once more, because it could not tell of something.
    is_afresh: bool,
    /// Whether it is to be silent for this page nevertheless.
    hushes: bool,
    step: Option<SyncStep>,
    failure: Option<String>,
}

impl SyncPlan {
    /// One that a server begins by itself, after the address that an earlier one reached. `tells` says whether the partner is
    /// told of what it lacks.
    #[must_use]
    pub fn new(relationship: &Relationship, reached: Option<IpAddr>, tells: bool) -> Self {
        let seconds = relationship.page_timeout().max(Duration::from_secs(1)).as_secs();
        Self { fetched: reached, reached, tells, ..Self::ordered(relationship, Some(seconds)) }
    }

    /// The same, of a partner that tells of what it gives meanwhile. It still does if an earlier one broke off.
    #[must_use]
    pub fn following(mut self) -> Self {
        (self.follows, self.is_followed) = (true, self.reached.is_some());
        self.step = Some(self.beginning());
        self
    }

    /// The same, of a partner of which it is not known in which order it lists its leases.
    #[must_use]
    pub fn in_any_order(mut self) -> Self {
        (self.is_by_address, self.theirs) = (false, Arc::default());
        if self.tells {
            // What was fetched before is not known any more.
            (self.fetched, self.reached, self.untold, self.is_last) = (None, None, None, false);
            self.is_followed = false;
        }
        self.step = Some(self.beginning());
        self
    }

    /// The addresses that the partner has leases of, in the stretch that it is told of.
    #[must_use]
    pub const fn theirs(&self) -> &Arc<HashSet<IpAddr>> {
        &self.theirs
    }

    /// What goes before a page.
    const fn beginning(&self) -> SyncStep {
        match self.follows && !self.hushes {
            true => SyncStep::Follow { begins: !self.is_followed },
            false => SyncStep::Disable { seconds: self.seconds },
        }
    }

    /// Whether the partner goes on giving leases at the moment: what it lacks must not be told of then.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        self.follows && !self.hushes
    }

    /// The partner could not tell of something that it gave since it began to. Whether all is fetched once more.
    pub fn afresh(&mut self) -> bool {
        let may_begin = self.is_followed && !self.is_afresh;
        if may_begin {
            (self.is_followed, self.is_afresh, self.is_last) = (false, true, false);
            (self.fetched, self.reached, self.untold) = (None, None, None);
            self.theirs = Arc::default();
            self.step = Some(self.beginning());
        }
        may_begin
    }

    /// The partner lacks leases of the last page, which began after this address: that is fetched again, and the partner is
    /// silent until it was told.
    pub fn hush(&mut self, after: Option<IpAddr>) {
        (self.hushes, self.fetched, self.is_last, self.untold) = (true, after, false, None);
        self.step = Some(self.beginning());
    }

    /// One that `ha-sync` asks for, with its `max-period`: it fetches and tells nothing.
    #[must_use]
    pub fn ordered(relationship: &Relationship, seconds: Option<u64>) -> Self {
        Self {
            seconds,
            page_limit: relationship.sync_page_limit,
            tells: false,
            is_by_address: true,
            theirs: Arc::default(),
            fetched: None,
            reached: None,
            untold: None,
            is_last: false,
            received: 0,
            is_silent: false,
            follows: false,
            is_followed: false,
            is_afresh: false,
            hushes: false,
            step: Some(SyncStep::Disable { seconds }),
            failure: None,
        }
    }

    /// What is to be done next; nothing when it has ended.
    #[must_use]
    pub const fn step(&self) -> Option<SyncStep> {
        self.step
    }

    /// The step was done that is not a page.
    pub fn done(&mut self) {
        self.step = match self.step {
            Some(step @ (SyncStep::Disable { .. } | SyncStep::Follow { .. })) => {
                match step {
                    SyncStep::Follow { .. } => self.is_followed = true,
                    _ => self.is_silent = true,
                }
                Some(match self.untold.take() {
                    Some(after) => self.tell(after),
                    None => SyncStep::Page { from: self.fetched },
                })
            }
            // The partner was silent for one page only.
            Some(SyncStep::Enable) if self.hushes && self.failure.is_none() => {
                (self.hushes, self.is_silent) = (false, false);
                Some(self.beginning())
            }
            Some(SyncStep::Page { .. } | SyncStep::Tell { .. } | SyncStep::Notify | SyncStep::Enable)
            | None => None,
        };
    }

    /// What the partner is told after a page, or when it was told up to an address.
    fn tell(&self, after: Option<IpAddr>) -> SyncStep {
        let stretch = Stretch { after, until: self.fetched.filter(|_| !self.is_last) };
        SyncStep::Tell { stretch: Some(stretch).filter(|_| self.is_by_address || self.is_last) }
    }

    /// A page came with leases of these addresses, in this order, and they are kept.
    ///
    /// A partner that goes back or never ends is found out, and the synchronisation fails.
    pub fn page(&mut self, addresses: &[IpAddr]) {
        self.received += addresses.len() as u64;
        let most = if self.is_by_address { MANY } else { MANY_TO_REMEMBER };
        if let Err(reason) = self.learn(addresses) {
            return self.failed(reason);
        }
        if self.received > most {
            return self.failed("the partner sends leases without end".into());
        }
        let (before, last) = (self.fetched, addresses.last().copied());
        self.fetched = last.or(before);
        self.is_last = last.is_none() || addresses.len() < self.page_limit as usize;
        match self.tells {
            true => self.step = Some(self.tell(before.filter(|_| self.is_by_address))),
            false => self.settle(),
        }
    }

    /// Takes down which leases the partner has. An error says what of them cannot be.
    fn learn(&mut self, addresses: &[IpAddr]) -> Result<(), String> {
        let theirs = Arc::make_mut(&mut self.theirs);
        if !self.is_by_address {
            let again = addresses.iter().find(|address| !theirs.insert(**address));
            return again.map_or(Ok(()), |again| Err(format!("the partner sent the lease of {again} twice")));
        }
        theirs.clear();
        if self.tells {
            theirs.extend(addresses);
        }
        let last = addresses.last().copied();
        match (self.fetched, last) {
            (Some(reached), Some(last)) if last <= reached => {
                Err(format!("the partner sent leases up to {last} after those up to {reached}"))
            }
            _ if !addresses.is_sorted() => Err("the partner sent leases out of their order".into()),
            _ => Ok(()),
        }
    }

    /// The partner was told of what it lacks up to an address, or of all.
    pub fn told(&mut self, reached: Option<IpAddr>) {
        match reached {
            None => self.settle(),
            Some(_) => {
                self.untold = Some(reached);
                self.step = Some(self.beginning());
            }
        }
    }

    /// Nothing is left to do about the last page.
    fn settle(&mut self) {
        if self.is_by_address || !self.tells {
            self.reached = self.fetched;
        }
        self.step = Some(match self.is_last {
            true => SyncStep::Notify,
            false if self.hushes => SyncStep::Enable,
            // The partner is silent for so long from now on, or is reminded that it is not.
            false => self.beginning(),
        });
    }

    /// The partner does not know `ha-sync-complete-notify`: it is older than 2.0, and is told in another way.
    /// Or it does not know `ha-sync-follow`, whatever it said before, and is silenced.
    pub fn unsupported(&mut self) {
        match self.step {
            Some(SyncStep::Notify) => (self.hushes, self.step) = (false, Some(SyncStep::Enable)),
            Some(SyncStep::Follow { .. }) => {
                // So it is none of ours, and may have another order, too.
                self.follows = false;
                *self = self.clone().in_any_order();
            }
            _ => {}
        }
    }

    /// A step failed; what began with the partner is ended.
    pub fn failed(&mut self, reason: String) {
        let is_ended = matches!(self.step, Some(SyncStep::Notify | SyncStep::Enable));
        self.give_up(reason);
        self.step = self.step.filter(|_| !is_ended);
    }

    /// Nobody waits for it any more: what began with the partner is ended.
    pub fn give_up(&mut self, reason: String) {
        self.hushes = false;
        self.failure.get_or_insert(reason);
        self.step = self.is_silent.then_some(SyncStep::Enable);
    }

    /// How many leases came.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Up to which address all is done: where another attempt may go on.
    #[must_use]
    pub const fn reached(&self) -> Option<IpAddr> {
        self.reached
    }

    /// What came of it, once there is no step left.
    ///
    /// # Errors
    /// What failed first.
    pub fn outcome(&self) -> Result<(), &str> {
        self.failure.as_deref().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mode;

    fn plan(reached: Option<IpAddr>) -> SyncPlan {
        let mut relationship = Relationship::new("a", Mode::HotStandby);
        relationship.sync_page_limit = 2;
        SyncPlan::new(&relationship, reached, false)
    }

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn stretch(after: Option<IpAddr>, until: Option<IpAddr>) -> Option<SyncStep> {
        Some(SyncStep::Tell { stretch: Some(Stretch { after, until }) })
    }

    const DISABLE: Option<SyncStep> = Some(SyncStep::Disable { seconds: Some(60) });

    /// Before each page the partner is told to be silent, and at the end that all is here.
    #[test]
    fn pages_follow_each_other() {
        let mut plan = plan(None);
        assert_eq!(plan.step(), DISABLE);
        plan.done();
        assert_eq!(plan.step(), Some(SyncStep::Page { from: None }));
        plan.page(&[ip(1), ip(2)]);
        assert_eq!(plan.step(), DISABLE);
        plan.done();
        assert_eq!(plan.step(), Some(SyncStep::Page { from: Some(ip(2)) }));
        plan.page(&[ip(3)]);
        assert_eq!(plan.step(), Some(SyncStep::Notify));
        plan.unsupported();
        assert_eq!(plan.step(), Some(SyncStep::Enable));
        plan.done();
        assert_eq!((plan.step(), plan.outcome(), plan.received()), (None, Ok(()), 3));
    }

    /// A partner that works is told after each page of what it lacks of it, as much at a time as is to be told; what was not
    /// told of a page is told when it is fetched again.
    #[test]
    fn what_the_partner_lacks_is_told() {
        let mut plan = SyncPlan { tells: true, ..plan(None) };
        plan.done();
        plan.page(&[ip(1), ip(3)]);
        assert_eq!(plan.step(), stretch(None, Some(ip(3))));
        plan.told(None);
        assert_eq!((plan.step(), plan.reached()), (DISABLE, Some(ip(3))));
        plan.done();
        plan.page(&[ip(5)]);
        assert_eq!(plan.step(), stretch(Some(ip(3)), None));
        plan.told(Some(ip(7)));
        assert_eq!((plan.step(), plan.reached()), (DISABLE, Some(ip(3))));
        plan.done();
        assert_eq!(plan.step(), stretch(Some(ip(7)), None));
        plan.told(None);
        assert_eq!((plan.step(), plan.reached()), (Some(SyncStep::Notify), Some(ip(5))));
    }

    /// A partner of ours goes on giving leases, and tells of them. It is silent for a page of which it lacks leases, and not for
    /// the next one.
    #[test]
    fn a_partner_that_tells_is_not_silenced() {
        let follow = |begins| Some(SyncStep::Follow { begins });
        let mut plan = SyncPlan { tells: true, ..plan(None) }.following();
        assert_eq!(plan.step(), follow(true));
        plan.done();
        plan.page(&[ip(1), ip(3)]);
        assert_eq!(plan.step(), stretch(None, Some(ip(3))));
        assert!(plan.is_quiet());
        plan.told(None);
        assert_eq!((plan.step(), plan.reached()), (follow(false), Some(ip(3))));
        plan.done();
        plan.page(&[ip(4), ip(6)]);
        plan.hush(Some(ip(3)));
        assert_eq!((plan.step(), plan.is_quiet()), (DISABLE, false));
        plan.done();
        assert_eq!(plan.step(), Some(SyncStep::Page { from: Some(ip(3)) }));
        plan.page(&[ip(4), ip(6)]);
        plan.told(None);
        assert_eq!(plan.step(), Some(SyncStep::Enable));
        plan.done();
        assert_eq!((plan.step(), plan.is_quiet()), (follow(false), true));
        plan.done();
        plan.page(&[]);
        plan.hush(Some(ip(6)));
        plan.done();
        plan.page(&[]);
        plan.told(None);
        assert_eq!(plan.step(), Some(SyncStep::Notify));
        plan.done();
        assert_eq!((plan.step(), plan.outcome()), (None, Ok(())));
    }

    /// One that could not tell of something is asked for all once more, and fails the next time. So is one that does not tell
    /// any more when what broke off goes on.
    #[test]
    fn what_could_not_be_told_is_fetched() {
        let mut again = plan(Some(ip(7))).following();
        assert_eq!(again.step(), Some(SyncStep::Follow { begins: false }));
        assert!(again.afresh());
        assert_eq!((again.step(), again.reached()), (Some(SyncStep::Follow { begins: true }), None));
        assert!(!again.afresh(), "it has not begun");
        again.done();
        assert_eq!(again.step(), Some(SyncStep::Page { from: None }));
        assert!(!again.afresh(), "not for ever");
    }

    /// One that does not know how is silenced; one that fails needs no word to go on.
    #[test]
    fn a_partner_that_does_not_follow_is_silenced() {
        let mut unknown = plan(None).following();
        unknown.unsupported();
        assert_eq!(unknown.step(), DISABLE);
        let mut broken = plan(None).following();
        broken.done();
        broken.failed("timeout".into());
        assert_eq!((broken.step(), broken.outcome()), (None, Err("timeout")));
        let mut hushed = SyncPlan { tells: true, ..plan(None) }.following();
        hushed.done();
        hushed.page(&[ip(1)]);
        hushed.hush(None);
        hushed.done();
        hushed.failed("timeout".into());
        assert_eq!(hushed.step(), Some(SyncStep::Enable));
        hushed.done();
        assert_eq!(hushed.step(), None);
    }

    /// A page that cannot be fetched ends it, after the partner was let speak again; another attempt goes on there.
    #[test]
    fn what_broke_off_goes_on() {
        let mut broken = plan(None);
        broken.done();
        broken.page(&[ip(1), ip(2)]);
        broken.done();
        broken.failed("timeout".into());
        assert_eq!(broken.step(), Some(SyncStep::Enable));
        broken.failed("timeout again".into());
        assert_eq!((broken.step(), broken.outcome()), (None, Err("timeout")));
        let mut again = plan(broken.reached());
        again.done();
        assert_eq!(again.step(), Some(SyncStep::Page { from: Some(ip(2)) }));
    }

    /// Without a limit for a page the partner is silent for longer, and not for a moment only.
    #[test]
    fn no_limit_is_a_long_one() {
        let mut relationship = Relationship::new("a", Mode::HotStandby);
        let mut disables = |sync_timeout| {
            relationship.sync_timeout = sync_timeout;
            SyncPlan::new(&relationship, None, false).step()
        };
        assert_eq!(disables(Duration::ZERO), Some(SyncStep::Disable { seconds: Some(3600) }));
        assert_eq!(disables(Duration::from_millis(1)), Some(SyncStep::Disable { seconds: Some(1) }));
        assert_eq!(disables(Duration::from_secs(60)), DISABLE);
    }

    /// One that nobody waits for lets the partner speak, whatever was to come next.
    #[test]
    fn one_that_is_not_wanted_ends() {
        let mut plan = plan(None);
        plan.done();
        plan.page(&[ip(1)]);
        assert_eq!(plan.step(), Some(SyncStep::Notify));
        plan.give_up("reset".into());
        assert_eq!((plan.step(), plan.outcome()), (Some(SyncStep::Enable), Err("reset")));
        plan.done();
        assert_eq!(plan.step(), None);
    }

    /// A partner that was never silenced is not told to speak.
    #[test]
    fn nothing_was_begun() {
        let mut plan = plan(None);
        plan.failed("refused".into());
        assert_eq!((plan.step(), plan.outcome()), (None, Err("refused")));
    }

    /// A partner that sends the same page for ever is found out.
    #[test]
    fn a_partner_that_goes_back_is_found_out() {
        let mut plan = plan(None);
        plan.done();
        plan.page(&[ip(1), ip(2)]);
        plan.done();
        plan.page(&[ip(1), ip(2)]);
        assert_eq!(plan.step(), Some(SyncStep::Enable));
        assert!(plan.outcome().unwrap_err().contains("192.0.2.2"));
    }

    /// One whose order is not known is told at the end of what it lacks, when all that it has is known, and never goes on where
    /// it broke off.
    #[test]
    fn what_a_partner_of_another_order_lacks_is_told_at_the_end() {
        let mut plan = SyncPlan { tells: true, ..plan(Some(ip(7))) }.in_any_order();
        plan.done();
        assert_eq!(plan.step(), Some(SyncStep::Page { from: None }));
        plan.page(&[ip(10), ip(11)]);
        assert_eq!(plan.step(), Some(SyncStep::Tell { stretch: None }));
        plan.told(None);
        assert_eq!((plan.step(), plan.reached()), (DISABLE, None));
        plan.done();
        assert_eq!(plan.step(), Some(SyncStep::Page { from: Some(ip(11)) }));
        plan.page(&[ip(2)]);
        assert_eq!(plan.step(), stretch(None, None));
        assert_eq!(**plan.theirs(), HashSet::from([ip(2), ip(10), ip(11)]));
        plan.told(Some(ip(9)));
        plan.done();
        assert_eq!(plan.step(), stretch(Some(ip(9)), None));
        plan.told(None);
        assert_eq!((plan.step(), plan.outcome()), (Some(SyncStep::Notify), Ok(())));
    }

    /// A partner that does not follow after all is not believed to list its leases by address.
    #[test]
    fn one_that_does_not_follow_begins_anew() {
        let mut plan = SyncPlan { tells: true, ..plan(None) }.following();
        plan.done();
        plan.page(&[ip(1), ip(2)]);
        plan.told(None);
        plan.unsupported();
        plan.done();
        assert_eq!(plan.step(), Some(SyncStep::Page { from: None }));
        plan.page(&[ip(1), ip(2)]);
        assert_eq!(plan.step(), Some(SyncStep::Tell { stretch: None }));
    }

    /// Whatever its order, a partner that goes round in a circle is found out, and one that leaps about.
    #[test]
    fn a_partner_that_goes_round_is_found_out() {
        let mut round = plan(None).in_any_order();
        for page in [[ip(10), ip(9)], [ip(8), ip(10)]] {
            round.done();
            round.page(&page);
        }
        assert_eq!(round.outcome(), Err("the partner sent the lease of 192.0.2.10 twice"));
        let mut leaping = plan(None);
        leaping.done();
        leaping.page(&[ip(9), ip(8)]);
        assert!(leaping.outcome().is_err());
    }
}
