//! The conversations that management systems have with a server: what Micetro sends to change its configuration, and how
//! Stork's agent finds and watches it.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_tests::world::{ClientProgram, Host, Server, eventually, lan_configuration, sandboxed};
use serde_json::{Value, json};

/// The LAN's configuration with an HTTP socket beside the UNIX one.
fn configuration(folder: &Path) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["control-sockets"] = json!([
        {"socket-type": "unix", "socket-name": folder.join("control")},
        {"socket-type": "http", "socket-address": "192.0.2.1", "socket-port": 8000},
    ]);
    let libraries = ["lease_cmds", "stat_cmds", "subnet_cmds", "host_cmds"];
    dhcp4["hooks-libraries"] = libraries
        .iter()
        .map(|name| json!({"library": format!("/usr/lib/kea/hooks/libdhcp_{name}.so")}))
        .collect();
    dhcp4
}

/// The way of a command to a server: over its UNIX socket, or over HTTP, as the answers of Kea are in a list there.
enum Way<'a> {
    Unix(&'a Server),
    Http(&'a Host),
}

impl Way<'_> {
    fn send(&self, command: &str, arguments: Option<&Value>) -> Value {
        let mut request = json!({"command": command});
        match self {
            Self::Unix(server) => server.command(command, arguments.cloned()),
            Self::Http(host) => {
                request["service"] = json!(["dhcp4"]);
                request
                    .as_object_mut()
                    .expect("a map")
                    .extend(arguments.map(|it| ("arguments".to_owned(), it.clone())));
                let mut curl = host.command("curl");
                curl.args([
                    "--silent",
                    "--show-error",
                    "--max-time",
                    "20",
                    "--json",
                    "@-",
                    "http://192.0.2.1:8000/",
                ]);
                let mut child = curl
                    .stdin(std::process::Stdio::piped())
                    .stdout(std::process::Stdio::piped())
                    .spawn()
                    .expect("curl is installed");
                let mut input = child.stdin.take().expect("a pipe");
                input.write_all(request.to_string().as_bytes()).expect("curl reads");
                drop(input);
                let output = child.wait_with_output().expect("curl ends");
                let mut answers: Value = serde_json::from_slice(&output.stdout).expect("JSON");
                assert_eq!(answers.as_array().map(Vec::len), Some(1), "{answers}");
                answers[0].take()
            }
        }
    }

    fn ok(&self, command: &str, arguments: Option<&Value>) -> Value {
        let answer = self.send(command, arguments);
        assert_eq!(answer["result"], 0, "{command}: {answer}");
        answer
    }
}

/// Read the configuration, change it, test it, set it, write it; edit the file by hand and reload it. Whatever is wrong
/// is an error that changes nothing: neither the configuration nor the file, and clients keep their leases.
#[test]
fn a_configuration_is_changed_as_micetro_does() {
    sandboxed("a_configuration_is_changed_as_micetro_does", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", configuration(&world.path("server")));
        let file = server.folder().join("kea-dhcp4.conf");
        let written =
            || -> Value { serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON") };
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let lease = client.obtain();
        let hosts = [Way::Unix(&server), Way::Http(&lan.server)];
        for (at, way) in hosts.iter().enumerate() {
            let address = format!("192.0.2.2{at}");
            let mut config = way.ok("config-get", None)["arguments"].take();
            config.as_object_mut().expect("a map").remove("hash");
            let host = json!({"hw-address": format!("02:00:00:00:00:0{at}"), "ip-address": address, "hostname": "printer"});
            config["Dhcp4"]["subnet4"][0]["reservations"].as_array_mut().expect("a list").push(host.clone());
            way.ok("config-test", Some(&config));
            let answer = way.ok("config-set", Some(&config));
            assert_eq!(answer["text"], "Configuration successful.", "{answer}");
            let answer = way.ok("config-write", None);
            assert_eq!(answer["arguments"]["filename"], file.display().to_string(), "{answer}");
            let reserved = |config: &Value| {
                let all =
                    config["Dhcp4"]["subnet4"][0]["reservations"].as_array().cloned().unwrap_or_default();
                all.iter().any(|it| {
                    it["ip-address"] == host["ip-address"] && it["hw-address"] == host["hw-address"]
                })
            };
            assert!(reserved(&written()) && reserved(&way.ok("config-get", None)["arguments"]));

            // By hand.
            let mut edited = written();
            let lifetime = 3000 + 500 * at;
            edited["Dhcp4"]["valid-lifetime"] = lifetime.into();
            for keyword in ["min-valid-lifetime", "valid-lifetime", "max-valid-lifetime"] {
                edited["Dhcp4"]["subnet4"][0][keyword] = lifetime.into();
            }
            fs::write(&file, format!("// Edited by hand.\n{edited}")).expect("the file is written");
            let mut answer = way.ok("config-reload", None);
            answer.as_object_mut().expect("a map").remove("arguments");
            assert_eq!(answer, json!({"result": 0, "text": "Configuration successful."}));
            let before = way.ok("config-get", None);
            assert_eq!(before["arguments"]["Dhcp4"]["valid-lifetime"], lifetime);

            let mut wrong = edited.clone();
            wrong["Dhcp4"]["subnet4"][0]["pools"] = json!([{"pool": "198.51.100.1-198.51.100.9"}]);
            for text in ["{ \"Dhcp4\": ".to_owned(), wrong.to_string()] {
                fs::write(&file, &text).expect("the file is written");
                let answer = way.send("config-reload", None);
                assert_eq!(answer["result"], 1, "{answer}");
                assert_eq!(fs::read_to_string(&file).expect("a file"), text);
            }
            for command in ["config-test", "config-set"] {
                let answer = way.send(command, Some(&wrong));
                assert_eq!(answer["result"], 1, "{answer}");
                let said = answer["text"].as_str().unwrap_or_default();
                assert!(said.contains("198.51.100.1"), "{command} says what is wrong: {said}");
            }
            assert_eq!(way.ok("config-get", None), before);
            fs::write(&file, edited.to_string()).expect("the file is written");
        }
        let renewed = client.renew();
        assert_eq!(renewed.address(), lease.address());
        // A client that missed the first answer is told what is left.
        assert!((3400..=3500).contains(&renewed.lifetime()), "{renewed:?}");
    });
}

