//! Clients of DHCPv6 whose names an expression makes.

use std::net::Ipv6Addr;

use kotare_testkit::v6::{Client, Message};
use kotare_wire::v6::{Index, Message as View, OptionCode};
use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

const ADDRESS: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x10);

/// A server that updates the DNS, with a domain, one address and this `user-context` of its subnet.
fn server(parameters: &Json, context: &Json, classes: &Json) -> Result<TestServer6, Vec<String>> {
    TestServer6::configured(&json!({
        "dhcp-ddns": {"enable-updates": true},
        "ddns-qualifying-suffix": "example.org",
        "client-classes": classes,
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0",
            "pools": [{"pool": format!("{ADDRESS}/128")}], "user-context": context,
        }],
        "hooks-libraries": [{"library": "/any/libdhcp_ddns_tuning.so", "parameters": parameters}],
    }))
}

/// Option 39 of a client that leaves the updates to the server, with a name that is not complete.
const LAPTOP: Option<&[u8]> = Some(b"\x01\x06laptop");

/// The name and the flags of the lease, and what option 39 of the reply says.
fn leased(server: &TestServer6, fqdn: Option<&[u8]>) -> (String, (bool, bool), Option<Vec<u8>>) {
    let with = |message: Message| match fqdn {
        Some(value) => message.option(OptionCode::CLIENT_FQDN, value),
        None => message,
    };
    let client = Client::new(1);
    let id = |reply: &[u8], code| -> Option<Vec<u8>> {
        let mut index = Index::new();
        View::parse(reply, &mut index).expect("a message").option(code).map(Into::into)
    };
    let advertised = server.send(&with(client.solicit()).bytes()).expect("an offer");
    let server_id = id(&advertised, OptionCode::SERVERID).expect("a server");
    let reply = server.send(&with(client.request(&server_id, &[ADDRESS])).bytes()).expect("a reply");
    let lease = server.store.lease(ADDRESS).expect("a lease");
    (lease.hostname.to_string(), (lease.fqdn_fwd, lease.fqdn_rev), id(&reply, OptionCode::CLIENT_FQDN))
}

/// Who is told a name gets the one that was made; others have none.
#[test]
fn names_are_made() {
    let parameters = json!({"hostname-expr": "'host-' + hexstring(substring(option[1].hex, 0, 2), '')"});
    let server = server(&parameters, &json!({}), &json!([])).unwrap();
    let (lease, updates, told) = leased(&server, LAPTOP);
    assert!(lease.starts_with("host-00") && lease.ends_with(".example.org."), "{lease}");
    assert_eq!(updates, (true, true));
    let told = told.expect("option 39");
    assert_eq!((told[0], &told[2..7]), (1, &b"host-"[..]));
    assert_eq!(leased(&server, None).2, None);
}

#[test]
fn subnets_have_their_own() {
    let global = json!({"hostname-expr": "'a.b'"});
    for (context, name) in [
        (json!({}), "a.b."),
        (json!({"ddns-tuning": {"hostname-expr": "'guest'"}}), "guest.example.org."),
        (json!({"ddns-tuning": {"hostname-expr": ""}}), "laptop.example.org."),
    ] {
        assert_eq!(leased(&server(&global, &context, &json!([])).unwrap(), LAPTOP).0, name);
    }
    let wrong = json!({"ddns-tuning": {"hostname-expr": "'a"}});
    let lines = server(&global, &wrong, &json!([])).map(|_| ()).expect_err("the expression is wrong");
    assert!(lines.iter().any(|line| line.contains("2001:db8:1::/64")), "{lines:?}");
}

#[test]
fn clients_are_skipped() {
    let classes = json!([{"name": "SKIP_DDNS", "test": "option[39].exists"}]);
    let server = server(&json!({}), &json!({}), &classes).unwrap();
    let (lease, updates, told) = leased(&server, LAPTOP);
    assert_eq!((&*lease, updates), ("laptop.example.org.", (false, false)));
    // N: the server updates nothing.
    assert_eq!(told.map(|told| told[0]), Some(4));
}
