//! Configuration files that are none, and surroundings in which a good one cannot be served.

use std::fs;
use std::net::UdpSocket;

use kotare_tests::world::{Host, Server, World, eventually, sandboxed};
use serde_json::json;

use crate::packets::Link;
use crate::scene::{Scene, configuration, on};
use crate::start::{refused, says};

/// Starts the server with a file of this text; what it says before it gives up.
fn refused_text(world: &World, text: impl AsRef<[u8]>) -> String {
    let host = world.host("server");
    let file = world.path("kea-dhcp4.conf");
    fs::write(&file, text).expect("write the configuration");
    let said = refused(world, &host, &file);
    host.remove();
    said
}

/// 64 KiB of opening brackets: refused at the place where it is too deep.
#[test]
fn brackets_without_end() {
    sandboxed("configuration::brackets_without_end", |world| {
        for open in ["[", "{\"a\":", "[{\"a\":"] {
            let said = refused_text(world, open.repeat(65536 / open.len()));
            assert!(says(&said, &["kea-dhcp4.conf:1:", "deep"]), "{said}");
        }
    });
}

/// All errors of a configuration are told, each with file, line and column.
#[test]
fn all_errors_are_told() {
    sandboxed("configuration::all_errors_are_told", |world| {
        let said = refused_text(
            world,
            r#"{ "Dhcp4": {
  "valid-lifetimes": 3600,
  "renew-timer": "soon",
  "subnet4": [
    { "id": 1, "subnet": "192.0.2.0/24", "pools": [ { "pool": "10.0.0.1 - 10.0.0.9" } ] },
    { "id": 1, "subnet": "198.51.100.0/24",
      "option-data": [ { "name": "routers", "data": "nowhere" } ] }
  ]
} }
"#,
        );
        for (place, word) in [
            ("kea-dhcp4.conf:2:3", "valid-lifetimes"),
            ("kea-dhcp4.conf:3:18", "renew-timer"),
            ("kea-dhcp4.conf:5:", "10.0.0.1"),
            ("kea-dhcp4.conf:6:", "id"),
            ("kea-dhcp4.conf:7:", "nowhere"),
        ] {
            assert!(says(&said, &[place, word]), "{place} and {word} are not told:\n{said}");
        }
        assert!(says(&said, &["valid-lifetimes", "\"valid-lifetime\""]), "no suggestion:\n{said}");
    });
}

/// High availability without its parameters, and with a URL of this server where it cannot listen for its partners.
#[test]
fn partners_without_a_place() {
    sandboxed("configuration::partners_without_a_place", |world| {
        let with = |parameters: serde_json::Value| {
            let libraries = json!([{"library": "libdhcp_lease_cmds.so"},
                {"library": "libdhcp_ha.so", "parameters": parameters}]);
            let map = json!({"lease-database": {"type": "memfile", "persist": false}, "hooks-libraries": libraries});
            refused_text(world, json!({"Dhcp4": map}).to_string())
        };
        let said = with(json!({}));
        let missing = "HA_MISSING_CONFIGURATION high-availability parameter not specified for High Availability hooks library";
        assert!(says(&said, &["ERROR", missing]), "{said}");
        assert!(says(&said, &["ERROR", "HOOKS_LOAD_ERROR", "libdhcp_ha.so"]), "{said}");
        let at = |own: &str, other: &str| {
            with(
                json!({"high-availability": [{"this-server-name": "server1", "mode": "hot-standby", "peers": [
                {"name": "server1", "url": own, "role": "primary"},
                {"name": "server2", "url": other, "role": "standby"}]}]}),
            )
        };
        let said = at("http://192.0.2.99:8005/", "http://192.0.2.12:8005/");
        let failed = "HA_DHCP4_START_SERVICE_FAILED failed to start DHCPv4 HA services in dhcp4_srv_configured callout: ";
        let why = "cannot serve HTTP at 192.0.2.99:8005";
        assert!(says(&said, &["ERROR", failed, why, "choose another url"]), "{said}");
        assert!(says(&said, &["DHCP4_INIT_FAIL", why]), "{said}");
    });
}

/// A file that is not there is named.
#[test]
fn no_file() {
    sandboxed("configuration::no_file", |world| {
        let file = world.path("no-such-file.conf");
        let said = refused(world, &world.host("server"), &file);
        assert!(says(&said, &["no-such-file.conf", "No such file"]), "{said}");
    });
}

/// A folder is no configuration.
#[test]
fn a_folder() {
    sandboxed("configuration::a_folder", |world| {
        let said = refused(world, &world.host("server"), world.folder());
        assert!(said.contains(&world.folder().display().to_string()), "{said}");
    });
}

