//! The options that apply to a client of DHCPv6, in layers.

use kotare_config::v6::{ClassParams6, Codes6, Config6, HostDetails6, Options6, SubnetAt};
use kotare_expr::Memberships;
use kotare_model::LeaseType;
use kotare_wire::v6::{Message, OptionCode};

use super::{Answer, Granted};
use crate::layers;
use crate::trace::Scope;

/// What the server makes itself whatever is configured.
const MADE: [OptionCode; 10] = [
    OptionCode::CLIENTID,
    OptionCode::SERVERID,
    OptionCode::IA_NA,
    OptionCode::IA_TA,
    OptionCode::IA_PD,
    OptionCode::IAADDR,
    OptionCode::IAPREFIX,
    OptionCode::RELAY_MSG,
    OptionCode::STATUS_CODE,
    OptionCode::INTERFACE_ID,
];

/// The options that apply to one client, by level, the most specific first.
pub(super) type Layers<'a> = layers::Layers<'a, Codes6, ClassParams6>;

impl<'a> Layers<'a> {
    /// The layers of a client, in Kea's order: what is `reserved` for it, the pools of what it gets, subnet, shared
    /// network, its classes as it came to them, the whole server. Who is on no subnet gets what all do.
    pub(super) fn of(
        config: &'a Config6,
        at: Option<SubnetAt>,
        answers: &[Answer],
        reserved: Option<&'a HostDetails6>,
        classes: &'a Memberships,
    ) -> Self {
        let mut layers = Self::new(classes);
        if let Some(options) = reserved.and_then(|details| details.options.as_deref()) {
            layers.push(Scope::Reservation, options);
        }
        if let Some(subnet) = at.map(|at| &config[at]) {
            for answer in answers {
                for granted in &answer.granted {
                    if let Some(options) = pool_options(config, answer.kind, granted) {
                        layers.push(Scope::Pool, options);
                    }
                }
            }
            layers.push(Scope::Subnet, &subnet.options);
            if let Some(network) = subnet.network {
                layers.push(Scope::Network, &config[network].options);
            }
        }
        layers.push_common(&config.classes, &config.options);
        layers
    }

    /// Which options a client gets: what it asks for (option 6), and what is always sent.
    pub(super) fn chosen(&self, message: Message<'_>) -> Codes6 {
        let choice = self.choice();
        let asked = requested(message).filter(|code| choice.has.contains(*code)).collect();
        let mut chosen = choice.of(asked);
        MADE.iter().for_each(|code| chosen.remove(code.0));
        if !choice.guarded.is_empty() {
            for code in choice.guarded.iter() {
                if chosen.contains(code) && self.find(code).is_none() {
                    chosen.remove(code);
                }
            }
        }
        chosen
    }
}

/// The options of the pool that something granted is of.
fn pool_options<'a>(config: &'a Config6, kind: LeaseType, granted: &Granted) -> Option<&'a Options6> {
    let (subnet, address) = (&config[granted.subnet], granted.place.address);
    match kind {
        LeaseType::Pd => Some(&subnet.pd_pool_of(address)?.options),
        _ => Some(&subnet.pool_of(address)?.options),
    }
}

/// The codes that a client asks for (option 6).
pub(super) fn requested(message: Message<'_>) -> impl Iterator<Item = u16> + Clone {
    let list = message.option(OptionCode::ORO).unwrap_or_default();
    let (codes, _) = list.as_chunks::<2>();
    codes.iter().map(|code| u16::from_be_bytes(*code))
}
