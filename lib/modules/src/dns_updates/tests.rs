//! How requests are kept and sent.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use kotare_config::process::{Database, RequestQueue};
use kotare_ddns::{Ask, ConflictResolution, Dhcid, LONGEST_PARCEL};
use kotare_model::Durability;
use kotare_store_sql::Access;
use tokio::net::UdpSocket as AsyncSocket;

use super::*;
use crate::{Anywhere, Place, Places};

fn asked(name: &str) -> ChangeRequest {
    ChangeRequest {
        change: Change::Add,
        forward: true,
        reverse: true,
        fqdn: name.parse().expect("a name"),
        address: [192, 0, 2, 1].into(),
        dhcid: Dhcid::of_bytes(&[1, 2, 3]).expect("who it is"),
        lease_length: 1200,
        conflict_resolution: ConflictResolution::default(),
    }
}

fn settings(server: SocketAddr, persist: bool) -> DnsUpdates {
    let kept =
        RequestQueue { persist, name: None, durability: Durability::Process, capacity: 128, source: None };
    DnsUpdates { server, sender: "127.0.0.1:0".parse().expect("an address"), queue: 2, expires: false, kept }
}

/// A socket that requests are sent to.
fn ddns() -> (UdpSocket, SocketAddr) {
    let ddns = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    ddns.set_read_timeout(Some(Duration::from_secs(10))).expect("a time");
    let server = ddns.local_addr().expect("an address");
    (ddns, server)
}

fn received(ddns: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut datagram = [0; LONGEST_PARCEL];
    let (len, from) = ddns.recv_from(&mut datagram).expect("a datagram");
    (datagram[..len].to_vec(), from)
}

fn promise(post: &Arc<Post>, request: ChangeRequest) -> Option<Box<Promise>> {
    post.promise([request].into_iter(), 0).map(Box::new)
}

/// Requests of changes that were made arrive in their order, as Kea's datagrams; what there is no room for is refused.
#[tokio::test]
async fn what_is_not_kept_is_sent() {
    let (ddns, server) = ddns();
    let settings = settings(server, false);
    let post = Arc::new(Post::open(&settings, "DHCPv4", &Anywhere, 1).expect("it needs nothing"));
    let sender = Sender::new(settings, post.clone());
    let all = ["a.example.", "b.example."].map(asked);
    let promises = all.clone().map(|request| promise(&post, request).expect("there is room"));
    assert!(promise(&post, asked("c.example.")).is_none(), "it is full");
    sender.send_all(Duration::ZERO).expect("there is nothing to be sent");
    promises.into_iter().for_each(|promise| promise.came(true));
    sender.send_all(Duration::ZERO).expect("they are sent");
    for request in all {
        assert_eq!(received(&ddns).0, request.to_datagram());
    }
    post.with(|outbox| assert_eq!((outbox.len(), outbox.lost()), (0, 1)));
}

/// A folder for the file.
#[derive(Debug)]
struct Folder(tempfile::TempDir);

impl Places for Folder {
    fn legal_logs(&self, written: &str) -> Result<Place, String> {
        Anywhere.legal_logs(written)
    }

    fn data(&self, written: &str) -> Result<Place, String> {
        Anywhere.data(written)
    }

    fn script(&self, written: &str) -> Result<Place, String> {
        Anywhere.script(written)
    }

    fn module(&self, written: &str) -> Result<Place, String> {
        Anywhere.module(written)
    }

    fn database(&self, written: &Database, diagnostics: &mut Diagnostics) -> Option<Access> {
        Anywhere.database(written, diagnostics)
    }

    fn request_queue(&self, _: Option<&str>, protocol: &str) -> Result<Place, String> {
        Ok(Place { path: self.0.path().join(protocol), warning: None })
    }

    fn zone(&self) -> jiff::tz::TimeZone {
        Anywhere.zone()
    }
}

