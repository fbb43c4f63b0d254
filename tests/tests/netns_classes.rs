//! Client classes: real clients get addresses, options and lifetimes by what they say of themselves.

use kotare_tests::world::{ClientProgram, Server, lan_configuration, sandboxed};
use serde_json::json;

/// Each client is of the class of its name: its address is of the pool that is for it, its router and lease time are the
/// class's. One of no class gets an address of the pool that is for all.
#[test]
fn clients_are_served_by_class() {
    sandboxed("clients_are_served_by_class", |world| {
        let lan = world.lan();
        let names = ClientProgram::ALL.map(|program| program.name());
        let mut dhcp4 = lan_configuration();
        dhcp4["client-classes"] = names
            .iter()
            .zip(1..)
            .map(|(name, number)| {
                json!({
                    "name": name, "test": format!("option[host-name].text == '{name}'"),
                    "option-data": [{"name": "domain-name-servers", "data": format!("192.0.2.{number}")}],
                    "valid-lifetime": 1000 * number,
                })
            })
            .collect();
        dhcp4["subnet4"][0]["option-data"] = json!([]);
        dhcp4["option-data"] = json!([{"name": "routers", "data": "192.0.2.1"}]);
        dhcp4["subnet4"][0]["pools"] = names
            .iter()
            .zip(1..)
            .map(|(name, number)| {
                json!({"pool": format!("192.0.2.{number}0 - 192.0.2.{number}9"), "client-classes": [name]})
            })
            .collect();
        let server = Server::kotare(world, &lan.server, "server", dhcp4.clone());
        for (program, number) in ClientProgram::ALL.into_iter().zip(1..) {
            let mut client = lan.client(program.name(), program);
            let lease = client.obtain();
            assert!(lease.address().to_string().starts_with(&format!("192.0.2.{number}")), "{lease:?}");
            assert_eq!(
                (lease.name_servers(), lease.lifetime()),
                (&*format!("192.0.2.{number}"), 1000 * number)
            );
            client.kill();
        }
        let pools = dhcp4["subnet4"][0]["pools"].as_array_mut().unwrap();
        pools.push(json!({"pool": "192.0.2.200 - 192.0.2.209"}));
        server.command("config-set", Some(server.configuration(dhcp4)));
        let lease = lan.client("stranger", ClientProgram::Udhcpc).obtain();
        assert!(lease.address().to_string().starts_with("192.0.2.20"), "{lease:?}");
    });
}
