//! Any bytes as the name that a client of DHCPv6 says, in option 39, to servers that make names in every way.
//!
//! The first byte says which way.

use kotare_config::v6::{Config6, FILE};
use kotare_config::{Input, read};
use kotare_ddns::{Change, ChangeRequest};
use kotare_engine::requests::{is_asked_for, request};
use kotare_model::Lease6;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config};

const AT: &str = "2001:db8:1::11";

/// Panics when a client that gets an answer gets no address, or what is asked of the DNS for it cannot be read or is not what its
/// lease says.
pub(crate) fn check(input: &[u8]) {
    let Some((&how, value)) = input.split_first() else { return };
    let replace = ["never", "always", "when-present", "when-not-present"][usize::from(how >> 1 & 3)];
    let (set, suffix) = if how & 8 == 0 { ("[^A-Za-z0-9.-]", "example.com") } else { ("", "") };
    let mut text = config(json!({
        "ddns-qualifying-suffix": suffix, "hostname-char-set": set, "hostname-char-replacement": "x",
        "ddns-replace-client-name": replace, "ddns-override-no-update": how & 1 == 0,
        "ddns-override-client-update": how & 1 == 0,
    }));
    text["Dhcp6"]["dhcp-ddns"] = json!({"enable-updates": true});
    let mut world = World::new(text.clone());
    let asks = ask(MessageType::REQUEST, 1).na(1, &[AT]);
    let told = world.ask(&asks.option(OptionCode::CLIENT_FQDN, &value[..value.len().min(1000)]));
    let lease = world.store.all().pop();
    assert_eq!(told.contains(AT), lease.is_some(), "{told}");
    let Some(lease) = lease else { return };
    let config = read::<Config6>(Input::Command("test", &text), &FILE).expect("it was read").config;
    if let Some(Ok(asked)) = request(&config, Change::Add, &lease) {
        assert_eq!(ChangeRequest::from_datagram(&asked.to_datagram()), Ok(asked.clone()));
        assert!(is_asked_for(&asked, Some(&lease)));
        assert!(!is_asked_for::<Lease6>(&asked, None));
    }
}
