//! The way to another server: commands over connections that stay open, and what to do when that fails.

use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use kotare_config::json::format::{self, Shape};
use kotare_control::client::{self, HttpError, HttpPeer, KeptPeer, Tls};
use kotare_control::{Apart, behind};
use kotare_ha::{Peer, Place, Refusal, Relationship, read_answer};
use serde_json::Value as Json;
use tokio::time::timeout;

use super::measure::Measure;

/// Answers of more bytes are read on a thread of their own.
const LONG: usize = 1 << 16;

/// A server of the relationship, and the connections to it.
#[derive(Debug)]
pub struct PeerLink {
    label: String,
    peer: KeptPeer,
}

/// That a server did not answer a command.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// How far it came.
    pub step: Step,
    /// What happened.
    pub reason: String,
}

/// The steps to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Connecting.
    Connect,
    /// Proving by certificates who is who.
    Secure,
    /// Proving by user and password who asks.
    LogIn,
    /// Speaking HTTP.
    Exchange,
    /// Waiting for it.
    Wait,
    /// Reading it.
    Read,
}

/// What became of a command that was not done.
#[derive(Clone, Debug)]
pub enum Failure {
    /// It was not answered.
    Unanswered(Unanswered),
    /// It was answered: no.
    Refused(Refusal),
}

impl PeerLink {
    /// The way to a peer of a relationship that was judged, over at most so many connections. `agent` is who asks, a program
    /// and its version. Files with certificates are read.
    ///
    /// # Errors
    /// Which file cannot be used, and why.
    pub fn new(
        relationship: &Relationship,
        peer: &Peer,
        connections: usize,
        agent: &str,
    ) -> Result<Self, String> {
        let place = Place::of(&peer.url)?;
        let tls = match relationship.tls_of(peer) {
            // As in Kea, whatever the scheme of the URL.
            [Some(anchor), Some(certificate), Some(key)] => {
                let own = (Path::new(certificate), Path::new(key));
                // As in Kea, who has a certificate of the authority is a partner, whatever names are in it.
                Some(Tls::read_for_any_name(Path::new(anchor), Some(own))?)
            }
            _ => None,
        };
        let mut http = HttpPeer::new(&place.host, place.port, tls, agent)?;
        if let Some((user, password)) = &peer.login {
            http = http.with_user(user, password)?;
        }
        Ok(Self { label: peer.label(), peer: KeptPeer::new(http, connections) })
    }

    /// The same way, with its connections in an event loop of their own.
    #[must_use]
    pub fn apart(self, apart: Arc<Apart>) -> Self {
        Self { peer: self.peer.apart(apart), ..self }
    }

    /// What log lines call it.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Sends a command of which the answer may take so much; the arguments of the answer, if it has any.
    ///
    /// # Errors
    /// If it is not answered in time, or refused.
    pub async fn ask(&self, command: &Json, measure: Measure) -> Result<Option<Json>, Failure> {
        let Measure { patience, size, values } = measure;
        let unanswered = |step, reason| Failure::Unanswered(Unanswered { step, reason });
        let text = format::text(command, Shape::Line);
        let Ok(answer) = timeout(patience, self.peer.send(text.into(), size)).await else {
            return Err(unanswered(Step::Wait, format!("no answer within {} s", patience.as_secs_f32())));
        };
        let answer = answer.map_err(|error| Failure::Unanswered(Unanswered::of(error)))?;
        let is_long = answer.len() >= LONG;
        let unreadable =
            |error: String| unanswered(Step::Read, format!("the answer cannot be read: {error}"));
        let parse = move || client::read(&answer, values);
        // A page of leases takes longer than other tasks of the runtime ought to wait.
        let body: Json = if is_long { behind(parse).await } else { parse() }.map_err(unreadable)?;
        match read_answer(&body) {
            Ok(arguments) => Ok(arguments.cloned()),
            Err(refusal) => Err(Failure::Refused(refusal)),
        }
    }
}

impl Failure {
    /// Whether nothing was heard in time.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Unanswered(Unanswered { step: Step::Wait, .. }))
    }
}

