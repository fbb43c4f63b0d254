//! The HTTPS control socket: clients that it does not come together with, each of which is one line of the log that says
//! what to do.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use kotare_tests::world::{Host, sandboxed};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::json;

use crate::scene::{Scene, on};

/// What the log calls a handshake that failed.
const FAILED: &str = "HTTP_CONNECTION_HANDSHAKE_FAILED";

/// An authority in `folder/anchors`, with what it signs: for the server, for a client, and for one whose time is over; and
/// a client of another authority. Each has a file for its certificate and one for its key.
fn certificates(folder: &Path) {
    let issuer = |name: &str| {
        let key = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = authority.self_signed(&key).expect("a certificate");
        (certificate.pem(), Issuer::new(authority, key))
    };
    let ((authority, ours), (_, others)) = (issuer("ours"), issuer("others"));
    let anchors = folder.join("anchors");
    fs::create_dir_all(&anchors).expect("make a folder");
    fs::write(anchors.join("ca.pem"), authority).expect("write a certificate");
    fs::write(anchors.join("README"), "Authorities of clients.\n").expect("write a file");
    for (name, issuer, last) in [
        ("server", &ours, 2100),
        ("client", &ours, 2100),
        ("expired", &ours, 2020),
        ("stranger", &others, 2100),
    ] {
        let key = KeyPair::generate().expect("a key");
        let mut certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("parameters");
        certificate.not_before = date_time_ymd(2019, 1, 1);
        certificate.not_after = date_time_ymd(last, 1, 1);
        let certificate = certificate.signed_by(&key, issuer).expect("a certificate");
        fs::write(folder.join(format!("{name}.pem")), certificate.pem()).expect("write a certificate");
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).expect("write a key");
    }
}

/// `openssl s_client` on the server's host, as far as the handshake and what comes at once.
fn s_client(host: &Host, port: u16, options: &[&str]) {
    let mut command = host.command("openssl");
    command.args(["s_client", "-connect", &format!("127.0.0.1:{port}"), "-ign_eof"]).args(options);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl can be started");
    // With TLS 1.3 it believes to be done before the server has seen its certificate; the end comes from there.
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(b"GET / HTTP/1.0\r\n\r\n");
    }
    child.wait().expect("openssl ends");
}

fn plain(host: &Host, port: u16, bytes: &'static [u8]) -> TcpStream {
    on(host, move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("not zero");
        stream.write_all(bytes).expect("the server reads");
        stream
    })
}

/// Kea's manual, "TLS/HTTPS Support": whoever fails to shake hands is told of in one line, with what to do, and keeps
/// nobody else waiting.
#[test]
fn handshakes_that_fail() {
    sandboxed("https::handshakes_that_fail", |world| {
        let folder = world.path("certificates");
        fs::create_dir_all(&folder).expect("make a folder");
        certificates(&folder);
        let file = |name: &str| -> PathBuf { folder.join(name) };
        let mut scene = Scene::with(
            world,
            json!({"control-sockets": [
                {"socket-type": "unix", "socket-name": world.path("server/control")},
                {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8000},
                {"socket-type": "https", "socket-address": "127.0.0.1", "socket-port": 8443,
                    "trust-anchor": file("anchors"), "cert-file": file("server.pem"), "key-file": file("server.key")},
            ]}),
        );
        let text = |name: &str| file(name).display().to_string();
        let authority = text("anchors/ca.pem");
        let mut hanging = plain(&scene.host, 8443, b"");
        let mut halting = plain(&scene.host, 8443, b"\x16\x03\x01\x02\x00\x01");

        s_client(&scene.host, 8443, &["-CAfile", &authority]);
        scene.server.await_log(&[FAILED, "set \"cert-required\" to false"]);
        s_client(&scene.host, 8443, &["-cert", &text("expired.pem"), "-key", &text("expired.key")]);
        scene.server.await_log(&[FAILED, "renew the client's certificate"]);
        s_client(&scene.host, 8443, &["-cert", &text("stranger.pem"), "-key", &text("stranger.key")]);
        scene.server.await_log(&[FAILED, "add its authority there"]);
        s_client(&scene.host, 8443, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
        scene.server.await_log(&[FAILED, "must speak TLS 1.2 or 1.3"]);
        s_client(&scene.host, 8443, &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"]);
        scene.server.await_log(&[FAILED, "let the client use ECDHE"]);
        s_client(&scene.host, 8443, &["-verify_return_error", "-CAfile", &text("stranger.pem")]);
        scene.server.await_log(&[FAILED, "does not accept \"cert-file\""]);
        drop(plain(&scene.host, 8443, b"POST / HTTP/1.1\r\nHost: a\r\n\r\n"));
        scene.server.await_log(&[FAILED, "use https:// in the client"]);
        drop(plain(&scene.host, 8443, b"\x16\x03\x01"));
        scene.server.await_log(&[FAILED, "the client hung up"]);
        s_client(&scene.host, 8000, &[]);
        scene.server.await_log(&["HTTP_BAD_CLIENT_REQUEST_RECEIVED ", "use http:// in the client"]);

        // Who has what is asked for is served all the while.
        let mut curl = scene.host.command("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--max-time",
            "90",
            "--json",
            "{\"command\": \"version-get\"}",
        ]);
        curl.args(["--cacert", &authority, "--cert", &text("client.pem"), "--key", &text("client.key")]);
        let output = curl.arg("https://127.0.0.1:8443/").output().expect("curl is installed");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success() && said.contains("\"result\": 0"), "{said}");

        for stream in [&mut hanging, &mut halting] {
            let _ = stream.read_to_end(&mut Vec::new());
        }
        scene.server.await_log(&[FAILED, "said too little in time"]);
        scene.assert_serves();
    });
}
