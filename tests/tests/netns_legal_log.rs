//! The hook library legal_log: a server writes down what becomes of the lease of a real client.

use std::fs;

use kotare_tests::world::{ClientProgram, Server, eventually, lan_configuration, sandboxed};
use serde_json::json;

/// The lease of a client, and that of a command, are in the file of the day, and all lines are when the server ends.
#[test]
fn a_lease_is_written_down() {
    sandboxed("a_lease_is_written_down", |world| {
        let lan = world.lan();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = json!([
            {"library": "/nowhere/libdhcp_legal_log.so", "parameters": {"path": folder.path(), "base-name": "who"}},
            {"library": "/nowhere/libdhcp_lease_cmds.so"},
        ]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let address = client.obtain().address();
        server.command("lease4-del", Some(json!({"ip-address": address})));
        let lines = || -> Vec<String> {
            let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().collect();
            assert!(files.len() < 2, "{files:?}");
            let text = files.first().map(|file| fs::read_to_string(file.path()).expect("text"));
            text.unwrap_or_default().lines().map(str::to_owned).collect()
        };
        let lines = eventually("both lines are written", || Some(lines()).filter(|lines| lines.len() == 2));
        let name =
            fs::read_dir(folder.path()).expect("a folder").flatten().next().expect("a file").file_name();
        let name = name.into_string().expect("a name");
        assert!(name.starts_with("who.20") && name.ends_with(".txt") && name.len() == 16, "{name}");
        let assigned = format!(" Address: {address} has been assigned for ");
        assert!(
            lines[0].contains(&assigned)
                && lines[0].contains(" to a device with hardware address: hwtype=1 ")
        );
        assert!(
            lines[1].ends_with(&format!(" Administrator deleted the lease for address: {address}")),
            "{lines:?}"
        );
    });
}
