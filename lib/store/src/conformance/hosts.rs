//! The suite every backend of reservations runs.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::slice::from_ref;

use kotare_model::{
    HostId, HostIdType, KeptPrefix, OptionData, Reservation, Reserved4, Reserved6, ReservedOption, SubnetId,
};

use super::Executor;
use crate::{Edited, HostKey, HostPage, HostQuery, HostStore, Reserved};

/// What is reserved, of which there are as many different ones as a test needs.
pub trait HostSpecimen: Reserved + Default {
    /// The address that ends with this number.
    fn at(number: u8) -> Self::Address;

    /// That address alone.
    fn one(number: u8) -> Self;

    /// Everything that can be reserved, beginning with the address that ends with this number.
    fn all(number: u8) -> Self;
}

impl HostSpecimen for Reserved4 {
    fn at(number: u8) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, number)
    }

    fn one(number: u8) -> Self {
        Self { address: Some(Self::at(number)), ..Self::default() }
    }

    fn all(number: u8) -> Self {
        Self {
            address: Some(Self::at(number)),
            next_server: Some(Ipv4Addr::new(255, 254, 0, 1)),
            server_hostname: "boot.example".into(),
            boot_file_name: "/a b/it's".into(),
        }
    }
}

impl HostSpecimen for Reserved6 {
    fn at(number: u8) -> Ipv6Addr {
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, number.into())
    }

    fn one(number: u8) -> Self {
        Self { addresses: vec![Self::at(number)], prefixes: Vec::new() }
    }

    fn all(number: u8) -> Self {
        let kept = |third, length| {
            let address = Ipv6Addr::new(0x2001, 0xdb8, third, u16::from(number) << 8, 0, 0, 0, 0);
            KeptPrefix { address, length, excluded: None }
        };
        // The order is the one written, not that of addresses.
        Self {
            addresses: vec![Self::at(number + 1), Self::at(number)],
            prefixes: vec![kept(9, 56), kept(7, 64)],
        }
    }
}

/// Runs the whole suite, each test on an empty store made by `fresh`. Panics at the first promise broken.
pub fn run<R: HostSpecimen, S: HostStore<R>>(fresh: impl Fn() -> S, executor: &impl Executor) {
    all_of_it_comes_back(&Suite::of(fresh(), executor));
    clients_are_found_where_they_are(&Suite::of(fresh(), executor));
    addresses_and_names_are_found(&Suite::of(fresh(), executor));
    nothing_is_reserved_twice(&Suite::of(fresh(), executor));
    updates_replace(&Suite::of(fresh(), executor));
    what_is_deleted_is_gone(&Suite::of(fresh(), executor));
    pages_list_each_once(&Suite::of(fresh(), executor));
}

/// A store and how its futures are run.
struct Suite<'a, S, E> {
    store: S,
    executor: &'a E,
}

impl<'a, S, E: Executor> Suite<'a, S, E> {
    fn of(store: S, executor: &'a E) -> Self {
        Self { store, executor }
    }

    fn add<R: Reserved>(&self, host: &Reservation<R>, unique: bool) -> Edited
    where
        S: HostStore<R>,
    {
        self.executor.run(self.store.add(host, unique)).expect("an addition works")
    }

    fn update<R: Reserved>(&self, host: &Reservation<R>, unique: bool) -> Edited
    where
        S: HostStore<R>,
    {
        self.executor.run(self.store.update(host, unique)).expect("an update works")
    }

    fn get<R: Reserved>(
        &self,
        key: HostKey<'_, R::Address>,
        subnets: Option<&[SubnetId]>,
    ) -> Vec<Reservation<R>>
    where
        S: HostStore<R>,
    {
        self.executor.run(self.store.get(HostQuery { key, subnets })).expect("a get works")
    }

