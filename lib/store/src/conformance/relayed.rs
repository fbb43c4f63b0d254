//! What is expected of pages of leases by what relay agents said.

use kotare_model::{Lease4, Lease6, SubnetId};

use super::{Executor, Specimen, add, done, hosts, put};
use crate::{LeaseStore, PageFilter, Relayed};

/// A lease whose client came through a relay agent.
fn relayed<L: Specimen>(host: u8, layout: &dyn Fn(&str) -> String, relay: u8, remote: u8) -> L {
    let ids = format!(r#"{{ "relay-id": "00030{relay}", "remote-id": "00000009{remote:02X}" }}"#);
    L::of(host).with(|it| *it.user_context = Some(layout(&ids).into()))
}

/// Runs the tests of DHCPv4, each on an empty store, for backends that find leases by what relay agents said.
pub fn run<S: LeaseStore<Lease4>>(fresh: impl Fn() -> S, executor: &impl Executor) {
    let layout = |ids: &str| format!(r#"{{ "ISC": {{ "relay-agent-info": {ids} }} }}"#);
    run_laid_out::<Lease4, S>(fresh, executor, &layout);
}

/// Runs those of DHCPv6 in the same way.
pub fn run6<S: LeaseStore<Lease6>>(fresh: impl Fn() -> S, executor: &impl Executor) {
    let agent = r#"{ "hop": 0, "link": "::", "peer": "fe80::1" }"#;
    let layout = |ids: &str| format!(r#"{{ "ISC": {{ "relay-info": [ {agent}, {ids} ] }} }}"#);
    run_laid_out::<Lease6, S>(fresh, executor, &layout);
}

/// `layout` says how what one relay agent said is kept with a lease.
fn run_laid_out<L: Specimen, S: LeaseStore<L>>(
    fresh: impl Fn() -> S,
    executor: &impl Executor,
    layout: &dyn Fn(&str) -> String,
) {
    leases_are_listed_by_what_relay_agents_said(&fresh(), executor, layout);
    lists_follow_changes(&fresh(), executor, layout);
}

fn page<L: Specimen>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
    after: Option<L::Address>,
    limit: usize,
    filter: PageFilter<'_>,
) -> Vec<u8> {
    hosts(executor.run(store.page(after, limit, filter)).expect("a page works"))
}

fn by(relayed: Relayed<'_>) -> PageFilter<'_> {
    PageFilter { relayed: Some(relayed), subnet: None }
}

/// By address, page by page, and nothing else.
fn leases_are_listed_by_what_relay_agents_said<L: Specimen>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
    layout: &dyn Fn(&str) -> String,
) {
    for host in [9, 2, 7, 4, 1] {
        add(store, executor, &relayed::<L>(host, layout, 5, host % 2));
    }
    add(store, executor, &relayed::<L>(8, layout, 6, 1).with(|it| *it.subnet_id = SubnetId(2)));
    add(store, executor, &L::of(3));
    let relay = Relayed::RelayId(&[0, 3, 5]);
    assert_eq!(page(store, executor, None, 2, by(relay)), [1, 2]);
    assert_eq!(page(store, executor, Some(L::at(2)), 2, by(relay)), [4, 7]);
    assert_eq!(page(store, executor, Some(L::at(7)), 2, by(relay)), [9]);
    assert_eq!(page(store, executor, Some(L::at(9)), 2, by(relay)), [0_u8; 0]);
    assert_eq!(page(store, executor, None, 0, by(relay)), [0_u8; 0]);
    let remote = Relayed::RemoteId(&[0, 0, 0, 9, 1]);
    assert_eq!(page(store, executor, None, 10, by(remote)), [1, 7, 8, 9]);
    let filter = PageFilter { subnet: Some(SubnetId(2)), ..by(remote) };
    assert_eq!(page(store, executor, None, 10, filter), [8]);
    // One is not the other.
    assert_eq!(page(store, executor, None, 10, by(Relayed::RelayId(&[0, 0, 0, 9, 1]))), [0_u8; 0]);
    assert_eq!(page(store, executor, None, 10, by(Relayed::RemoteId(&[0, 3, 5]))), [0_u8; 0]);
}

/// Changes show in lists that were asked for before.
fn lists_follow_changes<L: Specimen>(
    store: &impl LeaseStore<L>,
    executor: &impl Executor,
    layout: &dyn Fn(&str) -> String,
) {
    let (before, after) = (relayed::<L>(1, layout, 5, 1), relayed::<L>(1, layout, 6, 1));
    add(store, executor, &before);
    add(store, executor, &relayed::<L>(2, layout, 5, 2));
    let (five, six) = (by(Relayed::RelayId(&[0, 3, 5])), by(Relayed::RelayId(&[0, 3, 6])));
    assert_eq!(
        (page(store, executor, None, 9, five), page(store, executor, None, 9, six)),
        (vec![1, 2], vec![])
    );
    done(put(store, executor, Some(&before), Some(after.clone())));
    assert_eq!(
        (page(store, executor, None, 9, five), page(store, executor, None, 9, six)),
        (vec![2], vec![1])
    );
    add(store, executor, &relayed::<L>(3, layout, 5, 3));
    assert_eq!(page(store, executor, None, 9, five), [2, 3]);
    done(put(store, executor, Some(&after), None));
    assert_eq!(page(store, executor, None, 9, six), [0_u8; 0]);
}
