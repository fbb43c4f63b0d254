//! Commands over HTTP and HTTPS, as `curl`, Kea's own `kea-shell` and ours send them to the daemon.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use kotare_tests::world::{Host, Server, eventually, lan_configuration, partner, program, sandboxed};
use serde_json::{Value, json};

/// Makes an authority, a certificate of the server and one of a client in the folder.
const CERTIFICATES: &str = "set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=authority \
    -keyout ca.key -out ca.pem
for name in server client stranger; do
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$name -keyout $name.key -out $name.csr
    printf 'subjectAltName=IP:192.0.2.1\\nbasicConstraints=CA:FALSE\\n' > $name.ext
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile $name.ext -out $name.pem
done
chmod 600 *.key";

/// The LAN's configuration with this HTTP socket beside the UNIX one.
fn configuration(folder: &Path, http: &Value) -> Value {
    let mut dhcp4 = lan_configuration();
    let unix = json!({"socket-type": "unix", "socket-name": folder.join("control")});
    dhcp4["control-sockets"] = json!([unix, http]);
    // What the log says of sockets is a part of these tests.
    dhcp4["loggers"].as_array_mut().expect("a list").truncate(1);
    dhcp4
}

/// What `curl` with these options says after sending a command.
fn curl(host: &Host, url: &str, options: &[&str], command: &Value) -> (bool, String) {
    let mut curl = host.command("curl");
    curl.args(["--silent", "--show-error", "--max-time", "90", "--json", &command.to_string()]);
    let output = curl.args(options).arg(url).output().expect("curl is installed");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("text"))
}

fn answer(said: (bool, String)) -> Value {
    assert!(said.0, "{}", said.1);
    serde_json::from_str(&said.1).unwrap_or_else(|_| panic!("JSON, not {}", said.1))
}

/// Kea's manual, "HTTP/HTTPS Control Socket": who knows a name and its password commands the server; a command that
/// moves the socket elsewhere is answered, and then it is there.
#[test]
fn commands_come_over_http() {
    sandboxed("commands_come_over_http", |world| {
        let lan = world.lan();
        let folder = world.path("server");
        fs::create_dir_all(&folder).expect("make a folder");
        fs::write(folder.join("secret"), "admin:much: secret\n").expect("write a secret");
        fs::set_permissions(folder.join("secret"), fs::Permissions::from_mode(0o646)).expect("open it");
        let socket = |port: u16| {
            json!({"socket-type": "http", "socket-address": "192.0.2.1", "socket-port": port, "authentication":
                {"type": "basic", "directory": folder, "clients": [{"password-file": "secret"}, {"user": "a", "password": "b"}]}})
        };
        let dhcp4 = configuration(&folder, &socket(8000));
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        for line in [
            "HTTP_COMMAND_MGR_SERVICE_STARTED started HTTP service bound to address: 192.0.2.1 port: 8000",
            "HTTP_CLIENT_PASSWORD_SECURITY_WARNING use of clear text 'password' is NOT SECURE: ",
            "secret' holds a secret that everybody can read",
            "secret' holds a secret that everybody can change",
        ] {
            // The log is written beside what it tells of.
            eventually(line, || server.log().contains(line).then_some(()));
        }
        let file = folder.join("kea-dhcp4.conf");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("open it");
        assert_eq!(server.command("config-reload", None)["result"], 0);
        server.await_log(&[&format!("'{}' holds a secret that everybody can read", file.display())]);
        let log = server.log();
        assert!(!log.contains("much: secret"), "{log}");
        // What `config-set` would refuse, `config-test` refuses.
        let mut unknown = socket(8000);
        unknown["authentication"]["clients"] = json!([{"password-file": "nowhere"}]);
        let unknown = server.configuration(configuration(&folder, &unknown));
        let told = server.command("config-test", Some(unknown));
        assert_eq!(told["result"], 1, "{told}");
        assert!(told["text"].as_str().is_some_and(|text| text.contains("Expected a file at path")), "{told}");
        let user = ["--user", "admin:much: secret"];
        let version = json!({"command": "version-get", "service": ["dhcp4"]});
        let url = "http://192.0.2.1:8000/";
        let told = answer(curl(&lan.server, url, &user, &version));
        assert_eq!((&told[0]["result"], told.as_array().map(Vec::len)), (&0.into(), Some(1)), "{told}");
        let told = answer(curl(&lan.server, url, &[], &version));
        assert_eq!(told, json!({"result": 401, "text": "Unauthorized"}));

        if let Some(shell) = partner("kea-shell") {
            let mut command = lan.server.command("python3");
            command.env("PYTHONPATH", shell.with_file_name("../lib/python3/dist-packages/kea"));
            command.arg(&shell).args(["--host", "192.0.2.1", "--port", "8000", "--auth-user", "a"]);
            let output =
                command.args(["--auth-password", "b", "list-commands"]).stdin(Stdio::null()).output();
            let output = output.expect("Python is installed");
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(output.status.success() && said.contains("\"config-get\""), "{said}");
        }

        let mut shell = lan.server.command(program("kea-shell"));
        shell.args(["--host", "192.0.2.1", "--auth-user", "a", "--auth-password", "b", "list-commands"]);
        let output = shell.stdin(Stdio::null()).output().expect("kea-shell can be started");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success() && said.contains("\"config-get\""), "{said}");

        let moved = server.configuration(configuration(&folder, &socket(8001)));
        let told =
            answer(curl(&lan.server, url, &user, &json!({"command": "config-set", "arguments": moved})));
        assert_eq!(told[0]["result"], 0, "{told}");
        assert!(!curl(&lan.server, url, &user, &version).0, "the former port is closed");
        let told = answer(curl(&lan.server, "http://192.0.2.1:8001/", &user, &version));
        assert_eq!(told[0]["result"], 0, "{told}");
    });
}

