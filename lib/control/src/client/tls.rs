//! HTTPS: whom to trust, and what to show to servers that want to know who asks.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WantsClientCert;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, TrustAnchor, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme, WantsVerifier,
};

/// How to secure a connection.
pub struct Tls {
    connector: TlsConnector,
    read: Arc<Read>,
}

/// What was read for it.
#[derive(PartialEq, Eq)]
struct Read {
    authorities: Vec<TrustAnchor<'static>>,
    any_name: bool,
    own: Option<Own>,
}

/// The certificates that are shown, and the key of the first.
type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A connection that was secured.
pub type Secured = TlsStream<TcpStream>;

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
        let authorities = authorities(anchor)?;
        let read = Read { authorities: authorities.roots.clone(), any_name: false, own: read_own(own)? };
        Self::of(read, own, |builder| builder.with_root_certificates(authorities))
    }

    /// Like [`Tls::read`], but believes whoever has a certificate of these authorities, whatever names are in it: for
    /// servers that know each other by their authority, as those of Kea do.
    ///
    /// # Errors
    /// Which file cannot be used, and why.
    pub fn read_for_any_name(anchor: &Path, own: Option<(&Path, &Path)>) -> Result<Self, String> {
        let authorities = authorities(anchor)?;
        let read = Read { authorities: authorities.roots.clone(), any_name: true, own: read_own(own)? };
        let verifier = WebPkiServerVerifier::builder_with_provider(
            Arc::new(authorities),
            Arc::new(ring::default_provider()),
        );
        let verifier = verifier.build().map_err(|error| format!("cannot prepare TLS: {error}"))?;
        let verifier = Arc::new(AnyName(verifier));
        Self::of(read, own, |builder| builder.dangerous().with_custom_certificate_verifier(verifier))
    }

    /// Whether another was made of the same certificates and the same key, wherever they are, and believes the same servers.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.read == other.read
    }

    fn of(
        read: Read,
        paths: Option<(&Path, &Path)>,
        trust: impl FnOnce(Builder<WantsVerifier>) -> Builder<WantsClientCert>,
    ) -> Result<Self, String> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot prepare TLS: {error}"))?;
        let builder = trust(builder);
        let config = match (&read.own, paths) {
            (Some((shown, key)), Some((certificate, private))) => {
                builder.with_client_auth_cert(shown.clone(), key.clone_key()).map_err(|error| {
                    format!("cannot use {} with {}: {error}", certificate.display(), private.display())
                })?
            }
            _ => builder.with_no_client_auth(),
        };
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), read: Arc::new(read) })
    }

    /// Secures `stream`, if `host` proves to be who it is.
    ///
    /// # Errors
    /// If it does not.
    pub async fn secure(&self, host: &str, stream: TcpStream) -> Result<Secured, String> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| format!("{host}: {error}"))?;
        self.connector.connect(name, stream).await.map_err(|error| format!("no secure connection: {error}"))
    }
}

type Builder<State> = ConfigBuilder<ClientConfig, State>;

fn read_own(paths: Option<(&Path, &Path)>) -> Result<Option<Own>, String> {
    let Some((certificate, key)) = paths else { return Ok(None) };
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| {
        format!("cannot use the key {}: {error}; encrypted keys are not supported", key.display())
    })?;
    Ok(Some((certificates(certificate)?, private)))
}

/// Checks all of a certificate but the names in it.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // Names are looked at when everything else was found right.
        match self.0.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
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

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;

    use super::*;

    /// Who shows a certificate of this issuer for these names, and to whom.
    async fn server(issuer: &Issuer<'_, KeyPair>, names: &[&str]) -> TcpStream {
        let key = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
            );
        let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read_u8().await;
            }
        });
        TcpStream::connect(at).await.unwrap()
    }

    fn authority() -> (Issuer<'static, KeyPair>, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        (Issuer::new(params, key), pem)
    }

    /// A certificate without the address is enough where names do not matter, one of another authority never.
    #[tokio::test]
    async fn names_matter_or_do_not() {
        let ((ours, pem), (others, _)) = (authority(), authority());
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), pem).unwrap();
        let strict = Tls::read(file.path(), None).unwrap();
        let lax = Tls::read_for_any_name(file.path(), None).unwrap();
        let host = "127.0.0.1";
        assert!(strict.secure(host, server(&ours, &["127.0.0.1"]).await).await.is_ok());
        assert!(strict.secure(host, server(&ours, &["kea.example"]).await).await.is_err());
        assert!(lax.secure(host, server(&ours, &["kea.example"]).await).await.is_ok());
        let refused = lax.secure(host, server(&others, &["127.0.0.1"]).await).await.unwrap_err();
        assert!(refused.contains("UnknownIssuer") || refused.contains("BadSignature"), "{refused}");
    }
}
