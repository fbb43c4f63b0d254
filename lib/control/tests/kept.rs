//! Connections that stay open: how many there are, and what becomes of those that the server closes.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kotare_control::client::{self, HttpError, HttpPeer, KeptPeer};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Longer than any answer here.
const LONG: usize = 1 << 20;

/// A server that answers each command with its body.
struct Echo {
    at: SocketAddr,
    connections: Arc<AtomicUsize>,
    commands: Arc<AtomicUsize>,
}

impl Echo {
    /// One that closes each connection after so many answers, without a word.
    async fn closing_after(answers: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let echo = Self { at, connections: Arc::default(), commands: Arc::default() };
        let (connections, commands) = (Arc::clone(&echo.connections), Arc::clone(&echo.commands));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, answers, Arc::clone(&commands)));
            }
        });
        echo
    }

    fn peer(&self, connections: usize) -> Arc<KeptPeer> {
        let peer = HttpPeer::new(&self.at.ip().to_string(), self.at.port(), None, "test/1").unwrap();
        Arc::new(KeptPeer::new(peer, connections))
    }

    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::Relaxed), self.commands.load(Ordering::Relaxed))
    }
}

async fn serve(mut stream: TcpStream, answers: usize, commands: Arc<AtomicUsize>) {
    for _ in 0..answers {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        assert!(head.contains("connection: keep-alive"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        commands.fetch_add(1, Ordering::Relaxed);
        let answer = match &*body {
            b"chunks" => {
                let chunks =
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nchu\r\n3\r\nnks\r\n0\r\n\r\n";
                if stream.write_all(chunks.as_bytes()).await.is_err() {
                    return;
                }
                continue;
            }
            b"refuse" => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_owned(),
            _ => format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"),
        };
        if answer.contains("200") {
            let whole = [answer.as_bytes(), &body].concat();
            if stream.write_all(&whole).await.is_err() {
                return;
            }
        } else {
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

/// One command after the other goes over one connection.
#[tokio::test]
async fn a_connection_is_used_again() {
    let echo = Echo::closing_after(usize::MAX).await;
    let peer = echo.peer(4);
    for number in 0..20 {
        let body = number.to_string();
        assert_eq!(peer.send(body.clone().into(), LONG).await.unwrap(), body.as_bytes());
    }
    assert_eq!(echo.counts(), (1, 20));
}

/// Commands at the same time go over several connections, no more than there may be.
#[tokio::test]
async fn connections_are_bounded() {
    let echo = Echo::closing_after(usize::MAX).await;
    let peer = echo.peer(3);
    let sent: Vec<_> = (0..30)
        .map(|number: u32| {
            let peer = Arc::clone(&peer);
            tokio::spawn(async move { peer.send(number.to_string().into(), LONG).await.unwrap() })
        })
        .collect();
    for (number, answer) in sent.into_iter().enumerate() {
        assert_eq!(answer.await.unwrap(), number.to_string().as_bytes());
    }
    let (connections, commands) = echo.counts();
    assert!((1..=3).contains(&connections) && commands == 30, "{connections} connections");
}

/// A connection that the server closed is replaced, and nobody notices.
#[tokio::test]
async fn closed_connections_are_replaced() {
    let echo = Echo::closing_after(2).await;
    let peer = echo.peer(1);
    for number in 0..10 {
        let body = number.to_string();
        assert_eq!(peer.send(body.clone().into(), LONG).await.unwrap(), body.as_bytes());
    }
    assert_eq!(echo.counts(), (5, 10));
}

/// An answer that is too long is not read, whether or not it says so before; what is asked next is answered.
#[tokio::test]
async fn long_answers_are_not_read() {
    let echo = Echo::closing_after(usize::MAX).await;
    let peer = echo.peer(1);
    for body in ["12345", "chunks"] {
        let long = peer.send(body.into(), body.len() - 1).await;
        assert!(matches!(long, Err(HttpError::TooLong(_))), "{long:?}");
        assert_eq!(peer.send(body.into(), body.len()).await.unwrap(), body.as_bytes());
    }
    assert_eq!(client::read(b"[[1, 2], {}]", 5), Ok(json!([[1, 2], {}])));
    assert_eq!(client::read(b"[[1, 2], {}]", 4), Err("the answer has more than 4 values".into()));
}

/// A refusal is told, and a server that is not there.
#[tokio::test]
async fn refusals_are_told() {
    let echo = Echo::closing_after(usize::MAX).await;
    let peer = echo.peer(1);
    assert!(
        matches!(peer.send("refuse".into(), LONG).await, Err(HttpError::Status(status)) if status.as_u16() == 401)
    );
    assert!(peer.send("x".into(), LONG).await.is_ok());
    let nobody = HttpPeer::new("127.0.0.1", 1, None, "test/1").unwrap();
    assert!(matches!(KeptPeer::new(nobody, 0).send("x".into(), LONG).await, Err(HttpError::Connect(_))));
}

/// What was on its way when nobody waited for an answer any more does not arrive later, when the server reads again.
#[tokio::test]
async fn what_is_given_up_does_not_arrive() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let peer = HttpPeer::new(&at.ip().to_string(), at.port(), None, "test/1").unwrap();
    let peer = KeptPeer::new(peer, 1);
    // More than the system keeps on the way.
    let body = vec![b'x'; 64 << 20];
    let asked = timeout(Duration::from_millis(100), peer.send(body.into(), LONG));
    let (asked, accepted) = tokio::join!(asked, listener.accept());
    assert!(asked.is_err(), "nobody answers");
    let mut stream = accepted.unwrap().0;
    let ended = stream.read_to_end(&mut Vec::new()).await;
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::ConnectionReset);
}
