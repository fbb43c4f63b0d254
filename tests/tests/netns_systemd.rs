//! The units under systemd, which runs in a machine of the test: ready, reloaded, killed, hung, confined.

use std::fs;

use kotare_testkit::Guest;
use kotare_tests::tell;
use kotare_tests::world::{
    Client6, Client6Program, ClientProgram, Lan, Systemd, Wish, World, eventually, lan_configuration,
    lan6_configuration, sandboxed,
};
use kotare_wasm::WIT;
use serde_json::{Value, json};

const V4: &str = "kea-dhcp4-server";
const V6: &str = "kea-dhcp6-server";
const AGENT: &str = "kea-ctrl-agent";

/// A machine on the server's host of a LAN, where the units have these configurations; `None`, told, where there can be
/// none.
fn machine(world: &World, lan: &Lan<'_>) -> Option<Systemd> {
    lan.server.trust_addresses();
    lan.server.address("eth0", "2001:db8:1::1/64");
    lan.server.link_local("eth0");
    let machine = match Systemd::start(world, &lan.server) {
        Ok(machine) => machine,
        Err(reason) => {
            tell(&format!("skipped: systemd cannot run in a machine of this test: {reason}"));
            return None;
        }
    };
    configure(&machine, 4, lan_configuration());
    configure(&machine, 6, lan6_configuration());
    Some(machine)
}

/// Writes a configuration where the unit reads it, with a control socket and a log file of plain names.
fn configure(machine: &Systemd, family: u8, mut config: Value) {
    let program = format!("kea-dhcp{family}");
    config["control-sockets"] =
        json!([{"socket-type": "unix", "socket-name": format!("kea{family}-ctrl-socket")}]);
    config["lease-database"] = json!({"type": "memfile", "lfc-interval": 0});
    config["loggers"] = json!([{"name": program, "output-options": [{"output": format!("{program}.log")}]}]);
    // The file is there, and keeps its owner.
    let file = machine.path(&format!("etc/kea/{program}.conf"));
    fs::write(file, json!({format!("Dhcp{family}"): config}).to_string()).expect("write a configuration");
}

/// A unit is active once the daemon said that it is ready; what its directives forbid is nothing that it does.
#[test]
fn the_units_serve_under_systemd() {
    sandboxed("the_units_serve_under_systemd", |world| {
        let lan = world.lan();
        let Some(machine) = machine(world, &lan) else { return };
        let said = machine
            .run(&format!("systemd-analyze verify --man=no {V4}.service {V6}.service {AGENT}.service"));
        assert!(!said.contains("kea"), "{said}");
        machine.run(&format!("systemctl start {V4} {V6} {AGENT}"));
        for (unit, status) in [
            (V4, "serving 1 subnets, 0 shared networks"),
            (V6, "serving 1 subnets, 0 shared networks"),
            (AGENT, "listening on 127.0.0.1, port 8000"),
        ] {
            assert_eq!(machine.property(unit, "SubState"), "running");
            let text = machine.property(unit, "StatusText");
            assert!(text.starts_with(status), "{unit}: {text}");
            let pid = machine.property(unit, "MainPID");
            assert_eq!(machine.run(&format!("ps -o user= -p {pid}")).trim(), "_kea");
            let status = machine.run(&format!("cat /proc/{pid}/status"));
            let words: String = status.split_whitespace().map(|word| format!("{word} ")).collect();
            assert!(words.contains("NoNewPrivs: 1 Seccomp: 2 "), "{status}");
        }

        // Raw sockets, ports below 1024, multicast, lease files.
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address().to_string();
        let leases =
            |name: &str| fs::read_to_string(machine.path(&format!("var/lib/kea/{name}"))).unwrap_or_default();
        assert!(leases("kea-leases4.csv").contains(&address), "{}", leases("kea-leases4.csv"));
        let host = world.host6("client6", &lan.link);
        let mut client = Client6::new(world, &host, "eth0", Client6Program::Dhclient, Wish::Both);
        let address = client.obtain().address.expect("it asked for one").to_string();
        assert!(leases("kea-leases6.csv").contains(&address), "{}", leases("kea-leases6.csv"));
        assert!(leases("kea-dhcp6-serverid").len() > 20);

        // Pid files, log files, the cleanup as a program of its own, config-write, commands through the agent.
        for family in [4, 6] {
            let (program, unit) = (format!("kea-dhcp{family}"), format!("kea-dhcp{family}-server"));
            let pid = machine.run(&format!("cat /run/kea/{program}.{program}.pid"));
            assert_eq!(pid.trim(), machine.property(&unit, "MainPID"));
            let log = fs::read_to_string(machine.path(&format!("var/log/kea/{program}.log")));
            assert!(log.expect("there is a log file").contains(&format!("DHCP{family}_STARTED")));
            machine.run(&format!("kea-shell --service dhcp{family} kea-lfc-start < /dev/null"));
            let cleaned = format!("kea-leases{family}.csv.2");
            eventually("the cleanup is through", || leases(&cleaned).contains(',').then_some(()));
            machine.run(&format!("kea-shell --service dhcp{family} config-write < /dev/null"));
            machine.run(&format!("{program} -t /etc/kea/{program}.conf"));
            assert_eq!(machine.run(&format!("stat -c '%a %G' /etc/kea/{program}.conf")).trim(), "640 _kea");
        }

        machine.run(&format!("systemctl stop {V4} {V6} {AGENT}"));
        for unit in [V4, V6, AGENT] {
            assert_eq!(machine.property(unit, "ActiveState"), "inactive");
            assert_eq!(machine.property(unit, "Result"), "success", "{}", machine.journal());
        }
        let left = machine.run("ls /run/kea");
        assert!(!left.contains(".pid"), "{left}");
    });
}

