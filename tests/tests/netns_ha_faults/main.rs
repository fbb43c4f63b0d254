//! What may happen to the partners of a pair, with real clients and under load: in the end both have the same leases, and
//! none that a client was told of is missing.

mod scene;
mod under_load;

use std::fs;
use std::process::Child;

use kotare_tests::tell;
use kotare_tests::world::{PATIENCE, V4, V6, World, eventually_within, sandboxed};
use serde_json::json;

use scene::{Linked, Scene};

/// Who is cut off from its partner, in one direction or both, while clients reach both: the primary goes on alone, the standby
/// sees that its clients are answered and is silent. Both come together by themselves.
fn partners_are_cut_off<F: Linked>(world: &World) {
    let mut scene = Scene::<F>::start(world, "hot-standby", json!({"max-unacked-clients": 10}));
    scene.obtain("first");
    for (number, deaf) in [&[0][..], &[1], &[0, 1]].into_iter().enumerate() {
        scene.cut(deaf);
        scene.pair.awaits_one(0, "partner-down");
        scene.obtain(&format!("cut{number}"));
        scene.mend(deaf);
        scene.is_whole();
    }
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn partners_of_dhcpv4_are_cut_off() {
    sandboxed("partners_of_dhcpv4_are_cut_off", partners_are_cut_off::<V4>);
}

#[test]
fn partners_of_dhcpv6_are_cut_off() {
    sandboxed("partners_of_dhcpv6_are_cut_off", partners_are_cut_off::<V6>);
}

/// A partner is frozen, answers slowly, loses its leases, comes back with old ones.
fn partners_fail<F: Linked>(world: &World, mode: &'static str) {
    let mut scene = Scene::<F>::start(world, mode, json!({}));
    scene.obtain("first");

    scene.pair.server(0).signal("STOP");
    scene.pair.awaits_one(1, "partner-down");
    scene.obtain("frozen");
    scene.pair.server(0).signal("CONT");
    scene.is_whole();

    let pid = scene.pair.server(1).pid();
    let slow = Slow::down(&scene, pid);
    scene.obtain("slow");
    assert_eq!(scene.pair.state(0), mode, "it waits for its partner");
    slow.end(&scene);
    scene.is_whole();

    let [emptied, old] = [0, 1].map(|own| scene.pair.server(own).folder().join("leases.csv"));
    let before = fs::read(&old).expect("a lease file");
    scene.pair.kill(0);
    scene.pair.awaits_one(1, "partner-down");
    scene.obtain("alone");
    fs::remove_file(&emptied).expect("a lease file");
    scene.pair.run(0);
    scene.is_whole();

    scene.obtain("newer");
    scene.pair.kill(1);
    scene.pair.awaits_one(0, "partner-down");
    scene.obtain("newest");
    fs::write(&old, before).expect("write the lease file");
    scene.pair.run(1);
    scene.is_whole();
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn a_hot_standby_pair_of_dhcpv4_fails() {
    sandboxed("a_hot_standby_pair_of_dhcpv4_fails", |world| partners_fail::<V4>(world, "hot-standby"));
}

#[test]
fn a_load_balancing_pair_of_dhcpv4_fails() {
    sandboxed("a_load_balancing_pair_of_dhcpv4_fails", |world| partners_fail::<V4>(world, "load-balancing"));
}

#[test]
fn a_hot_standby_pair_of_dhcpv6_fails() {
    sandboxed("a_hot_standby_pair_of_dhcpv6_fails", |world| partners_fail::<V6>(world, "hot-standby"));
}

#[test]
fn a_load_balancing_pair_of_dhcpv6_fails() {
    sandboxed("a_load_balancing_pair_of_dhcpv6_fails", |world| partners_fail::<V6>(world, "load-balancing"));
}

/// Partners that do not hear each other, because nothing gets through in one direction or in either, go on with their own
/// clients (`communication-recovery`). What they have to tell waits until the link is back; more than
/// `delayed-updates-limit` of it is fetched.
fn partners_recover_communication<F: Linked>(world: &World) {
    let limits = json!({"max-unacked-clients": 10, "delayed-updates-limit": 3});
    let mut scene = Scene::<F>::start(world, "load-balancing", limits);
    scene.obtain("first");
    let fetched = |scene: &Scene<'_, F>| {
        let begun = |own: usize| scene.pair.server(own).log().matches("HA_SYNC_START").count();
        begun(0) + begun(1)
    };
    let before = fetched(&scene);
    for (name, clients, deaf) in [("one", 1, &[0][..]), ("other", 1, &[1]), ("many", 8, &[0, 1])] {
        scene.cut(deaf);
        scene.pair.awaits(["communication-recovery"; 2]);
        (0..clients).for_each(|number| scene.obtain(&format!("{name}{number}")));
        assert_eq!([0, 1].map(|own| scene.pair.state(own)), ["communication-recovery"; 2]);
        scene.mend(deaf);
        scene.is_whole();
        assert_eq!(fetched(&scene) > before, name == "many", "{name} updates wait");
    }
    let sent = |own: usize| scene.pair.server(own).log().contains("HA_LEASES_BACKLOG_SUCCESS");
    assert!(sent(0) || sent(1));
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn partners_of_dhcpv4_recover_communication() {
    sandboxed("partners_of_dhcpv4_recover_communication", partners_recover_communication::<V4>);
}

#[test]
fn partners_of_dhcpv6_recover_communication() {
    sandboxed("partners_of_dhcpv6_recover_communication", partners_recover_communication::<V6>);
}

/// Under a load that never pauses, on either server if they share their clients, the second one is killed and comes back;
/// then the first one is. Who is left has every lease that was acknowledged. When both are back, they differ in nothing.
fn partners_are_killed_under_load<F: Linked>(world: &World, mode: &'static str) {
    let is_shared = mode == "load-balancing";
    let mut scene = Scene::<F>::start_busy(world, mode, json!({"sync-page-limit": 500}));
    let relays = [0, 1].map(|own| F::relay(&scene.lan, own));
    let first = F::load(world, &relays[0], 0, is_shared, 4);
    let second = is_shared.then(|| F::load(world, &relays[1], 1, is_shared, 4));
    let mut exchanges = 0;
    scene.goes_on(0);
    if is_shared {
        scene.goes_on(1);
    }
    scene.pair.kill(1);
    if let Some(end) = second {
        let loaded = end();
        (scene.addresses, exchanges) = (loaded.addresses, loaded.exchanges);
        assert!(scene.addresses.len() >= 300, "{}", scene.addresses.len());
    }
    scene.pair.awaits_one(0, "partner-down");
    scene.knows(0);
    scene.goes_on(0);
    scene.pair.run(1);
    scene.pair.awaits([mode; 2]);
    scene.goes_on(0);
    scene.pair.kill(0);
    let loaded = first();
    assert!(loaded.addresses.len() >= 300, "{}", loaded.addresses.len());
    scene.addresses.extend(loaded.addresses);
    scene.pair.awaits_one(1, "partner-down");
    scene.knows(1);
    scene.pair.run(0);
    scene.pair.awaits([mode; 2]);
    let lost = scene.missing(0) + scene.missing(1);
    scene.count("each killed in turn", exchanges + loaded.exchanges, lost);
    assert_eq!(lost, 0);
    // The first one was killed with leases under way, of which it has told the other.
    scene.differs_in_nothing();
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn a_hot_standby_pair_of_dhcpv4_is_killed_under_load() {
    let name = "a_hot_standby_pair_of_dhcpv4_is_killed_under_load";
    sandboxed(name, |world| partners_are_killed_under_load::<V4>(world, "hot-standby"));
}

#[test]
fn a_load_balancing_pair_of_dhcpv4_is_killed_under_load() {
    let name = "a_load_balancing_pair_of_dhcpv4_is_killed_under_load";
    sandboxed(name, |world| partners_are_killed_under_load::<V4>(world, "load-balancing"));
}

#[test]
fn a_hot_standby_pair_of_dhcpv6_is_killed_under_load() {
    let name = "a_hot_standby_pair_of_dhcpv6_is_killed_under_load";
    sandboxed(name, |world| partners_are_killed_under_load::<V6>(world, "hot-standby"));
}

#[test]
fn a_load_balancing_pair_of_dhcpv6_is_killed_under_load() {
    let name = "a_load_balancing_pair_of_dhcpv6_is_killed_under_load";
    sandboxed(name, |world| partners_are_killed_under_load::<V6>(world, "load-balancing"));
}

/// The clock of one server is set 70 seconds ahead: both end the service, each answers its own clients and tells the other
/// nothing. When the clock is right again, both begin again by themselves, and have the same leases, those that were given
/// at a time that is still to come among them.
fn a_clock_is_ahead<F: Linked>(world: &World) {
    let Some(clock) = world.own_clock("server2") else {
        return tell("left out: libfaketime is not unpacked");
    };
    let mut scene = Scene::<F>::start_by_clock(world, &clock);
    scene.obtain("first");
    clock.set(70);
    scene.pair.awaits(["terminated"; 2]);
    for own in [0, 1] {
        scene.pair.server(own).await_log(&["HA_HIGH_CLOCK_SKEW_CAUSED_TERMINATION"]);
    }
    let lack_some = |scene: &Scene<'_, F>| {
        let [ours, theirs] = [0, 1].map(|own| scene.pair.leases(own));
        ours.keys().any(|address| !theirs.contains_key(address))
            && theirs.keys().any(|address| !ours.contains_key(address))
    };
    // Whose a client is its identifier says, which is another each time.
    for number in 0..24 {
        if lack_some(&scene) {
            break;
        }
        scene.obtain(&format!("ahead{number}"));
    }
    assert!(lack_some(&scene), "each answers its own clients");
    clock.set(0);
    // A minute has to pass, and until no lease is of the future.
    for own in [0, 1] {
        eventually_within(PATIENCE * 3, "the service goes on", || {
            (scene.pair.state(own) == "load-balancing").then_some(())
        });
        scene.pair.server(own).await_log(&["KOTARE_HA_LEAVES_TERMINATED"]);
    }
    scene.is_whole();
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn a_clock_of_dhcpv4_is_ahead() {
    sandboxed("a_clock_of_dhcpv4_is_ahead", a_clock_is_ahead::<V4>);
}

#[test]
fn a_clock_of_dhcpv6_is_ahead() {
    sandboxed("a_clock_of_dhcpv6_is_ahead", a_clock_is_ahead::<V6>);
}

/// What has a server work a little and then not at all, again and again.
pub(crate) struct Slow(Child);

impl Slow {
    pub(crate) fn down<F: Linked>(scene: &Scene<'_, F>, pid: u32) -> Self {
        let mut command = scene.pair.host(1).command("sh");
        let script = "while kill -STOP $0; do sleep 0.1; kill -CONT $0; sleep 0.02; done";
        command.args(["-c", script, &pid.to_string()]);
        Self(command.spawn().expect("sh runs"))
    }

    pub(crate) fn end<F: Linked>(mut self, scene: &Scene<'_, F>) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("a child can be waited for");
        scene.pair.server(1).signal("CONT");
    }
}
