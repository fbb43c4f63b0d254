//! What is written of leases of DHCPv6, and of commands.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::Ipv6Addr;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kotare_testkit::v6::{Associated, Client, Relay, relayed};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value as Json, json};
use tempfile::{TempDir, tempdir};

use super::tests::lines;
use crate::test_server6::TestServer6;

fn server(parameters: Json) -> (TestServer6, TempDir) {
    let folder = tempdir().unwrap();
    (in_folder(parameters, folder.path()), folder)
}

/// A server whose lines are in this folder.
fn in_folder(mut parameters: Json, folder: &Path) -> TestServer6 {
    parameters["path"] = json!(folder);
    let server = TestServer6::configured(&json!({
        "valid-lifetime": 4000,
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64",
            "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::1f"}],
            "pd-pools": [{"prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56}],
        }, {"id": 2, "subnet": "2001:db8:2::/64", "user-context": {"legal-logging": false}}],
        "hooks-libraries": [
            {"library": "libdhcp_legal_log.so", "parameters": parameters},
            {"library": "libdhcp_lease_cmds.so"},
        ],
    }));
    server.unwrap_or_else(|errors| panic!("{errors:?}"))
}

const DUID: [u8; 10] = [0, 3, 0, 1, 2, 0, 0, 0, 0, 1];

/// Has a client behind a relay agent ask for an address and a prefix, and give the address back as `given_back`.
fn story(server: &TestServer6, given_back: MessageType) {
    let client = Client::new(1).with_duid(&DUID);
    let server_id = [0, 3, 0, 1, 2, 3];
    let relay = Relay::new("2001:db8:1::1".parse().unwrap(), "fe80::1".parse().unwrap());
    let relay =
        relay.option(OptionCode::REMOTE_ID, b"\0\0\0\x09port").option(OptionCode::INTERFACE_ID, b"eth7");
    let send = |message: &kotare_testkit::v6::Message| server.send(&relayed(&message.bytes(), &relay));
    let request = client.message(MessageType::REQUEST, Some(&server_id));
    send(&request.ia(1, Associated::Addresses(&[])).ia(2, Associated::Prefixes(&[]))).expect("a reply");
    let leases = server.store.all();
    let address = leases.iter().find(|lease| lease.iaid == 1).expect("an address").address;
    let back = client.message(given_back, Some(&server_id));
    send(&back.ia(1, Associated::Addresses(&[address]))).expect("a reply");
    server.beside.end();
}

/// Addresses and prefixes, with all that is known of who has them.
#[test]
fn leases_are_written_down() {
    for given_back in [MessageType::RELEASE, MessageType::DECLINE] {
        let (server, folder) = server(json!({}));
        story(&server, given_back);
        let who = "a device with DUID: 00:03:00:01:02:00:00:00:00:01";
        let relay = " connected via relay at address: fe80::1 for client on link address: 2001:db8:1::1, hop count: 0, \
                     identified by remote-id: 00:00:00:09:70:6f:72:74, connected at location interface-id: \
                     65:74:68:37 (eth7)";
        let lines = lines(folder.path());
        let prefix = server.store.all().into_iter().find(|lease| lease.iaid == 2).unwrap().address;
        let [first, second, third] = &lines[..] else { panic!("{lines:#?}") };
        let lasting = "1 hrs 6 mins 40 secs";
        for line in &lines {
            assert!(line.contains(who) && line.ends_with(relay), "{line}");
        }
        assert!(
            first.starts_with(&format!("Address: 2001:db8:1::10 has been assigned for {lasting} to {who}"))
        );
        assert!(second.starts_with(&format!("Prefix: {prefix}/56 has been assigned for {lasting} to {who}")));
        assert!(
            third.starts_with(&format!("Address: 2001:db8:1::10 has been released from {who}")),
            "{third}"
        );
    }
}

