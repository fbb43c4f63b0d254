//! Name change requests, as Kea writes and reads them.

use kotare_ddns::{Change, ChangeRequest, ConflictResolution, Dhcid};
use proptest::prelude::*;

/// As Kea 3.3 sends it.
const WRITTEN: &str = "{\"change-type\":0,\"forward-change\":true,\"reverse-change\":false,\"fqdn\":\"walah.walah.com.\",\
                       \"ip-address\":\"192.168.2.1\",\"dhcid\":\"010203040A7F8E3D\",\"lease-length\":1300,\
                       \"conflict-resolution-mode\":\"check-with-dhcid\"}";

fn framed(json: &str) -> Vec<u8> {
    let mut datagram = (json.len() as u16).to_be_bytes().to_vec();
    datagram.extend(json.bytes());
    datagram
}

fn read(json: &str) -> Result<ChangeRequest, String> {
    ChangeRequest::from_datagram(&framed(json)).map_err(|error| error.to_string())
}

#[test]
fn a_request_of_kea_is_read_and_written_as_it_was() {
    let request = read(WRITTEN).expect("a request");
    assert_eq!((request.change, request.forward, request.reverse), (Change::Add, true, false));
    assert_eq!(request.dhcid.as_bytes(), [1, 2, 3, 4, 10, 0x7f, 0x8e, 0x3d]);
    assert_eq!(request.lease_length, 1300);
    assert_eq!(request.to_datagram(), framed(WRITTEN));
    assert_eq!(
        request.to_string(),
        "Type: 0 (CHG_ADD)\nForward Change: yes\nReverse Change: no\nFQDN: [walah.walah.com.]\n\
         IP Address: [192.168.2.1]\nDHCID: [010203040A7F8E3D]\nTTL: 1300\n\
         Conflict Resolution Mode: check-with-dhcid\n"
    );
}

/// What servers before Kea 2.5 say of conflicts, and those that say nothing.
#[test]
fn older_servers_are_understood() {
    let mode = "\"conflict-resolution-mode\":\"check-with-dhcid\"";
    let way =
        |instead: &str| read(&WRITTEN.replace(mode, instead)).map(|request| request.conflict_resolution);
    assert_eq!(way("\"use-conflict-resolution\":true"), Ok(ConflictResolution::CheckWithDhcid));
    assert_eq!(way("\"use-conflict-resolution\":false"), Ok(ConflictResolution::NoCheckWithDhcid));
    assert_eq!(way("\"anything\":false"), Ok(ConflictResolution::CheckWithDhcid));
    assert!(way("\"use-conflict-resolution\":1").is_err());
    for (expected, name) in ConflictResolution::ALL {
        assert_eq!(way(&format!("\"conflict-resolution-mode\":\"{name}\"")), Ok(expected));
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (from, to, expected) in [
        ("\"change-type\":0", "\"change-type\":2", "change_type: 2"),
        ("\"change-type\":0", "\"change-type\":\"0\"", "change-type"),
        ("\"forward-change\":true", "\"forward-change\":false", "both false"),
        ("\"forward-change\":true", "\"forward-change\":1", "forward-change"),
        ("\"forward-change\":true,", "", "missing for: forward-change"),
        ("walah.walah.com.", "", "fqdn"),
        ("walah.walah.com.", "a..b", "fqdn"),
        ("192.168.2.1", "192.168.2", "ip-address"),
        ("010203040A7F8E3D", "", "blank"),
        ("010203040A7F8E3D", "01020", "odd"),
        ("1300", "4294967296", "lease_length"),
        ("1300", "-1", "lease_length"),
        ("check-with-dhcid", "check", "ConflictResolutionMode: check"),
        ("}", "}}", "JSON"),
    ] {
        assert!(WRITTEN.contains(from));
        let reason = read(&WRITTEN.replace(from, to)).expect_err(to);
        assert!(reason.contains(expected), "{to}: {reason}");
    }
    for datagram in [&b""[..], b"\0", b"\0\x05{}", b"\0\x02[]"] {
        assert!(ChangeRequest::from_datagram(datagram).is_err(), "{datagram:?}");
    }
}

prop_compose! {
    fn request()(
        (is_add, forward, reverse) in (any::<bool>(), any::<bool>(), any::<bool>()),
        labels in prop::collection::vec("[a-zA-Z0-9_-]{1,20}", 1..8),
        address in any::<std::net::IpAddr>(),
        dhcid in prop::collection::vec(any::<u8>(), 1..40),
        lease_length in any::<u32>(),
        way in 0usize..4,
    ) -> ChangeRequest {
        ChangeRequest {
            change: if is_add { Change::Add } else { Change::Remove },
            forward: forward || !reverse,
            reverse,
            fqdn: labels.join(".").parse().expect("a name"),
            address,
            dhcid: Dhcid::of_bytes(&dhcid).expect("data"),
            lease_length,
            conflict_resolution: ConflictResolution::ALL[way].0,
        }
    }
}

proptest! {
    /// What is written is read as it was.
    #[test]
    fn requests_survive_the_way(request in request()) {
        prop_assert_eq!(ChangeRequest::from_datagram(&request.to_datagram()), Ok(request));
    }

    /// Nothing that comes in does harm.
    #[test]
    fn any_bytes_are_a_request_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ChangeRequest::from_datagram(&bytes);
        let _ = ChangeRequest::from_json(&bytes);
    }
}

/// A `kea-dhcp-ddns` of Kea 2.2 finds what it wants, and ours reads it, too.
#[test]
fn older_requests_say_when_leases_expire() {
    let json = r#"{"change-type":0,"forward-change":true,"reverse-change":false,"fqdn":"a.example.com.","ip-address":"192.0.2.1","dhcid":"010203","lease-length":600,"conflict-resolution-mode":"check-exists-with-dhcid"}"#;
    let request = ChangeRequest::from_json(json.as_bytes()).expect("a request");
    let older = request.to_older_datagram("20991231235959");
    assert_eq!(ChangeRequest::from_datagram(&older), Ok(request));
    let text = String::from_utf8_lossy(&older[2..]);
    assert!(text.contains(r#""lease-expires-on":"20991231235959","#), "{text}");
    assert!(text.contains(r#""use-conflict-resolution":true,"#), "{text}");
}
