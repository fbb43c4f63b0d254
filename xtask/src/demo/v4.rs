//! `kea-dhcp4` and its clients.

use kotare_tests::world::{Client, ClientProgram, Relay, Server, World, program};
use serde_json::Value;

use super::network::{Network, SERVER4};
use super::show;
use crate::run::Done;

/// What the server serves, but for the printer's hardware address; see `etc/kea-dhcp4.conf` for a larger one with
/// explanations.
const CONFIGURATION: &str = r#"{
  "interfaces-config": { "interfaces": [ "eth0" ] },
  "valid-lifetime": 3600,
  "option-data": [ { "name": "domain-name-servers", "data": "192.0.2.53" } ],
  "subnet4": [
    { "id": 1, "subnet": "192.0.2.0/24",
      "pools": [ { "pool": "192.0.2.100 - 192.0.2.199" } ],
      "option-data": [ { "name": "routers", "data": "192.0.2.2" } ],
      "reservations": [ { "hw-address": "PRINTER", "ip-address": "192.0.2.10", "hostname": "printer-reserved" } ] },
    { "id": 2, "subnet": "198.51.100.0/24",
      "pools": [ { "pool": "198.51.100.100 - 198.51.100.199" } ],
      "option-data": [ { "name": "routers", "data": "198.51.100.1" } ] }
  ],
  "loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output-options": [ { "output": "stdout" } ] } ]
}"#;

/// The server, and clients that have leases.
pub(super) struct Scene {
    pub(super) server: Server,
    clients: Vec<Client>,
    _relay: Relay,
}

impl Scene {
    pub(super) fn new(world: &World, network: &Network) -> Done<Self> {
        let configuration = CONFIGURATION.replace("PRINTER", &network.printer.mac("eth0"));
        show::configuration("kea-dhcp4", &configuration);
        let dhcp4: Value = serde_json::from_str(&configuration)?;
        let server = Server::start(world, &network.server, "server", &program("kea-dhcp4"), dhcp4);
        let relay = Relay::start(world, &network.relay, "eth1", "eth0", SERVER4, &[]);
        let programs = [
            (&network.laptop, ClientProgram::Udhcpc),
            (&network.phone, ClientProgram::Dhclient),
            (&network.printer, ClientProgram::Dhcpcd),
            (&network.tablet, ClientProgram::Udhcpc),
        ];
        let clients = programs.map(|(host, program)| {
            let mut client = Client::new(world, host, "eth0", program);
            let lease = client.obtain();
            let (host, program) = (host.name(), program.name());
            println!("{host:8} {program:12} has {} for {} s", lease.address(), lease.lifetime());
            client
        });
        Ok(Self { server, clients: clients.into(), _relay: relay })
    }

    /// What the lease file, the control socket and the log tell.
    pub(super) fn show(&self) -> Done {
        let head = format!(
            "{:16} {:18} {:>6} {:>9}  host name",
            "address", "hardware address", "subnet", "lifetime"
        );
        show::leases(&self.server, &head, |columns| {
            let [address, hardware, _, lifetime, _, subnet, _, _, name, ..] = *columns else { return None };
            Some(format!("{address:16} {hardware:18} {subnet:>6} {lifetime:>7} s  {name}"))
        })?;
        show::status(
            &self.server,
            &[
                &["pkt4-discover-received", "pkt4-offer-sent", "pkt4-request-received", "pkt4-ack-sent"],
                &["subnet[1].assigned-addresses", "subnet[2].assigned-addresses"],
            ],
        );
        show::log(&self.server);
        Ok(())
    }

    /// The clients end, then the server.
    pub(super) fn end(self) -> Done {
        drop(self.clients);
        if self.server.stop() { Ok(()) } else { Err("kea-dhcp4 did not end in order".into()) }
    }
}
