//! Configurations that modules make of the one in effect.

use kotare_config::Written;
use kotare_config::json::{Diagnostics, Value, from_json};
use kotare_config::v4::Config4;
use kotare_modules::Server as _;
use serde_json::json;

use crate::link::Link;
use crate::server::{Server, config};
use crate::store::Database;

fn subnet(id: u32, prefix: &str) -> Value {
    let json = json!({"id": id, "subnet": prefix});
    from_json("<subnet4-add>", &json, &mut Diagnostics::new()).expect("a value")
}

/// An edit takes effect as a whole, beside what others edit at the same time; what is wrong with it is told with its
/// place, and nothing changes.
#[test]
fn edits_take_effect_or_change_nothing() {
    let link = Link::default();
    let server = Server::with_database(&link, config(1, 1), &Database::new());
    let add = |subnet: Value| {
        server.daemon.edit(Box::new(move |before: &Written, _: &Config4| {
            let written = before.root();
            let global = written.entry("Dhcp4").ok_or("no Dhcp4")?;
            let value = global.value.with_list("subnet4", |subnets| subnets.push(subnet));
            Ok(written.with(kotare_config::json::Entry { key: global.key.clone(), value }).into())
        }))
    };
    let both = server
        .wait(async { tokio::join!(add(subnet(2, "198.51.100.0/24")), add(subnet(3, "203.0.113.0/24"))) });
    assert_eq!(both, (Ok(()), Ok(())));
    let ids = || {
        let shown = server.answer("config-get", None);
        let subnets = shown["arguments"]["Dhcp4"]["subnet4"].as_array().cloned().unwrap_or_default();
        subnets.iter().map(|subnet| subnet["id"].as_u64().unwrap_or(0)).collect::<Vec<_>>()
    };
    assert_eq!(ids(), [1, 2, 3]);
    let refused = server.wait(add(subnet(3, "10.0.0.0/24"))).expect_err("a second subnet 3");
    assert!(refused.starts_with("<subnet4-add>: Dhcp4/subnet4[3]"), "{refused}");
    assert!(refused.contains("the subnet id 3 is there already"), "{refused}");
    let refused = server.wait(server.daemon.edit(Box::new(|_, _| Err("no such subnet".into()))));
    assert_eq!(refused, Err("no such subnet".into()));
    assert_eq!(ids(), [1, 2, 3]);
}
