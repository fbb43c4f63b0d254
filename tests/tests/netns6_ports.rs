//! Kea's manual, "Starting and Stopping the DHCPv6 Server": `-p` and `-P`, the ports of the server and of its clients.

use std::net::Ipv6Addr;
use std::process::{Child, Stdio};

use kotare_testkit::v6::{Client, Relay, relayed};
use kotare_tests::world::{World, eventually, lan6_configuration, program, sandboxed};
use serde_json::json;

/// All servers and relay agents of a link (RFC 9915 §7.1).
const GROUP: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);

const SERVER_PORT: u16 = 1547;
const CLIENT_PORT: u16 = 1546;

/// A server that listens on another port is heard nowhere else, and answers go to the clients' port that it was given, whatever
/// port a message came from; those to relay agents to that one, too.
#[test]
fn ports_are_those_of_the_command_line() {
    sandboxed("ports_are_those_of_the_command_line", |world| {
        let lan = world.lan6();
        let host = lan.host("client");
        let (client, other) = (host.port6(546), host.port6(CLIENT_PORT));
        let _server = Running(start(world, &lan.server));
        let solicit = Client::new(7).solicit().bytes();
        let offer = eventually("the server answers at its port", || {
            client.send_to_port(GROUP, SERVER_PORT, &solicit);
            other.receive_within(std::time::Duration::from_millis(200))
        });
        assert_eq!(kind(&offer), 2, "an ADVERTISE");
        let agent = Relay::new("2001:db8:1::1".parse().expect("an address"), Ipv6Addr::LOCALHOST);
        client.send_to_port(GROUP, SERVER_PORT, &relayed(&solicit, &agent));
        let mut kinds = std::iter::repeat_with(|| kind(&other.receive())).take(100);
        assert!(kinds.any(|kind| kind == 13), "a RELAY-REPL");
        // What is sent to the usual port reaches nobody: the first answer to somebody else is that to the next message.
        let (unheard, last) = (Client::new(8).solicit().bytes(), Client::new(9).solicit().bytes());
        client.send(GROUP, &unheard);
        client.send_to_port(GROUP, SERVER_PORT, &last);
        let mut answers = std::iter::repeat_with(|| other.receive()).take(100);
        let of_another = answers.find(|answer| kind(answer) == 2 && answer[1..4] != solicit[1..4]);
        assert_eq!(of_another.expect("an answer")[1..4], last[1..4]);
    });
}

/// The type of a message.
fn kind(datagram: &[u8]) -> u8 {
    datagram[0]
}

/// A server on these ports.
fn start(world: &World, host: &kotare_tests::world::Host) -> Child {
    let folder = world.path("server");
    std::fs::create_dir_all(&folder).expect("make the server's folder");
    let file = folder.join("kea-dhcp6.conf");
    let mut dhcp6 = lan6_configuration();
    dhcp6["lease-database"] = json!({"type": "memfile", "persist": false});
    std::fs::write(&file, json!({"Dhcp6": dhcp6}).to_string()).expect("write the configuration");
    let mut command = host.command(program("kea-dhcp6"));
    command.args(["-X", "-p", &SERVER_PORT.to_string(), "-P", &CLIENT_PORT.to_string(), "-c"]).arg(&file);
    for variable in ["KEA_PIDFILE_DIR", "KEA_LOCKFILE_DIR", "KEA_DHCP_DATA_DIR"] {
        command.env(variable, &folder);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the server can be started")
}

/// Killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
