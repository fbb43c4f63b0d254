//! `kea-admin` beside a server that runs: it counts, reads and uploads through it, and leaves its file alone.

use std::fs;
use std::process::Command;

use kotare_tests::world::{ClientProgram, Server, lan_configuration, program, sandboxed};
use serde_json::json;

const ROW: &str = "02:00:00:00:00:77,,3600,4000000000,1,0,0,uploaded,0,,0";

/// Kea's manual, "The kea-admin Tool", for a server with a lease file.
#[test]
fn kea_admin_beside_a_server() {
    sandboxed("kea_admin_beside_a_server", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
        let subnet = dhcp4["subnet4"][0]["subnet"].as_str().expect("a subnet").to_owned();
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let folder = server.folder().to_owned();
        let file = folder.join("leases.csv");
        let file = file.to_str().expect("a path of letters");
        let socket = server.control_socket().to_str().expect("a path of letters").to_owned();
        let path = |name: &str| folder.join(name).to_str().expect("a path of letters").to_owned();
        let run = |arguments: &[&str]| {
            let output = Command::new(program("kea-admin")).args(arguments).output().expect("kea-admin runs");
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            (output.status.success(), said)
        };
        let mut client = lan.client("dhclient", ClientProgram::ALL[0]);
        let address = client.obtain().address().to_string();

        // Whatever was reset, a recount tells how many leases there are.
        server.command("statistic-reset", Some(json!({"name": "assigned-addresses"})));
        assert_eq!(server.statistic("assigned-addresses"), 0);
        let (success, said) = run(&["stats-recount", "memfile", "--socket", &socket]);
        assert!(success && said.contains("1 addresses are assigned, 0 of them declined"), "{said}");
        assert_eq!(server.statistic("assigned-addresses"), 1);

        let (success, said) = run(&["lease-dump", "memfile", "-4", "-n", file, "-o", &path("dumped")]);
        assert!(success, "{said}");
        let dumped = fs::read_to_string(path("dumped")).expect("a dump");
        assert_eq!(dumped.lines().count(), 2, "{dumped}");
        assert!(dumped.lines().nth(1).is_some_and(|row| row.starts_with(&format!("{address},"))), "{dumped}");

        // Its file is the server's alone, and the server takes leases by command.
        let network = subnet.rsplit_once('.').expect("an IPv4 subnet").0;
        let header = dumped.lines().next().expect("a header");
        let upload = format!("{header}\n{network}.250,{ROW}\n{address},{ROW}\n");
        fs::write(path("upload"), upload).expect("a file to upload");
        let before = fs::read(file).expect("a lease file");
        for line in [
            &["repair", "memfile", "-n", file][..],
            &["lease-upload", "memfile", "-4", "-n", file, "-i", &path("upload")],
        ] {
            let (success, said) = run(line);
            assert!(!success && said.contains("server is using it"), "{said}");
        }
        assert_eq!(fs::read(file).expect("a lease file"), before);
        let line = ["lease-upload", "memfile", "-4", "-i", &path("upload"), "--socket", &socket];
        let (success, said) = run(&line);
        assert!(!success && said.contains("1 of 2 leases were not uploaded"), "{said}");
        assert!(said.contains(&format!("{address}: lease4-add at ")), "{said}");
        let (success, said) = run(&[&line[..], &["--replace"]].concat());
        assert!(success && said.contains("Successfully uploaded 2 leases to the server"), "{said}");
        let found = server.command("lease4-get-by-hostname", Some(json!({"hostname": "uploaded"})));
        assert_eq!(found["arguments"]["leases"].as_array().map(Vec::len), Some(2), "{found}");

        // What the server wrote it finds sound, and it is the server's again afterwards.
        let (success, said) = run(&["check", "memfile", "-n", file]);
        assert!(success && said.contains("2 leases"), "{said}");
        assert!(server.stop());
        assert!(run(&["repair", "memfile", "-n", file]).0);
    });
}
