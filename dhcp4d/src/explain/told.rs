//! What is told, and what is around it.

use std::borrow::Cow;

use kotare_config::json::Value;
use kotare_config::v4::{Config4, Guard, Subnet4, SubnetAt};
use kotare_engine::hooks::Point;
use kotare_engine::v4::trace::{Scope, Step};
use kotare_engine::v4::{Received, Rehearsed};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Hex, SubnetId};
use kotare_options::{DHCP4_SPACE, DataType, Definitions};
use kotare_server::explain::class_names;
use kotare_wire::v4::{Index, Message, OptionCode, OptionValue};
use serde_json::{Value as Json, json};

/// What would become of a message, and what is around it.
pub(super) struct Told<'a> {
    pub(super) config: &'a Config4,
    /// What the operator wrote.
    pub(super) written: &'a Value,
    pub(super) received: &'a Received<'a>,
    pub(super) rehearsed: &'a Rehearsed,
    /// The reply, if there is one.
    pub(super) reply: &'a [u8],
}

impl<'a> Told<'a> {
    pub(super) fn steps(&self) -> impl DoubleEndedIterator<Item = &'a Step> {
        self.rehearsed.steps.iter()
    }

    /// The name of a class.
    pub(super) fn class(&self, id: ClassId) -> &'a str {
        self.config.classes.get(id).map_or("", |class| &class.name)
    }

    /// Several of them, as far as they go into a sentence.
    pub(super) fn classes(&self, set: &ClassSet) -> String {
        class_names(set, |id| self.class(id))
    }

    /// Why something is not for a client of these classes.
    pub(super) fn refusal(&self, guard: &Guard, classes: &ClassSet) -> Option<String> {
        let wanted = self.classes(guard.refusal(classes)?);
        Some(format!("it is for clients of the class {wanted}, of which this one is not"))
    }

    /// A subnet in a sentence.
    pub(super) fn subnet(&self, at: SubnetAt) -> String {
        let subnet = &self.config[at];
        format!("{} (id {})", subnet.prefix, subnet.id)
    }

    /// A subnet by its id, which reservations have; 0 is none.
    pub(super) fn home(&self, id: SubnetId) -> String {
        match self.config.subnet_at(id) {
            Some(at) => format!("subnet {}", self.subnet(at)),
            None => "all subnets (global)".to_owned(),
        }
    }

    /// The subnet that the client would be served from: that of its lease, or else the one that was selected.
    pub(super) fn served_from(&self) -> Option<SubnetAt> {
        use kotare_engine::v4::{Given, Outcome};
        let given = match &self.rehearsed.outcome {
            Ok(Outcome::Reply(reply)) => match &reply.given {
                Given::Lease(given) => Some(given.subnet),
                _ => None,
            },
            _ => None,
        };
        given.or(self.selected())
    }

    /// The subnet that was selected.
    pub(super) fn selected(&self) -> Option<SubnetAt> {
        let mut found = self.steps().filter_map(|step| match step {
            Step::Selecting { found, .. } | Step::SelectedByModule(found) => Some(*found),
            _ => None,
        });
        found.next_back().flatten()
    }

    /// Where a value is written; `keyword` is that of an inherited parameter.
    pub(super) fn scope(&self, scope: Scope, keyword: &str) -> String {
        let subnet = self.served_from().map(|at| &self.config[at]);
        match scope {
            Scope::Reservation => "reservation".to_owned(),
            Scope::Pool => "pool".to_owned(),
            Scope::Subnet => "subnet".to_owned(),
            Scope::Network => match subnet.and_then(|subnet| subnet.network) {
                Some(network) => format!("shared network {}", self.config[network].name),
                None => "shared network".to_owned(),
            },
            Scope::Class(id) => format!("class {}", self.class(id)),
            Scope::Global => "global".to_owned(),
            Scope::Server => "server".to_owned(),
            Scope::Inherited => self.origin(subnet, keyword),
        }
    }

    /// The innermost of the maps that have an inherited parameter.
    fn origin(&self, subnet: Option<&Subnet4>, keyword: &str) -> String {
        let Some(global) = self.written.get("Dhcp4") else { return "default".to_owned() };
        if let Some(subnet) = subnet {
            let is_it = |map: &&Value| match map.get("id").and_then(Value::as_int) {
                Some(id) => id == i64::from(subnet.id.0),
                None => map.get("subnet").and_then(Value::as_str) == Some(&subnet.prefix.to_string()),
            };
            let network = subnet.network.map(|at| &self.config[at]);
            let network = network.and_then(|network| {
                let name = |map: &&Value| map.get("name").and_then(Value::as_str) == Some(&network.name);
                global.list("shared-networks").iter().find(name)
            });
            let map = network.unwrap_or(global).list("subnet4").iter().find(is_it);
            if map.is_some_and(|map| map.get(keyword).is_some()) {
                return "subnet".to_owned();
            }
            if network.is_some_and(|map| map.get(keyword).is_some()) {
                return self.scope(Scope::Network, keyword);
            }
        }
        if global.get(keyword).is_some() { "global" } else { "default" }.to_owned()
    }

    /// What there is to say beside.
    pub(super) fn remarks(&self) -> Vec<String> {
        let asked = self.steps().filter_map(|step| match step {
            Step::NotAsked(Point::Lease4Offer) => Some(
                "modules that check whether an address is in use (ping_check) were not asked: nothing is sent for an explanation",
            ),
            Step::NotAsked(Point::Subnet4Select) => Some("modules at subnet4_select were not asked: they may have to wait for somebody"),
            Step::NotAsked(_) => Some("modules at leases4_committed were not told, as no lease changes"),
            _ => None,
        });
        asked.map(ToOwned::to_owned).collect()
    }

    /// The message, as it would be read.
    pub(super) fn message(&self) -> Json {
        let Received { datagram, arrival, interface, .. } = self.received;
        let mut index = Index::new();
        let Ok(message) = Message::parse(datagram, &mut index) else { return Json::Null };
        let query = self.rehearsed.query.as_ref();
        json!({
            "type": message.message_type().map_or_else(|| "none".to_owned(), |kind| kind.to_string()),
            "hw-address": Hex(message.chaddr()).to_string(),
            "client-id": message.option(OptionCode::CLIENT_IDENTIFIER).map(|id| Hex(&bytes(id)).to_string()),
            "transaction-id": format!("0x{:x}", message.xid()),
            "ciaddr": message.ciaddr().to_string(),
            "giaddr": message.giaddr().to_string(),
            "interface": interface,
            "source": arrival.source.to_string(),
            "destination": arrival.destination.to_string(),
            "label": query.map(ToString::to_string),
            "options": all_options(message, &self.config.definitions),
        })
    }
}

