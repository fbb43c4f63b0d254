//! The hook library radius: FreeRADIUS says which of real clients may come in and what they get, and keeps account of it.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use kotare_tests::tell;
use kotare_tests::world::{
    Client6, Client6Program, ClientProgram, Host, Server, ServerOf, V6, Wish, World, eventually,
    lan_configuration, lan6_configuration, partner, partner_file, sandboxed,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

const SECRET: &str = "a secret of this test";

/// Debian's FreeRADIUS on a host; killed when dropped.
struct FreeRadius {
    child: Child,
    folder: PathBuf,
}

/// What it does besides what its listeners are: users are in a file, what is accounted for in another. Both kinds of answers
/// are signed.
const SERVER: &str = r"
thread pool {
  start_servers = 1
  max_servers = 4
}
clients radsec {
  client any {
    ipaddr = *
    proto = tls
    secret = radsec
  }
}
modules {
  pap {
  }
  files {
    usersfile = ${confdir}/users
  }
  detail {
    filename = ${confdir}/detail
  }
}
server default {
  LISTEN
  authorize {
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
  post-auth {
    update reply {
      Message-Authenticator = 0x00
    }
    Post-Auth-Type REJECT {
      update reply {
        Message-Authenticator = 0x00
      }
    }
  }
  accounting {
    detail
    update reply {
      Message-Authenticator = 0x00
    }
  }
}
";

impl FreeRadius {
    /// One with these listeners and users. None if the program is not there.
    fn start(world: &World, host: &Host, listen: &str, users: &str) -> Option<Self> {
        Self::with_secret(SECRET, world, host, listen, users)
    }

    /// The same with another secret.
    fn with_secret(secret: &str, world: &World, host: &Host, listen: &str, users: &str) -> Option<Self> {
        let program = partner("freeradius")?;
        let [libraries, share] = ["usr/lib/freeradius", "usr/share/freeradius"].map(partner_file);
        let (libraries, share) = (libraries?, share?);
        let folder = world.path(&format!("{}-freeradius", host.name()));
        fs::create_dir_all(&folder).expect("a folder");
        let here = folder.display();
        let text = format!(
            "confdir = {here}\nraddbdir = {here}\nlogdir = {here}\nradacctdir = {here}\nrun_dir = {here}\n\
             db_dir = {here}\nlibdir = {}\npidfile = {here}/pid\nname = radiusd\nhostname_lookups = no\n\
             security {{\n reject_delay = 0\n status_server = yes\n}}\n\
             client any {{\n ipaddr = *\n secret = '{secret}'\n require_message_authenticator = yes\n}}\n{}",
            libraries.display(),
            SERVER.replace("LISTEN", listen),
        );
        fs::write(folder.join("radiusd.conf"), text).expect("a configuration");
        fs::write(folder.join("users"), users).expect("users");
        let log = File::create(folder.join("log")).expect("a log");
        let mut command = host.command(program);
        let system =
            ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"].into_iter().filter_map(partner_file);
        let paths = env::join_paths([libraries].into_iter().chain(system)).expect("paths without colons");
        command.env("LD_LIBRARY_PATH", paths);
        command.args(["-f", "-x", "-l", "stdout"]).arg("-d").arg(&folder).arg("-D").arg(share);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let server = Self { child, folder };
        eventually("FreeRADIUS is ready", || {
            let log = server.log();
            assert!(!log.contains("Errors reading") && !log.contains("Failed"), "{log}");
            log.contains("Ready to process requests").then_some(())
        });
        Some(server)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// What it has kept account of: records with an attribute in each line.
    fn records(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("detail")).unwrap_or_default();
        text.split("\n\n").map(str::to_owned).filter(|record| record.contains("Acct-Status-Type")).collect()
    }

    /// The session of an account of this kind that has this line, once there is one.
    fn session(&self, kind: &str, line: &str) -> String {
        let kind = format!("Acct-Status-Type = {kind}");
        eventually(&format!("{kind} with {line}"), || {
            let records = self.records();
            let record = records.iter().find(|record| record.contains(&kind) && record.contains(line))?;
            let session = record.lines().find(|line| line.contains("Acct-Session-Id"))?;
            Some(session.trim().to_owned())
        })
    }
}

impl Drop for FreeRadius {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const UDP: &str = "listen {\n type = auth\n ipaddr = *\n port = 1812\n}\nlisten {\n type = acct\n ipaddr = *\n port = 1813\n}";

fn libraries(parameters: &Value) -> Value {
    json!([
        {"library": "/nowhere/libdhcp_host_cache.so"},
        {"library": "/nowhere/libdhcp_radius.so", "parameters": parameters},
    ])
}

/// One client gets the address that is said, one an address of the pool that is said, one nothing; sessions start, go on and
/// stop, with the server that is still there.
#[test]
fn freeradius_decides_about_clients() {
    sandboxed("freeradius_decides_about_clients", |world| {
        let lan = world.lan();
        let [mut reserved, mut pooled, mut rejected] =
            ["reserved", "pooled", "rejected"].map(|name| lan.client(name, ClientProgram::Udhcpc));
        let users = format!(
            "{} Cleartext-Password := \"open\"\n  Framed-IP-Address = 192.0.2.7,\n  Class = \"gold\"\n\n\
             {} Cleartext-Password := \"open\"\n  Framed-Pool = \"white\"\n\n\
             {} Cleartext-Password := \"other\"\n",
            reserved.mac(),
            pooled.mac(),
            rejected.mac(),
        );
        let hosts = [("one", "192.0.2.2"), ("two", "192.0.2.3")].map(|(name, address)| {
            let host = lan.host(name);
            host.address("eth0", &format!("{address}/24"));
            host
        });
        let [Some(one), Some(two)] = hosts.each_ref().map(|host| FreeRadius::start(world, host, UDP, &users))
        else {
            return tell("there is no FreeRADIUS");
        };
        let servers = |port: u16| {
            ["192.0.2.2", "192.0.2.3"].map(|name| json!({"name": name, "port": port, "secret": SECRET}))
        };
        let mut map = lan_configuration();
        map["host-reservation-identifiers"] = json!(["hw-address"]);
        map["client-classes"] = json!([{"name": "white"}]);
        map["subnet4"][0]["pools"] = json!([{"pool": "192.0.2.120/32", "client-classes": ["white"]}]);
        map["cache-threshold"] = json!(0.0);
        map["hooks-libraries"] = libraries(&json!({
            "identifier-type4": "hw-address", "retries": 1, "timeout": 2, "deadtime": 600,
            "access": {"servers": servers(1812), "attributes": [{"name": "User-Password", "data": "open"}]},
            "accounting": {"servers": servers(1813)},
        }));
        let server = Server::kotare(world, &lan.server, "server", map);
        assert_eq!(reserved.obtain().address().to_string(), "192.0.2.7");
        let began = one.session("Start", "Framed-IP-Address = 192.0.2.7");
        assert!(one.records()[0].contains("Class = "), "{:?}", one.records());
        reserved.renew();
        assert_eq!(one.session("Interim-Update", "Framed-IP-Address = 192.0.2.7"), began);
        drop(one);
        assert_eq!(pooled.obtain().address().to_string(), "192.0.2.120");
        two.session("Start", "Framed-IP-Address = 192.0.2.120");
        rejected.start();
        server.await_log(&["RADIUS_AUTHENTICATION_ASYNC_REJECTED"]);
        reserved.release();
        assert_eq!(two.session("Stop", "Framed-IP-Address = 192.0.2.7"), began);
        assert!(server.lease_rows().iter().all(|row| !row.contains(&rejected.mac())));
        rejected.kill();
        assert!(server.stop(), "the server ends well");
    });
}

/// Those whom the manual's example of a RADIUS server lets in: each by the identifier of its client, with the hardware address
/// as password, and these answers.
fn users_of_the_manual(identifier: &str, answers: [(&str, &str); 3]) -> String {
    let user = |(mac, answers): &(&str, &str)| {
        format!("{identifier}{mac}    Cleartext-password := \"{mac}\"\n{answers}\n")
    };
    answers.iter().map(user).collect()
}

/// The manual's example of `parameters`, with a password by an expression, as its example of a server needs it.
fn parameters_of_the_manual(password: &str) -> Value {
    json!({
        "access": {
            "servers": [{"name": "127.0.0.1", "port": 1812, "secret": "1234"}],
            "attributes": [
                {"name": "User-Password", "expr": password},
                {"type": 77, "raw": "65666a6a71"},
                {"name": "Configuration-Token", "expr": password},
            ],
        },
        "accounting": {"servers": [{"name": "127.0.0.1", "port": 1813, "secret": "1234"}]},
    })
}

/// The manual's examples of a server and of a configuration work together.
#[test]
fn the_manuals_examples_fit() {
    sandboxed("the_manuals_examples_fit", |world| {
        let lan = world.lan();
        let macs = ["00:0c:01:02:03:04", "00:0c:01:02:03:05", "00:0c:01:02:03:06"];
        let users = users_of_the_manual(
            "01:",
            [
                (macs[0], ""),
                (macs[1], "    Framed-IP-Address = \"192.0.2.5\"\n"),
                (macs[2], "    Framed-IP-Address = \"192.0.2.6\",\n    Framed-Pool = \"classical\"\n"),
            ],
        );
        let Some(radius) = FreeRadius::with_secret("1234", world, &lan.server, UDP, &users) else {
            return tell("there is no FreeRADIUS");
        };
        let mut map = lan_configuration();
        map["subnet4"][0]["option-data"] = json!([]);
        map["client-classes"] =
            json!([{"name": "classical", "option-data": [{"name": "routers", "data": "192.0.2.6"}]}]);
        map["hooks-libraries"] = libraries(&parameters_of_the_manual("hexstring(pkt4.mac, ':')"));
        let server = Server::kotare(world, &lan.server, "server", map);
        for (mac, address) in macs.into_iter().zip([None, Some("192.0.2.5"), Some("192.0.2.6")]) {
            let mut client = lan.client(&format!("client{}", &mac[15..]), ClientProgram::Udhcpc);
            client.host().ip(&format!("link set eth0 address {mac}"));
            let told = client.obtain();
            assert!(address.is_none_or(|address| told.address().to_string() == address), "{told:?}");
            let line = format!("User-Name = \"01:{mac}\"");
            radius.session("Start", &line);
            assert_eq!(told.routers() == "192.0.2.6", mac == macs[2], "{told:?}");
        }
        // Whom the server does not know gets nothing.
        let mut stranger = lan.client("stranger", ClientProgram::Udhcpc);
        stranger.start();
        server.await_log(&["RADIUS_AUTHENTICATION_ASYNC_REJECTED"]);
        stranger.kill();
        assert!(radius.log().contains("Connect-Info = \"efjjq\""), "{}", radius.log());
        assert!(server.stop(), "the server ends well");
    });
}

/// So do those of DHCPv6.
#[test]
fn the_manuals_examples_of_dhcpv6_fit() {
    sandboxed("the_manuals_examples_of_dhcpv6_fit", |world| {
        let lan = world.lan6();
        let macs = ["00:0c:01:02:03:07", "00:0c:01:02:03:08", "00:0c:01:02:03:09"];
        let users = users_of_the_manual(
            "00:03:00:01:",
            [
                (macs[0], ""),
                (macs[1], "    Framed-IPv6-Address = \"2001:db8::8\"\n"),
                (macs[2], "    Framed-IPv6-Address = \"2001:db8::9\",\n    Framed-Pool = \"classroom\"\n"),
            ],
        );
        let Some(radius) = FreeRadius::with_secret("1234", world, &lan.server, UDP, &users) else {
            return tell("there is no FreeRADIUS");
        };
        let mut map = lan6_configuration();
        map["client-classes"] = json!([{"name": "classroom"}]);
        map["subnet6"] = json!([{"id": 1, "subnet": "2001:db8::/64", "interface": "eth0",
            "pools": [{"pool": "2001:db8::100 - 2001:db8::1ff"}]}]);
        let password = "hexstring(substring(option[1].hex, 4, 6), ':')";
        map["hooks-libraries"] = libraries(&parameters_of_the_manual(password));
        let server = ServerOf::<V6>::kotare(world, &lan.server, "server", map);
        for (mac, address) in macs.into_iter().zip(["2001:db8::1", "2001:db8::8", "2001:db8::9"]) {
            let name = format!("client{}", &mac[15..]);
            let host = lan.host(&name);
            host.ip(&format!("link set eth0 address {mac}"));
            let mut client = Client6::new(world, &host, "eth0", Client6Program::Dhclient, Wish::Address);
            client.arguments(&["-D", "LL"]);
            let got = client.obtain().address.expect("an address").to_string();
            assert!(got == address || mac == macs[0] && got.starts_with(address), "{got}");
            radius.session("Start", &format!("User-Name = \"00:03:00:01:{mac}\""));
        }
        assert!(server.stop(), "the server ends well");
    });
}

/// Writes a certificate of an authority, and its key, for FreeRADIUS and for a client.
fn certificates(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "authority");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    write("ca.pem", &authority.self_signed(&key).expect("a certificate").pem());
    let issuer = Issuer::new(authority, key);
    for name in ["server", "client"] {
        let key = KeyPair::generate().expect("a key");
        let mut own = CertificateParams::new(vec![format!("{name}.example")]).expect("parameters");
        own.distinguished_name.push(DnType::CommonName, name);
        write(&format!("{name}.pem"), &own.signed_by(&key, &issuer).expect("a certificate").pem());
        write(&format!("{name}.key"), &key.serialize_pem());
    }
}

/// The same through TLS, of a client of DHCPv6 with an address and a prefix.
#[test]
fn freeradius_decides_through_tls() {
    sandboxed("freeradius_decides_through_tls", |world| {
        let lan = world.lan6();
        let folder = world.path("certificates");
        certificates(&folder);
        let file = |name: &str| folder.join(name).display().to_string();
        let listen = format!(
            "listen {{\n type = auth+acct\n proto = tcp\n ipaddr = *\n port = 2083\n virtual_server = default\n \
             clients = radsec\n tls {{\n private_key_file = {}\n certificate_file = {}\n ca_file = {}\n \
             require_client_cert = yes\n }}\n}}",
            file("server.key"),
            file("server.pem"),
            file("ca.pem"),
        );
        let users = "DEFAULT Cleartext-Password := \"open\"\n  Framed-IPv6-Address = 2001:db8:1::8,\n  \
                     Delegated-IPv6-Prefix = 2001:db8:9000::/56\n";
        let Some(radius) = FreeRadius::start(world, &lan.server, &listen, users) else {
            return tell("there is no FreeRADIUS");
        };
        let mut map = lan6_configuration();
        map["hooks-libraries"] = libraries(&json!({
            "protocol": "TLS",
            "access": {"attributes": [{"name": "User-Password", "data": "open"}]},
            "accounting": {},
            "tls": {"servers": [{"name": "127.0.0.1", "trust-anchor": file("ca.pem"),
                "cert-file": file("client.pem"), "key-file": file("client.key")}]},
        }));
        let server = ServerOf::<V6>::kotare(world, &lan.server, "server", map);
        let mut client = lan.client("client", Client6Program::Dhcpcd, Wish::Both);
        let event = client.obtain().told;
        let addresses: Vec<_> = event.addresses().iter().map(ToString::to_string).collect();
        assert_eq!(
            (addresses, event.prefixes()),
            (vec!["2001:db8:1::8".into()], vec!["2001:db8:9000::/56".into()])
        );
        let session = radius.session("Start", "Framed-IPv6-Address = 2001:db8:1::8");
        radius.session("Start", "Delegated-IPv6-Prefix = 2001:db8:9000::/56");
        client.release();
        assert_eq!(radius.session("Stop", "Framed-IPv6-Address = 2001:db8:1::8"), session);
        assert!(server.stop(), "the server ends well");
    });
}
