//! Limits of a DHCPv4 server in virtual time.

use kotare_model::{Lease4, LeaseState};
use kotare_testkit::{Client, SERVER, Via, World, relayed};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use super::Limiter;
use crate::Modules4;
use crate::test_world::{with_modules, with_modules_after};

/// A server with these limits of the class `gold`, and these of its subnet.
fn server(class: Json, subnet: Json) -> (World, Modules4) {
    let built = with_modules(&json!({
        "client-classes": [
            {"name": "gold", "test": "option[77].hex == 'gold'", "user-context": {"limits": class}},
            {"name": "other", "test": "member('ALL')"},
        ],
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "valid-lifetime": 3600, "user-context": {"limits": subnet},
        }],
        "hooks-libraries": [{"library": "/any/libdhcp_limits.so"}],
    }));
    built.unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Has a client of the class get a lease.
fn gold(world: &mut World, number: u32) -> Option<std::net::Ipv4Addr> {
    let client = Client::new(number);
    let of_class = |message: kotare_testkit::Message| message.option(OptionCode(77), b"gold");
    let offer = world.send(&of_class(client.discover()), Via::BROADCAST)?;
    world.send(&of_class(client.select(&offer)), Via::BROADCAST).map(|reply| reply.yiaddr())
}

/// A class has so many leases, of which those that ended do not count; others have as many as they like.
#[test]
fn a_class_has_so_many_leases() {
    let (mut world, _modules) = server(json!({"address-limit": 2}), json!({}));
    let [first, second, third] = [1, 2, 3].map(|client| gold(&mut world, client));
    assert!(first.is_some() && second.is_some() && third.is_none(), "{first:?} {second:?} {third:?}");
    assert!(world.lease(&Client::new(4)).is_some(), "the class is not the client's");
    let first = first.unwrap();
    let renew = Client::new(1).renew(first).option(OptionCode(77), b"gold");
    assert!(world.send(&renew, Via::unicast(first)).is_some(), "what a client has it keeps");
    world.send(&Client::new(1).release(first, SERVER), Via::unicast(first));
    assert!(gold(&mut world, 3).is_some() && gold(&mut world, 5).is_none());
    // What expired is given to nobody before it is reclaimed.
    world.pass(3600);
    assert!(gold(&mut world, 6).is_none());
    world.reclaim();
    assert!(gold(&mut world, 6).is_some());
}

/// A lease says what its client belongs to, in the words of Kea, beside what else it says; a client that leaves a class does not
/// count for it.
#[test]
fn leases_say_what_they_count_for() {
    let (mut world, modules) = server(json!({"address-limit": 1}), json!({}));
    let leased = gold(&mut world, 1).expect("a lease");
    let lease = world.store.lease(leased).expect("it is kept");
    let context = r#"{ "ISC": { "client-classes": [ "ALL", "gold", "other", "UNKNOWN" ] } }"#;
    assert_eq!(lease.user_context.as_deref(), Some(context));
    let limiter = modules.kept::<Limiter<Lease4>>();
    let group = super::ledger::Group::Class("gold".into(), kotare_model::LeaseType::Na);
    let count = || limiter.recount.as_ref().expect("leases are in memory").ledger().count(&group);
    assert_eq!(count(), 1);
    world.send(&Client::new(1).renew(leased), Via::unicast(leased)).expect("a renewal");
    assert_eq!((count(), world.store.lease(leased).unwrap().state), (0, LeaseState::Assigned));
    assert!(gold(&mut world, 2).is_some());
}

/// A subnet has so many leases, whoever has them; with 0 there are none.
#[test]
fn a_subnet_has_so_many_leases() {
    let (mut world, _modules) = server(json!({}), json!({"address-limit": 1}));
    assert!(world.lease(&Client::new(1)).is_some() && world.lease(&Client::new(2)).is_none());
    let (mut world, _modules) = server(json!({}), json!({"address-limit": 0}));
    assert!(world.lease(&Client::new(1)).is_none());
}