/// What is kept outlives the process until there is a receipt for it; nobody but one has the file.
#[tokio::test]
async fn what_is_kept_is_kept() {
    let (ddns, server) = ddns();
    let settings = settings(server, true);
    let folder = Folder(tempfile::tempdir().expect("a folder"));
    let open = || Post::open(&settings, "DHCPv4", &folder, 7).map(Arc::new);
    let post = open().expect("a file");
    assert!(open().expect_err("it is in use").contains("another process"));
    // Two that were made, one that was not, and one of which nobody knows.
    for (name, made) in [("a.", Some(true)), ("b.", Some(false)), ("c.", None), ("d.", Some(true))] {
        let promise = promise(&post, asked(&format!("{name}example."))).expect("there is room");
        match made {
            Some(made) => promise.came(made),
            None => drop(promise),
        }
    }
    post.forget();
    drop(post);
    let post = open().expect("a file");
    assert_eq!(post.with(|outbox| outbox.len()), 3);
    while let Some(kept) = post.doubtful() {
        post.settle(kept.number, kept.request.fqdn != asked("c.example.").fqdn);
    }
    let sender = Sender::new(settings.clone(), post.clone());
    for (second, name) in [(0, "a.example."), (0, "d.example.")] {
        sender.send_all(Duration::from_secs(second)).expect("it is sent");
        let (datagram, from) = received(&ddns);
        assert_eq!(ChangeRequest::from_datagram(&datagram), Ok(asked(name)));
        let ask = Ask::of_datagram(&datagram).expect("it asks for a receipt");
        for receipt in Ask::receipts(ask.asker, &[ask.number]) {
            ddns.send_to(&receipt, from).expect("a receipt");
        }
        let socket: Arc<AsyncSocket> = sender.socket().expect("it has sent");
        sender::news(&socket).await;
        assert!(sender.hear(&socket, Duration::ZERO).expect("somebody is there"));
    }
    assert_eq!(post.with(|outbox| outbox.len()), 0);
    // Nobody is there any more.
    drop(ddns);
    promise(&post, asked("e.example.")).expect("there is room").came(true);
    sender.send_all(Duration::from_secs(9)).expect("it is sent");
    let socket = sender.socket().expect("it has sent");
    sender::news(&socket).await;
    sender.hear(&socket, Duration::from_secs(9)).expect_err("nobody is there");
    assert_eq!(post.with(|outbox| outbox.len()), 1);
}

/// Requests come from where the configuration says, over either family.
#[tokio::test]
async fn requests_come_from_where_they_are_to() {
    for (at, from) in [("127.0.0.1:0", "127.0.0.2:0"), ("[::1]:0", "[::1]:0")] {
        let ddns = UdpSocket::bind(at).expect("a socket");
        ddns.set_read_timeout(Some(Duration::from_secs(10))).expect("a time");
        // A port that is free.
        let free = UdpSocket::bind(from).and_then(|socket| socket.local_addr()).expect("an address");
        let mut settings = settings(ddns.local_addr().expect("an address"), false);
        settings.sender = free;
        let post = Arc::new(Post::open(&settings, "DHCPv4", &Anywhere, 1).expect("it needs nothing"));
        promise(&post, asked("a.example.")).expect("there is room").came(true);
        Sender::new(settings, post).send_all(Duration::ZERO).expect("it is sent");
        assert_eq!(received(&ddns), (asked("a.example.").to_datagram(), free));
    }
}

/// Who gives receipts gets several requests in a datagram, and each that he gives none for again, by itself.
#[tokio::test]
async fn several_requests_go_together() {
    const COUNT: usize = 40;
    let (ddns, server) = ddns();
    let settings = settings(server, true);
    let folder = Folder(tempfile::tempdir().expect("a folder"));
    let post = Arc::new(Post::open(&settings, "DHCPv4", &folder, 7).expect("a file"));
    let sender = Sender::new(settings, post.clone());
    let add = |name: usize| {
        let address = [192, 0, 2, name as u8].into();
        let request = ChangeRequest { address, ..asked(&format!("n{name}.example.")) };
        promise(&post, request.clone()).expect("there is room").came(true);
        request
    };
    let first = add(0);
    let second = add(1);
    sender.send_all(Duration::ZERO).expect("they are sent");
    for request in [first, second] {
        let (datagram, from) = received(&ddns);
        assert_eq!(ChangeRequest::from_datagram(&datagram), Ok(request));
        let ask = Ask::of_datagram(&datagram).expect("it asks for a receipt");
        for receipt in Ask::receipts(ask.asker, &[ask.number]) {
            ddns.send_to(&receipt, from).expect("a receipt");
        }
    }
    let socket: Arc<AsyncSocket> = sender.socket().expect("it has sent");
    while post.with(|outbox| !outbox.is_empty()) {
        sender::news(&socket).await;
        sender.hear(&socket, Duration::ZERO).expect("somebody is there");
    }

    let all: Vec<ChangeRequest> = (2..COUNT + 2).map(add).collect();
    let taken = |second: u64| {
        let mut datagrams = 0;
        sender.send_all(Duration::from_secs(second)).expect("they are sent");
        let mut taken = Vec::new();
        while taken.len() < COUNT {
            let (datagram, _) = received(&ddns);
            datagrams += 1;
            assert!(datagram.len() <= LONGEST_PARCEL);
            for (request, ask) in kotare_ddns::unpack(&datagram) {
                assert!(ask.is_some());
                taken.push(request.expect("a request"));
            }
        }
        (datagrams, taken)
    };
    let (datagrams, together) = taken(0);
    assert!((2..COUNT / 5).contains(&datagrams), "{datagrams}");
    assert_eq!(together, all);
    assert_eq!(taken(1), (COUNT, all));
}
