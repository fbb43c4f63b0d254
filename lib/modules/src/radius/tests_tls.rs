//! Requests that wait for a connection.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use kotare_control::client::Tls;
use kotare_radius::{Code, Dictionary, Missed, Plan};
use rcgen::{CertificateParams, KeyPair};
use tempfile::tempdir;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use super::client::{Client, Outcome, Server, Shared};
use super::radsec::{MOST, Radsec};

/// How long an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Who asks these servers, which is remembered of those that say nothing.
fn client(servers: &[SocketAddr]) -> Client {
    let folder = tempdir().expect("a folder");
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::default().self_signed(&key).expect("a certificate").pem();
    let [certificate, private] = ["own.pem", "own.key"].map(|name| folder.path().join(name));
    fs::write(&certificate, own).expect("a file");
    fs::write(&private, key.serialize_pem()).expect("a file");
    let server = |at: &SocketAddr| {
        let tls = Tls::read_for_any_name(&certificate, Some((&certificate, &private))).expect("they fit");
        Server { at: *at, secret: "radsec".into(), radsec: Some(Radsec::new(tls)) }
    };
    let plan = Plan { retries: 0, deadtime: Duration::from_secs(3600) };
    let (dictionary, shared) = (Arc::new(Dictionary::default()), Arc::new(Shared::new(7)));
    let servers = servers.iter().map(server).collect();
    Client::new(servers, (plan, TIMEOUT), None, true, dictionary, shared)
}

/// A server that takes connections and says nothing.
async fn silent() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let at = listener.local_addr().expect("an address");
    (listener, at)
}

async fn ask(client: &Client) -> (Missed, Duration) {
    let began = Instant::now();
    match client.ask(Code::ACCESS_REQUEST, &[], began).await {
        Outcome::Failed(missed) => (missed, began.elapsed()),
        Outcome::Answered(answer) => panic!("{answer:?}"),
    }
}

/// Who finds all connections in use was not refused by the server: that is as good as before, and it has all its time from when a
/// connection is free.
#[tokio::test(start_paused = true)]
async fn waiting_for_a_connection_is_no_silence() {
    let (_listener, at) = silent().await;
    let client = client(&[at]);
    let radsec = client.servers[0].radsec.as_ref().expect("through TLS");
    let mut rooms = Vec::new();
    for _ in 0..MOST {
        rooms.push(radsec.room().await.expect("a place"));
    }
    let (missed, took) = ask(&client).await;
    assert_eq!((missed, took.as_secs()), (Missed::Busy, TIMEOUT.as_secs()));
    assert!(!client.is_held(0), "nothing is known of the server");
    let (asked, ()) = tokio::join!(ask(&client), async {
        sleep(TIMEOUT * 3 / 5).await;
        rooms.pop();
    });
    assert_eq!((asked.0, asked.1.as_secs()), (Missed::Silence, (TIMEOUT * 8 / 5).as_secs()));
    assert!(client.is_held(0), "it said nothing for as long as it has");
}

/// Another server is asked in its place.
#[tokio::test(start_paused = true)]
async fn another_server_is_asked_instead() {
    let ((_first, busy), (_second, silent)) = (silent().await, silent().await);
    let client = client(&[busy, silent]);
    let radsec = client.servers[0].radsec.as_ref().expect("through TLS");
    let mut rooms = Vec::new();
    for _ in 0..MOST {
        rooms.push(radsec.room().await.expect("a place"));
    }
    assert_eq!(ask(&client).await.0, Missed::Silence);
    assert_eq!([0, 1].map(|server| client.is_held(server)), [false, true]);
    drop(rooms);
}