/// Packets too many are dropped and counted.
#[test]
fn packets_too_many_are_dropped() {
    for (class, subnet) in [
        (json!({"rate-limit": "3 packets per hour"}), json!({})),
        (json!({}), json!({"rate-limit": "3 packets per hour"})),
    ] {
        let (mut world, _modules) = server(class.clone(), subnet);
        assert!(gold(&mut world, 1).is_some());
        assert!(gold(&mut world, 2).is_none(), "of four packets the last is dropped");
        let drops = ["pkt4-limit-exceeded", "pkt4-receive-drop"].map(|name| world.stat(name));
        assert_eq!(drops, [1, 1]);
        let is_of_class = class.get("rate-limit").is_some();
        assert_eq!(world.lease(&Client::new(3)).is_some(), is_of_class, "others go on");
        // Nobody sent what is only asked about.
        let asked = Client::new(9).discover().option(OptionCode(77), b"gold");
        (0..5).for_each(|_| _ = world.rehearse(&asked, Via::BROADCAST));
        assert_eq!(world.stat("pkt4-limit-exceeded"), if is_of_class { 1 } else { 2 });
    }
}

/// What a template makes has the limits of the template, each by itself.
#[test]
fn classes_of_templates_have_limits() {
    let (mut world, _modules) = with_modules(&json!({
        "client-classes": [{
            "name": "port", "template-test": "relay4[1].hex",
            "user-context": {"limits": {"address-limit": 1, "rate-limit": "4 packets per hour"}},
        }],
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
        "hooks-libraries": [{"library": "/any/libdhcp_limits.so"}],
    }))
    .unwrap_or_else(|errors| panic!("{errors:?}"));
    let relay = "192.0.2.1".parse().unwrap();
    let mut lease = |client: u32, port: &[u8]| {
        let client = Client::new(client);
        let agent = [&[1, port.len() as u8], port].concat();
        let offer = world.send(&relayed(client.discover(), relay, &agent), Via::relay(relay))?;
        world
            .send(&relayed(client.select(&offer), relay, &agent), Via::relay(relay))
            .map(|reply| reply.yiaddr())
    };
    assert!(lease(1, b"1/1").is_some() && lease(2, b"1/1").is_none() && lease(3, b"1/2").is_some());
    assert!(lease(4, b"1/1").is_none() && lease(5, b"1/1").is_none());
    assert_eq!(world.stat("pkt4-limit-exceeded"), 1, "the port had its four packets");
}

/// Configurations that have the same limits in another order have the same windows at the same time: none waits for another for
/// ever.
#[test]
fn classes_may_change_places_under_load() {
    let map = |names: [&str; 2]| {
        let limits = json!({"limits": {"rate-limit": "1000000 packets per second"}});
        let class = |name| json!({"name": name, "test": "member('ALL')", "user-context": limits});
        json!({
            "client-classes": names.map(class),
            "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
            "hooks-libraries": [{"library": "/any/libdhcp_limits.so"}],
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (_, former) = with_modules(&map(["a", "b"])).expect("modules");
    let (ended, ends) = std::sync::mpsc::channel();
    for names in [["a", "b"], ["b", "a"]] {
        let (ended, modules) = (
            ended.clone(),
            with_modules_after(&map(names), runtime.handle(), Some(&former)).expect("modules").1,
        );
        std::thread::spawn(move || {
            let (mut world, _) = with_modules(&map(names)).expect("modules");
            world.hook(modules.hooks.clone());
            for _ in 0..5_000 {
                world.send(&Client::new(1).discover(), Via::BROADCAST).expect("an offer");
            }
            ended.send(()).expect("somebody waits");
        });
    }
    for _ in 0..2 {
        ends.recv_timeout(std::time::Duration::from_secs(60)).expect("no worker waits for ever");
    }
}

/// What is wrong is told where it is written, and there are no parameters.
#[test]
fn errors_are_told() {
    let library = |parameters: Json| json!([{"library": "libdhcp_limits.so", "parameters": parameters}]);
    for (dhcp4, error) in [
        (json!({"hooks-libraries": library(json!({"limits": 1}))}), "limits"),
        (
            json!({
                "hooks-libraries": library(json!({})),
                "client-classes": [{"name": "x", "user-context": {"limits": {"rate-limit": "many"}}}],
            }),
            "expected rate limit of format <n> packet[s] per <time-unit>, got: many",
        ),
        (
            json!({
                "hooks-libraries": library(json!({})),
                "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "user-context": {"limits": {"address-limit": -1}}}],
            }),
            "got negative limit -1",
        ),
    ] {
        let errors = with_modules(&dhcp4).map(drop).expect_err("an error").join("\n");
        assert!(errors.contains(error), "{error}: {errors}");
    }
}
