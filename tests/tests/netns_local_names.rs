//! Names of clients without a DNS server that is updated (`local-names`): what files say, and what `dig` is answered.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use kotare_tests::tell;
use kotare_tests::world::{
    Client6Program, ClientProgram, Host, Server, Server6, Wish, World, eventually, lan_configuration,
    lan6_configuration, partner, sandboxed, send_signal,
};
use serde_json::{Value, json};

/// Runs a test in a world of its own, unless `dig` is not there.
fn with_dig(name: &str, test: fn(&World)) {
    match partner("dig") {
        Some(_) => sandboxed(name, test),
        None => tell(&format!("skipped: {name} needs dig, which is not unpacked")),
    }
}

/// What `dig` is answered: the code, and the data of the records.
fn dig(host: &Host, words: &[&str]) -> Option<String> {
    let mut command = host.command(partner("dig")?);
    command.args(["+noall", "+comments", "+answer", "+time=1", "+tries=1", "+noedns"]).args(words);
    let output = command.output().expect("dig can be started");
    let text = String::from_utf8(output.stdout).expect("text");
    let (_, rest) = text.split_once("status: ")?;
    let code = rest.split(',').next()?;
    let records = text.lines().filter(|line| !line.starts_with(';'));
    let data = records.filter_map(|line| line.split_whitespace().last()).collect::<Vec<_>>();
    Some([&[code], &data[..]].concat().join(" "))
}

fn await_answer(host: &Host, words: &[&str], expected: &str) {
    let mut last = None;
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually(&format!("{words:?} is answered with {expected}"), || {
            last = dig(host, words);
            (last.as_deref() == Some(expected)).then_some(())
        });
    }));
    assert!(told.is_ok(), "{words:?}: {last:?}, not {expected:?}");
}

fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

fn await_lines(file: &Path, expected: &[&str]) {
    eventually(&format!("{} says {expected:?}", file.display()), || (lines(file) == expected).then_some(()));
}