    fn delete<R: Reserved>(&self, key: HostKey<'_, R::Address>, subnets: Option<&[SubnetId]>) -> usize
    where
        S: HostStore<R>,
    {
        self.executor.run(self.store.delete(HostQuery { key, subnets })).expect("a removal works")
    }

    fn of_client<R: Reserved>(&self, number: u8, subnets: Option<&[SubnetId]>) -> Vec<Reservation<R>>
    where
        S: HostStore<R>,
    {
        let id = mac(number);
        self.get(HostKey::Ids(&[HostId { kind: HostIdType::HwAddress, bytes: &id }]), subnets)
    }

    fn page<R: Reserved>(
        &self,
        after: Option<crate::HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> HostPage<R>
    where
        S: HostStore<R>,
    {
        self.executor.run(self.store.page(after, limit, subnet)).expect("a page works")
    }
}

const LAN: SubnetId = SubnetId(1);
const OTHER: SubnetId = SubnetId(4_294_967_294);

fn mac(number: u8) -> [u8; 6] {
    [2, 0, 0, 0, 0, number]
}

/// A reservation for the client with the hardware address of this number.
fn host<R: Reserved>(number: u8, subnet: SubnetId, reserved: R) -> Reservation<R> {
    Reservation::new(HostId { kind: HostIdType::HwAddress, bytes: &mac(number) }, subnet, reserved)
}

fn option(code: u16, data: OptionData) -> ReservedOption {
    ReservedOption {
        code,
        space: "vendor-25506".into(),
        data,
        always_send: false,
        never_send: false,
        classes: Vec::new(),
        user_context: None,
    }
}

/// A reservation of everything there is.
fn full<R: HostSpecimen>(number: u8, subnet: SubnetId) -> Reservation<R> {
    let bytes: Box<[u8]> = (0..=255).collect();
    Reservation {
        hostname: "Printer-\u{e4}.example".into(),
        classes: vec!["gold".into(), "a b".into()],
        options: vec![
            option(6, OptionData::Bytes(bytes)),
            ReservedOption {
                space: Box::default(),
                always_send: true,
                user_context: Some(r#"{ "why": "it's \"new\"" }"#.into()),
                ..option(3, OptionData::Text("192.0.2.1, 192.0.2.2".into()))
            },
            option(201, OptionData::Bytes(Box::default())),
        ],
        user_context: Some(r#"{ "comment": "gr\u00fc\u00df" }"#.into()),
        ..host(number, subnet, R::all(number))
    }
}

/// Whatever a reservation has comes back, with identifiers of each kind and of every byte.
fn all_of_it_comes_back<R: HostSpecimen, S: HostStore<R>>(suite: &Suite<'_, S, impl Executor>) {
    for (kind, subnet) in HostIdType::ALL.into_iter().zip([LAN, SubnetId::GLOBAL, OTHER, LAN, LAN]) {
        let number = 10 * (kind as u8 + 1);
        let id: Vec<u8> = (number..).take(kind.longest().min(128)).collect();
        let added = Reservation { kind, id: id.clone().into(), ..full::<R>(number, subnet) };
        assert_eq!(suite.add(&added, true), Edited::Done);
        assert_eq!(
            suite.get(HostKey::Ids(&[HostId { kind, bytes: &id }]), Some(&[subnet])),
            from_ref(&added)
        );
        for address in added.reserved.addresses() {
            assert_eq!(suite.get(HostKey::Addresses(&[address]), None), from_ref(&added), "{address}");
        }
    }
    let plain = host(7, LAN, R::default());
    assert_eq!(suite.add(&plain, true), Edited::Done);
    // Nothing is reserved as often as one likes.
    assert_eq!(suite.add(&host(8, LAN, R::default()), true), Edited::Done);
    assert_eq!(suite.of_client(7, None), [plain]);
}

/// A client is found by any of its identifiers, in the subnets asked for alone, global ones among them.
fn clients_are_found_where_they_are<R: HostSpecimen, S: HostStore<R>>(suite: &Suite<'_, S, impl Executor>) {
    let [global, lan, other] = [SubnetId::GLOBAL, LAN, OTHER];
    let hosts = [(1, lan), (1, global), (2, lan), (1, other)]
        .map(|(number, subnet)| host(number, subnet, R::default()));
    let duid = Reservation { kind: HostIdType::Duid, ..hosts[0].clone() };
    for host in hosts.iter().chain([&duid]) {
        assert_eq!(suite.add(host, true), Edited::Done);
    }
    let of = |subnets: Option<&[SubnetId]>| suite.of_client::<R>(1, subnets);
    let [a, b, c, d] = &hosts;
    assert_eq!(of(None), [a.clone(), b.clone(), d.clone()]);
    assert_eq!(of(Some(&[global, lan])), [a.clone(), b.clone()]);
    assert_eq!(of(Some(&[SubnetId(2), other])), from_ref(d));
    assert!(of(Some(&[SubnetId(2)])).is_empty() && of(Some(&[])).is_empty());
    let many: Vec<SubnetId> = (1..=1000).map(SubnetId).collect();
    assert_eq!(of(Some(&many)), from_ref(a));
    let (one, two) = (mac(1), mac(2));
    let ids = [(HostIdType::Duid, one), (HostIdType::HwAddress, two), (HostIdType::Duid, two)];
    let ids = ids.each_ref().map(|(kind, bytes)| HostId { kind: *kind, bytes });
    assert_eq!(suite.get(HostKey::Ids(&ids), Some(&[lan])), [c.clone(), duid]);
    assert!(suite.get(HostKey::Ids(&[]), None).is_empty());
}

/// Addresses and first addresses of prefixes are found, names in letters of any size.
fn addresses_and_names_are_found<R: HostSpecimen, S: HostStore<R>>(suite: &Suite<'_, S, impl Executor>) {
    let named = |name: &str, host: Reservation<R>| Reservation { hostname: name.into(), ..host };
    let hosts = [
        named("Alpha.example", host(1, LAN, R::one(1))),
        named("alpha.example", host(2, OTHER, R::one(2))),
        named("beta", host(3, LAN, R::one(3))),
    ];
    for host in &hosts {
        assert_eq!(suite.add(host, true), Edited::Done);
    }
    let [a, b, c] = &hosts;
    let at = |numbers: &[u8], subnets| {
        let addresses: Vec<_> = numbers.iter().map(|number| R::at(*number)).collect();
        suite.get(HostKey::Addresses(&addresses), subnets)
    };
    assert_eq!(at(&[3, 1, 9], None), [a.clone(), c.clone()]);
    assert_eq!(at(&[1, 2], Some(&[OTHER])), from_ref(b));
    assert!(at(&[9], None).is_empty() && at(&[], None).is_empty());
    let called = |name, subnets| suite.get(HostKey::Hostname(name), subnets);
    assert_eq!(called("ALPHA.example", None), [a.clone(), b.clone()]);
    assert_eq!(called("alpha.example", Some(&[LAN])), from_ref(a));
    assert_eq!(called("BETA", None), from_ref(c));
    assert!(called("bet", None).is_empty() && called("", None).is_empty());
}

/// There is one reservation of a client in a subnet, and of an address if that is wanted; what is refused leaves nothing.
fn nothing_is_reserved_twice<R: HostSpecimen, S: HostStore<R>>(suite: &Suite<'_, S, impl Executor>) {
    let first = full::<R>(10, LAN);
    assert_eq!(suite.add(&first, true), Edited::Done);
    assert_eq!(suite.add(&host(10, LAN, R::one(50)), true), Edited::Duplicate);
    assert_eq!(suite.add(&host(10, LAN, R::one(50)), false), Edited::Duplicate);
    assert_eq!(suite.of_client(10, None), from_ref(&first));
    for address in first.reserved.addresses() {
        assert_eq!(suite.get(HostKey::Addresses(&[address]), Some(&[LAN])).len(), 1, "{address}");
    }
    let second = full::<R>(10, LAN);
    let second = Reservation { id: mac(2).into(), ..second };
    assert_eq!(suite.add(&second, true), Edited::Duplicate);
    assert!(suite.of_client::<R>(2, None).is_empty());
    assert_eq!(suite.add(&second, false), Edited::Done);
    assert_eq!(suite.get(HostKey::Addresses(&[R::at(10)]), None), [first, second]);
}

/// An update takes the place of what was there, whole; what is refused leaves it.
fn updates_replace<R: HostSpecimen, S: HostStore<R>>(suite: &Suite<'_, S, impl Executor>) {
    let first = full::<R>(10, LAN);
    assert_eq!(suite.update(&first, true), Edited::Missing);
    assert_eq!(suite.update(&first, false), Edited::Missing);
    assert!(suite.of_client::<R>(10, None).is_empty());
    let elsewhere = host(10, OTHER, R::one(90));
    for host in [&first, &elsewhere, &host(3, LAN, R::one(3))] {
        assert_eq!(suite.add(host, true), Edited::Done);
    }
    let same_address =
        Reservation { hostname: "new".into(), options: first.options[..1].into(), ..first.clone() };
    assert_eq!(suite.update(&same_address, true), Edited::Done);
    assert_eq!(suite.of_client(10, Some(&[LAN])), from_ref(&same_address));
    assert_eq!(suite.update(&host(10, LAN, R::one(3)), true), Edited::Duplicate);
    assert_eq!(suite.of_client(10, Some(&[LAN])), [same_address]);
    let shared = host(10, LAN, R::one(3));
    assert_eq!(suite.update(&shared, false), Edited::Done);
    assert_eq!(suite.of_client(10, Some(&[LAN])), [shared]);
    assert!(suite.get::<R>(HostKey::Addresses(&[R::at(10)]), None).is_empty());
    assert_eq!(suite.of_client(10, Some(&[OTHER])), [elsewhere]);
}

/// What is removed leaves nothing, and nothing else goes.
fn what_is_deleted_is_gone<R: HostSpecimen, S: HostStore<R>>(suite: &Suite<'_, S, impl Executor>) {
    let hosts =
        [full::<R>(10, LAN), full::<R>(30, OTHER), host(10, OTHER, R::one(3)), host(4, LAN, R::one(4))];
    for host in &hosts {
        assert_eq!(suite.add(host, true), Edited::Done);
    }
    let id = mac(10);
    let ids = [HostId { kind: HostIdType::HwAddress, bytes: &id }];
    assert_eq!(suite.delete::<R>(HostKey::Ids(&ids), Some(&[SubnetId(2)])), 0);
    assert_eq!(suite.delete::<R>(HostKey::Ids(&ids), Some(&[])), 0);
    assert_eq!(suite.delete::<R>(HostKey::Addresses(&[R::at(30)]), Some(&[LAN])), 0);
    assert_eq!(suite.delete::<R>(HostKey::Ids(&ids), Some(&[LAN])), 1);
    assert_eq!(suite.delete::<R>(HostKey::Ids(&ids), Some(&[LAN])), 0);
    assert_eq!(suite.page::<R>(None, 10, None).hosts, hosts[1..]);
    assert_eq!(suite.delete::<R>(HostKey::Addresses(&[R::at(30), R::at(3)]), Some(&[OTHER])), 2);
    assert_eq!(suite.page::<R>(None, 10, None).hosts, hosts[3..]);
    // What was removed may be there again.
    assert_eq!(suite.add(&hosts[0], true), Edited::Done);
    assert_eq!(suite.of_client(10, None), hosts[..1]);
}

/// Pages list every reservation once, in the order in which they were added.
fn pages_list_each_once<R: HostSpecimen, S: HostStore<R>>(suite: &Suite<'_, S, impl Executor>) {
    assert_eq!(suite.page::<R>(None, 5, None), HostPage { hosts: Vec::new(), next: None });
    let hosts: Vec<Reservation<R>> = (0..7)
        .map(|number| match number % 2 {
            0 => full(10 * (number + 1), LAN),
            _ => host(10 * (number + 1), SubnetId::GLOBAL, R::default()),
        })
        .collect();
    hosts.iter().for_each(|host| assert_eq!(suite.add(host, true), Edited::Done));
    let listed = |limit: usize, subnet: Option<SubnetId>| {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = suite.page::<R>(after, limit, subnet);
            assert!(page.hosts.len() <= limit);
            listed.extend(page.hosts);
            after = page.next;
            if after.is_none() {
                return listed;
            }
        }
    };
    for limit in [1, 2, 7, 100] {
        assert_eq!(listed(limit, None), hosts);
        let global = listed(limit, Some(SubnetId::GLOBAL));
        assert!(global.iter().eq(hosts.iter().filter(|host| host.subnet == SubnetId::GLOBAL)));
    }
    assert!(listed(3, Some(OTHER)).is_empty());
}
