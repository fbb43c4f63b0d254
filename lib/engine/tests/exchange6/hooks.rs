//! Where modules have a say.

use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_engine::hooks::v6::{
    Asked6, Committed6, Contexts, Hooks6, Lease6Release, Lease6Select, LeaseDraft6, Leases6Committed,
    Leases6Note, Pkt6Send, Sending6, Sent6,
};
use kotare_engine::hooks::{Step, Verdict, Verdict6};
use kotare_engine::v6::Edited6;
use kotare_model::{Lease6, LeaseType, Lifetime};
use kotare_store::{Change, LeaseStore, Put};
use kotare_testkit::{MemoryStore6, run};
use kotare_wire::v6::{MessageType, OptionCode};
use parking_lot::Mutex;
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config};

/// A module that says one thing, and writes down what it is told.
struct Module {
    verdict: fn() -> Verdict6,
    told: Mutex<Vec<String>>,
}

impl Module {
    fn new(verdict: fn() -> Verdict6) -> Arc<Self> {
        Arc::new(Self { verdict, told: Mutex::default() })
    }
}

impl Lease6Select for Module {
    fn lease6_select(&self, _: Asked6<'_>, draft: &mut LeaseDraft6<'_>) -> Verdict6 {
        let LeaseDraft6 { lease, offer, renews, .. } = draft;
        self.told.lock().push(format!("{} offer={offer} renews={renews}", lease.address));
        if lease.lease_type == LeaseType::Na {
            (lease.preferred_lifetime, lease.valid_lifetime) = (Lifetime(7), Lifetime(8));
        }
        (self.verdict)()
    }
}

impl Lease6Release for Module {
    fn lease6_release(&self, _: Asked6<'_>, _: &Lease6) -> Verdict6 {
        (self.verdict)()
    }
}

impl Leases6Committed for Module {
    fn leases6_committed<'a>(&'a self, _: Asked6<'a>, committed: Committed6<'a>) -> Step<'a, Verdict6> {
        let names = |leases: &[Lease6]| leases.iter().map(|it| it.address.to_string()).collect::<Vec<_>>();
        let (leases, deleted) = (names(committed.leases), names(committed.deleted));
        self.told.lock().push(format!("{leases:?} {deleted:?}"));
        Step::Now((self.verdict)())
    }
}

impl Pkt6Send for Module {
    fn pkt6_send(&self, _: Asked6<'_>, _: Sending6, reply: &mut Edited6<'_>) {
        reply.set(OptionCode::PREFERENCE, &[9]).unwrap();
    }
}

/// What a module makes of lifetimes is told and kept; offers are shown as such.
#[test]
fn a_module_changes_a_lease() {
    let module = Module::new(|| Verdict::Continue);
    let hooks = Hooks6 { lease6_select: vec![module.clone()], ..Hooks6::default() };
    let mut world = World::with_hooks(config(json!({})), hooks);
    assert!(
        world.ask(&ask(MessageType::SOLICIT, 1).na(1, &["2001:db8:1::10"])).ends_with("2001:db8:1::10 7/8]")
    );
    assert!(
        world.ask(&ask(MessageType::REQUEST, 1).na(1, &["2001:db8:1::10"])).ends_with("2001:db8:1::10 7/8]")
    );
    assert_eq!(world.store.all()[0].valid_lifetime, Lifetime(8));
    world.ask(&ask(MessageType::RENEW, 1).na(1, &[]));
    assert_eq!(
        *module.told.lock(),
        [
            "2001:db8:1::10 offer=true renews=false",
            "2001:db8:1::10 offer=false renews=false",
            "2001:db8:1::10 offer=false renews=true",
        ]
    );
}

/// A module that does not want a lease to be given is asked once; one that drops, drops the message.
#[test]
fn a_module_refuses_a_lease() {
    let module = Module::new(|| Verdict::Skip);
    let hooks = Hooks6 { lease6_select: vec![module.clone()], ..Hooks6::default() };
    let mut world = World::with_hooks(config(json!({})), hooks);
    assert!(world.ask(&ask(MessageType::REQUEST, 1).na(1, &[])).contains("NoAddrsAvail"));
    assert_eq!((module.told.lock().len(), world.leases().len()), (1, 0));
    let hooks = Hooks6 { lease6_select: vec![Module::new(|| Verdict::Drop(None))], ..Hooks6::default() };
    let mut world = World::with_hooks(config(json!({})), hooks);
    assert!(world.ask(&ask(MessageType::REQUEST, 1).na(1, &[])).starts_with("dropped"));
}

