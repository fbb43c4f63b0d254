//! What a DHCPv6 server makes of the leases that it finds, and what it shows of them to whoever watches it.

use std::fs;

use kotare_tests::world::{Host, Server6, World, eventually, program, promtool_on, sandboxed};
use serde_json::{Value, json};

const HEADER: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,\
    fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";

/// What a relay agent said, as Kea before 2.3.2 kept it, and as it is kept today. Commas are not of the row.
const FORMER: &str = "{ \"ISC\": { \"relays\": [ { \"hop\": 0&#x2c \"link\": \"2001:db8:1::1\"&#x2c \
    \"options\": \"0x003500020003\"&#x2c \"peer\": \"fe80::1\" } ] } }";
const TODAY: &str = "{ \"ISC\": { \"relay-info\": [ { \"hop\": 0&#x2c \"link\": \"2001:db8:1::1\"&#x2c \
    \"options\": \"0x003500020003\"&#x2c \"peer\": \"fe80::1\"&#x2c \"relay-id\": \"0003\" } ] } }";

/// A lease that never ends.
fn row(address: &str, (kind, len): (u8, u8), subnet: u32, context: &str) -> String {
    let host = address.len();
    format!(
        "{address},00:03:00:01:00:{host:02x},4294967295,4294967295,{subnet},4294967295,{kind},1,{len},0,0,,,0,\
         {context},0,0,0\n"
    )
}

fn configuration(world: &World) -> Value {
    let folder = world.path("server");
    json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "control-sockets": [
            {"socket-type": "unix", "socket-name": folder.join("control")},
            {"socket-type": "http", "socket-address": "::1", "socket-port": 8006, "monitoring": {}},
        ],
        "sanity-checks": {"lease-checks": "fix-del"},
        "subnet6": [{
            "id": 1,
            "subnet": "2001:db8:1::/64",
            "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::/120"}],
            "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 40, "delegated-len": 56}],
        }],
        "loggers": [{"name": "kea-dhcp6", "output_options": [{"output": "stdout"}]}],
    })
}

/// What is at a path of the server, if it answers with 200.
fn get(host: &Host, path: &str) -> Option<String> {
    let mut curl = host.command("curl");
    curl.args(["--silent", "--fail", "--max-time", "90"]).arg(format!("http://[::1]:8006{path}"));
    let output = curl.output().expect("curl is there");
    output.status.success().then(|| String::from_utf8(output.stdout).expect("text"))
}

/// `sanity-checks`: an address gets the subnet that has it, or goes; a prefix need not be in its subnet; what relays said is
/// brought into today's form. `/metrics`, `/health` and `/ready` show the server with what is left.
#[test]
fn stored_leases_are_corrected_and_shown() {
    sandboxed("stored_leases_are_corrected_and_shown", |world| {
        let lan = world.lan();
        let folder = world.path("server");
        fs::create_dir_all(&folder).expect("make the server's folder");
        let (na, pd) = ((0, 128), (2, 56));
        let rows = [
            row("2001:db8:1::5", na, 1, ""),
            row("2001:db8:1::66", na, 9, FORMER),
            row("2001:db8:9::777", na, 1, ""),
            row("2001:db8:8000:100::", pd, 1, ""),
        ];
        fs::write(folder.join("leases.csv"), HEADER.to_owned() + &rows.concat()).expect("write leases");
        let server =
            Server6::start(world, &lan.server, "server", &program("kea-dhcp6"), configuration(world));
        let corrected = [row("2001:db8:1::66", na, 1, TODAY), row("2001:db8:9::777", na, 1, "")];
        let written: Vec<String> = server.lease_rows().into_iter().skip(rows.len()).collect();
        assert_eq!(written.len(), 2, "{written:#?}");
        assert_eq!(written[0], corrected[0].trim_end());
        // That one is gone.
        assert!(written[1].starts_with("2001:db8:9::777,"), "{written:#?}");
        server.await_log(&[
            "building extended info tables saw 4 leases, extended info sanity checks modified 1",
        ]);

        eventually("the server is ready", || get(&lan.server, "/ready"));
        let health = get(&lan.server, "/health").expect("it lives");
        assert!(health.contains("\"alive\""), "{health}");
        let page = get(&lan.server, "/metrics").expect("there are metrics");
        let subnet = "subnet=\"2001:db8:1::/64\",subnet_id=\"1\"";
        for line in [
            format!("kea_dhcp6_na_assigned_total{{{subnet}}} 2"),
            format!("kea_dhcp6_na_total{{{subnet}}} 256"),
            format!("kea_dhcp6_pd_assigned_total{{{subnet}}} 1"),
            format!("kea_dhcp6_pd_total{{{subnet}}} 65536"),
            "kea_dhcp6_server_na_assigned 2".to_owned(),
            "kea_dhcp6_lease_store_leases 3".to_owned(),
            "kea_dhcp6_ready 1".to_owned(),
        ] {
            assert!(page.lines().any(|there| there == line), "{line} in\n{page}");
        }
        assert_eq!(promtool_on(&lan.server, &page).unwrap_or_default(), "");
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 2);
        assert!(server.stop());
    });
}
