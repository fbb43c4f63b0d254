//! How one configuration follows another.

use std::net::{Ipv6Addr, UdpSocket};

use kotare_config::Input;
use kotare_config::v6::{Config6, FILE};
use kotare_engine::hooks::LeaseChange;
use kotare_model::{Duid, HostName, LeaseState, LeaseType, Lifetime, SubnetId};

use super::*;
use crate::test_server6::{NOW, TestServer6};
use crate::{Beside, Environment6, Modules6};

fn lease(name: &str) -> Lease6 {
    Lease6 {
        address: Ipv6Addr::LOCALHOST,
        prefix_len: 128,
        lease_type: LeaseType::Na,
        iaid: 1,
        duid: Duid::new(&[0, 3, 0, 1, 2, 3]).expect("a DUID"),
        preferred_lifetime: Lifetime(100),
        valid_lifetime: Lifetime(100),
        cltt: NOW,
        subnet_id: SubnetId(1),
        fqdn_fwd: true,
        fqdn_rev: true,
        hostname: HostName::from(name),
        hwaddr: None,
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    }
}

/// The server of which names go to this socket.
fn server(asked: &UdpSocket) -> TestServer6 {
    TestServer6::configured(&configured(asked)).expect("a server")
}

fn configured(asked: &UdpSocket) -> Json {
    let port = asked.local_addr().expect("an address").port();
    json!({"dhcp-ddns": {"enable-updates": true, "server-ip": "::1", "sender-ip": "::1", "server-port": port},
        "subnet6": [{"id": 1, "subnet": "2001:db8:1::/64"}]})
}

/// What is asked for when this lease has expired.
fn expired(updates: &Updates<Lease6>, lease: &Lease6) -> Option<Box<dyn Foretold>> {
    updates.foretold6(&LeaseEvent {
        change: LeaseChange::Expired,
        before: Some(lease),
        after: None,
        query: None,
    })
}

/// Nobody hears of a name before its lease is kept.
#[test]
fn leases_are_kept_before_names_are_told() {
    let asked = UdpSocket::bind("[::1]:0").expect("a socket");
    let server = server(&asked);
    let updates = server.modules.updates.clone().expect("it updates");
    updates.take_over();
    expired(&updates, &lease("first.example.com.")).expect("it is asked for").came(true);
    let around = server.link().get().expect("it is there");
    let sent = || {
        let released = server.block_on(updates.sender.release(&*around));
        (released, updates.sender.post.next(Duration::ZERO, 9).len())
    };
    server.store.fail(true);
    assert_eq!(sent(), (false, 0));
    server.store.fail(false);
    assert_eq!(sent(), (true, 1));
}

/// What goes on beside the modules of a test, and asks in the middle of an exchange.
struct Middle(Box<dyn Fn() + Send + Sync>);

impl Companion for Middle {
    fn begin(&self) {}

    fn end(&self) {
        (self.0)();
    }

    fn report(&self, _: &mut Map<String, Json>) {}
}

/// The modules of a configuration that follows that of the server.
fn after(server: &TestServer6, dhcp6: Json) -> Modules6 {
    let environment = Environment6 {
        runtime: server.block_on(async { Handle::current() }),
        seed: 1,
        server: server.link(),
        commands: Arc::default(),
        config_databases: Arc::default(),
        places: Arc::new(crate::Anywhere),
    };
    let written = json!({"Dhcp6": dhcp6});
    let candidate =
        kotare_config::read::<Config6>(Input::Command("config-set", &written), &FILE).expect("it is right");
    Modules6::build(&candidate.config, &environment, Some(&server.modules), &mut Diagnostics::new())
}