/// Kea's manual, "TLS/HTTPS Support": with a certificate that the authority signed a client commands the server,
/// without it is told in one line of the log what to do; HTTPS does not become HTTP by a mistake.
#[test]
fn commands_come_over_https() {
    sandboxed("commands_come_over_https", |world| {
        let lan = world.lan();
        let folder = world.path("server");
        fs::create_dir_all(&folder).expect("make a folder");
        lan.server.run("sh", &["-c", &format!("cd '{}'; {CERTIFICATES}", folder.display())]);
        let socket = |required: bool| {
            json!({"socket-type": "https", "socket-address": "192.0.2.1", "socket-port": 8443, "cert-required": required,
                "trust-anchor": folder.join("ca.pem"), "cert-file": folder.join("server.pem"),
                "key-file": folder.join("server.key")})
        };
        let server = Server::kotare(world, &lan.server, "server", configuration(&folder, &socket(true)));
        let path = |name: &str| folder.join(name).display().to_string();
        let (ca, certificate, key) = (path("ca.pem"), path("client.pem"), path("client.key"));
        let trusting = ["--cacert", &ca];
        let known = ["--cacert", &ca, "--cert", &certificate, "--key", &key];
        let (url, version) = ("https://192.0.2.1:8443/", json!({"command": "version-get"}));
        let told = answer(curl(&lan.server, url, &known, &version));
        assert_eq!(told[0]["result"], 0, "{told}");

        for (options, url, advice) in [
            (&trusting[..], url, "give the client a certificate that \"trust-anchor\" signed"),
            (&[][..], url, "does not accept \"cert-file\""),
            (&[][..], "http://192.0.2.1:8443/", "use https:// in the client"),
        ] {
            let said = curl(&lan.server, url, options, &version);
            assert!(!said.0, "{said:?}");
            eventually(advice, || {
                let log = server.log();
                let mut lines = log.lines().filter(|line| line.contains("HTTP_CONNECTION_HANDSHAKE_FAILED"));
                lines.any(|line| line.contains(advice)).then_some(())
            });
        }

        // The alert may be lost where the connection ends before the request was written.
        eventually("kea-shell says what the server wants", || {
            let mut shell = lan.server.command(program("kea-shell"));
            shell
                .args(["--host", "192.0.2.1", "--port", "8443", "--ca", &ca, "version-get"])
                .stdin(Stdio::null());
            let output = shell.output().expect("kea-shell can be started");
            assert!(!output.status.success(), "{output:?}");
            String::from_utf8_lossy(&output.stderr).contains("CertificateRequired").then_some(())
        });

        let open = server.configuration(configuration(&folder, &socket(false)));
        assert_eq!(server.command("config-set", Some(open))["result"], 0);
        let told = answer(curl(&lan.server, url, &trusting, &version));
        assert_eq!(told[0]["result"], 0, "{told}");

        let mut plain = socket(false);
        for keyword in ["trust-anchor", "cert-file", "key-file", "cert-required"] {
            plain.as_object_mut().expect("a map").remove(keyword);
        }
        plain["socket-type"] = "http".into();
        let told = server.command("config-set", Some(server.configuration(configuration(&folder, &plain))));
        assert_eq!(told["result"], 1, "{told}");
        assert!(
            told["text"].as_str().is_some_and(|text| text.contains("Can not switch from HTTPS to HTTP")),
            "{told}"
        );
        assert_eq!(answer(curl(&lan.server, url, &trusting, &version))[0]["result"], 0);
    });
}

