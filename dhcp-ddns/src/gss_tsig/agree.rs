//! Agreeing on a key: steps of the GSS-API, and the TKEY messages that carry them to the server and back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kotare_control::aside;
use kotare_ddns::gss_tsig::{Exchange, Outcome, Refusal, Reply};
use kotare_ddns::{Key, Name};
use kotare_net::gssapi::{self, Gssapi, GssapiError, Identity, Negotiation, Services};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::messages::*;
use super::parameters::Settings;
use super::server::Server;
use crate::daemon::Daemon;
use crate::talk;

/// How often a server may ask for another step. Kerberos needs one.
const ROUNDS: usize = 8;

/// The longest answer that comes as a datagram.
const DATAGRAM: usize = 65_535;

/// Agrees on a key of this name, which is good from now on; it, and when it ends.
pub(super) async fn agree(
    daemon: &Daemon,
    api: Gssapi,
    server: &Server,
    name: Name,
    now: Duration,
) -> Result<(Key, Duration), Outcome> {
    let settings = &server.settings;
    let end = now + settings.timing.lifetime;
    let exchange = Exchange::new(name.clone(), now.as_secs(), end.as_secs()).ok_or(Outcome::Other)?;
    let begun = {
        let settings = settings.clone();
        aside(move || begin(api, &settings)).await
    };
    let mut negotiation = begun?;
    let (mut token, mut last) = (Vec::new(), None);
    for round in 0..ROUNDS {
        // It may ask a KDC, which may be away.
        let (advanced, step) = aside(move || {
            let step = negotiation.step(&token);
            (negotiation, step)
        })
        .await;
        negotiation = advanced;
        let step = step.map_err(|error| {
            match round {
                0 => TKEY_EXCHANGE_FAIL_TO_INIT(error),
                _ => KEY_PROCESSING_FAILED(&settings.id, error),
            }
            Outcome::Other
        })?;
        token = Vec::new();
        if !step.token.is_empty() {
            TKEY_EXCHANGE_OUT_TOKEN_NOT_EMPTY();
            let reply = ask(daemon, settings, &exchange, &step.token).await?;
            token.clone_from(&reply.token);
            last = Some(reply);
        } else if !step.is_complete {
            TKEY_EXCHANGE_FAIL_EMPTY_OUT_TOKEN();
            return Err(Outcome::Other);
        }
        if step.is_complete {
            break;
        }
        if token.is_empty() {
            TKEY_EXCHANGE_FAIL_EMPTY_IN_TOKEN();
            return Err(Outcome::InvalidResponse);
        }
    }
    let (Some(context), Some(reply)) = (negotiation.context(), last) else {
        KEY_PROCESSING_FAILED(&settings.id, format_args!("there is no end after {ROUNDS} rounds"));
        return Err(Outcome::Other);
    };
    let context = Context { inner: context, ignores_direction: settings.ignores_direction };
    let key = Key::agreed(name, Arc::new(context)).map_err(|_| Outcome::Other)?;
    if !reply.is_signed() {
        TKEY_EXCHANGE_FAIL_NOT_SIGNED();
        return Err(Outcome::UnsignedResponse);
    }
    reply.prove(&key, daemon.clock().since_epoch().as_secs()).map_err(|_| {
        TKEY_EXCHANGE_FAILED_TO_VERIFY();
        Outcome::InvalidResponse
    })?;
    TKEY_EXCHANGE_VERIFIED();
    let (inception, expire) = reply.validity;
    let validity = expire.wrapping_sub(inception);
    TKEY_EXCHANGE_VALID(validity);
    Ok((key, now + Duration::from_secs(validity.into())))
}

/// Looks for credentials and begins; on a thread that may wait.
fn begin(api: Gssapi, settings: &Settings) -> Result<Negotiation, Outcome> {
    let bad = |error: GssapiError| {
        BAD_CLIENT_CREDENTIALS(error);
        Outcome::BadCredentials
    };
    // Without a place for tickets they are got with the keys in memory, a place for each client.
    let client = settings.client_principal.as_deref();
    let memory = format!("MEMORY:kotare-{}", client.unwrap_or_default());
    let cache = match (settings.credentials_cache.as_deref(), &settings.client_keytab) {
        (None, Some(_)) => Some(&*memory),
        (cache, _) => cache,
    };
    let client_keytab = settings.client_keytab.as_deref();
    let identity = Identity { principal: client, client_keytab, credentials_cache: cache };
    let credentials = api.credentials(identity).map_err(bad)?;
    let lifetime = settings.timing.lifetime;
    if let Some(left) = credentials.lifetime().filter(|left| *left < lifetime) {
        let (left, wanted) = (left.as_secs(), lifetime.as_secs());
        BAD_CLIENT_CREDENTIALS(format_args!("too short credential lifetime: {left} < {wanted}"));
        return Err(Outcome::BadCredentials);
    }
    let services = Services { replay: settings.replay, sequence: settings.sequence, lifetime };
    api.negotiation(credentials, &settings.server_principal, services).map_err(|error| {
        TKEY_EXCHANGE_FAIL_TO_INIT(error);
        Outcome::Other
    })
}

