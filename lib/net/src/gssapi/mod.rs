//! Kerberos as a client: security contexts of the GSS-API (RFC 2743) with MIT's library of the system, which is loaded when
//! somebody wants it and needs not be there otherwise.
//!
//! [`Gssapi::load`] → [`Gssapi::credentials`] → [`Gssapi::negotiation`] → [`Negotiation::step`] until it is complete →
//! [`Negotiation::context`]. The first three talk to a KDC and to files, and may take long: they are for threads that may
//! wait. What a [`SecurityContext`] does is only arithmetic.
//!
//! `unsafe` because the library takes addresses. What is passed is borrowed for the call; what it gives is wrapped at once
//! in what gives it back when dropped.
#![expect(unsafe_code, reason = "functions of a library in C")]

mod raw;

use std::ffi::{CStr, CString};
use std::fmt;
use std::ptr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use self::raw::{Buffer, Functions, Handle, KeyValue, KeyValues, Oid, OidSet, Word};

/// Debian's libgssapi-krb5-2, Fedora's krb5-libs.
const LIBRARY: &CStr = c"libgssapi_krb5.so.2";

/// SPNEGO (RFC 4178): 1.3.6.1.5.5.2.
const SPNEGO: &[u8] = &[0x2b, 6, 1, 5, 5, 2];
/// Kerberos (RFC 4121): 1.2.840.113554.1.2.2.
const KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];
/// A name that is a principal (RFC 1964, section 2.1.1): 1.2.840.113554.1.2.2.1.
const PRINCIPAL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1];

const INITIATE: i32 = 1;
const INDEFINITE: Word = Word::MAX;
const COMPLETE: Word = 0;
const CONTINUE_NEEDED: Word = 1;
/// The bits of a code that say that a call has failed.
const ERRORS: Word = 0xffff_0000;

const MUTUAL: Word = 2;
const REPLAY: Word = 4;
const SEQUENCE: Word = 8;
const INTEGRITY: Word = 32;

/// The library.
#[derive(Clone, Copy)]
pub struct Gssapi(Functions);

/// Who a client is, and where that is kept. What is not given is as the system's configuration of Kerberos has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// The principal: `DHCP/admin.example.org@EXAMPLE.ORG`.
    pub principal: Option<&'a str>,
    /// The keys of the client: `FILE:/etc/dhcp.keytab`.
    pub client_keytab: Option<&'a str>,
    /// Tickets that were got: `FILE:/etc/ccache`.
    pub credentials_cache: Option<&'a str>,
}

/// What proves who a client is.
pub struct Credentials {
    api: Functions,
    raw: Handle,
    lifetime: Option<Duration>,
}

/// What is asked of a context besides that both ends prove themselves and their messages.
#[derive(Clone, Copy, Debug)]
pub struct Services {
    /// A message that comes twice is refused.
    pub replay: bool,
    /// A message that comes out of turn is refused.
    pub sequence: bool,
    /// For how long it is to be good.
    pub lifetime: Duration,
}

/// A context that is being agreed on.
pub struct Negotiation {
    target: Name,
    credentials: Credentials,
    context: SecurityContext,
    services: Services,
    is_complete: bool,
}

/// What a step of a negotiation made.
#[derive(Debug)]
pub struct Step {
    /// What the other end is to be sent; empty for nothing.
    pub token: Vec<u8>,
    /// Whether nothing more is expected of the other end.
    pub is_complete: bool,
}

/// A context that two ends have agreed on: it signs messages and judges signatures.
pub struct SecurityContext {
    api: Functions,
    /// One thread at a time has it.
    raw: Mutex<Shared>,
}

/// What a function of the library failed of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GssapiError {
    attempted: &'static str,
    reason: String,
}

/// A handle that may go from thread to thread.
struct Shared(Handle);

// SAFETY: the library lets any thread use a handle, one at a time; that it is one at a time is a `Mutex`' or `&mut`'s duty.
unsafe impl Send for Shared {}
// SAFETY: as above; without `&mut` only its times are read, which were taken down.
unsafe impl Send for Credentials {}
// SAFETY: as above; names do not change.
unsafe impl Send for Name {}

struct Name {
    api: Functions,
    raw: Handle,
}

