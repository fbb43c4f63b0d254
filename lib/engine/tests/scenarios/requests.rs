//! What is asked of the DNS when leases change.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use kotare_config::v4::Config4;
use kotare_engine::hooks::v4::Hooks4;
use kotare_engine::hooks::{LeaseEvent4, Observer4};
use kotare_engine::requests::{concerns, requests};
use kotare_testkit::{Client, SERVER, Via, World, address, configured};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

/// Asks at once, by a configuration of its own.
struct Asker(Config4, Mutex<Vec<String>>);

impl Observer4 for Asker {
    fn lease4(&self, event: &LeaseEvent4<'_>) {
        if !concerns(event.before, event.after) {
            return;
        }
        let asked = requests(&self.0, event.change, event.query.is_some(), event.before, event.after);
        let texts = asked.into_iter().map(|request| {
            let request = request.unwrap_or_else(|why| panic!("{why:?}"));
            let written: Value = serde_json::from_str(&request.to_json()).unwrap();
            let text = |keyword: &str| written[keyword].as_str().unwrap().to_owned();
            let sign = if written["change-type"] == json!(0) { '+' } else { '-' };
            let way = |keyword: &str, letter| if written[keyword] == json!(true) { letter } else { "" };
            let (forward, reverse) = (way("forward-change", "f"), way("reverse-change", "r"));
            let (name, address) = (text("fqdn"), text("ip-address"));
            let mode = text("conflict-resolution-mode");
            format!("{sign}{forward}{reverse} {name} {address} {} {mode}", written["lease-length"])
        });
        self.1.lock().unwrap().extend(texts);
    }
}

fn world(more: Value) -> (World, Arc<Asker>) {
    let mut text = json!({
        "dhcp-ddns": {"enable-updates": true}, "ddns-qualifying-suffix": "example.com",
        "valid-lifetime": 3600, "cache-threshold": 0.0,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.109"}]}],
    });
    text.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config = configured(&text);
    let asker = Arc::new(Asker(config.clone(), Mutex::default()));
    let mut world = World::new(config);
    world.hook(Hooks4 { observers: vec![asker.clone()], ..Hooks4::default() });
    (world, asker)
}

const AT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 100);

/// A client gets or renews its lease of the first address with this option 81 of flags and name.
fn renew(world: &mut World, asker: &Asker, number: u32, flags: u8, name: &str) -> Vec<String> {
    let fqdn = [&[flags, 0, 0], name.as_bytes()].concat();
    let request = Client::new(number).request().address(OptionCode::SERVER_IDENTIFIER, SERVER);
    let request = request.address(OptionCode::REQUESTED_ADDRESS, AT).option(OptionCode::FQDN, &fqdn);
    assert_eq!(world.send(&request, Via::BROADCAST).expect("an answer").yiaddr(), AT);
    std::mem::take(&mut asker.1.lock().unwrap())
}

/// Added once; again only if name or flags changed; removed when the client gives the address back, and nothing when it is
/// not in the DNS any more.
#[test]
fn a_name_comes_changes_and_goes() {
    let (mut world, asker) = world(json!({"expired-leases-processing": {"hold-reclaimed-time": 0}}));
    let of = |text: &str, name: &str| format!("{text} {name}.example.com. 192.0.2.100 1200 check-with-dhcid");
    assert_eq!(renew(&mut world, &asker, 1, 1, "one"), [of("+fr", "one")]);
    world.pass(100);
    assert_eq!(renew(&mut world, &asker, 1, 1, "one"), [""; 0]);
    world.pass(100);
    assert_eq!(renew(&mut world, &asker, 1, 1, "two"), [of("-fr", "one"), of("+fr", "two")]);
    // It updates its own name from now on.
    assert_eq!(renew(&mut world, &asker, 1, 0, "two"), [of("-fr", "two"), of("+r", "two")]);
    world.send(&Client::new(1).release(AT, SERVER), Via::unicast(AT));
    assert_eq!(*asker.1.lock().unwrap(), [of("-r", "two")]);
    asker.1.lock().unwrap().clear();
    // RFC 4702: it wants nobody to.
    assert_eq!(renew(&mut world, &asker, 2, 8, "three"), [""; 0]);
}

