//! Over HTTPS, with clients that are told apart by their certificates.

use std::fs::write;
use std::net::TcpListener;
use std::path::Path;

use kotare_control::client::{HttpError, HttpPeer, Tls};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

use crate::{Scene, candidate, daemons};

/// Writes an authority, and what it signs: for the agent at `localhost` and for clients of these names.
fn certificates(folder: &Path, clients: &[&str]) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    write(folder.join("ca.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    for name in ["localhost"].iter().chain(clients) {
        let key = KeyPair::generate().unwrap();
        let mut certificate = CertificateParams::new(vec![(*name).to_owned()]).unwrap();
        certificate.distinguished_name.push(DnType::CommonName, *name);
        write(folder.join(format!("{name}.pem")), certificate.signed_by(&key, &issuer).unwrap().pem())
            .unwrap();
        write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

/// A port that nobody listens at.
fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An agent's map that asks clients for certificates.
fn secured(scene: &Scene, port: u16) -> Value {
    json!({
        "http-port": port,
        "trust-anchor": scene.path("ca.pem"),
        "cert-file": scene.path("localhost.pem"),
        "key-file": scene.path("localhost.key"),
        "control-sockets": {"dhcp4": scene.unix("dhcp4")},
    })
}

/// The agent at `port`, asked with the certificate of `name` if there is one.
fn peer(scene: &Scene, port: u16, name: Option<&str>) -> HttpPeer {
    let files = name.map(|name| ["pem", "key"].map(|end| scene.path(&format!("{name}.{end}"))));
    let own = files.as_ref().map(|[certificate, key]| (&**certificate, &**key));
    let tls = Tls::read(&scene.path("ca.pem"), own).unwrap();
    HttpPeer::new("localhost", port, Some(tls), "test").unwrap()
}

/// Kea's manual, "Secure Connections (TLS)": who shows no certificate of the authority is not listened to.
#[tokio::test]
async fn clients_prove_who_they_are() {
    let scene = Scene::new();
    certificates(scene.folder.path(), &["operator"]);
    let port = free();
    let agent = scene.start(secured(&scene, port)).await.unwrap();
    let ask = async |name| peer(&scene, port, name).send(r#"{"command": "version-get"}"#.into()).await;
    let answer = ask(Some("operator")).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&answer).unwrap()[0]["result"], 0);
    assert!(ask(None).await.is_err());
    // Certificates of another authority.
    let stranger = Scene::new();
    certificates(stranger.folder.path(), &["operator"]);
    std::fs::copy(scene.path("ca.pem"), stranger.path("ca.pem")).unwrap();
    assert!(peer(&stranger, port, Some("operator")).send("{}".into()).await.is_err());
    agent.stop().await;
}

/// Kea's manual, "libdhcp_rbac.so": commands for daemons are judged by the role of whoever sends them, as the agent's own
/// are, and a filtered list of commands shows only what would be accepted.
#[tokio::test]
async fn roles_hold_for_what_is_passed_on() {
    let scene = Scene::new();
    certificates(scene.folder.path(), &["admin", "watcher", "nobody"]);
    let list = r#"{ "arguments": [ "lease4-add", "lease4-get", "list-commands", "made-up" ], "result": 0 }"#;
    let heard = daemons::answering(&scene.path("dhcp4"), list);
    let port = free();
    let mut map = secured(&scene, port);
    map["hooks-libraries"] = json!([{"library": "/usr/lib/libdhcp_rbac.so", "parameters": {
        "assign-role-method": "cert-subject",
        "roles": [
            {"name": "admin", "accept-commands": "ALL"},
            {"name": "watcher", "accept-commands": "READ", "response-filters": ["list-commands"]},
        ],
    }}]);
    let agent = scene.start(map).await.unwrap();
    let ask = async |name, command: &str, service: &[&str]| {
        let command = json!({"command": command, "service": service}).to_string();
        match peer(&scene, port, Some(name)).send(command.into()).await {
            Ok(answer) => Ok(serde_json::from_slice::<Value>(&answer).unwrap()),
            Err(HttpError::Status(status)) => Err(status.as_u16()),
            Err(error) => panic!("{error}"),
        }
    };
    let names = |answer: Value| answer[0]["arguments"].clone();
    let dhcp4 = &["dhcp4"][..];
    let all = ask("admin", "list-commands", dhcp4).await.map(names);
    assert_eq!(all, Ok(json!(["lease4-add", "lease4-get", "list-commands", "made-up"])));
    let some = ask("watcher", "list-commands", dhcp4).await.map(names);
    assert_eq!(some, Ok(json!(["lease4-get", "list-commands"])));
    assert_eq!(heard.try_iter().count(), 2);

    assert!(ask("admin", "lease4-add", dhcp4).await.is_ok());
    assert!(ask("watcher", "lease4-get", dhcp4).await.is_ok());
    assert_eq!(heard.try_iter().count(), 2);
    for (name, command) in [("watcher", "lease4-add"), ("watcher", "made-up"), ("nobody", "lease4-get")] {
        assert_eq!(ask(name, command, dhcp4).await, Err(403), "{name} {command}");
    }
    assert_eq!(heard.try_iter().count(), 0, "a daemon hears of a command that was refused");
    assert!(ask("watcher", "config-get", &[]).await.is_ok());
    assert_eq!(ask("watcher", "config-set", &[]).await, Err(403));

    // Without the library, who has a certificate may do everything.
    agent.reconfigure(candidate(secured(&scene, port)).unwrap()).await.unwrap();
    assert!(ask("nobody", "lease4-add", dhcp4).await.is_ok());
    agent.stop().await;
}

/// What is wrong with a library is told with its place, and that one is not for the agent.
#[tokio::test]
async fn libraries_are_judged() {
    let scene = Scene::new();
    let refused = async |library: Value| {
        let map = json!({"http-port": 0, "hooks-libraries": [library]});
        scene.start(map).await.err().map(|refused| refused.to_string()).unwrap_or_default()
    };
    let role = json!({"assign-role-method": "cert-subject", "roles": [{"name": ""}]});
    let text = refused(json!({"library": "libdhcp_rbac.so", "parameters": role})).await;
    assert!(text.contains("a role has a name"), "{text}");
    let text = refused(json!({"library": "libdhcp_rbac.so"})).await;
    assert!(text.contains("assign-role-method"), "{text}");
    let text = refused(json!({"library": "libdhcp_lease_cmds.so"})).await;
    assert!(text.contains("lease_cmds is not for the control agent"), "{text}");
    assert_eq!(refused(json!({"library": "libca_of_others.so"})).await, "");
}