impl Gssapi {
    /// Loads the library, which stays loaded.
    ///
    /// # Errors
    /// When the system has none, with the package that has it.
    pub fn load() -> Result<Self, GssapiError> {
        Self::load_from(LIBRARY)
    }

    fn load_from(name: &CStr) -> Result<Self, GssapiError> {
        Functions::load(name).map(Self).map_err(|reason| GssapiError {
            attempted: "loading MIT's Kerberos library",
            reason: format!(
                "{reason}; install the package that has {} (libgssapi-krb5-2 in Debian and Ubuntu, krb5-libs in Fedora and \
                 Red Hat)",
                name.to_string_lossy()
            ),
        })
    }

    /// Looks for what proves who the client is; may ask a KDC.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn credentials(&self, identity: Identity<'_>) -> Result<Credentials, GssapiError> {
        let api = self.0;
        let principal = identity.principal.map(|text| Name::of(api, text)).transpose()?;
        let kept = [(c"client_keytab", identity.client_keytab), (c"ccache", identity.credentials_cache)];
        let kept = kept.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let kept: Vec<(&CStr, CString)> =
            kept.map(|(key, value)| Ok((key, text(value)?))).collect::<Result<_, GssapiError>>()?;
        let mut pairs: Vec<KeyValue> =
            kept.iter().map(|(key, value)| KeyValue { key: key.as_ptr(), value: value.as_ptr() }).collect();
        let store = KeyValues { count: pairs.len() as Word, elements: pairs.as_mut_ptr() };
        let mut mechanisms = [Oid::of(KERBEROS), Oid::of(SPNEGO)];
        let mechanisms = OidSet { count: mechanisms.len(), elements: mechanisms.as_mut_ptr() };
        let (mut minor, mut raw, mut lifetime) = (0, ptr::null_mut(), 0);
        // SAFETY: all addresses are of what lives until the end of this function; the library only reads what it is given.
        let major = unsafe {
            (api.gss_acquire_cred_from)(
                &raw mut minor,
                principal.as_ref().map_or(ptr::null_mut(), |name| name.raw),
                INDEFINITE,
                &raw const mechanisms,
                INITIATE,
                if pairs.is_empty() { ptr::null() } else { &raw const store },
                &raw mut raw,
                ptr::null_mut(),
                &raw mut lifetime,
            )
        };
        let credentials = Credentials { api, raw, lifetime: time(lifetime) };
        succeeded(api, "gss_acquire_cred", major, minor)?;
        Ok(credentials)
    }

    /// Begins to agree on a context with the service of this principal.
    ///
    /// # Errors
    /// When that is no name of a principal.
    pub fn negotiation(
        &self,
        credentials: Credentials,
        server: &str,
        services: Services,
    ) -> Result<Negotiation, GssapiError> {
        let api = self.0;
        let context = SecurityContext { api, raw: Mutex::new(Shared(ptr::null_mut())) };
        Ok(Negotiation { target: Name::of(api, server)?, credentials, context, services, is_complete: false })
    }
}

impl Credentials {
    /// For how long they prove anything; `None` if that does not end.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        self.lifetime
    }
}

impl Negotiation {
    /// Takes what the other end sent, nothing at first; may ask a KDC.
    ///
    /// # Errors
    /// When there can be no context, or only one that does not what is asked for.
    pub fn step(&mut self, token: &[u8]) -> Result<Step, GssapiError> {
        let Self { target, credentials, context, services, .. } = self;
        let api = context.api;
        let asked = MUTUAL
            | INTEGRITY
            | if services.replay { REPLAY } else { 0 }
            | if services.sequence { SEQUENCE } else { 0 };
        let lifetime = Word::try_from(services.lifetime.as_secs()).unwrap_or(INDEFINITE);
        let (mechanism, input, mut output) = (Oid::of(SPNEGO), Buffer::of(token), Output::new(api));
        let (mut minor, mut granted) = (0, 0);
        let raw = context.raw.get_mut().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: all addresses are of what lives until the end of this function; the context is this one's alone.
        let major = unsafe {
            (api.gss_init_sec_context)(
                &raw mut minor,
                credentials.raw,
                &raw mut raw.0,
                target.raw,
                &raw const mechanism,
                asked,
                lifetime,
                ptr::null_mut(),
                if token.is_empty() { ptr::null() } else { &raw const input },
                ptr::null_mut(),
                &raw mut output.raw,
                &raw mut granted,
                ptr::null_mut(),
            )
        };
        succeeded(api, "gss_init_sec_context", major, minor)?;
        self.is_complete = major & CONTINUE_NEEDED == 0;
        let lacks = [
            (REPLAY, "anti-replay"),
            (SEQUENCE, "sequence"),
            (MUTUAL, "mutual authentication"),
            (INTEGRITY, "integrity"),
        ];
        let lacks = lacks.into_iter().find(|(flag, _)| asked & flag != 0 && granted & flag == 0);
        if let (true, Some((_, service))) = (self.is_complete, lacks) {
            let reason = format!("the server did not grant {service}, which was requested");
            return Err(GssapiError { attempted: "gss_init_sec_context", reason });
        }
        Ok(Step { token: output.bytes().to_vec(), is_complete: self.is_complete })
    }

