//! HTTPS: whom to trust, and what to show to servers that want to know who asks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kotare_command_line::shell::Args;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How to secure a connection.
pub(crate) struct Tls(TlsConnector);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// What `--ca`, `--cert` and `--key` say; `None` for HTTP.
    ///
    /// # Errors
    /// Files that cannot be used, and options that do not go together.
    pub(crate) fn new(args: &Args) -> Result<Option<Self>, String> {
        let named = |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
        let own = match (named(&args.cert), named(&args.key)) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            _ => return Err("--cert and --key must be used together".to_owned()),
        };
        let Some(ca) = named(&args.ca) else {
            return match own {
                None => Ok(None),
                Some(_) => Err("--cert and --key with HTTPS disabled (no --ca)".to_owned()),
            };
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot prepare TLS: {error}"))?
            .with_root_certificates(authorities(&ca)?);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let private = PrivateKeyDer::from_pem_file(&key).map_err(|error| {
                    format!("cannot use the key {}: {error}; encrypted keys are not supported", key.display())
                })?;
                builder.with_client_auth_cert(certificates(&certificate)?, private).map_err(|error| {
                    format!("cannot use {} with {}: {error}", certificate.display(), key.display())
                })?
            }
        };
        Ok(Some(Self(TlsConnector::from(Arc::new(config)))))
    }

    /// Secures `stream`, if `host` proves to be who it is.
    ///
    /// # Errors
    /// If it does not.
    pub(crate) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| format!("{host}: {error}"))?;
        let secured = self.0.connect(name, stream).await;
        secured.map_err(|error| {
            format!("no secure connection: {error}; --ca must be that of the server's certificate")
        })
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
        true => Err(format!("{} has no certificate of an authority (--ca)", path.display())),
        false => Ok(store),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| format!("cannot read certificates from {}: {error}", path.display()))
}
