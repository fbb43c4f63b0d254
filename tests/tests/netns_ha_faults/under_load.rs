//! One fault after the other, each under a load of its own: whoever is left answers, and afterwards both have all leases that
//! were acknowledged, and the same ones. How many these were is told, for the documentation.
//!
//! Each mode of each family has a share of the faults, so that every fault is tried in the time that a run of tests has. With
//! `KOTARE_ALL_FAULTS` set in the environment each has all, which takes some minutes.

use std::{env, fs};

use kotare_tests::tell;
use kotare_tests::world::{Authority, OwnClock, PATIENCE, V4, V6, World, eventually_within, sandboxed};
use serde_json::{Value, json};

use crate::Slow;
use crate::scene::{Linked, Scene};

/// For so many seconds the first server may be silent: so long it waits for a partner that says nothing.
const SILENCE: u64 = 30;

/// A pair under load, and what faults need.
struct Faults<'a, F: Linked> {
    world: &'a World,
    scene: Scene<'a, F>,
    clock: Option<OwnClock>,
}

/// So many shares of the faults there are, and the last fault is this.
const SHARES: usize = 4;
const AHEAD: usize = 10;

/// What happens to the second server, or to the link between both.
type Fault<'a, F> = fn(&mut Faults<'a, F>);

impl<F: Linked> Faults<'_, F> {
    /// The first server finds its partner gone, and goes on.
    fn goes_on_alone(&self) {
        self.scene.pair.awaits_one(0, "partner-down");
        self.scene.goes_on(0);
    }

    /// The link is cut for these.
    fn cut(&self, deaf: &[usize]) {
        self.scene.cut(deaf);
        self.goes_on_alone();
        self.scene.mend(deaf);
    }

    /// The second server is killed, and something is done before it comes back.
    fn killed(&mut self, meanwhile: impl FnOnce(&mut Self)) {
        self.scene.pair.kill(1);
        self.goes_on_alone();
        meanwhile(self);
        self.scene.pair.run(1);
    }

    fn frozen(&mut self) {
        self.scene.pair.server(1).signal("STOP");
        self.goes_on_alone();
        self.scene.pair.server(1).signal("CONT");
    }

    fn slow(&mut self) {
        let pid = self.scene.pair.server(1).pid();
        let slow = Slow::down(&self.scene, pid);
        self.scene.goes_on(0);
        slow.end(&self.scene);
    }

    fn emptied(&mut self) {
        let file = self.scene.pair.server(1).folder().join("leases.csv");
        self.killed(|_| fs::remove_file(file).expect("a lease file"));
    }

    fn old(&mut self) {
        let file = self.scene.pair.server(1).folder().join("leases.csv");
        let before = fs::read(&file).expect("a lease file");
        self.scene.goes_on(0);
        self.killed(|_| fs::write(file, before).expect("write the lease file"));
    }

    fn maintained(&mut self) {
        let begun = self.scene.pair.server(0).command("ha-maintenance-start", None);
        assert_eq!(begun["result"], 0, "{begun}");
        self.scene.pair.awaits(["partner-in-maintenance", "in-maintenance"]);
        self.scene.goes_on(0);
        assert!(self.scene.pair.stop_one(1), "it ends in order");
        self.goes_on_alone();
        self.scene.pair.run(1);
    }

    /// It comes back with TLS, which the first one does not expect, and then as it was.
    fn secured(&mut self) {
        let plain = self.scene.pair.relationship(1).clone();
        let certificate = self.world.certificate(Authority::Right);
        self.killed(|all| {
            let relationship = all.scene.pair.relationship(1);
            let Value::Object(files) = certificate else { return };
            files.into_iter().for_each(|(key, value)| relationship[key] = value);
        });
        self.scene.pair.server(1).await_log(&["HA_HEARTBEAT_COMMUNICATIONS_FAILED", "speaks no TLS"]);
        self.scene.goes_on(0);
        self.killed(|all| *all.scene.pair.relationship(1) = plain);
    }

    /// Its clock is 70 seconds ahead, until both have ended the service, and then right again.
    fn ahead(&mut self) {
        let Some(clock) = &self.clock else { return tell("left out: libfaketime is not unpacked") };
        clock.set(70);
        self.scene.pair.awaits(["terminated"; 2]);
        self.scene.goes_on(0);
        clock.set(0);
        for own in [0, 1] {
            eventually_within(PATIENCE * 3, "the service goes on", || {
                (self.scene.pair.state(own) != "terminated").then_some(())
            });
        }
    }
}