/// Brings a token to the server; what it answers.
async fn ask(
    daemon: &Daemon,
    settings: &Settings,
    exchange: &Exchange,
    token: &[u8],
) -> Result<Reply, Outcome> {
    let number = daemon.chance().map_err(|error| {
        KEY_PROCESSING_FAILED(&settings.id, error);
        Outcome::Other
    })? as u16;
    let Some(request) = exchange.request(number, token) else {
        KEY_PROCESSING_FAILED(&settings.id, "the token is too long for a message");
        return Err(Outcome::Other);
    };
    TKEY_EXCHANGE_SEND_MESSAGE(request.len());
    daemon.statistics().count_server("tkey-sent", &settings.id, daemon.clock().since_epoch());
    let asked = async {
        match settings.is_tcp {
            true => over_tcp(settings.at, exchange, number, &request).await,
            false => over_udp(settings.at, exchange, number, &request).await,
        }
    };
    let answered = tokio::select! {
        answered = asked => answered,
        () = daemon.clock().sleep(settings.patience) => {
            TKEY_EXCHANGE_FAIL_IO_TIMEOUT();
            return Err(Outcome::Timeout);
        }
    };
    let answered = answered.map_err(|error| {
        TKEY_EXCHANGE_FAIL_IO_ERROR(format_args!(
            "{} port {}: {error}",
            settings.at.ip(),
            settings.at.port()
        ));
        Outcome::Other
    })?;
    let reply = answered.map_err(|refusal| {
        tell(refusal);
        Outcome::InvalidResponse
    })?;
    if let Some(class) = &reply.odd_class {
        TKEY_EXCHANGE_ANSWER_CLASS(class);
    }
    if reply.ttl != 0 {
        TKEY_EXCHANGE_RESPONSE_TTL(reply.ttl);
    }
    Ok(reply)
}

async fn over_tcp(
    to: SocketAddr,
    exchange: &Exchange,
    number: u16,
    request: &[u8],
) -> io::Result<Result<Reply, Refusal>> {
    let mut stream = TcpStream::connect(to).await?;
    let length = u16::try_from(request.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_be_bytes(), request].concat()).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; length.into()];
    stream.read_exact(&mut answer).await?;
    TKEY_EXCHANGE_RECEIVE_MESSAGE(answer.len());
    let unasked = Refusal::Malformed("it is no answer to what was asked");
    Ok(exchange.read(number, &answer).unwrap_or(Err(unasked)))
}

async fn over_udp(
    to: SocketAddr,
    exchange: &Exchange,
    number: u16,
    request: &[u8],
) -> io::Result<Result<Reply, Refusal>> {
    let socket = talk::connected(to).await?;
    socket.send(request).await?;
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let length = socket.recv(&mut buffer).await?;
        TKEY_EXCHANGE_RECEIVE_MESSAGE(length);
        // What answers something else may be anybody's; the answer may still come.
        if let Some(reply) = exchange.read(number, &buffer[..length]) {
            return Ok(reply);
        }
    }
}

fn tell(refusal: Refusal) {
    match refusal {
        Refusal::Opcode(code) => TKEY_EXCHANGE_FAIL_WRONG_RESPONSE_OPCODE(code),
        Refusal::NoAnswer => TKEY_EXCHANGE_FAIL_NO_RESPONSE_ANSWER(),
        Refusal::Answers(count) => TKEY_EXCHANGE_FAIL_WRONG_RESPONSE_ANSWER_COUNT(count),
        Refusal::Type(kind) => TKEY_EXCHANGE_FAIL_WRONG_RESPONSE_ANSWER_TYPE(kind),
        Refusal::NoData => {
            TKEY_EXCHANGE_RDATA_COUNT(0);
            TKEY_EXCHANGE_FAIL_NO_RDATA();
        }
        Refusal::Tkey(_) => TKEY_EXCHANGE_FAIL_TKEY_ERROR(refusal),
        Refusal::Malformed(_) | Refusal::Rcode(_) => TKEY_EXCHANGE_FAIL_RESPONSE_ERROR(refusal),
    }
}

/// A context, which tells what it thinks of signatures.
#[derive(Debug)]
struct Context {
    inner: gssapi::SecurityContext,
    ignores_direction: bool,
}

impl kotare_ddns::SecurityContext for Context {
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.inner.sign(message).inspect_err(|error| KOTARE_GSS_TSIG_SIGN_FAILED(error)).ok()
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.inner.verify(message, signature) {
            Ok(()) => GSS_TSIG_VERIFIED(),
            Err(error) if self.ignores_direction && error.is_wrong_direction() => {
                GSS_TSIG_IGNORED_BAD_DIRECTION();
            }
            Err(error) => {
                GSS_TSIG_VERIFY_FAILED(error);
                return false;
            }
        }
        true
    }

    fn lifetime(&self) -> Option<Duration> {
        self.inner.lifetime().ok().flatten()
    }
}
