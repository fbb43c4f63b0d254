//! Any bytes as the name that a client says, in option 12 or 81, to servers that make names in every way.
//!
//! The first byte says which option and which way.

use std::net::Ipv4Addr;

use kotare_ddns::{Change, ChangeRequest};
use kotare_engine::requests::{is_asked_for, request};
use kotare_model::Lease4;
use kotare_testkit::{Client, SERVER, Via, World, configured};
use kotare_wire::v4::OptionCode;
use serde_json::json;

const AT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 100);

/// Panics when a client gets no answer, or what is asked of the DNS for it cannot be read or is not what its lease says.
pub(crate) fn check(input: &[u8]) {
    let Some((&how, value)) = input.split_first() else { return };
    let replace = ["never", "always", "when-present", "when-not-present"][usize::from(how >> 1 & 3)];
    let (set, suffix) = if how & 8 == 0 { ("[^A-Za-z0-9.-]", "example.com") } else { ("", "") };
    let config = configured(&json!({
        "dhcp-ddns": {"enable-updates": true}, "ddns-qualifying-suffix": suffix, "hostname-char-set": set,
        "hostname-char-replacement": "x", "ddns-replace-client-name": replace,
        "ddns-override-no-update": true, "ddns-override-client-update": true,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100/32"}]}],
    }));
    let code = if how & 1 == 0 { OptionCode::FQDN } else { OptionCode::HOST_NAME };
    let asks = Client::new(1).request().address(OptionCode::SERVER_IDENTIFIER, SERVER);
    let asks = asks.address(OptionCode::REQUESTED_ADDRESS, AT);
    let mut world = World::new(config.clone());
    let answer = world.send(&asks.option(code, &value[..value.len().min(250)]), Via::BROADCAST);
    assert_eq!(answer.expect("an answer").yiaddr(), AT);
    let lease = world.store.lease(AT).expect("a lease");
    if let Some(Ok(asked)) = request(&config, Change::Add, &lease) {
        assert_eq!(ChangeRequest::from_datagram(&asked.to_datagram()), Ok(asked.clone()));
        assert!(is_asked_for(&asked, Some(&lease)));
        assert!(!is_asked_for::<Lease4>(&asked, None));
    }
}