#[test]
fn a_declined_or_expired_address_has_no_name() {
    let (mut world, asker) = world(json!({}));
    renew(&mut world, &asker, 1, 1, "one");
    world.send(&Client::new(1).decline(AT, SERVER), Via::BROADCAST);
    let gone = "-fr one.example.com. 192.0.2.100 1200 check-with-dhcid";
    assert_eq!(*asker.1.lock().unwrap(), [gone]);
    let (mut world, asker) = self::world(json!({}));
    renew(&mut world, &asker, 1, 1, "one");
    world.pass(4000);
    world.reclaim();
    assert_eq!(*asker.1.lock().unwrap(), [gone]);
    world.pass(100_000);
    world.remove_reclaimed();
    assert_eq!(*asker.1.lock().unwrap(), [gone]);
}

/// An offer that is kept takes the place of what the lease was, also of its own client: what was in the DNS is removed, and what
/// the client takes is added.
#[test]
fn an_offer_takes_a_name_away() {
    let (mut world, asker) = world(json!({"offer-lifetime": 60}));
    let discover = |world: &mut World, name: &str| {
        let fqdn = [&[1, 0, 0], name.as_bytes()].concat();
        let discover = Client::new(1).discover().address(OptionCode::REQUESTED_ADDRESS, AT);
        let offer = world.send(&discover.option(OptionCode::FQDN, &fqdn), Via::BROADCAST).expect("an offer");
        assert_eq!(offer.yiaddr(), AT);
        std::mem::take(&mut *asker.1.lock().unwrap())
    };
    let of = |text: &str, name: &str| format!("{text} {name}.example.com. 192.0.2.100 1200 check-with-dhcid");
    assert_eq!(discover(&mut world, "one"), [""; 0]);
    assert_eq!(renew(&mut world, &asker, 1, 1, "one"), [of("+fr", "one")]);
    world.pass(4000);
    assert_eq!(discover(&mut world, "two"), [of("-fr", "one")]);
    assert_eq!(discover(&mut world, "two"), [""; 0]);
    assert_eq!(renew(&mut world, &asker, 1, 1, "two"), [of("+fr", "two")]);
}

/// A lease that ran out and is somebody else's now gives the name of its client up.
#[test]
fn whose_name_it_was_is_removed_first() {
    let (mut world, asker) = world(json!({}));
    renew(&mut world, &asker, 1, 1, "one");
    world.pass(4000);
    let asked = renew(&mut world, &asker, 2, 1, "two");
    assert_eq!(asked.iter().map(|it| &it[..8]).collect::<Vec<_>>(), ["-fr one.", "+fr two."]);
}

#[test]
fn every_level_says_what_is_asked_for() {
    let subnet = json!([{
        "id": 1, "subnet": "192.0.2.0/24", "ddns-conflict-resolution-mode": "no-check-without-dhcid",
        "pools": [{"pool": "192.0.2.100/32", "ddns-update-on-renew": true, "ddns-ttl": 77}],
    }]);
    let (mut world, asker) = world(json!({"subnet4": subnet, "ddns-update-on-renew": false}));
    let told = "one.example.com. 192.0.2.100 77 no-check-without-dhcid";
    assert_eq!(renew(&mut world, &asker, 1, 1, "one"), [format!("+fr {told}")]);
    world.pass(10);
    assert_eq!(renew(&mut world, &asker, 1, 1, "one"), [format!("-fr {told}"), format!("+fr {told}")]);
    for off in [json!({"dhcp-ddns": {"enable-updates": false}}), json!({"ddns-send-updates": false})] {
        let (mut world, asker) = self::world(off);
        assert_eq!(renew(&mut world, &asker, 1, 1, "one"), [""; 0]);
    }
}

/// A world in which this is said globally, in a shared network, its subnet and the pool there.
fn levels(said: impl Fn(usize) -> Value) -> (World, Arc<Asker>) {
    let with = |mut map: Value, at: usize| {
        map.as_object_mut().unwrap().extend(said(at).as_object().unwrap().clone());
        map
    };
    let pool = with(json!({"pool": "192.0.2.100/32"}), 3);
    let subnet = with(json!({"id": 1, "subnet": "192.0.2.0/24", "pools": [pool]}), 2);
    let network = with(json!({"name": "all", "subnet4": [subnet]}), 1);
    self::world(with(json!({"subnet4": [], "shared-networks": [network]}), 0))
}

