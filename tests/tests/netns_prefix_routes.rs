//! Routes to delegated prefixes (`delegated-prefix-routes`): what the kernel and scripts get with real clients.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use kotare_tests::world::{Host, Lan, Server6, World, eventually, partner_or_system, program, sandboxed};
use serde_json::{Value, json};

/// A `Dhcp6` map that delegates prefixes on the link of the server, whose routes are kept as `routes` says.
fn configuration(routes: Value) -> Value {
    json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "valid-lifetime": 3600,
        "preferred-lifetime": 1800,
        "expired-leases-processing": {"reclaim-timer-wait-time": 1},
        "subnet6": [{
            "id": 1,
            "subnet": "2001:db8:1::/64",
            "interface": "eth0",
            "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 40, "delegated-len": 56}],
        }],
        "delegated-prefix-routes": routes,
        "loggers": [{"name": "kea-dhcp6", "severity": "DEBUG", "debuglevel": 40,
            "output_options": [{"output": "stdout"}]}],
    })
}

/// A host that gets a prefix with `dhclient`, and can give it back.
struct Client<'a> {
    world: &'a World,
    host: Host,
    link_local: String,
}

impl<'a> Client<'a> {
    fn new(world: &'a World, lan: &Lan<'_>, name: &str) -> Self {
        let host = lan.host(name);
        let link_local = host.link_local("eth0").to_string();
        fs::create_dir_all(world.path(name)).expect("make the client's folder");
        Self { world, host, link_local }
    }

    fn dhclient(&self, words: &[&str]) {
        let folder = self.world.path(self.host.name());
        let mut command: Command = self.host.command(partner_or_system("dhclient"));
        command.args(["-6", "-1", "-P", "-cf", "/dev/null", "-sf", "/bin/true"]).args(words);
        command.arg("-lf").arg(folder.join("leases6")).arg("-pf").arg(folder.join("pid6")).arg("eth0");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status().expect("dhclient can be run");
    }

    /// Gets a prefix and goes on in the background.
    fn gets_a_prefix(&self) {
        self.dhclient(&[]);
    }

    /// Gives it back.
    fn gives_it_back(&self) {
        self.dhclient(&["-r"]);
    }

    /// Dies without a word.
    fn dies(&self) {
        self.dhclient(&["-x"]);
    }
}

/// The routes of the server's protocol that its kernel has, a line each.
fn routes(server: &Host) -> Vec<String> {
    let shown = server.ip("-6 route show proto 147");
    shown.lines().map(|line| line.trim().to_owned()).collect()
}

/// Waits until the kernel has exactly one such route, which leads to the client.
fn await_route(server: &Host, client: &Client<'_>) -> String {
    let via = format!("via {} dev eth0", client.link_local);
    let only = |routes: Vec<String>| match &routes[..] {
        [route] if route.starts_with("2001:db8:80") && route.contains(&via) => Some(route.clone()),
        _ => None,
    };
    eventually(&format!("there is a route {via}"), || only(routes(server)))
}

/// Waits until there is none.
fn await_none(server: &Host) {
    eventually("there is no route any more", || routes(server).is_empty().then_some(()));
}