impl Unanswered {
    fn of(error: HttpError) -> Self {
        let step = match &error {
            HttpError::Connect(_) | HttpError::NoUrl(_) => Step::Connect,
            HttpError::Secure(_) => Step::Secure,
            HttpError::Status(status) if matches!(status.as_u16(), 401 | 403 | 407) => Step::LogIn,
            HttpError::Status(_) | HttpError::NotHttp(_) | HttpError::Broke(_) => Step::Exchange,
            HttpError::TooLong(_) | HttpError::Unreadable(_) => Step::Read,
        };
        let reason = match error {
            HttpError::Connect(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                "nobody listens there".to_owned()
            }
            error => error.to_string(),
        };
        // With TLS 1.3 a server that does not trust us says so only when it is asked something.
        let step = if reason.contains("received fatal alert") { Step::Secure } else { step };
        Self { step, reason }
    }

    /// What an operator does about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self.step {
            Step::Connect => {
                "see that the server runs, and that \"url\" is where it listens for its partners"
            }
            Step::Wait => {
                "see that the server runs and can be reached from here, and that it is not overloaded"
            }
            Step::LogIn => {
                "write in \"basic-auth-user\" and \"basic-auth-password\" of that peer whom its server lets in"
            }
            Step::Read => "see that a Kea server of the same protocol listens there, and no other service",
            Step::Exchange => {
                "see that a Kea server listens there and no other service, and that it has \"trust-anchor\", \"cert-file\" \
                 and \"key-file\" only if it has them here"
            }
            Step::Secure => self.certificate_advice(),
        }
    }

    fn certificate_advice(&self) -> &'static str {
        let says = |words: &[&str]| words.iter().any(|word| self.reason.contains(word));
        if says(&["InvalidContentType", "corrupt message"]) {
            "that server speaks no TLS: give it \"trust-anchor\", \"cert-file\" and \"key-file\", or set these to \"\" \
             for it here"
        } else if says(&["Expired", "expired"]) {
            "renew the certificate of that server, or set the clocks"
        } else if says(&["UnknownIssuer"]) {
            "name in \"trust-anchor\" the authority that has signed the certificate of that server"
        } else if says(&["NotValidYet"]) {
            "set the clocks: the certificate of that server is not valid yet"
        } else if says(&["fatal alert", "CertificateRequired", "UnknownCA"]) {
            "that server does not trust us: name in its \"trust-anchor\" the authority that has signed our \"cert-file\""
        } else {
            "compare \"trust-anchor\", \"cert-file\" and \"key-file\" of both servers"
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Secure => "handshake",
            Self::LogIn => "authentication",
            Self::Exchange => "exchange",
            Self::Wait => "wait",
            Self::Read => "answer",
        })
    }
}

impl fmt::Display for Unanswered {
    /// The step, what happened and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.step, self.reason, self.advice())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unanswered(unanswered) => unanswered.fmt(f),
            Self::Refused(refusal) => f.write_str(&refusal.reason),
        }
    }
}