/// Of every parameter that counts which is said nearest to the address, and a 0 there is as if nothing had been said.
#[test]
fn what_is_said_nearest_counts() {
    let usual = "1200 check-with-dhcid";
    let one = |name: &str, more: &str| vec![format!("+fr {name}. 192.0.2.100 {more}")];
    let same = || one("one.example.com", usual);
    let always =
        |prefix: &str| json!({"ddns-replace-client-name": "always", "ddns-generated-prefix": prefix});
    let set = |keyword: &str, value: Value| json!({keyword: value});
    let switch = |keyword: &str| [set(keyword, json!(true)), set(keyword, json!(false))];
    let turned = |keyword: &str| [set(keyword, json!(false)), set(keyword, json!(true))];
    // What is said further out and further in, the flags of option 81 and the name there, what is asked for at first.
    let cases = [
        (switch("ddns-send-updates"), 1, "one", Vec::new()),
        (turned("ddns-send-updates"), 1, "one", same()),
        (switch("ddns-override-no-update"), 8, "one", Vec::new()),
        (turned("ddns-override-no-update"), 8, "one", same()),
        (
            switch("ddns-override-client-update"),
            0,
            "one",
            vec![format!("+r one.example.com. 192.0.2.100 {usual}")],
        ),
        (turned("ddns-override-client-update"), 0, "one", same()),
        ([always("outer"), set("ddns-replace-client-name", json!("never"))], 1, "one", same()),
        ([always("outer"), always("inner")], 1, "one", one("inner-192-0-2-100.example.com", usual)),
        (["outer.test", "inner.test"].map(|name| set("ddns-qualifying-suffix", json!(name))), 1, "one", {
            one("one.inner.test", usual)
        }),
        (
            ["outer.test", ""].map(|name| set("ddns-qualifying-suffix", json!(name))),
            1,
            "one",
            one("one", usual),
        ),
        (switch("ddns-update-on-renew"), 1, "one", same()),
        ([77, 0].map(|ttl| set("ddns-ttl", json!(ttl))), 1, "one", same()),
        (
            [77, 78].map(|ttl| set("ddns-ttl", json!(ttl))),
            1,
            "one",
            one("one.example.com", "78 check-with-dhcid"),
        ),
        ([0.5, 0.0].map(|part| set("ddns-ttl-percent", json!(part))), 1, "one", same()),
        ([2000, 0].map(|ttl| set("ddns-ttl-min", json!(ttl))), 1, "one", same()),
        ([700, 0].map(|ttl| set("ddns-ttl-max", json!(ttl))), 1, "one", same()),
        (
            ["no-check-with-dhcid", "check-with-dhcid"]
                .map(|mode| set("ddns-conflict-resolution-mode", json!(mode))),
            1,
            "one",
            same(),
        ),
        (["[^a-z]", ""].map(|chars| set("hostname-char-set", json!(chars))), 1, "o_ne1", {
            one("o_ne1.example.com", usual)
        }),
        (["x", ""].map(|instead| set("hostname-char-replacement", json!(instead))), 1, "o_ne", same()),
    ];
    for ([outer, inner], flags, name, asked) in cases {
        for (far, near) in (0..4).flat_map(|near| (0..near).map(move |far| (far, near))) {
            let (mut world, asker) = levels(|at| match at {
                _ if at == far => outer.clone(),
                _ if at == near => inner.clone(),
                _ => json!({}),
            });
            let what = format!("{outer} on level {far}, {inner} on level {near}");
            assert_eq!(renew(&mut world, &asker, 1, flags, name), asked, "{what}");
            world.pass(10);
            assert_eq!(renew(&mut world, &asker, 1, flags, name), [""; 0], "{what}, renewed");
        }
    }
}