/// RFC 9915 §18.3.10.1 leaves routes to others: the kernel has one as long as the client has its prefix, until it gives it
/// back or its time is up; and another server is not needed for one to come back after the link was down.
#[test]
fn a_delegated_prefix_has_a_route() {
    sandboxed("a_delegated_prefix_has_a_route", |world| {
        let lan = world.lan();
        let config = configuration(json!({}));
        let server = Server6::start(world, &lan.server, "server", &program("kea-dhcp6"), config);
        server.await_log(&["KOTARE_ROUTES_BEGIN", "routes to 0 delegated prefixes"]);
        let client = Client::new(world, &lan, "client");
        client.gets_a_prefix();
        let route = await_route(&lan.server, &client);
        assert!(route.contains("metric 1024"), "{route}");
        let rows = server.lease_rows();
        let hop = format!(r#""next-hop": {{ "via": "{}""#, client.link_local).replace(',', "&#x2c");
        assert!(rows.iter().any(|row| row.contains(&hop)), "{rows:#?}");
        lan.server.ip("link set eth0 down");
        await_none(&lan.server);
        lan.server.ip("link set eth0 up");
        await_route(&lan.server, &client);
        client.gives_it_back();
        await_none(&lan.server);

        let mut short = configuration(json!({}));
        short["valid-lifetime"] = json!(3);
        short["preferred-lifetime"] = json!(2);
        server.write_configuration(short);
        server.signal("HUP");
        server.await_log(&["DHCP6_DYNAMIC_RECONFIGURATION_SUCCESS"]);
        client.gets_a_prefix();
        await_route(&lan.server, &client);
        client.dies();
        await_none(&lan.server);
    });
}

/// At a start the leases say which routes there are: one that is missing is set, one that nobody has any more is withdrawn,
/// and those of others stay. While no server runs, routes stay. When the feature is turned off they go.
#[test]
fn routes_follow_stored_leases() {
    sandboxed("routes_follow_stored_leases", |world| {
        let lan = world.lan();
        let start = || {
            let config = configuration(json!({}));
            Server6::start(world, &lan.server, "server", &program("kea-dhcp6"), config)
        };
        let server = start();
        let client = Client::new(world, &lan, "client");
        client.gets_a_prefix();
        let route = await_route(&lan.server, &client);
        assert!(server.stop(), "it ends in order");
        assert_eq!(routes(&lan.server), std::slice::from_ref(&route));
        lan.server.ip(&format!("-6 route delete {}", route.split(" metric").next().expect("a route")));
        lan.server.ip("-6 route add 2001:db8:80ff::/56 via fe80::9 dev eth0 proto 147");
        lan.server.ip("-6 route add 2001:db8:9::/48 via fe80::9 dev eth0 proto static");
        let server = start();
        server.await_log(&["KOTARE_ROUTES_BEGIN", "routes to 1 delegated prefixes"]);
        assert_eq!(await_route(&lan.server, &client), route);
        server.write_configuration({
            let mut off = configuration(json!({}));
            off.as_object_mut().expect("a map").remove("delegated-prefix-routes");
            off
        });
        server.signal("HUP");
        server.await_log(&["KOTARE_ROUTES_END"]);
        assert!(routes(&lan.server).is_empty());
        assert!(lan.server.ip("-6 route show proto static").contains("2001:db8:9::/48"));
    });
}

/// A script is told of each change, and of all routes at a start; what it refuses is asked for again.
#[test]
fn a_script_is_told_of_routes() {
    sandboxed("a_script_is_told_of_routes", |world| {
        let lan = world.lan();
        let (script, told) = (world.path("routes.sh"), world.path("told"));
        let refuse = world.path("refuse");
        let text = format!(
            "#!/bin/sh\n{{ echo \"$@\"; [ \"$1\" = sync ] && cat; }} >>{told}\nif [ \"$1\" = set ] && [ -e {refuse} ]; then rm {refuse}; exit 3; fi\nexit 0\n",
            told = told.display(),
            refuse = refuse.display()
        );
        fs::write(&script, text).expect("write the script");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("make it executable");
        let config = configuration(json!({"mode": "script", "script": script, "script-timeout": 60}));
        let start = || Server6::start(world, &lan.server, "server", &program("kea-dhcp6"), config.clone());
        let lines = || fs::read_to_string(&told).unwrap_or_default();
        let await_lines = |what: &str, count: usize| {
            let found = |text: &str| text.lines().filter(|line| line.starts_with(what)).count() >= count;
            eventually(&format!("the script is told {what}"), || Some(lines()).filter(|text| found(text)))
        };
        // An interface that changes has the server tell all routes again, instead of the one that was refused.
        lan.server.link_local("eth0");
        let server = start();
        await_lines("sync", 1);
        fs::write(&refuse, "").expect("write a file");
        let client = Client::new(world, &lan, "client");
        client.gets_a_prefix();
        let text = await_lines("set 2001:db8:80", 2);
        let set = text.lines().find(|line| line.starts_with("set")).expect("it is there").to_owned();
        assert!(set.ends_with(&format!("{} eth0", client.link_local)), "{set}");
        server.await_log(&["KOTARE_ROUTE_FAILED", "exit status: 3", "tried again in 1 seconds"]);
        assert!(server.stop(), "it ends in order");
        let _server = start();
        let text = await_lines(set.trim_start_matches("set "), 1);
        assert!(text.lines().filter(|line| *line == "sync").count() >= 2, "{text}");
        client.gives_it_back();
        await_lines(&set.replace("set", "withdraw"), 1);
    });
}
