//! The steps of a synchronisation: silence the partner, fetch page after page, let it speak again.
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
            Some(SyncStep::Disable { .. }) => {
                self.is_silent = true;
                Some(match self.untold.take() {
                    Some(after) => self.tell(after),
                    None => SyncStep::Page { from: self.fetched },
                })
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
                self.step = Some(SyncStep::Disable { seconds: self.seconds });
            }
        }
    }

    /// Nothing is left to do about the last page.
    fn settle(&mut self) {
        self.reached = self.fetched;
        self.step = Some(match self.is_last {
            // The partner is silent for so long from now on.
            false => SyncStep::Disable { seconds: self.seconds },
            true => SyncStep::Notify,
        });
    }

    /// The partner does not know `ha-sync-complete-notify`: it is older than 2.0, and is told in another way.
    pub const fn unsupported(&mut self) {
        self.step = match self.step {
            Some(SyncStep::Notify) => Some(SyncStep::Enable),
            other => other,
        };
    }

    /// A step failed; what began with the partner is ended.
    pub fn failed(&mut self, reason: String) {
        let is_ended = matches!(self.step, Some(SyncStep::Notify | SyncStep::Enable));
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
