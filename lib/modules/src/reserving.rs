//! Reservations outside the configuration, for modules that show or change them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kotare_config::json::Value;
use kotare_config::v4::{self, Config4};
use kotare_config::v6::{self, Config6};
use kotare_config::{Input, read};
use kotare_model::{Lease4, Lease6, Reservation, Reserved4, Reserved6, SubnetId};
use kotare_options::Definitions;
use kotare_store::{HostSources, Reserved};
use serde_json::{Map, Value as Json, json};

use crate::Serving;
use crate::networked::Networked;

/// The list that reservations are in, globally and in subnets.
const RESERVATIONS: &str = "reservations";

/// A family whose reservations are kept outside the configuration, too. There are two of them.
pub(crate) trait Reserving: Networked {
    /// What its reservations reserve.
    type Reserved: Reserved<Address = Self::Address>;

    /// Where reservations are looked for after the configuration.
    fn sources(engine: &Self::Engine) -> &HostSources<Self::Reserved>;

    /// The definitions of options of a configuration.
    fn definitions(config: &Self::Config) -> &Definitions;

    /// What a reservation of a configuration says, so that it can be kept elsewhere.
    fn keep(config: &Self::Config, subnet: SubnetId, written: &Value) -> Option<Reservation<Self::Reserved>>;

    /// A reservation that is kept elsewhere as it would be written.
    fn write(kept: &Reservation<Self::Reserved>) -> Map<String, Json>;

    /// An address, if it is of this family.
    fn own_address(address: IpAddr) -> Option<Self::Address>;
}

/// What is the same of both families but for its types.
macro_rules! reserving {
    ($lease:ty, $config:ty, $reserved:ty, $family:ident, $address:ty, $variant:ident) => {
        impl Reserving for $lease {
            type Reserved = $reserved;

            fn sources(engine: &Self::Engine) -> &HostSources<$reserved> {
                engine.sources()
            }

            fn definitions(config: &$config) -> &Definitions {
                &config.definitions
            }

            fn keep(config: &$config, subnet: SubnetId, written: &Value) -> Option<Reservation<$reserved>> {
                config.keep(subnet, written)
            }

            fn write(kept: &Reservation<$reserved>) -> Map<String, Json> {
                $family::write_reservation(kept)
            }

            fn own_address(address: IpAddr) -> Option<$address> {
                match address {
                    IpAddr::$variant(address) => Some(address),
                    _ => None,
                }
            }
        }
    };
}

reserving!(Lease4, Config4, Reserved4, v4, Ipv4Addr, V4);
reserving!(Lease6, Config6, Reserved6, v6, Ipv6Addr, V6);

/// What a command brings, judged as if it stood in the configuration, so that it can be kept elsewhere.
pub(crate) fn judged<L: Reserving>(
    serving: &dyn Serving<L, L::Engine>,
    command: &str,
    subnet: SubnetId,
    written: &Map<String, Json>,
) -> Result<Reservation<L::Reserved>, String> {
    let mut server = Map::new();
    let own = serving.written().root().get(L::MAP);
    for keyword in ["option-def", "option-space"] {
        if let Some(value) = own.and_then(|own| own.get(keyword)) {
            server.insert(keyword.to_owned(), value.to_json());
        }
    }
    let reservations = json!([written]);
    match L::prefix_of(serving.config(), subnet) {
        None => _ = server.insert(RESERVATIONS.to_owned(), reservations),
        Some(prefix) => {
            let own = json!({"id": subnet.0, "subnet": prefix.to_string(), RESERVATIONS: reservations});
            server.insert(<L as Networked>::SUBNETS.to_owned(), json!([own]));
        }
    }
    let whole = json!({ L::MAP: server });
    let candidate = read::<L::Config>(Input::Command(command, &whole), serving.written().file());
    let candidate = candidate.map_err(|refused| refused.error_lines().join("\n"))?;
    let root = candidate.written.root().get(L::MAP);
    let list = root.and_then(|root| match subnet {
        SubnetId::GLOBAL => Some(root.list(RESERVATIONS)),
        _ => Some(root.list(<L as Networked>::SUBNETS).first()?.list(RESERVATIONS)),
    });
    let entry: Option<&Value> = list.and_then(<[Value]>::first);
    let kept = entry.and_then(|entry| L::keep(&candidate.config, subnet, entry));
    kept.ok_or_else(|| "the reservation names no client".to_owned())
}