    /// The context, once both ends have agreed on it.
    #[must_use]
    pub fn context(self) -> Option<SecurityContext> {
        self.is_complete.then_some(self.context)
    }
}

impl SecurityContext {
    /// Signs a message.
    ///
    /// # Errors
    /// When the context is good no more.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, GssapiError> {
        let raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        let (message, mut output, mut minor) = (Buffer::of(message), Output::new(self.api), 0);
        // SAFETY: all addresses are of what lives until the end of this function; the context is locked.
        let major = unsafe {
            (self.api.gss_get_mic)(&raw mut minor, raw.0, 0, &raw const message, &raw mut output.raw)
        };
        succeeded(self.api, "gss_get_mic", major, minor)?;
        Ok(output.bytes().to_vec())
    }

    /// Whether `signature` is what the other end signed `message` with.
    ///
    /// # Errors
    /// When it is not, or came twice or out of turn where that was asked for.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), GssapiError> {
        let raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        let (message, signature, mut minor) = (Buffer::of(message), Buffer::of(signature), 0);
        // SAFETY: as above.
        let major = unsafe {
            (self.api.gss_verify_mic)(
                &raw mut minor,
                raw.0,
                &raw const message,
                &raw const signature,
                ptr::null_mut(),
            )
        };
        match major {
            COMPLETE => Ok(()),
            major => Err(failed(self.api, "gss_verify_mic", major, minor)),
        }
    }

    /// For how long it is good; `None` if that does not end.
    ///
    /// # Errors
    /// When it is good no more.
    pub fn lifetime(&self) -> Result<Option<Duration>, GssapiError> {
        let raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut minor, mut lifetime) = (0, 0);
        // SAFETY: as above.
        let major = unsafe { (self.api.gss_context_time)(&raw mut minor, raw.0, &raw mut lifetime) };
        succeeded(self.api, "gss_context_time", major, minor)?;
        Ok(time(lifetime))
    }
}

impl GssapiError {
    /// Whether the other end signed as this one does, which some servers do with what they refuse.
    #[must_use]
    pub fn is_wrong_direction(&self) -> bool {
        self.reason.contains("wrong direction")
    }
}

/// What the library gave, until it is given back.
struct Output {
    api: Functions,
    raw: Buffer,
}

impl Output {
    fn new(api: Functions) -> Self {
        Self { api, raw: Buffer::EMPTY }
    }

    fn bytes(&self) -> &[u8] {
        if self.raw.value.is_null() {
            return &[];
        }
        // SAFETY: the library says that there are so many bytes, which nobody changes until they are given back.
        unsafe { std::slice::from_raw_parts(self.raw.value.cast::<u8>(), self.raw.length) }
    }
}

impl Name {
    fn of(api: Functions, name: &str) -> Result<Self, GssapiError> {
        let (input, kind) = (Buffer::of(name.as_bytes()), Oid::of(PRINCIPAL));
        let mut name = Self { api, raw: ptr::null_mut() };
        let mut minor = 0;
        // SAFETY: all addresses are of what lives until the end of this function.
        let major = unsafe {
            (api.gss_import_name)(&raw mut minor, &raw const input, &raw const kind, &raw mut name.raw)
        };
        succeeded(api, "gss_import_name", major, minor)?;
        Ok(name)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: the library gave this buffer, and nobody has it any more.
        unsafe { (self.api.gss_release_buffer)(&raw mut minor, &raw mut self.raw) };
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: the library gave this name, or it is none, which is allowed.
        unsafe { (self.api.gss_release_name)(&raw mut minor, &raw mut self.raw) };
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: the library gave these credentials, or they are none, which is allowed.
        unsafe { (self.api.gss_release_cred)(&raw mut minor, &raw mut self.raw) };
    }
}

