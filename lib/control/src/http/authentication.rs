//! Who may send commands: HTTP's basic authentication (RFC 7617).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::messages::*;

/// Users and their passwords, of which only a digest is kept.
#[derive(Debug)]
pub struct Authentication {
    challenge: HeaderValue,
    users: Vec<User>,
}

#[derive(Debug)]
struct User {
    name: String,
    /// Of the credential as it is sent. Digests are of one length, and tell nothing of how much of a guess is right.
    digest: [u8; 32],
}

/// Whether a client is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admitted<'a> {
    /// It is not.
    No,
    /// There is nobody to tell it from.
    Anybody,
    /// As this user.
    User(&'a str),
}

impl Authentication {
    /// Nobody yet. While there is no user, everybody may send commands.
    ///
    /// # Errors
    /// If `realm` cannot be sent in a header.
    pub fn new(realm: &str) -> Result<Self, String> {
        let challenge = HeaderValue::from_str(&format!("Basic realm=\"{realm}\""));
        let challenge = challenge.map_err(|_| format!("'{realm}' cannot be sent in a header"))?;
        Ok(Self { challenge, users: Vec::new() })
    }

    /// Lets `user` in who knows `password`.
    pub fn permit(&mut self, user: &str, password: &str) {
        let credential = STANDARD.encode(format!("{user}:{password}"));
        self.users.push(User { name: user.to_owned(), digest: digest(credential.as_bytes()) });
    }

    /// What to send in `WWW-Authenticate`.
    pub(super) fn challenge(&self) -> HeaderValue {
        self.challenge.clone()
    }

    /// Whether whoever sent these headers may send commands.
    pub(super) fn admits(&self, headers: &HeaderMap) -> Admitted<'_> {
        if self.users.is_empty() {
            return Admitted::Anybody;
        }
        let Some(value) = headers.get(AUTHORIZATION) else {
            HTTP_CLIENT_REQUEST_NO_AUTH_HEADER();
            return Admitted::No;
        };
        match credential(value.as_bytes()) {
            Err(reason) => {
                HTTP_CLIENT_REQUEST_BAD_AUTH_HEADER(reason);
                Admitted::No
            }
            Ok(credential) => match self.user(credential) {
                Some(user) => {
                    HTTP_CLIENT_REQUEST_AUTHORIZED(&user.name);
                    Admitted::User(&user.name)
                }
                None => {
                    HTTP_CLIENT_REQUEST_NOT_AUTHORIZED();
                    Admitted::No
                }
            },
        }
    }

    /// All users are compared, whichever it is.
    fn user(&self, credential: &[u8]) -> Option<&User> {
        let digest = digest(credential);
        let is_same = |user: &&User| bool::from(user.digest.ct_eq(&digest));
        self.users.iter().filter(is_same).fold(None, |_, user| Some(user))
    }
}

/// What follows the scheme.
fn credential(value: &[u8]) -> Result<&[u8], &'static str> {
    let value = value.trim_ascii();
    if value.len() < 8 {
        return Err("header content is too short");
    }
    match value.split_at(5) {
        (scheme, credential) if scheme.eq_ignore_ascii_case(b"basic") => Ok(credential.trim_ascii()),
        _ => Err("not basic authentication"),
    }
}

fn digest(credential: &[u8]) -> [u8; 32] {
    Sha256::digest(credential).into()
}
