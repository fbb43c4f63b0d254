//! How requests are kept and sent.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use kotare_config::process::{Database, RequestQueue};
use kotare_ddns::{Ask, ConflictResolution, Dhcid, MAX_DATAGRAM};
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
    let mut datagram = [0; MAX_DATAGRAM];
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
        assert!(sender.hear(&socket).expect("somebody is there"));
    }
    assert_eq!(post.with(|outbox| outbox.len()), 0);
    // Nobody is there any more.
    drop(ddns);
    promise(&post, asked("e.example.")).expect("there is room").came(true);
    sender.send_all(Duration::from_secs(9)).expect("it is sent");
    let socket = sender.socket().expect("it has sent");
    sender::news(&socket).await;
    sender.hear(&socket).expect_err("nobody is there");
    assert_eq!(post.with(|outbox| outbox.len()), 1);
}
