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

/// At every moment of an exchange of configurations one of both takes on what is asked for, and it reaches who is asked from then on.
#[test]
fn nothing_is_lost_between_two_configurations() {
    let asked = [(); 2].map(|()| UdpSocket::bind("[::1]:0").expect("a socket"));
    let server = server(&asked[0]);
    let environment = Environment6 {
        runtime: server.block_on(async { Handle::current() }),
        seed: 1,
        server: server.link(),
        commands: Arc::default(),
        config_databases: Arc::default(),
        places: Arc::new(crate::Anywhere),
    };
    let written = json!({"Dhcp6": configured(&asked[1])});
    let candidate =
        kotare_config::read::<Config6>(Input::Command("config-set", &written), &FILE).expect("it is right");
    let mut next =
        Modules6::build(&candidate.config, &environment, Some(&server.modules), &mut Diagnostics::new());
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