/// The options of a message, by code.
fn all_options(message: Message<'_>, definitions: &Definitions) -> Vec<Json> {
    let codes = (1..u8::MAX).map(OptionCode).filter(|code| message.has(*code));
    let options = codes.filter_map(|code| Some(option(code, &bytes(message.option(code)?), definitions)));
    options.collect()
}

/// An option with its name and its value in words.
pub(super) fn option(code: OptionCode, value: &[u8], definitions: &Definitions) -> Json {
    let definition = definitions.by_code(DHCP4_SPACE, code.0.into());
    json!({
        "code": code.0,
        "name": definition.map(|definition| definition.name.to_string()),
        "data": words(code, value, definitions),
        "hex": format!("{:x}", Hex(value)),
    })
}

/// The value of an option in words.
fn words(code: OptionCode, value: &[u8], definitions: &Definitions) -> String {
    let definition = definitions.by_code(DHCP4_SPACE, code.0.into());
    if definition.is_some_and(|definition| definition.data_type == DataType::String) {
        return definitions.text_value(DHCP4_SPACE, code.0.into(), value).escape_ascii().to_string();
    }
    let text = definitions.to_text(DHCP4_SPACE, code.0.into(), value);
    // Its code, its length and its type stand elsewhere.
    let value = text.split_once(':').map_or(&*text, |(_, value)| value.trim());
    let types = definition.map(|it| std::slice::from_ref(&it.data_type).iter().chain(&*it.fields));
    let types = types.into_iter().flatten();
    types.fold(value.to_owned(), |value, of| value.replace(&format!(" ({})", of.name()), ""))
}

/// A value in one piece.
pub(super) fn bytes(value: OptionValue<'_>) -> Cow<'_, [u8]> {
    value.as_slice().map_or_else(|| value.bytes().collect(), Cow::Borrowed)
}