/// The name of the next request that comes within this time, if one does.
fn heard(server: &TestServer6, socket: &UdpSocket, within: Duration) -> Option<String> {
    socket.set_nonblocking(true).expect("it need not be waited for");
    server.block_on(async {
        let until = tokio::time::Instant::now() + within;
        let mut datagram = [0; 1024];
        loop {
            if let Ok(length) = socket.recv(&mut datagram) {
                let request = ChangeRequest::from_datagram(&datagram[..length]).expect("a request");
                return Some(request.fqdn.to_string());
            }
            if tokio::time::Instant::now() >= until {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
}

const SOON: Duration = Duration::from_secs(30);
const A_MOMENT: Duration = Duration::from_millis(50);

/// What is foretold before the room for requests is changed and is made after it is sent, once, and takes its place in the new room.
#[test]
fn what_is_under_way_outlives_another_room() {
    let asked = UdpSocket::bind("[::1]:0").expect("a socket");
    let server = server(&asked);
    server.beside.begin(None);
    let updates = server.modules.updates.clone().expect("it updates");
    let foretold = |updates: &Updates<Lease6>, name: &str| expired(updates, &lease(name));
    let [one, two] = ["one.", "two."].map(|name| foretold(&updates, name).expect("there is room"));
    let mut dhcp6 = configured(&asked);
    dhcp6["dhcp-ddns"]["max-queue-size"] = json!(1);
    let mut next = after(&server, dhcp6);
    let second = std::mem::take(&mut next.beside);
    second.begin(Some(&server.beside));
    let updates = next.updates.clone().expect("it updates");
    assert!(foretold(&updates, "late.").is_none(), "two are there, and there is room for one");
    one.came(true);
    assert_eq!(heard(&server, &asked, SOON).as_deref(), Some("one."));
    two.came(true);
    assert_eq!(heard(&server, &asked, SOON).as_deref(), Some("two."));
    assert_eq!(heard(&server, &asked, A_MOMENT), None);
    let mut status = Map::new();
    second.companions.iter().for_each(|companion| companion.report(&mut status));
    assert_eq!(status["name-change-requests-waiting"], 0);
    assert_eq!(status["name-change-requests-lost"], 1);
    foretold(&updates, "more.").expect("there is room").came(true);
    assert_eq!(heard(&server, &asked, SOON).as_deref(), Some("more."));
    second.end();
}

/// What is foretold before nobody is told of names any more is sent when it is made, and nothing is waited for that is not made.
#[test]
fn what_is_under_way_outlives_its_sender() {
    let asked = UdpSocket::bind("[::1]:0").expect("a socket");
    let server = server(&asked);
    server.beside.begin(None);
    let updates = server.modules.updates.clone().expect("it updates");
    let [one, two, three] =
        ["one.", "two.", "three."].map(|name| expired(&updates, &lease(name)).expect("there is room"));
    one.came(true);
    let mut next = after(&server, json!({"subnet6": [{"id": 1, "subnet": "2001:db8:1::/64"}]}));
    let second = std::mem::take(&mut next.beside);
    second.begin(Some(&server.beside));
    assert_eq!(heard(&server, &asked, SOON).as_deref(), Some("one."));
    two.came(false);
    three.came(true);
    assert_eq!(heard(&server, &asked, SOON).as_deref(), Some("three."));
    assert_eq!(heard(&server, &asked, A_MOMENT), None);
    assert!(updates.sender.post.with(|outbox| outbox.is_empty()));
    second.end();
}

/// At every moment of an exchange of configurations one of both takes on what is asked for, and it reaches who is asked from then on.
#[test]
fn nothing_is_lost_between_two_configurations() {
    let asked = [(); 2].map(|()| UdpSocket::bind("[::1]:0").expect("a socket"));
    let server = server(&asked[0]);
    let mut next = after(&server, configured(&asked[1]));
    let both = [&server.modules, &next].map(|modules| modules.updates.clone().expect("it updates"));
    let takers = {
        let both = both.clone();
        move |name: &str| {
            let before = lease(name);
            let promises: Vec<_> = both.iter().map(|one| expired(one, &before)).collect();
            let takes: Vec<bool> = promises.iter().map(Option::is_some).collect();
            promises.into_iter().flatten().for_each(|promise| promise.came(true));
            takes
        }
    };
    assert_eq!(takers("early."), [false, false], "nothing is in effect");
    let in_middle = Arc::new(Mutex::new(Vec::new()));
    let middle = {
        let (takers, in_middle) = (takers.clone(), in_middle.clone());
        Middle(Box::new(move || *in_middle.lock() = takers("middle.example.com.")))
    };
    let mut companions = server.beside.companions.clone();
    companions.push(Arc::new(middle));
    let first = Beside { companions, ..Beside::default() };
    first.begin(None);
    assert_eq!(takers("first.example.com."), [true, false]);
    let second = std::mem::take(&mut next.beside);
    second.begin(Some(&first));
    assert_eq!(*in_middle.lock(), [false, true]);
    assert_eq!(takers("second.example.com."), [false, true]);
    second.end();
    assert_eq!(takers("late.example.com."), [false, false]);

    // What waits when a configuration ends is sent, whose ever it is.
    let names = |socket: &UdpSocket| -> Vec<String> {
        socket.set_nonblocking(true).expect("it need not be waited for");
        let mut datagram = [0; 1024];
        let each =
            std::iter::from_fn(|| socket.recv(&mut datagram).ok().map(|length| datagram[..length].to_vec()));
        each.map(|one| ChangeRequest::from_datagram(&one).expect("a request").fqdn.to_string()).collect()
    };
    assert_eq!(names(&asked[0]), ["first.example.com."]);
    assert_eq!(names(&asked[1]), ["middle.example.com.", "second.example.com."]);
}
