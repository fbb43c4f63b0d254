//! HTTPS: whom to trust, and what to show to servers that want to know who asks.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How to secure a connection.
pub struct Tls(TlsConnector);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Trusts the authorities in the file `anchor`, or in the files of that directory, and shows the certificate of the
    /// first file in `own`, whose key is in the second.
    ///
    /// # Errors
    /// Which file cannot be used, and why.
    pub fn read(anchor: &Path, own: Option<(&Path, &Path)>) -> Result<Self, String> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot prepare TLS: {error}"))?
            .with_root_certificates(authorities(anchor)?);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let private = PrivateKeyDer::from_pem_file(key).map_err(|error| {
                    format!("cannot use the key {}: {error}; encrypted keys are not supported", key.display())
                })?;
                builder.with_client_auth_cert(certificates(certificate)?, private).map_err(|error| {
                    format!("cannot use {} with {}: {error}", certificate.display(), key.display())
                })?
            }
        };
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Secures `stream`, if `host` proves to be who it is.
    ///
    /// # Errors
    /// If it does not.
    pub(super) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| format!("{host}: {error}"))?;
        self.0.connect(name, stream).await.map_err(|error| format!("no secure connection: {error}"))
    }
}

/// The authorities in a file, or in the files of a directory.
fn authorities(path: &Path) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    if path.is_dir() {
        let wrong = |error| format!("cannot list {}: {error}", path.display());
        for entry in fs::read_dir(path).map_err(wrong)? {
            let file = entry.map_err(wrong)?.path();
            // Other files are usual there, keys and lists of what was revoked.
            if file.is_file() {
                store.add_parsable_certificates(certificates(&file).unwrap_or_default());
            }
        }
    } else {
        store.add_parsable_certificates(certificates(path)?);
    }
    match store.is_empty() {
        true => Err(format!("{} has no certificate of an authority", path.display())),
        false => Ok(store),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| format!("cannot read certificates from {}: {error}", path.display()))
}
