//! The points where modules see a message before anything is given, and what they can do there.

use std::sync::Arc;

use kotare_engine::hooks::v4::FlexId;
use kotare_engine::hooks::v6::{
    Asked6, Hooks6, Host6Identifier, Link6, Pkt6Receive, Receive6, Subnet6Select,
};
use kotare_engine::hooks::{Step, Verdict, Verdict6};
use kotare_engine::v6::{Edited6, Query6};
use kotare_model::SubnetId;
use kotare_stats::Stat6;
use kotare_wire::v6::{Message, MessageType, OptionCode};
use parking_lot::Mutex;
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config, duid, shared};

/// A module at the points before anything is given: it writes down what it sees and says what the test wants.
#[derive(Default)]
struct Module {
    seen: Mutex<Vec<String>>,
    says: Mutex<Says>,
}

#[derive(Default)]
struct Says {
    receive6: Option<Verdict6>,
    pkt6_receive: Option<Verdict6>,
    sets: Vec<(OptionCode, Vec<u8>)>,
    class: Option<&'static str>,
    flex_id: Vec<u8>,
    subnet6_select: Option<Verdict6>,
    subnet: Option<SubnetId>,
}

impl Module {
    fn see(&self, text: impl Into<String>) {
        self.seen.lock().push(text.into());
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock())
    }

    fn say(&self, change: impl FnOnce(&mut Says)) {
        let mut says = Says::default();
        change(&mut says);
        *self.says.lock() = says;
    }
}

impl Receive6 for Module {
    fn receive6(&self, _: Message<'_>, query: &mut Query6) -> Verdict6 {
        self.see(format!("receive6 {:?}", query.kind));
        self.says.lock().receive6.unwrap_or(Verdict::Continue)
    }
}

impl Pkt6Receive for Module {
    fn pkt6_receive(&self, query: &mut Query6, message: &mut Edited6<'_>) -> Verdict6 {
        self.see("pkt6_receive");
        let says = self.says.lock();
        says.sets.iter().for_each(|(code, value)| message.set(*code, value).unwrap());
        if says.class == Some("DROP") {
            query.classes.insert(kotare_config::v6::Classes::DROP);
        }
        says.pkt6_receive.unwrap_or(Verdict::Continue)
    }
}

impl Host6Identifier for Module {
    fn host6_identifier(&self, _: Asked6<'_>, id: &mut FlexId) {
        self.see("host6_identifier");
        id.extend_from_slice(&self.says.lock().flex_id);
    }
}

impl Subnet6Select for Module {
    fn subnet6_select<'a>(&'a self, _: Asked6<'a>, link: &'a mut Link6<'_>) -> Step<'a, Verdict6> {
        self.see(format!("subnet6_select {:?}", link.subnet().map(|subnet| subnet.id.0)));
        let says = self.says.lock();
        if let Some(subnet) = says.subnet {
            assert!(link.select(subnet) && !link.select(SubnetId(99)));
        }
        Step::Now(says.subnet6_select.unwrap_or(Verdict::Continue))
    }
}

fn world(text: serde_json::Value) -> (World, Arc<Module>) {
    let module = Arc::new(Module::default());
    let hooks = Hooks6 {
        receive6: vec![module.clone()],
        pkt6_receive: vec![module.clone()],
        host6_identifier: vec![module.clone()],
        subnet6_select: vec![module.clone()],
        ..Hooks6::default()
    };
    (World::with_hooks(text, hooks), module)
}

/// All messages that are let in are shown, in the order of the flow.
#[test]
fn a_module_sees_each_message() {
    let (mut world, module) = world(config(json!({})));
    world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]));
    assert_eq!(module.seen(), ["receive6 Request", "pkt6_receive", "subnet6_select Some(1)"]);
    for kind in [MessageType::RELEASE, MessageType::CONFIRM, MessageType::INFORMATION_REQUEST] {
        world.ask(&ask(kind, 1).na(1, &["2001:db8:1::10"]));
        assert_eq!(module.seen().len(), 3);
    }
    // What is not let in is shown to nobody.
    assert!(world.ask(&ask(MessageType::ADVERTISE, 1)).starts_with("refused"));
    assert!(module.seen().is_empty());
}

/// A message is answered as modules leave it: who sent it, what it asks for.
#[test]
fn a_module_changes_queries() {
    let (mut world, module) = world(config(json!({ "rapid-commit": true })));
    let other = [0, 3, 0, 1, 2, 0, 0, 0, 0, 9];
    module.say(|says| {
        says.sets = vec![
            (OptionCode::CLIENTID, other.to_vec()),
            (OptionCode::RAPID_COMMIT, vec![]),
            (OptionCode::IA_NA, [[0, 0, 0, 7], [0; 4], [0; 4]].concat()),
        ];
    });
    let told = world.ask(&ask(MessageType::SOLICIT, 1).na(1, &[]));
    assert!(told.starts_with("REPLY na 7 ") && told.ends_with(" 14="), "{told}");
    assert_eq!(world.leases(), ["2001:db8:1::10 IA_NA 7 client 9 in 1 default"]);
    // One that names nobody any more is not answered.
    module.say(|says| says.sets = vec![(OptionCode::CLIENTID, vec![])]);
    assert!(world.ask(&ask(MessageType::SOLICIT, 1).na(1, &[])).contains("Violation"));
}