impl From<Failure> for Refusal {
    /// Not to be answered counts as an error.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal,
            Failure::Unanswered(unanswered) => {
                Self { code: kotare_ha::result::ERROR, reason: unanswered.to_string() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use kotare_ha::{Mode, Role, Tls as Files};
    use rcgen::{CertificateParams, KeyPair};
    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers whatever comes with this, and closes the connection.
    async fn server(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut said = [0; 4096];
                let _ = stream.read(&mut said).await;
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        at
    }

    fn link(url: &str, change: impl FnOnce(&mut Relationship)) -> Result<PeerLink, String> {
        let mut relationship = Relationship::new("a", Mode::HotStandby);
        relationship.peers = vec![Peer::new("b", url, Role::Standby)];
        change(&mut relationship);
        PeerLink::new(&relationship, &relationship.peers[0], 2, "test/1")
    }

    async fn ask(at: SocketAddr) -> Result<Option<Json>, Failure> {
        let link = link(&format!("http://{at}/"), |_| {}).unwrap();
        link.ask(&json!({"command": "x"}), Measure { size: 100, values: 8, ..Measure::BRIEF }).await
    }

    async fn unanswered(at: SocketAddr) -> Unanswered {
        match ask(at).await {
            Err(Failure::Unanswered(unanswered)) => unanswered,
            other => panic!("{other:?}"),
        }
    }

    /// What is answered is read, a refusal too.
    #[tokio::test]
    async fn answers_are_read() {
        let done =
            server("HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n[{\"result\":0,\"arguments\":{\"a\": 1}}]")
                .await;
        assert_eq!(ask(done).await.unwrap(), Some(json!({"a": 1})));
        let refused = server("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n[{\"result\":4}]").await;
        let Err(Failure::Refused(refusal)) = ask(refused).await else { panic!("it is refused") };
        assert!(refusal.is_conflict());
    }

    /// Each way to fail is told apart, with what to do about it.
    #[tokio::test]
    async fn failures_are_told_apart() {
        let nobody = unanswered("127.0.0.1:1".parse().unwrap()).await;
        assert_eq!((nobody.step, &*nobody.reason), (Step::Connect, "nobody listens there"));
        let locked = unanswered(server("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").await).await;
        assert_eq!(locked.step, Step::LogIn);
        assert!(locked.to_string().contains("401") && locked.to_string().contains("basic-auth-password"));
        let other = unanswered(server("SSH-2.0-OpenSSH_9.2\r\n").await).await;
        assert_eq!(other.step, Step::Exchange, "{other}");
        let page = unanswered(server("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>").await).await;
        assert_eq!(page.step, Step::Read);
    }

    /// An answer with more than may be in it is not read.
    #[tokio::test]
    async fn answers_have_a_measure() {
        let long = unanswered(server("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n[").await).await;
        assert_eq!((long.step, &*long.reason), (Step::Read, "the answer is longer than 100 bytes"));
        let many =
            unanswered(server("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n[1,2,3,4,5,6,7,8,9]").await)
                .await;
        assert_eq!(many.step, Step::Read);
        assert!(many.reason.ends_with("the answer has more than 8 values"), "{many}");
    }

    /// Who does not answer in time is not waited for.
    #[tokio::test]
    async fn patience_ends() {
        let at = server("").await;
        let link = link(&format!("http://{at}/"), |_| {}).unwrap();
        let hasty = Measure { patience: Duration::from_millis(1), ..Measure::BRIEF };
        let asked = link.ask(&json!({"command": "x"}), hasty).await;
        let Err(Failure::Unanswered(late)) = asked else { panic!("{asked:?}") };
        assert_eq!(late.step, Step::Wait);
    }

    /// A server without TLS is told from one with a wrong certificate.
    #[tokio::test]
    async fn plain_servers_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::default().self_signed(&key).unwrap();
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Some(path.display().to_string())
        };
        let files = Files {
            trust_anchor: file("ca", certificate.pem()),
            cert_file: file("cert", certificate.pem()),
            key_file: file("key", key.serialize_pem()),
        };
        let at = server("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let link = link(&format!("http://{at}/"), |it| it.tls = files).unwrap();
        let Err(Failure::Unanswered(plain)) = link.ask(&json!({}), Measure::BRIEF).await else {
            panic!("no answer")
        };
        assert_eq!(plain.step, Step::Secure, "{plain}");
        assert!(plain.advice().starts_with("that server speaks no TLS"), "{plain}");
    }

    /// A file that is not there is told when the way is made.
    #[test]
    fn missing_files_are_told() {
        let missing = |it: &mut Relationship| {
            let name = || Some("/nowhere/at/all".to_owned());
            it.tls = Files { trust_anchor: name(), cert_file: name(), key_file: name() };
        };
        assert!(link("https://192.0.2.1/", missing).unwrap_err().contains("/nowhere/at/all"));
    }

    /// What TLS says leads to what an operator does.
    #[test]
    fn certificates_are_explained() {
        let advice = |reason: &str| Unanswered { step: Step::Secure, reason: reason.into() }.advice();
        assert!(advice("invalid peer certificate: Expired").starts_with("renew the certificate"));
        assert!(advice("invalid peer certificate: UnknownIssuer").contains("\"trust-anchor\" the authority"));
        assert!(advice("received fatal alert: UnknownCA").contains("does not trust us"));
        assert!(advice("something else").starts_with("compare"));
    }
}