/// One line of configuration: a client's name is in a file that the resolver of the system reads, goes with the lease, is
/// there again after a restart, and the names of reservations always are.
#[test]
fn a_hosts_file_follows_leases() {
    sandboxed("a_hosts_file_follows_leases", |world| {
        let lan = world.lan();
        let hosts = world.path("hosts");
        let mut dhcp4 = lan_configuration();
        dhcp4["local-names"] = json!({"hosts-file": hosts, "unbound-file": world.path("unbound.conf")});
        dhcp4["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        dhcp4["subnet4"][0]["reservations"] =
            json!([{"hw-address": "02:00:00:00:00:99", "ip-address": "192.0.2.9", "hostname": "printer"}]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4.clone());
        await_lines(&hosts, &["192.0.2.9\tprinter"]);
        let mut client = lan.client("laptop", ClientProgram::Dhclient);
        let address = client.obtain().address().to_string();
        let own = format!("{address}\tlaptop");
        let both = ["192.0.2.9\tprinter", &*own];
        await_lines(&hosts, &both);
        // It is written after the other one.
        let line = format!("    local-data: \"laptop. 60 IN A {address}\"\n");
        eventually("Unbound's file says it, too", || {
            let unbound = fs::read_to_string(world.path("unbound.conf")).unwrap_or_default();
            unbound.contains(&line).then_some(())
        });

        // The resolver of the system reads it.
        let script = "mount --bind \"$0\" /etc/hosts && getent -s files hosts laptop";
        let path = hosts.display().to_string();
        let found = lan.server.run("unshare", &["--mount", "sh", "-c", script, &path]);
        assert_eq!(found.split_whitespace().collect::<Vec<_>>(), [&*address, "laptop"]);

        assert!(server.stop());
        fs::write(&hosts, "overwritten\n").expect("it can be written");
        let server = Server::again(world, &lan.server, "server");
        await_lines(&hosts, &both);
        client.release();
        await_lines(&hosts, &both[..1]);
        let status = server.command("status-get", None);
        assert_eq!(status["arguments"]["local-names"]["names"], 1, "{status}");

        // Where there can be no file, the server goes on, says so, and writes as soon as it can.
        fs::write(world.path("folder"), "a file").expect("it can be written");
        let elsewhere = world.path("folder/hosts");
        dhcp4["local-names"]["hosts-file"] = json!(elsewhere);
        server.write_configuration(dhcp4);
        server.signal("HUP");
        server.await_log(&["KOTARE_LOCAL_NAMES_FILE_NOT_WRITTEN", "folder/hosts, which is tried again"]);
        let errors = &server.command("status-get", None)["arguments"]["local-names"]["errors"];
        assert!(errors[0].as_str().is_some_and(|error| error.contains("folder/hosts: ")), "{errors}");
        fs::remove_file(world.path("folder")).expect("it can be removed");
        fs::create_dir(world.path("folder")).expect("a folder can be made");
        await_lines(&elsewhere, &both[..1]);
        assert!(server.stop());
    });
}

/// What is reserved by command is told as what was configured is, and what is reserved no longer is not.
#[test]
fn commands_reserve_names() {
    sandboxed("commands_reserve_names", |world| {
        let lan = world.lan();
        let hosts = world.path("hosts");
        let mut dhcp4 = lan_configuration();
        dhcp4["local-names"] = json!({"hosts-file": hosts});
        dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_host_cmds.so"}]);
        let reserved = |last: u8, name: &str| {
            json!({"hw-address": format!("02:00:00:00:00:{last:02}"), "ip-address": format!("192.0.2.{last}"),
                "hostname": name})
        };
        dhcp4["subnet4"][0]["reservations"] = json!([reserved(8, "one")]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        await_lines(&hosts, &["192.0.2.8\tone"]);
        let mut another = reserved(9, "two");
        another["subnet-id"] = json!(1);
        let add = json!({"reservation": another, "operation-target": "memory"});
        let remove = json!({"subnet-id": 1, "ip-address": "192.0.2.8", "operation-target": "memory"});
        for (command, arguments) in [("reservation-add", add), ("reservation-del", remove)] {
            let answer = server.command(command, Some(arguments));
            assert_eq!(answer["result"], 0, "{answer}");
        }
        await_lines(&hosts, &["192.0.2.9\ttwo"]);
        // Whoever asks for a name that is free again gets it.
        let mut client = lan.client("one", ClientProgram::Dhclient);
        let address = client.obtain().address().to_string();
        await_lines(&hosts, &["192.0.2.9\ttwo", &format!("{address}\tone")]);
        assert!(server.stop());
    });
}

/// Two daemons, one host: what the DHCPv6 server writes the DHCPv4 server answers for, too; forward and reverse, over UDP
/// and TCP, and nothing for others.
#[test]
fn questions_are_answered() {
    with_dig("questions_are_answered", |world| {
        let lan = world.lan6();
        lan.server.address("eth0", "192.0.2.1/24");
        let hosts6 = world.path("hosts6");
        let mut dhcp6 = lan6_configuration();
        dhcp6["local-names"] = json!({"domain": "home.arpa", "hosts-file": hosts6});
        // Nobody is there to be asked; without it no names are made up.
        dhcp6["dhcp-ddns"] = json!({"enable-updates": true});
        dhcp6["ddns-replace-client-name"] = json!("when-not-present");
        dhcp6["ddns-generated-prefix"] = json!("made-up");
        dhcp6["ddns-qualifying-suffix"] = json!("home.arpa");
        let mut dhcp4 = lan_configuration();
        let names = json!({
            "domain": "home.arpa",
            "listen": ["192.0.2.1"],
            "other-hosts-files": [hosts6],
            "zones": ["home.arpa", "192.0.2.0/24", "2001:db8:1::/64"],
        });
        dhcp4["local-names"] = names.clone();
        dhcp4["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        let server6 = Server6::kotare(world, &lan.server, "server6", dhcp6);
        let server = Server::kotare(world, &lan.server, "server", dhcp4.clone());
        let ask = |words: &[&str], expected: &str| {
            await_answer(&lan.server, &[&["@192.0.2.1"], words].concat(), expected)
        };
        ask(&["laptop.home.arpa", "A"], "NXDOMAIN");
        let host = lan.host("laptop");
        let mut client = kotare_tests::world::Client::new(world, &host, "eth0", ClientProgram::Dhclient);
        let address = client.obtain().address().to_string();
        ask(&["LapTop.Home.ARPA", "A"], &format!("NOERROR {address}"));
        ask(&["+tcp", "laptop.home.arpa", "A"], &format!("NOERROR {address}"));
        ask(&["laptop.home.arpa", "AAAA"], "NOERROR");
        ask(&["-x", &address], "NOERROR laptop.home.arpa.");
        ask(&["home.arpa", "NS"], "NOERROR ns.home.arpa.");
        ask(&["ns.home.arpa", "A"], "NOERROR 192.0.2.1");
        ask(&["www.example.com", "A"], "REFUSED");

        let mut client6 = lan.client("other", Client6Program::Dhclient, Wish::Address);
        let address6 = client6.obtain().told.addresses()[0].to_string();
        let name6 = format!("made-up-{}.home.arpa.", address6.replace(':', "-"));
        ask(&[&name6, "AAAA"], &format!("NOERROR {address6}"));
        ask(&["-x", &address6], &format!("NOERROR {name6}"));

        let status = server.command("status-get", None);
        let told = &status["arguments"]["local-names"];
        assert!(told["answers"]["noerror"].as_u64() >= Some(8) && told["errors"] == json!([]), "{told}");

        // A restart forgets nothing; a release is heard of; another configuration takes effect at once.
        assert!(server.stop());
        let server = Server::again(world, &lan.server, "server");
        ask(&["laptop.home.arpa", "A"], &format!("NOERROR {address}"));
        dhcp4["local-names"]["ttl"] = json!(7);
        dhcp4["local-names"]["zones"] = Value::Null;
        dhcp4["local-names"].as_object_mut().expect("a map").remove("zones");
        server.write_configuration(dhcp4);
        server.signal("HUP");
        ask(&["-x", &address6], "REFUSED");
        ask(&["-x", &address], "NOERROR laptop.home.arpa.");
        client.release();
        ask(&["laptop.home.arpa", "A"], "NXDOMAIN");
        assert!(server.stop() && server6.stop());
    });
}

/// A DNS server that is told names; killed when dropped.
struct Resolver(Child);

impl Resolver {
    fn start(host: &Host, program: &Path, arguments: &[&str]) -> Self {
        let mut command = host.command(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("it can be started"))
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `docs/local-names.md` recommends for dnsmasq (`hostsdir`, `addn-hosts` with a signal) and for Unbound (`include` with a
/// reload, `stub-zone`): a client's name resolves through each, and does not when its lease is gone.
#[test]
fn resolvers_tell_the_names() {
    if ["dnsmasq", "unbound"].iter().any(|program| partner(program).is_none()) {
        return tell("skipped: resolvers_tell_the_names needs dnsmasq and Unbound, which are not unpacked");
    }
    with_dig("resolvers_tell_the_names", |world| {
        let (dnsmasq, unbound) = (partner("dnsmasq").expect("there"), partner("unbound").expect("there"));
        let lan = world.lan();
        for last in 2..=5 {
            lan.server.address("eth0", &format!("192.0.2.{last}/24"));
        }
        let folder = world.path("hosts.d");
        fs::create_dir(&folder).expect("a folder can be made");
        let path = |name: &str| world.path(name).display().to_string();
        let hosts = folder.join("hosts");
        let mut dhcp4 = lan_configuration();
        dhcp4["local-names"] = json!({"domain": "home.arpa", "hosts-file": hosts, "unbound-file": path("names.conf"),
            "listen": ["192.0.2.1"], "zones": ["home.arpa", "192.0.2.0/24"]});
        dhcp4["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        eventually("the files are there", || {
            [hosts.as_path(), &world.path("names.conf")].iter().all(|file| file.exists()).then_some(())
        });

        let common = [
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
            "--user=root",
            "--pid-file=",
        ];
        let watches = format!("--hostsdir={}", folder.display());
        let listens = ["--listen-address=192.0.2.2", "--listen-address=192.0.2.3"];
        let _watching =
            Resolver::start(&lan.server, &dnsmasq, &[&common[..], &[&watches, listens[0]]].concat());
        let reads = format!("--addn-hosts={}", hosts.display());
        let told = Resolver::start(&lan.server, &dnsmasq, &[&common[..], &[&reads, listens[1]]].concat());
        let unbound_at = |address: &str, server: &str, rest: &str| {
            let file = world.path(&format!("unbound-{address}.conf"));
            let text = format!(
                "server:\n interface: {address}\n access-control: 192.0.2.0/24 allow\n do-daemonize: no\n chroot: \"\"\n \
                 username: \"\"\n pidfile: \"\"\n use-syslog: no\n directory: \"{}\"\n module-config: \"iterator\"\n \
                 do-not-query-localhost: no\n{server}remote-control:\n control-enable: no\n{rest}",
                world.path("").display()
            );
            fs::write(&file, text).expect("it can be written");
            Resolver::start(&lan.server, &unbound, &["-d", "-c", &file.display().to_string()])
        };
        let including = unbound_at("192.0.2.4", "", &format!("include: \"{}\"\n", path("names.conf")));
        let stub = "stub-zone:\n name: \"home.arpa\"\n stub-addr: 192.0.2.1@53\n\
                    stub-zone:\n name: \"2.0.192.in-addr.arpa\"\n stub-addr: 192.0.2.1@53\n";
        let open =
            " local-zone: \"home.arpa.\" nodefault\n local-zone: \"2.0.192.in-addr.arpa.\" nodefault\n";
        let _asking = unbound_at("192.0.2.5", open, stub);

        let (name, servers) = ("laptop.home.arpa", ["@192.0.2.2", "@192.0.2.3", "@192.0.2.4", "@192.0.2.5"]);
        let reread = || {
            // As `ExecReload` of either does.
            send_signal(told.0.id(), "HUP");
            send_signal(including.0.id(), "HUP");
        };
        let mut client = lan.client("laptop", ClientProgram::Dhclient);
        let address = client.obtain().address().to_string();
        await_lines(&hosts, &[&format!("{address}\tlaptop.home.arpa laptop")]);
        eventually("Unbound's file says it, too", || {
            fs::read_to_string(world.path("names.conf")).ok().filter(|text| text.contains(&address))
        });
        for server in servers {
            eventually(&format!("{server} tells the name and the address"), || {
                let forward = dig(&lan.server, &[server, name, "A"])? == format!("NOERROR {address}");
                let reverse = dig(&lan.server, &[server, "-x", &address])? == "NOERROR laptop.home.arpa.";
                if !forward || !reverse {
                    reread();
                }
                (forward && reverse).then_some(())
            });
        }
        client.release();
        await_lines(&hosts, &[]);
        eventually("Unbound's file says so, too", || {
            fs::read_to_string(world.path("names.conf")).ok().filter(|text| !text.contains(&address))
        });
        // What the asking one remembers it may tell for as long as it was told.
        for server in &servers[..3] {
            eventually(&format!("{server} does not tell the name any more"), || {
                let gone = !dig(&lan.server, &[server, name, "A"])?.contains(&address);
                if !gone {
                    reread();
                }
                gone.then_some(())
            });
        }
        assert!(server.stop());
    });
}