/// A message is dropped where a module says so, and counts as what it says; the class `DROP` counts when all modules have
/// spoken.
#[test]
fn a_module_drops_messages() {
    let (mut world, module) = world(config(json!({})));
    let solicit = ask(MessageType::SOLICIT, 1).na(1, &[]);
    module.say(|says| says.receive6 = Some(Verdict::Drop(Some(Stat6::NotForUs))));
    assert!(world.ask(&solicit).starts_with("refused ByModule { point: Receive6"));
    assert_eq!(module.seen(), ["receive6 Solicit"]);
    assert_eq!((world.stat("pkt6-not-for-us"), world.stat("pkt6-receive-drop")), (1, 1));
    for verdict in [Verdict::Skip, Verdict::Drop(None)] {
        module.say(|says| says.pkt6_receive = Some(verdict));
        assert!(world.ask(&solicit).starts_with("dropped ByModule { point: Pkt6Receive"));
        assert_eq!(module.seen(), ["receive6 Solicit", "pkt6_receive"]);
    }
    module.say(|says| says.class = Some("DROP"));
    assert_eq!(world.ask(&solicit), "dropped ByClass");
    assert_eq!(module.seen(), ["receive6 Solicit", "pkt6_receive"]);
    module.say(|says| says.subnet6_select = Some(Verdict::Drop(Some(Stat6::ProcessingFailed))));
    assert!(world.ask(&solicit).starts_with("dropped ByModule { point: Subnet6Select"));
    assert_eq!((world.stat("pkt6-processing-failed"), world.stat("pkt6-received")), (1, 5));
    // With `Skip` there the client is on no subnet.
    module.say(|says| says.subnet6_select = Some(Verdict::Skip));
    assert!(world.ask(&solicit).contains("NoAddrsAvail: Server could not select subnet"));
}

/// A module puts clients on other subnets.
#[test]
fn a_module_selects_subnets() {
    let subnets = json!([
        { "id": 1, "subnet": "2001:db8:1::/64", "pools": [{ "pool": "2001:db8:1::10 - 2001:db8:1::1f" }] },
    ]);
    let elsewhere = json!([
        { "id": 2, "subnet": "2001:db8:2::/64", "pools": [{ "pool": "2001:db8:2::10 - 2001:db8:2::1f" }] },
    ]);
    let (mut world, module) = world(shared(subnets, json!({ "subnet6": elsewhere })));
    assert!(world.ask(&ask(MessageType::REQUEST, 1).na(1, &[])).contains("2001:db8:1::10 "));
    module.say(|says| says.subnet = Some(SubnetId(2)));
    assert!(world.ask(&ask(MessageType::REQUEST, 2).na(1, &[])).contains("2001:db8:2::10 "));
    // What it has elsewhere is of another link.
    assert!(world.ask(&ask(MessageType::RENEW, 1).na(1, &[])).contains("2001:db8:2::11 "));
}

/// Clients are known by what modules name them by, where that is looked for; a lease that is reserved for another such
/// client is not theirs.
#[test]
fn a_module_names_clients() {
    let by = |early: bool, hosts: serde_json::Value, global: serde_json::Value| {
        let mut text = config(json!({ "reservations": hosts, "reservations-global": early }));
        text["Dhcp6"]["host-reservation-identifiers"] = json!(["flex-id", "duid"]);
        text["Dhcp6"]["early-global-reservations-lookup"] = json!(early);
        text["Dhcp6"]["reservations"] = global;
        text
    };
    let host = json!([
        { "flex-id": "'port 7'", "ip-addresses": ["2001:db8:1::77"] },
        { "duid": duid(1), "ip-addresses": ["2001:db8:1::11"] },
    ]);
    for (early, here, anywhere) in [(false, host.clone(), json!([])), (true, json!([]), host)] {
        let (mut world, module) = world(by(early, here, anywhere));
        assert!(world.ask(&ask(MessageType::SOLICIT, 1).na(1, &[])).contains("2001:db8:1::11 "));
        assert_eq!(module.seen().iter().filter(|seen| *seen == "host6_identifier").count(), 1);
        module.say(|says| says.flex_id = b"port 7".to_vec());
        assert!(world.ask(&ask(MessageType::SOLICIT, 1).na(1, &[])).contains("2001:db8:1::77 "));
        let request = ask(MessageType::REQUEST, 2).na(1, &["2001:db8:1::77"]);
        assert!(world.ask(&request).contains("2001:db8:1::77 "));
    }
    // Where `flex-id` is not looked for nobody is asked.
    let (mut world, module) = world(config(json!({ "reservations": [{ "duid": duid(1) }] })));
    world.ask(&ask(MessageType::SOLICIT, 1).na(1, &[]));
    assert!(!module.seen().contains(&"host6_identifier".to_owned()));
}
