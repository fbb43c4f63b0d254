//! TLS of a listener: what it shows, whom it trusts, and what to do when a client and it do not come together.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, RootCertStore, ServerConfig};

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
        Some(Error::NoCertificatesPresented) => {
            "give the client a certificate that \"trust-anchor\" signed, or set \"cert-required\" to false"
        }
        Some(Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "renew the client's certificate, or set the clock right",
        Some(Error::InvalidCertificate(_)) => "use a client certificate that \"trust-anchor\" signed",
        Some(Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired,
        )) => "the client does not accept \"cert-file\": let it trust who signed that",
        Some(Error::InvalidMessage(_)) => "this socket speaks HTTPS alone: use https:// in the client",
        Some(Error::PeerIncompatible(_)) => "the client must speak TLS 1.2 or 1.3",
        Some(_) => "see what the client says",
        None if error.kind() == io::ErrorKind::TimedOut => "the client said too little in time",
        None => "the client hung up: see what it says",
    };
    format!("{error} ({advice})")
}

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
        for certificate in certificates("trust-anchor", &file)? {
            store.add(certificate).map_err(|error| format!("trust-anchor '{}': {error}", file.display()))?;
        }
    }
    match store.is_empty() {
        true => Err(format!("trust-anchor '{}' has no certificate in PEM", path.display())),
        false => Ok(store),
    }
}

fn certificates(keyword: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = contents(keyword, path)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(format!("{keyword} '{}' has no certificate in PEM", path.display())),
        Err(error) => Err(format!("{keyword} '{}': {error}", path.display())),
    }
}

fn contents(keyword: &str, path: &Path) -> Result<Vec<u8>, String> {
    // A device or a pipe could have no end.
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {
            fs::read(path).map_err(|error| unreadable(keyword, path, &error))
        }
        Ok(_) => Err(format!("{keyword} '{}' is no regular file", path.display())),
        Err(error) => Err(unreadable(keyword, path, &error)),
    }
}

fn unreadable(keyword: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot read {keyword} '{}': {error}", path.display())
}
