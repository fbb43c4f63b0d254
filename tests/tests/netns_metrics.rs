//! What programs that watch a server see, by those programs: `curl`, Prometheus' own `promtool`.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use kotare_stats::{EXPOSED4, Exposed, Level, Stat4};
use kotare_tests::metrics::samples;
use kotare_tests::world::{
    Client, ClientProgram, Host, Lan, Server, World, eventually, lan_configuration, partner, promtool_on,
    sandboxed,
};
use serde_json::{Value, json};

const URL: &str = "http://127.0.0.1:8004";

/// The LAN's configuration with this HTTP socket beside the UNIX one, and a shared network.
fn configuration(world: &World, http: Value) -> Value {
    let mut dhcp4 = lan_configuration();
    let mut socket = json!({"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8004,
        "authentication": {"type": "basic", "clients": [{"user": "a", "password": "b"}]}});
    for (key, value) in http.as_object().expect("a map") {
        socket[key] = value.clone();
    }
    let folder = world.path("server");
    dhcp4["control-sockets"] =
        json!([{"socket-type": "unix", "socket-name": folder.join("control")}, socket]);
    dhcp4["subnet4"][0]["pools"] =
        json!([{"pool": "192.0.2.96/27"}, {"pool": "192.0.2.130-192.0.2.140", "pool-id": 1}]);
    dhcp4["shared-networks"] = json!([{"name": "a \"b\" floor", "subnet4": [
        {"id": 7, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.1 - 198.51.100.9"}]}]}]);
    dhcp4["loggers"].as_array_mut().expect("a list").truncate(1);
    dhcp4
}

/// What is at a path: its status and its text.
fn get(host: &Host, path: &str, options: &[&str]) -> (u16, String) {
    let mut curl = host.command("curl");
    curl.args(["--silent", "--show-error", "--max-time", "90", "--write-out", "\n%{http_code}"]);
    let output = curl.args(options).arg(format!("{URL}{path}")).output().expect("curl is there");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    let (text, status) = said.rsplit_once('\n').expect("a status");
    (status.parse().unwrap_or_else(|_| panic!("a status, not {said}")), text.to_owned())
}

/// Obtains and renews leases, so that there is something to count.
fn traffic<'a>(lan: &Lan<'a>) -> Vec<Client> {
    let clients = ["one", "two"].map(|name| {
        let mut client = lan.client(name, ClientProgram::Udhcpc);
        client.obtain();
        client.renew();
        client
    });
    clients.into()
}

/// The page says what `statistic-get-all` says, whole, in a form that Prometheus' own tool finds nothing wrong with;
/// who may not command the server may look, if so configured.
#[test]
fn metrics_are_the_statistics() {
    sandboxed("metrics_are_the_statistics", |world| {
        let lan = world.lan();
        let open = configuration(world, json!({"monitoring": {"authentication": false}}));
        let server = Server::kotare(world, &lan.server, "server", open);
        drop(traffic(&lan));
        // Nobody sends any more: what is counted stays.
        let (page, all) = eventually("the page is that of the statistics", || {
            let before = server.command("statistic-get-all", None);
            let (status, page) = get(&lan.server, "/metrics", &[]);
            assert_eq!(status, 200, "{page}");
            let all = server.command("statistic-get-all", None);
            (before == all).then_some((page, all["arguments"].clone()))
        });
        let samples = samples(&page);
        let value = |name: &str, labels: &[(&str, &str)]| {
            let labels =
                labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let key = (format!("kea_dhcp4_{name}"), labels);
            *samples.get(&key).unwrap_or_else(|| panic!("{key:?} in {page}"))
        };
        let places = [
            (Level::Server, String::new(), vec![]),
            (Level::Subnet, "subnet[1].".into(), vec![("subnet", "192.0.2.0/24"), ("subnet_id", "1")]),
            (
                Level::Subnet,
                "subnet[7].".into(),
                vec![
                    ("subnet", "198.51.100.0/24"),
                    ("subnet_id", "7"),
                    ("shared_network", "a \\\"b\\\" floor"),
                ],
            ),
            (
                Level::Pool,
                "subnet[1].pool[0].".into(),
                vec![
                    ("subnet", "192.0.2.0/24"),
                    ("subnet_id", "1"),
                    ("pool", "192.0.2.96/27"),
                    ("pool_id", "0"),
                ],
            ),
            (
                Level::Pool,
                "subnet[1].pool[1].".into(),
                vec![
                    ("subnet", "192.0.2.0/24"),
                    ("subnet_id", "1"),
                    ("pool", "192.0.2.130-192.0.2.140"),
                    ("pool_id", "1"),
                ],
            ),
            (
                Level::Pool,
                "subnet[7].pool[0].".into(),
                vec![
                    ("subnet", "198.51.100.0/24"),
                    ("subnet_id", "7"),
                    ("shared_network", "a \\\"b\\\" floor"),
                    ("pool", "198.51.100.1-198.51.100.9"),
                    ("pool_id", "0"),
                ],
            ),
        ];
        let mut seen = BTreeSet::new();
        for (level, prefix, labels) in &places {
            let is_here = |exposed: &&Exposed<Stat4>| match level {
                Level::Subnet => exposed.level != Level::Server,
                level => exposed.level == *level,
            };
            for Exposed { metric, label, rows, .. } in EXPOSED4.iter().filter(is_here) {
                for (stat, row) in *rows {
                    let statistic = format!("{prefix}{}", stat.name());
                    let counted = all[&statistic][0][0].as_f64().unwrap_or(0.0);
                    let mut labels = labels.clone();
                    labels.extend((!label.is_empty()).then_some((*label, *row)));
                    assert!((value(metric.name, &labels) - counted).abs() < 0.5, "{statistic}: {counted}");
                    seen.insert(statistic);
                }
            }
        }
        let missing: Vec<_> =
            all.as_object().expect("a map").keys().filter(|name| !seen.contains(*name)).collect();
        assert!(missing.is_empty(), "{missing:?}");

        let sent = server.statistic(Stat4::Sent.name()) as f64;
        assert!(sent >= 6.0, "two clients were answered three times");
        assert!((value("exchange_duration_seconds_count", &[]) - sent).abs() < 0.5, "{page}");
        assert!((value("exchange_duration_seconds_bucket", &[("le", "+Inf")]) - sent).abs() < 0.5);
        assert!(value("exchange_duration_seconds_sum", &[]) > 0.0);
        assert!(value("lease_store_leases", &[]) >= 2.0);
        let hash = server.command("config-hash-get", None)["arguments"]["hash"].clone();
        assert!(value("config_info", &[("hash", hash.as_str().expect("a hash"))]) > 0.5);

        let told: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("# HELP ")).collect();
        let names: Vec<_> =
            told.iter().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
        let declared: Vec<_> =
            kotare_server::metrics::<Stat4>().map(|metric| metric.full_name("kea_dhcp4_")).collect();
        assert_eq!(names, declared);
        assert_eq!(promtool_on(&lan.server, &page).unwrap_or_default(), "");

        let accept = ["--header", "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5"];
        let (status, open) = get(&lan.server, "/metrics", &accept);
        assert!(status == 200 && open.ends_with("# EOF\n"), "{open}");
        assert!(
            open.contains("# TYPE kea_dhcp4_packets_sent counter\nkea_dhcp4_packets_sent_total{"),
            "{open}"
        );
        if let Some(exporter) = partner("kea-exporter") {
            let file = world.path("open");
            fs::write(&file, &open).expect("write the page");
            let mut parse = Command::new(exporter.with_file_name("python3"));
            let script = "import sys; from prometheus_client.openmetrics import parser; \
                print(len(list(parser.text_string_to_metric_families(open(sys.argv[1]).read()))))";
            let output = parse.args(["-c", script]).arg(file).output().expect("Python can be started");
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert_eq!(said.trim(), declared.len().to_string(), "families that Prometheus' parser finds");
        }
        let (status, head) = get(&lan.server, "/metrics", &["--head"]);
        assert!(status == 200 && head.contains("Content-Type: text/plain; version=0.0.4"), "{head}");
        // To look is not to command.
        let (status, _) = get(&lan.server, "/", &["--json", r#"{"command": "config-get"}"#]);
        assert_eq!(status, 401);
    });
}

/// Nothing is shown that was not asked for, as much as was asked for, and to whom: also where Kea reads over it.
#[test]
fn pages_are_as_configured() {
    sandboxed("pages_are_as_configured", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", configuration(world, json!({})));
        let known = ["--user", "a:b"];
        for path in ["/metrics", "/health", "/ready"] {
            assert_eq!(get(&lan.server, path, &known).0, 400, "{path}");
        }
        let set = |http: Value| {
            let arguments = server.configuration(configuration(world, http));
            let told = server.command("config-set", Some(arguments));
            (told["result"].clone(), told["text"].to_string())
        };
        let context = json!({"user-context": {"monitoring": {"detail": "Server"}}});
        assert_eq!(set(context).0, 0);
        assert_eq!(get(&lan.server, "/metrics", &[]).0, 401);
        let (status, page) = get(&lan.server, "/metrics", &known);
        assert!(status == 200 && page.contains("\nkea_dhcp4_server_addresses_assigned 0\n"), "{page}");
        assert!(!page.contains("subnet_id"), "{page}");
        assert_eq!(get(&lan.server, "/other", &known).0, 400);

        assert_eq!(set(json!({"monitoring": {"detail": "subnets"}})).0, 0);
        let (_, page) = get(&lan.server, "/metrics", &known);
        assert!(page.contains("subnet_id=\"7\"") && !page.contains("pool_id"), "{page}");

        let (result, text) = set(json!({"user-context": {"monitoring": {"detail": "all"}}}));
        assert_eq!(result, 1, "{text}");
        assert!(text.contains("control-sockets[1]/user-context/monitoring/detail"), "{text}");
        let (_, page) = get(&lan.server, "/metrics", &known);
        assert!(page.contains("\nkea_dhcp4_config_last_reload_successful 0\n"), "{page}");
    });
}

/// A server is ready while it serves all it should: not while an interface is down, nor while it is disabled. Alive it is
/// all the time.
#[test]
fn readiness_follows_what_is_served() {
    sandboxed("readiness_follows_what_is_served", |world| {
        let lan = world.lan();
        let open = configuration(world, json!({"monitoring": {"authentication": false}}));
        let server = Server::kotare(world, &lan.server, "server", open);
        let ready = || {
            let (status, text) = get(&lan.server, "/ready", &[]);
            let said: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("JSON, not {text}"));
            assert_eq!(said["ready"] == true, status == 200, "{status} {said}");
            assert!([200, 503].contains(&status) && get(&lan.server, "/health", &[]).0 == 200);
            let (_, page) = get(&lan.server, "/metrics", &[]);
            (status == 200, said["reasons"].to_string(), page)
        };
        let is_told = |what: &str, is_ready: bool, why: &str| {
            eventually(what, || {
                let (so, reasons, page) = ready();
                let sample = format!("\nkea_dhcp4_ready {}\n", u8::from(is_ready));
                (so == is_ready && reasons.contains(why) && page.contains(&sample)).then_some(())
            });
        };
        is_told("a server that serves is ready", true, "[]");
        lan.server.ip("link set eth0 down");
        is_told("an interface is down", false, "eth0");
        lan.server.ip("link set eth0 up");
        is_told("the interface is up again", true, "[]");
        assert_eq!(server.command("dhcp-disable", None)["result"], 0);
        is_told("the service is disabled", false, "dhcp-disable");
        assert_eq!(server.command("dhcp-enable", None)["result"], 0);
        is_told("the service is enabled", true, "[]");
    });
}

/// Prometheus takes the alerts that are offered as examples.
#[test]
fn alerts_are_understood() {
    let Some(promtool) = partner("promtool") else { return };
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../etc/prometheus/kea-dhcp4.rules.yml");
    let output =
        Command::new(promtool).args(["check", "rules", rules]).output().expect("promtool can be started");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
}
