//! The steps of a synchronisation: silence the partner, fetch page after page, let it speak again.
//!
//! A partner of ours is not silenced but tells of the leases that it gives while its others are fetched; only for a page of
//! which it lacks leases, so that it does not give their addresses meanwhile.
//!
//! A partner that works does not fetch ours in return. It is told, page by page, of the leases that it lacks: those that
//! were on their way to it when this server died, or that it lost. Kea leaves these to this server alone.

use std::net::IpAddr;
use std::time::Duration;

use crate::Relationship;

/// No server has more leases: who sends more sends without end.
const MANY: u64 = 1 << 32;

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
    /// Tell the partner of what it lacks of the leases here with addresses above `after` and up to `until`, by which the last
    /// page goes; then see [`SyncPlan::told`].
    Tell {
        /// The last address that needs no telling.
        after: Option<IpAddr>,
        /// The last address of the page; `None` if no other follows.
        until: Option<IpAddr>,
    },
    /// Tell the partner that all is here (`ha-sync-complete-notify`), which lets it give leases again.
    Notify,
    /// Let the partner give leases again (`dhcp-enable`).
    Enable,
}

/// A synchronisation on its way.
#[derive(Clone, Debug)]
pub struct SyncPlan {
    seconds: Option<u64>,
    page_limit: u32,
    tells: bool,
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
        let seconds = relationship.sync_timeout.max(Duration::from_secs(1)).as_secs();
        Self { fetched: reached, reached, tells, ..Self::ordered(relationship, Some(seconds)) }
    }

    /// The same, of a partner that tells of what it gives meanwhile. It still does if an earlier one broke off.
    #[must_use]
    pub fn following(mut self) -> Self {
        (self.follows, self.is_followed) = (true, self.reached.is_some());
        self.step = Some(self.beginning());
        self
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
    pub const fn ordered(relationship: &Relationship, seconds: Option<u64>) -> Self {
        Self {
            seconds,
            page_limit: relationship.sync_page_limit,
            tells: false,
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

    fn tell(&self, after: Option<IpAddr>) -> SyncStep {
        SyncStep::Tell { after, until: self.fetched.filter(|_| !self.is_last) }
    }

    /// A page came with leases of these addresses, in this order, and they are kept.
    ///
    /// A partner that goes back or never ends is found out, and the synchronisation fails.
    pub fn page(&mut self, addresses: &[IpAddr]) {
        self.received += addresses.len() as u64;
        let is_full = addresses.len() >= self.page_limit as usize;
        let last = addresses.last().copied();
        if let (Some(reached), Some(last)) = (self.fetched, last)
            && !is_after(reached, last)
        {
            return self.failed(format!("the partner sent leases up to {last} after those up to {reached}"));
        }
        if self.received > MANY {
            return self.failed("the partner sends leases without end".into());
        }
        let before = self.fetched;
        self.fetched = last.or(before);
        self.is_last = !is_full || last.is_none();
        match self.tells {
            true => self.step = Some(self.tell(before)),
            false => self.settle(),
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
        self.reached = self.fetched;
        self.step = Some(match self.is_last {
            true => SyncStep::Notify,
            false if self.hushes => SyncStep::Enable,
            // The partner is silent for so long from now on, or is reminded that it is not.
            false => self.beginning(),
        });
    }

    /// The partner does not know `ha-sync-complete-notify`: it is older than 2.0, and is told in another way.
    /// Or it does not know `ha-sync-follow`, whatever it said before, and is silenced.
    pub const fn unsupported(&mut self) {
        self.step = match self.step {
            Some(SyncStep::Notify) => {
                self.hushes = false;
                Some(SyncStep::Enable)
            }
            Some(SyncStep::Follow { .. }) => {
                self.follows = false;
                Some(self.beginning())
            }
            other => other,
        };
    }

    /// A step failed; what began with the partner is ended.
    pub fn failed(&mut self, reason: String) {
        let is_ended = matches!(self.step, Some(SyncStep::Notify | SyncStep::Enable));
        self.hushes = false;
        self.failure.get_or_insert(reason);
        self.step = (self.is_silent && !is_ended).then_some(SyncStep::Enable);
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

/// Whether an address comes after another in the order of a partner. Leases of DHCPv6 in databases may be in the order of
/// their text.
fn is_after(before: IpAddr, address: IpAddr) -> bool {
    address > before || (address.is_ipv6() && address.to_string() > before.to_string())
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
        assert_eq!(plan.step(), Some(SyncStep::Tell { after: None, until: Some(ip(3)) }));
        plan.told(None);
        assert_eq!((plan.step(), plan.reached()), (DISABLE, Some(ip(3))));
        plan.done();
        plan.page(&[ip(5)]);
        assert_eq!(plan.step(), Some(SyncStep::Tell { after: Some(ip(3)), until: None }));
        plan.told(Some(ip(7)));
        assert_eq!((plan.step(), plan.reached()), (DISABLE, Some(ip(3))));
        plan.done();
        assert_eq!(plan.step(), Some(SyncStep::Tell { after: Some(ip(7)), until: None }));
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
        assert_eq!(plan.step(), Some(SyncStep::Tell { after: None, until: Some(ip(3)) }));
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

    /// Leases in the order of their text are in order.
    #[test]
    fn orders_of_partners() {
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(is_after(at("2001:db8::10"), at("2001:db8::9")));
        assert!(is_after(at("2001:db8::9"), at("2001:db8::10")));
        assert!(!is_after(at("2001:db8::9"), at("2001:db8::9")));
        assert!(!is_after(ip(10), ip(9)));
    }
}
