//! What is made of a message that was let in before it is looked where its client is: its first classes, and what modules
//! say of it.

use kotare_config::v6::Classes;
use kotare_wire::v6::{Message, OptionCode};

use super::intake::identify;
use super::messages::*;
use super::trace::{Because, Step, changed};
use super::{Dropped, Edited6, Query6, Rewritten6, Server, classify, hwaddr};
use crate::hooks::Verdict;
use crate::hooks::v6::Point6;

impl Server {
    /// Classifies a message that was let in and shows it to modules (`pkt6_receive`); the message anew, if they change it.
    ///
    /// # Errors
    /// When a module drops it, what modules make of it is no message that is answered, or it is of the class `DROP`. The
    /// latter is logged.
    pub fn admit(
        &self,
        message: Message<'_>,
        query: &mut Query6,
    ) -> Result<Option<Box<Rewritten6>>, Dropped> {
        if message.cut_short() {
            DHCP6_PACKET_OPTIONS_SKIPPED(&*query, "an option is longer than what is left of the message");
        }
        DHCP6_QUERY_LABEL(&*query);
        classify::first(&self.config, message, query);
        self.tell(message, query);
        let rewritten = self.pkt6_receive(message, query)?;
        if query.classes.contains(Classes::DROP) {
            let message = rewritten.as_deref().and_then(Rewritten6::message).unwrap_or(message);
            DHCP6_PACKET_DROP_DROP_CLASS(query.client_label(), self.text(message, query));
            return Err(Dropped::ByClass);
        }
        Ok(rewritten)
    }

    /// Shows a message to modules; the message anew, if they change it.
    fn pkt6_receive(
        &self,
        message: Message<'_>,
        query: &mut Query6,
    ) -> Result<Option<Box<Rewritten6>>, Dropped> {
        if self.hooks.pkt6_receive.is_empty() {
            return Ok(None);
        }
        let mut edited = Edited6::new(message, usize::from(u16::MAX));
        let before = query.trace.is_wanted().then(|| query.classes.clone());
        for module in &self.hooks.pkt6_receive {
            let counts = match module.pkt6_receive(query, &mut edited) {
                Verdict::Continue => continue,
                Verdict::Skip => None,
                Verdict::Drop(counts) => counts,
            };
            return Err(Dropped::ByModule { point: Point6::Pkt6Receive, counts });
        }
        if let Some(before) = before {
            let joined = query.classes.in_order().filter(|class| !before.contains(*class));
            joined.for_each(|class| query.trace.note(|| Step::Joined(class, Because::Module)));
            query.trace.note(|| Step::QueryEdited(changed(&edited)));
        }
        let rewritten = edited.rewritten();
        if let Some(message) = rewritten.as_deref().and_then(Rewritten6::message) {
            self.follow(&edited, message, query)?;
        }
        Ok(rewritten)
    }

    /// Makes the facts anew that come from options which modules changed. `message` is the message with the changes.
    fn follow(&self, edited: &Edited6<'_>, message: Message<'_>, query: &mut Query6) -> Result<(), Dropped> {
        let names = edited.changes(OptionCode::CLIENTID);
        if names || edited.changes(OptionCode::SERVERID) {
            let named = identify(message, query.kind).map_err(Dropped::Violation)?;
            if names {
                let sent = std::mem::replace(&mut query.client.duid, named);
                query.sent_duid.get_or_insert(sent);
            }
        }
        if names || edited.changes(OptionCode::VENDOR_OPTS) {
            query.client.hwaddr = hwaddr::find(&self.config.mac_sources, message, *query.arrival.source.ip());
        }
        query.rapid_commit = message.has(OptionCode::RAPID_COMMIT);
        Ok(())
    }

    /// Tells of a message that was let in.
    fn tell(&self, message: Message<'_>, query: &Query6) {
        let Query6 { arrival, interface, kind, .. } = query;
        let kind = kind.message_type();
        DHCP6_PACKET_RECEIVED(query, kind, kind.0, arrival.source.ip(), arrival.destination, interface);
        DHCP6_QUERY_DATA(query, self.text(message, query));
    }
}
