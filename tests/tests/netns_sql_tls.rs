//! Databases behind TLS: MariaDB and PostgreSQL with certificates of authorities that the test makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_store_sql::{Access, Connection, Engine, SqlError, Statement, Tls, TlsMode};
use kotare_tests::database::{DatabaseServer, Kind, PASSWORD, USER};
use kotare_tests::world::{ClientProgram, Server, World, lan_configuration, program, sandboxed};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::json;

const NAME: &str = "kea";
/// Where MariaDB and PostgreSQL listen.
const PORTS: [&str; 2] = ["3306", "5432"];
/// Where the database is for the DHCP server. Certificates are for this address and for `localhost`.
const ADDRESS: &str = "198.51.100.1";

/// Certificates in files, and as text for the database, whose own they are.
struct Certificates {
    folder: PathBuf,
    authority: String,
    server: (String, String),
}

impl Certificates {
    /// Two authorities, `ours` and `others`, each with a client; a folder of anchors; a file with a client's certificate and
    /// its key; and files that have none.
    fn new(folder: PathBuf) -> Self {
        fs::create_dir_all(folder.join("anchors")).expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
        let authority = |name: &str| {
            let key = KeyPair::generate().expect("a key");
            let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
            authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            authority.distinguished_name.push(DnType::CommonName, name);
            let pem = authority.self_signed(&key).expect("a certificate").pem();
            write(&format!("{name}.pem"), &pem);
            (pem, Issuer::new(authority, key))
        };
        let signed = |names: &[&str], issuer: &Issuer<'_, KeyPair>| {
            let key = KeyPair::generate().expect("a key");
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let certificate = CertificateParams::new(names).expect("parameters").signed_by(&key, issuer);
            (certificate.expect("a certificate").pem(), key.serialize_pem())
        };
        let (ours, others) = (authority("ours"), authority("others"));
        for (name, (_, issuer)) in [("client", &ours), ("stranger", &others)] {
            let (certificate, key) = signed(&["kea"], issuer);
            write(&format!("{name}.crt"), &certificate);
            write(&format!("{name}.key"), &key);
            write(&format!("{name}.both"), &format!("{certificate}{key}"));
        }
        write("anchors/one.pem", &others.0);
        write("anchors/two.pem", &ours.0);
        write("anchors/README", "Authorities of databases.\n");
        write("empty", "");
        let server = signed(&["localhost", ADDRESS], &ours.1);
        Self { folder, authority: ours.0, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// A database that is reached with TLS and a client's certificate of our authority.
fn secret_database(kind: Kind, certificates: &Certificates) -> Option<DatabaseServer> {
    let mut server = DatabaseServer::made(kind, None)?;
    let file = |name: &str, text: &str| server.file(name, text).display().to_string();
    let authority = file("authority", &certificates.authority);
    let (certificate, key) =
        (file("certificate", &certificates.server.0), file("key", &certificates.server.1));
    let hba = "local all all trust\nhostssl all all 0.0.0.0/0 scram-sha-256 clientcert=verify-ca\n";
    let arguments = match kind {
        Kind::MariaDb => vec![
            "--skip-networking=0".to_owned(),
            "--bind-address=0.0.0.0".to_owned(),
            "--skip-name-resolve".to_owned(),
            format!("--ssl-ca={authority}"),
            format!("--ssl-cert={certificate}"),
            format!("--ssl-key={key}"),
        ],
        Kind::Postgres => [
            "listen_addresses=0.0.0.0".to_owned(),
            "ssl=on".to_owned(),
            format!("hba_file={}", file("hba", hba)),
            format!("ssl_ca_file={authority}"),
            format!("ssl_cert_file={certificate}"),
            format!("ssl_key_file={key}"),
        ]
        .into_iter()
        .flat_map(|setting| ["-c".to_owned(), setting])
        .collect(),
    };
    server.tell(arguments);
    server.run();
    if !server.create_as_kea(NAME) {
        return None;
    }
    if kind == Kind::MariaDb {
        server.administer("", &format!("ALTER USER '{USER}'@'%' REQUIRE X509"));
        // Of two entries that fit, the one of the name itself counts.
        server.administer("", &format!("DROP USER '{USER}'@'localhost'"));
    }
    Some(server)
}

fn engine(kind: Kind) -> Engine {
    if kind == Kind::MariaDb { Engine::MySql } else { Engine::Postgres }
}

/// Whether a session came about, and whether it is secret; the reason if not.
fn session(access: &Access) -> Result<bool, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let session = async {
        let mut connection = Connection::open(access).await?;
        let secret = match access.engine {
            Engine::Postgres => "SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
            _ => {
                "SELECT length(variable_value) > 0 FROM information_schema.session_status \
                 WHERE variable_name = 'Ssl_cipher'"
            }
        };
        let rows = connection.rows(Statement::new(access.engine, secret)).await?;
        Ok::<_, SqlError>(rows[0].bool(0) == Some(true))
    };
    runtime.block_on(session).map_err(|error| error.to_string())
}

/// What `kea-admin db-version` says with these certificates.
fn administered(
    kind: Kind,
    certificates: &Certificates,
    anchor: &str,
    client: &str,
) -> Result<String, String> {
    let mut run = Command::new(program("kea-admin"));
    let backend = if kind == Kind::MariaDb { "mysql" } else { "pgsql" };
    run.args([
        "db-version",
        backend,
        "-n",
        NAME,
        "-h",
        "127.0.0.1",
        "-P",
        PORTS[usize::from(kind == Kind::Postgres)],
    ]);
    run.args(["-u", USER, "-p", PASSWORD]);
    let file = |name: String| certificates.path(&name).display().to_string();
    let files = [
        ("--ssl-ca", "PGSSLROOTCERT", file(anchor.to_owned())),
        ("--ssl-cert", "PGSSLCERT", file(format!("{client}.crt"))),
        ("--ssl-key", "PGSSLKEY", file(format!("{client}.key"))),
    ];
    for (argument, variable, file) in files {
        match kind {
            Kind::MariaDb => run.arg("-x").arg(format!("{argument}={file}")),
            Kind::Postgres => run.env(variable, file).env("PGSSLMODE", "verify-ca"),
        };
    }
    let output = run.output().expect("kea-admin is built");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    if output.status.success() { Ok(said) } else { Err(said) }
}

/// Every way to ask for TLS: whom it lets in, whom it keeps out, and what is said of that.
fn every_mode(world: &World, kind: Kind) {
    let certificates = Certificates::new(world.path("certificates"));
    let Some(mut server) = secret_database(kind, &certificates) else { return };
    let at = |host: &str, mode: TlsMode, anchor: Option<&str>, client: Option<&str>| {
        let pair = |name: &str| match Path::new(name).extension() {
            Some(_) => (certificates.path(name), certificates.path(name)),
            None => (certificates.path(&format!("{name}.crt")), certificates.path(&format!("{name}.key"))),
        };
        let tls = Tls {
            mode,
            trust_anchor: anchor.map(|name| certificates.path(name)),
            identity: client.map(pair),
        };
        session(&Access {
            host: host.to_owned(),
            user: Some(USER.into()),
            password: Some(PASSWORD.into()),
            tls,
            ..Access::new(engine(kind), NAME)
        })
    };
    use TlsMode::{Disable, Prefer, Require, VerifyCa, VerifyFull};
    let ours = Some("ours.pem");
    let client = Some("client");
    for (host, mode, anchor, client) in [
        ("127.0.0.1", Prefer, None, client),
        ("127.0.0.1", Require, None, client),
        ("127.0.0.1", Require, None, Some("client.both")),
        ("127.0.0.1", VerifyCa, ours, client),
        ("127.0.0.1", VerifyCa, Some("anchors"), client),
        ("localhost", VerifyFull, ours, client),
    ] {
        assert_eq!(at(host, mode, anchor, client), Ok(true), "{mode:?} {anchor:?} {client:?}");
    }
    for (host, mode, anchor, client, words) in [
        ("127.0.0.1", Disable, None, None, ""),
        ("127.0.0.1", Require, None, None, ""),
        ("127.0.0.1", Require, None, Some("stranger"), ""),
        ("127.0.0.1", VerifyCa, Some("others.pem"), client, "UnknownIssuer"),
        // The public web's authorities are nobody here.
        ("127.0.0.1", VerifyCa, None, client, "root trust anchors"),
        ("127.0.0.1", VerifyFull, ours, client, "127.0.0.1"),
        ("127.0.0.1", VerifyCa, Some("missing"), client, "trust-anchor"),
        ("127.0.0.1", VerifyCa, Some("empty"), client, "no certificate"),
        ("127.0.0.1", VerifyCa, Some("client.key"), client, "no certificate"),
        ("127.0.0.1", VerifyCa, ours, Some("nobody"), "cert-file"),
        ("127.0.0.1", VerifyCa, ours, Some("ours.pem"), "key-file"),
    ] {
        let said = at(host, mode, anchor, client).expect_err("it is kept out");
        assert!(!said.is_empty() && said.contains(words), "{mode:?} {anchor:?} {client:?}: {said}");
        if words.contains('-') || words.starts_with("no ") {
            assert!(said.contains("certificates/"), "the file is named: {said}");
        }
    }
    // So does kea-admin, told as the clients that Kea's script runs.
    for (anchor, client, reason) in [
        ("ours.pem", "client", None),
        ("others.pem", "client", Some("UnknownIssuer")),
        ("ours.pem", "stranger", Some("")),
    ] {
        let said = administered(kind, &certificates, anchor, client);
        match reason {
            None => assert!(said.as_ref().is_ok_and(|it| it.contains('.')), "{said:?}"),
            Some(reason) => assert!(said.as_ref().is_err_and(|it| it.contains(reason)), "{said:?}"),
        }
    }
    // The same without TLS: who would rather have it goes on, who must have it does not.
    server.kill();
    server.tell(match kind {
        Kind::MariaDb => vec!["--skip-networking=0", "--bind-address=127.0.0.1", "--skip-ssl"],
        Kind::Postgres => vec!["-c", "listen_addresses=127.0.0.1"],
    });
    server.run();
    if kind == Kind::MariaDb {
        server.administer("", &format!("ALTER USER '{USER}'@'%' REQUIRE NONE"));
    }
    assert_eq!(at("127.0.0.1", Prefer, None, None), Ok(false));
    for (mode, anchor) in [(Require, None), (VerifyCa, ours), (VerifyFull, ours)] {
        let said = at("127.0.0.1", mode, anchor, None).expect_err("there is no TLS");
        assert!(said.contains("TLS"), "{said}");
    }
    // Nothing leaves the machine through a UNIX socket. As its own library, we ask PostgreSQL for no more there.
    if kind == Kind::Postgres {
        let socket = server.host();
        assert_eq!(at(socket.to_str().expect("UTF-8"), VerifyFull, ours, None), Ok(false));
    }
}

#[test]
fn every_mode_with_mariadb() {
    sandboxed("every_mode_with_mariadb", |world| every_mode(world, Kind::MariaDb));
}

#[test]
fn every_mode_with_postgresql() {
    sandboxed("every_mode_with_postgresql", |world| every_mode(world, Kind::Postgres));
}

/// `kea-dhcp4` keeps leases behind TLS, says what it cannot do, and does not start with a stranger.
fn leases_behind_tls(world: &World, kind: Kind) {
    let certificates = Certificates::new(world.path("certificates"));
    let Some(database) = secret_database(kind, &certificates) else { return };
    let lan = world.lan();
    let own = world.own_host("database");
    world.cable((&own, "db0"), (&lan.server, "db0"));
    own.address("db0", &format!("{ADDRESS}/24"));
    lan.server.address("db0", "198.51.100.2/24");
    let with = |anchor: &str, more: &[(&str, &str)]| {
        let mut map = lan_configuration();
        let mut lease_database = database.map(NAME);
        lease_database["host"] = json!(ADDRESS);
        lease_database["trust-anchor"] = json!(certificates.path(anchor));
        lease_database["cert-file"] = json!(certificates.path("client.crt"));
        lease_database["key-file"] = json!(certificates.path("client.key"));
        for (keyword, value) in more {
            lease_database[*keyword] = json!(value);
        }
        map["lease-database"] = lease_database;
        map
    };
    let more = [("ssl-mode", "verify-full"), ("cipher-list", "AES256-SHA")];
    let server = Server::kotare(world, &lan.server, "server", with("ours.pem", &more));
    server.await_log(&["KOTARE_CONFIG_NO_EFFECT", "lease-database/cipher-list"]);
    let mut client = lan.client("first", ClientProgram::ALL[0]);
    client.obtain();
    assert_eq!(database.administer(NAME, "SELECT count(*) FROM lease4").trim(), "1");
    // What cannot work is refused, and the server goes on.
    for (map, words) in [
        (with("others.pem", &[]), "UnknownIssuer"),
        (with("missing", &[]), "trust-anchor"),
        (
            {
                let mut map = with("ours.pem", &[("ssl-mode", "verify-ca")]);
                map["lease-database"].as_object_mut().expect("a map").remove("trust-anchor");
                map
            },
            "trust-anchor",
        ),
    ] {
        let answer = server.command("config-set", Some(server.configuration(map)));
        assert_eq!(answer["result"], 1);
        assert!(answer["text"].as_str().is_some_and(|text| text.contains(words)), "{answer}");
    }
    client.renew();
    assert!(server.stop());
    let program = program("kea-dhcp4");
    let mut server = Server::launch(world, &lan.server, "stranger", &program, with("others.pem", &[]));
    assert!(!server.wait());
    server.await_log(&["DHCP4_INIT_FAIL", "UnknownIssuer"]);
}

#[test]
fn leases_behind_tls_in_mariadb() {
    sandboxed("leases_behind_tls_in_mariadb", |world| leases_behind_tls(world, Kind::MariaDb));
}

#[test]
fn leases_behind_tls_in_postgresql() {
    sandboxed("leases_behind_tls_in_postgresql", |world| leases_behind_tls(world, Kind::Postgres));
}