/// A format sees of all associations only that of the lease that it is about.
#[test]
fn formats_are_about_one_lease() {
    let format = "ifelse(option[3].option[5].exists, 'A ' + addrtotext(substring(option[3].option[5].hex, 0, 16)), '') + \
                  ifelse(option[25].option[26].exists, 'P ' + uint8totext(substring(option[25].option[26].hex, 8, 1)), '')";
    let (server, folder) = server(json!({"response-parser-format": format}));
    story(&server, MessageType::DECLINE);
    assert_eq!(lines(folder.path()), ["A 2001:db8:1::10", "P 56"]);
}

/// No command waits for a disk: lines that cannot be written yet wait, in their order.
#[test]
fn no_command_waits_for_a_disk() {
    let (first, folder) = server(json!({}));
    let add = |server: &TestServer6, number: u16| {
        let address = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 1, number);
        let comment = "x".repeat(8000);
        let lease = json!({
            "ip-address": address, "subnet-id": 1, "duid": "00:03:00:01:aa", "iaid": number, "comment": comment,
        });
        let answer = server.answer("lease6-add", Some(lease));
        assert_eq!(answer["result"], 0, "{answer}");
    };
    add(&first, 0);
    first.beside.end();
    drop(first);
    let mut written = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    let (Some(path), None) = (written.next(), written.next()) else { panic!("one file") };
    fs::remove_file(&path).unwrap();
    // A pipe in place of the file, which is full as long as nobody reads.
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let pipe = File::options().read(true).write(true).open(&path).unwrap();
    let server = in_folder(json!({}), folder.path());
    server.block_on(server.beside.prepare()).unwrap();
    (0..40).for_each(|number| add(&server, number));
    let (tell, told) = mpsc::channel();
    thread::spawn(move || BufReader::new(pipe).lines().try_for_each(|line| tell.send(line.unwrap())));
    for number in 0..40 {
        let line = told.recv_timeout(Duration::from_secs(60)).expect("a line");
        let begin = format!("added a lease of address: 2001:db8:1::1:{number:x} ");
        assert!(line.contains(&begin), "{number}: {}", &line[..100]);
    }
}

/// What commands do to leases is written down, but for subnets that are left out and for what was not done.
#[test]
fn commands_are_written_down() {
    let (server, folder) = server(json!({}));
    let [one, two]: [Ipv6Addr; 2] = ["2001:db8:1::50", "2001:db8:2::50"].map(|it| it.parse().unwrap());
    let lease = |address: Ipv6Addr, subnet: u32| json!({"ip-address": address, "subnet-id": subnet, "duid": "00:03:00:01:aa", "iaid": 7, "valid-lft": 90_000});
    let done = |command, arguments: Json, result: i64| {
        let answer = server.answer(command, Some(arguments));
        assert_eq!(answer["result"], result, "{command}: {answer}");
    };
    let mut full = lease(one, 1);
    full["hw-address"] = json!("02:00:00:00:00:01");
    full["comment"] = json!("by hand");
    done("lease6-add", full, 0);
    done("lease6-add", lease(one, 1), 4);
    done("lease6-add", lease(two, 2), 0);
    done("lease6-bulk-apply", json!({"origin": "ha-partner", "leases": [lease(one, 1)]}), 0);
    done("lease6-del", json!({"ip-address": one}), 0);
    done("lease6-get", json!({"ip-address": two}), 0);
    server.beside.end();
    let device = "to a device with DUID: 00:03:00:01:aa";
    let lasting = "for 1 days 1 hrs 0 mins 0 secs";
    assert_eq!(
        lines(folder.path()),
        [
            format!(
                "Administrator added a lease of address: {one} {device}, hardware address: 02:00:00:00:00:01 \
                     {lasting}, context: {{ \"comment\": \"by hand\" }}"
            ),
            format!("HA partner updated information on the lease of address: {one} {device} {lasting}"),
            format!("Administrator deleted the lease for address: {one}"),
        ]
    );
}
