//! `kea-dhcp6` and its clients.

use kotare_tests::world::{Client6, Client6Program, Relay, Server6, Wish, World, eventually, program};
use serde_json::Value;

use super::network::{Network, SERVER6};
use super::show;
use crate::run::Done;

/// What the server serves, but for the desktop's hardware address; see `etc/kea-dhcp6.conf` for a larger one with
/// explanations. Relay agents send to the address that stands behind the interface.
const CONFIGURATION: &str = r#"{
  "interfaces-config": { "interfaces": [ "eth0/2001:db8:1::1" ] },
  "preferred-lifetime": 1800,
  "valid-lifetime": 3600,
  "option-data": [ { "name": "dns-servers", "data": "2001:db8:1::53" } ],
  "subnet6": [
    { "id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0",
      "pools": [ { "pool": "2001:db8:1::1:0/112" } ],
      "pd-pools": [ { "prefix": "2001:db8:8000::", "prefix-len": 40, "delegated-len": 56 } ],
      "reservations": [ { "hw-address": "DESKTOP", "ip-addresses": [ "2001:db8:1::10" ] } ] },
    { "id": 2, "subnet": "2001:db8:2::/64",
      "pools": [ { "pool": "2001:db8:2::1:0/112" } ] }
  ],
  "delegated-prefix-routes": {},
  "loggers": [ { "name": "kea-dhcp6", "severity": "INFO", "output-options": [ { "output": "stdout" } ] } ]
}"#;

/// The server, and clients that have leases.
pub(super) struct Scene {
    pub(super) server: Server6,
    clients: Vec<Client6>,
    _relay: Relay,
}

impl Scene {
    pub(super) fn new(world: &World, network: &Network) -> Done<Self> {
        let configuration = CONFIGURATION.replace("DESKTOP", &network.desktop.mac("eth0"));
        show::configuration("kea-dhcp6", &configuration);
        let dhcp6: Value = serde_json::from_str(&configuration)?;
        let server = Server6::start(world, &network.server, "server6", &program("kea-dhcp6"), dhcp6);
        let relay = Relay::start6(world, &network.relay, "eth1", "eth0", SERVER6, &[]);
        let programs = [
            (&network.desktop, Client6Program::Dhclient, Wish::Address),
            (&network.router, Client6Program::Dhcpcd, Wish::Both),
            (&network.camera, Client6Program::Dhclient, Wish::Address),
        ];
        let clients = programs.map(|(host, program, wish)| {
            let mut client = Client6::new(world, host, "eth0", program, wish);
            let lease = client.obtain();
            let (valid, preferred) = lease.told.lifetimes();
            let has = lease.address.map(|address| address.to_string()).into_iter().chain(lease.prefix);
            let (host, program) = (host.name(), format!("{} -6", program.name()));
            let has = has.collect::<Vec<_>>().join(" and ");
            println!("{host:8} {program:12} has {has} for {valid} s, preferred for {preferred}");
            client
        });
        Ok(Self { server, clients: clients.into(), _relay: relay })
    }

    /// What the lease file, the routes, the control socket and the log tell.
    pub(super) fn show(&self, network: &Network) -> Done {
        let head = format!(
            "{:22} {:18} {:>6} {:>9} {:>9}  association",
            "address or prefix", "hardware address", "subnet", "lifetime", "preferred"
        );
        show::leases(&self.server, &head, |columns| {
            let [bits, _, lifetime, _, subnet, preferred, kind, association, length, _, _, _, hardware, ..] =
                *columns
            else {
                return None;
            };
            let bits = if kind == "2" { format!("{bits}/{length}") } else { bits.to_owned() };
            Some(format!(
                "{bits:22} {hardware:18} {subnet:>6} {lifetime:>7} s {preferred:>7} s  {association}"
            ))
        })?;
        println!("\nThe route to the router's network that the server keeps, ip -6 route show proto 147:\n");
        // It comes a moment after the answer.
        let routes = eventually("the server has a route to the prefix", || {
            Some(network.server.ip("-6 route show proto 147")).filter(|routes| !routes.is_empty())
        });
        for route in routes.lines() {
            println!("  {}", route.trim());
        }
        show::status(
            &self.server,
            &[
                &["pkt6-solicit-received", "pkt6-advertise-sent", "pkt6-request-received", "pkt6-reply-sent"],
                &["subnet[1].assigned-nas", "subnet[1].assigned-pds", "subnet[2].assigned-nas"],
            ],
        );
        show::log(&self.server);
        Ok(())
    }

    /// The clients end, then the server.
    pub(super) fn end(self) -> Done {
        drop(self.clients);
        if self.server.stop() { Ok(()) } else { Err("kea-dhcp6 did not end in order".into()) }
    }
}
