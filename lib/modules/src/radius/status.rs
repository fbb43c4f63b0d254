//! `idle-timer-interval`: servers that said nothing for a while are asked whether they are there (RFC 5997).

use std::sync::Arc;
use std::time::Duration;

use kotare_radius::{Code, Shown, known};
use tokio::time::{Instant, timeout};

use super::client::{Client, Outcome};
use super::messages::*;

/// Whose servers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Access,
    Accounting,
    Tls,
}

/// The longest time between two questions: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks the servers of a service whenever none has answered for that long, once one has.
pub(super) async fn watch(of: Of, client: Arc<Client>, idle: Duration) {
    let idle = idle.min(LONGEST);
    client.heard.notified().await;
    loop {
        if timeout(idle, client.heard.notified()).await.is_err() {
            ask(of, &client).await;
        }
    }
}

async fn ask(of: Of, client: &Client) {
    let dictionary = &client.dictionary;
    let sent = "no attributes";
    match of {
        Of::Access => RADIUS_AUTHENTICATION_STATUS(sent),
        Of::Accounting => RADIUS_ACCOUNTING_STATUS(sent),
        Of::Tls => RADIUS_TLS_STATUS(sent),
    }
    let outcome = client.ask(Code::STATUS_SERVER, &[], Instant::now()).await;
    let (number, name) = outcome.told();
    let Outcome::Answered(answer) = outcome else {
        return match of {
            Of::Access => RADIUS_AUTHENTICATION_STATUS_FAILED(number, name),
            Of::Accounting => RADIUS_ACCOUNTING_STATUS_FAILED(number, name),
            Of::Tls => RADIUS_TLS_STATUS_FAILED(number, name),
        };
    };
    match of {
        Of::Access => RADIUS_AUTHENTICATION_STATUS_SUCCEED(),
        Of::Accounting => RADIUS_ACCOUNTING_STATUS_SUCCEED(),
        Of::Tls => RADIUS_TLS_STATUS_SUCCEED(),
    }
    let expected = if of == Of::Accounting { Code::ACCOUNTING_RESPONSE } else { Code::ACCESS_ACCEPT };
    let code = answer.code;
    if code != expected || answer.attributes.iter().any(|it| it.code == known::ERROR_CAUSE) {
        let said = Shown { attributes: &answer.attributes, dictionary };
        match of {
            Of::Access => RADIUS_AUTHENTICATION_STATUS_ERROR(code, code.0, said),
            Of::Accounting => RADIUS_ACCOUNTING_STATUS_ERROR(code, code.0, said),
            Of::Tls => RADIUS_TLS_STATUS_ERROR(code, code.0, said),
        }
    }
}
