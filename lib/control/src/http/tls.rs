//! TLS of a listener: what it shows, whom it trusts, and what to do when a client and it do not come together.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, Error, PeerIncompatible, RootCertStore, ServerConfig,
};

/// How long a file may be: the authorities of all the world take a quarter of a megabyte.
const LONGEST: u64 = 4 << 20;

/// What a listener shows to clients, and what it wants to see of them.
#[derive(Clone, Debug)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads what TLS needs. `trust_anchor` is a file of certificates or a directory of such files; clients must have a
    /// certificate that one of them signed if it is `required`.
    ///
    /// # Errors
    /// Which file is wrong, and how.
    pub fn read(trust_anchor: &Path, certificate: &Path, key: &Path, required: bool) -> Result<Self, String> {
        let anchors = anchors(trust_anchor)?;
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = if required {
            let verifier = WebPkiClientVerifier::builder_with_provider(anchors.into(), provider).build();
            let verifier =
                verifier.map_err(|error| format!("trust-anchor '{}': {error}", trust_anchor.display()))?;
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let chain = certificates("cert-file", certificate)?;
        let secret = PrivateKeyDer::from_pem_slice(&contents("key-file", key)?)
            .map_err(|error| format!("key-file '{}' has no private key in PEM: {error}", key.display()))?;
        let config = builder.with_single_cert(chain, secret);
        let config = config.map_err(|error| {
            format!("cert-file '{}' and key-file '{}': {error}", certificate.display(), key.display())
        })?;
        Ok(Self(Arc::new(config)))
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.0.clone())
    }
}

/// What went wrong between a client and the listener, with what to do about it.
pub(super) fn explained(error: &io::Error) -> String {
    let advice = match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => advice(error),
        None if error.kind() == io::ErrorKind::TimedOut => "the client said too little in time",
        None => "the client hung up: see what it says",
    };
    format!("{error} ({advice})")
}

fn advice(error: &Error) -> &'static str {
    match error {
        Error::NoCertificatesPresented => {
            "give the client a certificate that \"trust-anchor\" signed, or set \"cert-required\" to false"
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "renew the client's certificate, or set the clock right"
        }
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "set the clock right: the client's certificate is for later",
        Error::InvalidCertificate(
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
        ) => "use a client certificate that is for clients (extended key usage clientAuth)",
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "use a client certificate that \"trust-anchor\" signed, or add its authority there"
        }
        Error::InvalidCertificate(_) => "use a client certificate that \"trust-anchor\" signed",
        Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired,
        ) => "the client does not accept \"cert-file\": let it trust who signed that",
        Error::InvalidMessage(_) => "this socket speaks HTTPS alone: use https:// in the client",
        Error::PeerIncompatible(
            PeerIncompatible::NoCipherSuitesInCommon
            | PeerIncompatible::NoKxGroupsInCommon
            | PeerIncompatible::NoSignatureSchemesInCommon,
        ) => "let the client use ECDHE with AES-GCM or ChaCha20-Poly1305, and SHA-2",
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "the client must speak TLS 1.2 or 1.3"
        }
        _ => "see what the client says",
    }
}

/// The authorities in a file, or in the files of a directory; what else is there means nothing.
fn anchors(path: &Path) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    let files = if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| unreadable("trust-anchor", path, &error))?;
        let files = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|file| file.is_file());
        files.collect()
    } else {
        vec![path.to_owned()]
    };
    for file in files {
        for certificate in found("trust-anchor", &file)? {
            store.add(certificate).map_err(|error| format!("trust-anchor '{}': {error}", file.display()))?;
        }
    }
    match store.is_empty() {
        true => Err(format!("trust-anchor '{}' has no certificate in PEM", path.display())),
        false => Ok(store),
    }
}

fn certificates(keyword: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = found(keyword, path)?;
    match certificates.is_empty() {
        true => Err(format!("{keyword} '{}' has no certificate in PEM", path.display())),
        false => Ok(certificates),
    }
}

fn found(keyword: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = contents(keyword, path)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    certificates.map_err(|error| format!("{keyword} '{}': {error}", path.display()))
}

fn contents(keyword: &str, path: &Path) -> Result<Vec<u8>, String> {
    // A device or a pipe could have no end.
    let read = fs::metadata(path).and_then(|metadata| {
        let mut text = Vec::new();
        if metadata.is_file() {
            File::open(path)?.take(LONGEST + 1).read_to_end(&mut text)?;
        }
        Ok((metadata.is_file(), text))
    });
    match read {
        Err(error) => Err(unreadable(keyword, path, &error)),
        Ok((false, _)) => Err(format!("{keyword} '{}' is no regular file", path.display())),
        Ok((true, text)) if text.len() as u64 > LONGEST => {
            Err(format!("{keyword} '{}' is longer than {LONGEST} bytes", path.display()))
        }
        Ok((true, text)) => Ok(text),
    }
}

fn unreadable(keyword: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot read {keyword} '{}': {error}", path.display())
}