/// Every `ddns-*` parameter counts wherever it stands: globally, in a shared network, a subnet, a pool.
#[test]
fn every_parameter_counts_on_every_level() {
    let lease = |name: &str, more: &str| vec![format!("+fr {name}. 192.0.2.100 {more}")];
    let usual = "1200 check-with-dhcid";
    // What is set, the flags of option 81 and the name there, what is asked for at first.
    let mut cases = vec![
        (json!({"ddns-send-updates": false}), 1, "one", Vec::new()),
        (json!({"ddns-override-no-update": true}), 8, "one", lease("one.example.com", usual)),
        (json!({"ddns-override-client-update": true}), 0, "one", lease("one.example.com", usual)),
        (
            json!({"ddns-replace-client-name": "always", "ddns-generated-prefix": "gen"}),
            1,
            "one",
            lease("gen-192-0-2-100.example.com", usual),
        ),
        (json!({"ddns-replace-client-name": "when-not-present"}), 1, "one", lease("one.example.com", usual)),
        (
            json!({"ddns-replace-client-name": "when-present"}),
            1,
            "one",
            lease("myhost-192-0-2-100.example.com", usual),
        ),
        (json!({"ddns-qualifying-suffix": "inner.test"}), 1, "one", lease("one.inner.test", usual)),
        (json!({"ddns-update-on-renew": true}), 1, "one", lease("one.example.com", usual)),
        (json!({"ddns-ttl": 77}), 1, "one", lease("one.example.com", "77 check-with-dhcid")),
        (json!({"ddns-ttl-percent": 0.5}), 1, "one", lease("one.example.com", "1800 check-with-dhcid")),
        (json!({"ddns-ttl-min": 2000}), 1, "one", lease("one.example.com", "2000 check-with-dhcid")),
        (json!({"ddns-ttl-max": 700}), 1, "one", lease("one.example.com", "700 check-with-dhcid")),
        (
            json!({"hostname-char-set": "[^a-z]", "hostname-char-replacement": "x"}),
            1,
            "o_ne1",
            lease("oxnex.example.com", usual),
        ),
    ];
    for (_, mode) in kotare_ddns::ConflictResolution::ALL {
        let asked = lease("one.example.com", &format!("1200 {mode}"));
        cases.push((json!({"ddns-conflict-resolution-mode": mode}), 1, "one", asked));
    }
    for (set, flags, name, asked) in cases {
        for level in 0..4 {
            let (mut world, asker) = levels(|at| if at == level { set.clone() } else { json!({}) });
            assert_eq!(renew(&mut world, &asker, 1, flags, name), asked, "{set} on level {level}");
            world.pass(10);
            let renewed = renew(&mut world, &asker, 1, flags, name).len();
            let again = if set["ddns-update-on-renew"] == true { 2 } else { 0 };
            assert_eq!(renewed, again, "{set} on level {level}, renewed");
        }
    }
}

/// Who it is for the DNS: the client identifier before the hardware address (RFC 4701).
#[test]
fn the_client_is_known_by_its_identifier() {
    let (_, asker) = world(json!({}));
    let lease = |id: &[u8]| kotare_model::Lease4 {
        address: address("192.0.2.100"),
        hwaddr: kotare_model::HwAddr::new(1, &[1, 2, 3, 4, 5, 6]).unwrap(),
        client_id: (!id.is_empty()).then(|| kotare_model::ClientId::new(id).unwrap()),
        valid_lifetime: kotare_model::Lifetime(3600),
        cltt: kotare_model::Timestamp(0),
        subnet_id: kotare_model::SubnetId(1),
        fqdn_fwd: true,
        fqdn_rev: true,
        hostname: "client.example.com".into(),
        state: kotare_model::LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    };
    let dhcid = |id: &[u8]| {
        let asked = kotare_engine::requests::request(&asker.0, kotare_ddns::Change::Add, &lease(id));
        asked.expect("a request").expect("a name").dhcid
    };
    let name = "client.example.com".parse().unwrap();
    let hardware = kotare_ddns::Dhcid::of_hardware_address(1, &[1, 2, 3, 4, 5, 6], &name);
    assert_eq!(Some(dhcid(&[])), hardware);
    assert_eq!(Some(dhcid(&[1, 9])), kotare_ddns::Dhcid::of_client_id(&[1, 9], &name));
    let nameless = kotare_model::Lease4 { hostname: "a..b".into(), ..lease(&[]) };
    let asked = kotare_engine::requests::request(&asker.0, kotare_ddns::Change::Add, &nameless);
    assert_eq!(asked.expect("a request").expect_err("no name").address, address("192.0.2.100"));
}