/// Kea's manual, "libdhcp_rbac.so": the user decides which commands are accepted and which of them `list-commands` tells; who
/// has no role of its own has that of the unknown; another configuration brings other roles; the UNIX socket is not judged.
#[test]
fn users_have_roles() {
    sandboxed("users_have_roles", |world| {
        let lan = world.lan();
        let folder = world.path("server");
        fs::create_dir_all(&folder).expect("make a folder");
        let clients =
            ["admin", "reader", "stranger"].map(|user| json!({"user": user, "password": "secret of it"}));
        let http = json!({"socket-type": "http", "socket-address": "192.0.2.1", "socket-port": 8000,
            "authentication": {"type": "basic", "clients": clients}});
        let with = |reader: Value| {
            let mut dhcp4 = configuration(&folder, &http);
            dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}, {"library": "libdhcp_rbac.so",
                "parameters": {"assign-role-method": "basic-authentication",
                    "roles": [{"name": "admin", "accept-commands": "ALL"}, reader],
                    "unknown-role": {"accept-commands": {"commands": ["list-commands"]}}}}]);
            dhcp4
        };
        let reader = json!({"name": "reader", "response-filters": ["list-commands"],
            "accept-commands": {"and": ["READ", {"not": {"commands": ["config-get"]}}]}});
        let server = Server::kotare(world, &lan.server, "server", with(reader));
        let url = "http://192.0.2.1:8000/";
        let ask = |user: &str, command: &str, arguments: Option<&Value>| {
            let user = format!("{user}:secret of it");
            let command = json!({"command": command, "arguments": arguments.unwrap_or(&json!({}))});
            answer(curl(&lan.server, url, &["--user", &user], &command))
        };
        let forbidden = json!({"result": 403, "text": "Forbidden"});
        assert_eq!(ask("admin", "config-get", None)[0]["result"], 0);
        assert_eq!(ask("reader", "config-get", None), forbidden);
        assert_eq!(ask("reader", "lease4-wipe", None), forbidden);
        assert_eq!(ask("reader", "status-get", None)[0]["result"], 0);
        assert_eq!(ask("stranger", "status-get", None), forbidden);
        assert_eq!(server.command("config-get", None)["result"], 0);
        let code = ["--user", "reader:secret of it", "--write-out", "%{http_code}", "--output", "/dev/null"];
        assert_eq!(curl(&lan.server, url, &code, &json!({"command": "config-get"})).1, "403");

        let told = |user: &str| {
            let told = ask(user, "list-commands", None);
            let names =
                told[0]["arguments"].as_array().cloned().unwrap_or_else(|| panic!("a list, not {told}"));
            names.into_iter().map(|name| name.as_str().expect("a name").to_owned()).collect::<Vec<_>>()
        };
        let (all, some) = (told("admin"), told("reader"));
        assert_eq!(all, told("stranger"));
        let is_told = |name: &str| some.iter().any(|told| told == name);
        assert_eq!(
            ["status-get", "lease4-get", "config-get", "lease4-wipe", "config-set"].map(is_told),
            [true, true, false, false, false]
        );
        assert!(all.iter().any(|name| name == "lease4-wipe"), "{all:?}");

        server.await_log(&[
            "RBAC_HTTP_AUTH_REJECT",
            "Role configuration 'unknown-role' for role 'stranger' has rejected command 'status-get'.",
        ]);
        assert!(!server.log().contains("secret of it"), "{}", server.log());

        let other = server
            .configuration(with(json!({"name": "reader", "accept-commands": {"commands": ["config-get"]}})));
        let set = ask("admin", "config-set", Some(&other));
        assert_eq!(set[0]["result"], 0, "{set}");
        assert_eq!(ask("reader", "config-get", None)[0]["result"], 0);
        assert_eq!(ask("reader", "status-get", None), forbidden);

        let wrong = server
            .configuration(with(json!({"name": "reader", "accept-commands": {"commands": ["config-gett"]}})));
        let refused = ask("admin", "config-set", Some(&wrong));
        assert_eq!(refused[0]["result"], 1, "{refused}");
        assert!(refused.to_string().contains("there is no command"), "{refused}");
        assert_eq!(ask("reader", "config-get", None)[0]["result"], 0, "the roles of before hold");
    });
}

