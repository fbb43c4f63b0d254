//! Over HTTPS.

use std::fs::write;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::peer::{Received, serve, success};
use crate::{said, shell};

/// Writes an authority, and what it signs for `localhost` and for a client.
fn certificates(folder: &Path) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    write(folder.join("ca.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    for (name, subject) in [("server", "localhost"), ("client", "operator")] {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![subject.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

/// A server that wants certificates of its clients; its port.
fn server(folder: &Path) -> (String, JoinHandle<std::io::Result<Received>>) {
    let file = |name: &str| folder.join(name);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone()).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from_pem_file(file("server.pem")).unwrap()],
            PrivateKeyDer::from_pem_file(file("server.key")).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept()?;
        let connection = ServerConnection::new(Arc::new(config)).map_err(std::io::Error::other)?;
        serve(StreamOwned::new(connection, stream), success("[]").as_bytes())
    });
    (port, thread)
}

/// Kea's manual, "TLS Support": `--ca` is a file or a directory, `--cert` and `--key` prove who asks.
#[test]
fn both_sides_prove_who_they_are() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    for ca in [path("ca.pem"), path("")] {
        let (port, received) = server(folder.path());
        let own = ["--cert", &path("client.pem"), "--key", &path("client.key"), "foo"];
        let output = shell(&[&["--host", "localhost", "--port", &port, "--ca", &ca], &own[..]].concat(), "");
        assert_eq!(said(&output), ("[]\n".to_owned(), String::new(), 0));
        assert_eq!(received.join().unwrap().unwrap().body, r#"{ "command": "foo" }"#);
    }
    // Without a certificate of its own, the server does not listen to it.
    let (port, received) = server(folder.path());
    let (_, _, code) = said(&shell(&["--host", "localhost", "--port", &port, "--ca", &path("ca.pem")], ""));
    assert_eq!(code, 1);
    assert!(received.join().unwrap().is_err());
}

/// Nothing is sent to a server that another authority vouches for, or that has another name.
#[test]
fn strangers_are_told_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    certificates(folder.path());
    certificates(other.path());
    for (ca, host) in [(other.path(), "localhost"), (folder.path(), "127.0.0.1")] {
        let (port, received) = server(folder.path());
        let ca = ca.join("ca.pem").display().to_string();
        let (_, error, code) = said(&shell(&["--host", host, "--port", &port, "--ca", &ca], ""));
        assert!(code == 1 && error.contains("no secure connection"), "{error}");
        assert!(received.join().unwrap().is_err());
    }
}

/// Files that are no certificates are named before anybody is asked.
#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    write(&empty, "").unwrap();
    let empty = empty.display().to_string();
    for ca in [&*empty, "/nowhere", folder.path().to_str().unwrap()] {
        let (_, error, code) = said(&shell(&["--ca", ca], ""));
        assert!(code == 1 && error.contains(ca), "{error}");
    }
}
