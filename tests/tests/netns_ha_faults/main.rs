//! What may happen to the partners of a pair, with real clients and under load: in the end both have the same leases, and
//! none that a client was told of is missing.

mod scene;

use std::fs;
use std::process::Child;

use kotare_tests::world::{V4, V6, World, eventually, sandboxed};
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

/// Partners that do not hear each other go on with their own clients (`communication-recovery`). What they have to tell waits
/// until the link is back; more than `delayed-updates-limit` of it is fetched.
fn partners_recover_communication<F: Linked>(world: &World) {
    let limits = json!({"max-unacked-clients": 10, "delayed-updates-limit": 3});
    let mut scene = Scene::<F>::start(world, "load-balancing", limits);
    scene.obtain("first");
    let fetched = |scene: &Scene<'_, F>| {
        let begun = |own: usize| scene.pair.server(own).log().matches("HA_SYNC_START").count();
        begun(0) + begun(1)
    };
    let before = fetched(&scene);
    for (name, clients) in [("few", 1), ("many", 8)] {
        scene.cut(&[0, 1]);
        scene.pair.awaits(["communication-recovery"; 2]);
        (0..clients).for_each(|number| scene.obtain(&format!("{name}{number}")));
        assert_eq!([0, 1].map(|own| scene.pair.state(own)), ["communication-recovery"; 2]);
        scene.mend(&[0, 1]);
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

/// Under a load that never pauses the standby is killed and comes back; then the primary is killed, and the standby has every
/// lease that was acknowledged. When the primary is back, they differ in nothing.
fn partners_are_killed_under_load<F: Linked>(world: &World) {
    let mut scene = Scene::<F>::start_busy(world, "hot-standby", json!({"sync-page-limit": 500}));
    let load = F::load(world, &scene.lan);
    let goes_on = |scene: &Scene<'_, F>| {
        let acknowledged = || scene.pair.server(0).statistic(F::ACKNOWLEDGED);
        let before = acknowledged();
        eventually("leases are acknowledged", || (acknowledged() > before + 300).then_some(()));
    };
    goes_on(&scene);
    scene.pair.kill(1);
    scene.pair.awaits_one(0, "partner-down");
    goes_on(&scene);
    scene.pair.run(1);
    scene.pair.awaits(["hot-standby"; 2]);
    goes_on(&scene);
    scene.pair.kill(0);
    scene.addresses = load();
    assert!(scene.addresses.len() >= 300, "{}", scene.addresses.len());
    scene.pair.awaits_one(1, "partner-down");
    scene.knows(1);
    scene.pair.run(0);
    scene.pair.awaits(["hot-standby"; 2]);
    [0, 1].into_iter().for_each(|own| scene.knows(own));
    // The primary was killed with leases under way, of which it has told the standby.
    let diff = scene.pair.server(0).command("ha-diff", None);
    assert_eq!((&diff["result"], &diff["arguments"]["count"]), (&json!(0), &json!(0)), "{diff}");
    assert!(scene.pair.stop(), "both end in order");
}

#[test]
fn partners_of_dhcpv4_are_killed_under_load() {
    sandboxed("partners_of_dhcpv4_are_killed_under_load", partners_are_killed_under_load::<V4>);
}

#[test]
fn partners_of_dhcpv6_are_killed_under_load() {
    sandboxed("partners_of_dhcpv6_are_killed_under_load", partners_are_killed_under_load::<V6>);
}

/// What has a server work a little and then not at all, again and again.
struct Slow(Child);

impl Slow {
    fn down<F: Linked>(scene: &Scene<'_, F>, pid: u32) -> Self {
        let mut command = scene.pair.host(1).command("sh");
        let script = "while kill -STOP $0; do sleep 0.1; kill -CONT $0; sleep 0.02; done";
        command.args(["-c", script, &pid.to_string()]);
        Self(command.spawn().expect("sh runs"))
    }

    fn end<F: Linked>(mut self, scene: &Scene<'_, F>) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("a child can be waited for");
        scene.pair.server(1).signal("CONT");
    }
}