/// Files that include each other are told instead of read for ever, and so is one that is not there.
#[test]
fn includes_in_a_circle() {
    sandboxed("configuration::includes_in_a_circle", |world| {
        let other = world.path("other.json");
        fs::write(&other, format!("<?include \"{}\"?>", world.path("kea-dhcp4.conf").display()))
            .expect("write");
        let including = |file: &str| format!("{{ \"Dhcp4\": <?include \"{file}\"?> }}");
        let said = refused_text(world, including(&other.display().to_string()));
        assert!(says(&said, &["other.json:1:1"]) && says(&said, &["include"]), "{said}");
        let said = refused_text(world, including(&world.path("kea-dhcp4.conf").display().to_string()));
        assert!(says(&said, &["kea-dhcp4.conf:1:12", "include"]), "{said}");
        let said = refused_text(world, including("/no/such/file.json"));
        assert!(says(&said, &["kea-dhcp4.conf:1:12", "/no/such/file.json"]), "{said}");
    });
}

/// Texts that are no configuration at all.
#[test]
fn no_configuration() {
    sandboxed("configuration::no_configuration", |world| {
        let texts: [&[u8]; 10] = [
            b"",
            b"  \n\n",
            b"null",
            b"[]",
            b"{}",
            b"{ \"Dhcp6\": {} }",
            b"{ \"Dhcp4\": {} } trailing",
            b"{ \"Dhcp4\": { \"user-context\": { \"a\": \"\xff\xfe\" } } }",
            b"{ \"Dhcp4\": { \"interfaces-config\": { \"interfaces\": [ \"eth0\" ",
            b"\0\0\0\0",
        ];
        for text in texts {
            let said = refused_text(world, text);
            assert!(says(&said, &["kea-dhcp4.conf"]), "{:?}: {said}", text.escape_ascii().to_string());
        }
    });
}

/// While somebody else has the port, the server says so and goes on trying; when the port is free, it serves.
#[test]
fn a_port_in_use() {
    sandboxed("configuration::a_port_in_use", |world| {
        let (host, mut link) = Link::new(world, "port");
        let other = occupy(&host);
        let server = Server::kotare(world, &host, "server", configuration(json!({})));
        let status = server.command("status-get", None);
        let sockets = &status["arguments"]["sockets"];
        assert_eq!(sockets["status"], "retrying", "{status}");
        let told = sockets["errors"].to_string();
        assert!(told.contains("192.0.2.1") && told.contains("eth0"), "{status}");
        server.await_log(&["192.0.2.1", "eth0"]);
        drop(other);
        eventually("the server takes the port when it is free", || {
            let status = server.command("status-get", None);
            (status["arguments"]["sockets"]["status"] == "ready").then_some(())
        });
        assert!(link.is_served());
    });
}

/// With `service-sockets-require-all` a port in use is a reason not to start.
#[test]
fn a_port_in_use_that_is_required() {
    sandboxed("configuration::a_port_in_use_that_is_required", |world| {
        let (host, _link) = Link::new(world, "port");
        let _other = occupy(&host);
        let interfaces = json!({"interfaces": ["eth0"], "service-sockets-require-all": true});
        let dhcp4 = configuration(json!({
            "interfaces-config": interfaces,
            "lease-database": {"type": "memfile", "persist": false},
        }));
        let file = world.path("kea-dhcp4.conf");
        fs::write(&file, json!({"Dhcp4": dhcp4}).to_string()).expect("write the configuration");
        let said = refused(world, &host, &file);
        assert!(says(&said, &["192.0.2.1", "eth0"]), "{said}");
    });
}

/// A second server with the same configuration does not start, and the first goes on.
#[test]
fn a_second_server() {
    sandboxed("configuration::a_second_server", |world| {
        let mut scene = Scene::new(world);
        let file = scene.server.folder().join("kea-dhcp4.conf");
        let mut second = Server::launch(
            world,
            &scene.host,
            "server",
            &crate::scene::server_program(),
            configuration(json!({})),
        );
        assert!(!second.wait(), "a second server is refused");
        let log = scene.server.log();
        assert!(says(&log, &["DHCP4_ALREADY_RUNNING"]), "{log}");
        assert!(file.exists());
        scene.assert_serves();
        assert_eq!(scene.server.command("version-get", None)["result"], 0);
    });
}

/// Takes the server's port on its host.
fn occupy(host: &Host) -> UdpSocket {
    on(host, || UdpSocket::bind("192.0.2.1:67").expect("the port is free"))
}