/// Kea's manual, "libdhcp_rbac.so": a certificate decides, by the name of its owner or of who signed it; who has none has the
/// default role; without TLS nobody is heard.
#[test]
fn certificates_have_roles() {
    sandboxed("certificates_have_roles", |world| {
        let lan = world.lan();
        let folder = world.path("server");
        fs::create_dir_all(&folder).expect("make a folder");
        lan.server.run("sh", &["-c", &format!("cd '{}'; {CERTIFICATES}", folder.display())]);
        let with = |method: &str, required: bool| {
            let https = json!({"socket-type": "https", "socket-address": "192.0.2.1", "socket-port": 8443,
                "cert-required": required, "trust-anchor": folder.join("ca.pem"), "cert-file": folder.join("server.pem"),
                "key-file": folder.join("server.key")});
            let mut dhcp4 = configuration(&folder, &https);
            let plain = json!({"socket-type": "http", "socket-address": "192.0.2.1", "socket-port": 8000,
                "authentication": {"type": "basic", "clients": [{"user": "a", "password": "b"}]}});
            dhcp4["control-sockets"].as_array_mut().expect("a list").push(plain);
            dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_rbac.so", "parameters": {"assign-role-method": method,
                "roles": [{"name": "client", "accept-commands": "ALL"}, {"name": "authority", "accept-commands": "READ"}],
                "default-role": {"accept-commands": {"commands": ["version-get"]}}}}]);
            dhcp4
        };
        let server = Server::kotare(world, &lan.server, "server", with("cert-subject", true));
        let path = |name: &str| folder.join(name).display().to_string();
        let ca = path("ca.pem");
        let ask = |name: &str, command: &str| {
            let (certificate, key) = (path(&format!("{name}.pem")), path(&format!("{name}.key")));
            let shown = ["--cert", &certificate, "--key", &key];
            let options = [&["--cacert", &ca][..], if name.is_empty() { &[] } else { &shown }].concat();
            answer(curl(&lan.server, "https://192.0.2.1:8443/", &options, &json!({"command": command})))
        };
        let forbidden = json!({"result": 403, "text": "Forbidden"});
        assert_eq!(ask("client", "config-write")[0]["result"], 0);
        assert_eq!(ask("stranger", "version-get"), forbidden);
        let plain = curl(
            &lan.server,
            "http://192.0.2.1:8000/",
            &["--user", "a:b"],
            &json!({"command": "version-get"}),
        );
        assert_eq!(answer(plain), json!({"result": 401, "text": "Unauthorized"}));

        let issuer = server.configuration(with("cert-issuer", true));
        assert_eq!(server.command("config-set", Some(issuer))["result"], 0);
        assert_eq!(ask("stranger", "config-get")[0]["result"], 0);
        assert_eq!(ask("client", "config-write"), forbidden);

        let nobody = server.configuration(with("cert-subject", false));
        assert_eq!(server.command("config-set", Some(nobody))["result"], 0);
        assert_eq!(ask("", "version-get")[0]["result"], 0);
        assert_eq!(ask("", "config-get"), forbidden);
    });
}
