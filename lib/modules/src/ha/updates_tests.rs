//! What a hub tells others of the leases of one message: each relationship hears of those in its own subnets.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use kotare_control::Apart;
use kotare_ha::{Mode, Peer, Relationship, Role};
use kotare_model::{Lease6, SubnetId};
use kotare_store::conformance::lease6;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::gate::Gate;
use super::origin::Origin;
use super::peer::PeerLink;
use super::relations::Relations;
use crate::Companion;
use crate::test_server6::TestServer6;

/// A server that takes all that it is told, as soon as it may.
#[derive(Clone)]
struct Taker {
    heard: Arc<Mutex<Vec<Json>>>,
    may: Arc<Semaphore>,
}

impl Taker {
    async fn begin() -> (SocketAddr, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let taker = Self { heard: Arc::default(), may: Arc::new(Semaphore::new(0)) };
        let own = taker.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().serve(stream));
            }
        });
        (at, taker)
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut said = Vec::new();
        while stream.read_buf(&mut said).await.is_ok_and(|read| read > 0) {
            let Some(head) = said.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
            let Ok(command) = serde_json::from_slice::<Json>(&said[head + 4..]) else { continue };
            said.clear();
            self.heard.lock().push(command["arguments"].clone());
            self.may.acquire().await.unwrap().forget();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n[{\"result\":0}]").await;
        }
    }

    /// The addresses that it was told of: what is no more, and what was given.
    fn told(&self) -> [Vec<String>; 2] {
        let arguments = self.heard.lock().pop().unwrap_or_default();
        ["deleted-leases", "leases"].map(|list| {
            let leases = arguments[list].as_array().into_iter().flatten();
            leases.map(|lease| lease["ip-address"].as_str().unwrap().to_owned()).collect()
        })
    }
}

/// A server and its backup, which has to have leases before clients do.
fn relationship(own: &str, backup: &str, at: SocketAddr) -> Relationship {
    let peers = vec![
        Peer::new(own, "http://192.0.2.1:8005/", Role::Primary),
        Peer::new(backup, &format!("http://{at}/"), Role::Backup),
    ];
    Relationship { peers, waits_for_backups: true, ..Relationship::new(own, Mode::PassiveBackup) }
}

/// A lease of a subnet.
fn leased(subnet: u32) -> Lease6 {
    let address = format!("2001:db8:{subnet}::1").parse().unwrap();
    Lease6 { address, subnet_id: SubnetId(subnet), ..lease6(1) }
}

/// A server with a subnet of each of two relationships and one of none, and the gate of a configuration with these.
async fn hub(server: &TestServer6) -> (Gate<Lease6>, [Taker; 2]) {
    let (first, one) = Taker::begin().await;
    let (second, other) = Taker::begin().await;
    let relationships = vec![relationship("a", "b", first), relationship("c", "d", second)];
    let ways = relationships.iter().map(|it| {
        let peer = &it.peers[1];
        BTreeMap::from([(peer.name.clone(), PeerLink::new(it, peer, 2, "test/1").unwrap())])
    });
    let (ways, runtime) = (ways.collect(), Handle::current());
    let apart = Apart::new("partners", runtime.clone());
    let relations = Arc::new(Relations::new(relationships, vec![], ways, server.link(), runtime, apart));
    relations.begin();
    let served = server.link().get().unwrap().serving();
    (Gate::<Lease6>::new(served.config(), relations), [one, other])
}

fn server() -> TestServer6 {
    let subnet = |id: u32, context: Json| json!({"id": id, "subnet": format!("2001:db8:{id}::/64"), "user-context": context});
    let named = |name: &str| json!({"ha-server-name": name});
    let subnets = json!([subnet(1, named("b")), subnet(2, named("d")), subnet(3, json!({}))]);
    TestServer6::new(json!({"subnet6": subnets}), &[])
}

fn origin() -> Arc<dyn Origin> {
    Arc::new("a message".to_owned())
}

/// Leases of one message that are of two relationships: both hear of theirs, of nothing else, and are waited for.
#[test]
fn each_relationship_hears_of_its_leases() {
    let server = server();
    server.block_on(async {
        let (gate, [one, other]) = hub(&server).await;
        let told = gate.share(&[leased(1), leased(2)], &[], origin);
        let mut told = pin!(told.expect("both have to be waited for").told());
        one.may.add_permits(1);
        let early = timeout(Duration::from_millis(300), &mut told).await;
        assert!(early.is_err(), "the second one has not taken its lease yet");
        other.may.add_permits(1);
        assert!(told.await);
        assert_eq!(one.told(), [vec![], vec!["2001:db8:1::1".to_owned()]]);
        assert_eq!(other.told(), [vec![], vec!["2001:db8:2::1".to_owned()]]);
        // A client that moves from one to the other.
        one.may.add_permits(1);
        other.may.add_permits(1);
        assert!(gate.share(&[leased(2)], &[leased(1)], origin).expect("it is waited for").told().await);
        assert_eq!(one.told(), [vec!["2001:db8:1::1".to_owned()], vec![]]);
        assert_eq!(other.told(), [vec![], vec!["2001:db8:2::1".to_owned()]]);
    });
}

/// A client is not given a lease of which nobody can be told, whatever else it gets; what it leaves may be nobody's.
#[test]
fn leases_of_no_relationship_are_found() {
    let server = server();
    server.block_on(async {
        let (gate, _takers) = hub(&server).await;
        let none: [Lease6; 0] = [];
        assert_eq!(gate.stranger(&[leased(1), leased(2)], &none), None);
        let why = Some("subnet 3 has no ha-server-name".to_owned());
        assert_eq!(gate.stranger(&[leased(1), leased(3)], &none), why);
        assert_eq!(gate.stranger(&[leased(1)], &[leased(3)]), None);
        assert_eq!(gate.stranger(&none, &[leased(1), leased(3)]), why);
    });
}