/// The unit lets no memory become code: modules of WebAssembly are interpreted there.
#[test]
fn modules_are_interpreted_in_a_unit() {
    sandboxed("modules_are_interpreted_in_a_unit", |world| {
        let lan = world.lan();
        let Some(machine) = machine(world, &lan) else { return };
        // What is below /usr stays as it is.
        let module = machine.path("etc/kea/libdhcp_any.wasm");
        fs::write(module, Guest::default().component(WIT)).expect("write a module");
        let drop_in = machine.path(&format!("etc/systemd/system/{V4}.service.d"));
        fs::create_dir_all(&drop_in).expect("make a folder");
        let lines = "[Service]\nEnvironment=KEA_HOOKS_PATH=/etc/kea\n";
        fs::write(drop_in.join("hooks.conf"), lines).expect("write a drop-in");
        machine.run("systemctl daemon-reload");
        let mut config = lan_configuration();
        config["hooks-libraries"] = json!([{"library": "libdhcp_any.wasm"}]);
        configure(&machine, 4, config);
        machine.run(&format!("systemctl start {V4}"));
        lan.client("client", ClientProgram::Udhcpc).obtain();
        let said = machine.run("cat /var/log/kea/kea-dhcp4.log");
        assert!(said.contains("runs as interpreted code"), "{said}");
        assert!(!said.contains("ERROR"), "{said}");
    });
}

/// `systemctl reload` is a new configuration of the same process; a server that is killed or hangs is started again, and
/// has its leases.
#[test]
fn the_units_are_reloaded_and_restarted() {
    sandboxed("the_units_are_reloaded_and_restarted", |world| {
        let lan = world.lan();
        let Some(machine) = machine(world, &lan) else { return };
        for unit in [V4, V6] {
            // Systemd waits half a minute and then a whole one; the test has no time for that.
            let folder = machine.path(&format!("etc/systemd/system/{unit}.service.d"));
            fs::create_dir_all(&folder).expect("make a folder");
            let text = "[Service]\nWatchdogSec=4s\nTimeoutAbortSec=1s\nRestartSec=100ms\n";
            fs::write(folder.join("test.conf"), text).expect("write a file");
        }
        machine.run(&format!("systemctl daemon-reload && systemctl start {V4} {V6} {AGENT}"));
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address();

        let process = |unit: &str| machine.property(unit, "MainPID");
        let before = [V4, V6, AGENT].map(process);
        let mut config = lan_configuration();
        let mut second = config["subnet4"][0].clone();
        second["id"] = 2.into();
        second["subnet"] = "198.51.100.0/24".into();
        second["pools"] = json!([]);
        second["option-data"] = json!([]);
        config["subnet4"].as_array_mut().expect("a list").push(second);
        configure(&machine, 4, config);
        machine.run(&format!("systemctl reload {V4} {V6} {AGENT}"));
        eventually("the server has the new configuration", || {
            machine.property(V4, "StatusText").starts_with("serving 2 subnets").then_some(())
        });
        assert_eq!([V4, V6, AGENT].map(process), before);

        for unit in [V4, V6, AGENT] {
            machine.run(&format!("systemctl kill --signal=KILL {unit}"));
        }
        let restarted = |unit: &str, times: &str| {
            eventually("the unit is started again", || {
                let running = machine.property(unit, "SubState") == "running";
                (running && machine.property(unit, "NRestarts") == times).then_some(())
            });
        };
        [V4, V6, AGENT].iter().for_each(|unit| restarted(unit, "1"));
        client.kill();
        assert_eq!(client.obtain().address(), address);

        for unit in [V4, V6] {
            machine.run(&format!("systemctl kill --signal=STOP {unit}"));
        }
        [V4, V6].iter().for_each(|unit| restarted(unit, "2"));
        assert!(machine.journal().contains("Watchdog timeout"), "{}", machine.journal());
        client.kill();
        assert_eq!(client.obtain().address(), address);
    });
}
