//! Where a client is, and all that it belongs to before it is known what it gets.

use kotare_config::v6::{Classes, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::Timestamp;
use kotare_wire::v6::Message;

use super::classify::{self, ClassesText};
use super::hosts::Found;
use super::messages::*;
use super::select::{Selector, select_telling};
use super::text::MessageText;
use super::trace::{Because, Step};
use super::{Dropped, Query6, Server};
use crate::hooks::Verdict;
use crate::hooks::v6::{Asked6, Link6, Point6};

/// Where a client is, and what is reserved for it there.
#[derive(Debug)]
pub struct Located {
    /// The subnet that was selected, an index into `Config6::subnets`; none if no subnet fits.
    pub selected: Option<SubnetAt>,
    /// What is reserved for the client.
    pub(super) found: Found,
}

impl Located {
    /// Whether something is reserved for the client.
    pub fn is_known(&self) -> bool {
        self.found.is_known()
    }
}

impl Server {
    /// Finds out where the client is that sent a message which was admitted, what is reserved for it, and what it belongs to
    /// so far.
    ///
    /// # Errors
    /// When the message is of the class `DROP`, which is logged, or a module drops it.
    pub async fn locate(
        &self,
        message: Message<'_>,
        query: &mut Query6,
        now: Timestamp,
    ) -> Result<Located, Dropped> {
        let config = &*self.config;
        let mut found = self.look_early(message, query, now).await?;
        let selected = self.subnet(message, query, now).await?;
        match selected {
            Some(selected) => {
                DHCP6_SUBNET_SELECTED(&*query, config[selected].id);
                DHCP6_SUBNET_DATA(&*query, config[selected].prefix);
            }
            None => DHCP6_SUBNET_SELECTION_FAILED(&*query),
        }
        self.look_up(message, query, now, selected, &mut found).await?;
        classify::known(query, found.is_known());
        classify::second(config, message, query);
        DHCP6_CLASSES_ASSIGNED_AFTER_SUBNET_SELECTION(&*query, self.classes(message, query));
        if query.classes.contains(Classes::DROP) {
            DHCP6_PACKET_DROP_DROP_CLASS2(query.client_label(), self.text(message, query));
            return Err(Dropped::ByClass);
        }
        Ok(Located { selected, found })
    }

    /// The subnet the client is on, if modules agree (`subnet6_select`).
    async fn subnet(
        &self,
        message: Message<'_>,
        query: &mut Query6,
        now: Timestamp,
    ) -> Result<Option<SubnetAt>, Dropped> {
        let selector = Selector::of(message, query);
        let by_message = select_telling(&self.config, &selector, |_| true, &query.trace).ok();
        let mut link = Link6::new(&self.config, by_message);
        for module in &self.hooks.subnet6_select {
            let step = module.subnet6_select(Asked6 { message, query, now }, &mut link);
            match self.step(Point6::Subnet6Select, query, step).await? {
                Verdict::Continue => {}
                Verdict::Skip => {
                    DHCP6_HOOK_SUBNET6_SELECT_SKIP(&*query);
                    query.trace.note(|| Step::SelectedByModule(None));
                    return Ok(None);
                }
                Verdict::Drop(counts) => {
                    return Err(Dropped::ByModule { point: Point6::Subnet6Select, counts });
                }
            }
        }
        let (selected, joined) = (link.selected, link.joined);
        if selected != by_message {
            query.trace.note(|| Step::SelectedByModule(selected));
        }
        joined.into_iter().for_each(|class| classify::join(query, class, Because::Module));
        Ok(selected)
    }

    /// Evaluates the classes that the places ask for which a client is served from: the pools of what it gets, which ask
    /// for `pools`, its subnet and that one's network.
    pub fn classify_late(
        &self,
        message: Message<'_>,
        query: &mut Query6,
        located: &Located,
        served: Option<SubnetAt>,
        pools: impl IntoIterator<Item = ClassId>,
    ) {
        let config = &*self.config;
        if let Some(at) = served {
            let subnet = &config[at];
            // What a subnet alone reserves counts once it is known that the client is served from it.
            if let Some(host) = located.found.local(config, at).filter(|_| subnet.network.is_some()) {
                let classes = host.classes().iter().copied();
                classes.for_each(|class| classify::join(query, class, Because::Reservation));
            }
            let network: &[ClassId] = subnet.network.map_or(&[], |network| &config[network].additional);
            let asking = pools.into_iter().chain(subnet.additional.iter().chain(network).copied());
            classify::late(config, message, query, asking);
        }
        query.trace.note(|| Step::Belongs(ClassSet::clone(&query.classes)));
        DHCP6_CLASSES_ASSIGNED(&*query, query.kind.message_type(), self.classes(message, query));
        let unconfigured = config.classes.unconfigured();
        if query.classes.intersects(unconfigured) {
            let unconfigured = query.classes.in_order().filter(|id| unconfigured.contains(*id));
            for class in unconfigured.filter_map(|id| config.classes.get(id)) {
                DHCP6_CLASS_UNCONFIGURED(&*query, &class.name);
            }
        }
    }

    /// What a message belongs to, in words.
    pub(super) fn classes<'a>(&'a self, message: Message<'a>, query: &'a Query6) -> ClassesText<'a> {
        ClassesText { config: &self.config, message, query }
    }

    /// A query in words.
    pub(super) fn text<'a>(&'a self, message: Message<'a>, query: &Query6) -> MessageText<'a> {
        let (local, remote) = (self.local(&query.arrival), query.arrival.source);
        MessageText { bytes: message.as_bytes(), local, remote, definitions: &self.config.definitions }
    }
}
