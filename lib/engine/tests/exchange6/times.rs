//! Lifetimes, T1 and T2 as clients are told (RFC 9915 §21.4, §21.6; manual, "Controlling the Values Sent for T1 and T2
//! Times").

use kotare_wire::v6::MessageType;
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config};

const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;

/// Written values as they are, T1 only before T2; others computed of the preferred lifetime, if that is wanted.
#[test]
fn renewal_is_as_configured() {
    let times = |more: Value| {
        let mut parameters = json!({ "renew-timer": null, "rebind-timer": null });
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let told = World::new(config(parameters)).ask(&ask(REQUEST, 1).na(1, &[]).pd(1, &[]));
        let (_, of_address) = told.split_once("na 1 ").unwrap();
        let (times, _) = of_address.split_once(" [").unwrap();
        assert!(told.contains(&format!("pd 1 {times} [")), "associations are renewed together: {told}");
        times.to_owned()
    };
    for (parameters, told) in [
        (json!({}), "t1=1500 t2=2400"),
        (json!({ "t1-percent": 0.25, "t2-percent": 0.5 }), "t1=750 t2=1500"),
        (json!({ "calculate-tee-times": false }), "t1=0 t2=0"),
        (json!({ "renew-timer": 0, "rebind-timer": 0 }), "t1=0 t2=0"),
        (json!({ "renew-timer": 100 }), "t1=100 t2=2400"),
        (json!({ "rebind-timer": 200, "calculate-tee-times": false }), "t1=0 t2=200"),
        (json!({ "renew-timer": 4000, "rebind-timer": 5000 }), "t1=4000 t2=5000"),
        (json!({ "renew-timer": 5000, "rebind-timer": 4000 }), "t1=0 t2=4000"),
        // Five eighths of the valid lifetime are preferred where nothing is written, or too much.
        (json!({ "preferred-lifetime": null }), "t1=1250 t2=2000"),
        (json!({ "preferred-lifetime": 9000 }), "t1=1250 t2=2000"),
    ] {
        assert_eq!(times(parameters.clone()), told, "{parameters}");
    }
}

/// Each time a client names lifetimes it has them within the bounds; 0 names none.
#[test]
fn each_message_names_lifetimes_anew() {
    let mut world = World::new(config(json!({ "min-valid-lifetime": 1000, "max-valid-lifetime": 9000 })));
    for (kind, wish, told) in [
        (REQUEST, "0/8000", "3000/8000"),
        (RENEW, "100/2000", "1250/2000"),
        (RENEW, "100/1", "625/1000"),
        (RENEW, "0/0", "3000/4000"),
        (RENEW, "4294967295/4294967295", "3000/9000"),
    ] {
        let reply = world.ask(&ask(kind, 1).na(1, &[&format!("2001:db8:1::15 {wish}")]));
        assert!(reply.ends_with(&format!("[2001:db8:1::15 {told}]")), "{wish}: {reply}");
    }
    // Who asks for ever gets it where that is within them.
    let endless = json!({ "max-valid-lifetime": u32::MAX, "max-preferred-lifetime": u32::MAX });
    let mut world = World::new(config(endless));
    let wish = "2001:db8:1::15 4294967295/4294967295";
    let reply = world.ask(&ask(REQUEST, 1).na(1, &[wish]));
    assert!(reply.ends_with(&format!("[{wish}]")), "{reply}");
}

/// "Lease Caching": a lease that is young enough is told with what is left of it, whatever the share of its lifetime; a
/// change of its name, or less time, makes it be written.
#[test]
fn young_leases_are_not_written() {
    let mut world = World::new(config(json!({ "cache-threshold": 0.5, "cache-max-age": 600 })));
    let renew = || ask(RENEW, 1).na(1, &["2001:db8:1::10"]);
    world.ask(&ask(REQUEST, 1).na(1, &[]));
    world.pass(600);
    assert!(world.ask(&renew()).ends_with(" 2400/3400]"));
    assert_eq!((world.stat("v6-ia-na-lease-reuses"), world.stat("v6-ia-pd-lease-reuses")), (1, 0));
    world.pass(1);
    assert!(world.ask(&renew()).ends_with(" 3000/4000]"), "too old");
    world.pass(1);
    let named = world.ask(&renew().option(kotare_wire::v6::OptionCode::CLIENT_FQDN, b"\x01\x04name\0"));
    assert!(named.contains(" 3000/4000]"), "{named}");
    assert_eq!(world.stat("subnet[1].v6-ia-na-lease-reuses"), 1);
    for parameters in
        [json!({ "cache-max-age": 0, "cache-threshold": 0.5 }), json!({ "cache-threshold": 0.0 })]
    {
        let mut world = World::new(config(parameters));
        world.ask(&ask(REQUEST, 1).na(1, &[]));
        world.pass(5);
        assert!(world.ask(&renew()).ends_with(" 3000/4000]"));
    }
}