/// Tries the faults of a share, one of [`SHARES`], or all.
fn faults_under_load<F: Linked>(world: &World, mode: &'static str, share: usize) {
    let has_all = env::var_os("KOTARE_ALL_FAULTS").is_some();
    world.make_certificates();
    // That one takes more than a minute, and is tried without a load elsewhere.
    let clock = if has_all { world.own_clock("server2") } else { None };
    let limits = json!({"sync-page-limit": 500, "max-unacked-clients": 0});
    let scene = Scene::<F>::start_busy_by_clock(world, mode, limits, clock.as_ref());
    let relay = F::relay(&scene.lan, 0);
    let mut all = Faults { world, scene, clock };
    let faults: [(&str, Fault<'_, F>); 11] = [
        ("killed (SIGKILL)", |all| all.killed(|_| {})),
        ("frozen (SIGSTOP)", Faults::frozen),
        ("the primary is cut off", |all| all.cut(&[0])),
        ("the other one is cut off", |all| all.cut(&[1])),
        ("cut off both ways", |all| all.cut(&[0, 1])),
        ("slow", Faults::slow),
        ("restarted without leases", Faults::emptied),
        ("restarted with old leases", Faults::old),
        ("shut down for maintenance", Faults::maintained),
        ("restarted with TLS", Faults::secured),
        ("its clock is ahead by 70 s", Faults::ahead),
    ];
    for (number, (name, fault)) in faults.into_iter().enumerate() {
        if !has_all && (number % SHARES != share || number == AHEAD) {
            continue;
        }
        let load = F::load(world, &relay, 0, mode == "load-balancing", SILENCE);
        all.scene.goes_on(0);
        fault(&mut all);
        all.scene.pair.awaits([mode; 2]);
        all.scene.goes_on(0);
        let loaded = load();
        all.scene.addresses = loaded.addresses;
        let lost = all.scene.missing(0) + all.scene.missing(1);
        all.scene.count(name, loaded.exchanges, lost);
        assert_eq!(lost, 0, "{name}");
        all.scene.differs_in_nothing();
    }
    assert!(all.scene.pair.stop(), "both end in order");
}

#[test]
fn faults_of_a_hot_standby_pair_of_dhcpv4() {
    let name = "under_load::faults_of_a_hot_standby_pair_of_dhcpv4";
    sandboxed(name, |world| faults_under_load::<V4>(world, "hot-standby", 0));
}

#[test]
fn faults_of_a_load_balancing_pair_of_dhcpv4() {
    let name = "under_load::faults_of_a_load_balancing_pair_of_dhcpv4";
    sandboxed(name, |world| faults_under_load::<V4>(world, "load-balancing", 1));
}

#[test]
fn faults_of_a_hot_standby_pair_of_dhcpv6() {
    let name = "under_load::faults_of_a_hot_standby_pair_of_dhcpv6";
    sandboxed(name, |world| faults_under_load::<V6>(world, "hot-standby", 2));
}

#[test]
fn faults_of_a_load_balancing_pair_of_dhcpv6() {
    let name = "under_load::faults_of_a_load_balancing_pair_of_dhcpv6";
    sandboxed(name, |world| faults_under_load::<V6>(world, "load-balancing", 3));
}
