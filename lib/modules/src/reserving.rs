//! Reservations outside the configuration, for modules that show or change them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kotare_config::json::Value;
use kotare_config::v4::{self, Config4};
use kotare_config::v6::{self, Config6};
use kotare_config::{Input, Written, read};
use kotare_model::{Lease4, Lease6, Reservation, Reserved4, Reserved6, SubnetId};
use kotare_options::Definitions;
use kotare_store::{HostSources, Reserved};
use serde_json::{Map, Value as Json, json};

use crate::networked::Networked;

/// The list that reservations are in, globally and in subnets.
const RESERVATIONS: &str = "reservations";
/// How many reservations are looked at one by one.
const MOST_TAKEN: usize = 16;
/// How deep a reservation may nest without regard to what it is in.
const MOST_LEVELS: usize = 32;

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

    /// A configuration without the reservations that are `taken` out, and with `put`, if that can be told without reading
    /// all of it.
    fn exchanged(
        config: &Self::Config,
        taken: &[Reservation<Self::Reserved>],
        put: Option<&Reservation<Self::Reserved>>,
    ) -> Option<Self::Config>;

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

            fn exchanged(
                config: &$config,
                taken: &[Reservation<$reserved>],
                put: Option<&Reservation<$reserved>>,
            ) -> Option<$config> {
                config.exchanged(taken, put)
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

/// A reservation, judged as if it stood in a configuration.
#[derive(Debug)]
pub(crate) struct Judged<R> {
    /// What it says, so that it can be kept elsewhere.
    pub(crate) kept: Reservation<R>,
    /// Whether there is nothing to say of it, and it stays written as it is.
    is_plain: bool,
}

/// What a command brings, judged as if it stood in the configuration that `written` and `config` are.
pub(crate) fn judged<L: Reserving>(
    (before, config): (&Written, &L::Config),
    command: &str,
    subnet: SubnetId,
    written: &Map<String, Json>,
) -> Result<Judged<L::Reserved>, String> {
    let mut server = Map::new();
    let own = before.root().get(L::MAP);
    let keywords: &[_] = match names_classes(written) {
        true => &["option-def", "option-space", "client-classes"],
        false => &["option-def", "option-space"],
    };
    for keyword in keywords {
        if let Some(value) = own.and_then(|own| own.get(keyword)) {
            server.insert((*keyword).to_owned(), value.to_json());
        }
    }
    let reservations = json!([written]);
    match L::prefix_of(config, subnet) {
        None => _ = server.insert(RESERVATIONS.to_owned(), reservations),
        Some(prefix) => {
            let own = json!({"id": subnet.0, "subnet": prefix.to_string(), RESERVATIONS: reservations});
            server.insert(<L as Networked>::SUBNETS.to_owned(), json!([own]));
        }
    }
    let whole = json!({ L::MAP: server });
    let candidate = read::<L::Config>(Input::Command(command, &whole), before.file());
    let candidate = candidate.map_err(|refused| refused.error_lines().join("\n"))?;
    let root = candidate.written.root().get(L::MAP);
    let list = root.and_then(|root| match subnet {
        SubnetId::GLOBAL => Some(root.list(RESERVATIONS)),
        _ => Some(root.list(<L as Networked>::SUBNETS).first()?.list(RESERVATIONS)),
    });
    let entry: Option<&Value> = list.and_then(<[Value]>::first);
    let kept = entry.and_then(|entry| L::keep(&candidate.config, subnet, entry));
    let is_plain = candidate.diagnostics.warnings().next().is_none()
        && candidate.without_effect.is_empty()
        && entry.is_some_and(|entry| entry.to_json().as_object() == Some(written));
    let kept = kept.ok_or_else(|| "the reservation names no client".to_owned())?;
    Ok(Judged { kept, is_plain })
}

/// The configuration without the reservations of a subnet that are `taken` out, and with `put`, as they are written.
///
/// Nothing where there is something to say of one of them, or all of the configuration has to be read to know what comes of
/// it.
pub(crate) fn exchanged<L: Reserving>(
    before: (&Written, &L::Config),
    subnet: SubnetId,
    taken: &[&Value],
    put: Option<&Value>,
) -> Option<L::Config> {
    let kept = |written: &Value| {
        let written = written.to_json();
        if !is_flat(&written, MOST_LEVELS) {
            return None;
        }
        let judged = judged::<L>(before, "reservation", subnet, written.as_object()?).ok()?;
        judged.is_plain.then_some(judged.kept)
    };
    if taken.len() > MOST_TAKEN {
        return None;
    }
    let taken: Vec<_> = taken.iter().map(|written| kept(written)).collect::<Option<_>>()?;
    let put = match put {
        Some(put) => Some(kept(put)?),
        None => None,
    };
    L::exchanged(before.1, &taken, put.as_ref())
}

/// Whether a reservation, or an option of it, names a class.
fn names_classes(reservation: &Map<String, Json>) -> bool {
    let options = reservation.get("option-data").and_then(Json::as_array);
    let options = options.into_iter().flatten().filter_map(Json::as_object);
    std::iter::once(reservation).chain(options).any(|map| map.contains_key("client-classes"))
}

/// Whether nothing in it nests in more levels.
fn is_flat(json: &Json, levels: usize) -> bool {
    let inside = |levels: usize| levels.checked_sub(1);
    match json {
        Json::Array(items) => inside(levels).is_some_and(|levels| items.iter().all(|it| is_flat(it, levels))),
        Json::Object(map) => inside(levels).is_some_and(|levels| map.values().all(|it| is_flat(it, levels))),
        _ => true,
    }
}