/// Who shuts themselves out need only wait: where commands came, they come again. A server that is killed during a trial
/// begins with its file.
#[test]
fn a_trial_ends_by_itself_or_with_the_server() {
    sandboxed("a_trial_ends_by_itself_or_with_the_server", |world| {
        let lan = world.lan();
        let mut server = Server::kotare(world, &lan.server, "server", configuration(&world.path("server")));
        let http = Way::Http(&lan.server);
        let before = http.ok("config-get", None);
        let mut config = before["arguments"].clone();
        config["Dhcp4"]["control-sockets"]
            .as_array_mut()
            .expect("a list")
            .retain(|it| it["socket-type"] == "unix");
        config["confirm-within"] = 1.into();
        http.ok("config-set", Some(&config));
        eventually("commands come over HTTP again", || {
            let mut curl = lan.server.command("curl");
            let done = curl.args(["--silent", "--max-time", "90", "http://192.0.2.1:8000/"]).output();
            done.expect("curl is installed").status.success().then_some(())
        });
        assert_eq!(http.ok("config-get", None), before);
        server.await_log(&["KOTARE_CONFIG_RESTORED", "it was not confirmed within 1 seconds"]);

        config["confirm-within"] = 3600.into();
        http.ok("config-set", Some(&config));
        let status = Way::Unix(&server).ok("status-get", None);
        assert_eq!(status["arguments"]["unconfirmed-config"]["confirm-within"], 3600, "{status}");
        server.signal("KILL");
        server.wait();
        drop(server);
        let again = Server::again(world, &lan.server, "server");
        assert_eq!(Way::Unix(&again).ok("config-get", None), before);
        let status = Way::Unix(&again).ok("status-get", None);
        assert!(status["arguments"]["unconfirmed-config"].is_null(), "{status}");
    });
}

/// The words of a process's command line.
fn command_line(process: &Path) -> Option<Vec<String>> {
    let line = fs::read(process.join("cmdline")).ok()?;
    let words = line.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    Some(words.map(|word| String::from_utf8_lossy(word).into_owned()).collect())
}