impl Drop for SecurityContext {
    fn drop(&mut self) {
        let raw = self.raw.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !raw.0.is_null() {
            let mut minor = 0;
            // SAFETY: the library gave this context, and nobody has it any more.
            unsafe { (self.api.gss_delete_sec_context)(&raw mut minor, &raw mut raw.0, ptr::null_mut()) };
        }
    }
}

fn text(value: &str) -> Result<CString, GssapiError> {
    CString::new(value).map_err(|_| GssapiError {
        attempted: "gss_acquire_cred",
        reason: format!("there is a zero in {value:?}"),
    })
}

fn time(seconds: Word) -> Option<Duration> {
    (seconds != INDEFINITE).then(|| Duration::from_secs(seconds.into()))
}

fn succeeded(api: Functions, attempted: &'static str, major: Word, minor: Word) -> Result<(), GssapiError> {
    if major & ERRORS == 0 { Ok(()) } else { Err(failed(api, attempted, major, minor)) }
}

/// In the words of the library, in Kea's form.
fn failed(api: Functions, attempted: &'static str, major: Word, minor: Word) -> GssapiError {
    let mut reason = format!("GSSAPI error: Major = '{}' ({major})", meaning(api, major, 1));
    if minor != 0 {
        reason += &format!(", Minor = '{}' ({minor})", meaning(api, minor, 2));
    }
    GssapiError { attempted, reason: reason + "." }
}

/// What a code means: one of the interface, of kind 1, or one of a mechanism, of kind 2.
fn meaning(api: Functions, code: Word, kind: i32) -> String {
    let mut meanings = Vec::new();
    let mut position = 0;
    // The library tells several things one after the other, never many.
    for _ in 0..8 {
        let (mut minor, mut output) = (0, Output::new(api));
        // SAFETY: all addresses are of what lives until the end of this turn.
        let major = unsafe {
            (api.gss_display_status)(
                &raw mut minor,
                code,
                kind,
                ptr::null(),
                &raw mut position,
                &raw mut output.raw,
            )
        };
        if major & ERRORS != 0 {
            break;
        }
        meanings.push(String::from_utf8_lossy(output.bytes()).into_owned());
        if position == 0 {
            break;
        }
    }
    meanings.join(", ")
}

impl fmt::Display for GssapiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed with {}", self.attempted, self.reason)
    }
}

impl std::error::Error for GssapiError {}

impl fmt::Debug for Gssapi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gssapi")
    }
}

impl fmt::Debug for SecurityContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityContext")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_missing_is_named_with_its_package() {
        let error = Gssapi::load_from(c"libgssapi_none.so.2").expect_err("there is none").to_string();
        assert!(error.contains("libgssapi_none.so.2") && error.contains("libgssapi-krb5-2"), "{error}");
        // A library without these functions is none either.
        let error = Gssapi::load_from(c"libc.so.6").expect_err("it knows nothing of Kerberos").to_string();
        assert!(error.contains("gss_import_name"), "{error}");
    }

    /// Where the library is, it says what is wrong in words.
    #[test]
    fn what_the_library_refuses_is_told() {
        let Ok(api) = Gssapi::load() else { return };
        let identity = Identity {
            principal: Some("DHCP/admin.example.org@EXAMPLE.ORG"),
            client_keytab: Some("FILE:/nonexistent/dhcp.keytab"),
            credentials_cache: Some("MEMORY:none"),
        };
        let error = api.credentials(identity).err().expect("there is no such file").to_string();
        assert!(error.starts_with("gss_acquire_cred failed with GSSAPI error: Major = '"), "{error}");
        assert!(error.contains("Minor = '"), "{error}");
        let identity = Identity { client_keytab: Some("a\0b"), ..Identity::default() };
        assert!(api.credentials(identity).is_err());
    }
}
