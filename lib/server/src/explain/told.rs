//! What is told, and what is around it.

use kotare_config::common::{Guard, Overview, SubnetAt};
use kotare_config::json::Value;
use kotare_engine::trace::{Rehearsed, Scope, Step};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::SubnetId;

use super::explained::StepOf;
use super::{Explained, class_names};

/// What would become of a message, and what is around it.
#[derive(Debug)]
pub struct Told<'a, E: Explained> {
    /// The configuration.
    pub config: &'a E::Config,
    /// What the operator wrote of it.
    pub written: &'a Value,
    /// What would become of the message.
    pub rehearsed: &'a Rehearsed<E::Traced>,
    /// The reply, if there is one.
    pub reply: &'a [u8],
}

impl<'a, E: Explained> Told<'a, E> {
    /// The steps, in order.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &'a StepOf<E>> + use<'a, E> {
        self.rehearsed.steps.iter()
    }

    /// The name of a class.
    pub fn class(&self, id: ClassId) -> &'a str {
        self.config.class_name(id)
    }

    /// Several of them, as far as they go into a sentence.
    pub fn classes(&self, set: &ClassSet) -> String {
        class_names(set, |id| self.class(id))
    }

    /// Why something is not for a client of these classes.
    pub fn refusal(&self, guard: &Guard, classes: &ClassSet) -> Option<String> {
        let wanted = self.classes(guard.refusal(classes)?);
        Some(format!("it is for clients of the class {wanted}, of which this one is not"))
    }

    /// A subnet in a sentence.
    pub fn subnet(&self, at: SubnetAt) -> String {
        let subnet = self.config.overview(at);
        format!("{} (id {})", subnet.prefix, subnet.id)
    }

    /// A subnet by its id, which reservations have; 0 is none.
    pub fn home(&self, id: SubnetId) -> String {
        match self.config.position(id) {
            Some(at) => format!("subnet {}", self.subnet(at)),
            None => "all subnets (global)".to_owned(),
        }
    }

    /// The subnet that the client would be served from: that of what it gets first, or else the one that was selected.
    pub fn served_from(&self) -> Option<SubnetAt> {
        E::given_from(self.rehearsed).or(self.selected())
    }

    /// The subnet that was selected.
    pub fn selected(&self) -> Option<SubnetAt> {
        let mut found = self.steps().filter_map(|step| match step {
            Step::Selecting { found, .. } | Step::SelectedByModule(found) => Some(*found),
            _ => None,
        });
        found.next_back().flatten()
    }

    /// Where a value is written; `keyword` is that of an inherited parameter.
    pub fn scope(&self, scope: Scope, keyword: &str) -> String {
        self.scope_at(scope, keyword, self.served_from())
    }

    /// The same for what is of another subnet than the first.
    pub fn scope_at(&self, scope: Scope, keyword: &str, at: Option<SubnetAt>) -> String {
        match scope {
            Scope::Reservation => "reservation".to_owned(),
            Scope::Pool => "pool".to_owned(),
            Scope::Subnet => "subnet".to_owned(),
            Scope::Network => match at.and_then(|at| self.config.overview(at).network) {
                Some(network) => format!("shared network {}", self.config.network_name(network)),
                None => "shared network".to_owned(),
            },
            Scope::Class(id) => format!("class {}", self.class(id)),
            Scope::Global => "global".to_owned(),
            Scope::Server => "server".to_owned(),
            Scope::Inherited => self.origin(at, keyword),
        }
    }

    /// The innermost of the maps that have an inherited parameter.
    fn origin(&self, at: Option<SubnetAt>, keyword: &str) -> String {
        let (server, subnets) = E::KEYWORDS;
        let Some(global) = self.written.get(server) else { return "default".to_owned() };
        if let Some(subnet) = at.map(|at| self.config.overview(at)) {
            let prefix = subnet.prefix.to_string();
            let is_it = |map: &&Value| match map.get("id").and_then(Value::as_int) {
                Some(id) => id == i64::from(subnet.id.0),
                None => map.get("subnet").and_then(Value::as_str) == Some(&*prefix),
            };
            let network = subnet.network.and_then(|network| {
                let name = self.config.network_name(network);
                let is_it = |map: &&Value| map.get("name").and_then(Value::as_str) == Some(name);
                global.list("shared-networks").iter().find(is_it)
            });
            let map = network.unwrap_or(global).list(subnets).iter().find(is_it);
            if map.is_some_and(|map| map.get(keyword).is_some()) {
                return "subnet".to_owned();
            }
            if network.is_some_and(|map| map.get(keyword).is_some()) {
                return self.scope_at(Scope::Network, keyword, at);
            }
        }
        if global.get(keyword).is_some() { "global" } else { "default" }.to_owned()
    }
}
