//! Users of both families: which subnet, what is set for them, what is written down.

use std::fs;
use std::path::Path;

use kotare_testkit::v6::{Associated, Client as Client6};
use kotare_testkit::{Client, SERVER, Via};
use kotare_wire::v4::OptionCode;
use kotare_wire::v6::{Index, Message, MessageType, OptionCode as OptionCode6};
use serde_json::{Value as Json, json};
use tempfile::{TempDir, tempdir};

use super::UserCheck;
use crate::test_server6::TestServer6;
use crate::test_world::with_modules;

const REGISTRY: &str = r#"{"type": "HW_ADDR", "id": "02:00:00:00:00:01", "bootfile": "/boot/one", "tftp_server": "tftp.one"}
{"type": "HW_ADDR", "id": "00000000", "bootfile": "/boot/others"}
{"type": "DUID", "id": "00:03:00:01:02:00:00:00:00:01", "bootfile": "/boot/six", "tftp_server": "tftp.six"}
"#;

/// The library with these users, and where its files are.
fn library() -> (TempDir, Json) {
    let folder = tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("registry"), REGISTRY).unwrap();
    let parameters = json!({"registry": file("registry"), "outcome": file("outcome")});
    let library = json!([{"library": "/any/libdhcp_user_chk.so", "parameters": parameters}]);
    (folder, library)
}

/// A known user is served as usual, with what is set for it; another from the last subnet, with what is set for all others.
#[test]
fn known_users_are_told_from_others() {
    let (_folder, library) = library();
    let (mut world, modules) = with_modules(&json!({
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
             "option-data": [{"name": "tftp-server-name", "data": "usual"}]},
            {"id": 7, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.100 - 198.51.100.199"}]},
        ],
        "hooks-libraries": library,
    }))
    .unwrap();
    let of_user = [
        (1, "192.0.2.100", Some(&b"/boot/one"[..]), Some(&b"tftp.one"[..])),
        (2, "198.51.100.100", Some(&b"/boot/others"[..]), None),
    ];
    for (number, address, bootfile, tftp) in of_user {
        let client = Client::new(number);
        let offer = world.send(&client.discover(), Via::BROADCAST).expect("an offer");
        assert_eq!(offer.yiaddr().to_string(), address);
        assert_eq!(offer.option(OptionCode::BOOT_FILE_NAME).as_deref(), bootfile);
        assert_eq!(
            offer.view().file().strip_suffix(&[0]).map(|file| file.split(|byte| *byte == 0).next()),
            Some(bootfile)
        );
        assert_eq!(offer.option(OptionCode::TFTP_SERVER_NAME).as_deref(), tftp);
        world.rehearse(&client.discover(), Via::BROADCAST);
    }
    let nowhere = Client::new(1).reboot("203.0.113.1".parse().unwrap());
    world.send(&nowhere, Via::unicast(SERVER));
    let outcomes = modules.kept::<UserCheck>().clerk.outcomes().waiting();
    let outcome = |client: u8, address: &str, registered: &str| {
        format!(
            "id_type=HW_ADDR\nclient=hwtype=1 02:00:00:00:00:0{client}\naddr={address}\nregistered={registered}\n\n"
        )
    };
    assert_eq!(outcomes, [outcome(1, "192.0.2.100", "yes"), outcome(2, "198.51.100.100", "no")]);
}

/// The same by DUIDs, and in the options of a vendor, if there are any.
#[test]
fn users_of_dhcpv6_are_told_from_others() {
    let (_folder, library) = library();
    let server = TestServer6::configured(&json!({
        "option-data": [{"name": "vendor-opts", "data": "4491", "always-send": true}],
        "subnet6": [
            {"id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0", "pools": [{"pool": "2001:db8:1::10/124"}]},
            {"id": 2, "subnet": "2001:db8:2::/64", "pools": [{"pool": "2001:db8:2::10/124"}]},
        ],
        "hooks-libraries": library,
    }))
    .unwrap_or_else(|errors| panic!("{errors:?}"));
    for (duid, subnet) in [(1, "2001:db8:1::"), (9, "2001:db8:2::")] {
        let client = Client6::new(1).with_duid(&[0, 3, 0, 1, 2, 0, 0, 0, 0, duid]);
        let request = client.message(MessageType::REQUEST, Some(&[0, 3, 0, 1, 2, 3]));
        let reply = server.send(&request.ia(1, Associated::Addresses(&[])).bytes()).expect("a reply");
        let mut index = Index::new();
        let reply = Message::parse(&reply, &mut index).expect("a message");
        let vendor = reply.option(OptionCode6::VENDOR_OPTS).expect("options of the vendor");
        let has = |text: &str| vendor.windows(text.len()).any(|part| part == text.as_bytes());
        assert_eq!([has("/boot/six"), has("tftp.six")], [duid == 1; 2]);
        let outcomes = server.modules.kept::<UserCheck>().clerk.outcomes().waiting();
        let registered = if duid == 1 { "yes" } else { "no" };
        let [outcome] = &outcomes[..] else { panic!("{outcomes:?}") };
        let start = format!("id_type=DUID\nclient=00:03:00:01:02:00:00:00:00:0{duid}\naddr={subnet}1");
        assert!(
            outcome.starts_with(&start) && outcome.ends_with(&format!("\nregistered={registered}\n\n")),
            "{outcome}"
        );
    }
}

/// Outcomes are in their file when a configuration ends, and a registry that is written anew counts.
#[test]
fn files_are_kept_up() {
    let (folder, library) = library();
    let (mut world, modules) = with_modules(&json!({
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
        "hooks-libraries": library,
    }))
    .unwrap();
    modules.beside.begin(None);
    let text = |name: &str| fs::read_to_string(Path::join(folder.path(), name)).unwrap();
    world.send(&Client::new(5).discover(), Via::BROADCAST).expect("an offer");
    modules.beside.end();
    assert!(
        text("outcome").contains("client=hwtype=1 02:00:00:00:00:05\n")
            && text("outcome").ends_with("registered=no\n\n")
    );
    fs::write(folder.path().join("registry"), r#"{"type": "HW_ADDR", "id": "02:00:00:00:00:05"}"#).unwrap();
    modules.kept::<UserCheck>().registry.refresh();
    world.send(&Client::new(5).discover(), Via::BROADCAST).expect("an offer");
    modules.beside.end();
    assert!(text("outcome").ends_with("registered=yes\n\n"), "{}", text("outcome"));
}

/// A registry that is not there, or wrong, and outcomes that cannot be written keep a server from being configured.
#[test]
fn errors_are_told() {
    let (folder, _) = library();
    let registry = folder.path().join("registry");
    for (parameters, error) in [
        (json!({"registry": "/nowhere/registry"}), "cannot open file:/nowhere/registry"),
        (json!({"registry": "/etc/passwd"}), "/etc/passwd:1: UserFile entry is malformed JSON"),
        (
            json!({"registry": registry, "outcome": "/nowhere/outcome"}),
            "Cannot open output file: /nowhere/outcome",
        ),
        (json!({"else": 1}), "else"),
    ] {
        let entries = json!([{"library": "libdhcp_user_chk.so", "parameters": parameters}]);
        let errors =
            with_modules(&json!({"hooks-libraries": entries})).map(drop).expect_err("an error").join("\n");
        assert!(errors.contains(error), "{parameters}: {errors}");
    }
}
