//! What is told, and what is around it.

use kotare_config::json::Value;
use kotare_config::v6::{Config6, Guard, Host6, Subnet6, SubnetAt};
use kotare_engine::v6::trace::{Scope, Step};
use kotare_engine::v6::{Answer, Given, Granted, Outcome, Place, Received, Rehearsed, Reply};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Hex, SubnetId};
use kotare_options::{DHCP6_SPACE, Definitions};
use kotare_server::explain::class_names;
use kotare_wire::v6::{Index, Message, OptionCode};
use serde_json::{Value as Json, json};

use super::leases;

/// What would become of a message, and what is around it.
pub(super) struct Told<'a> {
    pub(super) config: &'a Config6,
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

    /// The subnet that the client would be served from: that of what it gets first, or else the one that was selected.
    pub(super) fn served_from(&self) -> Option<SubnetAt> {
        let given = self.granted().map(|granted| granted.subnet).next();
        given.or(self.selected())
    }

    /// What the reply says of each association.
    pub(super) fn answers(&self) -> &'a [Answer] {
        match &self.rehearsed.outcome {
            Ok(Outcome::Reply(Reply { given: Given::Associations { answers, .. }, .. })) => answers,
            _ => &[],
        }
    }

    /// All that the client would get.
    pub(super) fn granted(&self) -> impl Iterator<Item = &'a Granted> {
        self.answers().iter().flat_map(|answer| &answer.granted)
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
        self.scope_at(scope, keyword, self.served_from())
    }

    /// The same for what is of another subnet than the first.
    pub(super) fn scope_at(&self, scope: Scope, keyword: &str, at: Option<SubnetAt>) -> String {
        let subnet = at.map(|at| &self.config[at]);
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
    fn origin(&self, subnet: Option<&Subnet6>, keyword: &str) -> String {
        let Some(global) = self.written.get("Dhcp6") else { return "default".to_owned() };
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
            let map = network.unwrap_or(global).list("subnet6").iter().find(is_it);
            if map.is_some_and(|map| map.get(keyword).is_some()) {
                return "subnet".to_owned();
            }
            if network.is_some_and(|map| map.get(keyword).is_some()) {
                return self.scope_at(Scope::Network, keyword, self.config.subnet_at(subnet.id));
            }
        }
        if global.get(keyword).is_some() { "global" } else { "default" }.to_owned()
    }

    /// What there is to say beside.
    pub(super) fn remarks(&self) -> Vec<String> {
        let asked = self.steps().filter_map(|step| match step {
            Step::NotAsked(point) => Some(format!(
                "modules at {point} were not asked: they may have to wait for somebody, or no lease changes"
            )),
            _ => None,
        });
        let freed =
            self.answers().iter().filter(|answer| leases::may_get_freed(self, answer)).map(|answer| {
                let association = format!("{} {}", leases::name(answer.kind), answer.iaid);
                format!(
                    "{association} may get what is taken from the client before, which is not looked at here"
                )
            });
        asked.chain(freed).collect()
    }

    /// The message, as it would be read.
    pub(super) fn message(&self) -> Json {
        let Received { datagram, arrival, interface } = self.received;
        let mut index = Index::new();
        let Ok(message) = Message::parse(datagram, &mut index) else { return Json::Null };
        let query = self.rehearsed.query.as_ref();
        let relays = message.relays().map(|relay| {
            let options = relay.options().filter(|(code, _)| *code != OptionCode::RELAY_MSG);
            json!({
                "link": relay.link_address().to_string(),
                "peer": relay.peer_address().to_string(),
                "hop-count": relay.hop_count(),
                "options": options.map(|(code, value)| option(code, value, &self.config.definitions)).collect::<Vec<_>>(),
            })
        });
        let options = message.options().map(|(code, value)| option(code, value, &self.config.definitions));
        let hwaddr = query.and_then(|query| query.client.hwaddr.as_ref());
        json!({
            "type": message.message_type().to_string(),
            "duid": message.option(OptionCode::CLIENTID).map(|id| Hex(id).to_string()),
            "hw-address": hwaddr.map(|it| it.address.to_string()),
            "transaction-id": format!("0x{:x}", message.transaction_id()),
            "interface": interface,
            "source": arrival.source.ip().to_string(),
            "destination": arrival.destination.to_string(),
            "label": query.map(ToString::to_string),
            "relays": relays.collect::<Vec<_>>(),
            "options": options.collect::<Vec<_>>(),
        })
    }
}

/// An option with its name and its value in words.
pub(super) fn option(code: OptionCode, value: &[u8], definitions: &Definitions) -> Json {
    let definition = definitions.by_code(DHCP6_SPACE, code.0);
    json!({
        "code": code.0,
        "name": definition.map(|definition| definition.name.to_string()),
        "data": words(code, value, definitions),
        "hex": format!("{:x}", Hex(value)),
    })
}

/// The value of an option in words.
fn words(code: OptionCode, value: &[u8], definitions: &Definitions) -> String {
    let definition = definitions.by_code(DHCP6_SPACE, code.0);
    let text = definitions.to_text(DHCP6_SPACE, code.0, value);
    // Its code, its length and its type stand elsewhere.
    let value = text.split_once(':').map_or(&*text, |(_, value)| value.trim());
    let types = definition.map(|it| std::slice::from_ref(&it.data_type).iter().chain(&*it.fields));
    let types = types.into_iter().flatten();
    types.fold(value.to_owned(), |value, of| value.replace(&format!(" ({})", of.name()), ""))
}

/// An address, or a prefix with its length.
pub(super) fn shown(place: Place) -> String {
    match place.len {
        128 => place.address.to_string(),
        len => format!("{}/{len}", place.address),
    }
}

/// What is reserved, in words.
pub(super) fn reservation(host: &Host6) -> String {
    let prefixes = host.prefixes().iter().map(|it| it.prefix.to_string());
    let mut all: Vec<_> = host.addresses.iter().map(ToString::to_string).chain(prefixes).collect();
    let name = host.hostname();
    all.extend(name.map(|name| format!("hostname {name}")));
    match all.is_empty() {
        true => "neither an address nor a prefix".to_owned(),
        false => all.join(", "),
    }
}