/// A module keeps a lease from being released.
#[test]
fn a_module_keeps_a_lease() {
    let hooks = Hooks6 { lease6_release: vec![Module::new(|| Verdict::Skip)], ..Hooks6::default() };
    let mut world = World::with_hooks(config(json!({})), hooks);
    world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]));
    let before = world.leases();
    let told = world.ask(&ask(MessageType::RELEASE, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(
        told,
        "REPLY na 1 t1=0 t2=0 [UnspecFail: Server failed to release a lease] \
         UnspecFail: Summary status for all processed IA_NAs"
    );
    assert_eq!(world.leases(), before);
}

/// Modules are told what was done to leases, and see the reply last.
#[test]
fn modules_are_told_of_leases() {
    let module = Module::new(|| Verdict::Continue);
    let hooks = Hooks6 {
        leases6_committed: vec![module.clone()],
        pkt6_send: vec![module.clone()],
        ..Hooks6::default()
    };
    let mut world = World::with_hooks(config(json!({})), hooks);
    let sent = world.send(&ask(MessageType::SOLICIT, 1).na(1, &["2001:db8:1::10"])).unwrap();
    assert!(sent.bytes.ends_with(&[0, 7, 0, 1, 9]), "{:x?}", sent.bytes);
    world.send(&ask(MessageType::REQUEST, 1).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]));
    world.send(&ask(MessageType::DECLINE, 1).na(1, &["2001:db8:1::10"]));
    world.send(&ask(MessageType::RELEASE, 1).pd(2, &["2001:db8:f000::/56"]));
    assert_eq!(
        *module.told.lock(),
        [
            r#"["2001:db8:1::10", "2001:db8:f000::"] []"#,
            r#"["2001:db8:1::10"] []"#,
            r#"["2001:db8:f000::"] []"#,
        ]
    );
    let hooks = Hooks6 { leases6_committed: vec![Module::new(|| Verdict::Drop(None))], ..Hooks6::default() };
    let mut world = World::with_hooks(config(json!({})), hooks);
    assert!(world.ask(&ask(MessageType::REQUEST, 1).na(1, &[])).starts_with("dropped"));
}

/// A module that notes something with leases, one of which somebody removes just then.
struct Slow {
    store: MemoryStore6,
    told: Mutex<Vec<(Vec<Ipv6Addr>, usize)>>,
}

impl Leases6Note for Slow {
    fn leases6_note(&self, _: Asked6<'_>, _: Sent6<'_>, leases: &[Lease6]) -> Contexts {
        let gone = Change { address: leases[0].address, from: Some(&leases[0]), to: None };
        assert_eq!(run(self.store.put(gone)).unwrap(), Put::Done);
        leases.iter().map(|_| Some("{}".into())).collect()
    }

    fn leases6_not_noted(&self, _: Asked6<'_>, addresses: &[Ipv6Addr], of: usize) {
        self.told.lock().push((addresses.to_vec(), of));
    }
}

/// A lease that somebody else changes before what a module notes with it is written is left as it is, and the module hears
/// of it; the others have what is noted.
#[test]
fn a_module_hears_what_it_could_not_note() {
    let store = MemoryStore6::new();
    let module = Arc::new(Slow { store: store.clone(), told: Mutex::default() });
    let hooks = Hooks6 { leases6_note: vec![module.clone()], ..Hooks6::default() };
    let mut world = World::with_store(store, config(json!({})), hooks);
    world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]).pd(2, &[]));
    let left = world.store.all();
    assert_eq!((left.len(), left[0].user_context.as_deref()), (1, Some("{}")));
    assert_eq!(*module.told.lock(), [(vec!["2001:db8:1::10".parse().unwrap()], 2)]);
}
