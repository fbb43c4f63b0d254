//! Which prefix is that of a source, by what the kernel has and what was told.

use std::time::Duration;

use kotare_config::v6::{Prefix6, PrefixSign, PrefixSource};
use kotare_daemon::Clock;
use kotare_model::Timestamp;
use kotare_net::{HeldPrefix, Sign};

use super::Learned;
use super::book::Told;

fn prefix(text: &str) -> Prefix6 {
    text.parse().expect("a prefix")
}

fn held(interface: &str, text: &str, sign: Sign, deprecated: bool) -> HeldPrefix {
    let of = prefix(text);
    HeldPrefix {
        interface: interface.to_owned(),
        prefix: of.network(),
        prefix_len: of.prefix_len(),
        sign,
        deprecated,
    }
}

fn source(interface: &str, by: PrefixSign) -> PrefixSource {
    PrefixSource { interface: interface.into(), by, within: prefix("2000::/3") }
}

/// Only what shows where and as what it is looked for counts, and only within what is meant.
#[test]
fn a_prefix_shows_where_it_is_looked_for() {
    let (clock, _hands) = Clock::manual(Timestamp(1_700_000_000));
    let now = clock.moment();
    let learned = Learned::default();
    let route = source("lo", PrefixSign::Route);
    assert_eq!(learned.prefix(&route, now), None);
    learned.see(vec![
        held("lo", "fd00::/48", Sign::Route, false),
        held("lo", "2001:db8:5::/64", Sign::Address, false),
        held("lan0", "2001:db8:6::/64", Sign::Address, false),
    ]);
    assert_eq!(learned.prefix(&route, now), None);
    let found = learned.prefix(&source("lan0", PrefixSign::Address), now);
    assert_eq!(found, Some(prefix("2001:db8:6::/64")));
    learned.see(vec![held("lo", "2001:db8:1200::/56", Sign::Route, false)]);
    assert_eq!(learned.prefix(&route, now), Some(prefix("2001:db8:1200::/56")));
}

/// While an old and a new prefix are there, clients are not moved to and fro: the old one stays until it is deprecated or
/// gone.
#[test]
fn of_several_the_former_stays_while_it_is_good() {
    let (clock, _hands) = Clock::manual(Timestamp(1_700_000_000));
    let now = clock.moment();
    let learned = Learned::default();
    let lan = source("lan0", PrefixSign::Address);
    let (old, new) = ("2001:db8:9::/64", "2001:db8:1::/64");
    let one = |text, deprecated| held("lan0", text, Sign::Address, deprecated);
    for (there, found) in [
        (vec![one(old, false)], old),
        (vec![one(new, false), one(old, false)], old),
        (vec![one("2001:db8:9::7/128", false), one(old, false)], old),
        (vec![one(new, false), one(old, true)], new),
        (vec![one(new, true), one(old, true)], new),
        (vec![one(old, false), one("2001:db8:2::/64", false)], "2001:db8:2::/64"),
    ] {
        learned.see(there);
        assert_eq!(learned.prefix(&lan, now), Some(prefix(found)));
    }
}

/// What is told goes before what shows, for as long as it is good for.
#[test]
fn what_is_told_counts_for_its_time() {
    let (clock, hands) = Clock::manual(Timestamp(1_700_000_000));
    let learned = Learned::default();
    let wan = source("wan0", PrefixSign::Route);
    learned.see(vec![held("wan0", "2001:db8:1::/48", Sign::Route, false)]);
    let until = Some(clock.moment() + Duration::from_secs(60));
    assert!(learned.tell("wan0", Told { prefix: prefix("2001:db8:2::/48"), until }));
    assert_eq!(
        (learned.prefix(&wan, clock.moment()), learned.next_end()),
        (Some(prefix("2001:db8:2::/48")), until)
    );
    hands.advance(Duration::from_secs(60));
    assert_eq!(learned.prefix(&wan, clock.moment()), Some(prefix("2001:db8:1::/48")));
    assert_eq!((learned.told(clock.moment()), learned.next_end()), (vec![], None));
    assert!(learned.tell("wan0", Told { prefix: prefix("2001:db8:3::/48"), until: None }));
    assert_eq!(learned.prefix(&wan, clock.moment()), Some(prefix("2001:db8:3::/48")));
    assert_eq!(learned.take_back("wan0", clock.moment()), Some(prefix("2001:db8:3::/48")));
    assert_eq!(learned.take_back("wan0", clock.moment()), None);
    assert_eq!(learned.prefix(&wan, clock.moment()), Some(prefix("2001:db8:1::/48")));
}

/// Whoever tells without end does not fill the memory.
#[test]
fn what_is_told_is_bounded() {
    let learned = Learned::default();
    let told = Told { prefix: prefix("2001:db8::/48"), until: None };
    assert!((0..super::book::MOST).all(|n| learned.tell(&format!("i{n}"), told)));
    assert!(!learned.tell("more", told) && learned.tell("i7", told));
}