/// Stork's agent looks through the processes for the names of Kea's daemons, takes program and configuration file out of
/// the command line, asks the program for its version, reads in the file where commands may be sent, sends them and
/// reads answers up to their end, and follows the lease file.
#[test]
fn storks_agent_finds_and_watches_a_server() {
    sandboxed("storks_agent_finds_and_watches_a_server", |world| {
        let lan = world.lan();
        let server = Server::kotare(world, &lan.server, "server", configuration(&world.path("server")));
        let process = PathBuf::from(format!("/proc/{}", server.pid()));
        let name = fs::read_to_string(process.join("comm")).expect("a process has a name");
        assert_eq!(name.trim_end(), "kea-dhcp4");
        let words = command_line(&process).expect("a process has a command line");
        assert!(words[0].ends_with("/kea-dhcp4"), "{words:?}");
        let file =
            words.iter().position(|word| word == "-c").and_then(|at| words.get(at + 1)).expect("-c is there");
        let version = Command::new(&words[0]).arg("-v").output().expect("the program can be run");
        let version = String::from_utf8(version.stdout).expect("text");
        let numbers: Vec<u32> = version.trim().split('.').filter_map(|number| number.parse().ok()).collect();
        assert!(matches!(numbers[..], [3, _, _]), "{version}");

        let config: Value = serde_json::from_str(&fs::read_to_string(file).expect("a file")).expect("JSON");
        let socket = config["Dhcp4"]["control-sockets"][0]["socket-name"].as_str().expect("a UNIX socket");
        // Neither closes its side nor sends a line end: the answer ends where the server closes the connection.
        let send = |command: &str, arguments: Option<Value>| -> Value {
            let mut request = json!({"command": command, "service": ["dhcp4"]});
            request.as_object_mut().expect("a map").extend(arguments.map(|it| ("arguments".to_owned(), it)));
            let mut stream = UnixStream::connect(socket).expect("the socket is there");
            stream.write_all(request.to_string().as_bytes()).expect("the server reads");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("the server answers");
            serde_json::from_str(&answer).expect("JSON")
        };
        let ok = |command: &str, arguments: Option<Value>| -> Value {
            let mut answer = send(command, arguments);
            assert_eq!(answer["result"], 0, "{command}: {answer}");
            answer["arguments"].take()
        };
        assert_eq!(send("version-get", None)["text"], version.trim());
        let status = ok("status-get", None);
        for member in ["pid", "uptime", "reload", "csv-lease-file"] {
            assert!(!status[member].is_null(), "{member} in {status}");
        }
        assert_eq!(status["pid"], server.pid());
        let shown = ok("config-get", None);
        assert!(shown["hash"].is_string(), "{shown}");
        let database = &shown["Dhcp4"]["lease-database"];
        assert_eq!((&database["type"], &database["name"]), (&json!("memfile"), &status["csv-lease-file"]));
        let subnets = ok("subnet4-list", None);
        assert_eq!(
            subnets["subnets"],
            json!([{"id": 1, "shared-network-name": null, "subnet": "192.0.2.0/24"}])
        );
        let page = json!({"limit": 1000, "from": 0, "source-index": 1});
        assert!(
            [0, 3].contains(&send("reservation-get-page", Some(page))["result"].as_i64().expect("a result"))
        );

        // Followed by reading on from where it ended: rows are whole, with the columns that the agent knows by place.
        let path = PathBuf::from(status["csv-lease-file"].as_str().expect("a path"));
        let rows = || -> Vec<Vec<String>> {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let whole = text.lines().skip(1).map(|row| row.split(',').map(str::to_owned).collect());
            whole.collect()
        };
        let header = fs::read_to_string(&path).expect("the lease file is there");
        assert!(
            header.starts_with(
                "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n"
            ),
            "{header}"
        );
        let mut leased = Vec::new();
        for name in ["one", "two"] {
            let mut client = lan.client(name, ClientProgram::Udhcpc);
            let address = client.obtain().address().to_string();
            let row =
                eventually("the lease is in the file", || rows().into_iter().find(|row| row[0] == address));
            assert_eq!((&*row[3], &*row[5], &*row[9], row.len()), ("3600", "1", "0", 12), "{row:?}");
            assert_eq!(row[1], client.mac());
            leased.push(client);
        }
        let statistics = ok("statistic-get-all", None);
        for (name, least) in
            [("subnet[1].assigned-addresses", 2), ("subnet[1].total-addresses", 100), ("pkt4-ack-sent", 2)]
        {
            let value = statistics[name][0][0].as_i64();
            assert!(value.is_some_and(|value| value >= least), "{name}: {value:?}");
        }
        let found = ok("lease4-get-by-hw-address", Some(json!({"hw-address": leased[0].mac()})));
        assert_eq!(found["leases"].as_array().map(Vec::len), Some(1), "{found}");
        let set = ok("stat-lease4-get", None);
        let columns = set["result-set"]["columns"].as_array().cloned().unwrap_or_default();
        let at =
            columns.iter().position(|column| column == "assigned-addresses").expect("the column is there");
        assert_eq!(set["result-set"]["rows"][0][at], 2, "{set}");
    });
}
