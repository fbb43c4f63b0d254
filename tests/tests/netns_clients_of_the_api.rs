//! Programs that command servers through libraries of others: Python's `pykeadhcp`, and the connector of Kea itself.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use kotare_tests::world::{ClientProgram, Host, Server, lan_configuration, partner, sandboxed};
use serde_json::{Value, json};

/// What pykeadhcp asks of a DHCPv4 server, and what its models must understand of the answers.
const PYKEADHCP: &str = r#"
import sys
from pykeadhcp import Kea
from pykeadhcp.models.dhcp4.subnet import Subnet4
from pykeadhcp.models.dhcp4.shared_network import SharedNetwork4
from pykeadhcp.models.dhcp4.client_class import ClientClass4
from pykeadhcp.exceptions import KeaUnauthorizedAccessException
from pykeadhcp.parsers.dhcp4 import Dhcp4Parser

leased = sys.argv[1]
try:
    Kea(host="http://127.0.0.1", port=8004).dhcp4.version_get()
    sys.exit("without a password")
except KeaUnauthorizedAccessException:
    pass
server = Kea(host="http://127.0.0.1", port=8004, use_basic_auth=True, username="a", password="b").dhcp4

config = server.config_get()
assert config.result == 0 and config.arguments["Dhcp4"]["subnet4"][0]["id"] == 1, config
parsed = Dhcp4Parser(config=config.arguments)
assert parsed.get_subnet(id=1).subnet == "192.0.2.0/24"
config.arguments.pop("hash", None)
assert server.config_test(config.arguments).result == 0
assert server.config_set(config.arguments).result == 0
assert server.config_write(sys.argv[2]).result == 0
assert server.config_reload().result == 0
server.refresh_cached_config()
assert "config-get" in server.list_commands().arguments
assert server.build_report().result == 0 and server.version_get().result == 0

status = server.status_get()
assert status.pid > 0 and status.uptime >= 0, status
assert server.statistic_get("pkt4-sent").arguments["pkt4-sent"][0][0] >= 2
assert server.statistic_get_all().arguments["pkt4-received"][0][0] >= 2

assert server.lease4_get(leased).ip_address == leased
assert [lease.ip_address for lease in server.lease4_get_all()] == [leased]
assert [lease.ip_address for lease in server.lease4_get_all([1])] == [leased]
assert server.lease4_get_page(10, "start").count == 1
assert server.lease4_get_page(10, leased).count == 0
hw = server.lease4_get(leased).hw_address
assert server.lease4_get_by_hw_address(hw).ip_address == leased
assert server.lease4_add(ip_address="192.0.2.150", hw_address="aa:bb:cc:dd:ee:01", subnet_id=1).result == 0
assert server.lease4_update(ip_address="192.0.2.150", hw_address="aa:bb:cc:dd:ee:01", hostname="pc").result == 0
assert server.lease4_del("192.0.2.150").result == 0
assert server.leases_reclaim().result == 0

assert server.subnet4_add([Subnet4(id=40, subnet="198.51.100.0/24")]).result == 0
assert server.subnet4_get(40).subnet == "198.51.100.0/24"
assert {subnet.id for subnet in server.subnet4_list()} == {1, 40}
assert server.get_next_available_subnet_id() > 1
assert server.network4_add([SharedNetwork4(name="floor")]).result == 0
assert server.network4_subnet_add("floor", 40).result == 0
assert server.network4_get("floor").subnet4[0].id == 40
assert [network.name for network in server.network4_list()] == ["floor"]
assert server.network4_subnet_del("floor", 40).result == 0
assert server.network4_del("floor").result == 0
assert server.subnet4_del(40).result == 0

assert server.class_add(ClientClass4(name="phones", test="option[60].text == 'phone'")).result == 0
assert server.class_get("phones").name == "phones"
assert "phones" in [one.name for one in server.class_list()]
assert server.class_del("phones").result == 0

assert server.dhcp_disable(60).result == 0
assert server.dhcp_enable().result == 0
assert server.lease4_wipe(1).result == 0
print("done")
"#;

/// What Kea's own connector does for its shell.
const CONNECTOR: &str = r#"
import base64, json, sys
sys.path.insert(0, sys.argv[1])
from kea_conn import CARequest
from kea_connector3 import send_to_control_agent
request = CARequest()
request.http_host, request.http_port = "127.0.0.1", 8004
request.command, request.service = "lease4-get", ["dhcp4"]
request.args = '"ip-address": "%s"' % sys.argv[2]
request.auth = base64.b64encode(b"a:b").decode()
request.generate_body()
request.generate_headers()
response = send_to_control_agent(request)
answer = json.loads(response.body)
assert response.status == 200 and answer[0]["arguments"]["ip-address"] == sys.argv[2], response.body
print("done")
"#;

fn configuration(folder: &Path) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["control-sockets"] = json!([
        {"socket-type": "unix", "socket-name": folder.join("control")},
        {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8004,
            "authentication": {"type": "basic", "clients": [{"user": "a", "password": "b"}]}},
    ]);
    dhcp4["hooks-libraries"] = ["lease_cmds", "subnet_cmds", "class_cmds", "stat_cmds"]
        .map(|name| json!({"library": format!("libdhcp_{name}.so")}))
        .into();
    dhcp4["loggers"].as_array_mut().expect("a list").truncate(1);
    dhcp4
}

fn python(host: &Host, python: &Path, script: &Path, arguments: &[&str]) -> Output {
    let mut command = host.command(python);
    // Its own libraries are those it was built with.
    command.env_remove("LD_LIBRARY_PATH").arg(script).args(arguments).stdin(Stdio::null());
    command.output().expect("Python can be started")
}

/// Each call of the libraries gets the answer that it needs.
#[test]
fn libraries_command_the_server() {
    sandboxed("libraries_command_the_server", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", configuration(&world.path("server")));
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address().to_string();
        let file = server.folder().join("kea-dhcp4.conf").display().to_string();
        let connector =
            partner("kea-shell").map(|shell| shell.with_file_name("../lib/python3/dist-packages/kea"));
        let environment = partner("kea-exporter").map(|exporter| exporter.with_file_name("python3"));
        let scripts = [
            (
                connector.as_ref().map(|_| "python3".into()),
                CONNECTOR,
                connector.as_ref().map(|it| it.display().to_string()),
            ),
            (environment, PYKEADHCP, None),
        ];
        for (interpreter, text, folder) in scripts {
            let Some(interpreter) = interpreter else { continue };
            let script = world.path("script.py");
            fs::write(&script, text).expect("write the script");
            let arguments = match &folder {
                Some(folder) => [&**folder, &*address],
                None => [&*address, &*file],
            };
            let output = python(&lan.server, &interpreter, &script, &arguments);
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(output.status.success() && said.ends_with("done\n"), "{said}");
        }
    });
}
