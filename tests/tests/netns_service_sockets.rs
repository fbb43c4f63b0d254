//! Kea's manual, "Interface Configuration": what a server does about service sockets that it cannot open, of either family.

use kotare_tests::world::{
    Family, Host, ServerOf, V4, V6, World, eventually, lan_configuration, lan6_configuration, program,
    sandboxed,
};
use serde_json::{Value, json};

/// A server that must serve all its interfaces, tries again as often as it may and then ends.
#[test]
fn what_is_required_is_tried_again_and_then_given_up() {
    sandboxed("what_is_required_is_tried_again_and_then_given_up", |world| {
        given_up(&Scene::<V4>::new(world), "DHCP4");
    });
}

/// The same of DHCPv6.
#[test]
fn what_is_required_is_tried_again_and_then_given_up6() {
    sandboxed("what_is_required_is_tried_again_and_then_given_up6", |world| {
        given_up(&Scene::<V6>::new(world), "DHCP6");
    });
}

fn given_up<F: Family>(scene: &Scene<'_, F>, messages: &str) {
    let mut server = scene.start(json!({"require-all": true, "max-retries": 3, "retry-wait-time": 100}));
    // What can be served is, meanwhile.
    server.await_log(&["KOTARE_LISTENING", "eth0"]);
    assert!(!server.wait(), "it ends with an error");
    let log = server.log();
    let fatal = format!(
        "{messages}_FATAL_OPEN_SOCKETS_FAILED maximum number of open service sockets attempts: 3, has been \
         exhausted without success"
    );
    assert!(log.contains(&fatal), "{log}");
    assert!(log.contains(&format!("{messages}_STARTED")), "it had started: {log}");
}

/// Without a number of tries it does not even start.
#[test]
fn what_is_required_and_not_tried_again() {
    sandboxed("what_is_required_and_not_tried_again", |world| {
        not_started(&Scene::<V4>::new(world), "DHCP4");
    });
}

/// The same of DHCPv6.
#[test]
fn what_is_required_and_not_tried_again6() {
    sandboxed("what_is_required_and_not_tried_again6", |world| {
        not_started(&Scene::<V6>::new(world), "DHCP6");
    });
}

fn not_started<F: Family>(scene: &Scene<'_, F>, messages: &str) {
    let mut server = scene.start(json!({"require-all": true}));
    assert!(!server.wait(), "it ends with an error");
    let log = server.log();
    let fatal =
        format!("{messages}_FATAL_OPEN_SOCKETS_FAILED maximum number of open service sockets attempts: 0");
    assert!(log.contains(&fatal) && log.contains("eth7"), "{log}");
    assert!(!log.contains(&format!("{messages}_STARTED")), "{log}");
}

/// What comes in time is served, and a server that has once served all goes on when an interface is lost.
#[test]
fn what_is_required_comes_in_time() {
    sandboxed("what_is_required_comes_in_time", |world| come_in_time(&Scene::<V4>::new(world)));
}

/// The same of DHCPv6.
#[test]
fn what_is_required_comes_in_time6() {
    sandboxed("what_is_required_comes_in_time6", |world| come_in_time(&Scene::<V6>::new(world)));
}

fn come_in_time<F: Family>(scene: &Scene<'_, F>) {
    let server =
        scene.start(json!({"require-all": true, "max-retries": 1000, "retry-wait-time": 100})).answering();
    assert_eq!(sockets(&server), "retrying");
    scene.add_interface();
    eventually("all interfaces are served", || (sockets(&server) == "ready").then_some(()));
    scene.host.ip("link delete eth7");
    eventually("one is lost", || (sockets(&server) == "retrying").then_some(()));
    // Each address is told of once, however many sockets it has.
    for interface in ["eth0", "eth7"] {
        let told = format!("on interface {interface}");
        let log = server.log();
        let told = log.lines().filter(|line| line.contains("KOTARE_LISTENING") && line.contains(&told));
        assert_eq!(told.count(), 1, "{log}");
    }
    assert!(server.stop(), "it ends as it should");
}

/// What is not required is told after as many tries as configured, and tried on.
#[test]
fn what_is_not_required_is_tried_for_ever() {
    sandboxed("what_is_not_required_is_tried_for_ever", |world| {
        tried_for_ever(&Scene::<V4>::new(world), "DHCP4");
    });
}

/// The same of DHCPv6.
#[test]
fn what_is_not_required_is_tried_for_ever6() {
    sandboxed("what_is_not_required_is_tried_for_ever6", |world| {
        tried_for_ever(&Scene::<V6>::new(world), "DHCP6");
    });
}

fn tried_for_ever<F: Family>(scene: &Scene<'_, F>, messages: &str) {
    let server = scene.start(json!({"max-retries": 2, "retry-wait-time": 100})).answering();
    server.await_log(&[&format!("{messages}_OPEN_SOCKETS_FAILED"), "attempts: 2,"]);
    scene.add_interface();
    eventually("all interfaces are served", || (sockets(&server) == "ready").then_some(()));
    assert!(server.stop(), "it ends as it should");
}

/// A host with `eth0`, and without the `eth7` that is configured.
struct Scene<'a, F> {
    world: &'a World,
    host: Host,
    dhcp: Value,
    address: fn(&Host, &str),
    family: std::marker::PhantomData<F>,
}

impl<'a> Scene<'a, V4> {
    fn new(world: &'a World) -> Self {
        let address = |host: &Host, interface: &str| {
            let address = if interface == "eth0" { "192.0.2.1/24" } else { "10.2.0.1/16" };
            host.address(interface, address);
        };
        Self::of(world, lan_configuration(), address)
    }
}

impl<'a> Scene<'a, V6> {
    fn new(world: &'a World) -> Self {
        let address = |host: &Host, interface: &str| {
            host.link_local(interface);
        };
        Self::of(world, lan6_configuration(), address)
    }
}

impl<'a, F: Family> Scene<'a, F> {
    fn of(world: &'a World, dhcp: Value, address: fn(&Host, &str)) -> Self {
        let host = world.host("server");
        host.trust_addresses();
        let scene = Self { world, host, dhcp, address, family: std::marker::PhantomData };
        scene.cable("eth0");
        scene
    }

    fn cable(&self, interface: &str) {
        let other = self.world.host(&format!("other-{interface}"));
        self.world.cable((&self.host, interface), (&other, "eth0"));
        (self.address)(&self.host, interface);
    }

    fn add_interface(&self) {
        self.cable("eth7");
    }

    /// Starts a server with these parameters of service sockets.
    fn start(&self, service: Value) -> ServerOf<F> {
        let mut dhcp = self.dhcp.clone();
        let interfaces = &mut dhcp["interfaces-config"];
        interfaces["interfaces"] = json!(["eth0", "eth7"]);
        for (name, value) in service.as_object().expect("a map") {
            interfaces[format!("service-sockets-{name}")] = value.clone();
        }
        ServerOf::launch(self.world, &self.host, "server", &program(F::SERVER), dhcp)
    }
}

/// What `status-get` says of the sockets.
fn sockets<F: Family>(server: &ServerOf<F>) -> Value {
    server.command("status-get", None)["arguments"]["sockets"]["status"].clone()
}
