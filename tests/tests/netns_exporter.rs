//! `kea-exporter`, which users of Kea have for Prometheus, before our servers.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};

use kotare_tests::metrics::samples;
use kotare_tests::world::{
    AGENT_URL, Agent, Client6Program, ClientProgram, Host, Server, Server6, Wish, eventually,
    lan_configuration, lan6_configuration, partner, sandboxed,
};
use serde_json::{Value, json};

/// A program that is ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets everybody on the host read the page of a server's metrics.
fn with_page(mut config: Value, folder: &Path, port: u16) -> Value {
    config["control-sockets"] = json!([
        {"socket-type": "unix", "socket-name": folder.join("control")},
        {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": port,
            "authentication": {"type": "basic", "clients": [{"user": "a", "password": "b"}]},
            "monitoring": {"authentication": false}},
    ]);
    config["loggers"].as_array_mut().expect("a list").truncate(1);
    config
}

fn page(host: &Host, port: u16) -> String {
    let mut curl = host.command("curl");
    curl.args(["--silent", "--max-time", "90", &format!("http://127.0.0.1:{port}/metrics")]);
    String::from_utf8(curl.output().expect("curl is there").stdout).expect("text")
}

/// What the exporter shows of a UNIX socket or an agent, once it shows this metric.
fn exported(host: &Host, exporter: &Path, target: &str, metric: &str) -> String {
    // An agent that does not listen yet ends the exporter.
    let mut running: Option<Running> = None;
    // Python takes its time to begin.
    eventually("the exporter shows the server", || {
        if running.as_mut().is_none_or(|it| it.0.try_wait().is_ok_and(|ended| ended.is_some())) {
            let mut command = host.command(exporter);
            command.args(["-a", "127.0.0.1", "-p", "9547", target]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            running = Some(Running(command.spawn().expect("the exporter can be started")));
        }
        let shown = page(host, 9547);
        shown.contains(&format!("\n{metric}{{")).then_some(shown)
    })
}

/// Each sample of the exporter whose name begins so is on our page, with the same labels.
fn compare(ours: &str, theirs: &str, prefix: &str, least: usize) {
    let (ours, theirs) = (samples(ours), samples(theirs));
    let kea: Vec<_> = theirs.iter().filter(|((name, _), _)| name.starts_with(prefix)).collect();
    assert!(kea.len() >= least, "{kea:?}");
    for ((name, labels), value) in kea {
        // A label that is empty is one that is not there.
        let labels: BTreeMap<_, _> = labels.iter().filter(|(_, value)| !value.is_empty()).collect();
        let is_it = |(other, others): &(String, BTreeMap<String, String>)| {
            other == name
                && labels.iter().all(|(name, value)| others.get(*name) == Some(value))
                && labels.contains_key(&"pool".to_owned()) == others.contains_key("pool")
        };
        let same: Vec<_> = ours.iter().filter(|(series, _)| is_it(series)).collect();
        assert!(same.len() == 1 && (same[0].1 - value).abs() < 0.5, "{name}{labels:?} {value}: {same:?}");
    }
}

/// What it shows of our server, over its UNIX socket and through an agent, Kea's or ours, our page shows under the same
/// names with the same labels, so that dashboards go on working.
#[test]
fn kea_exporter_shows_what_the_page_shows() {
    sandboxed("kea_exporter_shows_what_the_page_shows", |world| {
        let Some(exporter) = partner("kea-exporter") else { return };
        let lan = world.lan();
        let mut config = with_page(lan_configuration(), &world.path("server"), 8004);
        config["subnet4"][0]["pools"] =
            json!([{"pool": "192.0.2.96/27"}, {"pool": "192.0.2.130-192.0.2.140", "pool-id": 1}]);
        config["shared-networks"] = json!([{"name": "a \"b\" floor", "subnet4": [
            {"id": 7, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.1 - 198.51.100.9"}]}]}]);
        let server = Server::kotare(world, &lan.server, "server", config);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        client.obtain();
        client.renew();
        client.kill();
        let compared = |target: &str| {
            let theirs = exported(&lan.server, &exporter, target, "kea_dhcp4_packets_received_total");
            compare(&page(&lan.server, 8004), &theirs, "kea_dhcp4_", 31);
        };
        let socket = server.control_socket();
        compared(socket.to_str().expect("a test's path"));
        let map = json!({"control-sockets": {"dhcp4": {"socket-type": "unix", "socket-name": socket}}});
        if let Some(agent) = Agent::kea(world, &lan.server, "kea", map.clone()) {
            compared(AGENT_URL);
            assert!(agent.stop());
        }
        let _agent = Agent::kotare(world, &lan.server, "ours", map);
        compared(AGENT_URL);
    });
}

/// The same of our server of DHCPv6, over its UNIX socket and through our agent.
#[test]
fn kea_exporter_shows_what_the_page_of_dhcpv6_shows() {
    sandboxed("kea_exporter_shows_what_the_page_of_dhcpv6_shows", |world| {
        let Some(exporter) = partner("kea-exporter") else { return };
        let lan = world.lan6();
        let config = with_page(lan6_configuration(), &world.path("server"), 8006);
        let server = Server6::kotare(world, &lan.server, "server", config);
        let mut client = lan.client("client", Client6Program::Dhclient, Wish::Both);
        client.obtain();
        client.kill();
        let socket = server.control_socket();
        let map = json!({"control-sockets": {"dhcp6": {"socket-type": "unix", "socket-name": socket}}});
        let _agent = Agent::kotare(world, &lan.server, "agent", map);
        for target in [socket.to_str().expect("a test's path"), AGENT_URL] {
            let theirs = exported(&lan.server, &exporter, target, "kea_dhcp6_packets_received_total");
            compare(&page(&lan.server, 8006), &theirs, "kea_dhcp6_", 25);
        }
    });
}
